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

static struct kunit_case bbr_cases[] = {
	KUNIT_CASE(base__is_not_learnt_beside_a_queue),
	{}
};

struct kunit_suite rdg_bbr_suite = {
	.name = "rdgram_bbr",
	.test_cases = bbr_cases,
};
