// SPDX-License-Identifier: GPL-2.0-only
/*
 * CUBIC against RFC 9438's formulas, and HyStart++ against RFC 9406's.
 */
#include <linux/math64.h>
#include "../core/cc.h"
#include "../core/cubic.h"
#include "../core/hystart.h"
#include "sim.h"
#include "suites.h"

#define MS	NSEC_PER_MSEC
#define MTU	1000

static void root__is_exact(struct kunit *test)
{
	static const u64 edge[] = {
		0, 1, 7, 8, 26, 27, 63, 64, 999999999, 1000000000, 1ULL << 62, (1ULL << 63) - 1,
		1ULL << 63, U64_MAX,
	};
	struct sim_world *w = sim_begin(7);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, w);
	for (i = 0; i < 2000; i++) {
		u64 x = i < ARRAY_SIZE(edge) ? edge[i] : sim_random(&w->rnd) >> sim_below(w, 64);
		u64 root = rdg_cubic_root(x);

		/* root^3 <= x < (root + 1)^3, without a product that overflows */
		KUNIT_ASSERT_TRUE(test, !root || div64_u64(div64_u64(x, root), root) >= root);
		KUNIT_ASSERT_LT(test, div64_u64(div64_u64(x, root + 1), root + 1), root + 1);
	}
	sim_end(w);
}

/* The figures are of the RFC's formulas, in floating point:
 * K = cbrt((w_max - cwnd) / mtu / 0.4), W = 0.4 (t - K)^3 mtu + w_max.
 */
static void window__is_that_of_the_formula(struct kunit *test)
{
	static const struct {
		u32 mtu, w_max, cwnd, k, us, window;
	} row[] = {
		{ 1000, 1000000, 700000, 148858, 0, 700000 },
		{ 1000, 1000000, 700000, 148858, 5000000, 972721 },
		{ 1000, 1000000, 700000, 148858, 9085600, 1000000 },
		{ 1000, 1000000, 700000, 148858, 15000000, 1082754 },
		{ 1000, 1000000, 700000, 148858, 40000000, 12817955 },
		{ 1472, 14720, 10304, 32070, 1000000, 14203 },
		{ 1472, 14720, 10304, 32070, 2500000, 14814 },
		{ 1200, 240000000, 168000000, 870529, 30000000, 234057994 },
		{ 9000, 9000000, 9000000, 0, 3000000, 9097200 },
		{ 65000, 130000, 91000, 18754, 500000, 123033 },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(row); i++) {
		u32 k = rdg_cubic_k(row[i].w_max - row[i].cwnd, row[i].mtu);
		u32 w = rdg_cubic_window(row[i].us * (u64)NSEC_PER_USEC, k, row[i].w_max,
					 row[i].mtu);

		KUNIT_EXPECT_LE_MSG(test, abs((int)(k - row[i].k)), 1, "row %u: K %u", i, k);
		KUNIT_EXPECT_LE_MSG(test, abs((int)(w - row[i].window)), 2 + row[i].window / 5000,
				    "row %u: W %u", i, w);
	}
}

static void window__has_bounds(struct kunit *test)
{
	static const u64 t[] = { 0, 1, NSEC_PER_SEC, 3600 * (u64)NSEC_PER_SEC, U64_MAX };
	static const u32 mtu[] = { 1, 576, 65535 };
	u32 i, j, k;

	for (i = 0; i < ARRAY_SIZE(t); i++) {
		for (j = 0; j < ARRAY_SIZE(mtu); j++) {
			k = rdg_cubic_k(RDG_CWND_MAX, mtu[j]);
			KUNIT_EXPECT_LE(test, k, (u32)RDG_CUBIC_TIME_MAX);
			KUNIT_EXPECT_LE(test, rdg_cubic_window(t[i], k, RDG_CWND_MAX, mtu[j]),
					(u32)RDG_CWND_MAX);
			KUNIT_EXPECT_LE(test, rdg_cubic_window(t[i], 0, 0, mtu[j]),
					(u32)RDG_CWND_MAX);
		}
	}
	/* No underflow long before the plateau. */
	KUNIT_EXPECT_EQ(test, rdg_cubic_window(0, RDG_CUBIC_TIME_MAX, 1000, 1000), 0u);
}

/* A link on which all is acknowledged once per round trip. */
struct scene {
	struct rdg_cc cc;
	struct rnd_state rnd;
	u64 now;
	u64 rtt;
};

static void scene_init(struct scene *s, u64 rtt)
{
	prandom_seed_state(&s->rnd, 1);
	s->cc.ops = &rdg_cc_cubic;
	s->cc.rnd = &s->rnd;
	s->cc.mtu = MTU;
	s->cc.pacing = 0;
	s->cc.ssthresh = U32_MAX;
	s->cc.cwnd = rdg_cwnd_initial(&s->cc);
	s->now = NSEC_PER_SEC;
	s->rtt = rtt;
	s->cc.ops->init(&s->cc, s->now);
}

static void ack(struct scene *s, u32 bytes, bool limited, bool round)
{
	struct rdg_cc_ack a = {
		.now = s->now, .sent = s->now - s->rtt, .rtt = s->rtt, .bytes = bytes,
		.limited = limited, .round = round, .srtt = s->rtt, .min_rtt = s->rtt,
	};

	s->cc.ops->ack(&s->cc, &a);
}

/* A round trip, in which the window is acknowledged in ten parts. */
static void rounds(struct scene *s, u32 n, bool limited)
{
	u32 i, cwnd;

	while (n--) {
		cwnd = s->cc.cwnd;
		for (i = 0; i < 10; i++) {
			s->now += s->rtt / 10;
			ack(s, cwnd / 10, limited, !i);
		}
	}
}

static void lose(struct scene *s, u64 sent)
{
	struct rdg_cc_loss loss = {
		.now = s->now, .sent = sent, .bytes = MTU, .flight = s->cc.cwnd - MTU,
		.largest = s->cc.cwnd,
	};

	s->cc.ops->loss(&s->cc, &loss);
}

static void slow_start__doubles(struct kunit *test)
{
	struct scene s;

	scene_init(&s, 50 * MS);
	rounds(&s, 3, true);
	KUNIT_EXPECT_EQ(test, s.cc.cwnd, 80u * MTU);
	/* Paced at twice the window per round trip. */
	KUNIT_EXPECT_EQ(test, s.cc.pacing, 2 * 80 * MTU * 20ULL);
	rounds(&s, 5, false);
	KUNIT_EXPECT_EQ(test, s.cc.cwnd, 80u * MTU);
}

/* A dozen round trips, each longer than the one before. */
static void queue_grows(struct scene *s, bool limited)
{
	u32 i;

	for (i = 0; i < 12; i++) {
		rounds(s, 1, limited);
		s->rtt += 20 * MS;
	}
}

/* A queue that others make says nothing of a window that is not filled. */
static void slow_start__outlasts_the_queues_of_others(struct kunit *test)
{
	struct scene s;

	scene_init(&s, 50 * MS);
	queue_grows(&s, false);
	KUNIT_EXPECT_EQ(test, s.cc.ssthresh, U32_MAX);
	queue_grows(&s, true);
	KUNIT_EXPECT_NE(test, s.cc.ssthresh, U32_MAX);
}

static void loss__takes_three_tenths_once_a_round(struct kunit *test)
{
	struct scene s;

	scene_init(&s, 50 * MS);
	rounds(&s, 3, true);
	lose(&s, s.now - 1);
	KUNIT_EXPECT_EQ(test, s.cc.cwnd, 56u * MTU);
	KUNIT_EXPECT_EQ(test, s.cc.ssthresh, 56u * MTU);
	s.now += 10 * MS;
	lose(&s, s.now - 11 * MS);
	KUNIT_EXPECT_EQ(test, s.cc.cwnd, 56u * MTU);
	lose(&s, s.now - 9 * MS);
	KUNIT_EXPECT_EQ(test, s.cc.cwnd, 56u * MTU / 10 * 7);
	for (s.now += 50 * MS; s.cc.cwnd > 4 * MTU; s.now += 50 * MS)
		lose(&s, s.now - 1);
	lose(&s, s.now - 1);
	KUNIT_EXPECT_EQ(test, s.cc.cwnd, 4u * MTU);
}

/* RFC 7661: a window that was not used was not tested. */
static void loss__counts_from_what_was_in_flight(struct kunit *test)
{
	struct rdg_cc_loss loss = { .largest = 20 * MTU, .bytes = MTU };
	struct scene s;

	scene_init(&s, 50 * MS);
	rounds(&s, 3, true);
	loss.now = s.now;
	loss.sent = s.now - 1;
	s.cc.ops->loss(&s.cc, &loss);
	KUNIT_EXPECT_EQ(test, s.cc.cwnd, 14u * MTU);
}

/* RFC 9438, 4.6: one that was is what is answered, not what it was a round trip ago;
 * but for slow start, in which that was half of it.
 */
static void loss__counts_from_a_window_in_use(struct kunit *test)
{
	struct rdg_cc_loss loss = { .largest = 20 * MTU, .bytes = MTU, .limited = true };
	struct scene s;

	scene_init(&s, 50 * MS);
	s.cc.cwnd = 40 * MTU;
	loss.now = s.now;
	loss.sent = s.now - 1;
	s.cc.ops->loss(&s.cc, &loss);
	KUNIT_EXPECT_EQ(test, s.cc.cwnd, 14u * MTU);
	loss.now = s.now + 50 * MS;
	loss.sent = s.now + 1;
	s.cc.cwnd = 30 * MTU;
	s.cc.ops->loss(&s.cc, &loss);
	KUNIT_EXPECT_EQ(test, s.cc.cwnd, 21u * MTU);
}

static void growth__follows_the_curve(struct kunit *test)
{
	struct scene s;
	u64 epoch;
	u32 i, k;

	/* Far from what Reno would do: 100 ms, 1000 segments. */
	scene_init(&s, 100 * MS);
	s.cc.cwnd = 1000 * MTU;
	lose(&s, s.now - 1);
	k = rdg_cubic_k(300 * MTU, MTU);
	s.now += 100 * MS + 1;
	epoch = s.now + 10 * MS;
	for (i = 1; i <= 200; i++) {
		u32 want;

		rounds(&s, 1, true);
		want = rdg_cubic_window(s.now - epoch, k, 1000 * MTU, MTU);
		KUNIT_EXPECT_LE_MSG(test, abs((int)(s.cc.cwnd - want)), want / 40,
				    "round %u: %u, not %u", i, s.cc.cwnd, want);
	}
}

/* A path of long delay and small packets: less than a KiB. */
static void growth__of_the_smallest_window(struct kunit *test)
{
	struct scene s;

	scene_init(&s, 2000 * MS);
	s.cc.mtu = 200;
	s.cc.cwnd = 800;
	lose(&s, s.now - 1);
	KUNIT_EXPECT_EQ(test, s.cc.cwnd, 800u);
	s.now += 2000 * MS + 1;
	rounds(&s, 10, true);
	KUNIT_EXPECT_GT(test, s.cc.cwnd, 1600u);
}

/* 4.3: not less than Reno with the same beta: 9/17 of a segment for each round
 * trip until the loss has been made up for, then a whole one.
 */
static void growth__is_at_least_renos(struct kunit *test)
{
	struct scene s;

	scene_init(&s, 5 * MS);
	s.cc.cwnd = 40 * MTU;
	lose(&s, s.now - 1);
	s.now += 5 * MS + 1;
	rounds(&s, 17, true);
	KUNIT_EXPECT_LE(test, abs((int)(s.cc.cwnd - 37 * MTU)), MTU / 4);
	rounds(&s, 6, true);
	KUNIT_EXPECT_LE(test, abs((int)(s.cc.cwnd - 40 * MTU)), MTU / 2);
	rounds(&s, 20, true);
	KUNIT_EXPECT_LE(test, abs((int)(s.cc.cwnd - 60 * MTU)), MTU);
}

static void growth__stops_where_the_window_is_not_the_limit(struct kunit *test)
{
	struct scene s, other;

	scene_init(&s, 100 * MS);
	s.cc.cwnd = 1000 * MTU;
	lose(&s, s.now - 1);
	s.now += 100 * MS + 1;
	rounds(&s, 10, true);
	other = s;
	other.cc.rnd = &other.rnd;
	rounds(&other, 100, false);
	KUNIT_EXPECT_EQ(test, other.cc.cwnd, s.cc.cwnd);
	/* The ten seconds do not count: it goes on where it was. */
	rounds(&s, 20, true);
	rounds(&other, 20, true);
	KUNIT_EXPECT_LE(test, abs((int)(other.cc.cwnd - s.cc.cwnd)), 2 * MTU);
}

/* 4.7 */
static void convergence__is_fast_where_the_window_shrinks(struct kunit *test)
{
	struct scene s;

	scene_init(&s, 100 * MS);
	s.cc.cwnd = 1000 * MTU;
	lose(&s, s.now - 1);
	s.now += 100 * MS + 1;
	rounds(&s, 5, true);
	/* Lost again well below W_max: the plateau is 0.85 of the window. */
	s.cc.cwnd = 800 * MTU;
	lose(&s, s.now - 1);
	KUNIT_EXPECT_EQ(test, s.cc.cwnd, 560u * MTU);
	s.now += 100 * MS + 1;
	rounds(&s, 80, true);
	KUNIT_EXPECT_LE(test, abs((int)(s.cc.cwnd - 680 * MTU)), 10 * MTU);
}

static void ecn__takes_three_twentieths_once_a_round(struct kunit *test)
{
	struct scene s;

	scene_init(&s, 50 * MS);
	s.cc.cwnd = 100 * MTU;
	s.cc.ops->ecn(&s.cc, s.now - 1, s.now);
	KUNIT_EXPECT_EQ(test, s.cc.cwnd, 85u * MTU);
	s.cc.ops->ecn(&s.cc, s.now - 1, s.now + 1);
	KUNIT_EXPECT_EQ(test, s.cc.cwnd, 85u * MTU);
	s.cc.ops->ecn(&s.cc, s.now + 1, s.now + 60 * MS);
	KUNIT_EXPECT_EQ(test, s.cc.cwnd, 85u * MTU / 100 * 85);
}

/* 4.9 */
static void undo__restores_window_and_curve(struct kunit *test)
{
	struct scene s, other;

	scene_init(&s, 100 * MS);
	s.cc.cwnd = 1000 * MTU;
	lose(&s, s.now - 1);
	s.now += 100 * MS + 1;
	rounds(&s, 30, true);
	other = s;
	other.cc.rnd = &other.rnd;
	lose(&other, other.now - 1);
	KUNIT_EXPECT_LT(test, other.cc.cwnd, s.cc.cwnd);
	other.cc.ops->undo(&other.cc);
	KUNIT_EXPECT_EQ(test, other.cc.cwnd, s.cc.cwnd);
	KUNIT_EXPECT_EQ(test, other.cc.ssthresh, s.cc.ssthresh);
	rounds(&s, 60, true);
	rounds(&other, 60, true);
	KUNIT_EXPECT_EQ(test, other.cc.cwnd, s.cc.cwnd);
	/* What was undone cannot be undone again. */
	lose(&other, other.now - 1);
	other.cc.ops->undo(&other.cc);
	s.cc.cwnd = other.cc.cwnd;
	other.cc.cwnd = 50 * MTU;
	other.cc.ops->undo(&other.cc);
	KUNIT_EXPECT_EQ(test, other.cc.cwnd, 50u * MTU);
}

static void silence__begins_anew_and_can_be_undone(struct kunit *test)
{
	struct scene s;

	scene_init(&s, 50 * MS);
	s.cc.cwnd = 100 * MTU;
	s.cc.ops->silence(&s.cc, s.now);
	KUNIT_EXPECT_EQ(test, s.cc.cwnd, 4u * MTU);
	KUNIT_EXPECT_EQ(test, s.cc.ssthresh, 70u * MTU);
	s.cc.ops->undo(&s.cc);
	KUNIT_EXPECT_EQ(test, s.cc.cwnd, 100u * MTU);
	KUNIT_EXPECT_EQ(test, s.cc.ssthresh, U32_MAX);
	s.cc.ops->silence(&s.cc, s.now);
	s.now += 60 * MS;
	rounds(&s, 3, true);
	KUNIT_EXPECT_EQ(test, s.cc.cwnd, 32u * MTU);
}

/* RFC 9438, 4.2: time in which nothing could be sent is none of the curve's. */
static void silence__is_no_time_to_grow(struct kunit *test)
{
	struct scene s;
	u32 before;

	scene_init(&s, 50 * MS);
	rounds(&s, 3, true);
	lose(&s, s.now - 1);
	rounds(&s, 30, true);
	before = s.cc.cwnd;
	s.cc.ops->silence(&s.cc, s.now);
	s.now += 60 * (u64)NSEC_PER_SEC;
	s.cc.ops->undo(&s.cc);
	rounds(&s, 2, true);
	KUNIT_EXPECT_LE(test, s.cc.cwnd, before + before / 8);
}

/* A loss that was none does not make up for a mark since. */
static void undo__is_not_of_a_mark(struct kunit *test)
{
	struct scene s;

	scene_init(&s, 50 * MS);
	rounds(&s, 3, true);
	lose(&s, s.now - 1);
	s.now += 60 * MS;
	s.cc.ops->ecn(&s.cc, s.now - 1, s.now);
	s.cc.ops->undo(&s.cc);
	KUNIT_EXPECT_EQ(test, s.cc.cwnd, 56u * MTU / 100 * 85);
}

/* RFC 9438, 4.6: what is in flight, not what was when the first of a burst left. */
static void loss__of_the_first_counts_as_of_any(struct kunit *test)
{
	struct rdg_cc_loss loss = { .largest = MTU, .bytes = MTU, .flight = 199 * MTU };
	struct scene s;

	scene_init(&s, 50 * MS);
	s.cc.cwnd = 300 * MTU;
	s.cc.ssthresh = 300 * MTU;
	loss.now = s.now;
	loss.sent = s.now - 1;
	s.cc.ops->loss(&s.cc, &loss);
	KUNIT_EXPECT_EQ(test, s.cc.cwnd, 140u * MTU);
	/* In slow start the half of it. */
	scene_init(&s, 50 * MS);
	s.cc.cwnd = 300 * MTU;
	s.cc.ops->loss(&s.cc, &loss);
	KUNIT_EXPECT_EQ(test, s.cc.cwnd, 70u * MTU);
}

static void resume__halves_in_long_idle_time(struct kunit *test)
{
	static const struct {
		u32 seconds, cwnd, after;
	} row[] = {
		{ 1, 100, 100 }, { 9, 100, 100 }, { 10, 100, 50 }, { 25, 100, 25 }, { 60, 100, 10 },
		{ 3600, 100, 10 }, { 60, 8, 8 },
	};
	struct scene s;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(row); i++) {
		scene_init(&s, 50 * MS);
		s.cc.cwnd = row[i].cwnd * MTU;
		s.now += row[i].seconds * (u64)NSEC_PER_SEC;
		s.cc.ops->resume(&s.cc, row[i].seconds * (u64)NSEC_PER_SEC, s.now);
		KUNIT_EXPECT_EQ_MSG(test, s.cc.cwnd, row[i].after * MTU, "row %u", i);
	}
}

static void hystart_round(struct rdg_hystart *h, u64 rtt, u32 samples)
{
	u32 i;

	for (i = 0; i < samples; i++)
		rdg_hystart_ack(h, rtt, !i);
}

/* RFC 9406, 4.2: an eighth of the RTT, from 4 to 16 ms. */
static void hystart__leaves_when_the_rtt_grows(struct kunit *test)
{
	static const struct {
		u64 before, after;
		u32 samples;
		enum rdg_hystart_phase phase;
	} row[] = {
		{ 10, 10, 20, RDG_HYSTART_SLOW_START },	  { 10, 13, 20, RDG_HYSTART_SLOW_START },
		{ 10, 14, 7, RDG_HYSTART_SLOW_START },	  { 10, 14, 8, RDG_HYSTART_CSS },
		{ 80, 89, 20, RDG_HYSTART_SLOW_START },	  { 80, 90, 20, RDG_HYSTART_CSS },
		{ 400, 415, 20, RDG_HYSTART_SLOW_START }, { 400, 416, 20, RDG_HYSTART_CSS },
		{ 400, 100, 20, RDG_HYSTART_SLOW_START },
	};
	struct rdg_hystart h;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(row); i++) {
		rdg_hystart_init(&h);
		hystart_round(&h, row[i].before * MS, 10);
		hystart_round(&h, row[i].after * MS, row[i].samples);
		KUNIT_EXPECT_EQ_MSG(test, (int)h.phase, (int)row[i].phase, "row %u", i);
	}
}

static void hystart__is_sure_after_five_rounds(struct kunit *test)
{
	struct rdg_hystart h;
	u32 i;

	rdg_hystart_init(&h);
	hystart_round(&h, 40 * MS, 10);
	hystart_round(&h, 50 * MS, 10);
	KUNIT_EXPECT_EQ(test, rdg_hystart_growth(&h, 4000), 1000u);
	for (i = 0; i < 4; i++) {
		hystart_round(&h, 52 * MS, 10);
		KUNIT_EXPECT_EQ_MSG(test, (int)h.phase, (int)RDG_HYSTART_CSS, "round %u", i);
	}
	hystart_round(&h, 52 * MS, 10);
	KUNIT_EXPECT_EQ(test, (int)h.phase, (int)RDG_HYSTART_DONE);
}

static void hystart__takes_jitter_back(struct kunit *test)
{
	struct rdg_hystart h;

	rdg_hystart_init(&h);
	hystart_round(&h, 40 * MS, 10);
	hystart_round(&h, 50 * MS, 10);
	hystart_round(&h, 49 * MS, 7);
	KUNIT_EXPECT_EQ(test, (int)h.phase, (int)RDG_HYSTART_CSS);
	rdg_hystart_ack(&h, 60 * MS, false);
	KUNIT_EXPECT_EQ(test, (int)h.phase, (int)RDG_HYSTART_SLOW_START);
	KUNIT_EXPECT_EQ(test, rdg_hystart_growth(&h, 4000), 4000u);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(root__is_exact),
	KUNIT_CASE(window__is_that_of_the_formula),
	KUNIT_CASE(window__has_bounds),
	KUNIT_CASE(slow_start__doubles),
	KUNIT_CASE(slow_start__outlasts_the_queues_of_others),
	KUNIT_CASE(loss__takes_three_tenths_once_a_round),
	KUNIT_CASE(loss__counts_from_what_was_in_flight),
	KUNIT_CASE(loss__counts_from_a_window_in_use),
	KUNIT_CASE(growth__follows_the_curve),
	KUNIT_CASE(growth__is_at_least_renos),
	KUNIT_CASE(growth__of_the_smallest_window),
	KUNIT_CASE(growth__stops_where_the_window_is_not_the_limit),
	KUNIT_CASE(convergence__is_fast_where_the_window_shrinks),
	KUNIT_CASE(ecn__takes_three_twentieths_once_a_round),
	KUNIT_CASE(undo__restores_window_and_curve),
	KUNIT_CASE(silence__begins_anew_and_can_be_undone),
	KUNIT_CASE(silence__is_no_time_to_grow),
	KUNIT_CASE(undo__is_not_of_a_mark),
	KUNIT_CASE(loss__of_the_first_counts_as_of_any),
	KUNIT_CASE(resume__halves_in_long_idle_time),
	KUNIT_CASE(hystart__leaves_when_the_rtt_grows),
	KUNIT_CASE(hystart__is_sure_after_five_rounds),
	KUNIT_CASE(hystart__takes_jitter_back),
	{}
};

struct kunit_suite rdg_cubic_suite = {
	.name = "rdgram_cubic",
	.test_cases = cases,
};
