// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that is not there. Whatever fails of what a call needs, an object, a page, a copy
 * from or to the program's memory, each in turn: the call says so, or does without; called
 * once more it does what it is for; no message is lost or doubled, and nothing is left.
 *
 * timeout: 600
 * faults: has its own
 */
#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>

#include <linux/filter.h>
#include <linux/sock_diag.h>
#include <linux/sockios.h>

#include "kselftest_harness.h"
#include "control.h"
#include "fail.h"
#include "message.h"
#include "module.h"
#include "shell.h"
#include "slow.h"
#include "sock.h"

RDGRAM_ONLY;
FAIL_NEEDED;

#define SMALL	100
#define LARGE	300000	/* many pages, and several trains */
#define BATCH	3

/* Of what makes a namespace, or loads a module, our part comes last: so many of those
 * that could fail are looked at.
 */
#define LAST	150

static u8 sent[LARGE], got[LARGE + 1];

FIXTURE(nomem) {
	int family;
	int fd;			/* what the call in question is about */
	int a, b, c;		/* a and b have a link */
	struct addr addr_a, addr_b;
	u64 accepted;		/* messages for b that are not read */
	bool tried;		/* to read the next one */
	int other;		/* an error that is clear here */
	size_t len;		/* of each of them */
};

typedef FIXTURE_DATA(nomem) nomem_t;

FIXTURE_VARIANT(nomem) {
	int family;
};

FIXTURE_VARIANT_ADD(nomem, v4) { .family = AF_INET };
FIXTURE_VARIANT_ADD(nomem, v6) { .family = AF_INET6 };

FIXTURE_SETUP(nomem)
{
	net_isolate();
	self->family = variant->family;
	self->fd = -1;
	self->a = sock_on_loopback(self->family, &self->addr_a);
	self->b = sock_on_loopback(self->family, &self->addr_b);
	message_make(sent, sizeof(sent), 0, 0);
	ASSERT_EQ(1, sock_sendto(self->a, "x", 1, 0, &self->addr_b));
	ASSERT_EQ(1, recv(self->b, got, 1, 0));
	sock_wait_settled(self->a);
}

static int peers(void)
{
	FILE *f = fopen("/proc/thread-self/net/rdgram", "r");
	char line[512];
	int n = -1;	/* the headline */

	if (!f)
		abort();
	while (fgets(line, sizeof(line), f))
		n++;
	fclose(f);
	return n;
}

/* Memory that a socket is charged for what it has received; bytes. */
static u32 received_memory(int fd)
{
	u32 info[SK_MEMINFO_VARS] = { };
	socklen_t len = sizeof(info);

	if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &len))
		abort();
	return info[SK_MEMINFO_RMEM_ALLOC];
}

FIXTURE_TEARDOWN(nomem)
{
	sock_wait_settled(self->a);
	EXPECT_EQ(0, sock_queued(self->a, SIOCOUTQ));
	EXPECT_EQ(0, received_memory(self->a));
	EXPECT_EQ(0, received_memory(self->b));
	close(self->a);
	close(self->b);
	/* Those of sockets that are closed go on until the other side knows. */
	while (peers())
		poll(NULL, 0, 10);
}

/**
 * struct call - a call that can fail
 *
 * @prepare: what comes before it, each time; may be NULL.
 * @call: the call itself: 0 or an errno. Done again if it fails.
 * @holds: is all as it should be once it has succeeded? Cleans up, too. May be NULL.
 */
struct call {
	void (*prepare)(nomem_t *self);
	int (*call)(nomem_t *self);
	bool (*holds)(nomem_t *self);
};

/* A socket that was not bound, and for which no port could be had, is to try again, as with
 * UDP; and what makes a socket says of memory that it is files.
 */
static bool is_clear(const nomem_t *self, int err)
{
	return err == ENOMEM || err == ENOBUFS || err == EFAULT ||
	       (self && err == self->other);
}

/* Once with nothing failing: so all memory that the program touches is there. */
static void try_without(struct __test_metadata *_metadata, nomem_t *self, const struct call *c)
{
	if (c->prepare)
		c->prepare(self);
	ASSERT_EQ(0, c->call(self));
	ASSERT_TRUE(!c->holds || c->holds(self));
}

/* True: it came to that. */
static bool try_failing(struct __test_metadata *_metadata, nomem_t *self, const struct call *c,
			u64 n)
{
	bool failed;
	int err;

	if (c->prepare)
		c->prepare(self);
	fail_nth(n);
	err = c->call(self);
	failed = fail_ended();
	if (err) {
		ASSERT_TRUE(failed)
			TH_LOG("failure %llu: %s, of itself", n, strerror(err));
		EXPECT_TRUE(is_clear(self, err))
			TH_LOG("failure %llu: %s", n, strerror(err));
		err = c->call(self);
		ASSERT_EQ(0, err)
			TH_LOG("after failure %llu: %s", n, strerror(err));
	}
	ASSERT_TRUE(!c->holds || c->holds(self))
		TH_LOG("after failure %llu", n);
	return failed;
}

static void each_fails(struct __test_metadata *_metadata, nomem_t *self, const struct call *c)
{
	u64 n = 1;

	try_without(_metadata, self, c);
	while (try_failing(_metadata, self, c, n))
		n++;
	printf("# %llu failures\n", n - 1);
	EXPECT_LT(1, n);
}

/* Nothing more is there, now or soon: nothing is on its way. */
static bool is_empty(int fd)
{
	return recv(fd, got, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

/* What was accepted comes, once each. */
static bool all_come(nomem_t *self, int from)
{
	for (; self->accepted; self->accepted--)
		if (recv(self->b, got, sizeof(got), 0) != (ssize_t)self->len ||
		    memcmp(got, sent, self->len))
			return false;
	if (from >= 0)
		sock_wait_settled(from);
	return is_empty(self->b);
}

static int send_by(nomem_t *self, int fd, size_t len)
{
	self->len = len;
	if (sock_sendto(fd, sent, len, 0, &self->addr_b) != (ssize_t)len)
		return errno;
	self->accepted++;
	return 0;
}

static void close_fd(nomem_t *self)
{
	close(self->fd);
	self->fd = -1;
}

static bool first_comes(nomem_t *self)
{
	const bool good = all_come(self, self->fd);

	close_fd(self);
	return good;
}

/* --- a socket's life ----------------------------------------------------------- */

static int open_one(nomem_t *self)
{
	self->fd = socket(self->family, sock_type(), sock_protocol());
	return self->fd < 0 ? errno : 0;
}

static bool is_open(nomem_t *self)
{
	const bool open = sock_get(self->fd, SO_PROTOCOL) == sock_protocol();

	close_fd(self);
	return open;
}

TEST_F_TIMEOUT(nomem, open, 100)
{
	self->other = ENFILE;
	each_fails(_metadata, self, &(struct call){ .call = open_one, .holds = is_open });
}

static void have_new(nomem_t *self)
{
	self->fd = sock_new(self->family);
}

static int bind_it(nomem_t *self)
{
	const struct addr any = addr_loopback(self->family, 0);

	return bind(self->fd, &any.sa, any.len) ? errno : 0;
}

static bool is_bound(nomem_t *self)
{
	const struct addr name = sock_name(self->fd);
	const bool good = addr_port(&name) && !send_by(self, self->fd, SMALL) &&
			  all_come(self, self->fd);

	close_fd(self);
	return good;
}

TEST_F_TIMEOUT(nomem, bind, 100)
{
	each_fails(_metadata, self, &(struct call){ have_new, bind_it, is_bound });
}

/* A group begins. */
static void have_sharing(nomem_t *self)
{
	have_new(self);
	sock_set(self->fd, SO_REUSEPORT, 1);
}

TEST_F_TIMEOUT(nomem, bind_sharing, 100)
{
	/* That is what UDP says where it cannot make a group. */
	self->other = EADDRINUSE;
	each_fails(_metadata, self, &(struct call){ have_sharing, bind_it, is_bound });
}

static int connect_it(nomem_t *self)
{
	return connect(self->fd, &self->addr_b.sa, self->addr_b.len) ? errno : 0;
}

TEST_F_TIMEOUT(nomem, connect, 100)
{
	self->other = EAGAIN;
	each_fails(_metadata, self, &(struct call){ have_new, connect_it, is_bound });
}

/* Messages that are not delivered yet, or not read, and a peer that is not known yet. */
static void have_busy(nomem_t *self)
{
	have_new(self);
	self->len = LARGE;
	for (self->accepted = 0; self->accepted < 2; self->accepted++)
		if (sock_sendto(self->fd, sent, LARGE, 0, &self->addr_b) != LARGE)
			abort();
}

static int close_it(nomem_t *self)
{
	return close(self->fd) ? errno : 0;
}

static bool come_later(nomem_t *self)
{
	return all_come(self, -1);
}

TEST_F_TIMEOUT(nomem, close, 100)
{
	const struct call c = { have_busy, close_it, come_later };

	/* Closing needs nothing that anybody could be told of. */
	try_without(_metadata, self, &c);
	for (u64 n = 1; try_failing(_metadata, self, &c, n); n++)
		;
}

/* --- sending ------------------------------------------------------------------- */

static int send_first(nomem_t *self)
{
	return send_by(self, self->fd, SMALL);
}

TEST_F_TIMEOUT(nomem, first_message, 200)
{
	self->other = EAGAIN;
	each_fails(_metadata, self, &(struct call){ have_new, send_first, first_comes });
}

static bool comes(nomem_t *self)
{
	return all_come(self, self->a);
}

static int send_small(nomem_t *self)
{
	return send_by(self, self->a, SMALL);
}

TEST_F_TIMEOUT(nomem, small_message, 100)
{
	each_fails(_metadata, self, &(struct call){ .call = send_small, .holds = comes });
}

static int send_large(nomem_t *self)
{
	return send_by(self, self->a, LARGE);
}

TEST_F_TIMEOUT(nomem, large_message, 200)
{
	each_fails(_metadata, self, &(struct call){ .call = send_large, .holds = comes });
}

/* Some of them may have been accepted when one is not. */
static int send_batch(nomem_t *self)
{
	struct iovec iov = { .iov_base = sent, .iov_len = SMALL };
	struct mmsghdr all[BATCH];
	int n;

	self->len = SMALL;
	for (int i = 0; i < BATCH; i++)
		all[i] = (struct mmsghdr){ .msg_hdr = {
			.msg_name = &self->addr_b.sa,
			.msg_namelen = self->addr_b.len,
			.msg_iov = &iov,
			.msg_iovlen = 1,
		} };
	n = sendmmsg(self->a, all, BATCH, 0);
	if (n < 0)
		return errno;
	self->accepted += n;
	return 0;
}

TEST_F_TIMEOUT(nomem, batch, 100)
{
	each_fails(_metadata, self, &(struct call){ .call = send_batch, .holds = comes });
}

static int send_asking(nomem_t *self)
{
	const bool v4 = self->family == AF_INET;
	const int ttl = 9;

	self->len = 1;
	if (control_send(self->a, sent[0], &self->addr_b, v4 ? IPPROTO_IP : IPPROTO_IPV6,
			 v4 ? IP_TTL : IPV6_HOPLIMIT, &ttl, sizeof(ttl)) != 1)
		return errno;
	self->accepted++;
	return 0;
}

TEST_F_TIMEOUT(nomem, message_with_wishes, 100)
{
	each_fails(_metadata, self, &(struct call){ .call = send_asking, .holds = comes });
}

/* --- receiving ----------------------------------------------------------------- */

static void have_small(nomem_t *self)
{
	self->tried = false;
	if (send_by(self, self->a, SMALL))
		abort();
	sock_wait(self->b, POLLIN);
}

static void have_large(nomem_t *self)
{
	if (send_by(self, self->a, LARGE))
		abort();
	sock_wait(self->b, POLLIN);
}

static int read_it(nomem_t *self)
{
	const ssize_t len = recv(self->b, got, sizeof(got), MSG_DONTWAIT);

	if (len < 0)
		return errno;
	self->accepted--;
	return len == (ssize_t)self->len && !memcmp(got, sent, len) ? 0 : EBADMSG;
}

static int peek_it(nomem_t *self)
{
	const ssize_t len = recv(self->b, got, sizeof(got), MSG_DONTWAIT | MSG_PEEK);

	if (len < 0)
		return errno;
	return len == (ssize_t)self->len && !memcmp(got, sent, len) ? 0 : EBADMSG;
}

TEST_F_TIMEOUT(nomem, read_small, 100)
{
	each_fails(_metadata, self, &(struct call){ have_small, read_it, comes });
}

TEST_F_TIMEOUT(nomem, read_large, 200)
{
	each_fails(_metadata, self, &(struct call){ have_large, read_it, comes });
}

TEST_F_TIMEOUT(nomem, peek, 100)
{
	each_fails(_metadata, self, &(struct call){ have_small, peek_it, comes });
}

/* Where the copy of the address fails the message was read already, as with any socket. */
static int read_with_control(nomem_t *self)
{
	const bool again = self->tried;
	struct control c;
	ssize_t len;

	self->tried = true;
	len = control_recv(self->b, &c, MSG_DONTWAIT);
	if (len < 0 && !(again && errno == EAGAIN))
		return errno;
	self->accepted--;
	return len < 0 || len == (ssize_t)self->len ? 0 : EBADMSG;
}

TEST_F_TIMEOUT(nomem, read_with_control, 100)
{
	const int on = 1;

	if (self->family == AF_INET) {
		ASSERT_EQ(0, setsockopt(self->b, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)));
		ASSERT_EQ(0, setsockopt(self->b, IPPROTO_IP, IP_RECVTTL, &on, sizeof(on)));
	} else {
		ASSERT_EQ(0, setsockopt(self->b, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on)));
		ASSERT_EQ(0, setsockopt(self->b, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, &on, sizeof(on)));
	}
	sock_set(self->b, SO_TIMESTAMP, 1);
	each_fails(_metadata, self, &(struct call){ have_small, read_with_control, comes });
}

/* --- notices ------------------------------------------------------------------- */

static void ask_for_notices(nomem_t *self, u32 bits)
{
	if (setsockopt(self->a, SOL_RDGRAM, RDGRAM_NOTICES, &bits, sizeof(bits)))
		abort();
}

static void have_notice(nomem_t *self)
{
	have_small(self);
	sock_wait_settled(self->a);
}

/* As with messages: what was taken cannot be put back where the address is copied. */
static int read_notice(nomem_t *self)
{
	const bool again = self->tried;
	struct control c;

	self->tried = true;
	if (control_recv(self->a, &c, MSG_ERRQUEUE | MSG_DONTWAIT) < 0 &&
	    !(again && errno == EAGAIN))
		return errno;
	return 0;
}

TEST_F_TIMEOUT(nomem, read_notice, 100)
{
	ask_for_notices(self, RDGRAM_NOTICE_RECEIPT);
	each_fails(_metadata, self, &(struct call){ have_notice, read_notice, comes });
}

/* It is not accepted where it could not be told what becomes of it. */
static bool comes_with_notice(nomem_t *self)
{
	const u64 accepted = self->accepted;
	struct control c;
	u64 notices = 0;

	if (!all_come(self, self->a))
		return false;
	while (control_recv(self->a, &c, MSG_ERRQUEUE | MSG_DONTWAIT) >= 0)
		notices++;
	return notices == accepted;
}

TEST_F_TIMEOUT(nomem, message_with_notice, 100)
{
	ask_for_notices(self, RDGRAM_NOTICE_RECEIPT);
	each_fails(_metadata, self,
		   &(struct call){ .call = send_small, .holds = comes_with_notice });
}

/* --- options, and files ---------------------------------------------------------- */

static int set_options(nomem_t *self)
{
	struct sock_filter all[] = { BPF_STMT(BPF_RET | BPF_K, ~0U) };
	const struct sock_fprog filter = { .len = 1, .filter = all };
	const u32 timeout = 60000, bits = RDGRAM_NOTICE_PEER, on = 1;
	const int fd = self->fd;

	if (setsockopt(fd, SOL_RDGRAM, RDGRAM_USER_TIMEOUT, &timeout, sizeof(timeout)) ||
	    setsockopt(fd, SOL_RDGRAM, RDGRAM_NOTICES, &bits, sizeof(bits)) ||
	    setsockopt(fd, SOL_RDGRAM, RDGRAM_NODELAY, &on, sizeof(on)) ||
	    setsockopt(fd, SOL_RDGRAM, RDGRAM_CONGESTION, "reno", 5) ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) ||
	    setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)) ||
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3))
		return errno;
	return 0;
}

static u32 option(int fd, int name)
{
	u32 value = ~0U;
	socklen_t len = sizeof(value);

	getsockopt(fd, SOL_RDGRAM, name, &value, &len);
	return value;
}

static bool are_set(nomem_t *self)
{
	const bool good = option(self->fd, RDGRAM_USER_TIMEOUT) == 60000 &&
			  option(self->fd, RDGRAM_NOTICES) == RDGRAM_NOTICE_PEER &&
			  option(self->fd, RDGRAM_NODELAY) == 1;

	return !send_by(self, self->fd, SMALL) && first_comes(self) && good;
}

TEST_F_TIMEOUT(nomem, options, 100)
{
	each_fails(_metadata, self, &(struct call){ have_new, set_options, are_set });
}

static int get_options(nomem_t *self)
{
	struct rdgram_stats stats;
	char name[RDGRAM_CONGESTION_MAX];
	socklen_t len = sizeof(stats), name_len = sizeof(name);

	if (getsockopt(self->a, SOL_RDGRAM, RDGRAM_STATS, &stats, &len) ||
	    getsockopt(self->a, SOL_RDGRAM, RDGRAM_CONGESTION, name, &name_len))
		return errno;
	return stats.messages_sent == 1 && len == sizeof(stats) ? 0 : EBADMSG;
}

TEST_F_TIMEOUT(nomem, read_options, 100)
{
	each_fails(_metadata, self, &(struct call){ .call = get_options });
}

static int read_file(const char *path)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len;
	int err;

	if (fd < 0)
		return errno;
	len = read(fd, got, sizeof(got));
	err = len < 0 ? errno : 0;
	close(fd);
	return err ?: len ? 0 : EBADMSG;
}

static int read_files(nomem_t *self)
{
	(void)self;
	return read_file("/proc/thread-self/net/rdgram") ?:
	       read_file("/proc/thread-self/net/rdgram_stat") ?:
	       read_file("/proc/sys/net/rdgram/congestions_available");
}

TEST_F_TIMEOUT(nomem, files, 200)
{
	each_fails(_metadata, self, &(struct call){ .call = read_files });
}

static int write_file(nomem_t *self)
{
	const int fd = open("/proc/sys/net/rdgram/congestion", O_WRONLY | O_CLOEXEC);
	int err;

	(void)self;
	if (fd < 0)
		return errno;
	err = write(fd, "reno", 4) < 0 ? errno : 0;
	close(fd);
	return err;
}

TEST_F_TIMEOUT(nomem, sysctl, 100)
{
	each_fails(_metadata, self, &(struct call){ .call = write_file });
}

/* --- namespaces, and the module -------------------------------------------------- */

/* Of what comes last in a call, each fails. */
static void last_fail(struct __test_metadata *_metadata, nomem_t *self, const struct call *c)
{
	u64 all, n;

	try_without(_metadata, self, c);
	if (c->prepare)
		c->prepare(self);
	fail_nth(FAIL_NONE);
	ASSERT_EQ(0, c->call(self));
	all = fail_counted();
	ASSERT_TRUE(c->holds(self));
	n = all > LAST ? all - LAST : 1;
	printf("# failures %llu to %llu\n", n, all);
	ASSERT_TRUE(try_failing(_metadata, self, c, n));
	do
		n++;
	while (try_failing(_metadata, self, c, n));
}

/* Without sockets: they would keep the module. What the calls need is not of a fixture. */
static int home = -1, ko = -1;

FIXTURE(nomem_once) {
};

FIXTURE_SETUP(nomem_once)
{
	home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	ko = module_open();
}

FIXTURE_TEARDOWN(nomem_once)
{
	/* Whatever happened: the tests after this one need it. */
	if (!module_is_loaded())
		EXPECT_EQ(0, module_load(ko));
	close(home);
	close(ko);
}

/* A device whose name there was no memory for has none, says the kernel. */
static int leave_home(nomem_t *unused)
{
	(void)unused;
	if (!unshare(CLONE_NEWNET))
		return 0;
	return errno == EINVAL ? ENOMEM : errno;
}

/* The other one is gone when nobody is in it any more. */
static bool come_home(nomem_t *unused)
{
	const bool there = !access("/proc/sys/net/rdgram/user_timeout", F_OK) &&
			   !access("/proc/thread-self/net/rdgram", F_OK);

	(void)unused;
	return !setns(home, CLONE_NEWNET) && there;
}

TEST_F_TIMEOUT(nomem_once, namespace, 300)
{
	last_fail(_metadata, NULL, &(struct call){ .call = leave_home, .holds = come_home });
}

static void have_none(nomem_t *unused)
{
	(void)unused;
	if (module_is_loaded() && !module_unload_patiently())
		abort();
}

static int load_it(nomem_t *unused)
{
	(void)unused;
	return module_load(ko) ? errno : 0;
}

static bool is_loaded(nomem_t *unused)
{
	const int a = sock_new(AF_INET), b = sock_new(AF_INET6);

	(void)unused;
	return module_is_loaded() && !close(a) && !close(b);
}

#define LEAKS	"/sys/kernel/debug/kmemleak"

/* Where an object cache cannot be shown in sysfs 6.1 itself forgets a copy of its name, here
 * RDGRAM or RDGRAMv6. All else that nobody points to any more is a leak of ours.
 */
static bool only_names_leaked(void)
{
	static const char name[] = " 52 44 47 52 41 4d ";	/* as it is dumped */
	char line[256];
	int others = 0;
	FILE *f;

	/* What is younger than five seconds is not reported, nor what is new to the first look. */
	for (int look = 0; look < 2; look++) {
		poll(NULL, 0, 6000);
		shell("echo scan >" LEAKS);
	}
	f = fopen(LEAKS, "r");
	if (!f)
		abort();
	while (fgets(line, sizeof(line), f)) {
		others += !!strstr(line, "unreferenced object");
		others -= !!strstr(line, name);
	}
	fclose(f);
	shell("echo clear >" LEAKS);
	return !others;
}

TEST_F_TIMEOUT(nomem_once, module, 300)
{
	const int leaks = open(LEAKS, O_WRONLY | O_CLOEXEC);
	const bool looks = leaks >= 0 && write(leaks, "scan=off", 8) == 8;

	if (ko < 0)
		SKIP(return, "rdgram.ko not found: set RDGRAM_KO");
	last_fail(_metadata, NULL, &(struct call){ have_none, load_it, is_loaded });
	EXPECT_TRUE(!looks || only_names_leaked());
	close(leaks);
}

/* --- what softirqs do -------------------------------------------------------------- */

/* Whoever sends is told of memory that is not there, and comes again. */
static void send_at_last(int fd, size_t len, const struct addr *to)
{
	while (sock_sendto(fd, sent, len, 0, to) < 0)
		if (errno != ENOBUFS && errno != ENOMEM && errno != EAGAIN)
			err(1, "send");
}

static bool receive(int fd, size_t len, struct addr *from)
{
	return sock_recvfrom(fd, got, sizeof(got), 0, from) == (ssize_t)len &&
	       !memcmp(got, sent, len);
}

/* The whole life of a link. */
static bool converse(nomem_t *self)
{
	struct addr from;
	bool good;

	self->fd = sock_new(self->family);
	send_at_last(self->fd, SMALL, &self->addr_b);
	send_at_last(self->fd, LARGE, &self->addr_b);
	good = receive(self->b, SMALL, &from) && receive(self->b, LARGE, &from);
	send_at_last(self->b, LARGE, &from);
	good = good && receive(self->fd, LARGE, &from) && is_empty(self->b);
	close_fd(self);
	return good;
}

/* Objects are of many sizes: the first steps pass over none of them; later, where packet
 * follows packet, over some.
 */
#define STEP	64

static u64 next_after(u64 bytes)
{
	const u64 step = bytes / (slow_factor() > 1 ? 32 : 128);

	return bytes + (step > STEP ? step : STEP);
}

static void each_in_softirq(struct __test_metadata *_metadata, nomem_t *self)
{
	u64 failed = 0;

	ASSERT_TRUE(converse(self));
	for (u64 bytes = 1;; bytes = next_after(bytes)) {
		fail_atomic_after(bytes);
		ASSERT_TRUE(converse(self));
		if (!fail_atomic_ended())
			break;
		failed++;
	}
	printf("# %llu failures\n", failed);
	EXPECT_LT(0, failed);
}

TEST_F_TIMEOUT(nomem, in_softirq, 400)
{
	each_in_softirq(_metadata, self);
}

/* A filter sees a copy. */
TEST_F_TIMEOUT(nomem, filtered_in_softirq, 400)
{
	struct sock_filter all[] = { BPF_STMT(BPF_RET | BPF_K, ~0U) };
	const struct sock_fprog prog = { .len = 1, .filter = all };

	ASSERT_EQ(0, setsockopt(self->b, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)));
	each_in_softirq(_metadata, self);
}

TEST_F_TIMEOUT(nomem, often_in_softirq, 400)
{
	for (int percent = 1; percent <= 11; percent += 5) {
		fail_atomic_often(percent);
		for (int i = 0; i < 5; i++)
			ASSERT_TRUE(converse(self));
		EXPECT_LT(0, fail_atomic_often(0));
	}
}

TEST_HARNESS_MAIN
