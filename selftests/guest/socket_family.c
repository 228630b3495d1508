// SPDX-License-Identifier: GPL-2.0-only
/* IPv4 and IPv6 together: mapped addresses, and sockets that want none. */
#include "kselftest_harness.h"
#include "sock.h"

FIXTURE(socket_family) {
	int v4, v6;
	struct addr addr_v4, addr_v6;
};

FIXTURE_SETUP(socket_family)
{
	const struct addr any = addr_any(AF_INET6, 0);

	net_isolate();
	self->v4 = sock_on_loopback(AF_INET, &self->addr_v4);
	self->v6 = sock_bound(&any, &self->addr_v6);
}

FIXTURE_TEARDOWN(socket_family)
{
	EXPECT_EQ(0, close(self->v4));
	EXPECT_EQ(0, close(self->v6));
}

static int set_v6only(int fd, int value)
{
	return setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &value, sizeof(value));
}

TEST_F(socket_family, from_v6_to_v4)
{
	const struct addr to = addr_mapped_loopback(addr_port(&self->addr_v4));
	const struct addr wanted = addr_loopback(AF_INET, addr_port(&self->addr_v6));
	struct addr from;
	char byte = 0;

	ASSERT_EQ(1, sock_sendto(self->v6, "x", 1, 0, &to));
	ASSERT_EQ(1, sock_recvfrom(self->v4, &byte, 1, 0, &from));
	EXPECT_EQ('x', byte);
	EXPECT_TRUE(addr_equal(&from, &wanted));
}

TEST_F(socket_family, from_v4_to_v6)
{
	const struct addr to = addr_loopback(AF_INET, addr_port(&self->addr_v6));
	const struct addr wanted = addr_mapped_loopback(addr_port(&self->addr_v4));
	struct addr from;
	char byte = 0;

	ASSERT_EQ(1, sock_sendto(self->v4, "x", 1, 0, &to));
	ASSERT_EQ(1, sock_recvfrom(self->v6, &byte, 1, 0, &from));
	EXPECT_EQ('x', byte);
	EXPECT_TRUE(addr_equal(&from, &wanted));
	/* The answer goes to the address as it was told. */
	ASSERT_EQ(1, sock_sendto(self->v6, "y", 1, 0, &from));
	ASSERT_EQ(1, recv(self->v4, &byte, 1, 0));
	EXPECT_EQ('y', byte);
}

TEST_F(socket_family, both_to_one)
{
	int other = sock_on_loopback(AF_INET6, NULL);
	const struct addr by_v4 = addr_loopback(AF_INET, addr_port(&self->addr_v6));
	const struct addr by_v6 = addr_loopback(AF_INET6, addr_port(&self->addr_v6));
	char byte, seen[2] = { };

	ASSERT_EQ(1, sock_sendto(self->v4, "0", 1, 0, &by_v4));
	ASSERT_EQ(1, sock_sendto(other, "1", 1, 0, &by_v6));
	for (int i = 0; i < 2; i++) {
		ASSERT_EQ(1, recv(self->v6, &byte, 1, 0));
		ASSERT_TRUE(byte == '0' || byte == '1');
		seen[byte - '0']++;
	}
	EXPECT_EQ(1, seen[0]);
	EXPECT_EQ(1, seen[1]);
	EXPECT_EQ(0, close(other));
}

/* An AF_INET6 socket takes plain IPv4 addresses for destinations, as UDP's does. */
TEST_F(socket_family, plain_v4_destination)
{
	char byte = 0;

	ASSERT_EQ(1, sock_sendto(self->v6, "x", 1, 0, &self->addr_v4));
	ASSERT_EQ(1, recv(self->v4, &byte, 1, 0));
	EXPECT_EQ('x', byte);
}

TEST_F(socket_family, connect_to_mapped)
{
	const struct addr to = addr_mapped_loopback(addr_port(&self->addr_v4));
	struct addr peer = { .len = sizeof(peer.all) };
	int fd = sock_new(AF_INET6);
	char byte = 0;

	sock_connect(fd, &to);
	ASSERT_EQ(0, getpeername(fd, &peer.sa, &peer.len));
	EXPECT_TRUE(addr_equal(&peer, &to));
	ASSERT_EQ(1, send(fd, "x", 1, 0));
	ASSERT_EQ(1, recv(self->v4, &byte, 1, 0));
	EXPECT_EQ('x', byte);
	EXPECT_EQ(0, close(fd));
}

TEST_F(socket_family, v6only_refuses_mapped)
{
	const struct addr to = addr_mapped_loopback(addr_port(&self->addr_v4));
	const struct addr local = addr_mapped_loopback(0);
	int fd = sock_new(AF_INET6);

	ASSERT_EQ(0, set_v6only(fd, 1));
	EXPECT_EQ(-1, bind(fd, &local.sa, local.len));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, sock_sendto(fd, "x", 1, 0, &to));
	EXPECT_EQ(ENETUNREACH, errno);
	EXPECT_EQ(-1, connect(fd, &to.sa, to.len));
	EXPECT_EQ(ENETUNREACH, errno);
	EXPECT_EQ(0, close(fd));
}

TEST_F(socket_family, v6only_leaves_the_v4_port)
{
	const struct addr v6 = addr_any(AF_INET6, 7000), v4 = addr_any(AF_INET, 7000);
	int only = sock_new(AF_INET6), other = sock_new(AF_INET);

	ASSERT_EQ(0, set_v6only(only, 1));
	ASSERT_EQ(0, bind(only, &v6.sa, v6.len));
	EXPECT_EQ(0, bind(other, &v4.sa, v4.len));
	EXPECT_EQ(0, close(only));
	EXPECT_EQ(0, close(other));
}

TEST_F(socket_family, dual_takes_the_v4_port)
{
	const struct addr v4 = addr_any(AF_INET, addr_port(&self->addr_v6));
	int other = sock_new(AF_INET);

	EXPECT_EQ(-1, bind(other, &v4.sa, v4.len));
	EXPECT_EQ(EADDRINUSE, errno);
	EXPECT_EQ(0, close(other));
}

TEST_F(socket_family, v6only_once_bound_is_fixed)
{
	EXPECT_EQ(-1, set_v6only(self->v6, 1));
	EXPECT_EQ(EINVAL, errno);
}

TEST_HARNESS_MAIN
