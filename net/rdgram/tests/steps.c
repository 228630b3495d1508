// SPDX-License-Identifier: GPL-2.0-only
/*
 * Steps of directed tests, see steps.h.
 */
#include <linux/errno.h>
#include <linux/slab.h>
#include "steps.h"

/* More packets than this between two hosts at one moment never end. */
#define SETTLE_MAX	50000

/**
 * duo_init - before each test
 * @test: the test
 *
 * Return: 0, or -ENOMEM.
 */
int duo_init(struct kunit *test)
{
	struct duo *d = kunit_kzalloc(test, sizeof(*d), GFP_KERNEL);

	if (!d)
		return -ENOMEM;
	d->w = sim_begin(1);
	if (!d->w)
		return -ENOMEM;
	d->w->manual = true;
	/* Directed tests do what they want, and look at what comes of it. */
	d->w->plan.may = ~0u;
	d->a = sim_open(&d->w->host[0]);
	d->b = sim_open(&d->w->host[1]);
	test->priv = d;
	return 0;
}

static void print_line(void *test, const char *text)
{
	kunit_info((struct kunit *)test, "%s", text);
}

/**
 * duo_exit - after each test: no promise may have been broken
 * @test: the test
 */
void duo_exit(struct kunit *test)
{
	struct duo *d = test->priv;

	if (!d)
		return;
	if (d->w->failed) {
		sim_print(d->w, print_line, test);
		KUNIT_FAIL(test, "%s", d->w->failure);
	}
	sim_end(d->w);
}

/**
 * duo_a - the link of a to b
 * @d: both
 *
 * Return: the link.
 */
struct rdg_link *duo_a(struct duo *d)
{
	return &sim_link_get(d->a, 1)->link;
}

/**
 * duo_b - the link of b to a
 * @d: both
 *
 * Return: the link.
 */
struct rdg_link *duo_b(struct duo *d)
{
	return &sim_link_get(d->b, 0)->link;
}

static struct sim_event *find(struct duo *d, u8 from, u8 type)
{
	struct sim_event *e;

	list_for_each_entry(e, &d->w->held, held) {
		if (e->packet->from == from && e->packet->data[0] == type)
			return e;
	}
	return NULL;
}

static void forget(struct duo *d, struct sim_event *e)
{
	list_del(&e->held);
	sim_packet_put(d->w, e->packet);
	kfree(e);
}

static void arrive(struct duo *d, struct sim_event *e)
{
	list_del_init(&e->held);
	sim_input(d->w, e->packet);
	forget(d, e);
	sim_reap(d->w);
}

/**
 * duo_pass - a packet arrives
 * @d: both
 * @from: host that sent it
 * @type: enum rdg_packet_type; the oldest of these
 *
 * Return: false if there is none.
 */
bool duo_pass(struct duo *d, u8 from, u8 type)
{
	struct sim_event *e = find(d, from, type);

	if (e)
		arrive(d, e);
	return e;
}

/**
 * duo_copy - a packet arrives, and will arrive again
 * @d: both
 * @from: host that sent it
 * @type: enum rdg_packet_type; the oldest of these
 *
 * Return: false if there is none.
 */
bool duo_copy(struct duo *d, u8 from, u8 type)
{
	struct sim_event *e = find(d, from, type);

	if (e)
		sim_input(d->w, e->packet);
	return e;
}

/**
 * duo_drop - a packet is lost
 * @d: both
 * @from: host that sent it
 * @type: enum rdg_packet_type; the oldest of these
 *
 * Return: false if there is none.
 */
bool duo_drop(struct duo *d, u8 from, u8 type)
{
	struct sim_event *e = find(d, from, type);

	if (e)
		forget(d, e);
	return e;
}

/**
 * duo_drop_all - all packets are lost
 * @d: both
 *
 * Return: how many.
 */
u32 duo_drop_all(struct duo *d)
{
	u32 n = 0;

	while (!list_empty(&d->w->held)) {
		forget(d, list_first_entry(&d->w->held, struct sim_event, held));
		n++;
	}
	return n;
}

/**
 * duo_keep - a packet is late: nothing else passes, drops or settles it
 * @test: the test
 * @from: host that sent it
 * @type: enum rdg_packet_type; the oldest of these
 *
 * Return: the packet, for duo_pass_late().
 */
struct sim_event *duo_keep(struct kunit *test, u8 from, u8 type)
{
	struct sim_event *e = find(test->priv, from, type);

	KUNIT_ASSERT_NOT_NULL(test, e);
	list_del_init(&e->held);
	return e;
}

/**
 * duo_pass_late - a packet that was late arrives
 * @d: both
 * @e: from duo_keep()
 */
void duo_pass_late(struct duo *d, struct sim_event *e)
{
	arrive(d, e);
}

/**
 * duo_drop_late - a packet that was late is lost
 * @d: both
 * @e: from duo_keep()
 */
void duo_drop_late(struct duo *d, struct sim_event *e)
{
	forget(d, e);
}

static void feed(struct duo *d, struct rdg_link *l, struct sim_event *e)
{
	struct rdg_frames *f = &d->w->frames;
	struct rdg_header h;

	if (rdg_wire_parse(e->packet->data, e->packet->len, &h) != RDG_PARSE_OK ||
	    rdg_wire_parse_frames(e->packet->data, &h, f) != RDG_PARSE_OK) {
		sim_fail(d->w, "a packet is malformed");
		return;
	}
	sim_check_credit(sim_of(l), &h);
	rdg_link_packet(l, &h, f, e->packet, e->packet->ce, d->w->now);
}

/**
 * duo_feed - packets arrive, and the core is not yet asked for its own
 * @d: both
 * @from: host that sent them: all its packets of type DATA, the oldest first
 *
 * The caller sees to sim_pump(), by itself or by what it does next.
 * Return: how many.
 */
u32 duo_feed(struct duo *d, u8 from)
{
	struct sim_event *e;
	u32 n = 0;

	while ((e = find(d, from, RDG_PKT_DATA))) {
		feed(d, from ? duo_a(d) : duo_b(d), e);
		forget(d, e);
		n++;
	}
	return n;
}

/**
 * duo_look - what stands in a packet that has not arrived
 * @test: the test
 * @from: host that sent it: the oldest of type CONFIRM or DATA
 *
 * Return: its frames, until the next packet is sent.
 */
const struct rdg_frames *duo_look(struct kunit *test, u8 from)
{
	struct duo *d = test->priv;
	struct sim_event *e = find(d, from, RDG_PKT_CONFIRM) ?: find(d, from, RDG_PKT_DATA);
	struct rdg_header h;

	KUNIT_ASSERT_NOT_NULL(test, e);
	KUNIT_ASSERT_EQ(test, (int)rdg_wire_parse(e->packet->data, e->packet->len, &h),
			(int)RDG_PARSE_OK);
	KUNIT_ASSERT_EQ(test, (int)rdg_wire_parse_frames(e->packet->data, &h, &d->w->check),
			(int)RDG_PARSE_OK);
	return &d->w->check;
}

/**
 * duo_settle - all packets arrive, and what they provoke; no time passes
 * @d: both
 */
void duo_settle(struct duo *d)
{
	u32 n = 0;

	while (!d->w->failed && !list_empty(&d->w->held)) {
		arrive(d, list_first_entry(&d->w->held, struct sim_event, held));
		if (++n == SETTLE_MAX)
			sim_fail(d->w, "packets without end");
	}
}

/**
 * duo_wait - time passes, timers fire, no packet arrives
 * @d: both
 * @ns: how long
 */
void duo_wait(struct duo *d, u64 ns)
{
	sim_run(d->w, d->w->now + ns, 100000);
}

/**
 * duo_run - time passes, and all packets arrive
 * @d: both
 * @ns: how long
 */
void duo_run(struct duo *d, u64 ns)
{
	u64 until = d->w->now + ns;

	duo_settle(d);
	while (!d->w->failed && d->w->now < until) {
		duo_wait(d, min_t(u64, NSEC_PER_MSEC, until - d->w->now));
		duo_settle(d);
	}
}

/**
 * duo_name - choose an incarnation
 * @ep: an endpoint; it has sent nothing yet
 * @incarnation: the incarnation
 */
void duo_name(struct sim_endpoint *ep, u64 incarnation)
{
	ep->self.incarnation = incarnation;
	ep->life->inc = incarnation;
}

/**
 * duo_cross - both have something to say, and are CONFIRMING
 * @d: both
 * @two_pairs: b answers before it asks: the two CONFIRMs, which are on their way, name
 *	different pairs of ids
 */
void duo_cross(struct duo *d, bool two_pairs)
{
	sim_say(d->a, 1, 10);
	if (!two_pairs)
		sim_say(d->b, 0, 20);
	duo_pass(d, 0, RDG_PKT_INIT);
	duo_wait(d, NSEC_PER_MSEC);
	if (two_pairs)
		sim_say(d->b, 0, 20);
	duo_pass(d, 1, RDG_PKT_INIT);
	duo_wait(d, NSEC_PER_MSEC);
	duo_pass(d, 1, RDG_PKT_CHALLENGE);
	duo_pass(d, 0, RDG_PKT_CHALLENGE);
	duo_wait(d, NSEC_PER_MSEC);
}

/**
 * duo_up - a has sent a message to b: both are UP, nothing is on its way
 * @test: the test
 */
void duo_up(struct kunit *test)
{
	struct duo *d = test->priv;

	sim_say(d->a, 1, 100);
	duo_settle(d);
	duo_run(d, 100 * NSEC_PER_MSEC);
	KUNIT_ASSERT_EQ(test, (int)duo_a(d)->state, (int)RDG_UP);
	KUNIT_ASSERT_EQ(test, (int)duo_b(d)->state, (int)RDG_UP);
	KUNIT_ASSERT_EQ(test, duo_a(d)->live->ledger.flight, 0u);
	KUNIT_ASSERT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), 1u);
}

/**
 * duo_reach - the link of a comes into a state; packets on their way are lost
 * @test: the test
 * @state: which
 */
void duo_reach(struct kunit *test, enum rdg_state state)
{
	struct duo *d = test->priv;

	switch (state) {
	case RDG_IDLE:
		/* Not the first time: it has an id that is a tombstone now. */
		duo_up(test);
		duo_run(d, 40 * NSEC_PER_SEC);
		break;
	case RDG_OPENING:
		sim_say(d->a, 1, 100);
		break;
	case RDG_CONFIRMING:
		sim_say(d->a, 1, 100);
		duo_pass(d, 0, RDG_PKT_INIT);
		duo_pass(d, 1, RDG_PKT_CHALLENGE);
		break;
	case RDG_ENDING:
		duo_up(test);
		duo_b(d)->used += 10 * NSEC_PER_SEC;
		duo_wait(d, RDG_IDLE_TIMEOUT + NSEC_PER_MSEC);
		break;
	default:
		duo_up(test);
		break;
	}
	duo_drop_all(d);
	KUNIT_ASSERT_EQ(test, (int)duo_a(d)->state, (int)state);
}

static void raise_challenge(struct duo *d)
{
	struct rdg_link *l = duo_a(d);
	struct rdg_header h = {
		.type = RDG_PKT_CHALLENGE, .dst_id = l->own_id, .src_id = 77,
		.src_inc = d->b->self.incarnation, .dst_inc = d->a->self.incarnation,
		.credit = 10000,
	};

	rdg_link_challenge(l, &h, d->w->now);
}

/* A number of b's that no other packet will have. */
static u32 next_number(struct duo *d)
{
	struct rdg_live *live = duo_b(d)->live;

	return live ? live->ledger.next++ : d->pn++;
}

static struct rdg_frames *no_frames(struct duo *d)
{
	memset(&d->w->frames, 0, sizeof(d->w->frames));
	return &d->w->frames;
}

/* A report that asks for an ack. */
static struct rdg_frames *report_frames(struct duo *d, u32 delivered)
{
	struct rdg_frames *f = no_frames(d);

	f->ping = true;
	f->base = duo_a(d)->taken.next;
	f->has_report = true;
	f->report.delivered = delivered;
	return f;
}

/* A packet of b with these frames arrives at a's link. */
static void input_frames(struct duo *d, const struct rdg_frames *f)
{
	struct rdg_link *l = duo_a(d);
	struct rdg_header h = {
		.type = RDG_PKT_DATA, .dst_id = l->own_id, .pn = next_number(d),
	};

	rdg_link_packet(l, &h, f, NULL, false, d->w->now);
}

static void raise_packet(struct duo *d, enum rdg_event event)
{
	struct rdg_link *l = duo_a(d);
	struct rdg_frames *f = report_frames(d, l->tx.delivered);

	f->has_end = event == RDG_EV_END;
	f->has_end_ack = event == RDG_EV_END_ACK;
	f->pieces = event == RDG_EV_DATA;
	f->piece[0].seq = l->taken.next;
	f->piece[0].flags = RDG_MSG_LAST;
	f->end_ack = l->taken.next;
	input_frames(d, f);
}

/**
 * duo_acknowledge - an ack from b arrives at a's link: of its last packet
 * @d: both
 *
 * Of no other, and nothing stands beside it.
 */
void duo_acknowledge(struct duo *d)
{
	struct rdg_frames *f = no_frames(d);

	f->has_ack = true;
	f->ack.largest = duo_a(d)->live->ledger.next - 1;
	f->ack.first = 1;
	input_frames(d, f);
	sim_pump(sim_of(duo_a(d)));
}

/**
 * duo_report - a report from b arrives at a's link, with a PING and no ack
 * @d: both
 * @delivered: the message sequence that b says it expects
 */
void duo_report(struct duo *d, u32 delivered)
{
	input_frames(d, report_frames(d, delivered));
	sim_pump(sim_of(duo_a(d)));
}

/**
 * duo_reset - a RESET from b arrives at a's link
 * @d: both
 * @id: that it reflects
 * @reason: its reason
 */
void duo_reset(struct duo *d, u64 id, enum rdg_reset_reason reason)
{
	struct rdg_header h = { .type = RDG_PKT_RESET, .reflected = id, .reason = reason };

	rdg_link_reset(duo_a(d), &h, d->w->now);
	sim_pump(sim_of(duo_a(d)));
}

/**
 * duo_raise - an event happens to the link of a: the packet of it comes in
 * @d: both
 * @event: one of those that packets bring, but CONFIRM; DATA where payload is
 *	not taken: there is no packet that it could be taken from
 */
void duo_raise(struct duo *d, enum rdg_event event)
{
	switch (event) {
	case RDG_EV_CHALLENGE:
		raise_challenge(d);
		break;
	case RDG_EV_STALE:
		return duo_reset(d, duo_a(d)->remote_id, RDG_RESET_STALE);
	case RDG_EV_RESET:
		return duo_reset(d, duo_a(d)->remote_id, RDG_RESET_UNKNOWN);
	default:
		raise_packet(d, event);
		break;
	}
	sim_pump(sim_of(duo_a(d)));
}

/**
 * duo_outcomes - how many messages ended like this
 * @ep: that sent them
 * @peer: host they were sent to
 * @outcome: enum rdg_outcome; -1: they have not ended
 *
 * Return: the number.
 */
u32 duo_outcomes(struct sim_endpoint *ep, u8 peer, int outcome)
{
	struct sim_stream *st = &ep->life->to[peer];
	u32 i, n = 0;

	for (i = 0; i < st->n; i++)
		n += st->rec[i]->outcome == outcome;
	return n;
}
