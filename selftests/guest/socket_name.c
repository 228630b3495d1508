// SPDX-License-Identifier: GPL-2.0-only
/* connect(), its undoing, and the names of both ends. */
#include "kselftest_harness.h"
#include "sock.h"

FIXTURE(socket_name) {
	int a, b, c;
	struct addr addr_a, addr_b, addr_c;
};

FIXTURE_VARIANT(socket_name) {
	int family;
};

FIXTURE_VARIANT_ADD(socket_name, v4) { .family = AF_INET };
FIXTURE_VARIANT_ADD(socket_name, v6) { .family = AF_INET6 };

FIXTURE_SETUP(socket_name)
{
	net_isolate();
	/* A port that bind() was left to choose is given up when the socket disconnects. */
	self->addr_a = addr_loopback(variant->family, 7100);
	self->a = sock_bound(&self->addr_a, NULL);
	self->b = sock_on_loopback(variant->family, &self->addr_b);
	self->c = sock_on_loopback(variant->family, &self->addr_c);
}

FIXTURE_TEARDOWN(socket_name)
{
	EXPECT_EQ(0, close(self->a));
	EXPECT_EQ(0, close(self->b));
	EXPECT_EQ(0, close(self->c));
}

static int disconnect(int fd)
{
	const struct sockaddr unspec = { .sa_family = AF_UNSPEC };

	return connect(fd, &unspec, sizeof(unspec));
}

TEST_F(socket_name, peer)
{
	struct addr peer = { .len = sizeof(peer.all) };

	EXPECT_EQ(-1, getpeername(self->a, &peer.sa, &peer.len));
	EXPECT_EQ(ENOTCONN, errno);
	sock_connect(self->a, &self->addr_b);
	ASSERT_EQ(0, getpeername(self->a, &peer.sa, &peer.len));
	EXPECT_TRUE(addr_equal(&peer, &self->addr_b));
	EXPECT_EQ(self->addr_b.len, peer.len);
}

TEST_F(socket_name, short_buffer)
{
	struct addr name = { .len = 4 };

	ASSERT_EQ(0, getsockname(self->a, &name.sa, &name.len));
	EXPECT_EQ(self->addr_a.len, name.len);
	EXPECT_EQ(variant->family, name.sa.sa_family);
	EXPECT_EQ(0, name.v4.sin_addr.s_addr);
}

TEST_F(socket_name, send_to_connected)
{
	struct addr from;
	char byte = 0;

	sock_connect(self->a, &self->addr_b);
	ASSERT_EQ(1, send(self->a, "1", 1, 0));
	ASSERT_EQ(1, sock_recvfrom(self->b, &byte, 1, 0, &from));
	EXPECT_EQ('1', byte);
	EXPECT_TRUE(addr_equal(&from, &self->addr_a));
	/* And write() and read(), for programs that know files only. */
	ASSERT_EQ(1, write(self->a, "2", 1));
	ASSERT_EQ(1, read(self->b, &byte, 1));
	EXPECT_EQ('2', byte);
}

TEST_F(socket_name, sendto_from_connected)
{
	struct addr from;
	char byte = 0;

	sock_connect(self->a, &self->addr_b);
	ASSERT_EQ(1, sock_sendto(self->a, "c", 1, 0, &self->addr_c));
	ASSERT_EQ(1, sock_recvfrom(self->c, &byte, 1, 0, &from));
	EXPECT_EQ('c', byte);
	EXPECT_TRUE(addr_equal(&from, &self->addr_a));
}

/* What became of it is told there, and to nobody else. */
TEST_F(socket_name, sendto_from_connected_is_told_of)
{
	const u32 timeout = 2000;

	if (sock_is_udp())
		SKIP(return, "UDP knows of no such thing");
	sock_connect(self->a, &self->addr_b);
	ASSERT_EQ(0, setsockopt(self->a, SOL_RDGRAM, RDGRAM_USER_TIMEOUT, &timeout,
				sizeof(timeout)));
	/* One that hears nothing of this. */
	sock_connect(self->c, &self->addr_b);
	ASSERT_EQ(1, sock_sendto(self->a, "c", 1, 0, &self->addr_c));
	sock_wait_settled(self->a);
	ASSERT_EQ(1, send(self->a, "b", 1, 0));
	EXPECT_EQ(-1, sock_sendto(self->a, "c", 1, 0, &self->addr_c));
	EXPECT_EQ(ETIMEDOUT, errno);
	EXPECT_EQ(1, sock_sendto(self->a, "c", 1, 0, &self->addr_c));
	sock_set_linger(self->a, 0);
}

TEST_F(socket_name, disconnect)
{
	struct addr peer = { .len = sizeof(peer.all) };
	char byte = 0;

	sock_connect(self->a, &self->addr_b);
	ASSERT_EQ(0, disconnect(self->a));
	EXPECT_EQ(-1, getpeername(self->a, &peer.sa, &peer.len));
	EXPECT_EQ(ENOTCONN, errno);
	EXPECT_EQ(-1, send(self->a, "x", 1, 0));
	EXPECT_EQ(EDESTADDRREQ, errno);
	/* It was bound to a port that it chose: it keeps it, and hears everybody. */
	peer = sock_name(self->a);
	EXPECT_TRUE(addr_equal(&peer, &self->addr_a));
	ASSERT_EQ(1, sock_sendto(self->c, "c", 1, 0, &self->addr_a));
	ASSERT_EQ(1, recv(self->a, &byte, 1, 0));
	EXPECT_EQ('c', byte);
}

TEST_F(socket_name, connect_to_another)
{
	char byte = 0;

	sock_connect(self->a, &self->addr_b);
	sock_connect(self->a, &self->addr_c);
	ASSERT_EQ(1, send(self->a, "c", 1, 0));
	ASSERT_EQ(1, recv(self->c, &byte, 1, 0));
	EXPECT_EQ('c', byte);
}

TEST_F(socket_name, others_are_not_heard)
{
	struct addr from;
	char bytes[2];

	sock_connect(self->a, &self->addr_b);
	/* A does not see it, and so C would go on trying after the end of the test. */
	sock_set_linger(self->c, 0);
	ASSERT_EQ(1, sock_sendto(self->c, "c", 1, 0, &self->addr_a));
	for (int i = 0; i < 10; i++) {
		ASSERT_EQ(1, sock_sendto(self->b, "b", 1, 0, &self->addr_a));
		ASSERT_EQ(1, sock_recvfrom(self->a, bytes, 2, 0, &from));
		ASSERT_EQ('b', bytes[0]);
		ASSERT_TRUE(addr_equal(&from, &self->addr_b));
	}
	EXPECT_EQ(-1, recv(self->a, bytes, 2, MSG_DONTWAIT));
	EXPECT_EQ(EAGAIN, errno);
}

TEST_F(socket_name, bad_arguments)
{
	const int other = variant->family == AF_INET ? AF_INET6 : AF_INET;
	const struct addr wrong = addr_loopback(other, 7000);

	EXPECT_EQ(-1, connect(self->a, &self->addr_b.sa, sizeof(sa_family_t) + 1));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, connect(self->a, (struct sockaddr *)8, self->addr_b.len));
	EXPECT_EQ(EFAULT, errno);
	if (variant->family == AF_INET) {
		EXPECT_EQ(-1, connect(self->a, &wrong.sa, wrong.len));
		EXPECT_EQ(EAFNOSUPPORT, errno);
	}
}

TEST_F(socket_name, no_listen_no_accept)
{
	EXPECT_EQ(-1, listen(self->a, 1));
	EXPECT_EQ(EOPNOTSUPP, errno);
	EXPECT_EQ(-1, accept(self->a, NULL, NULL));
	EXPECT_EQ(EOPNOTSUPP, errno);
}

TEST_HARNESS_MAIN
