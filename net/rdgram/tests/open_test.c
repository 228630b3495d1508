// SPDX-License-Identifier: GPL-2.0-only
/*
 * How links open: handshakes that cross, repeat, overtake and come too late.
 */
#include <linux/errno.h>
#include "../core/internal.h"
#include "steps.h"

#define EXPECT_STATE(l, s)	KUNIT_EXPECT_EQ(test, (int)(l)->state, (int)(s))

static void open__in_idle_sends_init(struct kunit *test)
{
	struct duo *d = test->priv;

	sim_say(d->a, 1, 10);
	EXPECT_STATE(duo_a(d), RDG_OPENING);
	KUNIT_EXPECT_TRUE(test, duo_drop(d, 0, RDG_PKT_INIT));
	/* It is repeated, and nothing is kept for it on the other side. */
	duo_wait(d, NSEC_PER_SEC);
	KUNIT_EXPECT_TRUE(test, duo_pass(d, 0, RDG_PKT_INIT));
	KUNIT_EXPECT_TRUE(test, !d->b->link[0]);
	KUNIT_EXPECT_EQ(test, d->w->host[1].ids, 0u);
}

static void open__without_an_id_tries_again(struct kunit *test)
{
	struct duo *d = test->priv;

	d->w->host[0].max_ids = 0;
	sim_say(d->a, 1, 10);
	EXPECT_STATE(duo_a(d), RDG_IDLE);
	duo_wait(d, NSEC_PER_SEC);
	EXPECT_STATE(duo_a(d), RDG_IDLE);
	d->w->host[0].max_ids = 1;
	duo_run(d, NSEC_PER_SEC);
	EXPECT_STATE(duo_a(d), RDG_UP);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), 1u);
}

static void own_events__elsewhere_are_counted_and_refused(struct kunit *test)
{
	static const struct {
		enum rdg_state state;
		bool open, propose;
	} row[] = {
		{ RDG_IDLE, true, false }, { RDG_OPENING, false, false },
		{ RDG_CONFIRMING, false, false }, { RDG_UP, false, true },
		{ RDG_ENDING, false, false },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(row); i++) {
		struct rdg_link *l;
		struct duo *d;

		if (i) {
			duo_exit(test);
			KUNIT_ASSERT_EQ(test, duo_init(test), 0);
		}
		d = test->priv;
		duo_reach(test, row[i].state);
		l = duo_a(d);
		if (!row[i].open)
			KUNIT_EXPECT_FALSE(test, rdg_link_move(l, RDG_EV_OPEN));
		if (!row[i].propose)
			KUNIT_EXPECT_FALSE(test, rdg_link_move(l, RDG_EV_PROPOSE));
		EXPECT_STATE(l, row[i].state);
		KUNIT_EXPECT_EQ(test, l->count[RDG_CT_ILLEGAL_EDGES],
				(u64)!row[i].open + !row[i].propose);
	}
}

static void events__elsewhere_mean_nothing(struct kunit *test)
{
	static const struct {
		enum rdg_event event;
		enum rdg_state state;
	} row[] = {
		{ RDG_EV_CHALLENGE, RDG_IDLE }, { RDG_EV_CHALLENGE, RDG_CONFIRMING },
		{ RDG_EV_CHALLENGE, RDG_UP }, { RDG_EV_CHALLENGE, RDG_ENDING },
		{ RDG_EV_HEARD, RDG_IDLE }, { RDG_EV_HEARD, RDG_OPENING },
		{ RDG_EV_HEARD, RDG_UP }, { RDG_EV_HEARD, RDG_ENDING },
		{ RDG_EV_STALE, RDG_IDLE }, { RDG_EV_STALE, RDG_OPENING },
		{ RDG_EV_STALE, RDG_UP }, { RDG_EV_STALE, RDG_ENDING },
		{ RDG_EV_RESET, RDG_IDLE }, { RDG_EV_RESET, RDG_OPENING },
		{ RDG_EV_RESET, RDG_CONFIRMING },
		{ RDG_EV_END, RDG_IDLE }, { RDG_EV_END, RDG_OPENING },
		{ RDG_EV_END_ACK, RDG_IDLE }, { RDG_EV_END_ACK, RDG_OPENING },
		{ RDG_EV_END_ACK, RDG_UP },
		{ RDG_EV_DATA, RDG_IDLE }, { RDG_EV_DATA, RDG_OPENING },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(row); i++) {
		struct rdg_link *l;
		struct duo *d;
		u32 era;

		if (i) {
			duo_exit(test);
			KUNIT_ASSERT_EQ(test, duo_init(test), 0);
		}
		d = test->priv;
		duo_reach(test, row[i].state);
		l = duo_a(d);
		era = sim_of(l)->era;
		duo_raise(d, row[i].event);
		KUNIT_EXPECT_EQ_MSG(test, (int)l->state, (int)row[i].state, "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, sim_of(l)->era, era, "row %u", i);
		/* Nor do they do harm: what was to be sent gets there. */
		duo_run(d, 60 * NSEC_PER_SEC);
		KUNIT_EXPECT_EQ_MSG(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), 1u,
				    "row %u", i);
	}
}

static void challenge__in_opening_sends_confirm_with_data(struct kunit *test)
{
	struct duo *d = test->priv;

	sim_say(d->a, 1, 10);
	duo_pass(d, 0, RDG_PKT_INIT);
	KUNIT_EXPECT_TRUE(test, duo_pass(d, 1, RDG_PKT_CHALLENGE));
	EXPECT_STATE(duo_a(d), RDG_CONFIRMING);
	KUNIT_EXPECT_TRUE(test, duo_pass(d, 0, RDG_PKT_CONFIRM));
	/* No round trip more than UDP would need, but for the handshake. */
	KUNIT_EXPECT_EQ(test, d->w->delivered, 1ULL);
	EXPECT_STATE(duo_b(d), RDG_UP);
}

static void challenge__repeated_changes_nothing(struct kunit *test)
{
	struct duo *d = test->priv;
	u64 id;

	sim_say(d->a, 1, 10);
	duo_pass(d, 0, RDG_PKT_INIT);
	duo_copy(d, 1, RDG_PKT_CHALLENGE);
	id = duo_a(d)->remote_id;
	duo_pass(d, 1, RDG_PKT_CHALLENGE);
	KUNIT_EXPECT_EQ(test, duo_a(d)->remote_id, id);
	duo_settle(d);
	EXPECT_STATE(duo_a(d), RDG_UP);
	KUNIT_EXPECT_EQ(test, d->w->delivered, 1ULL);
}

static void init__repeated_draws_the_same_id(struct kunit *test)
{
	struct duo *d = test->priv;
	u64 id;

	sim_say(d->a, 1, 10);
	duo_copy(d, 0, RDG_PKT_INIT);
	duo_pass(d, 1, RDG_PKT_CHALLENGE);
	id = duo_a(d)->remote_id;
	duo_pass(d, 0, RDG_PKT_INIT);
	KUNIT_EXPECT_TRUE(test, duo_pass(d, 1, RDG_PKT_CHALLENGE));
	KUNIT_EXPECT_EQ(test, duo_a(d)->remote_id, id);
}

static void heard__in_confirming_is_up(struct kunit *test)
{
	struct duo *d = test->priv;

	duo_reach(test, RDG_CONFIRMING);
	duo_raise(d, RDG_EV_HEARD);
	EXPECT_STATE(duo_a(d), RDG_UP);
}

/* a is CONFIRMING, b is UP, and nothing of b has arrived. */
static void reach_confirming(struct kunit *test)
{
	struct duo *d = test->priv;

	sim_say(d->a, 1, 10);
	duo_pass(d, 0, RDG_PKT_INIT);
	duo_pass(d, 1, RDG_PKT_CHALLENGE);
	duo_pass(d, 0, RDG_PKT_CONFIRM);
	duo_drop_all(d);
	EXPECT_STATE(duo_a(d), RDG_CONFIRMING);
	EXPECT_STATE(duo_b(d), RDG_UP);
}

static void data__in_confirming_is_heard_first(struct kunit *test)
{
	struct duo *d = test->priv;

	reach_confirming(test);
	sim_say(d->b, 0, 20);
	KUNIT_EXPECT_EQ(test, duo_look(test, 1)->pieces, 1);
	KUNIT_EXPECT_TRUE(test, duo_pass(d, 1, RDG_PKT_DATA));
	EXPECT_STATE(duo_a(d), RDG_UP);
	KUNIT_EXPECT_EQ(test, (int)sim_of(duo_a(d))->event, (int)RDG_EV_HEARD);
	KUNIT_EXPECT_EQ(test, d->w->delivered, 2ULL);
	/* DATA in UP. */
	sim_say(d->b, 0, 30);
	duo_run(d, 100 * NSEC_PER_MSEC);
	EXPECT_STATE(duo_a(d), RDG_UP);
	KUNIT_EXPECT_EQ(test, (int)sim_of(duo_a(d))->event, (int)RDG_EV_HEARD);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->b, 0, RDG_OUT_DELIVERED), 2u);
}

/* b is closed before a has heard of it: HEARD, and then END in UP. */
static void end__in_confirming_is_heard_first(struct kunit *test)
{
	struct duo *d = test->priv;

	reach_confirming(test);
	sim_close(d->b, d->w->now + 60 * NSEC_PER_SEC);
	KUNIT_EXPECT_TRUE(test, duo_look(test, 1)->has_end);
	KUNIT_EXPECT_TRUE(test, duo_pass(d, 1, RDG_PKT_DATA));
	EXPECT_STATE(duo_a(d), RDG_IDLE);
	KUNIT_EXPECT_EQ(test, (int)sim_of(duo_a(d))->event, (int)RDG_EV_END);
	KUNIT_EXPECT_EQ(test, duo_a(d)->count[RDG_CT_LINKS_OPENED], 1ULL);
	/* The END said as well that the message of a had been delivered. */
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), 1u);
}

/* Of a peer that does not know the rules: neither is answered, nothing is lost. */
static void end__in_confirming_with_messages_is_heard_only(struct kunit *test)
{
	static const enum rdg_event event[] = { RDG_EV_END, RDG_EV_END_ACK };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(event); i++) {
		struct duo *d;

		if (i) {
			duo_exit(test);
			KUNIT_ASSERT_EQ(test, duo_init(test), 0);
		}
		d = test->priv;
		reach_confirming(test);
		sim_say(d->a, 1, 20);
		duo_raise(d, event[i]);
		EXPECT_STATE(duo_a(d), RDG_UP);
		KUNIT_EXPECT_EQ(test, (int)sim_of(duo_a(d))->event, (int)RDG_EV_HEARD);
		duo_run(d, NSEC_PER_SEC);
		EXPECT_STATE(duo_a(d), RDG_UP);
		KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), 2u);
	}
}

static void heard__repeated_is_known_again(struct kunit *test)
{
	struct duo *d = test->priv;

	duo_up(test);
	duo_raise(d, RDG_EV_HEARD);
	KUNIT_EXPECT_EQ(test, duo_a(d)->count[RDG_CT_PACKETS_DUPLICATE], 0ULL);
	duo_b(d)->live->ledger.next--;
	duo_raise(d, RDG_EV_HEARD);
	KUNIT_EXPECT_EQ(test, duo_a(d)->count[RDG_CT_PACKETS_DUPLICATE], 1ULL);
}

static void confirm__repeated_opens_one_link(struct kunit *test)
{
	struct duo *d = test->priv;

	sim_say(d->a, 1, 10);
	duo_pass(d, 0, RDG_PKT_INIT);
	duo_pass(d, 1, RDG_PKT_CHALLENGE);
	duo_copy(d, 0, RDG_PKT_CONFIRM);
	duo_pass(d, 0, RDG_PKT_CONFIRM);
	KUNIT_EXPECT_EQ(test, duo_b(d)->count[RDG_CT_LINKS_OPENED], 1ULL);
	KUNIT_EXPECT_EQ(test, duo_b(d)->count[RDG_CT_PACKETS_DUPLICATE], 1ULL);
	KUNIT_EXPECT_EQ(test, d->w->delivered, 1ULL);
	duo_settle(d);
	EXPECT_STATE(duo_a(d), RDG_UP);
}

static void confirm__overtaken_by_data_still_opens(struct kunit *test)
{
	struct duo *d = test->priv;

	sim_say(d->a, 1, 1000);
	sim_say(d->a, 1, 1000);
	duo_pass(d, 0, RDG_PKT_INIT);
	duo_pass(d, 1, RDG_PKT_CHALLENGE);
	/* The first is late: the second carries the cookie as well. */
	list_move_tail(d->w->held.next, &d->w->held);
	KUNIT_EXPECT_TRUE(test, duo_pass(d, 0, RDG_PKT_CONFIRM));
	EXPECT_STATE(duo_b(d), RDG_UP);
	KUNIT_EXPECT_EQ(test, d->w->delivered, 0ULL);
	duo_settle(d);
	KUNIT_EXPECT_EQ(test, d->w->delivered, 2ULL);
}

/* Both ask before either is asked: each answers with the id of its own INIT. */
static void confirm__in_opening_and_confirming_crossing(struct kunit *test)
{
	struct duo *d = test->priv;

	sim_say(d->a, 1, 10);
	sim_say(d->b, 0, 20);
	duo_pass(d, 0, RDG_PKT_INIT);
	duo_pass(d, 1, RDG_PKT_INIT);
	duo_pass(d, 1, RDG_PKT_CHALLENGE);
	EXPECT_STATE(duo_a(d), RDG_CONFIRMING);
	EXPECT_STATE(duo_b(d), RDG_OPENING);
	/* CONFIRM in OPENING. */
	duo_pass(d, 0, RDG_PKT_CONFIRM);
	EXPECT_STATE(duo_b(d), RDG_UP);
	duo_settle(d);
	EXPECT_STATE(duo_a(d), RDG_UP);
	KUNIT_EXPECT_EQ(test, duo_a(d)->own_id, duo_b(d)->remote_id);
	KUNIT_EXPECT_EQ(test, duo_b(d)->own_id, duo_a(d)->remote_id);
	KUNIT_EXPECT_EQ(test, d->w->delivered, 2ULL);
	KUNIT_EXPECT_EQ(test, duo_a(d)->count[RDG_CT_LINKS_OPENED], 1ULL);
	KUNIT_EXPECT_EQ(test, duo_b(d)->count[RDG_CT_LINKS_OPENED], 1ULL);
}

static void confirm__in_confirming_smaller_incarnation_wins(struct kunit *test)
{
	u32 i;

	for (i = 0; i < 4; i++) {
		struct duo *d;
		u64 pair;

		if (i) {
			duo_exit(test);
			KUNIT_ASSERT_EQ(test, duo_init(test), 0);
		}
		d = test->priv;
		/* Nothing was sent yet: incarnations may still be chosen. */
		duo_name(d->a, i & 1 ? 5 : 9);
		duo_name(d->b, 7);
		duo_cross(d, true);
		duo_pass(d, i >> 1, RDG_PKT_CONFIRM);
		duo_pass(d, !(i >> 1), RDG_PKT_CONFIRM);
		pair = duo_b(d)->own_id;
		duo_run(d, 10 * NSEC_PER_SEC);
		EXPECT_STATE(duo_a(d), RDG_UP);
		EXPECT_STATE(duo_b(d), RDG_UP);
		KUNIT_EXPECT_EQ(test, duo_b(d)->own_id, pair);
		KUNIT_EXPECT_EQ(test, duo_a(d)->remote_id, pair);
		KUNIT_EXPECT_EQ(test, duo_a(d)->own_id, duo_b(d)->remote_id);
		KUNIT_EXPECT_EQ(test, d->w->delivered, 2ULL);
		/* One link: nothing died on the way to it. */
		KUNIT_EXPECT_EQ(test, duo_a(d)->count[RDG_CT_LINKS_DIED], 0ULL);
		KUNIT_EXPECT_EQ(test, duo_b(d)->count[RDG_CT_LINKS_DIED], 0ULL);
	}
}

/* The CONFIRM that counts is lost, the other one is not: it shows that the way is
 * open, and the next one leaves at once.
 */
static void confirm__in_confirming_of_the_larger_one_hurries_ours(struct kunit *test)
{
	struct duo *d = test->priv;

	duo_name(d->a, 5);
	duo_cross(d, true);
	/* Until it is repeated no more often than once in 60 ms. */
	do {
		while (duo_drop(d, 0, RDG_PKT_CONFIRM))
			;
		duo_wait(d, 60 * NSEC_PER_MSEC);
	} while (duo_drop(d, 0, RDG_PKT_CONFIRM));
	EXPECT_STATE(duo_a(d), RDG_CONFIRMING);
	EXPECT_STATE(duo_b(d), RDG_CONFIRMING);
	KUNIT_ASSERT_TRUE(test, duo_pass(d, 1, RDG_PKT_CONFIRM));
	EXPECT_STATE(duo_a(d), RDG_CONFIRMING);
	KUNIT_EXPECT_TRUE(test, duo_pass(d, 0, RDG_PKT_CONFIRM));
	EXPECT_STATE(duo_b(d), RDG_UP);
	KUNIT_EXPECT_EQ(test, duo_b(d)->remote_id, duo_a(d)->own_id);
}

/* It lost, and comes when the link is there: with a cookie that a made when it
 * took who asked for somebody else, since that one had another address.
 */
static void confirm__that_lost_comes_late(struct kunit *test)
{
	struct duo *d = test->priv;
	struct sim_event *late;
	u64 id;

	duo_name(d->a, 5);
	duo_name(d->b, 7);
	duo_reach(test, RDG_CONFIRMING);
	id = duo_a(d)->own_id;
	d->w->host[1].address += SIM_ADDRESS_STEP;
	duo_wait(d, NSEC_PER_MSEC);
	sim_say(d->b, 0, 20);
	KUNIT_ASSERT_TRUE(test, duo_pass(d, 1, RDG_PKT_INIT));
	duo_wait(d, NSEC_PER_MSEC);
	KUNIT_ASSERT_TRUE(test, duo_pass(d, 0, RDG_PKT_CHALLENGE));
	EXPECT_STATE(duo_b(d), RDG_CONFIRMING);
	KUNIT_ASSERT_NE(test, duo_b(d)->remote_id, id);
	late = duo_keep(test, 1, RDG_PKT_CONFIRM);
	duo_wait(d, NSEC_PER_SEC);
	KUNIT_ASSERT_TRUE(test, duo_pass(d, 0, RDG_PKT_CONFIRM));
	EXPECT_STATE(duo_b(d), RDG_UP);
	KUNIT_ASSERT_TRUE(test, duo_pass(d, 1, RDG_PKT_DATA));
	EXPECT_STATE(duo_a(d), RDG_UP);
	duo_pass_late(d, late);
	KUNIT_EXPECT_EQ(test, duo_a(d)->own_id, id);
	KUNIT_EXPECT_EQ(test, duo_a(d)->count[RDG_CT_LINKS_DIED], 0ULL);
	duo_run(d, 5 * NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), 1u);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->b, 0, RDG_OUT_DELIVERED), 1u);
}

/* b took the link, delivered, and gave it up before a heard of it; then b has
 * something to say. What it expects next tells a where to go on.
 */
static void confirm__in_confirming_after_a_link_that_was_lost(struct kunit *test)
{
	struct duo *d = test->priv;
	u32 i, before;

	duo_name(d->a, 9);
	duo_name(d->b, 7);
	for (i = 0; i < 50; i++)
		sim_say(d->a, 1, 1000);
	duo_pass(d, 0, RDG_PKT_INIT);
	duo_pass(d, 1, RDG_PKT_CHALLENGE);
	EXPECT_STATE(duo_a(d), RDG_CONFIRMING);
	while (duo_pass(d, 0, RDG_PKT_CONFIRM))
		;
	KUNIT_ASSERT_GT(test, d->w->delivered, 5ULL);
	before = d->w->delivered;
	duo_drop_all(d);
	rdg_link_end(duo_b(d), RDG_EV_EXPIRE, 0);
	duo_wait(d, NSEC_PER_SEC);
	duo_drop_all(d);
	EXPECT_STATE(duo_a(d), RDG_CONFIRMING);

	sim_say(d->b, 0, 20);
	duo_pass(d, 1, RDG_PKT_INIT);
	/* Not answered: ours finds out what has become of that one. */
	KUNIT_EXPECT_FALSE(test, duo_pass(d, 0, RDG_PKT_CHALLENGE));
	duo_pass(d, 0, RDG_PKT_CONFIRM);
	duo_pass(d, 1, RDG_PKT_RESET);
	EXPECT_STATE(duo_a(d), RDG_IDLE);
	while (sim_read(d->b))
		;
	/* What was delivered before is no credit of this link. */
	for (i = 0; i < 50; i++)
		sim_say(d->a, 1, 1000);
	for (i = 0; i < 20; i++) {
		duo_run(d, NSEC_PER_SEC);
		while (sim_read(d->b))
			;
	}
	/* a cannot know: b might take it for another peer that it has had. */
	KUNIT_EXPECT_GE(test, duo_outcomes(d->a, 1, RDG_OUT_IN_DOUBT), before);
	KUNIT_EXPECT_LE(test, duo_outcomes(d->a, 1, RDG_OUT_IN_DOUBT), 50u);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED),
			100 - duo_outcomes(d->a, 1, RDG_OUT_IN_DOUBT));
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->b, 0, RDG_OUT_DELIVERED), 1u);
}

/* What of b's lost link is late counts for that one: both links number from 0, and are known
 * apart by a's id alone.
 */
static void confirm__in_confirming_is_not_for_the_id_of_a_link_that_was_lost(struct kunit *test)
{
	struct duo *d = test->priv;
	struct sim_event *late;
	u32 i;

	duo_name(d->a, 9);
	duo_name(d->b, 7);
	d->b->self.nodelay = true;
	sim_say(d->a, 1, 100);
	duo_pass(d, 0, RDG_PKT_INIT);
	duo_pass(d, 1, RDG_PKT_CHALLENGE);
	duo_pass(d, 0, RDG_PKT_CONFIRM);
	for (i = 0; i < 4; i++) {
		sim_say(d->b, 0, 20);
		while (duo_drop(d, 1, RDG_PKT_DATA))
			;
	}
	sim_say(d->b, 0, 20);
	late = duo_keep(test, 1, RDG_PKT_DATA);
	rdg_link_end(duo_b(d), RDG_EV_EXPIRE, 0);
	duo_wait(d, NSEC_PER_SEC);
	duo_drop_all(d);
	EXPECT_STATE(duo_a(d), RDG_CONFIRMING);

	sim_say(d->b, 0, 20);
	duo_pass(d, 1, RDG_PKT_INIT);
	duo_run(d, NSEC_PER_SEC);
	EXPECT_STATE(duo_b(d), RDG_UP);
	duo_pass_late(d, late);
	for (i = 0; i < 6; i++) {
		sim_say(d->b, 0, 20);
		duo_run(d, NSEC_PER_SEC);
		while (sim_read(d->a))
			;
	}
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->b, 0, RDG_OUT_DELIVERED), 7u);
	KUNIT_EXPECT_EQ(test, duo_a(d)->count[RDG_CT_PACKETS_MALFORMED], 0ULL);
	KUNIT_EXPECT_EQ(test, duo_b(d)->count[RDG_CT_PACKETS_MALFORMED], 0ULL);
}

/* b forgets the link while a still has it; then b has something to say. */
static void forget(struct kunit *test)
{
	struct duo *d = test->priv;

	duo_up(test);
	duo_wait(d, NSEC_PER_SEC);
	sim_say(d->a, 1, 30);
	duo_drop_all(d);
	rdg_link_end(duo_b(d), RDG_EV_EXPIRE, 0);
	sim_say(d->b, 0, 20);
	duo_pass(d, 1, RDG_PKT_INIT);
	duo_pass(d, 0, RDG_PKT_CHALLENGE);
	EXPECT_STATE(duo_a(d), RDG_UP);
}

static void confirm__in_up_replaces_a_link_that_was_lost(struct kunit *test)
{
	struct duo *d = test->priv;
	u64 id;

	forget(test);
	id = duo_a(d)->own_id;
	duo_pass(d, 1, RDG_PKT_CONFIRM);
	EXPECT_STATE(duo_a(d), RDG_UP);
	KUNIT_EXPECT_NE(test, duo_a(d)->own_id, id);
	/* Sent on the old link: perhaps delivered, never sent again. */
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_IN_DOUBT), 1u);
	duo_run(d, 2 * NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->b, 0, RDG_OUT_DELIVERED), 1u);
}

/* The link is a second old, the cookie a few milliseconds, and meanwhile its time wraps. */
static void confirm__in_up_replaces_while_time_wraps(struct kunit *test)
{
	struct duo *d = test->priv;
	u64 id;

	d->w->now = SIM_COOKIE_WRAP - 1102 * NSEC_PER_MSEC;
	forget(test);
	id = duo_a(d)->own_id;
	KUNIT_EXPECT_GT(test, SIM_COOKIE_WRAP, d->w->now);
	duo_wait(d, 5 * NSEC_PER_MSEC);
	KUNIT_EXPECT_LT(test, SIM_COOKIE_WRAP, d->w->now);
	duo_pass(d, 1, RDG_PKT_CONFIRM);
	KUNIT_EXPECT_NE(test, duo_a(d)->own_id, id);
}

static void confirm__in_up_too_old_to_replace(struct kunit *test)
{
	struct duo *d = test->priv;
	struct rdg_frames *f = &d->w->frames;
	struct rdg_header h = { .type = RDG_PKT_CONFIRM, .dst_id = 4711 };
	u64 id;

	duo_up(test);
	id = duo_a(d)->own_id;
	memset(f, 0, sizeof(*f));
	f->has_cookie = true;
	f->cookie.src_id = 12;
	f->cookie.src_inc = d->b->self.incarnation;
	f->cookie.dst_inc = d->a->self.incarnation;
	f->cookie.time = rdg_cookie_time(duo_a(d)->opened);
	KUNIT_EXPECT_EQ(test, rdg_link_confirm(duo_a(d), &h, f, d->w->now), -EAGAIN);
	KUNIT_EXPECT_EQ(test, duo_a(d)->own_id, id);
}

static void confirm__in_ending_replaces_the_link(struct kunit *test)
{
	struct duo *d = test->priv;

	duo_reach(test, RDG_ENDING);
	/* END arrived, its answer was lost; then b has something to say. */
	rdg_link_end(duo_b(d), RDG_EV_END, 0);
	sim_say(d->b, 0, 20);
	duo_pass(d, 1, RDG_PKT_INIT);
	duo_pass(d, 0, RDG_PKT_CHALLENGE);
	EXPECT_STATE(duo_a(d), RDG_ENDING);
	duo_pass(d, 1, RDG_PKT_CONFIRM);
	EXPECT_STATE(duo_a(d), RDG_UP);
	duo_run(d, NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->b, 0, RDG_OUT_DELIVERED), 1u);
	KUNIT_EXPECT_EQ(test, duo_a(d)->count[RDG_CT_LINKS_DIED], 0ULL);
}

static void confirm__for_a_tombstone_is_stale(struct kunit *test)
{
	struct duo *d = test->priv;
	struct sim_event *late;

	sim_say(d->a, 1, 10);
	duo_pass(d, 0, RDG_PKT_INIT);
	duo_pass(d, 1, RDG_PKT_CHALLENGE);
	duo_copy(d, 0, RDG_PKT_CONFIRM);
	late = list_first_entry(&d->w->held, struct sim_event, held);
	list_del(&late->held);
	rdg_link_end(duo_b(d), RDG_EV_EXPIRE, 0);
	duo_drop_all(d);
	list_add(&late->held, &d->w->held);
	/* A good cookie, young enough: but its id was used. */
	KUNIT_EXPECT_TRUE(test, duo_pass(d, 0, RDG_PKT_CONFIRM));
	EXPECT_STATE(duo_b(d), RDG_IDLE);
	KUNIT_EXPECT_EQ(test, d->w->delivered, 1ULL);
	KUNIT_EXPECT_TRUE(test, duo_pass(d, 1, RDG_PKT_RESET));
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_IN_DOUBT), 1u);
}

static void confirm__too_late_is_stale(struct kunit *test)
{
	struct duo *d = test->priv;

	/* Cut right after CHALLENGE, for longer than a cookie lives. */
	duo_reach(test, RDG_CONFIRMING);
	duo_wait(d, RDG_COOKIE_LIFE);
	duo_drop_all(d);
	sim_say(d->a, 1, 10);
	duo_wait(d, 2 * NSEC_PER_SEC);
	KUNIT_EXPECT_TRUE(test, duo_pass(d, 0, RDG_PKT_CONFIRM));
	EXPECT_STATE(duo_a(d), RDG_CONFIRMING);
	/* STALE in CONFIRMING: what was sent is in doubt, the next is delivered. */
	KUNIT_EXPECT_TRUE(test, duo_pass(d, 1, RDG_PKT_RESET));
	KUNIT_EXPECT_GE(test, duo_outcomes(d->a, 1, RDG_OUT_IN_DOUBT), 1u);
	sim_say(d->a, 1, 10);
	duo_run(d, 5 * NSEC_PER_SEC);
	EXPECT_STATE(duo_a(d), RDG_UP);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, -1), 0u);
	KUNIT_EXPECT_GE(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), 1u);
}

/* Each answers the other, b after a; then b gives up. No data came of that link: the
 * CONFIRM of a, whose cookie is older, is not out of order.
 */
static void confirm__older_than_a_link_without_data_opens(struct kunit *test)
{
	struct duo *d = test->priv;

	sim_say(d->a, 1, 10);
	duo_pass(d, 0, RDG_PKT_INIT);
	duo_wait(d, NSEC_PER_MSEC);
	sim_say(d->b, 0, 20);
	duo_pass(d, 1, RDG_PKT_INIT);
	duo_pass(d, 1, RDG_PKT_CHALLENGE);
	duo_pass(d, 0, RDG_PKT_CHALLENGE);
	EXPECT_STATE(duo_b(d), RDG_CONFIRMING);
	duo_drop(d, 1, RDG_PKT_CONFIRM);
	rdg_link_end(duo_b(d), RDG_EV_EXPIRE, 0);
	duo_pass(d, 0, RDG_PKT_CONFIRM);
	EXPECT_STATE(duo_b(d), RDG_UP);
	duo_run(d, 100 * NSEC_PER_MSEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), 1u);
}

/* Cookies count time modulo 78 hours: more than half of that is not the past. */
static void confirm__days_after_the_last_link_opens(struct kunit *test)
{
	struct duo *d = test->priv;

	duo_reach(test, RDG_IDLE);
	duo_wait(d, 50ULL * 3600 * NSEC_PER_SEC);
	sim_say(d->a, 1, 10);
	duo_run(d, 100 * NSEC_PER_MSEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), 2u);
}

static void confirm__without_room_for_its_id_waits(struct kunit *test)
{
	struct duo *d = test->priv;

	duo_reach(test, RDG_CONFIRMING);
	d->w->host[1].max_ids = 0;
	duo_run(d, 2 * NSEC_PER_SEC);
	EXPECT_STATE(duo_a(d), RDG_CONFIRMING);
	EXPECT_STATE(duo_b(d), RDG_IDLE);
	d->w->host[1].max_ids = 1;
	duo_run(d, 2 * NSEC_PER_SEC);
	EXPECT_STATE(duo_a(d), RDG_UP);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), 1u);
}

/* What was not sent is not in doubt. */
static void init__without_room_for_an_id_is_not_answered(struct kunit *test)
{
	struct duo *d = test->priv;

	d->w->host[1].max_ids = 0;
	sim_say(d->a, 1, 10);
	duo_run(d, 2 * RDG_TOMBSTONE_LIFE);
	EXPECT_STATE(duo_a(d), RDG_OPENING);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_IN_DOUBT), 0u);
	d->w->host[1].max_ids = 1;
	duo_run(d, 2 * NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), 1u);
}

/* One that crosses ours needs no id but that of ours. */
static void init__without_room_for_an_id_is_answered_in_opening(struct kunit *test)
{
	struct duo *d = test->priv;

	d->w->host[1].max_ids = 1;
	sim_say(d->b, 0, 20);
	KUNIT_EXPECT_TRUE(test, duo_drop(d, 1, RDG_PKT_INIT));
	sim_say(d->a, 1, 10);
	duo_pass(d, 0, RDG_PKT_INIT);
	KUNIT_EXPECT_TRUE(test, duo_pass(d, 1, RDG_PKT_CHALLENGE));
	duo_run(d, NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), 1u);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->b, 0, RDG_OUT_DELIVERED), 1u);
}

/* No memory for the link at b, or at b while it asks as well: the CONFIRM leaves no
 * trace, a tombstone least of all.
 */
static void confirm__without_memory_is_taken_when_it_comes_again(struct kunit *test)
{
	u32 i;

	for (i = 0; i < 2; i++) {
		struct duo *d;

		if (i) {
			duo_exit(test);
			KUNIT_ASSERT_EQ(test, duo_init(test), 0);
		}
		d = test->priv;
		sim_say(d->a, 1, 10);
		duo_pass(d, 0, RDG_PKT_INIT);
		duo_pass(d, 1, RDG_PKT_CHALLENGE);
		if (i)
			sim_say(d->b, 0, 10);
		d->w->plan.starve = 1000;
		duo_copy(d, 0, RDG_PKT_CONFIRM);
		EXPECT_STATE(duo_b(d), i ? RDG_OPENING : RDG_IDLE);
		KUNIT_EXPECT_FALSE(test, duo_drop(d, 1, RDG_PKT_RESET));
		d->w->plan.starve = 0;
		KUNIT_EXPECT_TRUE(test, duo_pass(d, 0, RDG_PKT_CONFIRM));
		EXPECT_STATE(duo_b(d), RDG_UP);
		KUNIT_EXPECT_EQ(test, d->w->delivered, 1ULL);
		duo_settle(d);
		EXPECT_STATE(duo_a(d), RDG_UP);
		KUNIT_EXPECT_EQ(test, d->w->delivered, 1ULL + i);
	}
}

static void challenge__without_memory_is_asked_for_again(struct kunit *test)
{
	struct duo *d = test->priv;

	sim_say(d->a, 1, 10);
	duo_pass(d, 0, RDG_PKT_INIT);
	d->w->plan.starve = 1000;
	duo_pass(d, 1, RDG_PKT_CHALLENGE);
	EXPECT_STATE(duo_a(d), RDG_OPENING);
	d->w->plan.starve = 0;
	duo_run(d, NSEC_PER_SEC);
	EXPECT_STATE(duo_a(d), RDG_UP);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), 1u);
}

/* What it says beside its cookie cannot be, and is dropped, with the credit that it
 * would have brought: whoever waits for some asks.
 */
static void confirm__that_lies_leaves_nobody_waiting(struct kunit *test)
{
	struct duo *d = test->priv;
	struct rdg_frames *f = &d->w->frames;
	struct sim_event *e;
	struct rdg_header h;

	sim_say(d->a, 1, 10);
	sim_say(d->b, 0, 20);
	duo_pass(d, 0, RDG_PKT_INIT);
	duo_pass(d, 1, RDG_PKT_CHALLENGE);
	e = duo_keep(test, 0, RDG_PKT_CONFIRM);
	rdg_wire_parse(e->packet->data, e->packet->len, &h);
	rdg_wire_parse_frames(e->packet->data, &h, f);
	f->has_ack = true;
	f->ack = (struct rdg_ack_frame){ .largest = 7, .first = 1 };
	rdg_link_packet(duo_b(d), &h, f, e->packet, false, d->w->now);
	EXPECT_STATE(duo_b(d), RDG_UP);
	KUNIT_EXPECT_EQ(test, duo_b(d)->count[RDG_CT_PACKETS_MALFORMED], 1u);
	KUNIT_EXPECT_LE(test, rdg_link_deadline(duo_b(d)), d->w->now + NSEC_PER_SEC);
	/* It was a mistake, it seems. */
	duo_b(d)->count[RDG_CT_PACKETS_MALFORMED] = 0;
	duo_pass_late(d, e);
	duo_run(d, NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->b, 0, RDG_OUT_DELIVERED), 1u);
}

static void self__is_one_link_with_one_id(struct kunit *test)
{
	struct duo *d = test->priv;
	struct rdg_link *l = &sim_link_get(d->a, 0)->link;

	sim_say(d->a, 0, 10);
	sim_say(d->a, 0, 5000);
	duo_run(d, NSEC_PER_SEC);
	EXPECT_STATE(l, RDG_UP);
	KUNIT_EXPECT_EQ(test, l->own_id, l->remote_id);
	KUNIT_EXPECT_EQ(test, d->w->delivered, 2ULL);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 0, RDG_OUT_DELIVERED), 2u);
	duo_run(d, 60 * NSEC_PER_SEC);
	EXPECT_STATE(l, RDG_IDLE);
}

static void version__in_opening_returns_messages(struct kunit *test)
{
	struct rdg_header h = { .type = RDG_PKT_VERSION, .lowest = 2, .highest = 3 };
	struct duo *d = test->priv;

	duo_reach(test, RDG_OPENING);
	/* Of another INIT. */
	h.reflected = duo_a(d)->own_id + 1;
	rdg_link_version(duo_a(d), &h);
	EXPECT_STATE(duo_a(d), RDG_OPENING);
	/* It knows our version after all: nonsense. */
	h.reflected = duo_a(d)->own_id;
	h.lowest = RDG_VERSION;
	rdg_link_version(duo_a(d), &h);
	EXPECT_STATE(duo_a(d), RDG_OPENING);
	h.lowest = 2;
	rdg_link_version(duo_a(d), &h);
	EXPECT_STATE(duo_a(d), RDG_IDLE);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_NOT_DELIVERED), 1u);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(open__in_idle_sends_init),
	KUNIT_CASE(open__without_an_id_tries_again),
	KUNIT_CASE(own_events__elsewhere_are_counted_and_refused),
	KUNIT_CASE(events__elsewhere_mean_nothing),
	KUNIT_CASE(challenge__in_opening_sends_confirm_with_data),
	KUNIT_CASE(challenge__repeated_changes_nothing),
	KUNIT_CASE(init__repeated_draws_the_same_id),
	KUNIT_CASE(heard__in_confirming_is_up),
	KUNIT_CASE(data__in_confirming_is_heard_first),
	KUNIT_CASE(end__in_confirming_is_heard_first),
	KUNIT_CASE(end__in_confirming_with_messages_is_heard_only),
	KUNIT_CASE(heard__repeated_is_known_again),
	KUNIT_CASE(confirm__repeated_opens_one_link),
	KUNIT_CASE(confirm__overtaken_by_data_still_opens),
	KUNIT_CASE(confirm__in_opening_and_confirming_crossing),
	KUNIT_CASE(confirm__in_confirming_smaller_incarnation_wins),
	KUNIT_CASE(confirm__in_confirming_of_the_larger_one_hurries_ours),
	KUNIT_CASE(confirm__that_lost_comes_late),
	KUNIT_CASE(confirm__in_confirming_after_a_link_that_was_lost),
	KUNIT_CASE(confirm__in_confirming_is_not_for_the_id_of_a_link_that_was_lost),
	KUNIT_CASE(confirm__in_up_replaces_a_link_that_was_lost),
	KUNIT_CASE(confirm__in_up_replaces_while_time_wraps),
	KUNIT_CASE(confirm__in_up_too_old_to_replace),
	KUNIT_CASE(confirm__in_ending_replaces_the_link),
	KUNIT_CASE(confirm__for_a_tombstone_is_stale),
	KUNIT_CASE(confirm__too_late_is_stale),
	KUNIT_CASE(confirm__older_than_a_link_without_data_opens),
	KUNIT_CASE(confirm__days_after_the_last_link_opens),
	KUNIT_CASE(confirm__without_room_for_its_id_waits),
	KUNIT_CASE(init__without_room_for_an_id_is_not_answered),
	KUNIT_CASE(init__without_room_for_an_id_is_answered_in_opening),
	KUNIT_CASE(confirm__without_memory_is_taken_when_it_comes_again),
	KUNIT_CASE(challenge__without_memory_is_asked_for_again),
	KUNIT_CASE(confirm__that_lies_leaves_nobody_waiting),
	KUNIT_CASE(self__is_one_link_with_one_id),
	KUNIT_CASE(version__in_opening_returns_messages),
	{}
};

struct kunit_suite rdg_open_suite = {
	.name = "rdgram_open",
	.init = duo_init,
	.exit = duo_exit,
	.test_cases = cases,
};
