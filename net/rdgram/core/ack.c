// SPDX-License-Identifier: GPL-2.0-only
/*
 * Acks of packets: what they say, and whom it concerns.
 */
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

/**
 * rdg_ack_verdict - can it be what an ack says?
 * @l: the link
 * @a: the ack
 *
 * Return: enum rdg_ack_verdict.
 */
enum rdg_ack_verdict rdg_ack_verdict(const struct rdg_link *l, const struct rdg_ack_frame *a)
{
	const struct rdg_ledger *g = &l->live->ledger;
	u64 largest = rdg_seq_expand(g->next, a->largest);
	struct ack_walk w;
	u32 older = 0;

	if (largest >= g->next || !walk_begin(&w, a, largest))
		return RDG_ACK_BAD;
	do {
		if (rdg_ledger_skipped(g, w.low, w.high, &older))
			return RDG_ACK_INVENTED;
	} while (walk_next(&w));
	return w.low > w.high ? RDG_ACK_BAD : RDG_ACK_GOOD;
}

/* What the newly acknowledged packets come to. */
struct acked {
	struct rdg_sent newest;
	u64 acked;		/* number after the largest acknowledged before */
	u32 bytes;
	bool any;
	bool undo;		/* probes said silence, and what was sent before them arrived */
};

/* It was counted lost (RFC 3522's and RFC 4015's aim, by the number alone). */
static void arrived_late(struct rdg_link *l, struct rdg_sent *s, u64 now)
{
	l->live->rate.lost -= s->size;
	if (rdg_path_took(l, s->time) && rdg_rack_spurious(&l->live->rack, s, &l->rtt, now))
		l->live->cc.ops->undo(&l->live->cc);
}

static void ack_one(struct rdg_link *l, struct rdg_sent *s, struct acked *sum, u64 now)
{
	bool took;

	/* A driver that did not wait for the time to depart: nothing arrives before
	 * it was sent.
	 */
	s->time = min(s->time, now);
	/* What another path has delivered is no measure of this one. */
	took = rdg_path_took(l, s->time);
	if (took)
		rdg_rack_detect_reordering(&l->live->rack, s, sum->acked);
	if (s->episode)
		arrived_late(l, s, now);
	if (l->live->rack.silenced && s->pn < l->live->rack.probe_from)
		sum->undo = true;
	if (s->pn == l->live->rx.tell_pn) {
		l->live->rx.tell_pn = RDG_NEVER;
		l->live->rx.seen.told = l->live->rx.tell + 1;
	}
	if (s->pn == l->live->rx.refused_pn)
		rdg_rx_told(l);
	rdg_loss_cancel(l, s);
	if ((s->carried & RDG_CARRIED_END) && s->pn == l->live->end_pn)
		l->live->end_heard = true;
	if (!sum->any || s->pn > sum->newest.pn)
		sum->newest = *s;
	sum->any = true;
	if (took) {
		rdg_mtu_acked(l, s->size);
		sum->bytes += s->size;
		rdg_rate_acked(&l->live->rate, s->size, now);
	}
	rdg_ledger_set(&l->live->ledger, s, RDG_SENT_ACKED);
}

static void ack_range(struct rdg_link *l, u64 low, u64 high, struct acked *sum, u64 now)
{
	struct rdg_ledger *g = &l->live->ledger;
	u64 end = rdg_ledger_find(g, high + 1);
	u64 pos = rdg_ledger_find(g, low);

	while (pos < end) {
		struct rdg_sent *s = rdg_ledger_at(g, pos);

		if (s->state != RDG_SENT_ACKED)
			ack_one(l, s, sum, now);
		pos = rdg_ledger_pass(g, pos, end);
	}
}

static void ack_ranges(struct rdg_link *l, const struct rdg_ack_frame *a, u64 largest,
		       struct acked *sum, u64 now)
{
	struct ack_walk w;

	walk_begin(&w, a, largest);
	do {
		ack_range(l, w.low, w.high, sum, now);
	} while (walk_next(&w));
	l->live->ledger.acked = max(l->live->ledger.acked, largest + 1);
}

/* RFC 9002, 5.1: a sample only where the largest is newly acknowledged, though
 * it need not have asked for that itself.
 */
static u64 sample_rtt(struct rdg_link *l, const struct rdg_ack_frame *a, u64 largest,
		      const struct acked *sum, u64 now)
{
	const struct rdg_ledger *g = &l->live->ledger;
	u64 sent = sum->newest.time;

	if (largest < sum->acked || !rdg_path_took(l, sum->newest.time))
		return 0;
	if (largest != sum->newest.pn) {
		if (largest != g->quiet_pn || !g->quiet)
			return 0;
		sent = min(g->quiet, now);
	}
	rdg_rtt_sample(&l->rtt, now - sent, a->delay * RDG_ACK_DELAY_UNIT);
	return l->rtt.adjusted;
}

/* A packet that says nothing about time still overtook those before it. */
static void update_rack(struct rdg_link *l, const struct rdg_sent *newest, u64 now)
{
	bool took = rdg_path_took(l, newest->time);

	rdg_rack_update(&l->live->rack, newest, took ? now : newest->time + l->live->rack.rtt);
}

/* RFC 9438, 4.6: a mark is answered once in a round trip, as the algorithm sees
 * by the time at which a packet was sent.
 */
static void input_marks(struct rdg_link *l, u32 count, bool newest, u64 sent, u64 now)
{
	u32 marks = rdg_ecn_input(&l->live->ecn, count, newest);

	rdg_count_add(l, RDG_CT_PACKETS_MARKED, marks);
	if (marks && rdg_path_took(l, sent))
		l->live->cc.ops->ecn(&l->live->cc, sent, rdg_link_sent_until(l, now));
}

/**
 * rdg_ack_input - packets were received
 * @l: the link
 * @f: the frames of a packet with an ACK; rdg_ack_verdict() said that it does not
 * @newest: the packet is newer than all before
 * @now: ns
 */
void rdg_ack_input(struct rdg_link *l, const struct rdg_frames *f, bool newest, u64 now)
{
	const struct rdg_ack_frame *a = &f->ack;
	u64 largest = rdg_seq_expand(l->live->ledger.next, a->largest);
	struct rdg_cc_ack ack = {
		.now = now,
		.prior_flight = l->live->ledger.bytes,
		.waiting = rdg_pace_waiting(&l->pace, &l->live->cc, now),
		.limited = l->tx.limited,
	};
	u64 lost = l->live->rate.lost;
	struct acked sum = { .acked = l->live->ledger.acked };

	ack_ranges(l, a, largest, &sum, now);
	rdg_mtu_input(l, a);
	if (!sum.any)
		return;
	ack.rtt = sample_rtt(l, a, largest, &sum, now);
	update_rack(l, &sum.newest, now);
	if (sum.undo && rdg_path_took(l, sum.newest.time))
		l->live->cc.ops->undo(&l->live->cc);
	l->live->rack.silenced = false;
	rdg_loss_detect(l, now);
	ack.sent = sum.newest.time;
	ack.bytes = sum.bytes;
	if (f->has_ecn)
		input_marks(l, f->marks, newest, sum.newest.time, now);
	ack.lost = max(l->live->rate.lost, lost) - lost;
	ack.flight = l->live->ledger.bytes - min(l->live->ledger.bytes, ack.waiting);
	ack.srtt = rdg_rtt_lately(&l->rtt);
	ack.min_rtt = l->rtt.min;
	rdg_rate_sample(&l->live->rate, &sum.newest, l->rtt.min, &ack);
	if (rdg_path_took(l, sum.newest.time))
		l->live->cc.ops->ack(&l->live->cc, &ack);
	rdg_pace_bound(&l->pace, &l->live->cc, now);
	l->tx.based = true;
	l->tx.probes = 0;
	l->unanswered = 0;
	l->waits = false;
}
