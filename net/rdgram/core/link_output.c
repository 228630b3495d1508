// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets out: what the next one carries.
 */
#include <linux/math64.h>
#include <linux/minmax.h>
#include "internal.h"

/* Bytes of payload that a packet has room for, whatever else it carries. */
#define PAYLOAD_MIN	64

/* The ack of a packet that comes this much after it was sent, in probe timeouts
 * and ns, means nothing new.
 */
#define LATE_PTOS	4
#define LATE_MIN	(50 * NSEC_PER_MSEC)

/* A ledger is out of use when nothing was sent for so long, and all is acknowledged; ns. */
#define LEDGER_REST	((u64)NSEC_PER_SEC)

/* What makes the next packet worth sending. */
struct plan {
	bool room;		/* the ledger has some for new payload */
	bool ack;
	bool control;		/* PING, END, END_ACK, or a REPORT that must arrive */
	bool fresh;		/* payload that was not sent yet */
	bool probe;		/* nobody answers */
	bool held;		/* payload had to wait */
	u64 again;		/* payload that was: position in the ledger, or RDG_NEVER */
};

/* Where the ledger is full nothing else travels with payload that was lost: it
 * has to fit into one packet again, and leave its entry.
 */
static bool goes_alone(const struct plan *p)
{
	return p->again != RDG_NEVER && !p->room;
}

static bool ack_is_due(const struct rdg_link *l, u64 now)
{
	return l->live->rx.ack_at <= now;
}

/* May payload leave now? It is also noted why not. */
static bool payload_may_leave(struct rdg_link *l, bool waits, u64 now)
{
	bool window = l->live->ledger.bytes < l->live->cc.cwnd;
	bool open = window && rdg_pace_open(&l->pace, &l->live->cc, now);

	l->tx.limited = !open && waits;
	l->tx.paced = window && !open && waits;
	if (open && !waits)
		rdg_rate_app_limited(&l->live->rate, l->live->ledger.bytes);
	return open;
}

static bool has_control(const struct rdg_link *l)
{
	return l->ping_due || l->live->rx.report || l->end_due || l->end_ack_due;
}

/* A probe carries the oldest payload there is; PING where there is none. Where the
 * other side is silent for long it is always the payload to be delivered first: any
 * other would be sent once more when the silence ends, and that behind all others.
 */
static void plan_probe(struct rdg_link *l, struct plan *p)
{
	l->tx.probes--;
	p->probe = true;
	if (!p->room) {
		/* A PING, which gets through whatever the path carries by now. */
		p->again = RDG_NEVER;
	} else {
		if (l->unanswered != 2)
			p->again = rdg_loss_urge(l);
		if (p->again == RDG_NEVER && !rdg_tx_has_new(l))
			p->again = rdg_loss_probe(l);
	}
	p->fresh = p->again == RDG_NEVER && p->room && rdg_tx_has_new(l);
	if (p->again == RDG_NEVER && !p->fresh && !has_control(l))
		l->ping_due = true;
}

/* Payload that was lost: position in the ledger, or RDG_NEVER. A part of what a
 * packet carried takes an entry, and leaves none.
 */
static u64 plan_again(struct rdg_link *l)
{
	/* First, since it may change positions. */
	bool part = rdg_ledger_room(&l->live->ledger, 2);
	u64 pos;

	if (!rdg_ledger_room(&l->live->ledger, 1))
		return RDG_NEVER;
	pos = rdg_tx_lost(l);
	if (pos == RDG_NEVER || part || rdg_tx_fits(l, rdg_ledger_at(&l->live->ledger, pos)))
		return pos;
	return RDG_NEVER;
}

/* What was refused is told by a packet without payload, which is acknowledged however
 * little room the other side has: it may have none until it has told the same, and was
 * heard.
 */
static bool tells_of_refusal(const struct rdg_link *l)
{
	return l->live->rx.refused && l->live->rx.report && rdg_ledger_room(&l->live->ledger, 1);
}

/* The last free entry is for payload that is sent again, and for a probe. END_ACK takes
 * none, nor does anything beside it: the link is over.
 */
static bool control_may_leave(struct rdg_link *l, const struct plan *p)
{
	return has_control(l) && !goes_alone(p) &&
	       (l->end_ack_due || rdg_ledger_room(&l->live->ledger, p->probe ? 1 : 2));
}

static bool make_plan(struct rdg_link *l, u64 now, struct plan *p)
{
	struct rdg_ledger *g = &l->live->ledger;
	bool held, fresh, open;

	l->live->cc.mtu = l->mtu;
	WRITE_ONCE(l->cwnd, l->live->cc.cwnd);
	g->forget = now - min(now, max_t(u64, LATE_PTOS * rdg_rtt_pto(&l->rtt), LATE_MIN));
	rdg_ledger_trim(g);
	rdg_ledger_rest(g, now - min(now, LEDGER_REST));
	if (l->unanswered > 2)
		rdg_ledger_tidy(g);
	*p = (struct plan){ .ack = ack_is_due(l, now), .held = l->tx.limited };
	p->room = rdg_ledger_room(g, RDG_LEDGER_SPARE);
	/* A message was queued since the END came: we go on. */
	if (!rdg_link_may_end(l))
		l->end_ack_due = false;
	if (tells_of_refusal(l)) {
		p->again = RDG_NEVER;
		p->control = true;
		return true;
	}
	p->again = plan_again(l);
	/* What is held back fills up an ack that has to leave. */
	held = rdg_hold(l, now);
	fresh = rdg_tx_has_new(l) && (!held || p->ack);
	open = payload_may_leave(l, p->again != RDG_NEVER || fresh, now);
	if (l->tx.probes && (!p->room || l->unanswered > 2))
		rdg_loss_give_up(l);
	if (l->tx.probes && rdg_ledger_room(g, 1)) {
		plan_probe(l, p);
	} else {
		if (!open)
			p->again = RDG_NEVER;
		p->fresh = p->again == RDG_NEVER && open && p->room && fresh;
	}
	p->control = control_may_leave(l, p);
	return p->ack || p->control || p->fresh || p->again != RDG_NEVER;
}

static void put_cookie(struct rdg_link *l, struct rdg_writer *w)
{
	struct rdg_cookie_frame c = {
		.src_id = l->own_id,
		.src_inc = l->self->incarnation,
		.dst_inc = l->remote_inc,
		.cookie = l->live->cookie,
		.time = l->live->cookie_time,
	};

	rdg_wire_cookie(w, &c);
}

/* The further ranges of an ACK give way to payload. */
static u32 ranges_that_fit(const struct rdg_writer *w)
{
	u32 other = w->len + RDG_ACK_LEN + RDG_REPORT_LEN + 2 * RDG_END_LEN + RDG_PING_LEN +
		    RDG_MSG_OFFSET_LEN + PAYLOAD_MIN;

	return w->max > other ? (w->max - other) / RDG_ACK_RANGE_LEN : 0;
}

static void put_ack(struct rdg_link *l, struct rdg_writer *w, u64 depart)
{
	struct rdg_rx *rx = &l->live->rx;
	struct rdg_ack_frame a;
	u32 n;

	/* One that came late does not make up for the others: they come next, and marks
	 * with them, which are answered by when the packets left.
	 */
	if (rdg_ranges_late_to_ack(&rx->seen, &a)) {
		a.delay = 0;
		rdg_wire_ack(w, &a);
		return;
	}
	rx->ack_at = RDG_NEVER;
	rx->eliciting = 0;
	if (!rdg_ranges_to_ack(&rx->seen, &a))
		return;
	if (l->live->ecn.seen != l->self->first_marks)
		rdg_wire_ecn(w, l->live->ecn.seen);
	n = a.n;
	a.n = min_t(u32, a.n, ranges_that_fit(w));
	if (a.n == n)
		rx->said = rdg_ranges_largest(&rx->seen);
	a.delay = min_t(u64, div_u64(depart - rx->largest_at, RDG_ACK_DELAY_UNIT), U16_MAX);
	rdg_wire_ack(w, &a);
}

static void put_report(struct rdg_link *l, struct rdg_writer *w)
{
	struct rdg_rx *rx = &l->live->rx;
	struct rdg_report_frame r = {
		.delivered = l->taken.next,
		.read = l->taken.read,
		.credit = max(rx->advertised, rdg_rx_limit(l)),
		.refused = rx->refused,
		.closed = l->closing,
	};

	rx->advertised = max(rx->advertised, rdg_rx_limit(l));
	rdg_wire_report(w, &r);
}

/* The frames that must arrive, and a note of them for the ledger. */
static u8 put_control(struct rdg_link *l, struct rdg_writer *w)
{
	u8 carried = 0;

	if (l->live->rx.report) {
		l->live->rx.report = false;
		carried |= RDG_CARRIED_REPORT;
	}
	if (l->end_due) {
		l->end_due = false;
		carried |= RDG_CARRIED_END;
		l->live->end_pn = l->live->ledger.next;
		rdg_wire_end(w, RDG_FRAME_END, l->tx.delivered);
	}
	if (l->end_ack_due)
		rdg_wire_end(w, RDG_FRAME_END_ACK, l->tx.delivered);
	return carried;
}

/* Remember one packet, the ack of which says that our ACK was read. */
static void ask_for_ack_of_ack(struct rdg_link *l, u64 pn)
{
	struct rdg_rx *rx = &l->live->rx;

	if (rx->said == RDG_NEVER ||
	    (rx->tell_pn != RDG_NEVER && rx->tell_pn >= l->live->ledger.acked))
		return;
	rx->tell_pn = pn;
	rx->tell = rx->said;
}

static void sent_quietly(struct rdg_link *l, u64 depart)
{
	l->live->ledger.quiet_pn = l->live->ledger.next++;
	l->live->ledger.quiet = depart;
}

/* Does nothing follow a packet with payload that could bring its ack about? One
 * that is small and alone is better acknowledged with the answer to it.
 */
static bool is_tail(struct rdg_link *l, const struct plan *p, u64 now)
{
	bool again = p->again != RDG_NEVER;

	if (rdg_tx_has_new(l) || rdg_tx_lost(l) != RDG_NEVER)
		return false;
	return again || (p->fresh && (p->held || l->live->ledger.eliciting >= now));
}

static void sent_eliciting(struct rdg_link *l, struct rdg_sent *what, bool urged,
			   const struct rdg_out *out, u64 now)
{
	u32 size = out->head_len + out->payload;
	/* The others of a train, which leave at the same moment: it is armed. */
	bool armed = l->live->ledger.flight && l->live->ledger.eliciting == out->depart &&
		     l->live->ledger.urged == urged;
	struct rdg_sent *s = rdg_ledger_add(&l->live->ledger, size, out->depart);

	l->live->ledger.urged = urged;
	s->msg = what->msg;
	s->seq = what->seq;
	s->off = what->off;
	s->end = what->end;
	s->count = what->count;
	s->carried = what->carried;
	ask_for_ack_of_ack(l, s->pn);
	if ((s->carried & RDG_CARRIED_REPORT) && l->live->rx.refused_pn == RDG_NEVER)
		l->live->rx.refused_pn = s->pn;
	rdg_rate_sent(&l->live->rate, &l->live->ledger, s);
	if (out->ect)
		rdg_ecn_asked(&l->live->ecn);
	if (s->count)
		rdg_pace_sent(&l->pace, &l->live->cc, size, now);
	if (l->silent == RDG_NEVER)
		l->silent = now;
	if (!armed)
		rdg_link_arm_probe(l, now);
}

/* RFC 7661: what the window was worth is less certain after idle time. */
static void resume(struct rdg_link *l, u64 now)
{
	u64 idle = now - min(now, l->live->ledger.eliciting);

	if (l->live->cc.ops->resume && !l->live->ledger.flight && l->live->ledger.head &&
	    idle > rdg_rtt_pto(&l->rtt))
		l->live->cc.ops->resume(&l->live->cc, idle, now);
}

static void put_frames(struct rdg_link *l, const struct plan *p, struct rdg_writer *w,
		       struct rdg_out *out, struct rdg_sent *what)
{
	bool ack = l->live->rx.ack_at != RDG_NEVER && !goes_alone(p);

	l->live->rx.said = RDG_NEVER;
	if (l->state == RDG_CONFIRMING)
		put_cookie(l, w);
	if (!l->tx.based)
		rdg_wire_base(w, l->tx.base);
	if (ack)
		put_ack(l, w, out->depart);
	if (ack || p->control || !l->tx.based)
		put_report(l, w);
	if (p->control)
		what->carried = put_control(l, w);
	/* A lone REPORT that must arrive asks for its ack by a PING. */
	if (what->carried == RDG_CARRIED_REPORT && !p->fresh && p->again == RDG_NEVER)
		l->ping_due = true;
	if (p->control && l->ping_due) {
		l->ping_due = false;
		rdg_wire_ping(w);
	}
	if (p->again != RDG_NEVER)
		rdg_tx_fill_again(l, w, out, what, p->again, l->live->ledger.next);
	else if (p->fresh)
		rdg_tx_fill_new(l, w, out, what);
}

/* Leave a number out now and then. Those that are left out show, so which is the next one must
 * not follow from them, as it would from a generator: it takes the secret.
 */
static void maybe_skip(struct rdg_link *l)
{
	struct rdg_ledger *g = &l->live->ledger;
	u32 chance;

	if (g->next < g->skip_at)
		return;
	if (g->skip_at)
		rdg_ledger_skip(g);
	chance = siphash_3u64(l->own_id, l->remote_id, g->next, &l->self->secret);
	g->skip_at = g->next + 1 + chance % (2 * RDG_SKIP_ONE_IN - 1);
}

static void build(struct rdg_link *l, u64 now, const struct plan *p, struct rdg_out *out)
{
	bool confirm = l->state == RDG_CONFIRMING;
	bool urged = l->ping_due || l->end_due || confirm;
	bool payload = p->fresh || p->again != RDG_NEVER;
	bool ends = p->control && l->end_ack_due;
	bool elicit = !ends && (payload || (p->control && (l->ping_due || l->end_due ||
							   l->live->rx.report)));
	struct rdg_sent what = {};
	struct rdg_writer w;

	if (p->fresh)
		resume(l, now);
	if (elicit && p->room)
		maybe_skip(l);
	out->payload = 0;
	out->slices = 0;
	out->depart = rdg_pace_departure(&l->pace, &l->live->cc, payload && !p->probe, now);
	/* What is not acknowledged would not be answered where it is marked. */
	out->ect = elicit && l->state >= RDG_UP && !l->live->ecn.off;
	rdg_wire_begin(&w, out->head, l->remote_id, l->live->ledger.next);
	w.max = p->probe ? rdg_mtu_cautious(l) : l->mtu;
	put_frames(l, p, &w, out, &what);
	if (what.count && (p->probe || is_tail(l, p, now))) {
		rdg_wire_ack_now(&w);
		urged = true;
	}
	rdg_wire_finish(&w, confirm ? RDG_PKT_CONFIRM : RDG_PKT_DATA);
	out->head_len = w.len;

	rdg_count_add(l, RDG_CT_PACKETS_SENT, 1);
	if (p->again != RDG_NEVER)
		rdg_count_add(l, RDG_CT_PACKETS_RETRANSMITTED, 1);
	if (what.count)
		l->used = now;
	if (elicit)
		sent_eliciting(l, &what, urged, out, now);
	else
		sent_quietly(l, out->depart);
	if (ends)
		rdg_link_end(l, RDG_EV_END, 0);
	/* Now or never: a proposal that is heard and not answered is withdrawn. */
	l->end_ack_due = false;
}

/* Is it full of a part of one message, and that is not all of it? Then most that makes a
 * plan stays as it is, and the next packet is the same but for its number.
 */
static bool may_go_on(const struct rdg_link *l, const struct plan *p, const struct rdg_out *out)
{
	const struct rdg_msg *m = out->slice[0].msg;

	return p->fresh && !p->probe && l->state == RDG_UP && out->slices == 1 &&
	       out->head_len == RDG_PLAIN_LEN && m == l->tx.head && m->sent < m->len;
}

/* Is there another whole packet of the message, and may it leave? If not, what is to be
 * done is found out as for any other.
 */
static bool goes_on(struct rdg_link *l, const struct rdg_out *out, u64 now)
{
	const struct rdg_msg *m = out->slice[0].msg;
	const struct rdg_ledger *g = &l->live->ledger;

	return m->len - m->sent > out->payload && g->bytes < l->live->cc.cwnd &&
	       g->head - g->tail + RDG_LEDGER_SPARE <= g->size &&
	       rdg_pace_open(&l->pace, &l->live->cc, now);
}

static void go_on(struct rdg_link *l, u64 now, struct rdg_out *out)
{
	struct rdg_slice *s = &out->slice[0];
	struct rdg_sent what = {
		.msg = s->msg,
		.seq = s->msg->seq,
		.off = s->off + s->len,
		.end = s->off + 2 * s->len,
		.count = 1,
	};

	maybe_skip(l);
	s->off += s->len;
	s->msg->sent += s->len;
	l->tx.unsent -= s->len;
	out->depart = rdg_pace_departure(&l->pace, &l->live->cc, true, now);
	rdg_wire_go_on(out->head, l->live->ledger.next, s->off);
	rdg_count_add(l, RDG_CT_PACKETS_SENT, 1);
	sent_eliciting(l, &what, false, out, now);
}

static bool poll_opening(struct rdg_link *l, u64 now, struct rdg_out *out)
{
	if (!l->init_due)
		return false;
	l->init_due = false;
	l->asked = now;
	l->probe_at = now + rdg_link_backoff(l, now);
	out->head_len = rdg_wire_init(out->head, l->own_id, l->self->incarnation, l->remote_inc);
	out->payload = 0;
	out->slices = 0;
	out->ect = false;
	rdg_count_add(l, RDG_CT_PACKETS_SENT, 1);
	return true;
}

/**
 * rdg_link_poll - the next packet that is to leave now
 * @l: the link
 * @now: ns
 * @out: the packet, if there is one. What the call before left there is read, where
 *	@goes_on is set.
 *
 * Call it after every other call until it says no; then look at
 * rdg_link_deadline(). No other call takes memory, but by the driver's operations:
 * the ledger may grow, which is accounted for.
 *
 * Context: the link's lock.
 * Return: true if there is one.
 */
bool rdg_link_poll(struct rdg_link *l, u64 now, struct rdg_out *out)
{
	struct plan p;

	if (out->goes_on && goes_on(l, out, now)) {
		go_on(l, now, out);
		return true;
	}
	out->goes_on = false;
	rdg_link_awake(l, now);
	out->padding = 0;
	out->via = RDG_VIA_PEER;
	out->depart = max(now, l->pace.last);
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
		return rdg_mtu_poll(l, now, out);
	build(l, now, &p, out);
	out->goes_on = may_go_on(l, &p, out);
	return true;
}

/**
 * rdg_link_is_quiet - is there nothing to send, for sure?
 * @l: the link
 * @now: ns
 *
 * As after most packets that bring a message, where the answer will take the ack
 * along. It is cheaper than to poll.
 *
 * Context: the link's lock.
 * Return: true if rdg_link_poll() would say so; false if it might not.
 */
bool rdg_link_is_quiet(const struct rdg_link *l, u64 now)
{
	const struct rdg_live *v = l->live;

	return l->state == RDG_UP && v && list_empty(&l->tx.queue) && !v->ledger.flight &&
	       !v->ledger.lost && !l->tx.paced && !l->tx.probes && !ack_is_due(l, now) &&
	       !has_control(l) && !v->path.answer_due && v->path.check_at == RDG_NEVER;
}

/**
 * rdg_link_set_train - how much can be sent at the price of a packet
 * @l: the link
 * @bytes: of UDP payload; 0: no more than a packet
 *
 * What the pace allows at once is not longer than a millisecond, but for slow
 * links. If the timer is late, more than that is due; it need not come as one.
 *
 * Context: the link's lock.
 * Return: how much of what rdg_link_poll() makes may leave as one; bytes.
 */
u32 rdg_link_set_train(struct rdg_link *l, u32 bytes)
{
	if (!l->live)
		return bytes;
	l->live->follow.train = bytes;
	return min(bytes, rdg_pace_burst(&l->pace, &l->live->cc));
}

/**
 * rdg_link_set_price - packets were sent: how long did it take?
 * @l: the link
 * @took: ns
 *
 * Context: the link's lock.
 */
void rdg_link_set_price(struct rdg_link *l, u64 took)
{
	u32 sample = min_t(u64, took, NSEC_PER_MSEC);
	struct rdg_follow *f;

	if (!l->live)
		return;
	f = &l->live->follow;
	f->price = f->price ? f->price - f->price / 8 + sample / 8 : sample;
}
