// SPDX-License-Identifier: GPL-2.0-only
/*
 * What acks say of the packets that they leave out (RFC 9002, 6.1).
 */
#include <linux/math64.h>
#include <linux/minmax.h>
#include "internal.h"

/* What a lost packet carried beside payload goes out with the next one. */
static void carry_again(struct rdg_link *l, const struct rdg_sent *s)
{
	if (s->carried & RDG_CARRIED_REPORT)
		l->rx.report = true;
	if ((s->carried & RDG_CARRIED_END) && l->state == RDG_ENDING)
		l->end_due = true;
}

static void count_lost(struct rdg_link *l, struct rdg_sent *s)
{
	carry_again(l, s);
	rdg_ledger_set(&l->ledger, s, s->count ? RDG_SENT_LOST : RDG_SENT_DONE);
}

/**
 * rdg_loss_detect - count as lost what acks have left behind
 * @l: the link
 * @now: ns
 *
 * RFC 9002, 6.1: a packet is lost if one that was sent later is acknowledged,
 * and it is either far enough behind (6.1.1) or long enough ago (6.1.2).
 */
void rdg_loss_detect(struct rdg_link *l, u64 now)
{
	struct rdg_ledger *g = &l->ledger;
	u64 delay = max_t(u64, max(l->rtt.smoothed, l->rtt.latest) * 9 / 8, RDG_GRANULARITY);
	struct rdg_cc_loss loss = { .now = now };
	u64 pos;

	l->loss_at = RDG_NEVER;
	for (pos = g->tail; pos < g->head; pos++) {
		struct rdg_sent *s = rdg_ledger_at(g, pos);

		if (s->pn + 1 >= g->acked)
			break;
		if (s->state != RDG_SENT_FLIGHT)
			continue;
		if (s->pn + 1 + RDG_PACKET_THRESHOLD <= g->acked || s->time + delay <= now) {
			loss.sent = max(loss.sent, s->time);
			loss.bytes += s->size;
			loss.largest = max(loss.largest, s->flight);
			l->rate.lost += s->size;
			count_lost(l, s);
		} else {
			l->loss_at = min(l->loss_at, s->time + delay);
		}
	}
	loss.flight = g->bytes;
	if (loss.bytes)
		l->cc.ops->loss(&l->cc, &loss);
	rdg_ledger_trim(g);
}

/**
 * rdg_loss_probe - nobody answers: let the oldest packet go out again
 * @l: the link
 *
 * That is not to say that it is lost: the window stays as it is (RFC 9002,
 * 6.2.4). Packets without payload are given up, a PING asks in their place.
 */
void rdg_loss_probe(struct rdg_link *l)
{
	struct rdg_ledger *g = &l->ledger;
	u64 pos;

	for (pos = g->tail; pos < g->head; pos++) {
		struct rdg_sent *s = rdg_ledger_at(g, pos);

		if (s->state != RDG_SENT_FLIGHT)
			continue;
		count_lost(l, s);
		if (s->state == RDG_SENT_LOST)
			break;
	}
	rdg_ledger_trim(g);
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
 * rdg_loss_urge - nobody answers: let the payload that is to be delivered first
 * go out again, before all other
 * @l: the link
 *
 * A receiver whose buffer is full of what is not yet in turn admits nothing
 * else.
 */
void rdg_loss_urge(struct rdg_link *l)
{
	struct rdg_ledger *g = &l->ledger;
	struct rdg_sent *first = NULL;
	u64 pos;

	for (pos = g->tail; pos < g->head; pos++) {
		struct rdg_sent *s = rdg_ledger_at(g, pos);

		if ((s->state != RDG_SENT_FLIGHT && s->state != RDG_SENT_LOST) ||
		    s->seq + s->count <= l->tx.delivered)
			continue;
		if (!first || delivers_before(l, s, first)) {
			first = s;
			g->urgent = pos;
		}
	}
	if (first && first->state == RDG_SENT_FLIGHT)
		count_lost(l, first);
}
