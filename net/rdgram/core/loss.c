// SPDX-License-Identifier: GPL-2.0-only
/*
 * What follows where a packet is lost, and what is sent again to find out.
 */
#include <linux/minmax.h>
#include "internal.h"

/* What a packet carried beside payload goes out with the next one. */
static void carry_again(struct rdg_link *l, struct rdg_sent *s)
{
	if (s->carried & RDG_CARRIED_REPORT)
		l->live->rx.report = true;
	if (s->pn == l->live->rx.refused_pn)
		l->live->rx.refused_pn = RDG_NEVER;
	if ((s->carried & RDG_CARRIED_END) && l->state == RDG_ENDING)
		l->end_due = true;
	s->carried &= RDG_CARRIED_COPIED;
}

/* Its payload waits to be sent again. */
static void drop(struct rdg_link *l, struct rdg_sent *s)
{
	rdg_mtu_lost(l, s);
	carry_again(l, s);
	rdg_ledger_set(&l->live->ledger, s, s->count ? RDG_SENT_LOST : RDG_SENT_RESENT);
}

static void count_lost(struct rdg_link *l, struct rdg_sent *s, struct rdg_cc_loss *loss)
{
	loss->sent = max(loss->sent, s->time);
	loss->bytes += s->size;
	loss->largest = max(loss->largest, s->flight);
	l->live->rate.lost += s->size;
	rdg_rack_lost(&l->live->rack, s, l->live->ledger.next);
	drop(l, s);
}

/**
 * rdg_loss_detect - count as lost what acks have left behind
 * @l: the link
 * @now: ns
 */
void rdg_loss_detect(struct rdg_link *l, u64 now)
{
	struct rdg_ledger *g = &l->live->ledger;
	struct rdg_cc_loss loss = {
		.now = rdg_link_sent_until(l, now),
		.limited = l->tx.limited,
	};
	u64 reo_wnd = rdg_rack_reo_wnd(&l->live->rack, g, &l->rtt);
	struct rdg_sent *s;

	l->live->loss_at = RDG_NEVER;
	while ((s = rdg_rack_detect_loss(&l->live->rack, g, reo_wnd, now, &l->live->loss_at)))
		count_lost(l, s, &loss);
	loss.flight = g->bytes;
	if (loss.bytes && rdg_path_took(l, loss.sent))
		l->live->cc.ops->loss(&l->live->cc, &loss);
}

/**
 * rdg_loss_dropped - a packet is known to have been too large for the path
 * @l: the link
 * @s: its entry, in state FLIGHT
 *
 * That says nothing about congestion.
 */
void rdg_loss_dropped(struct rdg_link *l, struct rdg_sent *s)
{
	drop(l, s);
	rdg_ledger_trim(&l->live->ledger);
}

/**
 * rdg_loss_copied - the payload of a packet went out again
 * @l: the link
 * @s: the packet, in state FLIGHT or LOST
 * @pn: number of the packet that carries it now
 *
 * A probe says nothing about loss: the packet stays in flight until there is
 * evidence (RFC 9002, 6.2.4). Only where probes go unanswered, or the ledger is
 * full, does it count no more: every probe takes an entry.
 */
void rdg_loss_copied(struct rdg_link *l, struct rdg_sent *s, u64 pn)
{
	carry_again(l, s);
	s->carried |= RDG_CARRIED_COPIED;
	s->seq = pn;
	s->count = 0;
	if (s->state == RDG_SENT_LOST || l->unanswered > 1 || rdg_ledger_full(&l->live->ledger))
		rdg_ledger_set(&l->live->ledger, s, RDG_SENT_RESENT);
}

/**
 * rdg_loss_cancel - a packet arrived: who carries its payload again need not
 * @l: the link
 * @s: the packet
 *
 * What a packet carries again is never more than what the other one carried. Of each once: of a
 * chain of copies every one may be acknowledged.
 */
void rdg_loss_cancel(struct rdg_link *l, struct rdg_sent *s)
{
	struct rdg_ledger *g = &l->live->ledger;

	while (s->carried & RDG_CARRIED_COPIED) {
		u64 pos = rdg_ledger_find(g, s->seq);
		struct rdg_sent *copy = rdg_ledger_at(g, pos);

		s->carried &= ~RDG_CARRIED_COPIED;
		if (pos == g->head || copy->pn != s->seq)
			return;
		copy->count = 0;
		if (copy->state == RDG_SENT_LOST)
			rdg_ledger_set(g, copy, RDG_SENT_RESENT);
		s = copy;
	}
}

/**
 * rdg_loss_probe - nobody answers: the oldest payload, to go out again
 * @l: the link
 *
 * Packets without payload are given up, a PING asks in their place.
 *
 * Return: position in the ledger; RDG_NEVER: there is none.
 */
u64 rdg_loss_probe(struct rdg_link *l)
{
	struct rdg_ledger *g = &l->live->ledger;
	u64 pos;

	for (pos = g->tail; pos < g->head; pos++) {
		struct rdg_sent *s = rdg_ledger_at(g, pos);

		if (s->state != RDG_SENT_FLIGHT)
			continue;
		if (rdg_tx_wants(l, s))
			return pos;
		if ((s->carried & RDG_CARRIED_COPIED) && l->unanswered < 2 && !rdg_ledger_full(g))
			continue;
		carry_again(l, s);
		rdg_ledger_set(g, s, RDG_SENT_RESENT);
	}
	return RDG_NEVER;
}

/**
 * rdg_loss_give_up - no packet is waited for but for the payload of it that is wanted
 * @l: the link
 *
 * Where the ledger is full, or nobody answers for long, the others only take room: a
 * probe asks in their place. It takes along what they carried beside payload.
 */
void rdg_loss_give_up(struct rdg_link *l)
{
	struct rdg_ledger *g = &l->live->ledger;
	u64 pos;

	for (pos = g->first; pos < g->head; pos++) {
		struct rdg_sent *s = rdg_ledger_at(g, pos);

		if (s->state != RDG_SENT_FLIGHT)
			continue;
		carry_again(l, s);
		if (!rdg_tx_wants(l, s))
			rdg_ledger_set(g, s, RDG_SENT_RESENT);
	}
}

/* Does a packet carry payload that is to be delivered before that of another? */
static bool delivers_before(const struct rdg_link *l, const struct rdg_sent *a,
			    const struct rdg_sent *b)
{
	u64 first = max(a->seq, l->tx.delivered);
	u64 other = max(b->seq, l->tx.delivered);

	return first < other || (first == other && a->seq == b->seq && a->off < b->off);
}

/**
 * rdg_loss_urge - nobody answers: the payload that is to be delivered first
 * @l: the link
 *
 * A receiver whose buffer is full of what is not yet in turn admits nothing
 * else.
 *
 * Return: position in the ledger; RDG_NEVER: there is none.
 */
u64 rdg_loss_urge(struct rdg_link *l)
{
	struct rdg_ledger *g = &l->live->ledger;
	struct rdg_sent *first = NULL;
	u64 found = RDG_NEVER;
	u64 pos;

	for (pos = g->tail; pos < g->head; pos++) {
		struct rdg_sent *s = rdg_ledger_at(g, pos);

		if (s->state != RDG_SENT_FLIGHT && s->state != RDG_SENT_LOST)
			continue;
		if (s->count && s->seq + s->count > l->tx.delivered &&
		    (!first || delivers_before(l, s, first))) {
			first = s;
			found = pos;
		}
	}
	if (first)
		rdg_tx_wants(l, first);
	return found;
}
