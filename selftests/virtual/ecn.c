// SPDX-License-Identifier: GPL-2.0-only
/*
 * Explicit congestion notification: a network that marks packets where it could
 * drop them costs no retransmission and no time.
 *
 * timeout: 300
 */
#include "kselftest_harness.h"
#include "hosts.h"
#include "pingpong.h"
#include "sock.h"
#include "worker.h"

#define PINGS	2000
#define PORT	7000
#define US	1000ULL
#define MS	1000000ULL

FIXTURE(ecn) {
	struct hosts hosts;
	int fd;
	pid_t echo;
	u64 ns[PINGS];
};

FIXTURE_VARIANT(ecn) {
	int family;
};

FIXTURE_VARIANT_ADD(ecn, v4) { .family = AF_INET };
FIXTURE_VARIANT_ADD(ecn, v6) { .family = AF_INET6 };

FIXTURE_SETUP(ecn)
{
	const struct addr to = hosts_addr(1, variant->family, PORT);
	int echo;

	hosts_open(&self->hosts, "delay 5ms");
	echo = hosts_socket(&self->hosts, 1, variant->family, PORT);
	self->echo = pingpong_start_echo(echo);
	self->fd = hosts_socket(&self->hosts, 0, variant->family, 0);
	sock_connect(self->fd, &to);
	ASSERT_TRUE(pingpong_run(self->fd, self->ns, 10));
}

FIXTURE_TEARDOWN(ecn)
{
	worker_kill(self->echo);
	close(self->fd);
}

TEST_F_TIMEOUT(ecn, marks_are_counted_and_nothing_is_lost, 100000)
{
	struct rdgram_stats stats;

	if (sock_is_udp())
		SKIP(return, "UDP has no counters");
	sock_stats(self->fd, &stats);
	EXPECT_EQ(0, stats.packets_marked);
	/* A fifth is dropped, or marked where it allows that. */
	hosts_set_both_paths(&self->hosts, "delay 5ms loss 20% ecn");
	ASSERT_TRUE(pingpong_run(self->fd, self->ns, PINGS));
	sock_stats(self->fd, &stats);
	printf("# %llu marked, %llu of %llu sent again, p99 %.3f ms\n", stats.packets_marked,
	       stats.packets_retransmitted, stats.packets_sent,
	       pingpong_percentile(self->ns, PINGS, 99) / 1e6);
	EXPECT_LE(PINGS / 8, stats.packets_marked);
	EXPECT_GE(PINGS / 3, stats.packets_marked);
	EXPECT_GE(PINGS / 100, stats.packets_retransmitted);
	/* One in twelve comes a millisecond later: an ack by itself, which cannot be marked, was
	 * dropped, and what has to wait for nothing else waits that long for it.
	 */
	EXPECT_GE(10 * MS + 5 * US, pingpong_percentile(self->ns, PINGS, 80));
}

TEST_HARNESS_MAIN
