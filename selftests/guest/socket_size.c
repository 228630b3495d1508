// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages of every kind of size arrive whole.
 *
 * faults: User-Mode Linux follows a null pointer where it has no memory for a page that it
 *	copies to (maybe_map() in its uaccess.c)
 */
#include <poll.h>

#include "kselftest_harness.h"
#include "message.h"
#include "sock.h"

static const size_t sizes[] = {
	0, 1, 2, 15, 16, 17, 63, 64, 511, 1199, 1200, 1201, 1399, 1400, 1401, 1472, 1473,
	4095, 4096, 4097, 9000, 16384, 65507, 65508, 65535, 65536, 65537, 200000, 524288,
	1048575, 1048576,
};

FIXTURE(socket_size) {
	int a, b;
	struct addr addr_b;
	u8 *out, *in;
};

FIXTURE_VARIANT(socket_size) {
	int family;
};

FIXTURE_VARIANT_ADD(socket_size, v4) { .family = AF_INET };
FIXTURE_VARIANT_ADD(socket_size, v6) { .family = AF_INET6 };

FIXTURE_SETUP(socket_size)
{
	net_isolate();
	self->a = sock_on_loopback(variant->family, NULL);
	self->b = sock_on_loopback(variant->family, &self->addr_b);
	self->out = malloc(MESSAGE_MAX);
	self->in = malloc(MESSAGE_MAX + 1);
}

FIXTURE_TEARDOWN(socket_size)
{
	free(self->out);
	free(self->in);
	EXPECT_EQ(0, close(self->a));
	EXPECT_EQ(0, close(self->b));
}

static size_t number_of_sizes(void)
{
	size_t n = 0;

	while (n < ARRAY_SIZE(sizes) && !(sock_is_udp() && sizes[n] > 65507))
		n++;
	return n;
}

TEST_F(socket_size, one_by_one)
{
	for (size_t i = 0; i < number_of_sizes(); i++) {
		message_make(self->out, sizes[i], 1, i);
		ASSERT_EQ(sizes[i], sock_sendto(self->a, self->out, sizes[i], 0, &self->addr_b));
		ASSERT_EQ(sizes[i], recv(self->b, self->in, MESSAGE_MAX + 1, 0));
		ASSERT_TRUE(message_check(self->in, sizes[i], 1, i));
	}
}

/* They wait for each other: received only when the sender can send no more. */
TEST_F(socket_size, queued)
{
	size_t sent, got = 0;

	for (sent = 0; sent < number_of_sizes(); sent++) {
		message_make(self->out, sizes[sent], 1, sent);
		if (sock_sendto(self->a, self->out, sizes[sent], MSG_DONTWAIT, &self->addr_b) < 0)
			break;
	}
	for (got = 0; got < sent; got++) {
		ASSERT_EQ(sizes[got], recv(self->b, self->in, MESSAGE_MAX + 1, 0));
		ASSERT_TRUE(message_check(self->in, sizes[got], 1, got));
	}
}

TEST_F(socket_size, empty_message_is_a_message)
{
	struct pollfd readable = { .fd = self->b, .events = POLLIN };

	for (int i = 0; i < 3; i++)
		ASSERT_EQ(0, sock_sendto(self->a, "", 0, 0, &self->addr_b));
	for (int i = 0; i < 3; i++) {
		sock_wait(self->b, POLLIN);
		ASSERT_EQ(0, recv(self->b, self->in, MESSAGE_MAX, 0));
	}
	EXPECT_EQ(0, poll(&readable, 1, 0));
	/* A NULL pointer is fine where nothing is read through it. */
	ASSERT_EQ(0, sock_sendto(self->a, NULL, 0, 0, &self->addr_b));
	ASSERT_EQ(0, recv(self->b, self->in, MESSAGE_MAX, 0));
}

/* The largest message passes buffers that are far smaller. */
TEST_F(socket_size, largest_through_small_buffers)
{
	if (sock_is_udp())
		SKIP(return, "is about rdgram");
	sock_set(self->a, SO_SNDBUF, 4096);
	sock_set(self->b, SO_RCVBUF, 4096);
	for (int i = 0; i < 3; i++) {
		message_make(self->out, MESSAGE_MAX, 1, i);
		ASSERT_EQ(MESSAGE_MAX, sock_sendto(self->a, self->out, MESSAGE_MAX, 0,
						   &self->addr_b));
		ASSERT_EQ(MESSAGE_MAX, recv(self->b, self->in, MESSAGE_MAX + 1, 0));
		ASSERT_TRUE(message_check(self->in, MESSAGE_MAX, 1, i));
	}
}

TEST_HARNESS_MAIN
