// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hosts that have been up for three days and six hours: the time in their cookies, 32 bits of
 * 2^16 ns on the wire, wraps.
 *
 * timeout: 300
 */
#include "kselftest_harness.h"
#include "clock.h"
#include "hosts.h"
#include "sock.h"

#define PORT	7000
#define WRAP	(4294967296ULL * 65536)
#define DELAY	(20 * MS)

FIXTURE(uptime) {
	struct hosts hosts;
	struct addr to;
	int before, during, after;
	int b;
	u64 wrap;
};

FIXTURE_VARIANT(uptime) {
	int family;
};

FIXTURE_VARIANT_ADD(uptime, v4) { .family = AF_INET };
FIXTURE_VARIANT_ADD(uptime, v6) { .family = AF_INET6 };

FIXTURE_SETUP(uptime)
{
	hosts_open(&self->hosts, "delay 20ms");
	self->to = hosts_addr(1, variant->family, PORT);
	self->b = hosts_socket(&self->hosts, 1, variant->family, PORT);
	self->before = hosts_socket(&self->hosts, 0, variant->family, 0);
	self->during = hosts_socket(&self->hosts, 0, variant->family, 0);
	self->after = hosts_socket(&self->hosts, 0, variant->family, 0);
	self->wrap = (clock_now() / WRAP + 1) * WRAP;
}

FIXTURE_TEARDOWN(uptime)
{
	close(self->after);
	close(self->during);
	close(self->before);
	close(self->b);
}

typedef FIXTURE_DATA(uptime) uptime_t;

/* How long it takes; ns. */
static u64 say(struct __test_metadata *_metadata, uptime_t *self, int from, char what)
{
	const u64 begun = clock_now();
	char byte;

	ASSERT_EQ(1, sock_sendto(from, &what, 1, 0, &self->to));
	ASSERT_EQ(1, recv(self->b, &byte, 1, 0));
	EXPECT_EQ(what, byte);
	return clock_now() - begun;
}

/* Of the second link the INIT leaves 30 ms before, so that the CHALLENGE does 10 ms before,
 * and the cookie comes back 30 ms after.
 */
TEST_F_TIMEOUT(uptime, cookies_wrap, 1000000)
{
	u64 took;

	if (sock_is_udp())
		SKIP(return, "UDP has no cookies");
	say(_metadata, self, self->before, 'a');
	/* Who it has to ask is known then. */
	clock_sleep_until(self->wrap - SECOND);
	say(_metadata, self, self->before, 'b');
	clock_sleep_until(self->wrap - 30 * MS);
	ASSERT_GT(self->wrap - 25 * MS, clock_now());
	took = say(_metadata, self, self->during, 'c');
	TH_LOG("%llu us", took / 1000);
	/* There, back, and there. */
	EXPECT_LE(3 * DELAY, took);
	EXPECT_GT(3 * DELAY + MS, took);
	say(_metadata, self, self->after, 'd');
	say(_metadata, self, self->before, 'e');
	say(_metadata, self, self->during, 'f');
}

TEST_HARNESS_MAIN
