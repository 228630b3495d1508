// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where there is no room: no credit, a full receive buffer, a full ledger; and
 * the report that there is some again.
 */
#include "../core/internal.h"
#include "steps.h"

#define EXPECT_STATE(l, s)	KUNIT_EXPECT_EQ(test, (int)(l)->state, (int)(s))

/* Three of these do not fit into a window of 64 KiB: the third has to wait. */
#define LARGE	40000

/* ep sends more than may be unread; until it has just asked whether there is
 * room, and will not ask again for a second.
 */
static void fill_window(struct kunit *test, struct sim_endpoint *ep, u8 peer)
{
	struct rdg_link *l = &sim_link_get(ep, peer)->link;
	struct duo *d = test->priv;
	u32 i, before = duo_outcomes(ep, peer, RDG_OUT_DELIVERED);

	for (i = 0; i < 3; i++)
		sim_say(ep, peer, LARGE);
	duo_run(d, NSEC_PER_SEC);
	KUNIT_ASSERT_EQ(test, duo_outcomes(ep, peer, RDG_OUT_DELIVERED), before + 2);
	KUNIT_ASSERT_NOT_NULL(test, l->tx.head);
	KUNIT_ASSERT_FALSE(test, l->tx.head->begun);
	duo_run(d, l->probe_at - d->w->now + 100 * NSEC_PER_MSEC);
	KUNIT_ASSERT_GT(test, l->probe_at, d->w->now + RDG_PERSIST / 2);
}

/* A filter takes nothing: the sender hears of that, and no message is held up for long. */
static void filter__tells_what_it_refuses(struct kunit *test)
{
	struct duo *d = test->priv;

	duo_up(test);
	d->w->plan.filter = 1000;
	sim_say(d->a, 1, 10);
	KUNIT_EXPECT_TRUE(test, duo_pass(d, 0, RDG_PKT_DATA));
	KUNIT_EXPECT_EQ(test, duo_look(test, 1)->report.refused, 1);
	KUNIT_EXPECT_GE(test, duo_drop_all(d), 1u);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_NOT_DELIVERED), 0u);
	/* One that takes this one. */
	d->w->plan.filter = 1;
	sim_say(d->a, 1, 10);
	duo_run(d, NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_NOT_DELIVERED), 1u);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), 2u);
	KUNIT_EXPECT_EQ(test, duo_b(d)->live->rx.refused, 0);
}

/* The next one waits until that was heard, and is told of by itself, before a asks. */
static void filter__next_one_is_told_at_once(struct kunit *test)
{
	struct duo *d = test->priv;

	duo_up(test);
	d->w->plan.filter = 1000;
	sim_say(d->a, 1, 10);
	KUNIT_EXPECT_TRUE(test, duo_pass(d, 0, RDG_PKT_DATA));
	d->w->plan.filter = 1;
	sim_say(d->a, 1, 10);
	KUNIT_EXPECT_TRUE(test, duo_pass(d, 0, RDG_PKT_DATA));
	KUNIT_EXPECT_TRUE(test, rdg_rx_waits(duo_b(d)));
	/* It is acknowledged before a has heard of the first. */
	duo_wait(d, 30 * NSEC_PER_MSEC);
	while (duo_pass(d, 1, RDG_PKT_DATA))
		;
	duo_wait(d, 30 * NSEC_PER_MSEC);
	while (duo_pass(d, 0, RDG_PKT_DATA))
		;
	KUNIT_EXPECT_FALSE(test, rdg_rx_waits(duo_b(d)));
	while (duo_pass(d, 1, RDG_PKT_DATA))
		;
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_NOT_DELIVERED), 1u);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), 2u);
}

/* Neither side has room for payload, and each waits until the other knows. */
static void filter__tells_who_has_no_room(struct kunit *test)
{
	struct duo *d = test->priv;
	u32 i;

	duo_up(test);
	sim_say(d->b, 0, 10);
	duo_run(d, NSEC_PER_SEC);
	d->w->plan.filter = 1000;
	sim_say(d->a, 1, 10);
	sim_say(d->b, 0, 10);
	KUNIT_EXPECT_TRUE(test, duo_pass(d, 0, RDG_PKT_DATA));
	KUNIT_EXPECT_TRUE(test, duo_pass(d, 1, RDG_PKT_DATA));
	duo_drop_all(d);
	d->w->plan.refuse = 1000;
	for (i = 0; i < 3; i++) {
		sim_say(d->a, 1, 1000);
		sim_say(d->b, 0, 1000);
	}
	duo_run(d, 5 * NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_NOT_DELIVERED), 1u);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->b, 0, RDG_OUT_NOT_DELIVERED), 1u);
	KUNIT_EXPECT_EQ(test, duo_a(d)->live->rx.refused, 0);
	KUNIT_EXPECT_EQ(test, duo_b(d)->live->rx.refused, 0);
	d->w->plan.refuse = 0;
	duo_run(d, 5 * NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_NOT_DELIVERED), 4u);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->b, 0, RDG_OUT_NOT_DELIVERED), 4u);
}

/* All that is known of the lost report is that three later packets arrived. */
static void report__lost_goes_again_with_its_loss(struct kunit *test)
{
	struct duo *d = test->priv;
	u32 i;

	d->b->self.nodelay = true;
	duo_up(test);
	sim_say(d->b, 0, 10);
	duo_run(d, 100 * NSEC_PER_MSEC);
	fill_window(test, d->a, 1);
	while (sim_read(d->b))
		;
	KUNIT_EXPECT_TRUE(test, duo_look(test, 1)->has_report);
	KUNIT_EXPECT_GE(test, duo_drop_all(d), 1u);
	for (i = 0; i < 4; i++) {
		sim_say(d->b, 0, 10);
		/* Payload, and no report beside it: it is not the sender's any more. */
		KUNIT_EXPECT_FALSE(test, duo_look(test, 1)->has_report);
		KUNIT_EXPECT_TRUE(test, duo_pass(d, 1, RDG_PKT_DATA));
	}
	/* No time passes: neither side asks. */
	duo_settle(d);
	KUNIT_EXPECT_TRUE(test, !duo_a(d)->tx.head || duo_a(d)->tx.head->begun);
	duo_run(d, 100 * NSEC_PER_MSEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), 4u);
}

static void admit__refused_draws_a_report_without_an_ack(struct kunit *test)
{
	const struct rdg_frames *f;
	struct duo *d = test->priv;

	sim_say(d->a, 1, 10);
	duo_pass(d, 0, RDG_PKT_INIT);
	duo_pass(d, 1, RDG_PKT_CHALLENGE);
	/* No room for the payload of CONFIRM: the first packet that b gets. */
	d->b->rcvbuf = 0;
	d->b->token = sim_link_get(d->b, 2);
	KUNIT_EXPECT_TRUE(test, duo_pass(d, 0, RDG_PKT_CONFIRM));
	KUNIT_EXPECT_EQ(test, duo_b(d)->count[RDG_CT_PACKETS_UNADMITTED], 1ULL);
	/* Not for every packet of many that come at once. */
	KUNIT_EXPECT_FALSE(test, duo_copy(d, 1, RDG_PKT_DATA));
	duo_wait(d, 30 * NSEC_PER_MSEC);
	f = duo_look(test, 1);
	KUNIT_EXPECT_TRUE(test, f->has_report);
	KUNIT_EXPECT_FALSE(test, f->has_ack);
	KUNIT_EXPECT_TRUE(test, duo_pass(d, 1, RDG_PKT_DATA));
	EXPECT_STATE(duo_a(d), RDG_UP);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, -1), 1u);
}

static void admit__refused_for_long_is_no_silence(struct kunit *test)
{
	struct duo *d = test->priv;

	d->a->self.user_timeout = 5 * NSEC_PER_SEC;
	duo_up(test);
	d->w->plan.refuse = 1000;
	sim_say(d->a, 1, 10);
	duo_run(d, 60 * NSEC_PER_SEC);
	KUNIT_EXPECT_GE(test, duo_b(d)->count[RDG_CT_PACKETS_UNADMITTED], 10ULL);
	EXPECT_STATE(duo_a(d), RDG_UP);
	d->w->plan.refuse = 0;
	duo_run(d, 2 * NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), 2u);
}

/* What a report of more room than there was draws at once; packets. */
static u8 drawn_by_credit(struct rdg_link *l)
{
	struct rdg_report_frame r = {
		.delivered = l->tx.delivered,
		.credit = l->tx.credit_limit + 1000,
	};

	l->tx.probes = 0;
	rdg_tx_report(l, &r, false);
	return l->tx.probes;
}

/* It was not for want of credit that a message was not admitted: room is a reason to ask all
 * the same, but no more often than twice as often as without.
 */
static void admit__refused_is_sent_again_when_there_is_room(struct kunit *test)
{
	struct duo *d = test->priv;
	struct rdg_link *l = duo_a(d);
	u32 asked, i;

	duo_up(test);
	KUNIT_EXPECT_EQ(test, drawn_by_credit(l), 0);
	d->w->plan.refuse = 1000;
	sim_say(d->a, 1, 10);
	duo_run(d, 3 * NSEC_PER_SEC);
	for (i = 0; i < 3; i++) {
		KUNIT_ASSERT_GT(test, l->unanswered, 0u);
		KUNIT_EXPECT_NULL(test, l->tx.head);
		KUNIT_EXPECT_EQ(test, drawn_by_credit(l), 1);
		KUNIT_EXPECT_EQ(test, drawn_by_credit(l), 0);
		for (asked = l->unanswered; l->unanswered == asked; )
			duo_run(d, 10 * NSEC_PER_MSEC);
	}
}

/* A report draws a packet, past window and pace, where the message that is next may go by it;
 * not where it is begun, nor where the credit is still used up.
 */
static void credit__that_opens_nothing_draws_nothing(struct kunit *test)
{
	struct duo *d = test->priv;
	struct rdg_link *l = duo_a(d);

	duo_up(test);
	fill_window(test, d->a, 1);
	KUNIT_ASSERT_NOT_NULL(test, l->tx.head);
	l->unanswered = 1;
	l->tx.hurried = true;
	l->tx.credit_used = l->tx.credit_limit + 2000;
	KUNIT_EXPECT_EQ(test, drawn_by_credit(l), 0);
	KUNIT_EXPECT_EQ(test, drawn_by_credit(l), 0);
	KUNIT_EXPECT_EQ(test, drawn_by_credit(l), 1);
	KUNIT_EXPECT_EQ(test, drawn_by_credit(l), 0);
	l->tx.credit_used = l->tx.credit_limit;
	l->tx.head->begun = true;
	KUNIT_EXPECT_EQ(test, drawn_by_credit(l), 0);
	l->tx.head->begun = false;
}

/* b has a message and no credit when a proposes the end. a may not wait for an
 * answer: what would bring it is the application of a, which may wait for b to
 * hear it.
 */
static void end__of_one_without_credit_to_give_is_withdrawn(struct kunit *test)
{
	struct duo *d = test->priv;

	duo_up(test);
	fill_window(test, d->b, 0);
	duo_run(d, RDG_IDLE_TIMEOUT - 2 * NSEC_PER_SEC);
	while (duo_a(d)->state == RDG_UP && !d->w->failed)
		duo_wait(d, NSEC_PER_MSEC);
	EXPECT_STATE(duo_a(d), RDG_ENDING);
	sim_say(d->a, 1, 10);
	duo_run(d, 10 * NSEC_PER_SEC);
	EXPECT_STATE(duo_a(d), RDG_UP);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), 2u);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->b, 0, -1), 1u);
	while (sim_read(d->a))
		;
	duo_run(d, NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->b, 0, RDG_OUT_DELIVERED), 3u);
	KUNIT_EXPECT_EQ(test, duo_a(d)->count[RDG_CT_LINKS_OPENED], 1ULL);
}

/* With an ACK beside it, it would not fit into a packet. */
#define ALMOST_FULL	(RDG_PACKET_SIZE - RDG_DATA_LEN - RDG_MSG_LEN)

/* a sends until its ledger is full; of what it sent, all but the first arrives,
 * or nothing, and no ack comes back.
 */
static void fill_ledger(struct kunit *test, bool arrives)
{
	struct duo *d = test->priv;
	u32 i, n = RDG_LEDGER_MAX + 100;

	d->b->rcvbuf = U32_MAX;
	duo_up(test);
	rdg_link_set_window(duo_b(d), 64 * 1024 * 1024, 64 * 1024 * 1024);
	sim_pump(sim_of(duo_b(d)));
	duo_settle(d);
	/* Larger than any path needs: only the ledger is in the way. */
	duo_a(d)->live->cc.cwnd = U32_MAX;
	for (i = 0; i < n; i++) {
		sim_say(d->a, 1, ALMOST_FULL);
		if (!i || !arrives)
			duo_drop(d, 0, RDG_PKT_DATA);
		else
			duo_pass(d, 0, RDG_PKT_DATA);
		duo_drop(d, 1, RDG_PKT_DATA);
	}
	KUNIT_EXPECT_FALSE(test, rdg_ledger_room(&duo_a(d)->live->ledger, 4));
	KUNIT_EXPECT_NOT_NULL(test, duo_a(d)->tx.head);
	/* It asks all the same, and the probes that are lost do no harm, nor does an
	 * ack that would ride with them.
	 */
	for (i = 0; i < 20; i++) {
		duo_a(d)->live->rx.ack_at = duo_a(d)->probe_at + 1;
		duo_wait(d, NSEC_PER_SEC);
		KUNIT_ASSERT_TRUE(test, duo_drop(d, 0, RDG_PKT_DATA));
		duo_drop_all(d);
	}
	duo_run(d, 20 * NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), n + 1);
	KUNIT_EXPECT_EQ(test, duo_a(d)->live->ledger.flight, 0u);
	/* What it took is given back when the link is used next, by whichever side. */
	sim_say(d->b, 0, 10);
	duo_run(d, NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->b, 0, RDG_OUT_DELIVERED), 1u);
	KUNIT_EXPECT_EQ(test, duo_a(d)->live->ledger.size, (u32)RDG_LEDGER_MIN);
	sim_say(d->a, 1, 10);
	duo_run(d, NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), n + 2);
}

static void ledger__full_still_asks(struct kunit *test)
{
	fill_ledger(test, false);
}

static void ledger__full_behind_one_that_is_missing(struct kunit *test)
{
	fill_ledger(test, true);
}

/* There is room for more than a ledger can hold, in packets of a size. */
static void fill_begin(struct kunit *test, u32 size)
{
	struct duo *d = test->priv;

	d->b->rcvbuf = U32_MAX;
	duo_up(test);
	rdg_link_set_window(duo_b(d), 64 * 1024 * 1024, 64 * 1024 * 1024);
	sim_pump(sim_of(duo_b(d)));
	duo_settle(d);
	rdg_link_set_limit(duo_a(d), size);
	rdg_link_set_mtu(duo_a(d), size);
	duo_a(d)->live->cc.cwnd = U32_MAX;
}

/* The ledger is full of packets of which none arrives. */
static void fill_ledger_for(struct kunit *test, u32 size)
{
	struct duo *d = test->priv;
	u32 i;

	fill_begin(test, size);
	for (i = 0; i < RDG_LEDGER_MAX + 100; i++) {
		sim_say(d->a, 1, size - RDG_DATA_LEN - RDG_MSG_LEN);
		duo_drop(d, 0, RDG_PKT_DATA);
	}
	KUNIT_EXPECT_GE(test, duo_a(d)->live->ledger.flight, RDG_LEDGER_MAX - 100u);
}

static void expect_all_within(struct kunit *test, u64 seconds)
{
	struct duo *d = test->priv;

	duo_run(d, seconds * NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), RDG_LEDGER_MAX + 101u);
}

static void expect_all(struct kunit *test)
{
	expect_all_within(test, 60);
}

/* What is sent again does not fit into one packet any more. */
static void ledger__full_when_the_interface_carries_less(struct kunit *test)
{
	struct duo *d = test->priv;

	fill_ledger_for(test, RDG_PACKET_SIZE);
	rdg_link_set_limit(duo_a(d), 1000);
	expect_all(test);
}

/* Likewise, where packets have two messages, of which one fits. */
static void ledger__full_of_messages_when_the_interface_carries_less(struct kunit *test)
{
	struct duo *d = test->priv;
	const u32 len = (RDG_PACKET_SIZE - RDG_DATA_LEN - RDG_MSG_LEN) / 2 - RDG_MSG_NEXT_LEN;
	u32 i, n = 2 * RDG_LEDGER_MAX + 100;

	fill_begin(test, RDG_PACKET_SIZE);
	/* The first half of a packet waits for the second. */
	d->a->more = true;
	for (i = 0; i < n; i++) {
		sim_say(d->a, 1, len);
		duo_drop_all(d);
	}
	KUNIT_EXPECT_GE(test, duo_a(d)->live->ledger.flight, RDG_LEDGER_MAX - 100u);
	rdg_link_set_limit(duo_a(d), 1000);
	duo_run(d, 60 * NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), n + 1);
}

static void ledger__full_when_the_peer_moves_far(struct kunit *test)
{
	struct duo *d = test->priv;

	fill_ledger_for(test, 1472);
	rdg_link_path_moved(duo_a(d), true, d->w->now);
	expect_all(test);
}

static void ledger__full_in_a_cut_and_then_less_is_carried(struct kunit *test)
{
	struct duo *d = test->priv;
	u32 i;

	fill_ledger_for(test, RDG_PACKET_SIZE);
	rdg_link_set_limit(duo_a(d), 1000);
	for (i = 0; i < 40; i++) {
		duo_wait(d, NSEC_PER_SEC);
		duo_drop_all(d);
	}
	expect_all(test);
}

/* The path carries less, and nobody says so: what asks why is small enough. */
static void ledger__full_before_a_black_hole(struct kunit *test)
{
	struct duo *d = test->priv;
	u32 i;

	fill_ledger_for(test, 1472);
	for (i = 0; i < SIM_HOSTS; i++) {
		d->w->path[0][i].mtu = 1300;
		d->w->path[0][i].delay = 5 * NSEC_PER_MSEC;
		d->w->path[i][0].delay = 5 * NSEC_PER_MSEC;
	}
	duo_a(d)->live->cc.cwnd = 100 * 1472;
	expect_all_within(test, 5);
	KUNIT_EXPECT_GE(test, duo_a(d)->count[RDG_CT_MTU_BLACK_HOLES], 1ULL);
}

/* The END of a closed endpoint is answered however full the ledger is: there is no
 * second time.
 */
static void ledger__full_answers_an_end(struct kunit *test)
{
	struct duo *d = test->priv;
	struct rdg_ledger *g;

	fill_ledger_for(test, RDG_PACKET_SIZE);
	g = &duo_a(d)->live->ledger;
	while (g->size < RDG_LEDGER_MAX || g->head - g->tail + 2 <= g->size) {
		duo_a(d)->live->rx.report = true;
		sim_pump(sim_of(duo_a(d)));
		KUNIT_ASSERT_TRUE(test, duo_drop(d, 0, RDG_PKT_DATA));
	}
	sim_close(d->b, d->w->now + 60 * (u64)NSEC_PER_SEC);
	KUNIT_ASSERT_TRUE(test, duo_pass(d, 1, RDG_PKT_DATA));
	/* What was not begun waits for the next link. */
	EXPECT_STATE(duo_a(d), RDG_OPENING);
	KUNIT_EXPECT_TRUE(test, duo_look(test, 0)->has_end_ack);
	KUNIT_EXPECT_TRUE(test, duo_pass(d, 0, RDG_PKT_DATA));
	KUNIT_EXPECT_TRUE(test, list_empty(&d->w->host[1].endpoints));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(filter__tells_what_it_refuses),
	KUNIT_CASE(filter__next_one_is_told_at_once),
	KUNIT_CASE(filter__tells_who_has_no_room),
	KUNIT_CASE(report__lost_goes_again_with_its_loss),
	KUNIT_CASE(admit__refused_draws_a_report_without_an_ack),
	KUNIT_CASE(admit__refused_for_long_is_no_silence),
	KUNIT_CASE(admit__refused_is_sent_again_when_there_is_room),
	KUNIT_CASE(credit__that_opens_nothing_draws_nothing),
	KUNIT_CASE(end__of_one_without_credit_to_give_is_withdrawn),
	KUNIT_CASE(ledger__full_when_the_interface_carries_less),
	KUNIT_CASE(ledger__full_of_messages_when_the_interface_carries_less),
	KUNIT_CASE(ledger__full_when_the_peer_moves_far),
	KUNIT_CASE(ledger__full_in_a_cut_and_then_less_is_carried),
	KUNIT_CASE(ledger__full_before_a_black_hole),
	KUNIT_CASE(ledger__full_answers_an_end),
	KUNIT_CASE(ledger__full_still_asks),
	KUNIT_CASE(ledger__full_behind_one_that_is_missing),
	{}
};

struct kunit_suite rdg_full_suite = {
	.name = "rdgram_full",
	.init = duo_init,
	.exit = duo_exit,
	.test_cases = cases,
};
