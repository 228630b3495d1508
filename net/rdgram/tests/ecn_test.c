// SPDX-License-Identifier: GPL-2.0-only
/*
 * Marks: who asks for them, who counts them, who believes them.
 */
#include "../core/ecn.h"
#include "steps.h"

/* Mark the oldest packet on its way from a host. */
static void mark(struct duo *d, u8 from)
{
	struct sim_event *e;

	list_for_each_entry(e, &d->w->held, held) {
		if (e->packet->from == from) {
			e->packet->ce = true;
			return;
		}
	}
}

static void marks__are_echoed_and_answered_once(struct kunit *test)
{
	struct duo *d = test->priv;
	struct rdg_link *l = duo_a(d);
	u32 cwnd;

	duo_up(test);
	KUNIT_EXPECT_FALSE(test, d->w->frames.has_ecn);
	duo_wait(d, NSEC_PER_MSEC);
	cwnd = l->live->cc.cwnd;
	sim_say(d->a, 1, 1100);
	mark(d, 0);
	KUNIT_ASSERT_TRUE(test, duo_pass(d, 0, RDG_PKT_DATA));
	KUNIT_EXPECT_EQ(test, duo_b(d)->live->ecn.seen, 1u);
	/* The ack of it is not held back. */
	KUNIT_ASSERT_TRUE(test, duo_pass(d, 1, RDG_PKT_DATA));
	KUNIT_EXPECT_TRUE(test, d->w->frames.has_ecn);
	KUNIT_EXPECT_EQ(test, l->count[RDG_CT_PACKETS_MARKED], 1ULL);
	KUNIT_EXPECT_EQ(test, l->live->cc.cwnd, cwnd / 100 * 85);
	KUNIT_EXPECT_EQ(test, l->count[RDG_CT_PACKETS_RETRANSMITTED], 0ULL);
	/* Said again, it is not counted again. */
	cwnd = l->live->cc.cwnd;
	duo_wait(d, NSEC_PER_MSEC);
	sim_say(d->a, 1, 1100);
	sim_say(d->a, 1, 1100);
	duo_run(d, 100 * NSEC_PER_MSEC);
	KUNIT_EXPECT_TRUE(test, d->w->frames.has_ecn);
	KUNIT_EXPECT_EQ(test, l->count[RDG_CT_PACKETS_MARKED], 1ULL);
	KUNIT_EXPECT_GE(test, l->live->cc.cwnd, cwnd);
}

static void marks__are_asked_for_on_links_that_are_up(struct kunit *test)
{
	struct duo *d = test->priv;

	sim_say(d->a, 1, 100);
	KUNIT_EXPECT_FALSE(test, d->w->out.ect);
	duo_pass(d, 0, RDG_PKT_INIT);
	duo_pass(d, 1, RDG_PKT_CHALLENGE);
	KUNIT_EXPECT_EQ(test, (int)duo_a(d)->state, (int)RDG_CONFIRMING);
	KUNIT_EXPECT_FALSE(test, d->w->out.ect);
	duo_settle(d);
	duo_run(d, 100 * NSEC_PER_MSEC);
	KUNIT_ASSERT_EQ(test, (int)duo_a(d)->state, (int)RDG_UP);
	d->w->manual = true;
	sim_say(d->a, 1, 100);
	KUNIT_EXPECT_TRUE(test, d->w->out.ect);
	/* Not on what is not acknowledged. */
	mark(d, 0);
	KUNIT_ASSERT_TRUE(test, duo_pass(d, 0, RDG_PKT_DATA));
	KUNIT_EXPECT_FALSE(test, d->w->out.ect);
	duo_a(d)->live->ecn.off = true;
	sim_say(d->a, 1, 100);
	KUNIT_EXPECT_FALSE(test, d->w->out.ect);
}

/* An ACK has no room for all that came, and those before it were lost: what it does not name
 * was marked, too.
 */
static void marks__are_told_before_acks(struct kunit *test)
{
	struct duo *d = test->priv;
	struct rdg_link *l = duo_a(d);
	u32 i, marked = 0;

	duo_up(test);
	d->a->self.nodelay = true;
	l->live->cc.cwnd = 1000 * 1200;
	for (i = 0; i < 3 * RDG_ACK_RANGES_OUT; i++) {
		sim_say(d->a, 1, 100);
		if (i % 2) {
			KUNIT_ASSERT_TRUE(test, duo_drop(d, 0, RDG_PKT_DATA));
			continue;
		}
		while (duo_drop(d, 1, RDG_PKT_DATA))
			;
		mark(d, 0);
		KUNIT_ASSERT_TRUE(test, duo_pass(d, 0, RDG_PKT_DATA));
		marked++;
	}
	KUNIT_EXPECT_GT(test, marked, RDG_ACK_RANGES_OUT + 10u);
	KUNIT_ASSERT_TRUE(test, duo_pass(d, 1, RDG_PKT_DATA));
	KUNIT_EXPECT_EQ(test, l->count[RDG_CT_PACKETS_MARKED], marked);
	KUNIT_EXPECT_FALSE(test, l->live->ecn.off);
}

static void marks__that_cannot_be_end_it(struct kunit *test)
{
	static const struct {
		u64 heard;
		u32 count;
		u64 most;
		bool newest;
		u32 fresh;
		bool off;
	} row[] = {
		{ 0, 0, 10, true, 0, false },	{ 0, 3, 10, true, 3, false },
		{ 0, 3, 10, false, 3, false },	{ 3, 3, 10, true, 0, false },
		{ 3, 10, 10, true, 7, false },	{ 3, 11, 10, true, 0, true },
		{ 3, 2, 10, true, 0, true },	{ 3, 2, 10, false, 0, false },
		{ 0, 1, 0, true, 0, true },	{ 3, 0x70000000, 10, false, 0, true },
		/* They wrap, and so do packets. */
		{ U32_MAX, 6, U32_MAX + 7ULL, true, 7, false },
		{ U32_MAX, 7, U32_MAX + 7ULL, true, 0, true },
		{ U32_MAX + 7ULL, U32_MAX, U32_MAX + 8ULL, false, 0, false },
		{ U32_MAX + 7ULL, U32_MAX, U32_MAX + 8ULL, true, 0, true },
		{ 3, 10, U32_MAX + 7ULL, true, 7, false },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(row); i++) {
		struct rdg_ecn e = { .heard = row[i].heard };

		KUNIT_EXPECT_EQ_MSG(test,
				    rdg_ecn_input(&e, row[i].count, row[i].most, row[i].newest),
				    row[i].fresh, "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, e.off, row[i].off, "row %u", i);
		/* For good. */
		if (e.off)
			KUNIT_EXPECT_EQ(test, rdg_ecn_input(&e, (u32)e.heard + 1, U64_MAX, true),
					0u);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(marks__are_echoed_and_answered_once),
	KUNIT_CASE(marks__are_asked_for_on_links_that_are_up),
	KUNIT_CASE(marks__are_told_before_acks),
	KUNIT_CASE(marks__that_cannot_be_end_it),
	{}
};

struct kunit_suite rdg_ecn_suite = {
	.name = "rdgram_ecn",
	.init = duo_init,
	.exit = duo_exit,
	.test_cases = cases,
};
