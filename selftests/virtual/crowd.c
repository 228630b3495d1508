// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fifty senders, and one receiver that stops reading for a minute: nothing is lost, what it
 * holds is bounded, and whom else they send to hears of all at once. And a sender to whom
 * one of its peers is closed: it is told when to try again, and need not try for ever.
 *
 * timeout: 300
 */
#include <errno.h>
#include <poll.h>

#include <linux/sock_diag.h>

#include "kselftest_harness.h"
#include "clock.h"
#include "flow.h"
#include "hosts.h"
#include "message.h"
#include "sock.h"

RDGRAM_ONLY;

#define SENDERS		50
#define PORT		7000
#define SIZE		2000
#define TO_LAZY		100	/* times SIZE, from each: far more than it has room for */
#define RCVBUF		200000
#define STOPPED		60	/* s */
#define STEP_MS		500
#define STEPS		(STOPPED * 1000 / STEP_MS)
#define TRIES		10000	/* no sane program's */

FIXTURE(crowd) {
	struct hosts hosts;
	int lazy, brisk;
	int senders[SENDERS];
	u64 sent[SENDERS];
	struct addr to_lazy, to_brisk;
	struct flow_check of_lazy, of_brisk;
};

FIXTURE_VARIANT(crowd) {
	int family;
};

FIXTURE_VARIANT_ADD(crowd, v4) { .family = AF_INET };
FIXTURE_VARIANT_ADD(crowd, v6) { .family = AF_INET6 };

typedef FIXTURE_DATA(crowd) crowd_t;

static size_t fixed_len(u64 sender, u64 index)
{
	(void)sender;
	(void)index;
	return SIZE;
}

FIXTURE_SETUP(crowd)
{
	hosts_open(&self->hosts, "delay 5ms");
	self->lazy = hosts_socket(&self->hosts, 1, variant->family, PORT);
	sock_set(self->lazy, SO_RCVBUF, RCVBUF);
	self->brisk = hosts_socket(&self->hosts, 1, variant->family, PORT + 1);
	self->to_lazy = hosts_addr(1, variant->family, PORT);
	self->to_brisk = hosts_addr(1, variant->family, PORT + 1);
	self->of_lazy.len = fixed_len;
	self->of_brisk.len = fixed_len;
	for (int i = 0; i < SENDERS; i++)
		self->senders[i] = hosts_socket(&self->hosts, 0, variant->family, FLOW_PORT + i);
}

FIXTURE_TEARDOWN(crowd)
{
	for (int i = 0; i < SENDERS; i++)
		close(self->senders[i]);
	close(self->lazy);
	close(self->brisk);
}

static bool send_one(int fd, const struct addr *to, u64 sender, u64 index)
{
	u8 message[SIZE];

	message_make(message, SIZE, sender, index);
	return sock_sendto(fd, message, SIZE, MSG_DONTWAIT, to) == SIZE;
}

/* As much as is accepted; false if sending fails otherwise. */
static bool feed_lazy(crowd_t *self, int i)
{
	while (self->sent[i] < TO_LAZY) {
		if (!send_one(self->senders[i], &self->to_lazy, i, self->sent[i]))
			return errno == EAGAIN;
		self->sent[i]++;
	}
	return true;
}

static u32 held(int fd)
{
	u32 values[SK_MEMINFO_VARS] = {};
	socklen_t len = sizeof(values);

	if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, values, &len))
		abort();
	return values[SK_MEMINFO_RMEM_ALLOC];
}

TEST_F_TIMEOUT(crowd, waits_for_one_receiver, 280)
{
	const u32 most = sock_get(self->lazy, SO_RCVBUF);
	u32 peak = 0;

	for (int step = 0; step < STEPS; step++) {
		for (int i = 0; i < SENDERS; i++) {
			ASSERT_TRUE(feed_lazy(self, i));
			/* Never full, whatever waits for the other one. */
			ASSERT_TRUE(send_one(self->senders[i], &self->to_brisk, i, step));
		}
		poll(NULL, 0, STEP_MS);
		for (int i = 0; i < SENDERS; i++) {
			struct addr from;
			u8 message[SIZE + 1];
			ssize_t len = sock_recvfrom(self->brisk, message, sizeof(message),
						    MSG_DONTWAIT, &from);

			ASSERT_EQ(SIZE, len);
			ASSERT_TRUE(flow_take(&self->of_brisk, message, len, &from));
		}
		peak = held(self->lazy) > peak ? held(self->lazy) : peak;
	}
	printf("# it held %u bytes at the most, of %u\n", peak, most);
	EXPECT_GE(most, peak);
	EXPECT_LT(most / 4, peak);
	for (int i = 0; i < SENDERS; i++)
		EXPECT_GT(TO_LAZY, self->sent[i]);

	/* It reads again: all arrives, of everybody, in order, once. */
	while (self->of_lazy.received < (u64)SENDERS * TO_LAZY) {
		struct pollfd p = { .fd = self->lazy, .events = POLLIN };
		struct addr from;
		u8 message[SIZE + 1];
		ssize_t len;

		for (int i = 0; i < SENDERS; i++)
			ASSERT_TRUE(feed_lazy(self, i));
		poll(&p, 1, 1);
		while ((len = sock_recvfrom(self->lazy, message, sizeof(message), MSG_DONTWAIT,
					    &from)) >= 0)
			ASSERT_TRUE(flow_take(&self->of_lazy, message, len, &from));
		ASSERT_EQ(EAGAIN, errno);
	}
	EXPECT_TRUE(flow_nothing_more(self->lazy));
	EXPECT_TRUE(flow_nothing_more(self->brisk));
}

/* Until nothing is accepted any more, though it is waited for. */
static u64 fill_lazy(int fd, const struct addr *to)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	u64 n = 0, tries = 0;

	do {
		while (send_one(fd, to, 0, n))
			n++;
	} while (errno == EAGAIN && poll(&p, 1, 5000) == 1 && ++tries < TRIES);
	return tries < TRIES ? n : 0;
}

/* Whoever tries when poll() says so, and only then, tries no more often than something
 * has become free. In virtual time who tries for ever would never end.
 */
TEST_F_TIMEOUT(crowd, is_told_when_to_try_again, 280)
{
	const int fd = self->senders[0];
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	u64 filled, until, given = 0, in_vain = 0;

	filled = fill_lazy(fd, &self->to_lazy);
	ASSERT_LT(0, filled);
	until = clock_ms() + 10000;
	while (clock_ms() < until && in_vain < TRIES) {
		/* The other one takes what it gets. */
		ASSERT_TRUE(send_one(fd, &self->to_brisk, 0, given));
		ASSERT_TRUE(flow_receive(self->brisk, &self->of_brisk, ++given));
		while (poll(&p, 1, 100) == 1 && in_vain < TRIES) {
			ASSERT_FALSE(send_one(fd, &self->to_lazy, 0, filled));
			ASSERT_EQ(EAGAIN, errno);
			in_vain++;
		}
	}
	printf("# %llu messages to another, %llu attempts in vain\n", given, in_vain);
	EXPECT_LT(50, given);
	EXPECT_GE(2 * given, in_vain);

	/* It does read: then there is room, and it is not said in vain. */
	ASSERT_TRUE(flow_receive(self->lazy, &self->of_lazy, filled));
	ASSERT_EQ(1, poll(&p, 1, 5000));
	ASSERT_TRUE(send_one(fd, &self->to_lazy, 0, filled));
	ASSERT_TRUE(flow_receive(self->lazy, &self->of_lazy, filled + 1));
}

TEST_HARNESS_MAIN
