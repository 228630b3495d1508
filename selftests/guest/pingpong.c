// SPDX-License-Identifier: GPL-2.0-only
/*
 * The median round trip of a small message, beside UDP's. The two take turns,
 * message by message, so that whatever else the machine does meets both. Of
 * all rounds the quietest of each counts: an emulated processor that has to
 * share a real one measures only the sharing. A busy machine gets more rounds.
 *
 * timeout: 640
 * alone: yes
 */
#include "kselftest_harness.h"
#include "hosts.h"
#include "pingpong.h"
#include "sock.h"
#include "worker.h"

RDGRAM_ONLY;

#define ROUNDS_LEAST	15
#define ROUNDS_MOST	60
#define PINGS		400
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

/* The medians of one round; false if something failed. */
struct round {
	u64 ours, udp;
};

static bool run_round(const pingpong_t *self, struct round *r)
{
	u64 ours[PINGS], udp[PINGS];

	for (int i = 0; i < PINGS; i++)
		if (!pingpong_run(self->udp, udp + i, 1) || !pingpong_run(self->ours, ours + i, 1))
			return false;
	r->ours = pingpong_percentile(ours, PINGS, 50);
	r->udp = pingpong_percentile(udp, PINGS, 50);
	return true;
}

static u64 ratio(const struct round *r)
{
	return r->ours * 100 / r->udp;
}

TEST_F_TIMEOUT(pingpong, median_beside_udp, 300)
{
	struct round r, quiet = { .ours = ~0ULL, .udp = ~0ULL };

	/* The first is for handshake and caches. */
	ASSERT_TRUE(run_round(self, &r));
	for (int i = 0; i < ROUNDS_MOST; i++) {
		if (i >= ROUNDS_LEAST && ratio(&quiet) <= MOST_PERCENT)
			break;
		ASSERT_TRUE(run_round(self, &r));
		printf("# p50: UDP %llu us, rdgram %llu us: %llu %%\n", r.udp / 1000,
		       r.ours / 1000, ratio(&r));
		quiet.ours = r.ours < quiet.ours ? r.ours : quiet.ours;
		quiet.udp = r.udp < quiet.udp ? r.udp : quiet.udp;
	}
	printf("# the least of each: UDP %llu us, rdgram %llu us: %llu %%\n", quiet.udp / 1000,
	       quiet.ours / 1000, ratio(&quiet));
	EXPECT_GE(MOST_PERCENT, ratio(&quiet));
}

TEST_HARNESS_MAIN
