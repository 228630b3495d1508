// SPDX-License-Identifier: GPL-2.0-only
/*
 * RACK: order, loss, and losses that were none.
 */
#include "../core/rack.h"
#include "suites.h"

#define MS	NSEC_PER_MSEC

/* A path of 40 ms; packets leave a millisecond apart from 1 s on. */
struct scene {
	struct rdg_rack r;
	struct rdg_ledger g;
	struct rdg_rtt rtt;
};

static u64 sent_at(u64 pn)
{
	return NSEC_PER_SEC + pn * MS;
}

static void scene_init(struct kunit *test, struct scene *s, u32 packets)
{
	u32 i;

	rdg_rack_init(&s->r);
	rdg_ledger_init(&s->g);
	rdg_rtt_init(&s->rtt);
	rdg_rtt_sample(&s->rtt, 40 * MS, 0);
	for (i = 0; i < packets; i++) {
		KUNIT_ASSERT_TRUE(test, rdg_ledger_room(&s->g, 1));
		rdg_ledger_add(&s->g, 1000, sent_at(i));
	}
}

static void ack(struct scene *s, u64 pn, u64 now)
{
	struct rdg_sent *e = rdg_ledger_at(&s->g, pn);

	rdg_rack_detect_reordering(&s->r, e, s->r.end);
	rdg_rack_update(&s->r, e, now);
	rdg_ledger_set(&s->g, e, RDG_SENT_ACKED);
}

/* Count lost what is lost; how many packets that is. */
static u32 detect(struct scene *s, u64 now, u64 *at)
{
	u64 reo_wnd = rdg_rack_reo_wnd(&s->r, &s->g, &s->rtt);
	struct rdg_sent *e;
	u32 n = 0;

	*at = 0;
	while ((e = rdg_rack_detect_loss(&s->r, &s->g, reo_wnd, now, at))) {
		rdg_rack_lost(&s->r, e, s->g.next);
		rdg_ledger_set(&s->g, e, RDG_SENT_LOST);
		n++;
	}
	return n;
}

static void update__keeps_the_newest(struct kunit *test)
{
	struct scene s;

	scene_init(test, &s, 4);
	ack(&s, 2, sent_at(2) + 40 * MS);
	KUNIT_EXPECT_EQ(test, s.r.end, 3ULL);
	KUNIT_EXPECT_EQ(test, s.r.time, sent_at(2));
	KUNIT_EXPECT_EQ(test, s.r.rtt, (u64)(40 * MS));
	KUNIT_EXPECT_FALSE(test, s.r.reordering_seen);
	ack(&s, 1, sent_at(2) + 50 * MS);
	KUNIT_EXPECT_EQ(test, s.r.end, 3ULL);
	KUNIT_EXPECT_EQ(test, s.r.rtt, (u64)(40 * MS));
	KUNIT_EXPECT_TRUE(test, s.r.reordering_seen);
	rdg_ledger_free(&s.g);
}

/* RFC 8985, 6.2, step 4. */
static void reo_wnd__is_zero_only_where_the_rfc_says_so(struct kunit *test)
{
	static const struct {
		bool reordering;
		bool recovery;
		u32 sacked;
		u64 late;
		u64 window;
	} row[] = {
		{ false, false, 0, 0, 10 * MS }, { false, false, 2, 0, 10 * MS },
		{ false, false, 3, 0, 0 },	 { false, true, 0, 0, 0 },
		{ false, true, 9, 0, 0 },	 { true, false, 0, 0, 10 * MS },
		{ true, true, 0, 0, 10 * MS },	 { true, false, 3, 0, 10 * MS },
		{ true, true, 3, 30 * MS, 30 * MS }, { true, false, 0, 5 * MS, 10 * MS },
		{ true, false, 9, 70 * MS, 70 * MS },
	};
	struct scene s;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(row); i++) {
		scene_init(test, &s, 0);
		s.r.reordering_seen = row[i].reordering;
		s.r.end = 5;
		s.r.recovery = row[i].recovery ? 5 : 4;
		s.r.late = row[i].late;
		s.g.sacked = row[i].sacked;
		KUNIT_EXPECT_EQ_MSG(test, rdg_rack_reo_wnd(&s.r, &s.g, &s.rtt), row[i].window,
				    "row %u", i);
	}
}

static void loss__waits_for_the_window(struct kunit *test)
{
	u64 now = sent_at(2) + 40 * MS;
	struct scene s;
	u64 at;

	scene_init(test, &s, 8);
	ack(&s, 2, now);
	/* Two were overtaken by one packet: that is not enough. */
	KUNIT_EXPECT_EQ(test, detect(&s, now, &at), 0u);
	KUNIT_EXPECT_EQ(test, at, sent_at(0) + 50 * MS);
	KUNIT_EXPECT_EQ(test, detect(&s, at - 1, &at), 0u);
	KUNIT_EXPECT_EQ(test, detect(&s, at, &at), 1u);
	KUNIT_EXPECT_EQ(test, at, sent_at(1) + 50 * MS);
	KUNIT_EXPECT_EQ(test, detect(&s, at, &at), 1u);
	/* Nothing after the newest that arrived can be lost yet. */
	KUNIT_EXPECT_EQ(test, detect(&s, now + 1000 * MS, &at), 0u);
	KUNIT_EXPECT_EQ(test, at, 0ULL);
	KUNIT_EXPECT_EQ(test, s.g.flight, 5u);
	rdg_ledger_free(&s.g);
}

static void loss__of_one_that_three_overtook_is_at_once(struct kunit *test)
{
	struct scene s;
	u64 at, now;

	scene_init(test, &s, 8);
	ack(&s, 1, sent_at(1) + 40 * MS);
	ack(&s, 2, sent_at(2) + 40 * MS);
	now = sent_at(3) + 40 * MS;
	KUNIT_EXPECT_EQ(test, detect(&s, sent_at(2) + 40 * MS, &at), 0u);
	ack(&s, 3, now);
	KUNIT_EXPECT_EQ(test, detect(&s, now, &at), 1u);
	KUNIT_EXPECT_EQ(test, (int)rdg_ledger_at(&s.g, 0)->state, (int)RDG_SENT_LOST);
	rdg_ledger_free(&s.g);
}

static void loss__in_recovery_is_at_once(struct kunit *test)
{
	struct scene s;
	u64 at;

	scene_init(test, &s, 8);
	ack(&s, 2, sent_at(2) + 40 * MS);
	KUNIT_EXPECT_EQ(test, detect(&s, sent_at(0) + 50 * MS, &at), 1u);
	KUNIT_EXPECT_EQ(test, detect(&s, sent_at(1) + 50 * MS, &at), 1u);
	/* 3 is overtaken by 4 alone, in the round in which losses were noticed. */
	ack(&s, 4, sent_at(4) + 55 * MS);
	KUNIT_EXPECT_EQ(test, detect(&s, sent_at(4) + 55 * MS, &at), 1u);
	rdg_ledger_free(&s.g);
}

static void loss__after_reordering_waits(struct kunit *test)
{
	struct scene s;
	u64 at;

	scene_init(test, &s, 20);
	ack(&s, 1, sent_at(1) + 40 * MS);
	ack(&s, 0, sent_at(1) + 40 * MS);
	ack(&s, 9, sent_at(9) + 40 * MS);
	ack(&s, 8, sent_at(9) + 40 * MS);
	ack(&s, 7, sent_at(9) + 40 * MS);
	ack(&s, 6, sent_at(9) + 40 * MS);
	KUNIT_EXPECT_EQ(test, detect(&s, sent_at(9) + 40 * MS, &at), 0u);
	KUNIT_EXPECT_EQ(test, at, sent_at(2) + 50 * MS);
	rdg_ledger_free(&s.g);
}

static void spurious__widens_the_window(struct kunit *test)
{
	struct scene s;
	u64 at, now;

	scene_init(test, &s, 40);
	ack(&s, 5, sent_at(5) + 40 * MS);
	KUNIT_EXPECT_EQ(test, detect(&s, sent_at(0) + 50 * MS, &at), 1u);
	now = sent_at(0) + 65 * MS;
	KUNIT_EXPECT_TRUE(test, rdg_rack_spurious(&s.r, rdg_ledger_at(&s.g, 0), &s.rtt, now));
	KUNIT_EXPECT_EQ(test, rdg_rack_reo_wnd(&s.r, &s.g, &s.rtt), (u64)(25 * MS));
	ack(&s, 30, sent_at(30) + 40 * MS);
	KUNIT_EXPECT_EQ(test, detect(&s, sent_at(1) + 65 * MS - 1, &at), 0u);
	KUNIT_EXPECT_EQ(test, detect(&s, sent_at(1) + 65 * MS, &at), 1u);
	rdg_ledger_free(&s.g);
}

static void spurious__window_is_forgotten_after_16_episodes(struct kunit *test)
{
	struct scene s;
	u64 at;
	u32 i;

	scene_init(test, &s, 0);
	rdg_ledger_room(&s.g, 1);
	rdg_ledger_add(&s.g, 1000, sent_at(0));
	rdg_rack_lost(&s.r, rdg_ledger_at(&s.g, 0), s.g.next);
	rdg_rack_spurious(&s.r, rdg_ledger_at(&s.g, 0), &s.rtt, sent_at(0) + 100 * MS);
	for (i = 1; i <= 16; i++) {
		KUNIT_EXPECT_EQ_MSG(test, s.r.late, (u64)(60 * MS), "episode %u", i);
		rdg_ledger_add(&s.g, 1000, sent_at(i));
		rdg_rack_lost(&s.r, rdg_ledger_at(&s.g, i), s.g.next);
	}
	at = rdg_rack_reo_wnd(&s.r, &s.g, &s.rtt);
	KUNIT_EXPECT_EQ(test, at, (u64)(10 * MS));
	rdg_ledger_free(&s.g);
}

/* One that was held up for a minute says nothing about how the others come: RFC 8985 ends at
 * SRTT.
 */
static void spurious__window_has_a_bound(struct kunit *test)
{
	struct scene s;

	scene_init(test, &s, 1);
	rdg_rack_lost(&s.r, rdg_ledger_at(&s.g, 0), s.g.next);
	rdg_rack_spurious(&s.r, rdg_ledger_at(&s.g, 0), &s.rtt, sent_at(0) + 60 * NSEC_PER_SEC);
	KUNIT_EXPECT_LE(test, rdg_rack_reo_wnd(&s.r, &s.g, &s.rtt), 4 * rdg_rtt_pto(&s.rtt));
	rdg_ledger_free(&s.g);
}

static void spurious__undoes_only_whole_episodes(struct kunit *test)
{
	struct scene s;
	u64 now = sent_at(9) + 60 * MS;
	u64 at;

	scene_init(test, &s, 10);
	ack(&s, 3, sent_at(3) + 40 * MS);
	KUNIT_EXPECT_EQ(test, detect(&s, sent_at(2) + 50 * MS, &at), 3u);
	KUNIT_EXPECT_FALSE(test, rdg_rack_spurious(&s.r, rdg_ledger_at(&s.g, 0), &s.rtt, now));
	KUNIT_EXPECT_FALSE(test, rdg_rack_spurious(&s.r, rdg_ledger_at(&s.g, 2), &s.rtt, now));
	KUNIT_EXPECT_TRUE(test, rdg_rack_spurious(&s.r, rdg_ledger_at(&s.g, 1), &s.rtt, now));
	rdg_ledger_free(&s.g);
}

static void spurious__of_an_earlier_episode_undoes_nothing(struct kunit *test)
{
	struct scene s;
	u64 now = sent_at(9) + 60 * MS;

	scene_init(test, &s, 10);
	rdg_rack_lost(&s.r, rdg_ledger_at(&s.g, 1), 5);
	rdg_rack_lost(&s.r, rdg_ledger_at(&s.g, 4), 10);
	/* 5 was sent after the losses were noticed: a new episode. */
	rdg_rack_lost(&s.r, rdg_ledger_at(&s.g, 5), 10);
	KUNIT_EXPECT_FALSE(test, rdg_rack_spurious(&s.r, rdg_ledger_at(&s.g, 1), &s.rtt, now));
	KUNIT_EXPECT_FALSE(test, rdg_rack_spurious(&s.r, rdg_ledger_at(&s.g, 4), &s.rtt, now));
	KUNIT_EXPECT_TRUE(test, rdg_rack_spurious(&s.r, rdg_ledger_at(&s.g, 5), &s.rtt, now));
	rdg_ledger_free(&s.g);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(update__keeps_the_newest),
	KUNIT_CASE(reo_wnd__is_zero_only_where_the_rfc_says_so),
	KUNIT_CASE(loss__waits_for_the_window),
	KUNIT_CASE(loss__of_one_that_three_overtook_is_at_once),
	KUNIT_CASE(loss__in_recovery_is_at_once),
	KUNIT_CASE(loss__after_reordering_waits),
	KUNIT_CASE(spurious__widens_the_window),
	KUNIT_CASE(spurious__window_is_forgotten_after_16_episodes),
	KUNIT_CASE(spurious__window_has_a_bound),
	KUNIT_CASE(spurious__undoes_only_whole_episodes),
	KUNIT_CASE(spurious__of_an_earlier_episode_undoes_nothing),
	{}
};

struct kunit_suite rdg_rack_suite = {
	.name = "rdgram_rack",
	.test_cases = cases,
};
