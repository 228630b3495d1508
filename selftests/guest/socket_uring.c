// SPDX-License-Identifier: GPL-2.0-only
/* The calls of a socket by io_uring(7). */
#include <poll.h>

#include "kselftest_harness.h"
#include "sock.h"
#include "uring.h"

FIXTURE(socket_uring) {
	int a, b;
	struct addr addr_a, addr_b;
	struct uring u;
};

FIXTURE_VARIANT(socket_uring) {
	int family;
};

FIXTURE_VARIANT_ADD(socket_uring, v4) { .family = AF_INET };
FIXTURE_VARIANT_ADD(socket_uring, v6) { .family = AF_INET6 };

FIXTURE_SETUP(socket_uring)
{
	net_isolate();
	self->a = sock_on_loopback(variant->family, &self->addr_a);
	self->b = sock_on_loopback(variant->family, &self->addr_b);
	if (!uring_open(&self->u))
		SKIP(_exit(255), "this kernel has no io_uring");
}

FIXTURE_TEARDOWN(socket_uring)
{
	uring_close(&self->u);
	EXPECT_EQ(0, close(self->a));
	EXPECT_EQ(0, close(self->b));
}

static struct io_uring_sqe entry(int op, int fd, const void *at, u32 len)
{
	return (struct io_uring_sqe){
		.opcode = op,
		.fd = fd,
		.addr = (unsigned long)at,
		.len = len,
	};
}

/* Who waits for a message first gets it, and so it is with several. */
TEST_F(socket_uring, receive_before_send)
{
	char bytes[3][16] = {};
	struct io_uring_sqe e;
	u64 name;

	sock_connect(self->a, &self->addr_b);
	for (int i = 0; i < 3; i++) {
		e = entry(IORING_OP_RECV, self->b, bytes[i], 16);
		uring_submit(&self->u, &e, i);
	}
	for (int i = 0; i < 3; i++) {
		e = entry(IORING_OP_SEND, self->a, "hello", i + 3);
		uring_submit(&self->u, &e, 10 + i);
	}
	for (int i = 0, sum = 0; i < 6; i++) {
		int n = uring_wait(&self->u, &name);

		ASSERT_LE(3, n);
		sum += n;
		if (i == 5)
			EXPECT_EQ(2 * (3 + 4 + 5), sum);
	}
	for (int i = 0; i < 3; i++)
		EXPECT_EQ(0, memcmp(bytes[i], "hel", 3));
}

TEST_F(socket_uring, messages_with_addresses)
{
	char bytes[16] = "";
	struct iovec in = { .iov_base = bytes, .iov_len = sizeof(bytes) };
	struct iovec out = { .iov_base = "abc", .iov_len = 3 };
	struct addr from = {};
	struct msghdr send = {
		.msg_name = &self->addr_b.sa,
		.msg_namelen = self->addr_b.len,
		.msg_iov = &out,
		.msg_iovlen = 1,
	};
	struct msghdr receive = {
		.msg_name = &from.sa,
		.msg_namelen = sizeof(from.all),
		.msg_iov = &in,
		.msg_iovlen = 1,
	};
	struct io_uring_sqe e;
	u64 name;

	e = entry(IORING_OP_SENDMSG, self->a, &send, 1);
	uring_submit(&self->u, &e, 1);
	EXPECT_EQ(3, uring_wait(&self->u, &name));
	e = entry(IORING_OP_RECVMSG, self->b, &receive, 1);
	uring_submit(&self->u, &e, 2);
	EXPECT_EQ(3, uring_wait(&self->u, &name));
	EXPECT_EQ(2, name);
	EXPECT_STREQ("abc", bytes);
	EXPECT_TRUE(addr_equal(&from, &self->addr_a));
}

TEST_F(socket_uring, read_and_write)
{
	char bytes[16] = "";
	struct io_uring_sqe e;
	u64 name;

	sock_connect(self->a, &self->addr_b);
	e = entry(IORING_OP_WRITE, self->a, "xyz", 3);
	uring_submit(&self->u, &e, 1);
	EXPECT_EQ(3, uring_wait(&self->u, &name));
	e = entry(IORING_OP_READ, self->b, bytes, sizeof(bytes));
	uring_submit(&self->u, &e, 2);
	EXPECT_EQ(3, uring_wait(&self->u, &name));
	EXPECT_STREQ("xyz", bytes);
}

TEST_F(socket_uring, poll)
{
	struct io_uring_sqe e = entry(IORING_OP_POLL_ADD, self->b, NULL, 0);
	u64 name;

	e.poll32_events = POLLIN;
	uring_submit(&self->u, &e, 7);
	ASSERT_EQ(1, sock_sendto(self->a, "x", 1, 0, &self->addr_b));
	EXPECT_EQ(POLLIN, uring_wait(&self->u, &name) & POLLIN);
	EXPECT_EQ(7, name);
}

/* What is given up takes no message with it. */
TEST_F(socket_uring, cancel)
{
	char bytes[16] = "";
	struct io_uring_sqe e;
	u64 name;
	int n;

	e = entry(IORING_OP_RECV, self->b, bytes, sizeof(bytes));
	uring_submit(&self->u, &e, 7);
	e = entry(IORING_OP_ASYNC_CANCEL, -1, (void *)7, 0);
	uring_submit(&self->u, &e, 8);
	for (int i = 0; i < 2; i++) {
		n = uring_wait(&self->u, &name);
		EXPECT_EQ(name == 7 ? -ECANCELED : 0, n);
	}
	ASSERT_EQ(1, sock_sendto(self->a, "x", 1, 0, &self->addr_b));
	EXPECT_EQ(1, recv(self->b, bytes, sizeof(bytes), 0));
}

TEST_F(socket_uring, connect_and_refusals)
{
	struct addr peer = { .len = sizeof(peer.all) };
	struct io_uring_sqe e;
	u64 name;

	e = entry(IORING_OP_CONNECT, self->a, &self->addr_b.sa, 0);
	e.off = self->addr_b.len;
	uring_submit(&self->u, &e, 1);
	EXPECT_EQ(0, uring_wait(&self->u, &name));
	ASSERT_EQ(0, getpeername(self->a, &peer.sa, &peer.len));
	EXPECT_TRUE(addr_equal(&peer, &self->addr_b));
	e = entry(IORING_OP_ACCEPT, self->a, NULL, 0);
	uring_submit(&self->u, &e, 2);
	EXPECT_EQ(-EOPNOTSUPP, uring_wait(&self->u, &name));
}

TEST_F(socket_uring, no_zerocopy)
{
	struct io_uring_sqe e;
	u64 name;
	int n;

	if (sock_is_udp())
		SKIP(return, "UDP has it");
	sock_connect(self->a, &self->addr_b);
	e = entry(IORING_OP_SEND_ZC, self->a, "x", 1);
	uring_submit(&self->u, &e, 1);
	n = uring_wait(&self->u, &name);
	EXPECT_EQ(-EOPNOTSUPP, n);
}

TEST_HARNESS_MAIN
