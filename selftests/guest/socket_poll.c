// SPDX-License-Identifier: GPL-2.0-only
/* poll() and epoll tell the truth; blocking calls obey their time limits. */
#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <linux/sockios.h>
#include "kselftest_harness.h"
#include "sock.h"
#include "worker.h"

FIXTURE(socket_poll) {
	int a, b;
	struct addr addr_b;
};

FIXTURE_VARIANT(socket_poll) {
	int family;
};

FIXTURE_VARIANT_ADD(socket_poll, v4) { .family = AF_INET };
FIXTURE_VARIANT_ADD(socket_poll, v6) { .family = AF_INET6 };

FIXTURE_SETUP(socket_poll)
{
	net_isolate();
	self->a = sock_on_loopback(variant->family, NULL);
	self->b = sock_on_loopback(variant->family, &self->addr_b);
	sock_connect(self->a, &self->addr_b);
}

FIXTURE_TEARDOWN(socket_poll)
{
	EXPECT_EQ(0, close(self->a));
	EXPECT_EQ(0, close(self->b));
}

static short events_of(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT | POLLPRI | POLLRDHUP };

	poll(&p, 1, 0);
	return p.revents;
}

/* What is delivered makes room, until the receiver's buffer is full as well. */
#define SETTLED_MS	500

/* Send until that is refused; how many that were. @to: NULL: connected. */
static int send_some(int fd, const struct addr *to)
{
	static const char message[1000];
	int n = 0;

	while (sock_sendto(fd, message, sizeof(message), MSG_DONTWAIT, to) == sizeof(message))
		n++;
	return n;
}

/* Likewise, until there is no more room. */
static int fill_to(int fd, const struct addr *to)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	int n = 0;

	do {
		n += send_some(fd, to);
		if (errno != EAGAIN)
			return -1;
	} while (poll(&p, 1, SETTLED_MS) == 1);
	return n;
}

static int fill(int fd)
{
	return fill_to(fd, NULL);
}

TEST_F(socket_poll, idle)
{
	EXPECT_EQ(POLLOUT, events_of(self->a));
	EXPECT_EQ(POLLOUT, events_of(self->b));
	EXPECT_EQ(POLLOUT, events_of(sock_new(variant->family)));
}

TEST_F(socket_poll, readable)
{
	char byte;

	ASSERT_EQ(1, send(self->a, "x", 1, 0));
	sock_wait(self->b, POLLIN);
	EXPECT_EQ(POLLIN | POLLOUT, events_of(self->b));
	EXPECT_EQ(POLLIN | POLLOUT, events_of(self->b));
	ASSERT_EQ(1, recv(self->b, &byte, 1, 0));
	EXPECT_EQ(POLLOUT, events_of(self->b));
}

TEST_F(socket_poll, writable_again)
{
	char bytes[1000];
	int filled;

	if (sock_is_udp())
		SKIP(return, "UDP is always writable");
	filled = fill(self->a);
	ASSERT_LT(0, filled);
	EXPECT_EQ(0, events_of(self->a) & POLLOUT);
	EXPECT_EQ(-1, send(self->a, "x", 1, MSG_DONTWAIT));
	EXPECT_EQ(EAGAIN, errno);
	for (int i = 0; i < filled; i++)
		ASSERT_EQ(1000, recv(self->b, bytes, sizeof(bytes), 0));
	sock_wait(self->a, POLLOUT);
	EXPECT_EQ(1, send(self->a, "x", 1, MSG_DONTWAIT));
	EXPECT_EQ(1, recv(self->b, bytes, sizeof(bytes), 0));
}

/* What one peer leaves free is room for another: that refused, and is told. How many
 * messages were accepted is no measure of the send buffer: how much a receiver takes
 * hangs on how they came together in packets.
 */
TEST_F(socket_poll, writable_again_to_another)
{
	struct addr addr_c;
	int c = sock_on_loopback(variant->family, &addr_c);
	int from = sock_on_loopback(variant->family, NULL);
	int first, of_first, of_both;
	char bytes[1000];

	if (sock_is_udp())
		SKIP(return, "UDP is always writable");
	/* Of a size that stays. */
	sock_set(from, SO_SNDBUF, 100000);
	first = fill_to(from, &addr_c);
	ASSERT_LT(0, first);
	of_first = sock_queued(from, SIOCOUTQ);
	ASSERT_LT(0, fill_to(from, &self->addr_b));
	of_both = sock_queued(from, SIOCOUTQ);
	EXPECT_LT(of_first, of_both);
	EXPECT_GT(2 * of_first, of_both);
	EXPECT_EQ(0, events_of(from) & POLLOUT);
	for (int i = 0; i < first; i++)
		ASSERT_EQ(1000, recv(c, bytes, sizeof(bytes), 0));
	sock_wait(from, POLLOUT);
	EXPECT_EQ(1, sock_sendto(from, "x", 1, MSG_DONTWAIT, &self->addr_b));
	EXPECT_EQ(0, close(c));
	EXPECT_EQ(0, close(from));
}

/* One of two that refused has room by now, and the other one refuses again, before anybody
 * has asked: that there is room is told all the same.
 */
TEST_F(socket_poll, writable_to_the_other)
{
	struct addr addr_c;
	int c = sock_on_loopback(variant->family, &addr_c);
	int from = sock_on_loopback(variant->family, NULL);
	struct pollfd p = { .fd = from, .events = POLLOUT };
	char bytes[1000];
	int filled;

	if (sock_is_udp())
		SKIP(return, "UDP is always writable");
	sock_set(from, SO_SNDBUF, 100000);
	ASSERT_LT(0, fill_to(from, &addr_c));
	filled = fill_to(from, &self->addr_b);
	ASSERT_LT(0, filled);
	/* All of it is there. Who waits for something else asks, and is told of that alone. */
	for (int i = 0; i < filled; i++)
		ASSERT_EQ(1000, recv(self->b, bytes, sizeof(bytes), 0));
	p.events = POLLIN;
	EXPECT_EQ(0, poll(&p, 1, SETTLED_MS));
	p.events = POLLOUT;
	send_some(from, &addr_c);
	EXPECT_EQ(EAGAIN, errno);
	EXPECT_EQ(1, poll(&p, 1, 5000));
	EXPECT_EQ(1, sock_sendto(from, "x", 1, MSG_DONTWAIT, &self->addr_b));
	/* Nor is it told again and again, where nobody has an ear for it. */
	for (int tries = 0; poll(&p, 1, SETTLED_MS) == 1; tries++) {
		ASSERT_GT(1000, tries);
		send_some(from, &addr_c);
	}
	EXPECT_EQ(0, close(c));
	EXPECT_EQ(0, close(from));
}

/* To somebody else there is room: who waits for some to the one before is told. */
TEST_F(socket_poll, writable_when_connected_anew)
{
	struct addr to;
	int c = sock_on_loopback(variant->family, &to);
	pid_t waiting;

	if (sock_is_udp())
		SKIP(return, "UDP is always writable");
	ASSERT_LT(0, fill(self->a));
	waiting = worker_start_poll(self->a, POLLOUT);
	sock_connect(self->a, &to);
	EXPECT_TRUE(worker_join(waiting));
	sock_set_linger(self->a, 0);
	EXPECT_EQ(0, close(c));
}

TEST_F(socket_poll, send_time_limit)
{
	char bytes[1000] = "";
	int filled;

	if (sock_is_udp())
		SKIP(return, "UDP never waits");
	filled = fill(self->a);
	ASSERT_LT(0, filled);
	sock_set_timeout(self->a, SO_SNDTIMEO, 20);
	EXPECT_EQ(-1, send(self->a, bytes, sizeof(bytes), 0));
	EXPECT_EQ(EAGAIN, errno);
	/* What was refused was not sent. */
	for (int i = 0; i < filled; i++)
		ASSERT_EQ(1000, recv(self->b, bytes, sizeof(bytes), 0));
	EXPECT_EQ(-1, recv(self->b, bytes, sizeof(bytes), MSG_DONTWAIT));
	EXPECT_EQ(EAGAIN, errno);
}

TEST_F(socket_poll, epoll_level)
{
	struct epoll_event event = { .events = EPOLLIN };
	int ep = epoll_create1(0);
	char byte;

	ASSERT_EQ(0, epoll_ctl(ep, EPOLL_CTL_ADD, self->b, &event));
	EXPECT_EQ(0, epoll_wait(ep, &event, 1, 0));
	ASSERT_EQ(1, send(self->a, "x", 1, 0));
	ASSERT_EQ(1, epoll_wait(ep, &event, 1, -1));
	EXPECT_EQ(EPOLLIN, event.events);
	EXPECT_EQ(1, epoll_wait(ep, &event, 1, 0));
	ASSERT_EQ(1, recv(self->b, &byte, 1, 0));
	EXPECT_EQ(0, epoll_wait(ep, &event, 1, 0));
}

TEST_F(socket_poll, epoll_edge)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	int ep = epoll_create1(0);

	ASSERT_EQ(0, epoll_ctl(ep, EPOLL_CTL_ADD, self->b, &event));
	for (int i = 0; i < 5; i++) {
		/* Each arrival is an edge, though nothing is read in between. */
		ASSERT_EQ(1, send(self->a, "x", 1, 0));
		ASSERT_EQ(1, epoll_wait(ep, &event, 1, -1));
		EXPECT_EQ(EPOLLIN, event.events);
	}
}

TEST_F(socket_poll, epoll_edge_writable)
{
	struct epoll_event event = { .events = EPOLLOUT | EPOLLET };
	int ep = epoll_create1(0), filled;
	char bytes[1000];

	if (sock_is_udp())
		SKIP(return, "UDP is always writable");
	filled = fill(self->a);
	ASSERT_LT(0, filled);
	ASSERT_EQ(0, epoll_ctl(ep, EPOLL_CTL_ADD, self->a, &event));
	EXPECT_EQ(0, epoll_wait(ep, &event, 1, 0));
	for (int i = 0; i < filled; i++)
		ASSERT_EQ(1000, recv(self->b, bytes, sizeof(bytes), 0));
	ASSERT_EQ(1, epoll_wait(ep, &event, 1, -1));
	EXPECT_EQ(EPOLLOUT, event.events);
	EXPECT_EQ(1, send(self->a, "x", 1, MSG_DONTWAIT));
}

TEST_HARNESS_MAIN
