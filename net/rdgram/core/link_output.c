// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets out: what the next one carries.
 */
#include <linux/math64.h>
#include <linux/minmax.h>
#include "internal.h"

/* Bytes of payload that a packet has room for, whatever else it carries. */
#define PAYLOAD_MIN	64

/* What makes the next packet worth sending. */
struct plan {
	bool ack;
	bool control;		/* PING, END, END_ACK, or a REPORT that must arrive */
	bool lost;		/* payload that was lost */
	bool fresh;		/* payload that was not sent yet */
};

static bool ack_is_due(const struct rdg_link *l, u64 now)
{
	return l->rx.ack_at <= now;
}

static bool window_open(const struct rdg_link *l)
{
	return l->ledger.bytes < l->cc.cwnd;
}

static bool has_control(const struct rdg_link *l)
{
	return l->ping_due || l->rx.report || l->end_due || l->end_ack_due;
}

/* A probe carries the oldest payload there is; PING where there is none. */
static void plan_probe(struct rdg_link *l, struct plan *p, bool room)
{
	l->tx.probes--;
	/* In turn with the oldest, without which the ledger would only grow. */
	if (l->unanswered & 1) {
		rdg_loss_urge(l);
		p->lost = rdg_tx_has_lost(l);
	}
	if (!p->lost && (!room || !rdg_tx_has_new(l))) {
		rdg_loss_probe(l);
		p->lost = rdg_tx_has_lost(l);
	}
	p->fresh = !p->lost && room && rdg_tx_has_new(l);
	if (!p->lost && !p->fresh && !has_control(l))
		l->ping_due = true;
}

static bool make_plan(struct rdg_link *l, u64 now, struct plan *p)
{
	bool open = window_open(l);
	bool room;

	rdg_ledger_trim(&l->ledger);
	/* Room for a number that is skipped, and some for probes. */
	room = rdg_ledger_room(&l->ledger, 4);
	/* A message was queued since the END came: we go on. */
	if (!rdg_link_may_end(l))
		l->end_ack_due = false;
	*p = (struct plan){ .ack = ack_is_due(l, now) };
	p->lost = room && rdg_tx_has_lost(l);
	l->tx.limited = !open && (p->lost || rdg_tx_has_new(l));
	if (l->tx.probes && rdg_ledger_room(&l->ledger, 2)) {
		plan_probe(l, p, room);
	} else {
		p->lost = p->lost && open;
		p->fresh = !p->lost && open && room && rdg_tx_has_new(l);
	}
	p->control = has_control(l) && rdg_ledger_room(&l->ledger, 2);
	return p->ack || p->control || p->lost || p->fresh;
}

static void put_cookie(struct rdg_link *l, struct rdg_writer *w)
{
	struct rdg_cookie_frame c = {
		.src_id = l->own_id,
		.src_inc = l->self->incarnation,
		.dst_inc = l->remote_inc,
		.cookie = l->cookie,
		.time = l->cookie_time,
	};

	rdg_wire_cookie(w, &c);
}

/* The further ranges of an ACK give way to payload. */
static u32 ranges_that_fit(const struct rdg_link *l, const struct rdg_writer *w)
{
	u32 other = w->len + RDG_ACK_LEN + RDG_REPORT_LEN + 2 * RDG_END_LEN + RDG_PING_LEN +
		    RDG_MSG_OFFSET_LEN + PAYLOAD_MIN;

	return l->mtu > other ? (l->mtu - other) / RDG_ACK_RANGE_LEN : 0;
}

static void put_ack(struct rdg_link *l, struct rdg_writer *w, u64 now)
{
	struct rdg_rx *rx = &l->rx;
	struct rdg_ack_frame a;

	rx->ack_at = RDG_NEVER;
	rx->eliciting = 0;
	if (!rdg_ranges_to_ack(rx->seen, &a))
		return;
	a.n = min_t(u32, a.n, ranges_that_fit(l, w));
	a.delay = min_t(u64, div_u64(now - rx->largest_at, RDG_ACK_DELAY_UNIT), U16_MAX);
	rdg_wire_ack(w, &a);
}

static void put_report(struct rdg_link *l, struct rdg_writer *w)
{
	struct rdg_rx *rx = &l->rx;
	struct rdg_report_frame r = {
		.delivered = rx->next,
		.read = rx->read,
		.credit = max(rx->advertised, rdg_rx_limit(rx)),
		.closed = rx->closed,
	};

	rx->advertised = max(rx->advertised, rdg_rx_limit(rx));
	rdg_wire_report(w, &r);
}

/* The frames that must arrive, and a note of them for the ledger. */
static u8 put_control(struct rdg_link *l, struct rdg_writer *w)
{
	u8 carried = 0;

	if (l->rx.report) {
		l->rx.report = false;
		carried |= RDG_CARRIED_REPORT;
	}
	if (l->end_due) {
		l->end_due = false;
		carried |= RDG_CARRIED_END;
		l->end_pn = l->ledger.next;
		rdg_wire_end(w, RDG_FRAME_END, l->tx.delivered);
	}
	if (l->end_ack_due)
		rdg_wire_end(w, RDG_FRAME_END_ACK, l->tx.delivered);
	return carried;
}

static void sent_eliciting(struct rdg_link *l, struct rdg_sent *what, u32 size, u64 now)
{
	struct rdg_sent *s = rdg_ledger_add(&l->ledger, size, now);

	s->msg = what->msg;
	s->seq = what->seq;
	s->off = what->off;
	s->end = what->end;
	s->count = what->count;
	s->carried = what->carried;
	if (l->silent == RDG_NEVER)
		l->silent = now;
	rdg_link_arm_probe(l, now);
}

static void put_frames(struct rdg_link *l, u64 now, const struct plan *p, struct rdg_writer *w,
		       struct rdg_out *out, struct rdg_sent *what)
{
	bool ack = l->rx.ack_at != RDG_NEVER;

	if (l->state == RDG_CONFIRMING)
		put_cookie(l, w);
	if (!l->tx.based)
		rdg_wire_base(w, l->tx.base);
	if (ack)
		put_ack(l, w, now);
	if (ack || p->control || !l->tx.based)
		put_report(l, w);
	if (p->control)
		what->carried = put_control(l, w);
	/* A lone REPORT that must arrive asks for its ack by a PING. */
	if (what->carried == RDG_CARRIED_REPORT && !p->lost && !p->fresh)
		l->ping_due = true;
	if (p->control && l->ping_due) {
		l->ping_due = false;
		rdg_wire_ping(w);
	}
	if (p->lost)
		rdg_tx_fill_lost(l, w, out, what);
	else if (p->fresh)
		rdg_tx_fill_new(l, w, out, what);
}

static void build(struct rdg_link *l, u64 now, const struct plan *p, struct rdg_out *out)
{
	bool confirm = l->state == RDG_CONFIRMING;
	bool elicit = p->lost || p->fresh ||
		      (p->control && (l->ping_due || l->end_due || l->rx.report));
	struct rdg_sent what = {};
	struct rdg_writer w;

	if (elicit && !(prandom_u32_state(&l->rnd) % RDG_SKIP_ONE_IN))
		rdg_ledger_skip(&l->ledger);
	out->payload = 0;
	out->slices = 0;
	rdg_wire_begin(&w, out->head, l->remote_id, l->ledger.next);
	put_frames(l, now, p, &w, out, &what);
	rdg_wire_finish(&w, confirm ? RDG_PKT_CONFIRM : RDG_PKT_DATA);
	out->head_len = w.len;

	l->count[RDG_CT_PACKETS_SENT]++;
	if (p->lost)
		l->count[RDG_CT_PACKETS_RETRANSMITTED]++;
	if (what.count)
		l->used = now;
	if (elicit)
		sent_eliciting(l, &what, w.len + out->payload, now);
	else
		l->ledger.next++;
	if (l->end_ack_due)
		rdg_link_end(l, RDG_EV_END, 0);
}

static bool poll_opening(struct rdg_link *l, u64 now, struct rdg_out *out)
{
	if (!l->init_due)
		return false;
	l->init_due = false;
	l->probe_at = now + rdg_rtt_backoff(&l->rtt, l->unanswered, &l->rnd);
	out->head_len = rdg_wire_init(out->head, l->own_id, l->self->incarnation, l->remote_inc);
	out->payload = 0;
	out->slices = 0;
	l->count[RDG_CT_PACKETS_SENT]++;
	return true;
}

/**
 * rdg_link_poll - the next packet that is to leave now
 * @l: the link
 * @now: ns
 * @out: the packet, if there is one
 *
 * Call it after every other call until it says no; then look at
 * rdg_link_deadline().
 *
 * Context: the link's lock.
 * Return: true if there is one.
 */
bool rdg_link_poll(struct rdg_link *l, u64 now, struct rdg_out *out)
{
	struct plan p;

	out->via = RDG_VIA_PEER;
	if (l->state == RDG_IDLE) {
		if (list_empty(&l->tx.queue) || l->held || l->probe_at != RDG_NEVER ||
		    !rdg_link_open(l, now))
			return false;
	}
	if (l->state == RDG_OPENING)
		return poll_opening(l, now, out);
	if (rdg_path_poll(l, now, out))
		return true;
	if (!make_plan(l, now, &p))
		return false;
	build(l, now, &p, out);
	return true;
}
