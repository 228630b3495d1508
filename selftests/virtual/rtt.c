// SPDX-License-Identifier: GPL-2.0-only
/*
 * Round-trip times in virtual time, where they are exact: 5 ms there, 5 ms
 * back, without loss and with.
 *
 * timeout: 300
 */
#include "kselftest_harness.h"
#include "hosts.h"
#include "pingpong.h"
#include "sock.h"
#include "worker.h"

#define PINGS	10000
#define PORT	7000
#define US	1000ULL
#define MS	1000000ULL

FIXTURE(rtt) {
	struct hosts hosts;
	int fd;
	pid_t echo;
	u64 ns[PINGS];
};

FIXTURE_VARIANT(rtt) {
	int family;
};

FIXTURE_VARIANT_ADD(rtt, v4) { .family = AF_INET };
FIXTURE_VARIANT_ADD(rtt, v6) { .family = AF_INET6 };

FIXTURE_SETUP(rtt)
{
	const struct addr to = hosts_addr(1, variant->family, PORT);
	int echo;

	hosts_open(&self->hosts, "delay 5ms");
	echo = hosts_socket(&self->hosts, 1, variant->family, PORT);
	self->echo = pingpong_start_echo(echo);
	self->fd = hosts_socket(&self->hosts, 0, variant->family, 0);
	sock_connect(self->fd, &to);
	/* The handshake takes round trips of its own. */
	ASSERT_TRUE(pingpong_run(self->fd, self->ns, 10));
}

FIXTURE_TEARDOWN(rtt)
{
	worker_kill(self->echo);
	close(self->fd);
}

static void report(u64 *ns, size_t count)
{
	printf("# p50 %.3f ms, p99 %.3f ms, max %.3f ms\n",
	       pingpong_percentile(ns, count, 50) / 1e6, pingpong_percentile(ns, count, 99) / 1e6,
	       pingpong_percentile(ns, count, 100) / 1e6);
}

/* Not a message waits for anything but the path: 10.00 ms, the slowest of them too. */
TEST_F_TIMEOUT(rtt, without_loss, 100000)
{
	ASSERT_TRUE(pingpong_run(self->fd, self->ns, PINGS / 10));
	report(self->ns, PINGS / 10);
	EXPECT_LE(10 * MS, pingpong_percentile(self->ns, PINGS / 10, 1));
	EXPECT_GE(10 * MS + 5 * US, pingpong_percentile(self->ns, PINGS / 10, 100));
}

TEST_F_TIMEOUT(rtt, loss_1_percent, 100000)
{
	if (sock_is_udp())
		SKIP(return, "UDP does not send again");
	hosts_set_both_paths(&self->hosts, "delay 5ms loss 1%");
	ASSERT_TRUE(pingpong_run(self->fd, self->ns, PINGS));
	report(self->ns, PINGS);
	EXPECT_GE(10 * MS + 5 * US, pingpong_percentile(self->ns, PINGS, 50));
	EXPECT_GE(25 * MS, pingpong_percentile(self->ns, PINGS, 99));
}

TEST_HARNESS_MAIN
