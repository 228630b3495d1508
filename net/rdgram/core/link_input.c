// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets in.
 */
#include <linux/errno.h>
#include <linux/minmax.h>
#include "cookie.h"
#include "internal.h"
#include "seq.h"

/* A probe that an INIT provokes follows the last packet by this much at least. */
#define PROVOKED_PROBE	(50 * NSEC_PER_MSEC)

/* How soon a packet that was not admitted draws a report. */
#define NOT_ADMITTED_DELAY	(25 * NSEC_PER_MSEC)

/**
 * rdg_link_probe - make a live link ask the other side now
 * @l: the link
 * @now: ns
 *
 * Called when another incarnation shows up at the peer's address: if the old
 * one is gone, its RESET comes at once instead of after a timeout.
 * Context: the link's lock.
 */
void rdg_link_probe(struct rdg_link *l, u64 now)
{
	if (rdg_link_live(l) && now - l->ledger.eliciting >= PROVOKED_PROBE)
		l->ping_due = true;
}

/* Become the link that a CONFIRM describes; own_id is registered already. */
static bool open_by_confirm(struct rdg_link *l, const struct rdg_cookie_frame *c, u64 now)
{
	if (!rdg_link_begin(l, c->src_id, c->src_inc, 0, now))
		return false;
	return rdg_link_move(l, RDG_EV_CONFIRM);
}

/* CONFIRMs crossed, and name different pairs of ids: the pair in the CONFIRM
 * of the smaller incarnation wins, on both sides.
 */
static bool loses_tie(const struct rdg_link *l, const struct rdg_cookie_frame *c)
{
	return c->src_inc == l->remote_inc && c->src_inc < l->self->incarnation;
}

/* A CONFIRM for the id of this link: is it of this link? */
static bool confirm_fits(struct rdg_link *l, const struct rdg_cookie_frame *c, u64 now)
{
	if (c->dst_inc != l->self->incarnation)
		return false;
	if (l->state == RDG_OPENING)
		return open_by_confirm(l, c, now);
	if (c->src_inc != l->remote_inc) {
		rdg_link_probe(l, now);
		return false;
	}
	if (c->src_id == l->remote_id)
		return true;
	if (l->state != RDG_CONFIRMING || !loses_tie(l, c))
		return false;
	l->remote_id = c->src_id;
	return rdg_link_move(l, RDG_EV_CONFIRM);
}

/* Take the new own id in place of the old one, if there was one. */
static bool change_own_id(struct rdg_link *l, u64 id)
{
	if (l->ops->id_add(l, id))
		return false;
	if (l->own_id)
		l->ops->id_end(l, l->own_id);
	l->own_id = id;
	return true;
}

static bool open_new(struct rdg_link *l, const struct rdg_header *h,
		     const struct rdg_cookie_frame *c, u64 now)
{
	if (!change_own_id(l, h->dst_id))
		return false;
	if (open_by_confirm(l, c, now))
		return true;
	/* No memory. In OPENING our INIT goes on, with the new id. */
	if (l->state == RDG_IDLE) {
		l->ops->id_end(l, l->own_id);
		l->own_id = 0;
	}
	return false;
}

/* The other side has lost the link that we have, and opened another. */
static bool replace(struct rdg_link *l, const struct rdg_header *h,
		    const struct rdg_cookie_frame *c, u64 now)
{
	u64 age = (u64)(rdg_cookie_time(now) - c->time) << RDG_COOKIE_TIME_SHIFT;

	if (now <= l->opened + age) {
		rdg_link_probe(l, now);
		return false;
	}
	rdg_link_end(l, l->state == RDG_ENDING ? RDG_EV_END_ACK : RDG_EV_RESET, ECONNRESET);
	return open_new(l, h, c, now);
}

/**
 * rdg_link_confirm - a CONFIRM for an id that is not known
 * @l: the link to the address it came from
 * @h: the packet
 * @f: its frames; the cookie is good
 * @now: ns
 *
 * Context: the link's lock.
 * Return: true if the id is @l's now: the packet goes to rdg_link_packet().
 */
bool rdg_link_confirm(struct rdg_link *l, const struct rdg_header *h,
		      const struct rdg_frames *f, u64 now)
{
	const struct rdg_cookie_frame *c = &f->cookie;

	if (!rdg_link_live(l))
		return !l->closing && open_new(l, h, c, now);
	if (c->src_inc != l->remote_inc) {
		rdg_link_probe(l, now);
		return false;
	}
	if (l->state != RDG_CONFIRMING)
		return replace(l, h, c, now);
	if (!loses_tie(l, c) || !change_own_id(l, h->dst_id))
		return false;
	l->remote_id = c->src_id;
	return rdg_link_move(l, RDG_EV_CONFIRM);
}

/**
 * rdg_link_challenge - a CHALLENGE for our id
 * @l: the link
 * @h: the packet
 * @now: ns
 *
 * Context: the link's lock. The caller polls for packets afterwards.
 */
void rdg_link_challenge(struct rdg_link *l, const struct rdg_header *h, u64 now)
{
	bool first = !l->unanswered;
	u64 sample = now - l->opened;

	l->count[RDG_CT_PACKETS_RECEIVED]++;
	if (l->state != RDG_OPENING || h->dst_inc != l->self->incarnation)
		return;
	if (!rdg_link_begin(l, h->src_id, h->src_inc, h->credit, now))
		return;
	l->cookie = h->cookie;
	l->cookie_time = h->cookie_time;
	/* An INIT that was sent once measures the path. */
	if (first)
		rdg_rtt_sample(&l->rtt, sample, 0);
	rdg_link_move(l, RDG_EV_CHALLENGE);
	/* CONFIRM goes out even if all that was queued is gone by now. */
	l->ping_due = true;
	rdg_link_arm_probe(l, now);
}

/**
 * rdg_link_reset - a RESET that reflects our remote id
 * @l: the link
 * @h: the packet
 * @now: ns
 *
 * Context: the link's lock. The caller polls for packets afterwards.
 */
void rdg_link_reset(struct rdg_link *l, const struct rdg_header *h, u64 now)
{
	enum rdg_event event = h->reason == RDG_RESET_STALE ? RDG_EV_STALE : RDG_EV_RESET;

	l->count[RDG_CT_PACKETS_RECEIVED]++;
	if (h->reflected != l->remote_id || rdg_state_next(l->state, event) < 0)
		return;
	rdg_link_end(l, event, ECONNRESET);
	l->heard = now;
}

/**
 * rdg_link_version - a VERSION that reflects our own id
 * @l: the link
 * @h: the packet
 * @now: ns
 *
 * Context: the link's lock. The caller polls for packets afterwards.
 */
void rdg_link_version(struct rdg_link *l, const struct rdg_header *h, u64 now)
{
	l->count[RDG_CT_PACKETS_RECEIVED]++;
	if (h->reflected != l->own_id || l->state != RDG_OPENING)
		return;
	if (h->lowest <= RDG_VERSION && h->highest >= RDG_VERSION)
		return;
	rdg_link_end(l, RDG_EV_EXPIRE, EPROTONOSUPPORT);
	rdg_tx_return_all(l, EPROTONOSUPPORT);
	l->heard = now;
}

static bool elicits_ack(const struct rdg_frames *f)
{
	return f->ping || f->pieces || f->has_end || f->has_cookie;
}

static bool wants_ack_now(const struct rdg_frames *f)
{
	u32 i;

	if (f->ping || f->has_end || f->has_cookie)
		return true;
	for (i = 0; i < f->pieces; i++)
		if (f->piece[i].flags & RDG_MSG_ACK_NOW)
			return true;
	return false;
}

/* RFC 9000, 13.2: what is urgent, and every second packet, at once. */
static void schedule_ack(struct rdg_link *l, const struct rdg_frames *f, bool in_order, u64 now)
{
	struct rdg_rx *rx = &l->rx;

	if (!elicits_ack(f))
		return;
	rx->eliciting = min(rx->eliciting + 1, 2);
	if (rx->eliciting >= 2 || !in_order || rx->closed || wants_ack_now(f))
		rx->ack_at = now;
	else
		rx->ack_at = min(rx->ack_at, now + rdg_rtt_ack_delay(&l->rtt));
}

static bool lies(const struct rdg_link *l, const struct rdg_frames *f)
{
	if (f->has_ack && rdg_ack_lies(l, &f->ack))
		return true;
	/* Who opens a link may not know yet where our numbers are. */
	if (f->has_report && !f->has_cookie && rdg_tx_report_lies(l, &f->report))
		return true;
	return rdg_rx_base_lies(l, f->base);
}

/* An END is answered if it was sent in knowledge of all that we sent, and
 * after all that its sender sent: a late one, of a proposal that was cancelled
 * since, is not.
 */
static bool end_is_current(const struct rdg_link *l, const struct rdg_frames *f)
{
	if (!rdg_link_may_end(l) || f->end != (u32)l->rx.next)
		return l->rx.closed && rdg_link_may_end(l);
	return f->has_report && (l->tx.refused || f->report.delivered == (u32)l->tx.delivered);
}

static void input_end(struct rdg_link *l, const struct rdg_frames *f, bool newest, u64 now)
{
	/* A closed endpoint cancels nothing: its END may come out of order. */
	bool good = f->has_end && (newest || (f->has_report && f->report.closed));

	if (good && rdg_state_next(l->state, RDG_EV_END) >= 0 && end_is_current(l, f))
		l->end_ack_due = true;
	if (f->has_end_ack && l->state == RDG_ENDING)
		rdg_link_end(l, RDG_EV_END_ACK, 0);
	/* Heard and not answered: the other side has something to send, and older
	 * copies of our END mean nothing to it any more. A closed endpoint insists.
	 */
	if (l->end_heard && !l->closing && l->state == RDG_ENDING) {
		l->used = now;
		l->end_due = false;
		rdg_link_move(l, RDG_EV_DATA);
	}
}

static void input_reports(struct rdg_link *l, const struct rdg_frames *f, u64 now)
{
	if (f->has_report && f->has_cookie)
		rdg_tx_catch_up(l, &f->report);
	if (f->has_report)
		rdg_tx_report(l, &f->report, !f->has_cookie);
	if (f->has_ack) {
		rdg_ack_input(l, &f->ack, now);
		rdg_loss_detect(l, now);
	}
	if (f->has_report || f->has_ack)
		rdg_link_arm_probe(l, now);
}

/* Payload, and the packet number: acknowledged only if all of it was admitted. */
static void input_payload(struct rdg_link *l, const struct rdg_frames *f, void *packet, u64 pn,
			  u64 now)
{
	struct rdg_rx *rx = &l->rx;
	bool in_order = !rx->seen->n || pn == rdg_ranges_largest(rx->seen) + 1;
	bool fresh;

	if (!rdg_rx_pieces(l, f, packet, &fresh)) {
		/* A report, and no ack: we are here, and have no room. */
		rx->ack_at = min(rx->ack_at, now + NOT_ADMITTED_DELAY);
		return;
	}
	if (fresh) {
		l->used = now;
		if (rdg_link_move(l, RDG_EV_DATA))
			l->end_due = false;
	}
	if (!rx->seen->n || pn > rdg_ranges_largest(rx->seen))
		rx->largest_at = now;
	rdg_ranges_add(rx->seen, pn);
	schedule_ack(l, f, in_order, now);
}

/**
 * rdg_link_packet - a CONFIRM or DATA for our id
 * @l: the link
 * @h: the packet
 * @f: its frames
 * @packet: the driver's handle of it, for ops->take()
 * @now: ns
 *
 * Context: the link's lock. The caller polls for packets afterwards.
 */
void rdg_link_packet(struct rdg_link *l, const struct rdg_header *h, const struct rdg_frames *f,
		     void *packet, u64 now)
{
	struct rdg_rx *rx = &l->rx;
	bool newest;
	u64 pn;

	l->count[RDG_CT_PACKETS_RECEIVED]++;
	if (f->has_cookie && !confirm_fits(l, &f->cookie, now))
		return;
	if (!rdg_link_live(l))
		return;
	if (lies(l, f)) {
		l->count[RDG_CT_PACKETS_MALFORMED]++;
		return;
	}
	l->heard = now;
	rdg_link_move(l, RDG_EV_HEARD);
	if (f->base)
		rdg_rx_base(l, f->base);
	pn = rdg_seq_expand(rx->seen->n ? rdg_ranges_largest(rx->seen) + 1 : 0, h->pn);
	if (rdg_ranges_has(rx->seen, pn)) {
		l->count[RDG_CT_PACKETS_DUPLICATE]++;
		/* Perhaps it came again because our ack was lost. */
		schedule_ack(l, f, false, now);
	} else {
		newest = !rx->seen->n || pn > rdg_ranges_largest(rx->seen);
		input_reports(l, f, now);
		input_payload(l, f, packet, pn, now);
		input_end(l, f, newest, now);
	}
	/* What is still on its way has been unanswered since now at the longest.
	 * In ENDING an answer is waited for even when the END was acknowledged.
	 */
	l->silent = l->ledger.flight || l->state == RDG_ENDING ? now : RDG_NEVER;
}
