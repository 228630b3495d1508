// SPDX-License-Identifier: GPL-2.0-only
/* Errors from the way there and from its end: when they are told, and how. */
#include <poll.h>

#include <linux/errqueue.h>
#include <linux/in6.h>

#include "kselftest_harness.h"
#include "control.h"
#include "hosts.h"
#include "shell.h"
#include "sock.h"
#include "worker.h"

FIXTURE(socket_error) {
	int fd;
	struct addr nobody;
};

FIXTURE_VARIANT(socket_error) {
	int family;
};

FIXTURE_VARIANT_ADD(socket_error, v4) { .family = AF_INET };
FIXTURE_VARIANT_ADD(socket_error, v6) { .family = AF_INET6 };

FIXTURE_SETUP(socket_error)
{
	net_isolate();
	self->fd = sock_on_loopback(variant->family, NULL);
	self->nobody = addr_loopback(variant->family, 7999);
	/* What nobody gets is not kept after the test. */
	if (!sock_is_udp())
		sock_set_linger(self->fd, 0);
}

FIXTURE_TEARDOWN(socket_error)
{
	EXPECT_EQ(0, close(self->fd));
}

static void ask_for_errors(struct __test_metadata *_metadata, int fd, int family)
{
	int on = 1;

	ASSERT_EQ(0, setsockopt(fd, family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6,
				family == AF_INET ? IP_RECVERR : IPV6_RECVERR, &on, sizeof(on)));
}

TEST_F(socket_error, refused_next_send)
{
	sock_connect(self->fd, &self->nobody);
	ASSERT_EQ(1, send(self->fd, "x", 1, 0));
	sock_wait(self->fd, 0);
	EXPECT_EQ(-1, send(self->fd, "x", 1, 0));
	EXPECT_EQ(ECONNREFUSED, errno);
	/* Once, and then it is tried again. */
	EXPECT_EQ(1, send(self->fd, "x", 1, 0));
}

TEST_F(socket_error, refused_next_receive)
{
	char byte;

	sock_connect(self->fd, &self->nobody);
	ASSERT_EQ(1, send(self->fd, "x", 1, 0));
	sock_wait(self->fd, 0);
	EXPECT_EQ(-1, recv(self->fd, &byte, 1, MSG_DONTWAIT));
	EXPECT_EQ(ECONNREFUSED, errno);
}

TEST_F(socket_error, refused_while_receiving)
{
	char byte;

	sock_connect(self->fd, &self->nobody);
	ASSERT_EQ(1, send(self->fd, "x", 1, 0));
	EXPECT_EQ(-1, recv(self->fd, &byte, 1, 0));
	EXPECT_EQ(ECONNREFUSED, errno);
}

TEST_F(socket_error, refused_so_error)
{
	struct pollfd p = { .fd = self->fd, .events = POLLOUT };

	sock_connect(self->fd, &self->nobody);
	ASSERT_EQ(1, send(self->fd, "x", 1, 0));
	sock_wait(self->fd, 0);
	ASSERT_EQ(1, poll(&p, 1, 0));
	EXPECT_EQ(POLLOUT | POLLERR, p.revents);
	EXPECT_EQ(ECONNREFUSED, sock_get(self->fd, SO_ERROR));
	EXPECT_EQ(0, sock_get(self->fd, SO_ERROR));
}

/* Who is not connected is told nothing, unless he asks. */
TEST_F(socket_error, refused_unconnected)
{
	struct pollfd p = { .fd = self->fd, .events = POLLIN };

	ASSERT_EQ(1, sock_sendto(self->fd, "x", 1, 0, &self->nobody));
	EXPECT_EQ(0, poll(&p, 1, 50));
	EXPECT_EQ(1, sock_sendto(self->fd, "x", 1, 0, &self->nobody));
	EXPECT_EQ(0, sock_get(self->fd, SO_ERROR));
}

struct error {
	struct sock_extended_err e;
	struct addr offender;
	struct addr about;
};

/* What waits in the error queue; false: nothing does. */
static bool next_error(int fd, int family, struct error *to)
{
	const int level = family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6;
	const int type = family == AF_INET ? IP_RECVERR : IPV6_RECVERR;
	const size_t len = sizeof(to->e) + (family == AF_INET ? sizeof(to->offender.v4) :
								sizeof(to->offender.v6));
	u8 bytes[64];
	struct control c;

	memset(to, 0, sizeof(*to));
	if (control_recv(fd, &c, MSG_ERRQUEUE) < 0 || !(c.msg.msg_flags & MSG_ERRQUEUE) ||
	    !control_get(&c, level, type, bytes, len))
		return false;
	memcpy(&to->e, bytes, sizeof(to->e));
	memcpy(&to->offender.sa, bytes + sizeof(to->e), len - sizeof(to->e));
	to->about = c.from;
	return true;
}

TEST_F(socket_error, refused_queued)
{
	const bool v4 = variant->family == AF_INET;
	struct addr wanted = addr_loopback(variant->family, 0);
	struct error error;

	ask_for_errors(_metadata, self->fd, variant->family);
	ASSERT_EQ(1, sock_sendto(self->fd, "x", 1, 0, &self->nobody));
	sock_wait(self->fd, 0);
	EXPECT_EQ(-1, sock_sendto(self->fd, "x", 1, 0, &self->nobody));
	EXPECT_EQ(ECONNREFUSED, errno);
	ASSERT_TRUE(next_error(self->fd, variant->family, &error));
	EXPECT_EQ(ECONNREFUSED, error.e.ee_errno);
	EXPECT_EQ(v4 ? SO_EE_ORIGIN_ICMP : SO_EE_ORIGIN_ICMP6, error.e.ee_origin);
	EXPECT_EQ(v4 ? 3 : 1, error.e.ee_type);
	EXPECT_EQ(v4 ? 3 : 4, error.e.ee_code);
	EXPECT_EQ(0, error.e.ee_info);
	EXPECT_TRUE(addr_equal(&wanted, &error.offender));
	EXPECT_TRUE(addr_equal(&self->nobody, &error.about));
}

/* What stands beside the address that the packet was sent to, where it is asked for. */
TEST_F(socket_error, refused_without_a_label)
{
	const struct addr to = addr_make(AF_INET6, "fd00::1:2:3:4", 7999);
	const struct addr any = addr_any(AF_INET6, 0);
	int fd, on = 1, off = 0;
	struct error error;

	if (variant->family != AF_INET6)
		SKIP(return, "is about IPv6");
	shell("ip address add fd00::1:2:3:4/128 dev lo nodad");
	fd = sock_bound(&any, NULL);
	if (!sock_is_udp())
		sock_set_linger(fd, 0);
	ask_for_errors(_metadata, fd, AF_INET6);
	ASSERT_EQ(0, setsockopt(fd, IPPROTO_IPV6, IPV6_AUTOFLOWLABEL, &off, sizeof(off)));
	ASSERT_EQ(0, setsockopt(fd, IPPROTO_IPV6, IPV6_FLOWINFO_SEND, &on, sizeof(on)));
	ASSERT_EQ(1, sock_sendto(fd, "x", 1, 0, &to));
	sock_wait(fd, 0);
	ASSERT_TRUE(next_error(fd, AF_INET6, &error));
	EXPECT_TRUE(addr_equal(&to, &error.about));
	EXPECT_EQ(0, error.about.v6.sin6_flowinfo);
	EXPECT_EQ(0, close(fd));
}

/* An IPv4 address of an AF_INET6 socket: IPv4's option counts, and its error is told. */
TEST_F(socket_error, refused_mapped)
{
	const struct addr to = addr_mapped_loopback(7999);
	const struct addr any = addr_any(AF_INET6, 0);
	struct error error;
	int fd, on = 1;

	if (variant->family != AF_INET)
		SKIP(return, "is about IPv4");
	fd = sock_bound(&any, NULL);
	if (!sock_is_udp())
		sock_set_linger(fd, 0);
	ask_for_errors(_metadata, fd, AF_INET6);
	ASSERT_EQ(1, sock_sendto(fd, "x", 1, 0, &to));
	poll(NULL, 0, 20);
	EXPECT_FALSE(next_error(fd, AF_INET6, &error));
	ASSERT_EQ(0, setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof(on)));
	ASSERT_EQ(1, sock_sendto(fd, "x", 1, 0, &to));
	sock_wait(fd, 0);
	ASSERT_TRUE(next_error(fd, AF_INET6, &error));
	EXPECT_EQ(ECONNREFUSED, error.e.ee_errno);
	EXPECT_EQ(SO_EE_ORIGIN_ICMP, error.e.ee_origin);
	EXPECT_TRUE(addr_equal(&to, &error.about));
	EXPECT_EQ(0, close(fd));
}

/* A link is not ended by it: who comes later gets the message. */
TEST_F(socket_error, refused_goes_on)
{
	char byte = 0;
	int late;

	if (sock_is_udp())
		SKIP(return, "UDP loses it");
	sock_connect(self->fd, &self->nobody);
	ASSERT_EQ(1, send(self->fd, "x", 1, 0));
	sock_wait(self->fd, 0);
	EXPECT_EQ(ECONNREFUSED, sock_get(self->fd, SO_ERROR));
	late = sock_bound(&self->nobody, NULL);
	ASSERT_EQ(1, recv(late, &byte, 1, 0));
	EXPECT_EQ('x', byte);
	EXPECT_EQ(0, close(late));
}

/* Routes that lead nowhere, here. */
TEST_F(socket_error, local_routes)
{
	const bool v4 = variant->family == AF_INET;
	const struct {
		const char *type;
		const char *to4, *to6;
		int error4, error6;
	} routes[] = {
		{ "prohibit", "192.0.2.1", "2001:db8::1", EACCES, EACCES },
		{ "unreachable", "192.0.2.2", "2001:db8::2", EHOSTUNREACH, EHOSTUNREACH },
		{ "blackhole", "192.0.2.3", "2001:db8::3", EINVAL, EINVAL },
	};
	const struct addr none = addr_make(variant->family, v4 ? "192.0.2.4" : "2001:db8::4", 7000);
	const struct addr any = addr_any(variant->family, 0);
	int fd = sock_bound(&any, NULL);

	for (size_t i = 0; i < ARRAY_SIZE(routes); i++) {
		const char *text = v4 ? routes[i].to4 : routes[i].to6;
		const struct addr to = addr_make(variant->family, text, 7000);
		int wanted = v4 ? routes[i].error4 : routes[i].error6;

		shell("ip %s route add %s %s", v4 ? "-4" : "-6", routes[i].type, text);
		EXPECT_EQ(-1, sock_sendto(fd, "x", 1, 0, &to));
		EXPECT_EQ(wanted, errno)
			TH_LOG("%s", routes[i].type);
		EXPECT_EQ(-1, connect(fd, &to.sa, to.len));
		EXPECT_EQ(wanted, errno)
			TH_LOG("%s", routes[i].type);
	}
	EXPECT_EQ(-1, sock_sendto(fd, "x", 1, 0, &none));
	EXPECT_EQ(ENETUNREACH, errno);
	EXPECT_EQ(0, close(fd));
}

/* A connected socket of host 0 to host 1, to which the router has @route. */
static int open_through(struct __test_metadata *_metadata, struct hosts *h, int family,
			const char *route, bool queued)
{
	const struct addr to = hosts_addr(1, family, 7000);
	int fd;

	hosts_open_routed(h, NULL);
	hosts_enter_router(h);
	/* More of them than by default, which is one in a second. */
	shell("echo 0 | tee /proc/sys/net/ipv4/icmp_ratelimit >/proc/sys/net/ipv6/icmp/ratelimit");
	shell("ip %s route replace %s %s", family == AF_INET ? "-4" : "-6", route,
	      family == AF_INET ? "10.77.0.2" : "fd77::2");
	fd = hosts_socket(h, 0, family, 0);
	if (!sock_is_udp())
		sock_set_linger(fd, 0);
	if (queued)
		ask_for_errors(_metadata, fd, family);
	sock_connect(fd, &to);
	return fd;
}

TEST_F(socket_error, prohibited_on_the_way)
{
	const bool v4 = variant->family == AF_INET;
	struct hosts h;
	int fd = open_through(_metadata, &h, variant->family, "prohibit", false);

	ASSERT_EQ(1, send(fd, "x", 1, 0));
	sock_wait(fd, 0);
	EXPECT_EQ(-1, send(fd, "x", 1, 0));
	EXPECT_EQ(v4 ? EHOSTUNREACH : EACCES, errno);
	EXPECT_EQ(0, close(fd));
}

TEST_F(socket_error, prohibited_queued)
{
	const bool v4 = variant->family == AF_INET;
	const struct addr to = hosts_addr(1, variant->family, 7000);
	struct addr router = addr_make(variant->family, v4 ? "10.77.0.254" : "fd77::fe", 0);
	struct error error;
	struct hosts h;
	int fd = open_through(_metadata, &h, variant->family, "prohibit", true);

	ASSERT_EQ(1, send(fd, "x", 1, 0));
	sock_wait(fd, 0);
	ASSERT_TRUE(next_error(fd, variant->family, &error));
	EXPECT_EQ(v4 ? EHOSTUNREACH : EACCES, error.e.ee_errno);
	EXPECT_EQ(v4 ? 3 : 1, error.e.ee_type);
	EXPECT_EQ(v4 ? 13 : 1, error.e.ee_code);
	EXPECT_TRUE(addr_equal(&router, &error.offender));
	EXPECT_TRUE(addr_equal(&to, &error.about));
	EXPECT_EQ(0, close(fd));
}

/* Not fatal, as RFC 1122 has it: only who asks is told. */
TEST_F(socket_error, unreachable_on_the_way)
{
	const int wanted = variant->family == AF_INET ? EHOSTUNREACH : ENETUNREACH;
	struct pollfd p = { .events = POLLIN };
	struct error error;
	struct hosts h;
	int fd = open_through(_metadata, &h, variant->family, "unreachable", false);

	p.fd = fd;
	ASSERT_EQ(1, send(fd, "x", 1, 0));
	EXPECT_EQ(0, poll(&p, 1, 50));
	EXPECT_EQ(0, close(fd));

	fd = open_through(_metadata, &h, variant->family, "unreachable", true);
	ASSERT_EQ(1, send(fd, "x", 1, 0));
	sock_wait(fd, 0);
	EXPECT_EQ(-1, send(fd, "x", 1, 0));
	EXPECT_EQ(wanted, errno);
	ASSERT_TRUE(next_error(fd, variant->family, &error));
	EXPECT_EQ(wanted, error.e.ee_errno);
	EXPECT_EQ(0, close(fd));
}

TEST_F(socket_error, device_down)
{
	const struct addr to = hosts_addr(1, variant->family, 7000);
	const struct addr any = addr_any(variant->family, 0);
	struct hosts h;
	int fd;

	hosts_open(&h, NULL);
	shell("ip link set eth0 down");
	fd = sock_bound(&any, NULL);
	EXPECT_EQ(-1, sock_sendto(fd, "x", 1, 0, &to));
	EXPECT_EQ(ENETUNREACH, errno);
	EXPECT_EQ(0, close(fd));
}

/* Who is known already gets it when it is up again. */
TEST_F(socket_error, device_down_for_a_while)
{
	const struct addr to = hosts_addr(1, variant->family, 7000);
	struct hosts h;
	int fd, in;
	char byte;

	if (sock_is_udp())
		SKIP(return, "UDP refuses it");
	hosts_open(&h, NULL);
	in = hosts_socket(&h, 1, variant->family, 7000);
	fd = hosts_socket(&h, 0, variant->family, 0);
	ASSERT_EQ(1, sock_sendto(fd, "1", 1, 0, &to));
	ASSERT_EQ(1, recv(in, &byte, 1, 0));
	hosts_enter(&h, 0);
	shell("ip link set eth0 down");
	ASSERT_EQ(1, sock_sendto(fd, "2", 1, 0, &to));
	shell("ip link set eth0 up");
	shell("ip address replace fd77::1/64 dev eth0 nodad");
	shell("ip neighbour replace fd77::2 lladdr 02:00:00:00:00:02 dev eth0 nud permanent");
	shell("ip neighbour replace 10.77.0.2 lladdr 02:00:00:00:00:02 dev eth0 nud permanent");
	ASSERT_EQ(1, recv(in, &byte, 1, 0));
	EXPECT_EQ('2', byte);
	EXPECT_EQ(0, close(fd));
	EXPECT_EQ(0, close(in));
}

/* What is too large for the path is cut, and no error. */
TEST_F(socket_error, too_big_is_none)
{
	const struct addr to = hosts_addr(1, variant->family, 7000);
	static char large[100000];
	struct error error;
	struct hosts h;
	int fd, in;

	if (sock_is_udp())
		SKIP(return, "UDP says EMSGSIZE");
	hosts_open_routed(&h, NULL);
	in = hosts_socket(&h, 1, variant->family, 7000);
	fd = hosts_socket(&h, 0, variant->family, 0);
	ask_for_errors(_metadata, fd, variant->family);
	for (int i = 0; i < 5; i++) {
		ASSERT_EQ(sizeof(large), sock_sendto(fd, large, sizeof(large), 0, &to));
		ASSERT_EQ(sizeof(large), recv(in, large, sizeof(large), 0));
		if (i == 1) {
			hosts_enter_router(&h);
			shell("ip link set eth1 mtu 1300");
			hosts_enter(&h, 0);
		}
	}
	EXPECT_FALSE(next_error(fd, variant->family, &error));
	EXPECT_EQ(0, sock_get(fd, SO_ERROR));
	EXPECT_EQ(0, close(fd));
	EXPECT_EQ(0, close(in));
}

/* A plain UDP socket where a peer should be. */
static int plain_udp(const struct addr *at)
{
	int fd = socket(at->sa.sa_family, SOCK_DGRAM, IPPROTO_UDP);

	if (fd < 0 || bind(fd, &at->sa, at->len))
		abort();
	return fd;
}

/* Answers @answer, or what it got, and checks that this is no message. */
static bool answer_from(int fd, const char *answer, size_t len)
{
	struct addr from = { .len = sizeof(from.all) };
	char bytes[2000];
	ssize_t n = recvfrom(fd, bytes, sizeof(bytes), 0, &from.sa, &from.len);

	if (n <= 0 || memmem(bytes, n, "secret", 6))
		return false;
	if (!answer) {
		answer = bytes;
		len = n;
	}
	return sendto(fd, answer, len, 0, &from.sa, from.len) == (ssize_t)len;
}

static const struct {
	const char *what;
	size_t len;
} answers[] = {
	{ "HTTP/1.1 400 Bad Request\r\n\r\n", 28 },
	{ "", 0 },
	{ "?", 1 },
	{ NULL, 0 },
};

TEST_F(socket_error, alien_connected)
{
	char byte;

	if (sock_is_udp())
		SKIP(return, "is about rdgram");
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		const struct addr at = addr_loopback(variant->family, 7100 + i);
		int alien = plain_udp(&at);

		sock_connect(self->fd, &at);
		ASSERT_EQ(6, send(self->fd, "secret", 6, 0));
		ASSERT_TRUE(answer_from(alien, answers[i].what, answers[i].len));
		EXPECT_EQ(-1, recv(self->fd, &byte, 1, 0));
		EXPECT_EQ(EPROTO, errno)
			TH_LOG("answer %zu", i);
		/* Once. */
		ASSERT_TRUE(answer_from(alien, answers[i].what, answers[i].len));
		EXPECT_EQ(0, sock_get(self->fd, SO_ERROR));
		EXPECT_EQ(0, close(alien));
	}
}

TEST_F(socket_error, alien_unconnected)
{
	if (sock_is_udp())
		SKIP(return, "is about rdgram");
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		const struct addr at = addr_loopback(variant->family, 7100 + i);
		int alien = plain_udp(&at);
		ssize_t n;

		ASSERT_EQ(6, sock_sendto(self->fd, "secret", 6, 0, &at));
		ASSERT_TRUE(answer_from(alien, answers[i].what, answers[i].len));
		do {
			n = sock_sendto(self->fd, "secret", 6, 0, &at);
		} while (n == 6 && !poll(NULL, 0, 1));
		EXPECT_EQ(-1, n);
		EXPECT_EQ(EPROTO, errno)
			TH_LOG("answer %zu", i);
		EXPECT_EQ(0, close(alien));
	}
}

/* Who waits for room there hears of it by the next call, which he has to know. */
TEST_F(socket_error, alien_with_no_room)
{
	const struct addr at = addr_loopback(variant->family, 7100);
	int alien = plain_udp(&at);
	static char message[1000];
	pid_t waiting;

	if (sock_is_udp())
		SKIP(return, "is about rdgram");
	while (sock_sendto(self->fd, message, sizeof(message), MSG_DONTWAIT, &at) > 0)
		;
	ASSERT_EQ(EAGAIN, errno);
	waiting = worker_start_poll(self->fd, POLLOUT);
	ASSERT_TRUE(answer_from(alien, "?", 1));
	EXPECT_TRUE(worker_join(waiting));
	EXPECT_EQ(-1, sock_sendto(self->fd, message, sizeof(message), MSG_DONTWAIT, &at));
	EXPECT_EQ(EPROTO, errno);
	sock_set_linger(self->fd, 0);
	EXPECT_EQ(0, close(alien));
}

/* Who speaks our language after all is heard. */
TEST_F(socket_error, alien_gives_way)
{
	const struct addr at = addr_loopback(variant->family, 7100);
	int alien = plain_udp(&at), late;
	char bytes[16] = "";

	if (sock_is_udp())
		SKIP(return, "is about rdgram");
	sock_connect(self->fd, &at);
	ASSERT_EQ(6, send(self->fd, "secret", 6, 0));
	ASSERT_TRUE(answer_from(alien, "?", 1));
	EXPECT_EQ(-1, recv(self->fd, bytes, 1, 0));
	EXPECT_EQ(EPROTO, errno);
	EXPECT_EQ(0, close(alien));
	late = sock_bound(&at, NULL);
	ASSERT_EQ(6, recv(late, bytes, sizeof(bytes), 0));
	EXPECT_STREQ("secret", bytes);
	EXPECT_EQ(0, close(late));
}

TEST_HARNESS_MAIN
