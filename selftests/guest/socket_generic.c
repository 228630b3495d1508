// SPDX-License-Identifier: GPL-2.0-only
/* The options of level SOL_SOCKET: set, read back, and what they do. */
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <time.h>

#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <linux/sock_diag.h>
#include <linux/sockios.h>

#include "kselftest_harness.h"
#include "control.h"
#include "hosts.h"
#include "option.h"
#include "shell.h"
#include "sock.h"

FIXTURE(socket_generic) {
	int a, b;
	struct addr addr_a, addr_b;
};

FIXTURE_VARIANT(socket_generic) {
	int family;
};

FIXTURE_VARIANT_ADD(socket_generic, v4) { .family = AF_INET };
FIXTURE_VARIANT_ADD(socket_generic, v6) { .family = AF_INET6 };

FIXTURE_SETUP(socket_generic)
{
	net_isolate();
	self->a = sock_on_loopback(variant->family, &self->addr_a);
	self->b = sock_on_loopback(variant->family, &self->addr_b);
}

FIXTURE_TEARDOWN(socket_generic)
{
	EXPECT_EQ(0, close(self->a));
	EXPECT_EQ(0, close(self->b));
}

static const struct option options[] = {
	OPTION(SO_DEBUG, 1, 1),
	OPTION(SO_REUSEADDR, 2, 1),
	OPTION(SO_DONTROUTE, 1, 1),
	OPTION(SO_BROADCAST, 1, 1),
	OPTION(SO_KEEPALIVE, 1, 1),
	OPTION(SO_OOBINLINE, 1, 1),
	OPTION(SO_NO_CHECK, 1, 1),
	OPTION(SO_PRIORITY, 6, 6),
	OPTION(SO_MARK, 42, 42),
	OPTION(SO_RCVLOWAT, 100, 100),
	OPTION(SO_RCVLOWAT, 0, 1),
	OPTION(SO_TIMESTAMP, 1, 1),
	OPTION(SO_TIMESTAMPNS, 1, 1),
	OPTION(SO_RXQ_OVFL, 1, 1),
	OPTION(SO_WIFI_STATUS, 1, 1),
	OPTION(SO_NOFCS, 1, 1),
	OPTION(SO_SELECT_ERR_QUEUE, 1, 1),
	OPTION(SO_BUSY_POLL, 50, 50),
	OPTION(SO_PREFER_BUSY_POLL, 1, 1),
	OPTION(SO_INCOMING_CPU, 0, 0),
	OPTION(SO_MAX_PACING_RATE, 1000000, 1000000),
	OPTION(SO_PEEK_OFF, 7, 7),
	OPTION(SO_BUF_LOCK, 3, 3),
	OPTION(SO_RCVMARK, 1, 1),
};

TEST_F(socket_generic, values_read_back)
{
	option_keep(_metadata, self->a, SOL_SOCKET, options, ARRAY_SIZE(options));
	/* With all of them it still does what it is for. */
	ASSERT_EQ(1, sock_sendto(self->b, "x", 1, 0, &self->addr_a));
	sock_wait(self->a, POLLIN);
}

TEST_F(socket_generic, values_refused)
{
	const struct option refused[] = {
		OPTION(SO_SNDLOWAT, 2, ENOPROTOOPT),
		OPTION(SO_TYPE, 1, ENOPROTOOPT),
		OPTION(SO_PROTOCOL, 1, ENOPROTOOPT),
		OPTION(SO_DOMAIN, 1, ENOPROTOOPT),
		OPTION(SO_ERROR, 1, ENOPROTOOPT),
		OPTION(SO_ACCEPTCONN, 1, ENOPROTOOPT),
		OPTION(SO_BUSY_POLL, -1, EINVAL),
		OPTION(SO_BUSY_POLL_BUDGET, 70000, EINVAL),
		OPTION(SO_INCOMING_NAPI_ID, 1, ENOPROTOOPT),
		OPTION(SO_TIMESTAMPING, 1 << 30, EINVAL),
		OPTION(SO_BUF_LOCK, 8, EINVAL),
		{ "999", 999, 1, ENOPROTOOPT },
	};

	option_refuse(_metadata, self->a, SOL_SOCKET, refused, ARRAY_SIZE(refused));
}

/* By which processor the last message came, on a connected socket. */
TEST_F(socket_generic, incoming_cpu)
{
	cpu_set_t all, one;
	int seen = 0;
	char byte;

	sock_connect(self->b, &self->addr_a);
	ASSERT_EQ(0, sched_getaffinity(0, sizeof(all), &all));
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &all))
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		ASSERT_EQ(0, sched_setaffinity(0, sizeof(one), &one));
		/* The first one opens a link, the next one comes at once. */
		for (int i = 0; i < 2; i++) {
			sock_wait_settled(self->a);
			ASSERT_EQ(1, sock_sendto(self->a, "x", 1, 0, &self->addr_b));
			ASSERT_EQ(1, recv(self->b, &byte, 1, 0));
		}
		EXPECT_EQ(cpu, sock_get(self->b, SO_INCOMING_CPU));
		seen++;
	}
	EXPECT_LT(0, seen);
}

TEST_F(socket_generic, what_it_is)
{
	EXPECT_EQ(sock_type(), sock_get(self->a, SO_TYPE));
	EXPECT_EQ(sock_protocol(), sock_get(self->a, SO_PROTOCOL));
	EXPECT_EQ(variant->family, sock_get(self->a, SO_DOMAIN));
	EXPECT_EQ(0, sock_get(self->a, SO_ACCEPTCONN));
	EXPECT_EQ(0, sock_get(self->a, SO_ERROR));
	EXPECT_EQ(1, sock_get(self->a, SO_SNDLOWAT));
}

static u64 get_u64(int fd, int option)
{
	u64 value = 0;
	socklen_t len = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, option, &value, &len) || len != sizeof(value) ? 0 : value;
}

TEST_F(socket_generic, cookies)
{
	u64 cookie = get_u64(self->a, SO_COOKIE);

	EXPECT_NE(0, cookie);
	EXPECT_EQ(cookie, get_u64(self->a, SO_COOKIE));
	EXPECT_NE(cookie, get_u64(self->b, SO_COOKIE));
	EXPECT_NE(0, get_u64(self->a, SO_NETNS_COOKIE));
	EXPECT_EQ(get_u64(self->a, SO_NETNS_COOKIE), get_u64(self->b, SO_NETNS_COOKIE));
}

TEST_F(socket_generic, memory)
{
	u32 before[SK_MEMINFO_VARS], after[SK_MEMINFO_VARS];
	socklen_t len = sizeof(before);

	ASSERT_EQ(0, getsockopt(self->b, SOL_SOCKET, SO_MEMINFO, before, &len));
	EXPECT_EQ(sizeof(before), len);
	EXPECT_EQ(0, before[SK_MEMINFO_RMEM_ALLOC]);
	EXPECT_EQ(sock_get(self->b, SO_RCVBUF), before[SK_MEMINFO_RCVBUF]);
	EXPECT_EQ(sock_get(self->b, SO_SNDBUF), before[SK_MEMINFO_SNDBUF]);
	ASSERT_EQ(1, sock_sendto(self->a, "x", 1, 0, &self->addr_b));
	sock_wait(self->b, POLLIN);
	ASSERT_EQ(0, getsockopt(self->b, SOL_SOCKET, SO_MEMINFO, after, &len));
	EXPECT_LT(0, after[SK_MEMINFO_RMEM_ALLOC]);
}

TEST_F(socket_generic, timeouts_read_back)
{
	struct timeval tv;
	socklen_t len = sizeof(tv);

	sock_set_timeout(self->a, SO_RCVTIMEO, 1500);
	ASSERT_EQ(0, getsockopt(self->a, SOL_SOCKET, SO_RCVTIMEO, &tv, &len));
	EXPECT_EQ(1, tv.tv_sec);
	EXPECT_EQ(500000, tv.tv_usec);
	sock_set_timeout(self->a, SO_SNDTIMEO, 0);
	ASSERT_EQ(0, getsockopt(self->a, SOL_SOCKET, SO_SNDTIMEO, &tv, &len));
	EXPECT_EQ(0, tv.tv_sec);
	tv.tv_usec = 1000000;
	EXPECT_EQ(-1, setsockopt(self->a, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	EXPECT_EQ(EDOM, errno);
}

/* A datagram is readable, however short it is. */
TEST_F(socket_generic, rcvlowat_is_for_streams)
{
	char byte;

	sock_set(self->b, SO_RCVLOWAT, 1000);
	ASSERT_EQ(1, sock_sendto(self->a, "x", 1, 0, &self->addr_b));
	sock_wait(self->b, POLLIN);
	EXPECT_EQ(1, recv(self->b, &byte, 1, 0));
}

static u64 ns_of(const struct timespec *ts)
{
	return ts->tv_sec * 1000000000ULL + ts->tv_nsec;
}

static u64 realtime(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return ns_of(&now);
}

TEST_F(socket_generic, timestamp)
{
	struct timeval tv = {};
	struct control c;
	u64 before, stamp;

	sock_set(self->b, SO_TIMESTAMP, 1);
	before = realtime();
	ASSERT_EQ(1, sock_sendto(self->a, "x", 1, 0, &self->addr_b));
	ASSERT_EQ(1, control_recv(self->b, &c, 0));
	ASSERT_TRUE(control_get(&c, SOL_SOCKET, SO_TIMESTAMP, &tv, sizeof(tv)));
	stamp = tv.tv_sec * 1000000000ULL + tv.tv_usec * 1000ULL;
	EXPECT_LE(before, stamp + 1000);
	EXPECT_GE(realtime(), stamp);
}

TEST_F(socket_generic, timestampns)
{
	struct timespec ts = {};
	struct control c;
	u64 before;

	sock_set(self->b, SO_TIMESTAMPNS, 1);
	before = realtime();
	ASSERT_EQ(1, sock_sendto(self->a, "x", 1, 0, &self->addr_b));
	ASSERT_EQ(1, control_recv(self->b, &c, 0));
	ASSERT_TRUE(control_get(&c, SOL_SOCKET, SO_TIMESTAMPNS, &ts, sizeof(ts)));
	EXPECT_LE(before, ns_of(&ts));
	EXPECT_GE(realtime(), ns_of(&ts));
}

TEST_F(socket_generic, timestamping_received)
{
	struct scm_timestamping ts = {};
	struct control c;
	u64 before;

	sock_set(self->b, SO_TIMESTAMPING,
		 SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE);
	/* The kernel begins to note times a moment after the first socket has asked. */
	do {
		before = realtime();
		ASSERT_EQ(1, sock_sendto(self->a, "x", 1, 0, &self->addr_b));
		ASSERT_EQ(1, control_recv(self->b, &c, 0));
	} while (!control_get(&c, SOL_SOCKET, SO_TIMESTAMPING, &ts, sizeof(ts)));
	EXPECT_LE(before, ns_of(&ts.ts[0]));
	EXPECT_GE(realtime(), ns_of(&ts.ts[0]));
}

/* When a message left: in the error queue, with the number of the message. */
static bool next_stamp(int fd, int family, struct scm_timestamping *ts, u32 *key)
{
	const size_t len = sizeof(struct sock_extended_err) +
			   (family == AF_INET ? sizeof(struct sockaddr_in) :
						sizeof(struct sockaddr_in6));
	struct sock_extended_err e;
	struct control c;
	u8 bytes[64];

	if (control_recv(fd, &c, MSG_ERRQUEUE) ||
	    !control_get(&c, SOL_SOCKET, SO_TIMESTAMPING, ts, sizeof(*ts)) ||
	    !(control_get(&c, IPPROTO_IP, IP_RECVERR, bytes, len) ||
	      control_get(&c, IPPROTO_IPV6, IPV6_RECVERR, bytes, len)))
		return false;
	memcpy(&e, bytes, sizeof(e));
	*key = e.ee_data;
	return e.ee_errno == ENOMSG && e.ee_origin == SO_EE_ORIGIN_TIMESTAMPING &&
	       e.ee_info == SCM_TSTAMP_SND;
}

#define STAMPS	(SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_ID | SOF_TIMESTAMPING_OPT_TSONLY)

TEST_F(socket_generic, timestamping_sent)
{
	struct scm_timestamping ts = {};
	char bytes[16];
	u64 before;
	u32 key;

	sock_set(self->a, SO_TIMESTAMPING, STAMPS | SOF_TIMESTAMPING_TX_SOFTWARE);
	for (u32 i = 0; i < 20; i++) {
		before = realtime();
		ASSERT_EQ(1, sock_sendto(self->a, "x", 1, 0, &self->addr_b));
		sock_wait(self->a, 0);
		ASSERT_TRUE(next_stamp(self->a, variant->family, &ts, &key));
		EXPECT_EQ(i, key);
		EXPECT_LE(before, ns_of(&ts.ts[0]));
		EXPECT_GE(realtime(), ns_of(&ts.ts[0]));
		ASSERT_EQ(1, recv(self->b, bytes, sizeof(bytes), 0));
	}
}

/* Where packets leave together, and are cut apart by the kernel: each message's is told. */
TEST_F(socket_generic, timestamping_of_large)
{
	const struct addr to = hosts_addr(1, variant->family, 7000);
	static char large[60000];
	const size_t len = sock_is_udp() ? 1000 : sizeof(large);
	struct scm_timestamping ts = {};
	struct hosts h;
	int from, in;
	u32 key;

	hosts_open(&h, NULL);
	in = hosts_socket(&h, 1, variant->family, 7000);
	from = hosts_socket(&h, 0, variant->family, 0);
	shell("ethtool -K eth0 tx on sg on gso on tx-udp-segmentation off");
	sock_set(from, SO_TIMESTAMPING, STAMPS | SOF_TIMESTAMPING_TX_SOFTWARE);
	for (u32 i = 0; i < 20; i++) {
		ASSERT_EQ(len, sock_sendto(from, large, len, 0, &to));
		ASSERT_EQ(len, recv(in, large, sizeof(large), 0));
		ASSERT_TRUE(next_stamp(from, variant->family, &ts, &key));
		EXPECT_EQ(i, key);
	}
	EXPECT_EQ(0, close(from));
	EXPECT_EQ(0, close(in));
}

/* For one message, by a control message. */
TEST_F(socket_generic, timestamping_of_one)
{
	const u32 wish = SOF_TIMESTAMPING_TX_SOFTWARE;
	struct pollfd p = { .fd = self->a };
	struct scm_timestamping ts = {};
	char bytes[16];
	u32 key;

	sock_set(self->a, SO_TIMESTAMPING, STAMPS);
	ASSERT_EQ(1, sock_sendto(self->a, "x", 1, 0, &self->addr_b));
	ASSERT_EQ(1, recv(self->b, bytes, sizeof(bytes), 0));
	EXPECT_EQ(0, poll(&p, 1, 0));
	ASSERT_EQ(1, control_send(self->a, 'x', &self->addr_b, SOL_SOCKET, SO_TIMESTAMPING, &wish,
				  sizeof(wish)));
	sock_wait(self->a, 0);
	EXPECT_TRUE(next_stamp(self->a, variant->family, &ts, &key));
	ASSERT_EQ(1, recv(self->b, bytes, sizeof(bytes), 0));
	EXPECT_EQ(0, poll(&p, 1, 0));
}

/* The number by which it is known: newer than the headers that this is built with. */
#define TS_OPT_ID	81

TEST_F(socket_generic, timestamping_by_number)
{
	const u32 number = 4711;
	struct scm_timestamping ts = {};
	u32 key;

	sock_set(self->a, SO_TIMESTAMPING, STAMPS | SOF_TIMESTAMPING_TX_SOFTWARE);
	if (control_send(self->a, 'x', &self->addr_b, SOL_SOCKET, TS_OPT_ID, &number,
			 sizeof(number)) < 0) {
		EXPECT_EQ(EINVAL, errno);
		SKIP(return, "this kernel has no such message");
	}
	sock_wait(self->a, 0);
	EXPECT_TRUE(next_stamp(self->a, variant->family, &ts, &key));
	EXPECT_EQ(number, key);
	ASSERT_EQ(1, sock_sendto(self->a, "x", 1, 0, &self->addr_b));
	sock_wait(self->a, 0);
	EXPECT_TRUE(next_stamp(self->a, variant->family, &ts, &key));
	EXPECT_EQ(0, key);
}

/* Likewise. */
#define RCVPRIORITY	82

TEST_F(socket_generic, priority_of_one)
{
	const int priority = 5, on = 1;
	struct control c;

	if (setsockopt(self->b, SOL_SOCKET, RCVPRIORITY, &on, sizeof(on))) {
		EXPECT_EQ(ENOPROTOOPT, errno);
		EXPECT_EQ(-1, control_send(self->a, 'x', &self->addr_b, SOL_SOCKET, SO_PRIORITY,
					   &priority, sizeof(priority)));
		EXPECT_EQ(EINVAL, errno);
		SKIP(return, "this kernel has no such message");
	}
	sock_set(self->a, SO_PRIORITY, 3);
	for (int i = 0; i < 4; i++) {
		ASSERT_EQ(1, i % 2 ? sock_sendto(self->a, "x", 1, 0, &self->addr_b) :
			     control_send(self->a, 'x', &self->addr_b, SOL_SOCKET, SO_PRIORITY,
					  &priority, sizeof(priority)));
		ASSERT_EQ(1, control_recv(self->b, &c, 0));
		EXPECT_EQ(i % 2 ? 3 : 5, control_get_int(&c, SOL_SOCKET, SO_PRIORITY));
	}
}

/* The time of the last message, asked for afterwards. */
TEST_F(socket_generic, last_timestamp)
{
	struct timespec ts = {};
	char byte;
	u64 before;

	EXPECT_EQ(-1, ioctl(self->b, SIOCGSTAMPNS, &ts));
	EXPECT_EQ(ENOENT, errno);
	before = realtime();
	ASSERT_EQ(1, sock_sendto(self->a, "x", 1, 0, &self->addr_b));
	ASSERT_EQ(1, recv(self->b, &byte, 1, 0));
	ASSERT_EQ(0, ioctl(self->b, SIOCGSTAMPNS, &ts));
	EXPECT_LE(before, ns_of(&ts));
	EXPECT_GE(realtime(), ns_of(&ts));
}

TEST_F(socket_generic, mark_chooses_the_route)
{
	const char *v = variant->family == AF_INET ? "-4" : "-6";

	shell("ip %s rule add pref 10 fwmark 42 unreachable", v);
	/* Before the table with our own addresses. */
	shell("ip %s rule add pref 20 lookup local; ip %s rule del pref 0", v, v);
	sock_set(self->a, SO_MARK, 42);
	EXPECT_EQ(-1, sock_sendto(self->a, "x", 1, 0, &self->addr_b));
	EXPECT_TRUE(errno == EHOSTUNREACH || errno == ENETUNREACH || errno == EACCES)
		TH_LOG("%s", strerror(errno));
	sock_set(self->a, SO_MARK, 0);
	ASSERT_EQ(1, sock_sendto(self->a, "x", 1, 0, &self->addr_b));
	sock_wait(self->b, POLLIN);
}

TEST_F(socket_generic, mark_received)
{
	struct control c;

	sock_set(self->b, SO_RCVMARK, 1);
	sock_set(self->a, SO_MARK, 42);
	ASSERT_EQ(1, sock_sendto(self->a, "x", 1, 0, &self->addr_b));
	ASSERT_EQ(1, control_recv(self->b, &c, 0));
	/* Loopback passes it on; what comes from elsewhere has none. */
	EXPECT_EQ(42, control_get_int(&c, SOL_SOCKET, SO_MARK));
}

static void bind_to_device(struct __test_metadata *_metadata, int fd, const char *name)
{
	char back[IFNAMSIZ] = "";
	socklen_t len = sizeof(back);

	ASSERT_EQ(0, setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, strlen(name)));
	ASSERT_EQ(0, getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, back, &len));
	ASSERT_STREQ(name, back);
}

TEST_F(socket_generic, device)
{
	struct pollfd p = { .events = POLLIN };
	struct addr any = addr_any(variant->family, 7000);
	struct addr to = hosts_addr(1, variant->family, 7000);
	char byte = 0;
	struct hosts h;
	int from, in;

	hosts_open(&h, NULL);
	from = hosts_socket(&h, 0, variant->family, 0);
	hosts_enter(&h, 1);
	in = sock_bound(&any, NULL);
	EXPECT_EQ(-1, setsockopt(in, SOL_SOCKET, SO_BINDTODEVICE, "nosuch", 6));
	EXPECT_EQ(ENODEV, errno);
	bind_to_device(_metadata, in, "lo");
	EXPECT_EQ(if_nametoindex("lo"), sock_get(in, SO_BINDTOIFINDEX));
	ASSERT_EQ(1, sock_sendto(from, "1", 1, 0, &to));
	p.fd = in;
	EXPECT_EQ(0, poll(&p, 1, 50));
	bind_to_device(_metadata, in, "eth0");
	ASSERT_EQ(1, sock_sendto(from, "2", 1, 0, &to));
	/* Reliable is what has been sent before, too. */
	do {
		ASSERT_EQ(1, recv(in, &byte, 1, 0));
	} while (byte == '1');
	EXPECT_EQ('2', byte);
	EXPECT_EQ(0, close(from));
	EXPECT_EQ(0, close(in));
}

/* Not through a router (IPv6 does not look at it). */
TEST_F(socket_generic, dontroute)
{
	const struct addr near = addr_make(AF_INET, "10.9.0.2", 7000);
	const struct addr far = addr_make(AF_INET, "192.0.2.1", 7000);
	const struct addr any = addr_any(AF_INET, 0);
	int fd;

	if (variant->family != AF_INET)
		SKIP(return, "is about IPv4");
	shell("ip link add eth0 type veth peer name eth1");
	shell("ip address add 10.9.0.1/24 dev eth0");
	shell("ip link set eth0 up; ip link set eth1 up; ip route add default via 10.9.0.2");
	fd = sock_bound(&any, NULL);
	sock_set_linger(fd, 0);
	EXPECT_EQ(1, sock_sendto(fd, "x", 1, MSG_DONTROUTE, &near));
	EXPECT_EQ(-1, sock_sendto(fd, "x", 1, MSG_DONTROUTE, &far));
	EXPECT_EQ(ENETUNREACH, errno);
	sock_set(fd, SO_DONTROUTE, 1);
	EXPECT_EQ(-1, sock_sendto(fd, "x", 1, 0, &far));
	EXPECT_EQ(ENETUNREACH, errno);
	sock_set(fd, SO_DONTROUTE, 0);
	EXPECT_EQ(1, sock_sendto(fd, "x", 1, 0, &far));
	EXPECT_EQ(0, close(fd));
}

static int set_txtime(int fd, u32 flags)
{
	const struct sock_txtime txtime = { .clockid = CLOCK_MONOTONIC, .flags = flags };

	return setsockopt(fd, SOL_SOCKET, SO_TXTIME, &txtime, sizeof(txtime));
}

/* When a message is to leave. */
TEST_F(socket_generic, departure_time)
{
	struct sock_txtime back;
	socklen_t len = sizeof(back);
	u64 at = 1;

	EXPECT_EQ(-1, control_send(self->a, 'x', &self->addr_b, SOL_SOCKET, SCM_TXTIME, &at,
				   sizeof(at)));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, set_txtime(self->a, 1 << 7));
	EXPECT_EQ(EINVAL, errno);
	ASSERT_EQ(0, set_txtime(self->a, 0));
	ASSERT_EQ(0, getsockopt(self->a, SOL_SOCKET, SO_TXTIME, &back, &len));
	EXPECT_EQ(CLOCK_MONOTONIC, back.clockid);
	/* Others leave as ever. */
	ASSERT_EQ(1, sock_sendto(self->a, "x", 1, 0, &self->addr_b));
	ASSERT_EQ(1, recv(self->b, &(char){ 0 }, 1, 0));
}

/* Packets have theirs from congestion control. */
TEST_F(socket_generic, departure_time_of_one)
{
	u64 at = 1;

	if (sock_is_udp())
		SKIP(return, "UDP tells the device");
	ASSERT_EQ(0, set_txtime(self->a, 0));
	EXPECT_EQ(-1, control_send(self->a, 'x', &self->addr_b, SOL_SOCKET, SCM_TXTIME, &at,
				   sizeof(at)));
	EXPECT_EQ(EOPNOTSUPP, errno);
}

TEST_F(socket_generic, zerocopy_refused)
{
	int on = 1;

	if (sock_is_udp())
		SKIP(return, "UDP has it");
	EXPECT_EQ(-1, setsockopt(self->a, SOL_SOCKET, SO_ZEROCOPY, &on, sizeof(on)));
	EXPECT_EQ(EOPNOTSUPP, errno);
}

/* Who is not privileged has none of these, neither for all messages nor for one. */
TEST_F(socket_generic, privileges)
{
	const bool v4 = variant->family == AF_INET;
	const int level = v4 ? IPPROTO_IP : IPPROTO_IPV6;
	u32 mark = 42;
	int on = 1, high = 7;

	ASSERT_EQ(0, seteuid(1234));
	EXPECT_EQ(-1, setsockopt(self->a, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)));
	EXPECT_EQ(EPERM, errno);
	EXPECT_EQ(-1, control_send(self->a, 'x', &self->addr_b, SOL_SOCKET, SO_MARK, &mark,
				   sizeof(mark)));
	EXPECT_EQ(EPERM, errno);
	EXPECT_EQ(-1, setsockopt(self->a, SOL_SOCKET, SO_PRIORITY, &high, sizeof(high)));
	EXPECT_EQ(EPERM, errno);
	EXPECT_EQ(-1, setsockopt(self->a, SOL_SOCKET, SO_RCVBUFFORCE, &high, sizeof(high)));
	EXPECT_EQ(EPERM, errno);
	EXPECT_EQ(-1, setsockopt(self->a, level, v4 ? IP_TRANSPARENT : IPV6_TRANSPARENT, &on,
				 sizeof(on)));
	EXPECT_EQ(EPERM, errno);
	ASSERT_EQ(0, seteuid(0));
	EXPECT_EQ(0, setsockopt(self->a, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)));
}

/* All else is for everybody. */
TEST_F(socket_generic, unprivileged)
{
	struct addr name, from;
	char byte = 0;
	int fd;

	ASSERT_EQ(0, seteuid(1234));
	fd = sock_on_loopback(variant->family, &name);
	ASSERT_EQ(1, sock_sendto(fd, "x", 1, 0, &self->addr_b));
	ASSERT_EQ(1, sock_recvfrom(self->b, &byte, 1, 0, &from));
	EXPECT_TRUE(addr_equal(&name, &from));
	ASSERT_EQ(1, sock_sendto(self->b, "y", 1, 0, &from));
	ASSERT_EQ(1, recv(fd, &byte, 1, 0));
	EXPECT_EQ('y', byte);
	EXPECT_EQ(0, close(fd));
	ASSERT_EQ(0, seteuid(0));
}

/* Options of UDP that cut and join datagrams: here each message is one. */
TEST_F(socket_generic, options_of_udp_refused)
{
	int value = 1;
	socklen_t len = sizeof(value);

	if (sock_is_udp())
		SKIP(return, "UDP has them");
	for (int option = 1; option < 110; option++) {
		EXPECT_EQ(-1, setsockopt(self->a, IPPROTO_UDP, option, &value, sizeof(value)));
		EXPECT_EQ(ENOPROTOOPT, errno);
		EXPECT_EQ(-1, getsockopt(self->a, IPPROTO_UDP, option, &value, &len));
	}
}

TEST_HARNESS_MAIN
