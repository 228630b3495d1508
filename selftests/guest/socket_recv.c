// SPDX-License-Identifier: GPL-2.0-only
/* The flags of receiving, and what recvmsg() tells. */
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/uio.h>

#include "kselftest_harness.h"
#include "sock.h"

FIXTURE(socket_recv) {
	int a, b;
	struct addr addr_a, addr_b;
};

FIXTURE_VARIANT(socket_recv) {
	int family;
};

FIXTURE_VARIANT_ADD(socket_recv, v4) { .family = AF_INET };
FIXTURE_VARIANT_ADD(socket_recv, v6) { .family = AF_INET6 };

FIXTURE_SETUP(socket_recv)
{
	net_isolate();
	self->a = sock_on_loopback(variant->family, &self->addr_a);
	self->b = sock_on_loopback(variant->family, &self->addr_b);
	ASSERT_EQ(5, sock_sendto(self->a, "first", 5, 0, &self->addr_b));
	ASSERT_EQ(6, sock_sendto(self->a, "second", 6, 0, &self->addr_b));
	sock_wait(self->b, POLLIN);
}

FIXTURE_TEARDOWN(socket_recv)
{
	EXPECT_EQ(0, close(self->a));
	EXPECT_EQ(0, close(self->b));
}

TEST_F(socket_recv, in_order_with_sender)
{
	char bytes[16] = "";
	struct addr from;

	ASSERT_EQ(5, sock_recvfrom(self->b, bytes, sizeof(bytes), 0, &from));
	EXPECT_STREQ("first", bytes);
	EXPECT_TRUE(addr_equal(&from, &self->addr_a));
	EXPECT_EQ(self->addr_a.len, from.len);
	ASSERT_EQ(6, sock_recvfrom(self->b, bytes, sizeof(bytes), 0, &from));
	EXPECT_STREQ("second", bytes);
	EXPECT_EQ(-1, recv(self->b, bytes, sizeof(bytes), MSG_DONTWAIT));
	EXPECT_EQ(EAGAIN, errno);
}

TEST_F(socket_recv, peek)
{
	char bytes[16] = "";
	struct addr from;

	for (int i = 0; i < 3; i++) {
		ASSERT_EQ(5, sock_recvfrom(self->b, bytes, sizeof(bytes), MSG_PEEK, &from));
		EXPECT_STREQ("first", bytes);
		EXPECT_TRUE(addr_equal(&from, &self->addr_a));
	}
	ASSERT_EQ(2, recv(self->b, bytes, 2, MSG_PEEK));
	ASSERT_EQ(5, recv(self->b, bytes, 2, MSG_PEEK | MSG_TRUNC));
	ASSERT_EQ(5, recv(self->b, bytes, sizeof(bytes), 0));
	ASSERT_EQ(6, recv(self->b, bytes, sizeof(bytes), 0));
	EXPECT_STREQ("second", bytes);
}

/* From within a message, in whichever of its packets that is (SO_PEEK_OFF). */
TEST_F(socket_recv, peek_within)
{
	static u8 message[20000], bytes[100];
	const int offset = 15000;

	for (size_t i = 0; i < sizeof(message); i++)
		message[i] = i / 100;
	ASSERT_EQ(5, recv(self->b, bytes, sizeof(bytes), 0));
	ASSERT_EQ(6, recv(self->b, bytes, sizeof(bytes), 0));
	ASSERT_EQ(sizeof(message),
		  sock_sendto(self->a, message, sizeof(message), 0, &self->addr_b));
	sock_wait(self->b, POLLIN);
	sock_set(self->b, SO_PEEK_OFF, offset);
	ASSERT_EQ(sizeof(bytes), recv(self->b, bytes, sizeof(bytes), MSG_PEEK));
	EXPECT_EQ(0, memcmp(bytes, message + offset, sizeof(bytes)));
	ASSERT_EQ(sizeof(bytes), recv(self->b, bytes, sizeof(bytes), MSG_PEEK));
	EXPECT_EQ(0, memcmp(bytes, message + offset + sizeof(bytes), sizeof(bytes)));
}

/* What does not fit is dropped, and that is said. */
TEST_F(socket_recv, truncated)
{
	char bytes[16] = "";
	struct iovec iov = { .iov_base = bytes, .iov_len = 3 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	ASSERT_EQ(3, recvmsg(self->b, &msg, 0));
	EXPECT_EQ(MSG_TRUNC, msg.msg_flags & MSG_TRUNC);
	EXPECT_STREQ("fir", bytes);
	iov.iov_len = 6;
	ASSERT_EQ(6, recvmsg(self->b, &msg, 0));
	EXPECT_EQ(0, msg.msg_flags & MSG_TRUNC);
	EXPECT_STREQ("second", bytes);
}

TEST_F(socket_recv, real_length)
{
	char bytes[16] = "";

	ASSERT_EQ(5, recv(self->b, bytes, 1, MSG_TRUNC));
	EXPECT_STREQ("f", bytes);
	ASSERT_EQ(6, recv(self->b, NULL, 0, MSG_TRUNC));
	EXPECT_EQ(-1, recv(self->b, bytes, 1, MSG_DONTWAIT));
	EXPECT_EQ(EAGAIN, errno);
}

TEST_F(socket_recv, scatters)
{
	char one[3] = "", two[16] = "";
	struct iovec iov[] = {
		{ .iov_base = one, .iov_len = 2 },
		{ .iov_base = two, .iov_len = 16 },
	};
	struct addr from = { };
	struct msghdr msg = {
		.msg_name = &from.sa,
		.msg_namelen = sizeof(from.all),
		.msg_iov = iov,
		.msg_iovlen = 2,
	};

	ASSERT_EQ(5, recvmsg(self->b, &msg, 0));
	EXPECT_STREQ("fi", one);
	EXPECT_STREQ("rst", two);
	EXPECT_EQ(self->addr_a.len, msg.msg_namelen);
	EXPECT_TRUE(addr_equal(&from, &self->addr_a));
	EXPECT_EQ(0, msg.msg_controllen);
}

TEST_F(socket_recv, failed_copy_leaves_the_message)
{
	char bytes[16] = "";

	if (sock_is_udp())
		SKIP(return, "UDP drops it");
	EXPECT_EQ(-1, recv(self->b, (void *)8, 5, 0));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, recv(self->b, (void *)8, 5, MSG_PEEK));
	EXPECT_EQ(EFAULT, errno);
	ASSERT_EQ(5, recv(self->b, bytes, sizeof(bytes), 0));
	EXPECT_STREQ("first", bytes);
	ASSERT_EQ(6, recv(self->b, bytes, sizeof(bytes), 0));
}

TEST_F(socket_recv, length_of_the_next)
{
	char bytes[16];
	int len = -1;

	ASSERT_EQ(0, ioctl(self->b, FIONREAD, &len));
	EXPECT_EQ(5, len);
	ASSERT_EQ(5, recv(self->b, bytes, sizeof(bytes), 0));
	ASSERT_EQ(6, recv(self->b, bytes, sizeof(bytes), MSG_PEEK));
	ASSERT_EQ(0, ioctl(self->b, FIONREAD, &len));
	EXPECT_EQ(6, len);
	ASSERT_EQ(6, recv(self->b, bytes, sizeof(bytes), 0));
	ASSERT_EQ(0, ioctl(self->b, FIONREAD, &len));
	EXPECT_EQ(0, len);
}

TEST_F(socket_recv, many_at_once)
{
	char bytes[2][16];
	struct iovec iov[2] = {
		{ .iov_base = bytes[0], .iov_len = 16 },
		{ .iov_base = bytes[1], .iov_len = 16 },
	};
	struct mmsghdr msgs[2] = {
		{ .msg_hdr = { .msg_iov = &iov[0], .msg_iovlen = 1 } },
		{ .msg_hdr = { .msg_iov = &iov[1], .msg_iovlen = 1 } },
	};

	ASSERT_EQ(2, recvmmsg(self->b, msgs, 2, 0, NULL));
	EXPECT_EQ(5, msgs[0].msg_len);
	EXPECT_EQ(6, msgs[1].msg_len);
}

TEST_F(socket_recv, time_limit)
{
	char bytes[16];

	ASSERT_EQ(5, recv(self->b, bytes, sizeof(bytes), 0));
	ASSERT_EQ(6, recv(self->b, bytes, sizeof(bytes), 0));
	sock_set_timeout(self->b, SO_RCVTIMEO, 20);
	EXPECT_EQ(-1, recv(self->b, bytes, sizeof(bytes), 0));
	EXPECT_EQ(EAGAIN, errno);
}

TEST_HARNESS_MAIN
