// SPDX-License-Identifier: GPL-2.0-only
/*
 * What congestion control makes of a path, alone and among others: goodput as a
 * share of what the bottleneck carries, what it loses, how it is shared.
 *
 * The paths are those of Documentation/protocol.rst with a quarter of the rate
 * and four times the delay, or the like: as many packets in flight, a quarter
 * of the work.
 */
#include <linux/math64.h>
#include <linux/string.h>
#include "../core/cc.h"
#include "pipe.h"
#include "suites.h"

#define MS		NSEC_PER_MSEC
#define MBIT(n)		((n) * 125000ULL)

/* Shares are numbers of 1000. */
#define ALL		1000

static struct pipe *begin(struct kunit *test, const struct pipe_plan *plan, u64 seed)
{
	struct pipe *p = pipe_begin(plan, seed);

	KUNIT_ASSERT_NOT_NULL(test, p);
	return p;
}

static u64 arrived(const struct pipe *p)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < p->flows; i++)
		sum += p->flow[i].arrived;
	return sum;
}

/* What arrives from now on, as a share of what the bottleneck carries. */
static u32 goodput(struct pipe *p, u64 ns)
{
	u64 before = arrived(p);
	u64 most = div_u64(div_u64(p->plan.rate * (ns / MS), MSEC_PER_SEC) * PIPE_MESSAGE,
			   RDG_PACKET_SIZE);

	pipe_run(p, ns);
	return div64_u64((arrived(p) - before) * ALL, most);
}

/**
 * struct goodput_case - a path, and what is asked of the algorithms there
 *
 * @name: for the report.
 * @plan: the path.
 * @cubic: least goodput of cubic; of ALL.
 * @bbr: least goodput of bbr; of ALL.
 */
struct goodput_case {
	const char *name;
	struct pipe_plan plan;
	u32 cubic;
	u32 bbr;
};

static const struct goodput_case goodput_cases[] = {
	{ "clean", { .rate = MBIT(25), .queue = 200, .delay = 20 * MS }, 950, 950 },
	{ "1 % lost", { .rate = MBIT(25), .queue = 200, .delay = 20 * MS, .loss = 100 }, 0, 920 },
	{ "5 % lost", { .rate = MBIT(25), .queue = 200, .delay = 40 * MS, .loss = 500 }, 0, 850 },
	{ "10 % lost", { .rate = MBIT(25), .queue = 200, .delay = 20 * MS, .loss = 1000 },
	  0, 800 },
	{ "10±5 ms", { .rate = MBIT(25), .queue = 200, .delay = 10 * MS, .jitter = 5 * MS },
	  950, 950 },
	{ "25 % overtake", { .rate = MBIT(25), .queue = 200, .delay = 10 * MS, .early = 2500 },
	  900, 900 },
	{ "10±5 ms, 10 % lost, 5 % doubled, 10 % overtake",
	  { .rate = MBIT(10), .queue = 200, .delay = 10 * MS, .jitter = 5 * MS, .loss = 1000,
	    .twice = 500, .early = 1000 }, 0, 750 },
};

static u32 goodput_of(struct kunit *test, const struct goodput_case *c,
		      const struct rdg_cc_ops *cc, bool timed)
{
	struct pipe_plan plan = c->plan;
	struct pipe *p;
	u32 share;

	plan.timed = timed;
	p = begin(test, &plan, 1);
	pipe_add(p, cc, 0);
	pipe_run(p, 2000 * MS);
	share = goodput(p, 3000 * MS);
	kunit_info(test, "%s%s: %s %u of 1000, %llu of %llu dropped\n", c->name,
		   timed ? ", timed" : "", cc->name, share, p->dropped, p->offered);
	pipe_end(p);
	return share;
}

static void fill(struct kunit *test, bool timed)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(goodput_cases); i++) {
		const struct goodput_case *c = &goodput_cases[i];

		if (c->cubic)
			KUNIT_EXPECT_GE(test, goodput_of(test, c, &rdg_cc_cubic, timed), c->cubic);
		KUNIT_EXPECT_GE(test, goodput_of(test, c, &rdg_cc_bbr, timed), c->bbr);
	}
}

static void goodput__fills_the_path(struct kunit *test)
{
	fill(test, false);
}

/* Where each packet has a departure time it is no worse. */
static void goodput__fills_the_path_one_by_one(struct kunit *test)
{
	fill(test, true);
}

/* Of a path that begins to lose, and of one that stops. */
static void goodput__follows_the_loss(struct kunit *test)
{
	static const struct pipe_plan plan = { .rate = MBIT(25), .queue = 200, .delay = 20 * MS };
	struct pipe *p = begin(test, &plan, 2);

	pipe_add(p, &rdg_cc_bbr, 0);
	pipe_run(p, 2000 * MS);
	p->plan.loss = 1000;
	pipe_run(p, 5000 * MS);
	KUNIT_EXPECT_GE(test, goodput(p, 2000 * MS), 450u);
	p->plan.loss = 0;
	pipe_run(p, 1000 * MS);
	KUNIT_EXPECT_GE(test, goodput(p, 2000 * MS), 930u);
	pipe_end(p);
}

/* How an application begins again must not be taken for how long the way is: its
 * window grows by leaps, and so does what is in flight.
 */
static void goodput__of_who_pauses(struct kunit *test)
{
	static const struct pipe_plan plan = {
		.rate = MBIT(25), .queue = 800, .delay = 40 * MS, .loss = 500,
	};
	struct pipe *p = begin(test, &plan, 10);
	struct pipe_flow *f = pipe_add(p, &rdg_cc_bbr, 0);
	u32 i, sum = 0;

	for (i = 0; i < 8; i++) {
		pipe_run(p, 2000 * MS);
		sum += goodput(p, 2000 * MS);
		f->every = 4 * MS;
		f->next = p->now;
		pipe_run(p, 4000 * MS);
		f->every = 0;
	}
	kunit_info(test, "%u of 1000\n", sum / i);
	KUNIT_EXPECT_GE(test, sum / i, 850u);
	pipe_end(p);
}

/* Jain's index; of ALL. */
static u32 fairness(const struct pipe *p, const u64 *before)
{
	u64 sum = 0, squares = 0;
	u32 i;

	for (i = 0; i < p->flows; i++) {
		u64 n = div_u64(p->flow[i].arrived - before[i], PIPE_MESSAGE);

		sum += n;
		squares += n * n;
	}
	return div64_u64(sum * sum * ALL, p->flows * squares);
}

static void share(struct kunit *test, const struct rdg_cc_ops *cc, u32 flows,
		  const struct pipe_plan *plan, u32 least)
{
	struct pipe *p = begin(test, plan, 3);
	u64 before[PIPE_FLOWS];
	u32 i, used, index;

	for (i = 0; i < flows; i++)
		pipe_add(p, cc, i * 200 * MS);
	/* CUBIC takes its time: an epoch lasts some two seconds. */
	pipe_run(p, 10000 * MS);
	for (i = 0; i < flows; i++)
		before[i] = p->flow[i].arrived;
	used = goodput(p, 20000 * MS);
	index = fairness(p, before);
	kunit_info(test, "%u flows of %s: %u of 1000, fairness %u, %llu of %llu dropped\n", flows,
		   cc->name, used, index, p->dropped, p->offered);
	KUNIT_EXPECT_GE(test, used, 950u);
	KUNIT_EXPECT_GE(test, index, least);
	pipe_end(p);
}

static const struct pipe_plan shared = { .rate = MBIT(12), .queue = 100, .delay = 10 * MS };

static void fairness__of_two(struct kunit *test)
{
	share(test, &rdg_cc_cubic, 2, &shared, 900);
	share(test, &rdg_cc_bbr, 2, &shared, 900);
}

static void fairness__of_eight(struct kunit *test)
{
	/* Who has few packets in flight can hardly tell loss from chance. */
	static const struct pipe_plan wide = { .rate = MBIT(48), .queue = 200, .delay = 10 * MS };

	share(test, &rdg_cc_cubic, 8, &shared, 900);
	share(test, &rdg_cc_bbr, 8, &wide, 800);
}

static void yields(struct kunit *test, const char *name, const struct pipe_plan *plan, u32 most)
{
	struct pipe *p = begin(test, plan, 4);
	u32 used;

	pipe_add(p, &rdg_cc_bbr, 0);
	pipe_run(p, 2000 * MS);
	p->offered = 0;
	p->dropped = 0;
	used = goodput(p, 4000 * MS);
	kunit_info(test, "%s: %u of 1000, %llu of %llu dropped\n", name, used, p->dropped,
		   p->offered);
	KUNIT_EXPECT_GE(test, used, 880u);
	KUNIT_EXPECT_LE(test, p->dropped * ALL, p->offered * most);
	pipe_end(p);
}

/* A queue overflows, or a policer drops, because of nobody else. */
static void loss__of_its_own_making_is_answered(struct kunit *test)
{
	static const struct pipe_plan large = { .rate = MBIT(25), .queue = 200, .delay = 20 * MS };
	static const struct pipe_plan small = { .rate = MBIT(25), .queue = 15, .delay = 20 * MS };
	static const struct pipe_plan police = {
		.rate = MBIT(25), .queue = 25, .delay = 20 * MS, .police = true,
	};
	static const struct pipe_plan lossy = {
		.rate = MBIT(25), .queue = 25, .delay = 20 * MS, .police = true, .loss = 300,
	};

	/* 2 % is what BBRv3 allows itself. */
	yields(test, "a queue of 200", &large, 20);
	yields(test, "a queue of 15", &small, 20);
	yields(test, "a policer", &police, 20);
	yields(test, "a policer, 3 % lost before it", &lossy, 80);
}

/* RFC 3168: as drops are, and before there are any. */
static void marks__are_answered(struct kunit *test)
{
	static const struct pipe_plan plan = {
		.rate = MBIT(25), .queue = 200, .mark = 30, .delay = 20 * MS,
	};
	const struct rdg_cc_ops *cc;
	u32 i;

	for (i = 0; (cc = rdg_cc_nth(i)); i++) {
		struct pipe *p = begin(test, &plan, 5);

		pipe_add(p, cc, 0);
		pipe_run(p, 1000 * MS);
		p->dropped = 0;
		KUNIT_EXPECT_GE(test, goodput(p, 3000 * MS), 880u);
		kunit_info(test, "%s: %llu of %llu marked\n", cc->name, p->marked, p->offered);
		KUNIT_EXPECT_GT(test, p->marked, 0ULL);
		KUNIT_EXPECT_EQ(test, p->dropped, 0ULL);
		pipe_end(p);
	}
}

/* RFC 7661: a window that is not used says nothing about the path. */
static void window__of_an_idle_application_does_not_grow(struct kunit *test)
{
	static const struct pipe_plan plan = { .rate = MBIT(25), .queue = 200, .delay = 20 * MS };
	const struct rdg_cc_ops *cc;
	u32 i;

	for (i = 0; (cc = rdg_cc_nth(i)); i++) {
		struct pipe *p = begin(test, &plan, 6);
		struct pipe_flow *f = pipe_add(p, cc, 0);

		f->every = 15 * MS;
		pipe_run(p, 10000 * MS);
		kunit_info(test, "%s: a window of %u\n", cc->name, f->end[0].link.live->cc.cwnd);
		KUNIT_EXPECT_GE(test, f->arrived, 600ULL * PIPE_MESSAGE);
		KUNIT_EXPECT_LE(test, f->end[0].link.live->cc.cwnd, 20u * RDG_PACKET_SIZE);
		pipe_end(p);
	}
}

/* What leaves at the same moment; bytes. */
static u32 leaves_at_once(struct pipe *p, struct pipe_flow *f)
{
	u64 before = p->offered;

	pipe_flow_wake(f);
	return (p->offered - before) * RDG_PACKET_SIZE;
}

/* RFC 5681, 4.1, and RFC 7661: however long it was idle, and whatever its window is
 * by then, no more leaves at once than one burst of the pace.
 */
static void restart__after_idle_time_is_paced(struct kunit *test)
{
	static const struct pipe_plan plan = { .rate = MBIT(25), .queue = 200, .delay = 20 * MS };
	static const u64 idle[] = { 100 * MS, NSEC_PER_SEC, 12 * (u64)NSEC_PER_SEC };
	const struct rdg_cc_ops *cc;
	u32 i, j, burst, bytes;

	for (i = 0; (cc = rdg_cc_nth(i)); i++) {
		struct pipe *p = begin(test, &plan, 8);
		struct pipe_flow *f = pipe_add(p, cc, 0);
		struct rdg_link *l = &f->end[0].link;

		for (j = 0; j < ARRAY_SIZE(idle); j++) {
			pipe_run(p, 3000 * MS);
			/* The application pauses. */
			f->every = idle[j];
			while (f->pending)
				pipe_run(p, 10 * MS);
			pipe_run(p, idle[j]);
			KUNIT_EXPECT_EQ(test, l->live->ledger.flight, 0u);
			KUNIT_EXPECT_GT(test, l->live->cc.cwnd, 10u * RDG_PACKET_SIZE);
			f->every = 0;
			bytes = leaves_at_once(p, f);
			burst = max_t(u32, div_u64(l->live->cc.pacing, MSEC_PER_SEC), 2 * l->mtu);
			kunit_info(test, "%s, %llu ms: %u bytes at once, a window of %u\n",
				   cc->name, idle[j] / MS, bytes, l->live->cc.cwnd);
			KUNIT_EXPECT_GT(test, bytes, 0u);
			KUNIT_EXPECT_LE(test, bytes, burst + l->mtu);
		}
		pipe_end(p);
	}
}

/* Each algorithm goes on where the one before it was. */
static void change__keeps_what_is_known(struct kunit *test)
{
	static const struct pipe_plan plan = { .rate = MBIT(25), .queue = 200, .delay = 20 * MS };
	struct pipe *p = begin(test, &plan, 7);
	struct pipe_flow *f = pipe_add(p, rdg_cc_nth(0), 0);
	const struct rdg_cc_ops *cc;
	u32 i, share;

	pipe_run(p, 3000 * MS);
	for (i = 1; i < 6; i++) {
		cc = rdg_cc_nth(i % 3);
		KUNIT_ASSERT_NOT_NULL(test, cc);
		rdg_link_set_congestion(&f->end[0].link, cc, p->now);
		KUNIT_EXPECT_PTR_EQ(test, f->end[0].link.live->cc.ops, cc);
		share = goodput(p, 1000 * MS);
		kunit_info(test, "to %s: %u of 1000\n", cc->name, share);
		KUNIT_EXPECT_GE(test, share, 850u);
	}
	pipe_end(p);
}

/* What the link has delivered before, modulo 4 GiB, is no matter. */
static void change__to_bbr_of_an_old_link(struct kunit *test)
{
	static const struct pipe_plan plan = { .rate = MBIT(25), .queue = 200, .delay = 20 * MS };
	struct pipe *p = begin(test, &plan, 8);
	struct pipe_flow *f = pipe_add(p, &rdg_cc_cubic, 0);

	pipe_run(p, 2000 * MS);
	f->end[0].link.live->rate.delivered += 3ULL << 30;
	pipe_run(p, 1000 * MS);
	rdg_link_set_congestion(&f->end[0].link, &rdg_cc_bbr, p->now);
	p->plan.rate = MBIT(50);
	pipe_run(p, 3000 * MS);
	KUNIT_EXPECT_GE(test, goodput(p, 2000 * MS), 900u);
	pipe_end(p);
}

/* With a queue in which a round trip takes seconds, which each probe would leave too early. */
static void slower__is_learnt_in_a_deep_queue(struct kunit *test)
{
	static const struct pipe_plan plan = {
		.rate = MBIT(25), .queue = 100000, .delay = 50 * MS
	};
	struct pipe *p = begin(test, &plan, 9);
	struct pipe_flow *f = pipe_add(p, &rdg_cc_bbr, 0);

	pipe_run(p, 3000 * MS);
	p->plan.rate = MBIT(25) / 16;
	pipe_run(p, 40000 * MS);
	kunit_info(test, "%llu ms\n", f->end[0].link.rtt.smoothed / MS);
	KUNIT_EXPECT_LT(test, f->end[0].link.rtt.smoothed, 500ULL * MS);
	pipe_end(p);
}

/* A path that becomes longer, with few packets in flight. */
static void longer__is_learnt_by_a_thin_flow(struct kunit *test)
{
	static const struct pipe_plan plan = { .rate = MBIT(10), .queue = 200, .delay = 12 * MS };
	struct pipe *p = begin(test, &plan, 10);
	u32 share;

	pipe_add(p, &rdg_cc_bbr, 0);
	pipe_run(p, 3000 * MS);
	p->plan.delay = 60 * MS;
	pipe_run(p, 25000 * MS);
	share = goodput(p, 5000 * MS);
	kunit_info(test, "%u of 1000\n", share);
	KUNIT_EXPECT_GE(test, share, 850u);
	pipe_end(p);
}

/* Who had too little to send has not found out how much the path carries. */
static void thin__begins_as_any_other(struct kunit *test)
{
	static const struct pipe_plan plan = { .rate = MBIT(25), .queue = 200, .delay = 50 * MS };
	struct pipe *p = begin(test, &plan, 11);
	struct pipe_flow *f = pipe_add(p, &rdg_cc_bbr, 0);
	u64 before;

	f->every = 500 * MS;
	pipe_run(p, 3000 * MS);
	f->every = 0;
	pipe_run(p, 500 * MS);
	before = f->arrived;
	pipe_run(p, 200 * MS);
	kunit_info(test, "%llu bytes\n", f->arrived - before);
	KUNIT_EXPECT_GE(test, f->arrived - before, 20000ULL);
	pipe_end(p);
}

static void names__lead_to_algorithms(struct kunit *test)
{
	const struct rdg_cc_ops *cc;
	u32 i;

	for (i = 0; (cc = rdg_cc_nth(i)); i++) {
		KUNIT_EXPECT_PTR_EQ(test, rdg_cc_find(cc->name), cc);
		KUNIT_EXPECT_LT(test, strlen(cc->name), (size_t)RDG_CC_NAME_MAX);
	}
	KUNIT_EXPECT_EQ(test, i, 3u);
	KUNIT_EXPECT_PTR_EQ(test, rdg_cc_nth(0), &rdg_cc_cubic);
	KUNIT_EXPECT_NULL(test, rdg_cc_find("bb"));
	KUNIT_EXPECT_NULL(test, rdg_cc_find(""));
}

static struct kunit_case pipe_cases[] = {
	KUNIT_CASE(names__lead_to_algorithms),
	KUNIT_CASE(goodput__fills_the_path),
	KUNIT_CASE(goodput__fills_the_path_one_by_one),
	KUNIT_CASE(goodput__follows_the_loss),
	KUNIT_CASE(goodput__of_who_pauses),
	KUNIT_CASE(fairness__of_two),
	KUNIT_CASE(fairness__of_eight),
	KUNIT_CASE(loss__of_its_own_making_is_answered),
	KUNIT_CASE(marks__are_answered),
	KUNIT_CASE(window__of_an_idle_application_does_not_grow),
	KUNIT_CASE(restart__after_idle_time_is_paced),
	KUNIT_CASE(change__keeps_what_is_known),
	KUNIT_CASE(change__to_bbr_of_an_old_link),
	KUNIT_CASE(slower__is_learnt_in_a_deep_queue),
	KUNIT_CASE(longer__is_learnt_by_a_thin_flow),
	KUNIT_CASE(thin__begins_as_any_other),
	{}
};

struct kunit_suite rdg_pipe_suite = {
	.name = "rdgram_pipe",
	.test_cases = pipe_cases,
};
