// SPDX-License-Identifier: GPL-2.0-only
/*
 * The median round trip of a small message, beside UDP's. The two take short
 * turns, so that whatever else the machine does meets both; what is asserted is
 * the median of the rounds' ratios.
 *
 * timeout: 120
 */
#include "kselftest_harness.h"
#include "hosts.h"
#include "pingpong.h"
#include "sock.h"
#include "worker.h"

RDGRAM_ONLY;

#define ROUNDS		11
#define TURNS		25
#define PINGS		20	/* in each turn */
#define PORT		7000
#define MOST_PERCENT	150

typedef FIXTURE_DATA(pingpong) pingpong_t;

FIXTURE(pingpong) {
	struct hosts hosts;
	int ours, udp;
	pid_t echoes[2];
};

FIXTURE_VARIANT(pingpong) {
	int family;
};

FIXTURE_VARIANT_ADD(pingpong, v4) { .family = AF_INET };
FIXTURE_VARIANT_ADD(pingpong, v6) { .family = AF_INET6 };

static int udp_socket(const struct hosts *h, int which, int family, u16 port)
{
	const struct addr local = hosts_addr(which, family, port);
	int fd;

	hosts_enter(h, which);
	fd = socket(family, SOCK_DGRAM, 0);
	if (fd < 0 || bind(fd, &local.sa, local.len))
		abort();
	return fd;
}

FIXTURE_SETUP(pingpong)
{
	const struct addr to_ours = hosts_addr(1, variant->family, PORT);
	const struct addr to_udp = hosts_addr(1, variant->family, PORT + 1);
	int echo;

	hosts_open(&self->hosts, NULL);
	echo = hosts_socket(&self->hosts, 1, variant->family, PORT);
	self->echoes[0] = pingpong_start_echo(echo);
	echo = udp_socket(&self->hosts, 1, variant->family, PORT + 1);
	self->echoes[1] = pingpong_start_echo(echo);
	self->ours = hosts_socket(&self->hosts, 0, variant->family, 0);
	self->udp = udp_socket(&self->hosts, 0, variant->family, 0);
	sock_connect(self->ours, &to_ours);
	sock_connect(self->udp, &to_udp);
}

FIXTURE_TEARDOWN(pingpong)
{
	for (int i = 0; i < 2; i++)
		worker_kill(self->echoes[i]);
	close(self->ours);
	close(self->udp);
}

/* One round: the ratio of the medians in percent, 0 if something failed. */
static u64 compare_medians(pingpong_t *self)
{
	u64 ours[TURNS * PINGS], udp[TURNS * PINGS], our_p50, udp_p50;

	for (int i = 0; i < TURNS; i++)
		if (!pingpong_run(self->udp, udp + i * PINGS, PINGS) ||
		    !pingpong_run(self->ours, ours + i * PINGS, PINGS))
			return 0;
	our_p50 = pingpong_percentile(ours, TURNS * PINGS, 50);
	udp_p50 = pingpong_percentile(udp, TURNS * PINGS, 50);
	printf("# p50: UDP %llu us, rdgram %llu us: %llu %%\n", udp_p50 / 1000, our_p50 / 1000,
	       our_p50 * 100 / udp_p50);
	return our_p50 * 100 / udp_p50;
}

TEST_F_TIMEOUT(pingpong, median_beside_udp, 50)
{
	u64 percent[ROUNDS], median;

	/* The first is for handshake and caches. */
	ASSERT_LT(0, compare_medians(self));
	for (int i = 0; i < ROUNDS; i++) {
		percent[i] = compare_medians(self);
		ASSERT_LT(0, percent[i]);
	}
	median = pingpong_percentile(percent, ROUNDS, 50);
	printf("# median of the ratios: %llu %%\n", median);
	EXPECT_GE(MOST_PERCENT, median);
}

TEST_HARNESS_MAIN
