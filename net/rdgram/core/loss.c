// SPDX-License-Identifier: GPL-2.0-only
/*
 * Acks of packets, and what they say of the packets that they leave out
 * (RFC 9002, 6.1).
 */
#include <linux/math64.h>
#include <linux/minmax.h>
#include "internal.h"
#include "seq.h"

/* A walk down the ranges of an ACK: the numbers from low to high. */
struct ack_walk {
	const struct rdg_ack_frame *a;
	u64 low;
	u64 high;
	u32 i;
};

static bool walk_begin(struct ack_walk *w, const struct rdg_ack_frame *a, u64 largest)
{
	w->a = a;
	w->i = 0;
	w->high = largest;
	w->low = largest - (a->first - 1);
	return w->low <= largest;
}

/* Returns false after the last range, and with low > high where one is bad. */
static bool walk_next(struct ack_walk *w)
{
	u64 step;

	if (w->i == w->a->n)
		return false;
	step = (u64)w->a->gap[w->i] + w->a->len[w->i];
	if (step > w->low) {
		w->low = 1;
		w->high = 0;
		return false;
	}
	w->high = w->low - w->a->gap[w->i] - 1;
	w->low -= step;
	w->i++;
	return true;
}

static bool covers_skipped(const struct rdg_ledger *g, u64 low, u64 high)
{
	u64 pos;

	for (pos = rdg_ledger_find(g, low); pos < g->head; pos++) {
		const struct rdg_sent *s = rdg_ledger_at(g, pos);

		if (s->pn > high)
			break;
		if (s->state == RDG_SENT_SKIPPED)
			return true;
	}
	return false;
}

/**
 * rdg_ack_lies - does an ack speak of what cannot be?
 * @l: the link
 * @a: the ack
 *
 * Return: true if it covers a number that was not sent.
 */
bool rdg_ack_lies(const struct rdg_link *l, const struct rdg_ack_frame *a)
{
	u64 largest = rdg_seq_expand(l->ledger.next, a->largest);
	struct ack_walk w;

	if (largest >= l->ledger.next || !walk_begin(&w, a, largest))
		return true;
	do {
		if (covers_skipped(&l->ledger, w.low, w.high))
			return true;
	} while (walk_next(&w));
	return w.low > w.high;
}

/* What the newly acknowledged packets come to. */
struct acked {
	u64 newest_pn;
	u64 newest_time;
	u32 bytes;
	bool any;
};

static void ack_one(struct rdg_link *l, struct rdg_sent *s, struct acked *sum)
{
	if (s->state != RDG_SENT_FLIGHT && s->state != RDG_SENT_LOST)
		return;
	if ((s->carried & RDG_CARRIED_END) && s->pn == l->end_pn)
		l->end_heard = true;
	sum->any = true;
	sum->bytes += s->size;
	sum->newest_pn = s->pn;
	sum->newest_time = max(sum->newest_time, s->time);
	rdg_ledger_set(&l->ledger, s, RDG_SENT_DONE);
}

static void ack_range(struct rdg_link *l, u64 low, u64 high, struct acked *sum)
{
	struct rdg_ledger *g = &l->ledger;
	u64 pos;

	for (pos = rdg_ledger_find(g, low); pos < g->head; pos++) {
		struct rdg_sent *s = rdg_ledger_at(g, pos);

		if (s->pn > high)
			return;
		ack_one(l, s, sum);
	}
}

/**
 * rdg_ack_input - packets were received
 * @l: the link
 * @a: the ack; rdg_ack_lies() said that it does not
 * @now: ns
 */
void rdg_ack_input(struct rdg_link *l, const struct rdg_ack_frame *a, u64 now)
{
	struct rdg_ledger *g = &l->ledger;
	u64 largest = rdg_seq_expand(g->next, a->largest);
	struct acked sum = {};
	struct rdg_cc_ack ack;
	struct ack_walk w;
	u64 newest = 0;

	walk_begin(&w, a, largest);
	ack_range(l, w.low, w.high, &sum);
	newest = sum.any ? sum.newest_pn : 0;
	while (walk_next(&w))
		ack_range(l, w.low, w.high, &sum);
	g->acked = max(g->acked, largest + 1);
	if (!sum.any)
		return;

	/* RFC 9002, 5.1: a sample only where the largest is newly acknowledged. */
	if (newest == largest && rdg_path_took(l, sum.newest_time))
		rdg_rtt_sample(&l->rtt, now - sum.newest_time, a->delay * RDG_ACK_DELAY_UNIT);
	ack.now = now;
	ack.sent = sum.newest_time;
	ack.bytes = sum.bytes;
	ack.limited = l->tx.limited;
	ack.rtt = &l->rtt;
	if (rdg_path_took(l, sum.newest_time))
		l->cc.ops->ack(&l->cc, &ack);
	l->tx.based = true;
	l->tx.probes = 0;
	l->unanswered = 0;
	rdg_ledger_trim(g);
}

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
	u64 newest = 0;
	u64 pos;

	l->loss_at = RDG_NEVER;
	for (pos = g->tail; pos < g->head; pos++) {
		struct rdg_sent *s = rdg_ledger_at(g, pos);

		if (s->pn + 1 >= g->acked)
			break;
		if (s->state != RDG_SENT_FLIGHT)
			continue;
		if (s->pn + 1 + RDG_PACKET_THRESHOLD <= g->acked || s->time + delay <= now) {
			newest = max(newest, s->time);
			count_lost(l, s);
		} else {
			l->loss_at = min(l->loss_at, s->time + delay);
		}
	}
	if (newest && rdg_path_took(l, newest))
		l->cc.ops->loss(&l->cc, newest, now);
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
