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
	l->live->cc.cwnd = 1000 * RDG_PACKET_SIZE;
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

/* A packet comes after the answer to later ones, and is told of alone; a mark comes with it,
 * of one that left much later, and is answered as such.
 */
static void marks__are_not_told_with_what_came_late(struct kunit *test)
{
	const u32 cwnd = 100 * RDG_PACKET_SIZE;
	struct duo *d = test->priv;
	struct rdg_link *l = duo_a(d);
	struct sim_event *late;
	u32 i;

	duo_up(test);
	sim_say(d->a, 1, 1000);
	late = duo_keep(test, 0, RDG_PKT_DATA);
	for (i = 0; i < 8; i++) {
		duo_wait(d, NSEC_PER_MSEC);
		sim_say(d->a, 1, 1000);
		sim_say(d->b, 0, 1000);
		if (i == 6)
			mark(d, 0);
		duo_settle(d);
	}
	KUNIT_ASSERT_EQ(test, l->count[RDG_CT_PACKETS_MARKED], 1ULL);
	duo_wait(d, 10 * NSEC_PER_MSEC);
	duo_settle(d);
	l->live->cc.cwnd = cwnd;
	sim_say(d->a, 1, 1000);
	mark(d, 0);
	list_add(&late->held, &d->w->held);
	KUNIT_ASSERT_EQ(test, duo_feed(d, 0), 2u);
	KUNIT_ASSERT_TRUE(test, duo_b(d)->live->rx.seen.is_late);
	sim_pump(sim_of(duo_b(d)));
	duo_settle(d);
	KUNIT_EXPECT_EQ(test, l->count[RDG_CT_PACKETS_MARKED], 2ULL);
	KUNIT_EXPECT_EQ(test, l->live->cc.cwnd, cwnd / 100 * 85);
}

/* Nobody knows whether a packet whose number is forgotten was here before. */
static void marks__of_what_is_forgotten_do_not_count(struct kunit *test)
{
	struct duo *d = test->priv;
	struct rdg_link *l = duo_a(d);
	struct sim_event *old;
	u32 i;

	duo_up(test);
	d->a->self.nodelay = true;
	l->live->cc.cwnd = 1000 * RDG_PACKET_SIZE;
	sim_say(d->a, 1, 100);
	mark(d, 0);
	KUNIT_ASSERT_TRUE(test, duo_copy(d, 0, RDG_PKT_DATA));
	old = duo_keep(test, 0, RDG_PKT_DATA);
	for (i = 0; i < 3 * RDG_RANGES_MAX; i++) {
		sim_say(d->a, 1, 100);
		KUNIT_ASSERT_TRUE(test, i % 2 ? duo_drop(d, 0, RDG_PKT_DATA) :
						duo_pass(d, 0, RDG_PKT_DATA));
	}
	KUNIT_EXPECT_EQ(test, duo_b(d)->live->ecn.seen, 1u);
	duo_pass_late(d, old);
	KUNIT_EXPECT_EQ(test, duo_b(d)->live->ecn.seen, 1u);
}

/* Who says how many is the other side; what it can have seen, we know. */
static void told(struct kunit *test, u32 more)
{
	struct duo *d = test->priv;

	duo_b(d)->live->ecn.seen += more;
	sim_say(d->a, 1, 100);
	duo_run(d, NSEC_PER_SEC);
}

static void marks__are_those_that_were_asked_for(struct kunit *test)
{
	struct duo *d = test->priv;
	struct rdg_link *l = duo_a(d);
	u32 asked;

	d->a->self.first_marks = -2;
	d->b->self.first_marks = -2;
	duo_up(test);
	told(test, 0);
	KUNIT_EXPECT_FALSE(test, d->w->frames.has_ecn);
	asked = l->live->ecn.unmarked;
	KUNIT_ASSERT_GT(test, asked, 0u);
	KUNIT_EXPECT_LT(test, asked, l->live->ledger.next);
	/* A way that was believed is not asked anew. */
	rdg_link_path_moved(l, true, d->w->now);
	/* As many as asked, with the one that is sent now; of the next one more. */
	told(test, asked + 1);
	KUNIT_EXPECT_FALSE(test, l->live->ecn.off);
	KUNIT_EXPECT_EQ(test, l->count[RDG_CT_PACKETS_MARKED], asked + 1);
	told(test, 2);
	KUNIT_EXPECT_TRUE(test, l->live->ecn.off);
	/* Another way, of which nothing is known. */
	rdg_link_path_moved(l, true, d->w->now);
	told(test, 0);
	KUNIT_EXPECT_FALSE(test, l->live->ecn.off);
	told(test, 1);
	KUNIT_EXPECT_FALSE(test, l->live->ecn.off);
	KUNIT_EXPECT_EQ(test, l->count[RDG_CT_PACKETS_MARKED], asked + 2);
}

static void marks__that_cannot_be_end_it(struct kunit *test)
{
	static const struct {
		u32 heard, unmarked, count;
		bool newest;
		u32 fresh;
		bool off;
	} row[] = {
		{ 0, 10, 0, true, 0, false },	{ 0, 10, 3, true, 3, false },
		{ 0, 10, 3, false, 3, false },	{ 3, 7, 3, true, 0, false },
		{ 3, 7, 10, true, 7, false },	{ 3, 7, 11, true, 0, true },
		{ 3, 7, 2, true, 0, true },	{ 3, 7, 2, false, 0, false },
		{ 0, 0, 1, true, 0, true },	{ 3, 7, 0x90000000, true, 0, true },
		/* They wrap. */
		{ -3, 7, 4, true, 7, false },	{ -3, 7, 5, true, 0, true },
		{ 3, 7, -1, false, 0, false },	{ 3, 7, -1, true, 0, true },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(row); i++) {
		struct rdg_ecn e = { .heard = row[i].heard, .unmarked = row[i].unmarked };

		KUNIT_EXPECT_EQ_MSG(test, rdg_ecn_input(&e, row[i].count, row[i].newest),
				    row[i].fresh, "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, e.unmarked, row[i].unmarked - row[i].fresh, "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, e.off, row[i].off, "row %u", i);
		/* For good. */
		e.unmarked = 10;
		if (e.off)
			KUNIT_EXPECT_EQ(test, rdg_ecn_input(&e, e.heard + 1, true), 0u);
	}
}

/* A link that has sent 2^32 packets, and more. */
static void marks__are_asked_for_without_end(struct kunit *test)
{
	struct rdg_ecn e;

	rdg_ecn_init(&e, 0);
	e.unmarked = S32_MAX - 1;
	rdg_ecn_asked(&e);
	rdg_ecn_asked(&e);
	rdg_ecn_asked(&e);
	KUNIT_EXPECT_EQ(test, rdg_ecn_input(&e, 1, true), 1u);
	KUNIT_EXPECT_EQ(test, e.unmarked, (u32)S32_MAX - 1);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(marks__are_echoed_and_answered_once),
	KUNIT_CASE(marks__are_asked_for_on_links_that_are_up),
	KUNIT_CASE(marks__are_told_before_acks),
	KUNIT_CASE(marks__are_not_told_with_what_came_late),
	KUNIT_CASE(marks__of_what_is_forgotten_do_not_count),
	KUNIT_CASE(marks__are_those_that_were_asked_for),
	KUNIT_CASE(marks__that_cannot_be_end_it),
	KUNIT_CASE(marks__are_asked_for_without_end),
	{}
};

struct kunit_suite rdg_ecn_suite = {
	.name = "rdgram_ecn",
	.init = duo_init,
	.exit = duo_exit,
	.test_cases = cases,
};
