// SPDX-License-Identifier: GPL-2.0-only
/*
 * One of sixteen receivers does not read. It takes nothing from the others,
 * and nothing of its own is lost.
 *
 * timeout: 300
 */
#include <errno.h>
#include <poll.h>
#include <sys/wait.h>

#include "kselftest_harness.h"
#include "counter.h"
#include "flow.h"
#include "hosts.h"
#include "message.h"
#include "sock.h"
#include "worker.h"

RDGRAM_ONLY;

#define RECEIVERS	16
#define LAZY		0
#define MESSAGES	1000
#define SIZE		2000	/* times MESSAGES: far beyond all buffers of one pair */
#define PORT		7000

typedef FIXTURE_DATA(stall) stall_t;

FIXTURE(stall) {
	struct hosts hosts;
	int sender;
	struct pollfd receivers[RECEIVERS];
	struct addr to[RECEIVERS];
	u64 sent[RECEIVERS];
	struct flow_check checks[RECEIVERS];
};

FIXTURE_VARIANT(stall) {
	int family;
};

FIXTURE_VARIANT_ADD(stall, v4) { .family = AF_INET };
FIXTURE_VARIANT_ADD(stall, v6) { .family = AF_INET6 };

static size_t fixed_len(u64 sender, u64 index)
{
	(void)sender;
	(void)index;
	return SIZE;
}

FIXTURE_SETUP(stall)
{
	hosts_open(&self->hosts, NULL);
	self->sender = hosts_socket(&self->hosts, 0, variant->family, FLOW_PORT);
	/* One of a fixed size: the others would let it grow. */
	sock_set(self->sender, SO_SNDBUF, 100000);
	for (int i = 0; i < RECEIVERS; i++) {
		self->receivers[i].fd = hosts_socket(&self->hosts, 1, variant->family, PORT + i);
		self->receivers[i].events = POLLIN;
		self->to[i] = hosts_addr(1, variant->family, PORT + i);
		self->checks[i].len = fixed_len;
	}
}

FIXTURE_TEARDOWN(stall)
{
	close(self->sender);
	for (int i = 0; i < RECEIVERS; i++)
		close(self->receivers[i].fd);
}

/* Send receiver @i what it is willing to take; false if sending fails otherwise. */
static bool feed(stall_t *self, int i)
{
	u8 message[SIZE];

	while (self->sent[i] < MESSAGES) {
		message_make(message, SIZE, 0, self->sent[i]);
		if (sock_sendto(self->sender, message, SIZE, MSG_DONTWAIT, &self->to[i]) < 0)
			return errno == EAGAIN;
		self->sent[i]++;
	}
	return true;
}

/* Take what receiver @i has. */
static bool drain(stall_t *self, int i)
{
	u8 message[SIZE + 1];
	struct addr from;
	ssize_t len;

	for (;;) {
		len = sock_recvfrom(self->receivers[i].fd, message, sizeof(message), MSG_DONTWAIT,
				    &from);
		if (len < 0)
			return errno == EAGAIN;
		if (!flow_take(&self->checks[i], message, len, &from))
			return false;
	}
}

/* Until the receivers from @first to @end have all. */
static bool run(stall_t *self, int first, int end)
{
	int done = 0;

	while (done < end - first) {
		for (int i = 0; i < RECEIVERS; i++)
			if (!feed(self, i))
				return false;
		/* A pause, not a wait: room for sending comes without a sign here. */
		poll(self->receivers + first, end - first, 2);
		done = 0;
		for (int i = first; i < end; i++) {
			if (!drain(self, i))
				return false;
			done += self->checks[i].received == MESSAGES;
		}
	}
	return true;
}

TEST_F_TIMEOUT(stall, one_does_not_read, 50)
{
	ASSERT_TRUE(run(self, LAZY + 1, RECEIVERS));
	printf("# the lazy one was sent %llu messages meanwhile\n", self->sent[LAZY]);
	EXPECT_LT(0, self->sent[LAZY]);
	EXPECT_GT(MESSAGES, self->sent[LAZY]);
	ASSERT_TRUE(run(self, LAZY, LAZY + 1));
	for (int i = 0; i < RECEIVERS; i++)
		EXPECT_TRUE(flow_nothing_more(self->receivers[i].fd));
}

static bool send_to_lazy(void *arg)
{
	stall_t *self = arg;
	u8 message[SIZE];

	message_make(message, SIZE, 0, self->sent[LAZY]);
	return sock_sendto(self->sender, message, SIZE, 0, &self->to[LAZY]) == SIZE;
}

static u64 times_asleep(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	return counter_in(path, "voluntary_ctxt_switches: %llu");
}

/* Who waits to send to the one that does not read is let sleep while others send. */
TEST_F_TIMEOUT(stall, who_waits_for_one_sleeps, 50)
{
	int status = -1;
	u64 asleep, sent;
	pid_t pid;

	/* What it takes without reading makes room here. */
	do {
		sent = self->sent[LAZY];
		ASSERT_TRUE(feed(self, LAZY));
		poll(NULL, 0, 300);
	} while (self->sent[LAZY] > sent);
	ASSERT_GT(MESSAGES, self->sent[LAZY]);
	pid = worker_start(send_to_lazy, self);
	worker_await_sleep(pid);
	asleep = times_asleep(pid);
	/* No more of ours: his is the next. */
	self->sent[LAZY] = MESSAGES;
	ASSERT_TRUE(run(self, LAZY + 1, RECEIVERS));
	asleep = times_asleep(pid) - asleep;
	printf("# %llu times in %d messages\n", asleep, MESSAGES * (RECEIVERS - 1));
	EXPECT_GT(MESSAGES / 10, asleep);
	EXPECT_EQ(0, waitpid(pid, &status, WNOHANG));
	while (waitpid(pid, &status, WNOHANG) == 0)
		ASSERT_TRUE(drain(self, LAZY));
	EXPECT_EQ(0, status);
}

TEST_HARNESS_MAIN
