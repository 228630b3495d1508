// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets in.
 */
#include <linux/errno.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include "cookie.h"
#include "internal.h"
#include "seq.h"

/* A probe that an INIT provokes follows the last packet by this much at least. */
#define PROVOKED_PROBE	(50 * NSEC_PER_MSEC)

/* Bounds of how many packets share an ack. */
#define ACK_EVERY_MIN	2
#define ACK_EVERY_MAX	16

/* How soon a packet that was not admitted draws a report. */
#define NOT_ADMITTED_DELAY	(25 * NSEC_PER_MSEC)

/* Make a live link ask the other side now. */
static void probe(struct rdg_link *l, u64 now)
{
	if (rdg_link_live(l) && now >= l->live->ledger.eliciting + PROVOKED_PROBE)
		l->ping_due = true;
}

/**
 * rdg_link_asked - an INIT came from the peer's address
 * @l: the link
 * @init: the INIT
 * @now: ns
 *
 * Of another incarnation: if the old one is gone, its RESET comes at once instead of after
 * a timeout. Anew, where we ask, too: see must_wait().
 *
 * Context: the link's lock. The caller polls for packets afterwards.
 */
void rdg_link_asked(struct rdg_link *l, const struct rdg_header *init, u64 now)
{
	if (l->remote_inc != init->src_inc || rdg_link_asks_anew(l, init))
		probe(l, now);
}

/* Become the link that a CONFIRM describes, agreed on at @begun, in units of cookie time;
 * own_id is registered already, and there is memory. Credit comes with the rest of the
 * packet, if that can be believed: else it is asked for.
 *
 * An id is used once: what was delivered came by other links. A peer of the other side's
 * has one at a time, and what it has sent whole on one it never sends on another. So only
 * on a link that it had before one which has delivered can come what was delivered; and
 * this one is younger than that.
 */
static bool open_by_confirm(struct rdg_link *l, const struct rdg_cookie_frame *c, u64 begun,
			    u64 now)
{
	bool opened;

	rdg_link_begin(l, c->src_id, c->src_inc, 0, now);
	l->live->begun = begun;
	l->live->rx.fresh = begun > l->latest;
	opened = rdg_link_move(l, RDG_EV_CONFIRM);
	rdg_link_arm_probe(l, now);
	return opened;
}

/* CONFIRMs crossed, and name different pairs of ids: the pair in the CONFIRM
 * of the smaller incarnation wins, on both sides.
 */
static bool loses_tie(const struct rdg_link *l, const struct rdg_cookie_frame *c)
{
	return c->src_inc == l->remote_inc && c->src_inc < l->self->incarnation;
}

/* Take the new own id in place of the old one, if there was one. */
static bool change_own_id(struct rdg_link *l, u64 id)
{
	if (l->ops->id_add(l, id))
		return false;
	if (l->own_id)
		l->ops->id_end(l, l->own_id);
	WRITE_ONCE(l->own_id, id);
	return true;
}

/* In CONFIRMING: take the pair of ids of a CONFIRM that crosses ours, if that is
 * the one that counts. If it is not, ours has not arrived: the next one leaves now,
 * since the way is open again, and cookies grow old.
 */
static bool gives_way(struct rdg_link *l, const struct rdg_cookie_frame *c, u64 own_id, u64 now)
{
	if (!loses_tie(l, c)) {
		probe(l, now);
		return false;
	}
	if (own_id != l->own_id && !change_own_id(l, own_id))
		return false;
	WRITE_ONCE(l->remote_id, c->src_id);
	l->opened = now;
	return rdg_link_move(l, RDG_EV_CONFIRM);
}

/**
 * rdg_link_is_of - is this a CONFIRM of the link that we have?
 * @l: the link, live
 * @c: the COOKIE of a packet for its id
 *
 * Return: true if both incarnations and the other id are those of the link.
 */
bool rdg_link_is_of(const struct rdg_link *l, const struct rdg_cookie_frame *c)
{
	return c->dst_inc == l->self->incarnation && c->src_inc == l->remote_inc &&
	       c->src_id == l->remote_id;
}

/* A CONFIRM for the id of this link: is it of this link? */
static bool confirm_fits(struct rdg_link *l, const struct rdg_cookie_frame *c, u64 now)
{
	if (c->dst_inc != l->self->incarnation)
		return false;
	if (l->state == RDG_OPENING)
		return rdg_live_begin(l) &&
		       open_by_confirm(l, c, now >> RDG_COOKIE_TIME_SHIFT, now);
	if (c->src_inc != l->remote_inc) {
		probe(l, now);
		return false;
	}
	if (c->src_id == l->remote_id)
		return true;
	return l->state == RDG_CONFIRMING && gives_way(l, c, l->own_id, now);
}

static bool open_new(struct rdg_link *l, const struct rdg_header *h,
		     const struct rdg_cookie_frame *c, u64 now)
{
	/* First the memory: an id that was taken and given back would be a tombstone,
	 * and the next copy of this CONFIRM stale.
	 */
	if (!rdg_live_begin(l))
		return false;
	if (!change_own_id(l, h->dst_id)) {
		rdg_live_end(l);
		return false;
	}
	/* What was issued since may be of a successor. */
	return open_by_confirm(l, c, rdg_cookie_issued(c->time, now), now);
}

/* The other side has lost the link that we have, and opened another. */
static bool replace(struct rdg_link *l, const struct rdg_header *h,
		    const struct rdg_cookie_frame *c, u64 now)
{
	u64 age = (u64)(rdg_cookie_time(now) - c->time) << RDG_COOKIE_TIME_SHIFT;

	if (now <= l->opened + age) {
		probe(l, now);
		return false;
	}
	rdg_link_end(l, l->state == RDG_ENDING ? RDG_EV_END_ACK : RDG_EV_RESET, ECONNRESET);
	return open_new(l, h, c, now);
}

static bool takes(struct rdg_link *l, const struct rdg_header *h,
		  const struct rdg_cookie_frame *c, u64 now)
{
	if (!rdg_link_live(l))
		return !l->closing && open_new(l, h, c, now);
	if (c->src_inc != l->remote_inc) {
		probe(l, now);
		return false;
	}
	if (l->state != RDG_CONFIRMING)
		return replace(l, h, c, now);
	return gives_way(l, c, h->dst_id, now);
}

/**
 * rdg_link_confirm - a CONFIRM for an id that is not known
 * @l: the link to the address it came from
 * @h: the packet
 * @f: its frames; the cookie is good
 * @now: ns
 *
 * Context: the link's lock.
 * Return: 0: the id is @l's now, the packet goes to rdg_link_packet(); -ESTALE:
 * it comes after data of a link that was agreed on later, and is answered by
 * RESET(stale cookie); -EAGAIN: it opens nothing now, and is not answered.
 */
int rdg_link_confirm(struct rdg_link *l, const struct rdg_header *h,
		     const struct rdg_frames *f, u64 now)
{
	/* Perhaps of an incarnation before the last one of which something was
	 * delivered: it would come after what its successor said. Cookies of one
	 * unit of time have no order, and none is refused that may be the later.
	 */
	if (!rdg_link_live(l) && rdg_cookie_issued(f->cookie.time, now) < l->latest)
		return -ESTALE;
	return takes(l, h, &f->cookie, now) ? 0 : -EAGAIN;
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
	u64 sample = now - l->opened;
	bool first;

	rdg_link_awake(l, now);
	first = !l->unanswered && rdg_path_took(l, l->opened);
	rdg_count_add(l, RDG_CT_PACKETS_RECEIVED, 1);
	if (l->state != RDG_OPENING || h->dst_inc != l->self->incarnation)
		return;
	if (!rdg_live_begin(l))
		return;
	rdg_link_begin(l, h->src_id, h->src_inc, h->credit, now);
	l->live->cookie = h->cookie;
	l->live->cookie_time = h->cookie_time;
	/* An INIT that was sent once measures the path. */
	if (first)
		rdg_rtt_sample(&l->rtt, sample, 0);
	rdg_link_move(l, RDG_EV_CHALLENGE);
	/* CONFIRM goes out even if all that was queued is gone by now. */
	l->ping_due = true;
	rdg_link_arm_probe(l, now);
}

/* The other side has restarted, and we are not the only one to find out. What
 * waits, or is sent by an application that tries again at once, waits a little.
 */
static void reopen_later(struct rdg_link *l, u64 now)
{
	l->probe_at = now + prandom_u32_state(&l->rnd) % RDG_REOPEN_SPREAD;
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
	bool died;

	rdg_count_add(l, RDG_CT_PACKETS_RECEIVED, 1);
	if (h->reflected != l->remote_id || rdg_state_next(l->state, event) < 0)
		return;
	died = l->state != RDG_ENDING;
	rdg_link_end(l, event, ECONNRESET);
	if (died)
		reopen_later(l, now);
}

/**
 * rdg_link_unreachable - nobody has the port that a packet of this link was sent to
 * @l: the link, whose remote id stands in what the other host quotes
 *
 * An answer to an END says nothing that a closed endpoint has to know: it does not wait for
 * one where there is nobody to give it. All other links may be waiting for somebody to come
 * back, and go on.
 *
 * Context: the link's lock. The caller asks rdg_link_finished() afterwards.
 */
void rdg_link_unreachable(struct rdg_link *l)
{
	if (l->state == RDG_ENDING && l->closing && list_empty(&l->tx.queue))
		rdg_link_end(l, RDG_EV_RESET, ECONNRESET);
}

/**
 * rdg_link_version - a VERSION that reflects our own id
 * @l: the link
 * @h: the packet
 *
 * Context: the link's lock. The caller polls for packets afterwards.
 */
void rdg_link_version(struct rdg_link *l, const struct rdg_header *h)
{
	rdg_count_add(l, RDG_CT_PACKETS_RECEIVED, 1);
	if (h->reflected != l->own_id || l->state != RDG_OPENING)
		return;
	if (h->lowest <= RDG_VERSION && h->highest >= RDG_VERSION)
		return;
	rdg_link_end(l, RDG_EV_EXPIRE, EPROTONOSUPPORT);
	rdg_tx_return_all(l, EPROTONOSUPPORT);
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

/* How many packets one ack may wait for: as many as come in an eighth of the
 * round-trip time, so that the sender hears eight times in each.
 */
static u32 packets_per_ack(struct rdg_link *l, u64 now)
{
	struct rdg_rx *rx = &l->live->rx;
	u64 srtt = l->rtt.smoothed;

	rx->spacing = (7 * rx->spacing + min(now - rx->asked, srtt)) / 8;
	rx->asked = now;
	return clamp_t(u64, div64_u64(srtt / 8, max_t(u64, rx->spacing, 1)), ACK_EVERY_MIN,
		       ACK_EVERY_MAX);
}

/* RFC 9000, 13.2: what is urgent, and every second packet, at once; where they
 * come close together, more of them share an ack, which is not late then.
 */
static void schedule_ack(struct rdg_link *l, const struct rdg_frames *f, bool in_order, u64 now)
{
	struct rdg_rx *rx = &l->live->rx;
	u64 delay = rdg_rtt_ack_delay(&l->rtt);
	u32 every;

	if (!elicits_ack(f))
		return;
	every = packets_per_ack(l, now);
	if (every > ACK_EVERY_MIN)
		delay = min(delay, l->rtt.smoothed / 4);
	rx->eliciting = min(rx->eliciting + 1, ACK_EVERY_MAX);
	if (rx->eliciting >= every || !in_order || l->closing || wants_ack_now(f))
		rx->ack_at = now;
	else
		rx->ack_at = min(rx->ack_at, now + delay);
}

/* Who has taken no packet of ours yet, though one was sent that asks for an answer, may not
 * know where our numbers are: who opens the link, or whose CONFIRM crosses ours.
 */
static bool may_not_know_us(const struct rdg_link *l, const struct rdg_frames *f)
{
	return f->has_cookie || (l->state == RDG_CONFIRMING && l->unanswered && !f->has_ack &&
				 rdg_tx_report_lies(l, &f->report));
}

static bool lies(const struct rdg_link *l, const struct rdg_frames *f, bool known)
{
	if (f->has_report && known && rdg_tx_report_lies(l, &f->report))
		return true;
	return rdg_rx_base_lies(l, f->base) || rdg_rx_pieces_lie(l, f);
}

/* RFC 9000, 21.4: who acknowledges what was not sent does so for what has not come, too, so
 * that all comes to him as fast as we can send. No mistake and no other packet explains that.
 */
static void deceived(struct rdg_link *l)
{
	rdg_link_end(l, RDG_EV_EXPIRE, EPROTO);
	rdg_tx_return_all(l, EPROTO);
}

static void input_end(struct rdg_link *l, const struct rdg_frames *f, bool newest, u64 now)
{
	/* A proposal is cancelled by what we send: if that was delivered we hear
	 * of it in a packet that is newer than the END. A closed endpoint cancels
	 * nothing: its END may come out of order.
	 */
	bool good = newest || (f->has_report && f->report.closed);

	if (f->has_end && good && rdg_state_next(l->state, RDG_EV_END) >= 0 &&
	    rdg_link_may_end(l))
		l->end_ack_due = true;
	if (f->has_end_ack && l->state == RDG_ENDING)
		rdg_link_end(l, RDG_EV_END_ACK, 0);
	/* Heard and not answered: the other side has something to send, and older
	 * copies of our END mean nothing to it any more. A closed endpoint insists.
	 */
	if (l->state == RDG_ENDING && l->live->end_heard && !l->closing) {
		l->used = now;
		l->end_due = false;
		rdg_link_move(l, RDG_EV_DATA);
	}
}

static void input_reports(struct rdg_link *l, const struct rdg_frames *f, bool known,
			  bool newest, u64 now)
{
	if (f->has_report && !known)
		rdg_tx_catch_up(l, &f->report);
	if (f->has_report)
		rdg_tx_report(l, &f->report, known);
	if (f->has_ack)
		rdg_ack_input(l, f, newest, now);
	if (f->has_report || f->has_ack)
		rdg_link_arm_probe(l, now);
}

/* Payload, and the packet number: acknowledged only if all of it was admitted. */
static void input_payload(struct rdg_link *l, const struct rdg_frames *f, void *packet, u64 pn,
			  bool ce, u64 now)
{
	struct rdg_rx *rx = &l->live->rx;
	bool in_order = !rx->seen.n || pn == rdg_ranges_largest(&rx->seen) + 1;
	bool known = pn >= rx->seen.floor;
	bool fresh;

	if (!rdg_rx_pieces(l, f, packet, &fresh)) {
		/* A report, and no ack: we are here, and have no room. */
		rx->ack_at = min(rx->ack_at, now + NOT_ADMITTED_DELAY);
		return;
	}
	if (fresh) {
		l->used = now;
		l->live->follow.heard = true;
		if (rdg_link_move(l, RDG_EV_DATA))
			l->end_due = false;
	}
	if (!rx->seen.n || pn > rdg_ranges_largest(&rx->seen))
		rx->largest_at = now;
	rdg_ranges_add(&rx->seen, pn);
	/* Of a number that is forgotten, a copy would count again. */
	l->live->ecn.seen += ce && known;
	/* RFC 9000, 13.2.1: the sender of a packet that was marked hears at once. */
	schedule_ack(l, f, in_order && !ce, now);
}

/**
 * rdg_link_packet - a CONFIRM or DATA for our id
 * @l: the link
 * @h: the packet
 * @f: its frames
 * @packet: the driver's handle of it, for ops->take()
 * @ce: it is marked Congestion Experienced
 * @now: ns
 *
 * Context: the link's lock. The caller polls for packets afterwards.
 */
void rdg_link_packet(struct rdg_link *l, const struct rdg_header *h, const struct rdg_frames *f,
		     void *packet, bool ce, u64 now)
{
	enum rdg_ack_verdict verdict = RDG_ACK_GOOD;
	struct rdg_rx *rx;
	bool known, newest, waits;
	u64 pn;

	rdg_link_awake(l, now);
	rdg_count_add(l, RDG_CT_PACKETS_RECEIVED, 1);
	if (f->has_cookie && !confirm_fits(l, &f->cookie, now))
		return;
	if (!rdg_link_live(l))
		return;
	rx = &l->live->rx;
	known = !may_not_know_us(l, f);
	if (f->has_ack)
		verdict = rdg_ack_verdict(l, &f->ack);
	if (verdict != RDG_ACK_GOOD || lies(l, f, known)) {
		rdg_count_add(l, RDG_CT_PACKETS_MALFORMED, 1);
		if (verdict == RDG_ACK_INVENTED)
			deceived(l);
		else if (verdict == RDG_ACK_GOOD && f->has_report && !known)
			/* Neither may it know us, nor we it. */
			rdg_tx_catch_up(l, &f->report);
		return;
	}
	/* Before that a CONFIRM that crosses ours says nothing about our link. */
	if (rdg_link_move(l, RDG_EV_HEARD))
		l->opened = now;
	if (f->base)
		rdg_rx_base(l, f->base);
	pn = rdg_seq_expand(rdg_rx_expected(l), h->pn);
	if (rdg_ranges_has(&rx->seen, pn)) {
		rdg_count_add(l, RDG_CT_PACKETS_DUPLICATE, 1);
		/* Perhaps it came again because our ack was lost. */
		schedule_ack(l, f, false, now);
	} else {
		newest = pn >= rx->heard;
		rx->heard = max(rx->heard, pn + 1);
		/* First what somebody may wait for. */
		waits = rdg_rx_waits(l);
		if (waits)
			input_reports(l, f, known, newest, now);
		input_payload(l, f, packet, pn, ce, now);
		l->ops->arrived(l, packet);
		if (!waits)
			input_reports(l, f, known, newest, now);
		input_end(l, f, newest, now);
	}
	/* What is still on its way has been unanswered since now at the longest.
	 * In ENDING an answer is waited for even when the END was acknowledged.
	 */
	if (rdg_link_live(l))
		l->silent = l->live->ledger.flight || l->state == RDG_ENDING ? now : RDG_NEVER;
}

/* Does a piece carry on where what is chained of the next message ends? */
static bool is_next_part(const struct rdg_link *l, const struct rdg_piece *p)
{
	return rdg_seq_expand(l->taken.next, p->seq) == l->taken.next && p->off &&
	       p->off == l->live->rx.have && !rdg_rx_waits(l);
}

/**
 * rdg_link_goes_on - a plain packet for our id, by the peer's path
 * @l: the link
 * @h: the packet, rdg_wire_is_plain()
 * @f: its frames
 * @packet: the driver's handle of it, for ops->take()
 * @ce: it is marked Congestion Experienced
 * @now: ns
 *
 * Does what rdg_link_packet_via() would, but nothing where the packet is not the next one
 * in every respect. Then most of what that looks at cannot be.
 *
 * Context: the link's lock. The caller polls for packets afterwards.
 * Return: false if nothing was done: the packet is for rdg_link_packet_via().
 */
bool rdg_link_goes_on(struct rdg_link *l, const struct rdg_header *h, const struct rdg_frames *f,
		      void *packet, bool ce, u64 now)
{
	struct rdg_rx *rx;
	u64 pn;

	if (l->state != RDG_UP || l->closing)
		return false;
	rx = &l->live->rx;
	pn = rx->heard;
	if (!rx->seen.n || rdg_ranges_largest(&rx->seen) + 1 != pn || (u32)pn != h->pn ||
	    !is_next_part(l, &f->piece[0]))
		return false;
	rdg_link_awake(l, now);
	rdg_count_add(l, RDG_CT_PACKETS_RECEIVED, 1);
	rx->heard++;
	input_payload(l, f, packet, pn, ce, now);
	l->ops->arrived(l, packet);
	rdg_path_reset(l);
	l->silent = l->live->ledger.flight ? now : RDG_NEVER;
	return true;
}
