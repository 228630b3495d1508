// SPDX-License-Identifier: GPL-2.0-only
/* A socket in several hands, several sockets in one, and one with itself. */
#include <poll.h>
#include <sys/wait.h>

#include "kselftest_harness.h"
#include "message.h"
#include "shell.h"
#include "sock.h"
#include "worker.h"

FIXTURE(socket_share) {
	int a, b;
	struct addr addr_a, addr_b;
};

FIXTURE_VARIANT(socket_share) {
	int family;
};

FIXTURE_VARIANT_ADD(socket_share, v4) { .family = AF_INET };
FIXTURE_VARIANT_ADD(socket_share, v6) { .family = AF_INET6 };

FIXTURE_SETUP(socket_share)
{
	net_isolate();
	self->a = sock_on_loopback(variant->family, &self->addr_a);
	self->b = sock_on_loopback(variant->family, &self->addr_b);
}

typedef FIXTURE_DATA(socket_share) socket_share_t;

FIXTURE_TEARDOWN(socket_share)
{
	close(self->a);
	close(self->b);
}

TEST_F(socket_share, with_oneself)
{
	u8 out[3000], in[3001];
	struct addr from;

	for (int i = 0; i < 20; i++) {
		message_make(out, 150 * i, 1, i);
		ASSERT_EQ(150 * i, sock_sendto(self->a, out, 150 * i, 0, &self->addr_a));
	}
	for (int i = 0; i < 20; i++) {
		ASSERT_EQ(150 * i, sock_recvfrom(self->a, in, sizeof(in), 0, &from));
		ASSERT_TRUE(message_check(in, 150 * i, 1, i));
		ASSERT_TRUE(addr_equal(&from, &self->addr_a));
	}
}

TEST_F(socket_share, both_ways_at_once)
{
	char byte;

	/* Both speak first: the handshakes cross. */
	for (int i = 0; i < 50; i++) {
		ASSERT_EQ(1, sock_sendto(self->a, "a", 1, 0, &self->addr_b));
		ASSERT_EQ(1, sock_sendto(self->b, "b", 1, 0, &self->addr_a));
	}
	for (int i = 0; i < 50; i++) {
		ASSERT_EQ(1, recv(self->a, &byte, 1, 0));
		ASSERT_EQ('b', byte);
		ASSERT_EQ(1, recv(self->b, &byte, 1, 0));
		ASSERT_EQ('a', byte);
	}
}

TEST_F(socket_share, dup)
{
	int copy = dup(self->b);
	char byte;

	ASSERT_LE(0, copy);
	ASSERT_EQ(0, close(self->b));
	for (int i = 0; i < 3; i++) {
		ASSERT_EQ(1, sock_sendto(self->a, "x", 1, 0, &self->addr_b));
		ASSERT_EQ(1, recv(copy, &byte, 1, 0));
	}
	EXPECT_EQ(0, close(copy));
}

struct fork_test {
	int a, b;
	struct addr addr_b;
};

static bool child_receives_and_answers(void *arg)
{
	const struct fork_test *t = arg;
	struct addr from;
	char byte;

	return sock_recvfrom(t->b, &byte, 1, 0, &from) == 1 && byte == '1' &&
	       sock_sendto(t->b, "2", 1, 0, &from) == 1;
}

TEST_F(socket_share, fork)
{
	struct fork_test t = { self->a, self->b, self->addr_b };
	char byte = 0;
	pid_t child;

	ASSERT_EQ(1, sock_sendto(self->a, "1", 1, 0, &self->addr_b));
	child = worker_start(child_receives_and_answers, &t);
	EXPECT_TRUE(worker_join(child));
	/* The child's end did not close our socket. */
	ASSERT_EQ(1, recv(self->a, &byte, 1, 0));
	EXPECT_EQ('2', byte);
	ASSERT_EQ(1, sock_sendto(self->a, "3", 1, 0, &self->addr_b));
	ASSERT_EQ(1, recv(self->b, &byte, 1, 0));
	EXPECT_EQ('3', byte);
}

/* A message arrives though its sender closes at once; also if that never was bound. */
TEST_F(socket_share, close_after_send)
{
	char byte;

	for (int i = 0; i < 20; i++) {
		int fd = sock_new(variant->family);

		ASSERT_EQ(1, sock_sendto(fd, "x", 1, 0, &self->addr_b));
		ASSERT_EQ(0, close(fd));
		ASSERT_EQ(1, recv(self->b, &byte, 1, 0));
	}
}

static u64 returned_to(int fd)
{
	struct rdgram_stats s;

	if (sock_is_udp())
		return 0;
	sock_stats(fd, &s);
	return s.messages_not_delivered;
}

/* What was received and not read dies with the socket, and nothing else does. What comes to
 * the old one after it was closed is returned, and told of once, by the next call that sends
 * there: where packets take their time, the one after that which sent it. What was never sent
 * to it may come to the new one.
 */
static int close_with_unread(struct __test_metadata *_metadata, socket_share_t *self)
{
	int again, told = 0;
	u64 returned;
	char byte;

	for (int i = 0; i < 10; i++)
		ASSERT_EQ(1, sock_sendto(self->a, "x", 1, 0, &self->addr_b));
	sock_wait(self->b, POLLIN);
	ASSERT_EQ(0, close(self->b));
	again = sock_bound(&self->addr_b, NULL);
	do {
		returned = returned_to(self->a);
		if (sock_sendto(self->a, "y", 1, 0, &self->addr_b) < 0) {
			ASSERT_EQ(ECONNREFUSED, errno);
			ASSERT_EQ(1, sock_sendto(self->a, "y", 1, 0, &self->addr_b));
			told++;
		}
		sock_wait_settled(self->a);
	} while (returned_to(self->a) > returned);
	do {
		ASSERT_EQ(1, recv(again, &byte, 1, 0));
	} while (byte == 'x');
	EXPECT_EQ('y', byte);
	EXPECT_EQ(0, close(again));
	return told;
}

TEST_F(socket_share, close_with_unread)
{
	EXPECT_LE(close_with_unread(_metadata, self), 1);
}

TEST_F(socket_share, close_with_unread_far)
{
	shell("tc qdisc add dev lo root netem delay 200ms");
	EXPECT_EQ(!sock_is_udp(), close_with_unread(_metadata, self));
}

TEST_HARNESS_MAIN
