// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pacing, and the delivery rate that acks show.
 */
#include <linux/math64.h>
#include "../core/pace.h"
#include "../core/rate.h"
#include "suites.h"

#define MS	NSEC_PER_MSEC
#define MTU	1000

/* Send all that may leave now. */
static u32 leave(struct rdg_pace *p, const struct rdg_cc *cc, u64 now)
{
	u32 sum = 0;

	while (sum < 1000 * MTU && rdg_pace_open(p, cc, now)) {
		rdg_pace_sent(p, cc, MTU, now);
		sum += MTU;
	}
	return sum;
}

static void pace__without_a_rate_is_none(struct kunit *test)
{
	struct rdg_cc cc = { .mtu = MTU };
	struct rdg_pace p = {};

	KUNIT_EXPECT_EQ(test, leave(&p, &cc, NSEC_PER_SEC), 1000u * MTU);
}

static void pace__bursts_have_bounds(struct kunit *test)
{
	static const struct {
		u64 rate;
		u32 burst;
	} row[] = {
		{ 1, 2 * MTU }, { 100 * MTU, 2 * MTU }, { 2000 * MTU, 2 * MTU },
		{ 10000 * MTU, 10 * MTU }, { 64000ULL * MTU, 64 * MTU },
		{ 1000000ULL * MTU, 66 * MTU },
	};
	u64 start = 10 * (u64)NSEC_PER_SEC;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(row); i++) {
		struct rdg_cc cc = { .mtu = MTU, .pacing = row[i].rate };
		struct rdg_pace p = {};

		KUNIT_EXPECT_EQ_MSG(test, leave(&p, &cc, start), row[i].burst, "row %u", i);
		KUNIT_EXPECT_GE_MSG(test, p.at, start, "row %u", i);
		/* A silly rate does not stop a link. */
		KUNIT_EXPECT_LE_MSG(test, p.at, start + NSEC_PER_SEC, "row %u", i);
	}
}

static void pace__keeps_the_rate_whatever_the_timer_does(struct kunit *test)
{
	static const u64 late[] = { 0, 100 * NSEC_PER_USEC, 500 * NSEC_PER_USEC };
	struct rdg_cc cc = { .mtu = MTU, .pacing = 10000 * MTU };
	struct rdg_pace p = {};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(late); i++) {
		u64 now = NSEC_PER_SEC;
		u64 sum = 0;

		rdg_pace_begin(&p);
		while (now < 2 * (u64)NSEC_PER_SEC) {
			sum += leave(&p, &cc, now);
			now = p.at + late[i];
		}
		KUNIT_EXPECT_LE_MSG(test, abs((int)(sum - 10000 * MTU)), 20 * MTU, "row %u", i);
	}
	/* Idle time earns nothing, be it long or short. */
	for (i = 0; i < 20; i++)
		KUNIT_EXPECT_LE_MSG(test, leave(&p, &cc, p.at + (i + 1) * MS / 10), 10u * MTU,
				    "%u tenths of a millisecond", i + 1);
	/* Nor does it cost what was left of a burst. */
	p.left = 1;
	KUNIT_EXPECT_EQ(test, leave(&p, &cc, p.at + NSEC_PER_SEC), 10u * MTU);
}

/* Each departs at its time; when and how many are handed over shows nowhere. */
static void pace__timed_packets_depart_one_by_one(struct kunit *test)
{
	static const struct {
		u64 rate;
		u64 late;
		u32 most;	/* times that it takes to hand over a second's worth */
	} row[] = {
		{ 100 * MTU, 0, 101 }, { 100 * MTU, 900 * NSEC_PER_USEC, 101 },
		{ 10000 * MTU, 0, 501 }, { 10000 * MTU, 900 * NSEC_PER_USEC, 501 },
		{ 100000ULL * MTU, 0, 2100 }, { 100000ULL * MTU, 200 * NSEC_PER_USEC, 2100 },
	};
	u32 i, n, times;

	for (i = 0; i < ARRAY_SIZE(row); i++) {
		struct rdg_cc cc = { .mtu = MTU, .pacing = row[i].rate };
		u64 gap = div64_u64(NSEC_PER_SEC * (u64)MTU, cc.pacing);
		struct rdg_pace p = { .timed = true };
		u64 start = NSEC_PER_SEC, now = start, at, last = 0;

		for (n = 0, times = 0; now < start + NSEC_PER_SEC; times++) {
			u32 before = n;

			for (; rdg_pace_open(&p, &cc, now); n++) {
				at = rdg_pace_departure(&p, &cc, true, now);
				rdg_pace_sent(&p, &cc, MTU, now);
				KUNIT_ASSERT_GE_MSG(test, at, now, "row %u", i);
				KUNIT_EXPECT_LE_MSG(test, at, now + 3 * MS, "row %u", i);
				if (last)
					KUNIT_EXPECT_EQ_MSG(test, at, last + gap, "row %u", i);
				last = at;
			}
			/* fq would drop what is more than it takes of a flow. */
			KUNIT_EXPECT_LE_MSG(test, n - before, 50u, "row %u", i);
			now = rdg_pace_next(&p, &cc) + row[i].late;
		}
		KUNIT_EXPECT_LE_MSG(test, times, row[i].most, "row %u", i);
	}
}

static void pace__timed_packets_do_not_overtake(struct kunit *test)
{
	struct rdg_cc cc = { .mtu = MTU, .pacing = 10000 * MTU };
	struct rdg_pace p = { .timed = true };
	u64 now = NSEC_PER_SEC;
	u64 last = now;

	while (rdg_pace_open(&p, &cc, now)) {
		last = rdg_pace_departure(&p, &cc, true, now);
		rdg_pace_sent(&p, &cc, MTU, now);
	}
	KUNIT_EXPECT_GT(test, last, now + MS);
	KUNIT_EXPECT_EQ(test, rdg_pace_departure(&p, &cc, false, now), last);
	KUNIT_EXPECT_EQ(test, rdg_pace_waiting(&p, &cc, now), leave(&p, &cc, last + MS / 2));
	/* Nor where the driver says that it does not wait any more. */
	p.timed = false;
	KUNIT_EXPECT_GE(test, rdg_pace_departure(&p, &cc, false, now), last);
	KUNIT_EXPECT_EQ(test, rdg_pace_waiting(&p, &cc, now), 0u);
	/* Idle time earns nothing. */
	p.timed = true;
	now = last + NSEC_PER_SEC;
	KUNIT_EXPECT_EQ(test, rdg_pace_departure(&p, &cc, true, now), now);
	rdg_pace_sent(&p, &cc, MTU, now);
	KUNIT_EXPECT_GT(test, rdg_pace_departure(&p, &cc, true, now), now);
}

/* Packets of 1000 bytes; when each is sent and acknowledged is up to the test. */
struct flow {
	struct rdg_rate r;
	struct rdg_ledger g;
	struct rdg_cc_ack ack;
};

static void emit(struct kunit *test, struct flow *f, u64 now)
{
	KUNIT_ASSERT_TRUE(test, rdg_ledger_room(&f->g, 1));
	rdg_rate_sent(&f->r, &f->g, rdg_ledger_add(&f->g, MTU, now));
}

static void ack(struct flow *f, u64 pn, u64 now)
{
	struct rdg_sent s = *rdg_ledger_at(&f->g, pn);

	rdg_rate_acked(&f->r, s.size, now);
	rdg_ledger_set(&f->g, rdg_ledger_at(&f->g, pn), RDG_SENT_ACKED);
	f->ack = (struct rdg_cc_ack){ .now = now };
	rdg_rate_sample(&f->r, &s, 10 * MS, &f->ack);
}

static u64 rate_of(const struct flow *f)
{
	return f->ack.interval ? div64_u64((u64)f->ack.sample * NSEC_PER_SEC, f->ack.interval) : 0;
}

static void rate__of_a_steady_flow_is_exact(struct kunit *test)
{
	struct flow f = {};
	u32 i;

	rdg_ledger_init(&f.g);
	rdg_rate_init(&f.r);
	for (i = 0; i < 60; i++) {
		emit(test, &f, NSEC_PER_SEC + i * MS);
		if (i < 20)
			continue;
		ack(&f, i - 20, NSEC_PER_SEC + i * MS);
		if (i >= 45)
			KUNIT_EXPECT_LE(test, abs((int)(rate_of(&f) - MTU * 1000)), MTU);
	}
	KUNIT_EXPECT_EQ(test, f.ack.delivered, 40ULL * MTU);
	KUNIT_EXPECT_EQ(test, f.ack.sample_flight, 21u * MTU);
	rdg_ledger_free(&f.g);
}

/* Acks that come in a heap say how fast was sent, packets that leave in a heap
 * how fast they were carried: never the shorter time.
 */
static void rate__is_of_the_longer_interval(struct kunit *test)
{
	struct flow f = {};
	u32 i;

	rdg_ledger_init(&f.g);
	rdg_rate_init(&f.r);
	for (i = 0; i < 20; i++)
		emit(test, &f, NSEC_PER_SEC + i * MS);
	for (i = 0; i < 20; i++)
		ack(&f, i, NSEC_PER_SEC + 100 * MS);
	/* 20 packets in the 100 ms until the heap of acks. */
	KUNIT_EXPECT_LE(test, abs((int)(rate_of(&f) - 20 * MTU * 10)), MTU);
	for (i = 20; i < 40; i++)
		emit(test, &f, NSEC_PER_SEC + 200 * MS);
	for (i = 20; i < 40; i++)
		ack(&f, i, NSEC_PER_SEC + 220 * MS + (i - 20) * MS);
	KUNIT_EXPECT_LE(test, abs((int)(f.ack.interval - 39 * MS)), 1000);
	KUNIT_EXPECT_EQ(test, f.ack.sample, 20u * MTU);
	rdg_ledger_free(&f.g);
}

static void rate__knows_when_the_sender_had_too_little(struct kunit *test)
{
	struct flow f = {};
	u32 i;

	rdg_ledger_init(&f.g);
	rdg_rate_init(&f.r);
	emit(test, &f, NSEC_PER_SEC);
	rdg_rate_app_limited(&f.r, f.g.bytes);
	emit(test, &f, NSEC_PER_SEC + MS);
	for (i = 0; i < 2; i++) {
		ack(&f, i, NSEC_PER_SEC + (20 + i) * MS);
		KUNIT_EXPECT_EQ_MSG(test, f.ack.app_limited, i == 1, "packet %u", i);
	}
	/* All of that was delivered: what is sent from now on counts again. */
	emit(test, &f, NSEC_PER_SEC + 30 * MS);
	ack(&f, 2, NSEC_PER_SEC + 50 * MS);
	KUNIT_EXPECT_FALSE(test, f.ack.app_limited);
	/* Faster than the path is: no sample. */
	emit(test, &f, NSEC_PER_SEC + 60 * MS);
	ack(&f, 3, NSEC_PER_SEC + 61 * MS);
	KUNIT_EXPECT_EQ(test, f.ack.interval, 0ULL);
	rdg_ledger_free(&f.g);
}

static void rate__counts_rounds_and_losses(struct kunit *test)
{
	struct flow f = {};
	u32 i, rounds = 0;

	rdg_ledger_init(&f.g);
	rdg_rate_init(&f.r);
	for (i = 0; i < 100; i++) {
		emit(test, &f, NSEC_PER_SEC + i * MS);
		if (i < 20)
			continue;
		if (i == 70)
			f.r.lost += 3 * MTU;
		ack(&f, i - 20, NSEC_PER_SEC + i * MS);
		rounds += f.ack.round;
		KUNIT_EXPECT_EQ_MSG(test, f.ack.sample_lost, i >= 70 && i <= 90 ? 3u * MTU : 0u,
				    "packet %u", i);
	}
	/* One for each time that what was in flight has come round. */
	KUNIT_EXPECT_EQ(test, rounds, 4u);
	rdg_ledger_free(&f.g);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(pace__without_a_rate_is_none),
	KUNIT_CASE(pace__bursts_have_bounds),
	KUNIT_CASE(pace__keeps_the_rate_whatever_the_timer_does),
	KUNIT_CASE(pace__timed_packets_depart_one_by_one),
	KUNIT_CASE(pace__timed_packets_do_not_overtake),
	KUNIT_CASE(rate__of_a_steady_flow_is_exact),
	KUNIT_CASE(rate__is_of_the_longer_interval),
	KUNIT_CASE(rate__knows_when_the_sender_had_too_little),
	KUNIT_CASE(rate__counts_rounds_and_losses),
	{}
};

struct kunit_suite rdg_rate_suite = {
	.name = "rdgram_rate",
	.test_cases = cases,
};
