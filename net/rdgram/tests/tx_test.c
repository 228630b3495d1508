// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sender half: how packets are filled, and what late acks take back.
 */
#include "../core/bytes.h"
#include "../core/internal.h"
#include "steps.h"

/* Let a do what it may do now. */
static void pump(struct duo *d)
{
	sim_pump(sim_link_get(d->a, 1));
}

/* Messages that are all there before the first may leave. */
static void say_at_once(struct duo *d, u32 n, u32 len)
{
	struct rdg_link *l = duo_a(d);

	l->live->cc.cwnd = 0;
	while (n--)
		sim_say(d->a, 1, len);
	l->live->cc.cwnd = 100 * l->mtu;
	l->live->cc.pacing = 0;
	pump(d);
}

/* Payload of the n-th packet on its way; 0: there is none. */
static u32 payload_of(struct duo *d, u32 n)
{
	struct sim_event *e;

	list_for_each_entry(e, &d->w->held, held) {
		const u8 *data = e->packet->data;

		if (!n--)
			return e->packet->len - RDG_DATA_LEN - rdg_get_be16(data + 2);
	}
	return 0;
}

static void fill__packs_what_waits(struct kunit *test)
{
	struct duo *d = test->priv;
	u32 sum = 0, n;

	duo_up(test);
	duo_a(d)->mtu = 1472;
	say_at_once(d, 8, 1200);
	for (n = 0; sum < 5 * 1200; n++) {
		KUNIT_ASSERT_GE_MSG(test, payload_of(d, n), 1436u, "packet %u", n);
		sum += payload_of(d, n);
	}
	duo_run(d, NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), 9u);
}

static void fill__leaves_whole_what_fits_whole(struct kunit *test)
{
	struct duo *d = test->priv;

	duo_up(test);
	duo_a(d)->mtu = 1472;
	/* Cut or not, these take two packets. */
	say_at_once(d, 2, 1200);
	KUNIT_EXPECT_EQ(test, payload_of(d, 0), 1200u);
	KUNIT_EXPECT_EQ(test, payload_of(d, 1), 1200u);
	KUNIT_EXPECT_EQ(test, payload_of(d, 2), 0u);
}

static void fill__shares_packets_among_the_small(struct kunit *test)
{
	struct duo *d = test->priv;

	duo_up(test);
	duo_a(d)->mtu = 1472;
	say_at_once(d, RDG_PIECES_OUT + 4, 32);
	KUNIT_EXPECT_EQ(test, payload_of(d, 0), RDG_PIECES_OUT * 32u);
	duo_run(d, NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), RDG_PIECES_OUT + 5u);
}

/* Does the newest packet on its way from a ask for an immediate ack? */
static bool asks_now(struct duo *d)
{
	struct sim_event *e = list_last_entry(&d->w->held, struct sim_event, held);
	struct rdg_frames *f = &d->w->frames;
	struct rdg_header h;

	if (list_empty(&d->w->held) || e->packet->from ||
	    rdg_wire_parse(e->packet->data, e->packet->len, &h) != RDG_PARSE_OK ||
	    rdg_wire_parse_frames(e->packet->data, &h, f) != RDG_PARSE_OK || !f->pieces)
		return false;
	return f->piece[f->pieces - 1].flags & RDG_MSG_ACK_NOW;
}

static void ack_now__is_for_tails_and_probes(struct kunit *test)
{
	struct duo *d = test->priv;
	struct rdg_link *l = duo_a(d);
	u64 slow, quick;

	d->a->self.nodelay = true;
	duo_up(test);
	duo_b(d)->rtt.smoothed = 20 * NSEC_PER_MSEC;
	l->rtt.smoothed = 20 * NSEC_PER_MSEC;
	l->rtt.variance = NSEC_PER_MSEC;
	/* Alone: the answer will bring the ack. */
	duo_wait(d, NSEC_PER_MSEC);
	sim_say(d->a, 1, 64);
	KUNIT_EXPECT_FALSE(test, asks_now(d));
	slow = l->probe_at - d->w->now;
	duo_run(d, 100 * NSEC_PER_MSEC);
	/* The end of a train: nothing comes after it. */
	l->rtt.smoothed = 20 * NSEC_PER_MSEC;
	l->rtt.variance = NSEC_PER_MSEC;
	say_at_once(d, 3, 1100);
	KUNIT_EXPECT_TRUE(test, asks_now(d));
	quick = l->probe_at - d->w->now;
	KUNIT_EXPECT_EQ(test, slow - quick, rdg_rtt_ack_delay(&l->rtt));
	duo_drop_all(d);
	duo_wait(d, quick);
	KUNIT_EXPECT_TRUE(test, asks_now(d));
}

static void acks__are_fewer_where_packets_come_close(struct kunit *test)
{
	/* With an RTT of 32 ms: so many microseconds apart, packets for each ack. */
	static const struct {
		u32 us, every;
	} row[] = {
		{ 3000, 2 }, { 2100, 2 }, { 1000, 4 }, { 500, 8 }, { 260, 15 }, { 100, 16 },
		{ 10, 16 },
	};
	u32 i, n;

	for (i = 0; i < ARRAY_SIZE(row); i++) {
		struct duo *d;
		u64 sent = 0;

		if (i) {
			duo_exit(test);
			KUNIT_ASSERT_EQ(test, duo_init(test), 0);
		}
		d = test->priv;
		duo_up(test);
		for (n = 0; n < 40 + 240; n++) {
			if (n == 40)
				sent = duo_b(d)->count[RDG_CT_PACKETS_SENT];
			while (sim_read(d->b))
				;
			duo_b(d)->rtt.smoothed = 32 * NSEC_PER_MSEC;
			duo_a(d)->live->cc.cwnd = 1000 * 1200;
			duo_a(d)->live->cc.pacing = 0;
			sim_say(d->a, 1, 100);
			duo_settle(d);
			duo_wait(d, row[i].us * NSEC_PER_USEC);
			duo_settle(d);
		}
		sent = duo_b(d)->count[RDG_CT_PACKETS_SENT] - sent;
		/* Reports of credit come on top, and what numbers left out provoke. */
		KUNIT_EXPECT_GE_MSG(test, sent + 4, 240ULL / row[i].every, "row %u", i);
		KUNIT_EXPECT_LE_MSG(test, sent, 300ULL / row[i].every + 12, "row %u", i);
	}
}

/* Perhaps nobody waits for the time to depart: then an ack comes before that. */
static void early__ack_is_of_now(struct kunit *test)
{
	struct duo *d = test->priv;
	struct rdg_link *l = duo_a(d);
	u32 i;

	duo_up(test);
	rdg_link_set_timed(l, true);
	l->live->cc.pacing = 1000000;
	for (i = 0; i < 4; i++)
		sim_say(d->a, 1, 1000);
	KUNIT_EXPECT_GT(test, sim_link_get(d->a, 1)->ahead, (u64)NSEC_PER_MSEC);
	while (duo_pass(d, 0, RDG_PKT_DATA) || duo_pass(d, 1, RDG_PKT_DATA))
		KUNIT_EXPECT_LE(test, l->rtt.latest, 1ULL);
	KUNIT_EXPECT_LE(test, l->live->rack.rtt, 1ULL);
	KUNIT_EXPECT_LE(test, l->rtt.smoothed, (u64)NSEC_PER_MSEC);
	duo_run(d, NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), 5u);
	KUNIT_EXPECT_EQ(test, l->count[RDG_CT_PACKETS_RETRANSMITTED], 0ULL);
}

static void late__ack_cancels_the_copy(struct kunit *test)
{
	struct duo *d = test->priv;
	struct rdg_link *l = duo_a(d);
	u64 again;
	u32 i;

	duo_up(test);
	say_at_once(d, 5, 1100);
	KUNIT_ASSERT_EQ(test, l->live->ledger.flight, 5u);
	again = l->count[RDG_CT_PACKETS_RETRANSMITTED];
	list_move_tail(d->w->held.next, &d->w->held);
	for (i = 0; i < 4; i++)
		KUNIT_ASSERT_TRUE(test, duo_pass(d, 0, RDG_PKT_DATA));
	/* The copy waits until there is room. */
	l->pace.at = RDG_NEVER - NSEC_PER_SEC;
	l->live->cc.pacing = 1000000;
	while (duo_pass(d, 1, RDG_PKT_DATA))
		l->pace.left = 0;
	KUNIT_ASSERT_EQ(test, l->live->ledger.lost, 1u);
	KUNIT_EXPECT_LT(test, l->live->cc.cwnd, 100 * l->mtu);
	KUNIT_ASSERT_TRUE(test, duo_pass(d, 0, RDG_PKT_DATA));
	while (duo_pass(d, 1, RDG_PKT_DATA))
		;
	KUNIT_EXPECT_EQ(test, l->live->ledger.lost, 0u);
	KUNIT_EXPECT_GE(test, l->live->cc.cwnd, 100 * l->mtu);
	rdg_pace_begin(&l->pace);
	duo_run(d, NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, l->count[RDG_CT_PACKETS_RETRANSMITTED], again);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), 6u);
}

static void late__ack_spares_a_copy_of_the_copy(struct kunit *test)
{
	struct duo *d = test->priv;
	struct rdg_link *l = duo_a(d);
	struct rdg_sent *s;
	u32 i;

	duo_up(test);
	say_at_once(d, 5, 1100);
	list_move_tail(d->w->held.next, &d->w->held);
	for (i = 0; i < 4; i++)
		KUNIT_ASSERT_TRUE(test, duo_pass(d, 0, RDG_PKT_DATA));
	while (duo_pass(d, 1, RDG_PKT_DATA))
		;
	/* The copy is on its way, after the late one. */
	KUNIT_ASSERT_EQ(test, l->count[RDG_CT_PACKETS_RETRANSMITTED], 1ULL);
	s = rdg_ledger_at(&l->live->ledger, l->live->ledger.head - 1);
	KUNIT_EXPECT_GT(test, (u32)s->count, 0u);
	KUNIT_ASSERT_TRUE(test, duo_pass(d, 0, RDG_PKT_DATA));
	KUNIT_ASSERT_TRUE(test, duo_drop(d, 0, RDG_PKT_DATA));
	while (duo_pass(d, 1, RDG_PKT_DATA))
		;
	/* The copy was lost, and is not missed. */
	KUNIT_EXPECT_EQ(test, (u32)s->count, 0u);
	duo_run(d, NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, l->count[RDG_CT_PACKETS_RETRANSMITTED], 1ULL);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), 6u);
}

/* Of a chain of copies each is gone through once, however many are acknowledged. */
static void late__ack_follows_copies_once(struct kunit *test)
{
	struct duo *d = test->priv;
	struct rdg_link *l = duo_a(d);
	struct rdg_ledger *g;
	u64 pos;

	duo_up(test);
	g = &l->live->ledger;
	say_at_once(d, 5, 1100);
	KUNIT_ASSERT_EQ(test, g->flight, 5u);
	for (pos = g->first; pos < g->head - 1; pos++)
		rdg_loss_copied(l, rdg_ledger_at(g, pos), rdg_ledger_at(g, pos + 1)->pn);
	rdg_loss_cancel(l, rdg_ledger_at(g, g->first));
	for (pos = g->first; pos < g->head; pos++) {
		struct rdg_sent *s = rdg_ledger_at(g, pos);

		KUNIT_EXPECT_EQ(test, (u32)s->count, 0u);
		KUNIT_EXPECT_FALSE(test, s->carried & RDG_CARRIED_COPIED);
	}
}

/* What is counted has 64 bits; a link keeps 32 of them. */
static void count__carries_what_does_not_fit(struct kunit *test)
{
	const u32 *a, *b, *carried_a, *carried_b;
	struct duo *d = test->priv;
	u32 i;

	duo_up(test);
	a = duo_a(d)->count;
	b = duo_b(d)->count;
	carried_a = sim_of(duo_a(d))->carried;
	carried_b = sim_of(duo_b(d))->carried;
	duo_a(d)->count[RDG_CT_BYTES_SENT] = U32_MAX - 1500;
	duo_b(d)->count[RDG_CT_MESSAGES_RECEIVED] = U32_MAX - 1;
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, carried_a[RDG_CT_BYTES_SENT], i / 2);
		KUNIT_EXPECT_EQ(test, carried_b[RDG_CT_MESSAGES_RECEIVED], i / 2);
		sim_say(d->a, 1, 1000);
		duo_run(d, NSEC_PER_SEC);
	}
	KUNIT_EXPECT_EQ(test, a[RDG_CT_BYTES_SENT], 1499u);
	KUNIT_EXPECT_EQ(test, b[RDG_CT_MESSAGES_RECEIVED], 1u);
	KUNIT_EXPECT_EQ(test, carried_a[RDG_CT_BYTES_SENT], 1u);
	KUNIT_EXPECT_EQ(test, carried_b[RDG_CT_MESSAGES_RECEIVED], 1u);
	KUNIT_EXPECT_EQ(test, carried_a[RDG_CT_MESSAGES_SENT], 0u);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(fill__packs_what_waits),
	KUNIT_CASE(fill__leaves_whole_what_fits_whole),
	KUNIT_CASE(fill__shares_packets_among_the_small),
	KUNIT_CASE(ack_now__is_for_tails_and_probes),
	KUNIT_CASE(acks__are_fewer_where_packets_come_close),
	KUNIT_CASE(early__ack_is_of_now),
	KUNIT_CASE(late__ack_cancels_the_copy),
	KUNIT_CASE(late__ack_spares_a_copy_of_the_copy),
	KUNIT_CASE(late__ack_follows_copies_once),
	KUNIT_CASE(count__carries_what_does_not_fit),
	{}
};

struct kunit_suite rdg_tx_suite = {
	.name = "rdgram_tx",
	.init = duo_init,
	.exit = duo_exit,
	.test_cases = cases,
};
