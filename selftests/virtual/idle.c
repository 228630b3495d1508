// SPDX-License-Identifier: GPL-2.0-only
/*
 * A thousand peers that nobody uses, on one socket, and no keepalive asked for: once
 * each association has ended no timer fires, no work is done and no packet leaves;
 * and all of them are there still.
 *
 * timeout: 300
 */
#include <errno.h>
#include <sys/resource.h>
#include <time.h>

#include "kselftest_harness.h"
#include "hosts.h"
#include "sock.h"
#include "trace.h"

RDGRAM_ONLY;

#define PEERS		1000
#define FIRST_PORT	10000
#define QUIET		600	/* s */

/* After 25 s an association ends; its id is a tombstone for 20 s. */
#define PART		60

typedef FIXTURE_DATA(idle) idle_t;

FIXTURE(idle) {
	struct hosts hosts;
	int fd;
	int peer[PEERS];
	struct addr to[PEERS];
};

FIXTURE_VARIANT(idle) {
	int family;
};

FIXTURE_VARIANT_ADD(idle, v4) { .family = AF_INET };
FIXTURE_VARIANT_ADD(idle, v6) { .family = AF_INET6 };

FIXTURE_SETUP(idle)
{
	const struct rlimit many = { .rlim_cur = 8192, .rlim_max = 8192 };

	setrlimit(RLIMIT_NOFILE, &many);
	hosts_open_routed(&self->hosts, "delay 5ms");
	self->fd = hosts_socket(&self->hosts, 0, variant->family, 7000);
	for (int i = 0; i < PEERS; i++) {
		self->peer[i] = hosts_socket(&self->hosts, 1, variant->family, FIRST_PORT + i);
		self->to[i] = hosts_addr(1, variant->family, FIRST_PORT + i);
	}
	hosts_enter(&self->hosts, 0);
}

FIXTURE_TEARDOWN(idle)
{
	close(self->fd);
	for (int i = 0; i < PEERS; i++)
		close(self->peer[i]);
}

static void pass(int seconds)
{
	const struct timespec span = { .tv_sec = seconds };

	nanosleep(&span, NULL);
}

static bool say_to_all(idle_t *self, char what)
{
	char got;

	for (int i = 0; i < PEERS; i++) {
		if (sock_sendto(self->fd, &what, 1, 0, &self->to[i]) == 1)
			continue;
		printf("# sendto peer %d: %s\n", i, strerror(errno));
		return false;
	}
	for (int i = 0; i < PEERS; i++) {
		if (recv(self->peer[i], &got, 1, 0) == 1 && got == what)
			continue;
		printf("# peer %d: not what was sent\n", i);
		return false;
	}
	return true;
}

static u64 packets(const struct hosts *h)
{
	return hosts_routed(h, 0) + hosts_routed(h, 1);
}

TEST_F_TIMEOUT(idle, costs_nothing, 100000)
{
	struct trace_count used = { .of = TRACE_OURS }, idle = { .of = TRACE_OURS };
	u64 before = packets(&self->hosts), sent;

	/* What is looked for would be found. */
	trace_start();
	ASSERT_TRUE(say_to_all(self, 1));
	pass(PART);
	trace_stop(&used, 1);
	sent = packets(&self->hosts) - before;
	printf("# %d peers, a message each, and %d s: %llu packets, %llu timers and works\n",
	       PEERS, PART, sent, used.n);
	EXPECT_LE(2 * PEERS, (int)used.n);
	EXPECT_LE(4 * PEERS, (int)sent);

	/* Then the network of the hosts themselves has come to rest. */
	pass(PART);
	before = packets(&self->hosts);
	trace_start();
	pass(QUIET);
	trace_stop(&idle, 1);
	EXPECT_EQ(0, idle.n);
	EXPECT_EQ(0, packets(&self->hosts) - before);

	/* All of them are there still. */
	EXPECT_TRUE(say_to_all(self, 2));
}

TEST_HARNESS_MAIN
