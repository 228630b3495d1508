// SPDX-License-Identifier: GPL-2.0-only
/*
 * Round-trip time, probe timeout and backoff.
 */
#include "../core/rtt.h"
#include "suites.h"

#define MS	NSEC_PER_MSEC

static void pto__begins_without_a_sample(struct kunit *test)
{
	struct rdg_rtt r;

	rdg_rtt_init(&r);
	KUNIT_EXPECT_EQ(test, rdg_rtt_pto(&r), (u64)RDG_PTO_INITIAL);
}

static void sample__first_sets_all(struct kunit *test)
{
	struct rdg_rtt r;

	rdg_rtt_init(&r);
	/* A delay is not subtracted from the first: nothing says that it is true. */
	rdg_rtt_sample(&r, 40 * MS, 10 * MS);
	KUNIT_EXPECT_EQ(test, r.latest, (u64)(40 * MS));
	KUNIT_EXPECT_EQ(test, r.smoothed, (u64)(40 * MS));
	KUNIT_EXPECT_EQ(test, r.variance, (u64)(20 * MS));
	KUNIT_EXPECT_EQ(test, r.min, (u64)(40 * MS));
}

static void sample__follows_rfc9002(struct kunit *test)
{
	struct rdg_rtt r;

	rdg_rtt_init(&r);
	rdg_rtt_sample(&r, 40 * MS, 0);
	rdg_rtt_sample(&r, 80 * MS, 0);
	/* 3/4 * 20 + 1/4 * |40 - 80|; 7/8 * 40 + 1/8 * 80 */
	KUNIT_EXPECT_EQ(test, r.variance, (u64)(25 * MS));
	KUNIT_EXPECT_EQ(test, r.smoothed, (u64)(45 * MS));
	KUNIT_EXPECT_EQ(test, r.min, (u64)(40 * MS));
	KUNIT_EXPECT_EQ(test, r.latest, (u64)(80 * MS));
}

static void sample__believes_a_delay_down_to_the_minimum(struct kunit *test)
{
	static const struct {
		u64 sample;
		u64 delay;
		u64 counts;
	} row[] = {
		{ 80, 0, 80 }, { 80, 20, 60 }, { 80, 40, 40 }, { 80, 41, 80 }, { 80, 500, 80 },
		{ 20, 1, 20 }, { 20, 20, 20 },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(row); i++) {
		struct rdg_rtt r;

		rdg_rtt_init(&r);
		rdg_rtt_sample(&r, 40 * MS, 0);
		rdg_rtt_sample(&r, row[i].sample * MS, row[i].delay * MS);
		KUNIT_EXPECT_EQ_MSG(test, r.smoothed, (7 * 40 * MS + row[i].counts * MS) / 8,
				    "row %u", i);
	}
}

static void sample__of_nothing_is_a_sample(struct kunit *test)
{
	struct rdg_rtt r;

	/* A clock that does not move must not look like "nothing measured". */
	rdg_rtt_init(&r);
	rdg_rtt_sample(&r, 0, 0);
	KUNIT_EXPECT_GT(test, r.smoothed, 0ULL);
	KUNIT_EXPECT_LT(test, rdg_rtt_pto(&r), (u64)(10 * MS));
}

static void pto__stays_above_the_granularity(struct kunit *test)
{
	struct rdg_rtt r;
	u32 i;

	rdg_rtt_init(&r);
	for (i = 0; i < 200; i++)
		rdg_rtt_sample(&r, 50 * NSEC_PER_USEC, 0);
	KUNIT_EXPECT_GE(test, rdg_rtt_pto(&r), 50 * NSEC_PER_USEC + (u64)RDG_GRANULARITY);
	/* Well under the 200 ms of TCP on a fast path. */
	KUNIT_EXPECT_LT(test, rdg_rtt_pto(&r), (u64)(5 * MS));
}

/* The other side was stopped, or a queue stood: what was asked meanwhile is all
 * answered at once. Nothing of that is true any more.
 */
static void pto__outlasts_no_pause(struct kunit *test)
{
	struct rdg_rtt r;
	u32 i;

	rdg_rtt_init(&r);
	for (i = 0; i < 20; i++)
		rdg_rtt_sample(&r, 10 * MS, 0);
	for (i = 100; i > 0; i--)
		rdg_rtt_sample(&r, i * 1000 * MS, 0);
	KUNIT_EXPECT_GT(test, rdg_rtt_pto(&r), (u64)(3000 * MS));
	rdg_rtt_sample(&r, 10 * MS, 0);
	KUNIT_EXPECT_LE(test, rdg_rtt_pto(&r), (u64)RDG_PTO_MAX);
	KUNIT_EXPECT_LE(test, rdg_rtt_lately(&r), (u64)(40 * MS));
	/* Where it takes that long it does so every time. */
	for (i = 0; i < 20; i++)
		rdg_rtt_sample(&r, 3000 * MS, 0);
	KUNIT_EXPECT_GT(test, rdg_rtt_pto(&r), (u64)(3000 * MS));
}

static void ack_delay__has_bounds(struct kunit *test)
{
	static const struct {
		u64 rtt;
		u64 delay;
	} row[] = {
		{ 1, 2 * MS }, { MS, 2 * MS }, { 8 * MS, 2 * MS }, { 40 * MS, 10 * MS },
		{ 100 * MS, 25 * MS }, { 101 * MS, 25 * MS }, { 3000 * MS, 25 * MS },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(row); i++) {
		struct rdg_rtt r;

		rdg_rtt_init(&r);
		rdg_rtt_sample(&r, row[i].rtt, 0);
		KUNIT_EXPECT_EQ_MSG(test, rdg_rtt_ack_delay(&r), row[i].delay, "row %u", i);
	}
}

static void backoff__doubles_up_to_the_cap(struct kunit *test)
{
	struct rnd_state rnd;
	struct rdg_rtt r;
	u32 times, i;

	prandom_seed_state(&rnd, 7);
	rdg_rtt_init(&r);
	rdg_rtt_sample(&r, 10 * MS, 0);
	KUNIT_EXPECT_EQ(test, rdg_rtt_backoff(&r, 0, 0, &rnd), rdg_rtt_pto(&r));
	for (times = 1; times < 100; times++) {
		u64 wait = min_t(u64, rdg_rtt_pto(&r) << min(times, 20u), RDG_PTO_MAX);
		u64 low = U64_MAX, high = 0;

		for (i = 0; i < 200; i++) {
			u64 got = rdg_rtt_backoff(&r, times, 0, &rnd);

			low = min(low, got);
			high = max(high, got);
		}
		/* An eighth less, never more, and most of that is made use of. */
		KUNIT_EXPECT_GE_MSG(test, low, wait - wait / 8 - 1, "%u times", times);
		KUNIT_EXPECT_LE_MSG(test, high, wait, "%u times", times);
		KUNIT_EXPECT_LE_MSG(test, low, wait - wait / 10, "%u times", times);
		KUNIT_EXPECT_GE_MSG(test, high, wait - wait / 40, "%u times", times);
	}
}

static void backoff__never_undercuts_a_long_rtt(struct kunit *test)
{
	struct rnd_state rnd;
	struct rdg_rtt r;
	u32 times;

	prandom_seed_state(&rnd, 7);
	rdg_rtt_init(&r);
	rdg_rtt_sample(&r, 3000 * MS, 0);
	for (times = 1; times < 100; times++)
		KUNIT_EXPECT_GE(test, rdg_rtt_backoff(&r, times, 0, &rnd), rdg_rtt_pto(&r) / 8 * 7);
}

/* Where many are silent each waits for its part of the budget, from the first on. */
static void backoff__leaves_the_many_alone(struct kunit *test)
{
	struct rnd_state rnd;
	struct rdg_rtt r;
	u32 times;

	prandom_seed_state(&rnd, 7);
	rdg_rtt_init(&r);
	rdg_rtt_sample(&r, 10 * MS, 0);
	for (times = 0; times < 100; times++) {
		u64 wait = rdg_rtt_backoff(&r, times, 8000 * MS, &rnd);
		u64 pto = times ? 0 : rdg_rtt_pto(&r);

		KUNIT_EXPECT_GE(test, wait, pto + 7000 * MS);
		KUNIT_EXPECT_LE(test, wait, pto + 8000 * MS);
	}
	/* Less than what is waited anyway changes nothing. */
	KUNIT_EXPECT_GE(test, rdg_rtt_backoff(&r, 50, 10 * MS, &rnd), RDG_PTO_MAX / 8 * 7);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(pto__begins_without_a_sample),
	KUNIT_CASE(sample__first_sets_all),
	KUNIT_CASE(sample__follows_rfc9002),
	KUNIT_CASE(sample__believes_a_delay_down_to_the_minimum),
	KUNIT_CASE(sample__of_nothing_is_a_sample),
	KUNIT_CASE(pto__stays_above_the_granularity),
	KUNIT_CASE(pto__outlasts_no_pause),
	KUNIT_CASE(ack_delay__has_bounds),
	KUNIT_CASE(backoff__doubles_up_to_the_cap),
	KUNIT_CASE(backoff__never_undercuts_a_long_rtt),
	KUNIT_CASE(backoff__leaves_the_many_alone),
	{}
};

struct kunit_suite rdg_rtt_suite = {
	.name = "rdgram_rtt",
	.test_cases = cases,
};
