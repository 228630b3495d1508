// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hunt for lost wake-ups: two processes on two processors, each always
 * about to sleep when the other has something for it. A wake-up that is lost
 * is a test that never ends.
 *
 * timeout: 400
 */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/syscall.h>

#include "kselftest_harness.h"
#include "flow.h"
#include "message.h"
#include "sock.h"
#include "worker.h"

#define ROUNDS		3000
#define MESSAGES	5000
#define SIZE		1200

enum waiting { IN_CALL, IN_POLL, IN_EPOLL, IN_EPOLL_EDGE };

FIXTURE(wakeup) {
	int a, b;
	struct addr addr_a, addr_b;
};

FIXTURE_VARIANT(wakeup) {
	int family;
	enum waiting waiting;
};

FIXTURE_VARIANT_ADD(wakeup, call) { .family = AF_INET, .waiting = IN_CALL };
FIXTURE_VARIANT_ADD(wakeup, poll) { .family = AF_INET, .waiting = IN_POLL };
FIXTURE_VARIANT_ADD(wakeup, epoll) { .family = AF_INET, .waiting = IN_EPOLL };
FIXTURE_VARIANT_ADD(wakeup, epoll_edge) { .family = AF_INET, .waiting = IN_EPOLL_EDGE };
FIXTURE_VARIANT_ADD(wakeup, v6_call) { .family = AF_INET6, .waiting = IN_CALL };

FIXTURE_SETUP(wakeup)
{
	net_isolate();
	self->a = sock_on_loopback(variant->family, &self->addr_a);
	self->b = sock_on_loopback(variant->family, &self->addr_b);
	sock_connect(self->a, &self->addr_b);
	sock_connect(self->b, &self->addr_a);
}

FIXTURE_TEARDOWN(wakeup)
{
	close(self->a);
	close(self->b);
}

/* A socket, and the way to wait for it. */
struct waiter {
	int fd, ep;
	enum waiting waiting;
	short events;
	u64 waits, idle_waits;
};

static struct waiter waiter_make(int fd, enum waiting waiting, short events)
{
	struct waiter w = { .fd = fd, .ep = -1, .waiting = waiting, .events = events };
	struct epoll_event e = { .events = events };

	if (waiting < IN_EPOLL)
		return w;
	if (waiting == IN_EPOLL_EDGE)
		e.events |= EPOLLET;
	w.ep = epoll_create1(0);
	if (epoll_ctl(w.ep, EPOLL_CTL_ADD, fd, &e))
		abort();
	return w;
}

static void waiter_wait(const struct waiter *w)
{
	struct epoll_event e;

	if (w->waiting == IN_POLL)
		sock_wait(w->fd, w->events);
	else
		epoll_wait(w->ep, &e, 1, -1);
}

static ssize_t receive(const struct waiter *w, void *to, size_t size)
{
	ssize_t len;

	if (w->waiting == IN_CALL)
		return recv(w->fd, to, size, 0);
	/* As programs do: try, and wait only if there is nothing. */
	while ((len = recv(w->fd, to, size, MSG_DONTWAIT)) < 0 && errno == EAGAIN)
		waiter_wait(w);
	return len;
}

static bool transmit(struct waiter *w, const void *message, size_t len)
{
	int tries = 0;

	if (w->waiting == IN_CALL)
		return send(w->fd, message, len, 0) == (ssize_t)len;
	while (send(w->fd, message, len, MSG_DONTWAIT) < 0) {
		if (errno != EAGAIN)
			return false;
		waiter_wait(w);
		w->idle_waits += tries++ > 0;
		w->waits++;
	}
	return true;
}

static bool ping(const struct waiter *w, bool first)
{
	u64 number;

	for (u64 i = 0; i < ROUNDS; i++) {
		if (first && send(w->fd, &i, sizeof(i), 0) != sizeof(i))
			return false;
		if (receive(w, &number, sizeof(number)) != sizeof(number) || number != i)
			return false;
		if (!first && send(w->fd, &i, sizeof(i), 0) != sizeof(i))
			return false;
	}
	return true;
}

static bool answer(void *arg)
{
	return ping(arg, false);
}

TEST_F_TIMEOUT(wakeup, receiving, 80)
{
	struct waiter here = waiter_make(self->a, variant->waiting, POLLIN);
	struct waiter there = waiter_make(self->b, variant->waiting, POLLIN);
	pid_t other = worker_start(answer, &there);

	EXPECT_TRUE(ping(&here, true));
	EXPECT_TRUE(worker_join(other));
}

static bool pour(void *arg)
{
	struct waiter *w = arg;
	u8 message[SIZE];

	for (u64 i = 0; i < MESSAGES; i++) {
		message_make(message, SIZE, 0, i);
		if (!transmit(w, message, SIZE))
			return false;
	}
	printf("# waited %llu times, of which %llu for nothing\n", w->waits, w->idle_waits);
	/* Nobody else sends: writable is writable. */
	return !w->idle_waits;
}

/* Buffers so small that both sides wait for each other nearly every time. */
TEST_F_TIMEOUT(wakeup, sending, 80)
{
	struct waiter from = waiter_make(self->a, variant->waiting, POLLOUT);
	u8 message[SIZE + 1];
	pid_t other;

	if (sock_is_udp())
		SKIP(return, "UDP drops instead");
	sock_set(self->a, SO_SNDBUF, 1);
	sock_set(self->b, SO_RCVBUF, 1);
	other = worker_start(pour, &from);
	for (u64 i = 0; i < MESSAGES; i++) {
		ASSERT_EQ(SIZE, recv(self->b, message, sizeof(message), 0));
		ASSERT_TRUE(message_check(message, SIZE, 0, i));
	}
	EXPECT_TRUE(worker_join(other));
}

/* One who waits in recv(), with these flags, on a socket that others wait on as well. */
struct sleeper {
	int fd, flags;
	pid_t pid;
	u64 ready, woken;
	ssize_t got;
};

static bool sleep_in_call(void *arg)
{
	struct sleeper *s = arg;
	char byte;

	__atomic_store_n(&s->ready, 1, __ATOMIC_RELEASE);
	s->got = recv(s->fd, &byte, 1, s->flags);
	__atomic_store_n(&s->woken, 1, __ATOMIC_RELEASE);
	return true;
}

/* Until it sleeps there. */
static struct sleeper *put_to_sleep(int fd, int flags)
{
	struct sleeper *s = worker_shared(sizeof(*s));

	*s = (struct sleeper){ .fd = fd, .flags = flags };
	s->pid = worker_start(sleep_in_call, s);
	worker_await(&s->ready, 1);
	worker_await_sleep(s->pid);
	return s;
}

/* Nobody who is woken runs before we wait. */
static void run_first(void)
{
	const struct sched_param param = { .sched_priority = 1 };

	if (sched_setscheduler(0, SCHED_FIFO, &param))
		abort();
}

/* A look that finds nothing left to look at, though it was woken for it: who wants to read
 * is woken, too. As it is with UDP, an empty message is looked at once.
 */
TEST(a_look_takes_nobodys_wakeup)
{
	struct addr addr_a, addr_b;
	struct sleeper *looks, *reads;
	int a, b, off = 0;
	char byte;

	net_isolate();
	a = sock_on_loopback(AF_INET, &addr_a);
	b = sock_on_loopback(AF_INET, &addr_b);
	sock_connect(b, &addr_a);
	ASSERT_EQ(1, sock_sendto(a, "x", 1, 0, &addr_b));
	ASSERT_EQ(1, recv(b, &byte, 1, 0));
	ASSERT_EQ(0, setsockopt(b, SOL_SOCKET, SO_PEEK_OFF, &off, sizeof(off)));
	stay_on_one();
	looks = put_to_sleep(b, MSG_PEEK);
	reads = put_to_sleep(b, 0);
	run_first();
	/*
	 * So that the next one leaves, and arrives, before the call returns: nothing is in
	 * flight; what was put off by pacing, which a long first round trip makes slow, is
	 * over; and faults/ cannot make it fail, as it does with calls of the C library.
	 */
	sock_wait_settled(a);
	usleep(100000);
	ASSERT_EQ(0, syscall(SYS_sendto, a, "", 0, 0, &addr_b.sa, addr_b.len));
	ASSERT_EQ(0, recv(b, &byte, 1, MSG_PEEK | MSG_DONTWAIT));
	for (int i = 0; i < 1000 && !reads->woken; i++)
		usleep(1000);
	EXPECT_EQ(1, reads->woken);
	EXPECT_EQ(0, reads->got);
	EXPECT_EQ(0, shutdown(b, SHUT_RD));
	EXPECT_TRUE(worker_join(looks->pid));
	EXPECT_TRUE(worker_join(reads->pid));
	close(a);
	close(b);
}

TEST_HARNESS_MAIN
