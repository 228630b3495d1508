// SPDX-License-Identifier: GPL-2.0-only
/*
 * Recovery over paths that reorder and lose, in virtual time: what is sent
 * again without need, and what a loss costs.
 */
#include "../core/internal.h"
#include "steps.h"

#define MS	NSEC_PER_MSEC

/* Both ways of the path between a and b; nothing is handed on by the test. */
static void set_path(struct duo *d, u64 delay, u64 jitter, u32 loss)
{
	struct sim_path way = {
		.delay = delay, .jitter = jitter, .loss = loss, .mtu = RDG_MTU_MAX,
	};

	d->w->path[0][1] = way;
	d->w->path[1][0] = way;
	d->w->manual = false;
}

/* Keep a sending until it has sent so many messages, and b reading. */
static void stream(struct duo *d, u32 messages)
{
	u64 until = d->w->now + 600 * (u64)NSEC_PER_SEC;

	while (d->a->life->to[1].n < messages && d->w->now < until && !d->w->failed) {
		while (d->a->life->to[1].pending < 10)
			sim_say(d->a, 1, 10000);
		sim_run(d->w, d->w->now + MS / 2, U64_MAX);
		while (sim_read(d->b))
			;
	}
}

static void reordering__is_not_loss(struct kunit *test)
{
	static const struct {
		u64 delay, jitter;
	} row[] = {
		{ 5 * MS, 10 * MS }, { 15 * MS, 5 * MS }, { 1 * MS, 20 * MS }, { MS / 4, MS },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(row); i++) {
		struct duo *d;
		u64 sent, again;

		if (i) {
			duo_exit(test);
			KUNIT_ASSERT_EQ(test, duo_init(test), 0);
		}
		d = test->priv;
		duo_up(test);
		set_path(d, row[i].delay, row[i].jitter, 0);
		stream(d, 500);
		sent = duo_a(d)->count[RDG_CT_PACKETS_SENT];
		again = duo_a(d)->count[RDG_CT_PACKETS_RETRANSMITTED];
		KUNIT_EXPECT_GE_MSG(test, sent, 2000ULL, "row %u", i);
		KUNIT_EXPECT_LE_MSG(test, again * 100, sent, "row %u: %llu of %llu", i, again,
				    sent);
	}
}

/* Each loss is answered, and little else is sent again. */
static void loss__is_all_that_is_sent_again(struct kunit *test)
{
	struct duo *d = test->priv;
	u64 sent, again;

	duo_up(test);
	set_path(d, 10 * MS, 0, 50);
	stream(d, 500);
	sent = duo_a(d)->count[RDG_CT_PACKETS_SENT];
	again = duo_a(d)->count[RDG_CT_PACKETS_RETRANSMITTED];
	KUNIT_EXPECT_GE(test, sent, 2000ULL);
	KUNIT_EXPECT_GE_MSG(test, again * 100, sent * 3, "%llu of %llu", again, sent);
	KUNIT_EXPECT_LE_MSG(test, again * 100, sent * 7, "%llu of %llu", again, sent);
	KUNIT_EXPECT_LE(test, duo_b(d)->count[RDG_CT_PACKETS_DUPLICATE] * 100, sent);
}

/* A message that is lost alone: RTT, probe timeout, and half a round trip more. */
static void loss__of_a_lone_message_costs_one_probe(struct kunit *test)
{
	struct duo *d = test->priv;
	u64 began;
	u32 i;

	duo_up(test);
	set_path(d, 5 * MS, 0, 0);
	for (i = 0; i < 50; i++) {
		sim_say(d->a, 1, 64);
		sim_run(d->w, d->w->now + 100 * MS, U64_MAX);
		while (sim_read(d->b))
			;
	}
	set_path(d, 5 * MS, 0, 1000);
	began = d->w->now;
	sim_say(d->a, 1, 64);
	set_path(d, 5 * MS, 0, 0);
	KUNIT_ASSERT_FALSE(test, sim_read(d->b));
	while (!sim_read(d->b) && d->w->now < began + NSEC_PER_SEC)
		sim_run(d->w, d->w->now + MS / 4, U64_MAX);
	KUNIT_EXPECT_LE(test, d->w->now - began, (u64)(22 * MS));
	KUNIT_EXPECT_GE(test, d->w->now - began, (u64)(15 * MS));
}

/* Time in which the driver holds a packet back is no part of the round trip. */
static void departure__is_when_a_packet_is_sent(struct kunit *test)
{
	struct duo *d = test->priv;
	struct rdg_link *l = duo_a(d);

	duo_up(test);
	set_path(d, 5 * MS, 0, 0);
	rdg_link_set_timed(l, true);
	stream(d, 500);
	KUNIT_EXPECT_GT(test, sim_link_get(d->a, 1)->ahead, MS);
	KUNIT_EXPECT_GE(test, l->rtt.latest, 10 * MS);
	KUNIT_EXPECT_LE(test, l->rtt.smoothed, 10 * MS + MS / 4);
	/* The handshake took no time: the first is asked for too early. */
	KUNIT_EXPECT_LE(test, l->count[RDG_CT_PACKETS_RETRANSMITTED], 1ULL);
}

/* What waits during a cut fills no ledger, and what is due first comes first when it
 * is over: with the first probe that arrives. An application goes on to send.
 */
static void cut__the_first_probe_after_it_delivers(struct kunit *test)
{
	struct duo *d = test->priv;
	u32 round;

	duo_up(test);
	set_path(d, 5 * MS, 0, 0);
	for (round = 0; round < 20; round++) {
		u64 came;
		u32 i;

		set_path(d, 5 * MS, 0, 1000);
		for (i = 0; i < 1000; i++) {
			sim_say(d->a, 1, 200);
			sim_run(d->w, d->w->now + (100 + round) * MS, U64_MAX);
		}
		KUNIT_EXPECT_EQ(test, duo_a(d)->live->ledger.size, (u32)RDG_LEDGER_MIN);
		set_path(d, 5 * MS, 0, 0);
		came = duo_b(d)->count[RDG_CT_PACKETS_RECEIVED];
		for (i = 0; i < 1000 && duo_b(d)->count[RDG_CT_PACKETS_RECEIVED] == came; i++)
			sim_run(d->w, d->w->now + MS, U64_MAX);
		KUNIT_EXPECT_GT(test, duo_b(d)->count[RDG_CT_MESSAGES_RECEIVED], 1000 * round + 1);
		for (i = 0; i < 1000; i++) {
			while (sim_read(d->b))
				;
			sim_run(d->w, d->w->now + MS, U64_MAX);
		}
		KUNIT_ASSERT_TRUE(test, list_empty(&duo_a(d)->tx.queue));
	}
}

/* A packet of b says that this one of a arrived. Returns how many lies a has heard. */
static u32 acknowledge(struct duo *d, u64 pn)
{
	struct rdg_frames *f = &d->w->frames;
	struct rdg_link *l = duo_a(d);
	struct rdg_header h = {
		.type = RDG_PKT_DATA, .dst_id = l->own_id, .pn = duo_b(d)->live->ledger.next++,
	};
	u32 lies;

	memset(f, 0, sizeof(*f));
	f->has_ack = true;
	f->ack = (struct rdg_ack_frame){ .largest = pn, .first = 1 };
	rdg_link_packet(l, &h, f, NULL, false, d->w->now);
	lies = l->count[RDG_CT_PACKETS_MALFORMED];
	l->count[RDG_CT_PACKETS_MALFORMED] = 0;
	sim_pump(sim_of(l));
	return lies;
}

/* Each number by itself, whether it came or not: all of them but the one that was never sent
 * would otherwise count, and the window grow without end.
 */
static void ack__of_what_was_left_out_ends_the_link(struct kunit *test)
{
	struct duo *d = test->priv;
	u32 lies = 0;
	u64 pn, sent;

	duo_up(test);
	/* By a REPORT of the liar. */
	duo_a(d)->tx.credit_limit += BIT_ULL(30);
	sim_of(duo_a(d))->limit = duo_a(d)->tx.credit_limit;
	for (pn = 0; pn < 16 * RDG_SKIP_ONE_IN && duo_a(d)->state == RDG_UP; pn++) {
		while (d->a->life->to[1].pending < 10)
			sim_say(d->a, 1, 10000);
		duo_drop_all(d);
		/* Pacing holds it up. */
		while (duo_a(d)->live->ledger.next <= pn)
			duo_wait(d, MS);
		lies += acknowledge(d, pn);
	}
	sent = duo_a(d)->count[RDG_CT_PACKETS_SENT];
	KUNIT_EXPECT_EQ(test, (int)duo_a(d)->state, (int)RDG_IDLE);
	KUNIT_EXPECT_EQ(test, d->a->life->to[1].pending, 0u);
	KUNIT_EXPECT_GT(test, duo_outcomes(d->a, 1, RDG_OUT_IN_DOUBT), 0u);
	KUNIT_EXPECT_EQ(test, lies, 1u);
	KUNIT_EXPECT_EQ(test, sim_of(duo_a(d))->died_of, (u64)EPROTO);
	duo_wait(d, NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_a(d)->count[RDG_CT_PACKETS_SENT], sent);
	/* The next message opens another link; that of duo_up() was delivered, too. */
	sim_say(d->a, 1, 100);
	duo_settle(d);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), 2u);
}

/* Each number that is left out shows, and all that the generator of jitter gives follows from
 * a few of them: none may come from there. Were it asked for each packet that is acknowledged,
 * it would tell from one to the next, but for the few packets that are not.
 */
static void left_out__cannot_be_told_from_what_was(struct kunit *test)
{
	struct duo *d = test->priv;
	struct rdg_ledger *g;
	struct rnd_state rnd;
	u64 last, real, gap = 1;
	u32 i, n, right = 0;

	duo_up(test);
	set_path(d, MS, 0, 0);
	g = &duo_a(d)->live->ledger;
	rnd = duo_a(d)->rnd;
	last = g->next - 1;
	stream(d, 1000);
	n = min_t(u32, g->skips, RDG_SKIPPED_KEPT);
	KUNIT_ASSERT_GT(test, n, 4u);
	for (i = 0; i < n; gap++) {
		if (prandom_u32_state(&rnd) % RDG_SKIP_ONE_IN)
			continue;
		real = g->skipped[i] - last;
		right += real >= gap && real <= gap + gap / 32 + 5;
		last = g->skipped[i++];
		gap = 1;
	}
	kunit_info(test, "%u of %u\n", right, n);
	KUNIT_EXPECT_LT(test, 2 * right, n);
}

/* What was asked before a pause took seconds, and says so for many round trips. */
static void pace__outlasts_no_pause(struct kunit *test)
{
	struct duo *d = test->priv;
	struct rdg_link *l = duo_a(d);

	duo_up(test);
	l->rtt.smoothed = 5 * NSEC_PER_SEC;
	sim_say(d->a, 1, 100);
	duo_wait(d, 5 * NSEC_PER_MSEC);
	duo_run(d, 50 * NSEC_PER_MSEC);
	KUNIT_EXPECT_GE(test, l->rtt.latest, 5ULL * NSEC_PER_MSEC);
	KUNIT_EXPECT_LE(test, l->rtt.latest, 55ULL * NSEC_PER_MSEC);
	KUNIT_ASSERT_GT(test, l->rtt.smoothed, (u64)NSEC_PER_SEC);
	/* A window in 220 ms, or faster. */
	KUNIT_EXPECT_GE(test, l->live->cc.pacing, l->live->cc.cwnd * 4ULL);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(reordering__is_not_loss),
	KUNIT_CASE(loss__is_all_that_is_sent_again),
	KUNIT_CASE(loss__of_a_lone_message_costs_one_probe),
	KUNIT_CASE(cut__the_first_probe_after_it_delivers),
	KUNIT_CASE(ack__of_what_was_left_out_ends_the_link),
	KUNIT_CASE(left_out__cannot_be_told_from_what_was),
	KUNIT_CASE(departure__is_when_a_packet_is_sent),
	KUNIT_CASE(pace__outlasts_no_pause),
	{}
};

struct kunit_suite rdg_recovery_suite = {
	.name = "rdgram_recovery",
	.init = duo_init,
	.exit = duo_exit,
	.test_cases = cases,
};
