// SPDX-License-Identifier: GPL-2.0-only
/* All the calls by which a program may send and receive, and what flags ask of them. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>

#include "kselftest_harness.h"
#include "sock.h"
#include "worker.h"

/* The C library has another name for it. */
#define MSG_PROBE 0x10

FIXTURE(socket_call) {
	int a, b;
	struct addr addr_a, addr_b;
};

FIXTURE_VARIANT(socket_call) {
	int family;
};

FIXTURE_VARIANT_ADD(socket_call, v4) { .family = AF_INET };
FIXTURE_VARIANT_ADD(socket_call, v6) { .family = AF_INET6 };

/* Connected to each other. */
FIXTURE_SETUP(socket_call)
{
	net_isolate();
	self->a = sock_on_loopback(variant->family, &self->addr_a);
	self->b = sock_on_loopback(variant->family, &self->addr_b);
	sock_connect(self->a, &self->addr_b);
	sock_connect(self->b, &self->addr_a);
}

FIXTURE_TEARDOWN(socket_call)
{
	EXPECT_EQ(0, close(self->a));
	EXPECT_EQ(0, close(self->b));
}

TEST_F(socket_call, vectors)
{
	char one[3] = "", two[16] = "";
	struct iovec out[] = {
		{ .iov_base = "abc", .iov_len = 3 },
		{ .iov_base = "de", .iov_len = 2 },
	};
	struct iovec in[] = {
		{ .iov_base = one, .iov_len = 2 },
		{ .iov_base = two, .iov_len = 16 },
	};

	ASSERT_EQ(5, writev(self->a, out, 2));
	ASSERT_EQ(5, readv(self->b, in, 2));
	EXPECT_STREQ("ab", one);
	EXPECT_STREQ("cde", two);
	/* Each call is a message. */
	ASSERT_EQ(3, write(self->a, "xyz", 3));
	ASSERT_EQ(2, write(self->a, "uv", 2));
	ASSERT_EQ(3, read(self->b, two, sizeof(two)));
	ASSERT_EQ(2, read(self->b, two, sizeof(two)));
}

TEST_F(socket_call, sendmmsg)
{
	struct iovec out[3] = {
		{ .iov_base = "a", .iov_len = 1 },
		{ .iov_base = "", .iov_len = 0 },
		{ .iov_base = "ccc", .iov_len = 3 },
	};
	struct mmsghdr msgs[3] = {};
	char bytes[16];

	for (int i = 0; i < 3; i++)
		msgs[i].msg_hdr = (struct msghdr){ .msg_iov = &out[i], .msg_iovlen = 1 };
	ASSERT_EQ(3, sendmmsg(self->a, msgs, 3, 0));
	EXPECT_EQ(1, msgs[0].msg_len);
	EXPECT_EQ(0, msgs[1].msg_len);
	EXPECT_EQ(3, msgs[2].msg_len);
	ASSERT_EQ(1, recv(self->b, bytes, sizeof(bytes), 0));
	ASSERT_EQ(0, recv(self->b, bytes, sizeof(bytes), 0));
	ASSERT_EQ(3, recv(self->b, bytes, sizeof(bytes), 0));
}

/* What was sent before the one that fails is said, and is sent. */
TEST_F(socket_call, sendmmsg_in_part)
{
	struct iovec out[2] = {
		{ .iov_base = "a", .iov_len = 1 },
		{ .iov_base = (void *)8, .iov_len = 1 },
	};
	struct mmsghdr msgs[2] = {};
	char bytes[16];

	for (int i = 0; i < 2; i++)
		msgs[i].msg_hdr = (struct msghdr){ .msg_iov = &out[i], .msg_iovlen = 1 };
	ASSERT_EQ(1, sendmmsg(self->a, msgs, 2, 0));
	ASSERT_EQ(1, recv(self->b, bytes, sizeof(bytes), 0));
	EXPECT_EQ('a', bytes[0]);
	EXPECT_EQ(-1, sendmmsg(self->a, msgs + 1, 1, 0));
	EXPECT_EQ(EFAULT, errno);
}

/* As many as there are; the first one is waited for. */
TEST_F(socket_call, recvmmsg_wait_for_one)
{
	char bytes[4][8];
	struct iovec iov[4];
	struct mmsghdr msgs[4] = {};
	struct timespec none = {};

	for (int i = 0; i < 4; i++) {
		iov[i] = (struct iovec){ .iov_base = bytes[i], .iov_len = 8 };
		msgs[i].msg_hdr = (struct msghdr){ .msg_iov = &iov[i], .msg_iovlen = 1 };
	}
	ASSERT_EQ(1, send(self->a, "a", 1, 0));
	ASSERT_EQ(2, send(self->a, "bb", 2, 0));
	sock_wait_settled(self->a);
	ASSERT_EQ(2, recvmmsg(self->b, msgs, 4, MSG_WAITFORONE, NULL));
	EXPECT_EQ(1, msgs[0].msg_len);
	EXPECT_EQ(2, msgs[1].msg_len);
	ASSERT_EQ(1, send(self->a, "c", 1, 0));
	sock_wait(self->b, POLLIN);
	ASSERT_EQ(1, recvmmsg(self->b, msgs, 4, 0, &none));
}

/* A message is never more than one: there is nothing that could be waited for. */
TEST_F(socket_call, wait_for_all)
{
	char bytes[16];

	ASSERT_EQ(3, send(self->a, "abc", 3, 0));
	ASSERT_EQ(3, recv(self->b, bytes, sizeof(bytes), MSG_WAITALL));
}

/* Flags that ask for nothing that a datagram socket has. */
TEST_F(socket_call, flags_without_meaning)
{
	const int out[] = { MSG_CONFIRM, MSG_NOSIGNAL, MSG_EOR, MSG_DONTROUTE, MSG_DONTWAIT };
	char bytes[16];

	for (size_t i = 0; i < ARRAY_SIZE(out); i++) {
		ASSERT_EQ(3, send(self->a, "abc", 3, out[i]));
		ASSERT_EQ(3, recv(self->b, bytes, sizeof(bytes), 0));
	}
	ASSERT_EQ(3, send(self->a, "abc", 3, 0));
	ASSERT_EQ(3, recv(self->b, bytes, sizeof(bytes), MSG_OOB));
}

/* Whether a message could be sent: none is. */
TEST_F(socket_call, probe_sends_nothing)
{
	char bytes[16];

	ASSERT_EQ(0, send(self->a, "", 0, MSG_CONFIRM | MSG_PROBE));
	ASSERT_EQ(1, send(self->a, "a", 1, MSG_CONFIRM | MSG_PROBE));
	ASSERT_EQ(2, send(self->a, "bb", 2, MSG_CONFIRM));
	ASSERT_EQ(2, recv(self->b, bytes, sizeof(bytes), 0));
}

/* ... and nothing is kept of who was asked about. */
TEST_F(socket_call, probe_makes_no_peer)
{
	struct rdgram_stats stats;
	struct addr to;
	int fd;

	if (sock_is_udp())
		SKIP(return, "UDP has no peers");
	fd = sock_on_loopback(variant->family, NULL);
	for (u16 port = 7000; port < 7010; port++) {
		to = addr_loopback(variant->family, port);
		ASSERT_EQ(1, sock_sendto(fd, "a", 1, MSG_PROBE, &to));
		ASSERT_EQ(1, sock_sendto(fd, "a", 1, MSG_CONFIRM | MSG_PROBE, &to));
	}
	sock_stats(fd, &stats);
	EXPECT_EQ(0, stats.peers);
	/* Where no route leads nothing could be sent. */
	to = addr_make(variant->family,
		       variant->family == AF_INET ? "192.0.2.1" : "2001:db8::1", 7000);
	EXPECT_EQ(-1, sock_sendto(fd, "a", 1, MSG_PROBE, &to));
	EXPECT_EQ(ENETUNREACH, errno);
	EXPECT_EQ(0, close(fd));
}

TEST_F(socket_call, out_of_band_refused)
{
	if (sock_is_udp() && variant->family == AF_INET6)
		SKIP(return, "UDP over IPv6 does not look at it");
	EXPECT_EQ(-1, send(self->a, "abc", 3, MSG_OOB));
	EXPECT_EQ(EOPNOTSUPP, errno);
}

TEST_F(socket_call, nonblocking)
{
	char byte;
	int on = 1;

	ASSERT_EQ(0, fcntl(self->b, F_SETFL, O_NONBLOCK));
	EXPECT_EQ(-1, read(self->b, &byte, 1));
	EXPECT_EQ(EAGAIN, errno);
	ASSERT_EQ(0, ioctl(self->a, FIONBIO, &on));
	EXPECT_EQ(-1, recv(self->a, &byte, 1, MSG_WAITALL));
	EXPECT_EQ(EAGAIN, errno);
	EXPECT_EQ(-1, recv(self->a, &byte, 1, MSG_PEEK));
	EXPECT_EQ(EAGAIN, errno);
	EXPECT_EQ(-1, recv(self->a, &byte, 1, MSG_ERRQUEUE));
	EXPECT_EQ(EAGAIN, errno);
}

static void set_peek_off(struct __test_metadata *_metadata, int fd, int off)
{
	ASSERT_EQ(0, setsockopt(fd, SOL_SOCKET, SO_PEEK_OFF, &off, sizeof(off)));
	ASSERT_EQ(off, sock_get(fd, SO_PEEK_OFF));
}

TEST_F(socket_call, peek_offset)
{
	char bytes[16] = "";

	EXPECT_EQ(-1, sock_get(self->b, SO_PEEK_OFF));
	set_peek_off(_metadata, self->b, 0);
	ASSERT_EQ(6, send(self->a, "abcdef", 6, 0));
	ASSERT_EQ(3, send(self->a, "xyz", 3, 0));
	/* Each look begins where the last one ended. */
	ASSERT_EQ(2, recv(self->b, bytes, 2, MSG_PEEK));
	EXPECT_EQ(0, memcmp(bytes, "ab", 2));
	EXPECT_EQ(2, sock_get(self->b, SO_PEEK_OFF));
	ASSERT_EQ(2, recv(self->b, bytes, 2, MSG_PEEK));
	EXPECT_EQ(0, memcmp(bytes, "cd", 2));
	ASSERT_EQ(2, recv(self->b, bytes, sizeof(bytes), MSG_PEEK));
	EXPECT_EQ(0, memcmp(bytes, "ef", 2));
	/* ... also in the next message. */
	ASSERT_EQ(2, recv(self->b, bytes, 2, MSG_PEEK));
	EXPECT_EQ(0, memcmp(bytes, "xy", 2));
	EXPECT_EQ(8, sock_get(self->b, SO_PEEK_OFF));
	/* To read takes what was read from it. */
	ASSERT_EQ(6, recv(self->b, bytes, sizeof(bytes), 0));
	EXPECT_EQ(0, memcmp(bytes, "abcdef", 6));
	EXPECT_EQ(2, sock_get(self->b, SO_PEEK_OFF));
	ASSERT_EQ(1, recv(self->b, bytes, sizeof(bytes), MSG_PEEK));
	EXPECT_EQ('z', bytes[0]);
	ASSERT_EQ(3, recv(self->b, bytes, sizeof(bytes), 0));
	EXPECT_EQ(0, memcmp(bytes, "xyz", 3));
	EXPECT_EQ(0, sock_get(self->b, SO_PEEK_OFF));
}

/* Beyond the end of all that is there, and with the real length. */
TEST_F(socket_call, peek_offset_beyond)
{
	char bytes[16] = "";

	set_peek_off(_metadata, self->b, 4);
	ASSERT_EQ(3, send(self->a, "abc", 3, 0));
	ASSERT_EQ(3, send(self->a, "def", 3, 0));
	ASSERT_EQ(1, recv(self->b, bytes, 1, MSG_PEEK));
	EXPECT_EQ('e', bytes[0]);
	set_peek_off(_metadata, self->b, 100);
	EXPECT_EQ(-1, recv(self->b, bytes, 1, MSG_PEEK | MSG_DONTWAIT));
	EXPECT_EQ(EAGAIN, errno);
	set_peek_off(_metadata, self->b, 1);
	ASSERT_EQ(3, recv(self->b, bytes, 1, MSG_PEEK | MSG_TRUNC));
	EXPECT_EQ('b', bytes[0]);
	set_peek_off(_metadata, self->b, -1);
	ASSERT_EQ(3, recv(self->b, bytes, sizeof(bytes), MSG_PEEK));
	ASSERT_EQ(3, recv(self->b, bytes, sizeof(bytes), 0));
	EXPECT_EQ(0, memcmp(bytes, "abc", 3));
}

TEST_F(socket_call, shutdown_receiving)
{
	struct pollfd p = { .fd = self->b, .events = POLLIN | POLLRDHUP };
	char bytes[16];

	ASSERT_EQ(0, shutdown(self->b, SHUT_RD));
	EXPECT_EQ(1, poll(&p, 1, 0));
	EXPECT_EQ(POLLIN | POLLRDHUP, p.revents);
	EXPECT_EQ(0, recv(self->b, bytes, sizeof(bytes), 0));
	EXPECT_EQ(-1, recv(self->b, bytes, sizeof(bytes), MSG_DONTWAIT));
	EXPECT_EQ(EAGAIN, errno);
	/* It goes on sending. */
	ASSERT_EQ(1, send(self->b, "b", 1, 0));
	ASSERT_EQ(1, recv(self->a, bytes, sizeof(bytes), 0));
}

TEST_F(socket_call, shutdown_sending)
{
	char bytes[16];

	signal(SIGPIPE, SIG_DFL);
	ASSERT_EQ(0, shutdown(self->a, SHUT_WR));
	EXPECT_EQ(-1, send(self->a, "a", 1, MSG_NOSIGNAL));
	EXPECT_EQ(EPIPE, errno);
	/* A datagram socket sends nobody a signal, asked or not. */
	EXPECT_EQ(-1, send(self->a, "a", 1, 0));
	EXPECT_EQ(EPIPE, errno);
	EXPECT_EQ(-1, write(self->a, "a", 1));
	EXPECT_EQ(EPIPE, errno);
	/* It goes on receiving. */
	ASSERT_EQ(1, send(self->b, "b", 1, 0));
	ASSERT_EQ(1, recv(self->a, bytes, sizeof(bytes), 0));
}

TEST_F(socket_call, shutdown_both)
{
	struct pollfd p = { .fd = self->a, .events = POLLIN };

	ASSERT_EQ(0, shutdown(self->a, SHUT_RDWR));
	EXPECT_EQ(1, poll(&p, 1, 0));
	EXPECT_EQ(POLLIN | POLLHUP, p.revents);
	EXPECT_EQ(-1, shutdown(self->a, 17));
	EXPECT_EQ(EINVAL, errno);
}

struct blocked {
	int fd;
	ssize_t n;
	int error;
};

static bool receive_blocked(void *arg)
{
	struct blocked *w = arg;
	char byte;

	w->n = recv(w->fd, &byte, 1, 0);
	w->error = errno;
	return true;
}

/* Long enough to be in there; whoever is not yet finds the same afterwards. */
#define BLOCKED_MS	20

TEST_F(socket_call, shutdown_wakes_a_reader)
{
	struct blocked *w = worker_shared(sizeof(*w));
	pid_t child;

	w->fd = self->b;
	w->n = -1;
	child = worker_start(receive_blocked, w);
	poll(NULL, 0, BLOCKED_MS);
	ASSERT_EQ(0, shutdown(self->b, SHUT_RD));
	EXPECT_TRUE(worker_join(child));
	EXPECT_EQ(0, w->n);
}

static void ignore(int signal)
{
	(void)signal;
}

static void handle_alarm(int flags)
{
	const struct sigaction action = { .sa_handler = ignore, .sa_flags = flags };
	const struct itimerval every = {
		.it_interval = { .tv_usec = 1000 * BLOCKED_MS },
		.it_value = { .tv_usec = 1000 * BLOCKED_MS },
	};

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &every, NULL);
}

static void end_alarm(void)
{
	const struct itimerval never = {};

	setitimer(ITIMER_REAL, &never, NULL);
}

TEST_F(socket_call, signal_interrupts)
{
	char byte;

	handle_alarm(0);
	EXPECT_EQ(-1, recv(self->b, &byte, 1, 0));
	EXPECT_EQ(EINTR, errno);
	EXPECT_EQ(-1, recv(self->b, &byte, 1, MSG_PEEK));
	EXPECT_EQ(EINTR, errno);
	end_alarm();
}

static bool send_late(void *arg)
{
	const int *fd = arg;

	poll(NULL, 0, 5 * BLOCKED_MS);
	return send(*fd, "x", 1, 0) == 1;
}

/* signal(7): with SA_RESTART the call goes on, unless it has a time limit. */
TEST_F(socket_call, signal_restarts)
{
	pid_t child;
	char byte;

	handle_alarm(SA_RESTART);
	child = worker_start(send_late, &self->a);
	ASSERT_EQ(1, recv(self->b, &byte, 1, 0));
	EXPECT_TRUE(worker_join(child));
	sock_set_timeout(self->b, SO_RCVTIMEO, 100 * BLOCKED_MS);
	EXPECT_EQ(-1, recv(self->b, &byte, 1, 0));
	EXPECT_EQ(EINTR, errno);
	end_alarm();
}

TEST_F(socket_call, signal_interrupts_sending)
{
	static const char message[1000];

	if (sock_is_udp())
		SKIP(return, "UDP never waits");
	while (send(self->a, message, sizeof(message), MSG_DONTWAIT) == sizeof(message))
		;
	ASSERT_EQ(EAGAIN, errno);
	handle_alarm(0);
	/* There may be some room left in the receiver's buffer. */
	while (send(self->a, message, sizeof(message), 0) == sizeof(message))
		;
	EXPECT_EQ(EINTR, errno);
	end_alarm();
}

/* A descriptor goes to another process, which closes it. */
struct passing {
	int through;
};

static bool receive_descriptor(void *arg)
{
	const struct passing *p = arg;
	char control[CMSG_SPACE(sizeof(int))], byte;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	int fd;

	if (recvmsg(p->through, &msg, 0) != 1 || !CMSG_FIRSTHDR(&msg))
		return false;
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
	return recv(fd, &byte, 1, 0) == 1 && byte == 'a' && send(fd, "b", 1, 0) == 1 && !close(fd);
}

static bool pass(int through, int fd)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {
		.head = {
			.cmsg_len = CMSG_LEN(sizeof(int)),
			.cmsg_level = SOL_SOCKET,
			.cmsg_type = SCM_RIGHTS,
		},
	};
	struct iovec iov = { .iov_base = "", .iov_len = 1 };
	const struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};

	memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
	return sendmsg(through, &msg, 0) == 1;
}

TEST_F(socket_call, descriptor_passed)
{
	int pair[2];
	struct passing p;
	pid_t child;
	char byte;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
	p.through = pair[1];
	child = worker_start(receive_descriptor, &p);
	ASSERT_TRUE(pass(pair[0], self->b));
	ASSERT_EQ(1, send(self->a, "a", 1, 0));
	EXPECT_TRUE(worker_join(child));
	ASSERT_EQ(1, recv(self->a, &byte, 1, 0));
	EXPECT_EQ('b', byte);
	/* It is ours as well, as before. */
	ASSERT_EQ(1, send(self->a, "c", 1, 0));
	ASSERT_EQ(1, recv(self->b, &byte, 1, 0));
}

/* unix(7): SCM_RIGHTS means nothing to an internet socket. */
TEST_F(socket_call, descriptor_is_not_sent)
{
	char control[CMSG_SPACE(sizeof(int))], byte;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};

	ASSERT_TRUE(pass(self->a, self->b));
	ASSERT_EQ(1, recvmsg(self->b, &msg, 0));
	EXPECT_EQ(0, msg.msg_controllen);
}

/* What is in a pipe is a message, and the other way round. */
TEST_F(socket_call, splice)
{
	char bytes[16] = "";
	int in[2], out[2];

	ASSERT_EQ(0, pipe(in));
	ASSERT_EQ(0, pipe(out));
	ASSERT_EQ(5, write(in[1], "hello", 5));
	ASSERT_EQ(5, splice(in[0], NULL, self->a, NULL, 4096, 0));
	ASSERT_EQ(5, splice(self->b, NULL, out[1], NULL, 4096, 0));
	ASSERT_EQ(5, read(out[0], bytes, sizeof(bytes)));
	EXPECT_STREQ("hello", bytes);
}

TEST_F(socket_call, sendfile)
{
	char bytes[16] = "";
	int file = memfd_create("message", 0);

	ASSERT_EQ(5, write(file, "hello", 5));
	ASSERT_EQ(0, lseek(file, 0, SEEK_SET));
	ASSERT_EQ(5, sendfile(self->a, file, NULL, 5));
	ASSERT_EQ(5, recv(self->b, bytes, sizeof(bytes), 0));
	EXPECT_STREQ("hello", bytes);
}

TEST_F(socket_call, no_file)
{
	struct stat st;

	EXPECT_EQ(-1, lseek(self->a, 0, SEEK_CUR));
	EXPECT_EQ(ESPIPE, errno);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, 4096, PROT_READ, MAP_SHARED, self->a, 0));
	EXPECT_EQ(ENODEV, errno);
	ASSERT_EQ(0, fstat(self->a, &st));
	EXPECT_TRUE(S_ISSOCK(st.st_mode));
}

TEST_F(socket_call, no_pair)
{
	int pair[2];

	EXPECT_EQ(-1, socketpair(variant->family, sock_type(), sock_protocol(), pair));
	EXPECT_EQ(EOPNOTSUPP, errno);
}

/* Asynchronous notice (fcntl(2)). */
TEST_F(socket_call, signal_driven)
{
	const struct timespec limit = { .tv_sec = 10 };
	siginfo_t info;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	ASSERT_EQ(0, fcntl(self->b, F_SETOWN, getpid()));
	ASSERT_EQ(0, fcntl(self->b, F_SETSIG, SIGUSR1));
	ASSERT_EQ(0, fcntl(self->b, F_SETFL, O_ASYNC | O_NONBLOCK));
	ASSERT_EQ(1, send(self->a, "x", 1, 0));
	do {
		ASSERT_EQ(SIGUSR1, sigtimedwait(&set, &info, &limit));
	} while (!(info.si_band & POLLIN));
	EXPECT_EQ(self->b, info.si_fd);
}

TEST_HARNESS_MAIN
