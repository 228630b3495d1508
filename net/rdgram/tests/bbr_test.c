// SPDX-License-Identifier: GPL-2.0-only
/*
 * BBR's model of the path: which loss is not ours. What becomes of it on a path
 * is in pipe_test.c.
 */
#include <linux/string.h>
#include "../core/cc_bbr.h"
#include "suites.h"

#define MTU	RDG_PACKET_SIZE

/* A round trip in BBR_DOWN that is too short to measure its time by. */
static void calm_round(struct bbr *b, bool queue, u32 acked, u32 lost)
{
	static const struct rdg_cc_ack ack = {};

	b->phase = BBR_DOWN;
	b->phase_rounds = 2;
	b->queue = queue;
	b->left = 0;
	b->acked = acked * MTU;
	b->lost = lost * MTU;
	bbr_model_round(b, MTU, &ack);
}

/* Whichever way it came out: to take only what is low would lower the mean. */
static void base__is_not_learnt_beside_a_queue(struct kunit *test)
{
	struct bbr b = {};
	u32 i, base;

	bbr_model_init(&b, 0);
	for (i = 0; i < 50; i++)
		calm_round(&b, false, 9, i & 1);
	base = bbr_base_loss(&b);
	KUNIT_EXPECT_GT(test, base, 20u);
	for (i = 0; i < 50; i++) {
		calm_round(&b, true, 9, 0);
		calm_round(&b, true, 9, 5);
	}
	KUNIT_EXPECT_EQ(test, bbr_base_loss(&b), base);
}

/* The same share, measured with more or fewer packets. */
static void excess__allows_for_how_little_is_known(struct kunit *test)
{
	struct bbr well = { .calm_lost = 30 * MTU, .calm_all = 600 * MTU };
	struct bbr hardly = { .calm_lost = 5 * MTU };
	u32 lost, least = 0;

	bbr_model_init(&well, 0);
	bbr_model_init(&hardly, 0);
	/* So many that both come to the same. */
	while (bbr_base_loss(&hardly) > bbr_base_loss(&well))
		hardly.calm_all += MTU;
	for (lost = 0; lost < 200 && !least; lost++) {
		if (bbr_is_excessive(&well, MTU, lost * MTU, 200 * MTU))
			least = lost;
	}
	KUNIT_EXPECT_GT(test, least, 10u);
	KUNIT_EXPECT_FALSE(test, bbr_is_excessive(&hardly, MTU, least * MTU, 200 * MTU));
	KUNIT_EXPECT_TRUE(test, bbr_is_excessive(&hardly, MTU, 2 * least * MTU, 200 * MTU));
}

/* A round trip with 32 packets in flight all the time, for @us each. */
static void measured_round(struct bbr *b, u32 us, u64 now)
{
	const struct rdg_cc_ack ack = { .now = now, .flight = 32 * MTU, .min_rtt = NSEC_PER_USEC };

	b->from = 32 * MTU;
	b->left = 0;
	b->acked = 32 * MTU;
	b->area = (u64)b->acked * us * NSEC_PER_USEC;
	bbr_model_round(b, MTU, &ack);
}

/* Else the pipe would be drained every 5 s, though there is no queue in it. */
static void rtt__as_good_as_the_least_is_one(struct kunit *test)
{
	struct bbr b = {};

	bbr_model_init(&b, 0);
	measured_round(&b, 10000, 1);
	KUNIT_EXPECT_EQ(test, b.rtt, 10000u);
	measured_round(&b, 10100, 2);
	KUNIT_EXPECT_EQ(test, b.rtt, 10000u);
	KUNIT_EXPECT_EQ(test, b.rtt_at, 2ULL);
	/* A queue, if a small one. */
	measured_round(&b, 10200, 3);
	KUNIT_EXPECT_EQ(test, b.rtt, 10000u);
	KUNIT_EXPECT_EQ(test, b.rtt_at, 2ULL);
	measured_round(&b, 9900, 4);
	KUNIT_EXPECT_EQ(test, b.rtt, 9900u);
	KUNIT_EXPECT_EQ(test, b.rtt_at, 4ULL);
}

static struct kunit_case bbr_cases[] = {
	KUNIT_CASE(base__is_not_learnt_beside_a_queue),
	KUNIT_CASE(excess__allows_for_how_little_is_known),
	KUNIT_CASE(rtt__as_good_as_the_least_is_one),
	{}
};

struct kunit_suite rdg_bbr_suite = {
	.name = "rdgram_bbr",
	.test_cases = bbr_cases,
};
