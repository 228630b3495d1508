// SPDX-License-Identifier: GPL-2.0-only
/*
 * How links end: END and what crosses it, RESET, silence, and closed endpoints.
 */
#include <linux/errno.h>
#include "../core/internal.h"
#include "steps.h"

#define EXPECT_STATE(l, s)	KUNIT_EXPECT_EQ(test, (int)(l)->state, (int)(s))

static void idle__ends_by_end_and_end_ack(struct kunit *test)
{
	struct duo *d = test->priv;

	duo_up(test);
	duo_b(d)->used += 10 * NSEC_PER_SEC;
	duo_wait(d, RDG_IDLE_TIMEOUT - NSEC_PER_SEC);
	EXPECT_STATE(duo_a(d), RDG_UP);
	duo_wait(d, NSEC_PER_SEC);
	/* PROPOSE in UP. */
	EXPECT_STATE(duo_a(d), RDG_ENDING);
	/* END in UP. */
	KUNIT_EXPECT_TRUE(test, duo_pass(d, 0, RDG_PKT_DATA));
	EXPECT_STATE(duo_b(d), RDG_IDLE);
	/* END_ACK in ENDING. */
	KUNIT_EXPECT_TRUE(test, duo_pass(d, 1, RDG_PKT_DATA));
	EXPECT_STATE(duo_a(d), RDG_IDLE);
	KUNIT_EXPECT_EQ(test, rdg_link_deadline(duo_a(d)), RDG_NEVER);
	KUNIT_EXPECT_EQ(test, rdg_link_deadline(duo_b(d)), RDG_NEVER);
	KUNIT_EXPECT_EQ(test, duo_a(d)->count[RDG_CT_LINKS_DIED], 0ULL);
	/* It starts again by itself. */
	sim_say(d->b, 0, 10);
	duo_run(d, NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->b, 0, RDG_OUT_DELIVERED), 1u);
}

static void end__in_ending_crossing(struct kunit *test)
{
	struct duo *d = test->priv;

	duo_up(test);
	duo_wait(d, RDG_IDLE_TIMEOUT + NSEC_PER_SEC);
	EXPECT_STATE(duo_a(d), RDG_ENDING);
	EXPECT_STATE(duo_b(d), RDG_ENDING);
	KUNIT_EXPECT_TRUE(test, duo_pass(d, 0, RDG_PKT_DATA));
	EXPECT_STATE(duo_b(d), RDG_IDLE);
	duo_run(d, NSEC_PER_SEC);
	EXPECT_STATE(duo_a(d), RDG_IDLE);
}

static void end__in_ending_crossing_with_messages_waiting(struct kunit *test)
{
	struct duo *d = test->priv;

	duo_up(test);
	duo_wait(d, RDG_IDLE_TIMEOUT + NSEC_PER_SEC);
	EXPECT_STATE(duo_a(d), RDG_ENDING);
	EXPECT_STATE(duo_b(d), RDG_ENDING);
	/* Neither may send on this link: if neither answered both would wait for ever. */
	sim_say(d->a, 1, 10);
	sim_say(d->b, 0, 10);
	duo_run(d, 3 * NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), 2u);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->b, 0, RDG_OUT_DELIVERED), 1u);
}

static void end__in_ending_of_a_link_to_oneself(struct kunit *test)
{
	struct duo *d = test->priv;
	struct rdg_link *l = &sim_link_get(d->a, 0)->link;

	sim_say(d->a, 0, 10);
	duo_run(d, NSEC_PER_SEC);
	duo_wait(d, RDG_IDLE_TIMEOUT);
	EXPECT_STATE(l, RDG_ENDING);
	sim_say(d->a, 0, 10);
	duo_run(d, 3 * NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 0, RDG_OUT_DELIVERED), 2u);
}

static void end__is_cancelled_by_data(struct kunit *test)
{
	struct duo *d = test->priv;

	duo_up(test);
	duo_b(d)->used += 10 * NSEC_PER_SEC;
	duo_wait(d, RDG_IDLE_TIMEOUT + NSEC_PER_MSEC);
	EXPECT_STATE(duo_a(d), RDG_ENDING);
	/* They cross: b sends before it sees the END. DATA in ENDING. */
	sim_say(d->b, 0, 10);
	KUNIT_EXPECT_TRUE(test, duo_pass(d, 1, RDG_PKT_DATA));
	EXPECT_STATE(duo_a(d), RDG_UP);
	/* The END that was cancelled is not answered when it comes. */
	KUNIT_EXPECT_TRUE(test, duo_pass(d, 0, RDG_PKT_DATA));
	EXPECT_STATE(duo_b(d), RDG_UP);
	duo_run(d, 2 * NSEC_PER_SEC);
	EXPECT_STATE(duo_a(d), RDG_UP);
	EXPECT_STATE(duo_b(d), RDG_UP);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->b, 0, RDG_OUT_DELIVERED), 1u);
}

/* a proposes the end, and before that arrives b sends, which cancels it. */
static struct sim_event *cancelled_end(struct kunit *test)
{
	struct duo *d = test->priv;
	struct sim_event *end;

	duo_up(test);
	duo_b(d)->used += 10 * NSEC_PER_SEC;
	duo_wait(d, RDG_IDLE_TIMEOUT + NSEC_PER_MSEC);
	EXPECT_STATE(duo_a(d), RDG_ENDING);
	end = duo_keep(test, 0, RDG_PKT_DATA);
	/* It was asked for again meanwhile. */
	duo_drop_all(d);
	sim_say(d->b, 0, 10);
	KUNIT_EXPECT_TRUE(test, duo_pass(d, 1, RDG_PKT_DATA));
	EXPECT_STATE(duo_a(d), RDG_UP);
	return end;
}

/* What was sent after the END says that b has nothing left to say, and is not
 * acknowledged: b has no room for the message in it.
 */
static void end__late_is_known_though_newer_was_not_admitted(struct kunit *test)
{
	struct duo *d = test->priv;
	struct sim_event *end = cancelled_end(test);

	sim_say(d->a, 1, 20);
	d->w->plan.refuse = 1000;
	KUNIT_EXPECT_TRUE(test, duo_pass(d, 0, RDG_PKT_DATA));
	KUNIT_EXPECT_EQ(test, duo_b(d)->count[RDG_CT_PACKETS_UNADMITTED], 1ULL);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->b, 0, RDG_OUT_DELIVERED), 1u);
	duo_pass_late(d, end);
	EXPECT_STATE(duo_b(d), RDG_UP);
	d->w->plan.refuse = 0;
	duo_run(d, NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), 2u);
}

/* As above, and the proposer is closed meanwhile, with its message on its way. */
static void end__late_is_known_though_its_sender_closed(struct kunit *test)
{
	struct duo *d = test->priv;
	struct sim_event *end = cancelled_end(test);
	struct sim_life *life = d->a->life;

	sim_say(d->a, 1, 20);
	sim_close(d->a, d->w->now + 60 * NSEC_PER_SEC);
	duo_drop_all(d);
	/* One packet that says both, and is not admitted. */
	d->w->plan.refuse = 1000;
	while (!duo_b(d)->tx.refused && life->to[1].pending)
		if (!duo_pass(d, 0, RDG_PKT_DATA))
			duo_wait(d, NSEC_PER_MSEC);
	KUNIT_EXPECT_FALSE(test, list_empty(&d->w->host[0].endpoints));
	KUNIT_EXPECT_TRUE(test, duo_b(d)->tx.refused);
	duo_pass_late(d, end);
	EXPECT_STATE(duo_b(d), RDG_UP);
	d->w->plan.refuse = 0;
	duo_run(d, NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, life->to[1].rec[1]->outcome, (int)RDG_OUT_DELIVERED);
}

/* Whether b has something left to say is asked when the END comes, not when the
 * answer leaves.
 */
static void end__late_is_known_in_a_train(struct kunit *test)
{
	struct duo *d = test->priv;
	struct sim_event *end = cancelled_end(test);

	sim_say(d->a, 1, 20);
	list_add(&end->held, &d->w->held);
	KUNIT_EXPECT_EQ(test, duo_feed(d, 0), 2u);
	sim_pump(sim_of(duo_b(d)));
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->b, 0, RDG_OUT_DELIVERED), 1u);
	EXPECT_STATE(duo_b(d), RDG_UP);
	duo_run(d, NSEC_PER_SEC);
	EXPECT_STATE(duo_a(d), RDG_UP);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), 2u);
}

static void end__waits_for_messages_of_the_other_side(struct kunit *test)
{
	struct duo *d = test->priv;

	duo_up(test);
	duo_b(d)->used += 10 * NSEC_PER_SEC;
	duo_wait(d, RDG_IDLE_TIMEOUT + NSEC_PER_MSEC);
	sim_say(d->b, 0, 10);
	KUNIT_EXPECT_TRUE(test, duo_drop(d, 1, RDG_PKT_DATA));
	/* END arrives where a message waits for its receipt. */
	KUNIT_EXPECT_TRUE(test, duo_pass(d, 0, RDG_PKT_DATA));
	EXPECT_STATE(duo_b(d), RDG_UP);
	duo_run(d, 5 * NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->b, 0, RDG_OUT_DELIVERED), 1u);
	EXPECT_STATE(duo_a(d), RDG_UP);
}

static void end__messages_to_the_proposer_wait_for_the_answer(struct kunit *test)
{
	struct duo *d = test->priv;

	duo_reach(test, RDG_ENDING);
	sim_say(d->a, 1, 10);
	/* Nothing of it leaves on this link. */
	KUNIT_EXPECT_FALSE(test, duo_drop(d, 0, RDG_PKT_INIT));
	KUNIT_EXPECT_EQ(test, duo_a(d)->tx.head->sent, 0u);
	EXPECT_STATE(duo_a(d), RDG_ENDING);
	duo_run(d, 2 * NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), 2u);
	KUNIT_EXPECT_EQ(test, duo_a(d)->count[RDG_CT_LINKS_OPENED], 2ULL);
}

static void end__lost_is_sent_again(struct kunit *test)
{
	struct duo *d = test->priv;

	duo_reach(test, RDG_ENDING);
	duo_run(d, 3 * NSEC_PER_SEC);
	EXPECT_STATE(duo_a(d), RDG_IDLE);
	EXPECT_STATE(duo_b(d), RDG_IDLE);
	KUNIT_EXPECT_EQ(test, duo_a(d)->count[RDG_CT_LINKS_DIED], 0ULL);
}

static void end_ack__lost_is_replaced_by_reset(struct kunit *test)
{
	struct duo *d = test->priv;

	duo_up(test);
	duo_b(d)->used += 10 * NSEC_PER_SEC;
	duo_wait(d, RDG_IDLE_TIMEOUT + NSEC_PER_MSEC);
	duo_pass(d, 0, RDG_PKT_DATA);
	KUNIT_EXPECT_TRUE(test, duo_drop(d, 1, RDG_PKT_DATA));
	EXPECT_STATE(duo_a(d), RDG_ENDING);
	duo_wait(d, NSEC_PER_SEC);
	/* RESET in ENDING: with nothing in doubt it is a clean end. */
	KUNIT_EXPECT_TRUE(test, duo_pass(d, 0, RDG_PKT_DATA));
	KUNIT_EXPECT_TRUE(test, duo_pass(d, 1, RDG_PKT_RESET));
	EXPECT_STATE(duo_a(d), RDG_IDLE);
	KUNIT_EXPECT_EQ(test, sim_of(duo_a(d))->died, 0u);
}

/* b has a message for a when END comes, and acknowledges it; the message is lost. */
static void acknowledge_end(struct kunit *test)
{
	struct duo *d = test->priv;

	duo_up(test);
	duo_b(d)->used += 10 * NSEC_PER_SEC;
	duo_wait(d, RDG_IDLE_TIMEOUT + NSEC_PER_MSEC);
	EXPECT_STATE(duo_a(d), RDG_ENDING);
	sim_say(d->b, 0, 10);
	duo_drop(d, 1, RDG_PKT_DATA);
	while (duo_pass(d, 0, RDG_PKT_DATA))
		;
	EXPECT_STATE(duo_b(d), RDG_UP);
	KUNIT_EXPECT_TRUE(test, duo_look(test, 1)->has_ack);
	KUNIT_EXPECT_EQ(test, duo_look(test, 1)->pieces, 0);
}

static void end__acknowledged_but_not_answered_is_withdrawn(struct kunit *test)
{
	struct duo *d = test->priv;

	acknowledge_end(test);
	while (duo_pass(d, 1, RDG_PKT_DATA))
		;
	/* DATA in ENDING. */
	EXPECT_STATE(duo_a(d), RDG_UP);
	/* And b dies: it is asked again, by the next proposal. */
	sim_crash(&d->w->host[1]);
	d->b = sim_open(&d->w->host[1]);
	duo_drop_all(d);
	KUNIT_EXPECT_NE(test, rdg_link_deadline(duo_a(d)), RDG_NEVER);
	duo_run(d, 60 * NSEC_PER_SEC);
	EXPECT_STATE(duo_a(d), RDG_IDLE);
	KUNIT_EXPECT_EQ(test, rdg_link_deadline(duo_a(d)), RDG_NEVER);
}

static void end__acknowledged_but_not_answered_expires(struct kunit *test)
{
	struct duo *d = test->priv;

	d->a->self.user_timeout = 20 * NSEC_PER_SEC;
	acknowledge_end(test);
	while (duo_pass(d, 1, RDG_PKT_DATA))
		;
	/* The next proposal, and 20 s of silence. */
	duo_wait(d, 60 * NSEC_PER_SEC);
	EXPECT_STATE(duo_a(d), RDG_IDLE);
	KUNIT_EXPECT_EQ(test, rdg_link_deadline(duo_a(d)), RDG_NEVER);
}

/* A closed endpoint does not withdraw. Whoever acknowledged its END and died
 * without an answer is waited for as long as for any other silence.
 */
static void closed__end_acknowledged_but_not_answered_expires(struct kunit *test)
{
	struct duo *d = test->priv;

	d->a->self.user_timeout = 5 * NSEC_PER_SEC;
	duo_up(test);
	sim_close(d->a, d->w->now + 60 * NSEC_PER_SEC);
	EXPECT_STATE(duo_a(d), RDG_ENDING);
	KUNIT_EXPECT_TRUE(test, duo_look(test, 0)->has_end);
	duo_drop_all(d);
	duo_acknowledge(d);
	EXPECT_STATE(duo_a(d), RDG_ENDING);
	KUNIT_EXPECT_EQ(test, duo_a(d)->live->ledger.flight, 0u);
	duo_wait(d, 4 * NSEC_PER_SEC);
	KUNIT_EXPECT_FALSE(test, list_empty(&d->w->host[0].endpoints));
	duo_wait(d, 2 * NSEC_PER_SEC);
	KUNIT_EXPECT_TRUE(test, list_empty(&d->w->host[0].endpoints));
}

/* Nobody has the port any more: there is no answer to wait for. */
static void closed__end_reaches_nobody(struct kunit *test)
{
	struct duo *d = test->priv;

	duo_up(test);
	rdg_link_unreachable(duo_a(d));
	EXPECT_STATE(duo_a(d), RDG_UP);
	sim_close(d->a, d->w->now + 60 * NSEC_PER_SEC);
	EXPECT_STATE(duo_a(d), RDG_ENDING);
	rdg_link_unreachable(duo_a(d));
	EXPECT_STATE(duo_a(d), RDG_IDLE);
	KUNIT_EXPECT_TRUE(test, rdg_link_finished(duo_a(d)));
	KUNIT_EXPECT_EQ(test, duo_a(d)->count[RDG_CT_LINKS_DIED], 0ULL);
}

/* Who is not closed may have something to say, if anybody comes back. */
static void end__reaches_nobody(struct kunit *test)
{
	struct duo *d = test->priv;

	duo_reach(test, RDG_ENDING);
	rdg_link_unreachable(duo_a(d));
	EXPECT_STATE(duo_a(d), RDG_ENDING);
	/* Nor does it end for who closes while something waits for the answer. */
	sim_say(d->a, 1, 10);
	sim_close(d->a, d->w->now + 60 * NSEC_PER_SEC);
	rdg_link_unreachable(duo_a(d));
	EXPECT_STATE(duo_a(d), RDG_ENDING);
	duo_run(d, 3 * NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, d->w->delivered, 2ULL);
}

/* It proposed while it was open, and could still have withdrawn. The other side
 * cannot answer that, and would wait for another END.
 */
static void closed__in_ending_proposes_again(struct kunit *test)
{
	struct duo *d = test->priv;

	acknowledge_end(test);
	sim_close(d->a, d->w->now + 60 * NSEC_PER_SEC);
	duo_run(d, 5 * NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->b, 0, RDG_OUT_NOT_DELIVERED), 1u);
	EXPECT_STATE(duo_b(d), RDG_IDLE);
	KUNIT_EXPECT_TRUE(test, list_empty(&d->w->host[0].endpoints));
}

/* What it refused came later than its END, and is heard of first. */
static void closed__end_counts_out_of_order(struct kunit *test)
{
	struct duo *d = test->priv;
	struct sim_event *end;

	duo_up(test);
	sim_close(d->a, d->w->now + 60 * NSEC_PER_SEC);
	KUNIT_EXPECT_TRUE(test, duo_look(test, 0)->has_end);
	end = duo_keep(test, 0, RDG_PKT_DATA);
	sim_say(d->b, 0, 10);
	KUNIT_EXPECT_TRUE(test, duo_pass(d, 1, RDG_PKT_DATA));
	KUNIT_EXPECT_TRUE(test, duo_pass(d, 0, RDG_PKT_DATA));
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->b, 0, RDG_OUT_NOT_DELIVERED), 1u);
	EXPECT_STATE(duo_b(d), RDG_UP);
	duo_pass_late(d, end);
	EXPECT_STATE(duo_b(d), RDG_IDLE);
	duo_settle(d);
	KUNIT_EXPECT_TRUE(test, list_empty(&d->w->host[0].endpoints));
}

static void end_ack__sends_what_waited_on_the_next_link(struct kunit *test)
{
	struct duo *d = test->priv;

	duo_up(test);
	duo_b(d)->used += 10 * NSEC_PER_SEC;
	duo_wait(d, RDG_IDLE_TIMEOUT + NSEC_PER_MSEC);
	duo_pass(d, 0, RDG_PKT_DATA);
	EXPECT_STATE(duo_b(d), RDG_IDLE);
	duo_drop(d, 0, RDG_PKT_DATA);
	/* END_ACK is on its way. */
	KUNIT_EXPECT_TRUE(test, duo_look(test, 1)->has_end_ack);
	sim_say(d->a, 1, 10);
	KUNIT_EXPECT_EQ(test, duo_a(d)->tx.head->sent, 0u);
	KUNIT_EXPECT_TRUE(test, duo_pass(d, 1, RDG_PKT_DATA));
	EXPECT_STATE(duo_a(d), RDG_OPENING);
	duo_settle(d);
	duo_run(d, 100 * NSEC_PER_MSEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), 2u);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_IN_DOUBT), 0u);
	KUNIT_EXPECT_EQ(test, d->w->delivered, 2ULL);
	KUNIT_EXPECT_EQ(test, duo_a(d)->count[RDG_CT_LINKS_OPENED], 2ULL);
}

/* Between END and its answer b is asked to send: the link goes on. */
static void end_ack__gives_way_to_a_message(struct kunit *test)
{
	struct duo *d = test->priv;

	duo_up(test);
	duo_b(d)->used += 10 * NSEC_PER_SEC;
	duo_wait(d, RDG_IDLE_TIMEOUT + NSEC_PER_MSEC);
	KUNIT_EXPECT_GE(test, duo_feed(d, 0), 1u);
	KUNIT_EXPECT_TRUE(test, duo_b(d)->end_ack_due);
	sim_say(d->b, 0, 10);
	KUNIT_EXPECT_FALSE(test, duo_look(test, 1)->has_end_ack);
	EXPECT_STATE(duo_b(d), RDG_UP);
	duo_run(d, 100 * NSEC_PER_MSEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->b, 0, RDG_OUT_DELIVERED), 1u);
	EXPECT_STATE(duo_a(d), RDG_UP);
}

/* No honest packet carries both. Payload comes first, and cancels the proposal. */
static void end_ack__beside_payload_ends_nothing(struct kunit *test)
{
	struct duo *d = test->priv;
	struct rdg_frames *f = &d->w->frames;
	struct sim_event *e;
	struct rdg_header h;
	u32 i;

	for (i = 0; i < 2; i++) {
		if (i) {
			duo_exit(test);
			KUNIT_ASSERT_EQ(test, duo_init(test), 0);
			d = test->priv;
			f = &d->w->frames;
		}
		duo_reach(test, RDG_ENDING);
		sim_say(d->b, 0, 10);
		e = duo_keep(test, 1, RDG_PKT_DATA);
		rdg_wire_parse(e->packet->data, e->packet->len, &h);
		rdg_wire_parse_frames(e->packet->data, &h, f);
		KUNIT_ASSERT_EQ(test, f->pieces, 1);
		f->has_end_ack = true;
		/* Payload for which there is no room cancels nothing. */
		d->w->plan.refuse = i ? 1000 : 0;
		rdg_link_packet(duo_a(d), &h, f, e->packet, false, d->w->now);
		EXPECT_STATE(duo_a(d), i ? RDG_IDLE : RDG_UP);
		KUNIT_EXPECT_EQ(test, !duo_a(d)->own_id, i);
		sim_pump(sim_of(duo_a(d)));
		d->w->plan.refuse = 0;
		duo_drop_all(d);
		duo_pass_late(d, e);
		KUNIT_EXPECT_EQ(test, d->w->delivered, 2ULL - i);
	}
}

static void reset__in_up_puts_in_doubt_and_opens_again(struct kunit *test)
{
	struct duo *d = test->priv;

	duo_up(test);
	sim_say(d->a, 1, 10);
	duo_drop_all(d);
	/* Of another link: nobody off the path knows our remote id. */
	duo_reset(d, duo_a(d)->remote_id + 1, RDG_RESET_UNKNOWN);
	EXPECT_STATE(duo_a(d), RDG_UP);
	duo_reset(d, duo_a(d)->remote_id, RDG_RESET_UNKNOWN);
	EXPECT_STATE(duo_a(d), RDG_IDLE);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_IN_DOUBT), 1u);
	KUNIT_EXPECT_EQ(test, sim_of(duo_a(d))->died, 1u);
	/* The receiver hears that a message will not come, before the next. */
	sim_say(d->a, 1, 10);
	duo_run(d, 2 * NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), 2u);
	KUNIT_EXPECT_TRUE(test, d->a->life->to[1].rec[1]->jumped);
}

static void reset__crossing_data_keeps_what_was_not_sent(struct kunit *test)
{
	struct duo *d = test->priv;

	duo_up(test);
	/* Larger than the window: a part of it cannot have left. */
	sim_say(d->a, 1, 50000);
	duo_drop_all(d);
	KUNIT_EXPECT_LT(test, duo_a(d)->tx.head->sent, 50000u);
	duo_reset(d, duo_a(d)->remote_id, RDG_RESET_UNKNOWN);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_IN_DOUBT), 0u);
	duo_run(d, 2 * NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), 2u);
}

static void restart__of_the_receiver_puts_in_doubt(struct kunit *test)
{
	struct duo *d = test->priv;

	duo_up(test);
	sim_say(d->b, 0, 10);
	duo_run(d, 100 * NSEC_PER_MSEC);
	sim_crash(&d->w->host[1]);
	d->b = sim_open(&d->w->host[1]);
	sim_say(d->a, 1, 10);
	KUNIT_EXPECT_TRUE(test, duo_pass(d, 0, RDG_PKT_DATA));
	KUNIT_EXPECT_TRUE(test, duo_pass(d, 1, RDG_PKT_RESET));
	EXPECT_STATE(duo_a(d), RDG_IDLE);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_IN_DOUBT), 1u);
	sim_say(d->b, 0, 10);
	duo_run(d, NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->b, 0, RDG_OUT_DELIVERED), 1u);
	/* RESTART came before it: sim_check.c has seen to that. */
	KUNIT_EXPECT_PTR_EQ(test, sim_of(duo_a(d))->from, d->b->life);
}

/* All peers of an endpoint that restarted find out at the same time. */
static void restart__is_met_by_its_peers_one_by_one(struct kunit *test)
{
	struct duo *d = test->priv;
	u32 i, first, early = 0, late = 0;

	for (i = 0; i < 64; i++) {
		sim_say(d->a, 1, 10);
		duo_run(d, 500 * NSEC_PER_MSEC);
		KUNIT_ASSERT_EQ(test, (int)duo_a(d)->state, (int)RDG_UP);
		sim_crash(&d->w->host[1]);
		d->b = sim_open(&d->w->host[1]);
		duo_reset(d, duo_a(d)->remote_id, RDG_RESET_UNKNOWN);
		/* Whether or not something waits, or is sent again at once. */
		sim_say(d->a, 1, 10);
		KUNIT_EXPECT_FALSE(test, duo_pass(d, 0, RDG_PKT_INIT));
		duo_wait(d, RDG_REOPEN_SPREAD / 2);
		first = duo_drop_all(d);
		early += first > 0;
		duo_wait(d, RDG_REOPEN_SPREAD / 2);
		late += !first && duo_pass(d, 0, RDG_PKT_INIT);
		duo_run(d, 500 * NSEC_PER_MSEC);
	}
	KUNIT_EXPECT_EQ(test, early + late, 64u);
	KUNIT_EXPECT_GE(test, early, 16u);
	KUNIT_EXPECT_GE(test, late, 16u);
}

static void restart__new_incarnation_waits_for_the_old_one(struct kunit *test)
{
	struct duo *d = test->priv;
	struct sim_life *old = d->a->life;

	duo_up(test);
	sim_say(d->a, 1, 10);
	duo_drop_all(d);
	sim_close(d->a, d->w->now + 60 * NSEC_PER_SEC);
	duo_drop_all(d);
	d->a = sim_open(&d->w->host[0]);
	sim_say(d->a, 1, 20);
	/* The old one has not delivered all: the new one is held. */
	KUNIT_EXPECT_TRUE(test, duo_a(d)->held);
	KUNIT_EXPECT_FALSE(test, duo_drop(d, 0, RDG_PKT_INIT));
	duo_run(d, 5 * NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, d->w->delivered, 3ULL);
	KUNIT_EXPECT_EQ(test, old->to[1].pending, 0u);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), 1u);
}

/* The CONFIRM of a is late, a has crashed, and has a successor. */
static struct sim_event *restart_before_confirm(struct kunit *test)
{
	struct duo *d = test->priv;
	struct sim_event *late;

	sim_say(d->a, 1, 10);
	duo_pass(d, 0, RDG_PKT_INIT);
	duo_pass(d, 1, RDG_PKT_CHALLENGE);
	late = duo_keep(test, 0, RDG_PKT_CONFIRM);
	duo_wait(d, NSEC_PER_MSEC);
	sim_crash(&d->w->host[0]);
	duo_drop_all(d);
	d->a = sim_open(&d->w->host[0]);
	sim_say(d->a, 1, 20);
	return late;
}

/* It comes when the successor has come and gone, within the life of its cookie. */
static struct sim_event *restart_and_end_before_confirm(struct kunit *test)
{
	struct sim_event *late = restart_before_confirm(test);
	struct duo *d = test->priv;

	duo_run(d, 100 * NSEC_PER_MSEC);
	sim_close(d->a, d->w->now + 60 * NSEC_PER_SEC);
	duo_run(d, 100 * NSEC_PER_MSEC);
	EXPECT_STATE(duo_b(d), RDG_IDLE);
	KUNIT_EXPECT_EQ(test, d->w->delivered, 1ULL);
	return late;
}

static void restart__late_confirm_of_the_old_one_is_stale(struct kunit *test)
{
	struct sim_event *late = restart_and_end_before_confirm(test);
	struct duo *d = test->priv;

	duo_pass_late(d, late);
	EXPECT_STATE(duo_b(d), RDG_IDLE);
	KUNIT_EXPECT_EQ(test, d->w->delivered, 1ULL);
	KUNIT_EXPECT_TRUE(test, duo_pass(d, 1, RDG_PKT_RESET));
}

static void restart__late_confirm_in_opening_is_stale(struct kunit *test)
{
	struct sim_event *late = restart_and_end_before_confirm(test);
	struct duo *d = test->priv;

	d->a = sim_open(&d->w->host[0]);
	sim_say(d->b, 0, 30);
	EXPECT_STATE(duo_b(d), RDG_OPENING);
	duo_pass_late(d, late);
	EXPECT_STATE(duo_b(d), RDG_OPENING);
	duo_run(d, 100 * NSEC_PER_MSEC);
	EXPECT_STATE(duo_b(d), RDG_UP);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->b, 0, RDG_OUT_DELIVERED), 1u);
	KUNIT_EXPECT_EQ(test, d->w->delivered, 2ULL);
}

/* Both were asked before either began: the CONFIRM of the old one comes late, but
 * first. The one of the successor is older than that link, and still opens the next.
 */
static void restart__confirm_waits_for_a_late_one_of_the_old(struct kunit *test)
{
	struct sim_event *late = restart_before_confirm(test);
	struct duo *d = test->priv;

	duo_pass(d, 0, RDG_PKT_INIT);
	duo_pass(d, 1, RDG_PKT_CHALLENGE);
	duo_wait(d, NSEC_PER_MSEC);
	duo_pass_late(d, late);
	EXPECT_STATE(duo_b(d), RDG_UP);
	KUNIT_EXPECT_EQ(test, d->w->delivered, 1ULL);
	duo_run(d, 5 * NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, d->w->delivered, 2ULL);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), 1u);
}

/* One link after the other in no time: their cookies have no order. */
static void restart__at_the_same_moment_is_not_refused(struct kunit *test)
{
	struct duo *d = test->priv;
	u32 i;

	for (i = 0; i < 2; i++) {
		if (i)
			sim_say(d->b, 0, 10);
		else
			sim_say(d->a, 1, 10);
		duo_settle(d);
		EXPECT_STATE(duo_b(d), RDG_UP);
		sim_close(d->a, d->w->now + 60 * NSEC_PER_SEC);
		duo_settle(d);
		EXPECT_STATE(duo_b(d), RDG_IDLE);
		d->a = sim_open(&d->w->host[0]);
	}
	sim_say(d->a, 1, 20);
	duo_settle(d);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), 1u);
	KUNIT_EXPECT_EQ(test, d->w->delivered, 3ULL);
}

static void restart__old_link_is_probed(struct kunit *test)
{
	struct duo *d = test->priv;

	duo_up(test);
	sim_say(d->b, 0, 10);
	duo_run(d, 200 * NSEC_PER_MSEC);
	sim_crash(&d->w->host[0]);
	d->a = sim_open(&d->w->host[0]);
	sim_say(d->a, 1, 20);
	KUNIT_EXPECT_TRUE(test, duo_pass(d, 0, RDG_PKT_INIT));
	/* Not by a timeout: the answer to INIT, and a packet of the old link, at once. */
	KUNIT_EXPECT_TRUE(test, duo_pass(d, 1, RDG_PKT_DATA));
	EXPECT_STATE(duo_b(d), RDG_UP);
	KUNIT_EXPECT_TRUE(test, duo_pass(d, 0, RDG_PKT_RESET));
	EXPECT_STATE(duo_b(d), RDG_IDLE);
	duo_run(d, NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), 1u);
}

static void closed__receiver_refuses(struct kunit *test)
{
	struct duo *d = test->priv;

	duo_up(test);
	sim_say(d->b, 0, 100);
	duo_drop_all(d);
	/* b has something to deliver: its link stays, and takes nothing. */
	sim_close(d->b, d->w->now + 60 * NSEC_PER_SEC);
	duo_drop_all(d);
	sim_say(d->a, 1, 10);
	KUNIT_EXPECT_TRUE(test, duo_pass(d, 0, RDG_PKT_DATA));
	KUNIT_EXPECT_TRUE(test, duo_pass(d, 1, RDG_PKT_DATA));
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_NOT_DELIVERED), 1u);
	/* The next one waits for the next link, to whoever binds there. */
	sim_say(d->a, 1, 10);
	d->b = sim_open(&d->w->host[1]);
	duo_run(d, 5 * NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), 2u);
	KUNIT_EXPECT_EQ(test, d->w->delivered, 3ULL);
}

static void closed__sender_delivers_and_goes(struct kunit *test)
{
	struct duo *d = test->priv;
	struct sim_life *old = d->a->life;

	sim_say(d->a, 1, 40000);
	sim_close(d->a, d->w->now + 60 * NSEC_PER_SEC);
	duo_run(d, 2 * NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, old->to[1].pending, 0u);
	KUNIT_EXPECT_EQ(test, d->w->delivered, 1ULL);
	KUNIT_EXPECT_TRUE(test, list_empty(&d->w->host[0].endpoints));
}

static void closed__orphan_gives_up(struct kunit *test)
{
	struct duo *d = test->priv;
	struct sim_life *old = d->a->life;

	duo_up(test);
	sim_say(d->a, 1, 10);
	sim_close(d->a, d->w->now + 5 * NSEC_PER_SEC);
	duo_wait(d, 4 * NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, old->to[1].pending, 1u);
	duo_wait(d, 2 * NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, old->to[1].pending, 0u);
	KUNIT_EXPECT_EQ(test, old->to[1].rec[1]->outcome, (int)RDG_OUT_IN_DOUBT);
	KUNIT_EXPECT_TRUE(test, list_empty(&d->w->host[0].endpoints));
}

/* Where a link is when the other side falls silent, and what becomes of it all. */
static void expire__by_user_timeout_in_every_state(struct kunit *test)
{
	static const struct {
		enum rdg_state state;
		u32 delivered, in_doubt, not_delivered;
	} row[] = {
		{ RDG_IDLE, 0, 0, 2 },
		{ RDG_OPENING, 0, 0, 2 },
		{ RDG_CONFIRMING, 0, 2, 0 },
		{ RDG_UP, 1, 1, 0 },
		{ RDG_ENDING, 1, 0, 1 },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(row); i++) {
		struct duo *d;

		if (i) {
			duo_exit(test);
			KUNIT_ASSERT_EQ(test, duo_init(test), 0);
		}
		d = test->priv;
		d->a->self.user_timeout = 30 * NSEC_PER_SEC;
		if (row[i].state == RDG_IDLE) {
			/* No id is to be had. */
			d->w->host[0].max_ids = 0;
			sim_say(d->a, 1, 10);
		} else {
			duo_reach(test, row[i].state);
		}
		sim_say(d->a, 1, 10);
		duo_wait(d, 9 * NSEC_PER_SEC);
		KUNIT_EXPECT_EQ_MSG(test, duo_outcomes(d->a, 1, -1),
				    row[i].in_doubt + row[i].not_delivered, "row %u", i);
		/* ENDING first waits for its answer, then opens anew. */
		duo_wait(d, 60 * NSEC_PER_SEC);
		EXPECT_STATE(duo_a(d), RDG_IDLE);
		KUNIT_EXPECT_EQ_MSG(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED),
				    row[i].delivered, "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, duo_outcomes(d->a, 1, RDG_OUT_IN_DOUBT),
				    row[i].in_doubt, "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, duo_outcomes(d->a, 1, RDG_OUT_NOT_DELIVERED),
				    row[i].not_delivered, "row %u", i);
		KUNIT_EXPECT_EQ(test, rdg_link_deadline(duo_a(d)), RDG_NEVER);
	}
}

static void expire__never_without_a_user_timeout(struct kunit *test)
{
	struct duo *d = test->priv;

	duo_up(test);
	sim_say(d->a, 1, 10);
	duo_wait(d, 3600 * NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, -1), 1u);
	EXPECT_STATE(duo_a(d), RDG_UP);
	/* What the cut costs once it heals is less than a second or so. */
	duo_drop_all(d);
	duo_run(d, 1100 * NSEC_PER_MSEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), 2u);
}

static void expire__counts_from_the_first_unanswered_packet(struct kunit *test)
{
	struct duo *d = test->priv;

	d->a->self.user_timeout = 10 * NSEC_PER_SEC;
	duo_up(test);
	/* Long ago, nothing was said: that is no silence of the other side. */
	duo_wait(d, 20 * NSEC_PER_SEC);
	sim_say(d->a, 1, 10);
	duo_wait(d, 9 * NSEC_PER_SEC);
	EXPECT_STATE(duo_a(d), RDG_UP);
	duo_wait(d, 2 * NSEC_PER_SEC);
	EXPECT_STATE(duo_a(d), RDG_IDLE);
}

static void credit__report_that_is_lost_comes_again(struct kunit *test)
{
	struct duo *d = test->priv;

	duo_up(test);
	/* b has room for 64 KiB unread: the third has to wait. */
	sim_say(d->a, 1, 40000);
	sim_say(d->a, 1, 40000);
	sim_say(d->a, 1, 40000);
	duo_run(d, NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, -1), 1u);
	while (sim_read(d->b))
		;
	KUNIT_EXPECT_GE(test, duo_drop_all(d), 1u);
	/* By its sender, who has no sample of the RTT, and sooner than the other
	 * side asks for it.
	 */
	duo_run(d, 300 * NSEC_PER_MSEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), 4u);
}

/* A receiver that stops for a while, and then reads: the next comes at once. */
static void credit__reopens_when_it_is_read(struct kunit *test)
{
	struct duo *d = test->priv;
	u32 round, i;
	u64 window;

	rdg_link_set_window(duo_b(d), 65536, 1000000);
	for (i = 0; i < 1000; i++)
		sim_say(d->a, 1, 1200);
	for (round = 0; round < 5; round++) {
		/* All that there is credit for; then it is asked for, once a second. */
		duo_run(d, 60 * NSEC_PER_SEC + round * 100 * NSEC_PER_MSEC);
		window = rdg_rx_window(duo_b(d));
		KUNIT_EXPECT_GE(test, duo_b(d)->taken.unread, window);
		KUNIT_EXPECT_LE(test, duo_b(d)->taken.unread, window + 1200 + RDG_MESSAGE_COST);
		while (sim_read(d->b))
			;
		duo_settle(d);
		KUNIT_EXPECT_FALSE(test, list_empty(&d->b->queue));
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(idle__ends_by_end_and_end_ack),
	KUNIT_CASE(end__in_ending_crossing),
	KUNIT_CASE(end__in_ending_crossing_with_messages_waiting),
	KUNIT_CASE(end__in_ending_of_a_link_to_oneself),
	KUNIT_CASE(end__is_cancelled_by_data),
	KUNIT_CASE(end__late_is_known_though_newer_was_not_admitted),
	KUNIT_CASE(end__late_is_known_though_its_sender_closed),
	KUNIT_CASE(end__late_is_known_in_a_train),
	KUNIT_CASE(end__waits_for_messages_of_the_other_side),
	KUNIT_CASE(end__messages_to_the_proposer_wait_for_the_answer),
	KUNIT_CASE(end__lost_is_sent_again),
	KUNIT_CASE(end_ack__lost_is_replaced_by_reset),
	KUNIT_CASE(end__acknowledged_but_not_answered_is_withdrawn),
	KUNIT_CASE(end__acknowledged_but_not_answered_expires),
	KUNIT_CASE(closed__end_acknowledged_but_not_answered_expires),
	KUNIT_CASE(closed__end_reaches_nobody),
	KUNIT_CASE(end__reaches_nobody),
	KUNIT_CASE(closed__in_ending_proposes_again),
	KUNIT_CASE(closed__end_counts_out_of_order),
	KUNIT_CASE(end_ack__sends_what_waited_on_the_next_link),
	KUNIT_CASE(end_ack__gives_way_to_a_message),
	KUNIT_CASE(end_ack__beside_payload_ends_nothing),
	KUNIT_CASE(reset__in_up_puts_in_doubt_and_opens_again),
	KUNIT_CASE(reset__crossing_data_keeps_what_was_not_sent),
	KUNIT_CASE(restart__of_the_receiver_puts_in_doubt),
	KUNIT_CASE(restart__is_met_by_its_peers_one_by_one),
	KUNIT_CASE(restart__new_incarnation_waits_for_the_old_one),
	KUNIT_CASE(restart__late_confirm_of_the_old_one_is_stale),
	KUNIT_CASE(restart__late_confirm_in_opening_is_stale),
	KUNIT_CASE(restart__confirm_waits_for_a_late_one_of_the_old),
	KUNIT_CASE(restart__at_the_same_moment_is_not_refused),
	KUNIT_CASE(restart__old_link_is_probed),
	KUNIT_CASE(closed__receiver_refuses),
	KUNIT_CASE(closed__sender_delivers_and_goes),
	KUNIT_CASE(closed__orphan_gives_up),
	KUNIT_CASE(expire__by_user_timeout_in_every_state),
	KUNIT_CASE(expire__never_without_a_user_timeout),
	KUNIT_CASE(expire__counts_from_the_first_unanswered_packet),
	KUNIT_CASE(credit__report_that_is_lost_comes_again),
	KUNIT_CASE(credit__reopens_when_it_is_read),
	{}
};

struct kunit_suite rdg_end_suite = {
	.name = "rdgram_end",
	.init = duo_init,
	.exit = duo_exit,
	.test_cases = cases,
};
