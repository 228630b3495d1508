// SPDX-License-Identifier: GPL-2.0-only
/* bind(), and the port that a socket gets without it. */
#include <poll.h>

#include "kselftest_harness.h"
#include "shell.h"
#include "sock.h"

FIXTURE(socket_bind) {
};

FIXTURE_VARIANT(socket_bind) {
	int family;
};

FIXTURE_VARIANT_ADD(socket_bind, v4) { .family = AF_INET };
FIXTURE_VARIANT_ADD(socket_bind, v6) { .family = AF_INET6 };

FIXTURE_SETUP(socket_bind)
{
	net_isolate();
}

FIXTURE_TEARDOWN(socket_bind)
{
}

static int bind_to(int fd, const struct addr *to)
{
	return bind(fd, &to->sa, to->len);
}

TEST_F(socket_bind, explicit_port)
{
	const struct addr local = addr_loopback(variant->family, 7000);
	int fd = sock_new(variant->family);
	struct addr name;

	ASSERT_EQ(0, bind_to(fd, &local));
	name = sock_name(fd);
	EXPECT_TRUE(addr_equal(&local, &name));
	EXPECT_EQ(local.len, name.len);
}

TEST_F(socket_bind, any_address)
{
	const struct addr any = addr_any(variant->family, 7000);
	int fd = sock_new(variant->family);
	struct addr name;

	ASSERT_EQ(0, bind_to(fd, &any));
	name = sock_name(fd);
	EXPECT_TRUE(addr_equal(&any, &name));
}

TEST_F(socket_bind, port_0_chooses)
{
	struct addr first, second;

	sock_on_loopback(variant->family, &first);
	sock_on_loopback(variant->family, &second);
	EXPECT_NE(0, addr_port(&first));
	EXPECT_NE(0, addr_port(&second));
	EXPECT_NE(addr_port(&first), addr_port(&second));
}

#ifndef IP_LOCAL_PORT_RANGE
#define IP_LOCAL_PORT_RANGE	51
#endif

TEST_F(socket_bind, port_0_chooses_of_a_range)
{
	const struct addr any = addr_loopback(variant->family, 0);
	const u32 range = 40000 | 40003 << 16;
	struct addr name;

	for (int i = 0; i < 4; i++) {
		const int fd = sock_new(variant->family);

		if (setsockopt(fd, SOL_IP, IP_LOCAL_PORT_RANGE, &range, sizeof(range)))
			SKIP(return, "this kernel has no such option");
		ASSERT_EQ(0, bind(fd, &any.sa, any.len));
		name = sock_name(fd);
		EXPECT_LE(40000, addr_port(&name));
		EXPECT_GE(40003, addr_port(&name));
	}
}

TEST_F(socket_bind, unbound_name)
{
	const struct addr any = addr_any(variant->family, 0);
	struct addr name = sock_name(sock_new(variant->family));

	EXPECT_TRUE(addr_equal(&any, &name));
}

TEST_F(socket_bind, port_in_use)
{
	const struct addr local = addr_loopback(variant->family, 7000);
	int first = sock_new(variant->family), second = sock_new(variant->family);
	struct addr name;

	ASSERT_EQ(0, bind_to(first, &local));
	EXPECT_EQ(-1, bind_to(second, &local));
	EXPECT_EQ(EADDRINUSE, errno);
	/* A failed bind() is no bind(). */
	name = sock_name(second);
	EXPECT_EQ(0, addr_port(&name));
	EXPECT_EQ(0, close(first));
	EXPECT_EQ(0, bind_to(second, &local));
}

TEST_F(socket_bind, port_in_use_by_any)
{
	const struct addr any = addr_any(variant->family, 7000);
	const struct addr local = addr_loopback(variant->family, 7000);
	int first = sock_new(variant->family), second = sock_new(variant->family);

	ASSERT_EQ(0, bind_to(first, &any));
	EXPECT_EQ(-1, bind_to(second, &local));
	EXPECT_EQ(EADDRINUSE, errno);
}

/* On the wire we are UDP: the ports are the same. */
TEST_F(socket_bind, port_in_use_by_udp)
{
	const struct addr local = addr_loopback(variant->family, 7000);
	int udp = socket(variant->family, SOCK_DGRAM, 0), ours = sock_new(variant->family);

	ASSERT_EQ(0, bind_to(udp, &local));
	EXPECT_EQ(-1, bind_to(ours, &local));
	EXPECT_EQ(EADDRINUSE, errno);
	EXPECT_EQ(0, close(udp));
	EXPECT_EQ(0, bind_to(ours, &local));
}

TEST_F(socket_bind, port_taken_from_udp)
{
	const struct addr local = addr_loopback(variant->family, 7000);
	int udp = socket(variant->family, SOCK_DGRAM, 0), ours = sock_new(variant->family);

	ASSERT_EQ(0, bind_to(ours, &local));
	EXPECT_EQ(-1, bind_to(udp, &local));
	EXPECT_EQ(EADDRINUSE, errno);
	EXPECT_EQ(0, close(ours));
	/* close() may leave the port to a worker for a moment. */
	while (bind_to(udp, &local)) {
		ASSERT_EQ(EADDRINUSE, errno);
		poll(NULL, 0, 1);
	}
}

/* Ports that only some may have, and who says which these are. */
TEST_F(socket_bind, port_of_the_system)
{
	const struct addr local = addr_loopback(variant->family, 80);
	int ours = sock_new(variant->family), other = sock_new(variant->family);

	ASSERT_EQ(0, seteuid(1234));
	EXPECT_EQ(-1, bind_to(ours, &local));
	EXPECT_EQ(EACCES, errno);
	ASSERT_EQ(0, seteuid(0));
	EXPECT_EQ(0, bind_to(ours, &local));
	EXPECT_EQ(0, close(ours));
	shell("echo 80 >/proc/sys/net/ipv4/ip_unprivileged_port_start");
	ASSERT_EQ(0, seteuid(1234));
	/* close() may leave the port to a worker for a moment. */
	while (bind_to(other, &local)) {
		ASSERT_EQ(EADDRINUSE, errno);
		poll(NULL, 0, 1);
	}
	ASSERT_EQ(0, seteuid(0));
	EXPECT_EQ(0, close(other));
}

TEST_F(socket_bind, same_port_on_two_addresses)
{
	const struct addr one = addr_make(AF_INET, "127.0.0.1", 7000);
	const struct addr two = addr_make(AF_INET, "127.0.0.2", 7000);
	int first = sock_new(AF_INET), second = sock_new(AF_INET);

	EXPECT_EQ(0, bind_to(first, &one));
	EXPECT_EQ(0, bind_to(second, &two));
}

TEST_F(socket_bind, again_after_close)
{
	const struct addr local = addr_loopback(variant->family, 7000);

	for (int i = 0; i < 100; i++) {
		int fd = sock_new(variant->family);

		ASSERT_EQ(0, bind_to(fd, &local));
		ASSERT_EQ(0, close(fd));
	}
}

TEST_F(socket_bind, twice)
{
	const struct addr other = addr_loopback(variant->family, 7001);
	int fd = sock_on_loopback(variant->family, NULL);

	EXPECT_EQ(-1, bind_to(fd, &other));
	EXPECT_EQ(EINVAL, errno);
}

TEST_F(socket_bind, foreign_address)
{
	const char *text = variant->family == AF_INET ? "192.0.2.1" : "2001:db8::1";
	const struct addr foreign = addr_make(variant->family, text, 7000);
	int fd = sock_new(variant->family);

	EXPECT_EQ(-1, bind_to(fd, &foreign));
	EXPECT_EQ(EADDRNOTAVAIL, errno);
}

TEST_F(socket_bind, wrong_family)
{
	const int other = variant->family == AF_INET ? AF_INET6 : AF_INET;
	const struct addr local = addr_loopback(other, 7000);
	int fd = sock_new(variant->family);

	EXPECT_EQ(-1, bind_to(fd, &local));
	/* An IPv4 address is also too short for an IPv6 one. */
	EXPECT_EQ(variant->family == AF_INET ? EAFNOSUPPORT : EINVAL, errno);
}

TEST_F(socket_bind, short_address)
{
	const struct addr local = addr_loopback(variant->family, 7000);
	int fd = sock_new(variant->family);

	EXPECT_EQ(-1, bind(fd, &local.sa, sizeof(sa_family_t)));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, bind(fd, (struct sockaddr *)8, local.len));
	EXPECT_EQ(EFAULT, errno);
}

TEST_F(socket_bind, first_send_binds)
{
	int b, a = sock_new(variant->family);
	struct addr peer, name, from;
	char byte;

	b = sock_on_loopback(variant->family, &peer);
	ASSERT_EQ(1, sock_sendto(a, "x", 1, 0, &peer));
	name = sock_name(a);
	EXPECT_NE(0, addr_port(&name));
	ASSERT_EQ(1, sock_recvfrom(b, &byte, 1, 0, &from));
	EXPECT_EQ(addr_port(&name), addr_port(&from));
}

TEST_F(socket_bind, connect_binds)
{
	int fd = sock_new(variant->family);
	struct addr peer, name;

	sock_on_loopback(variant->family, &peer);
	sock_connect(fd, &peer);
	name = sock_name(fd);
	EXPECT_NE(0, addr_port(&name));
	/* The address as well: the one that the route to the peer has. */
	name.v4.sin_port = peer.v4.sin_port;
	EXPECT_TRUE(addr_equal(&name, &peer));
}

TEST_HARNESS_MAIN
