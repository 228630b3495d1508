// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where the other side is: its address may change, since a NAT between forgets
 * or changes its mapping. The core knows no addresses: it is told by which
 * path a packet came, and says by which one a packet is to go.
 *
 * What comes from elsewhere is taken as any other packet: the id proves that
 * its sender has seen the link. What we send goes on to where the other side
 * was, until it is shown to be elsewhere: by sending back from there a number
 * that only who receives there can know. A copied or forged packet draws one
 * short packet to the address that it names, and that is all.
 */
#include <linux/minmax.h>
#include "internal.h"
#include "seq.h"

/* Two checks follow each other by this much at least. */
#define CHECK_INTERVAL	(25 * NSEC_PER_MSEC)

/* RFC 9000, 8.2.4: three probe timeouts, of a path of which nothing is known
 * (RFC 9002, 6.2.2) if that is longer.
 */
#define PATIENCE_PTOS	3
#define PATIENCE_PTO	NSEC_PER_SEC

static bool has_candidate(const struct rdg_link *l)
{
	return l->live->path.give_up_at != RDG_NEVER;
}

/**
 * rdg_path_reset - there is no candidate
 * @l: the link, live
 */
void rdg_path_reset(struct rdg_link *l)
{
	struct rdg_path *p = &l->live->path;

	p->check_at = RDG_NEVER;
	p->give_up_at = RDG_NEVER;
	if (p->answer_via != RDG_VIA_PEER)
		p->answer_due = false;
}

static void begin_check(struct rdg_link *l, u64 now)
{
	struct rdg_path *p = &l->live->path;
	u64 salt = (u64)prandom_u32_state(&l->rnd) << 32 | prandom_u32_state(&l->rnd);

	rdg_path_reset(l);
	/* Keyed, so that our other random numbers do not tell it. */
	p->value = siphash_2u64(salt, now, &l->self->secret);
	p->check_at = max(now, p->checked + CHECK_INTERVAL);
	p->give_up_at = now + PATIENCE_PTOS * max_t(u64, rdg_rtt_pto(&l->rtt), PATIENCE_PTO);
	p->tries = 0;
}

/* The newest packet of the link came from elsewhere (RFC 9000, 9.3). */
static enum rdg_path_step newest_from_elsewhere(struct rdg_link *l, enum rdg_via via, u32 length,
						u64 now)
{
	bool same = via == RDG_VIA_CANDIDATE && has_candidate(l);
	struct rdg_path *p = &l->live->path;

	if (!same)
		begin_check(l, now);
	/* Of one that was given up it still counts what came from there. */
	if (via != RDG_VIA_CANDIDATE)
		p->credit = 0;
	/* It waited for more credit, not for the clock. */
	if (p->check_at == RDG_NEVER)
		p->check_at = max(now, p->checked + CHECK_INTERVAL);
	/* RFC 9000, 8.1, allows three times as much, for handshakes that need it. A check is
	 * shorter than most of what draws it; after a PING or a few bytes it waits for more.
	 */
	p->credit = min_t(u64, (u64)p->credit + length, U32_MAX);
	return same ? RDG_PATH_NOTHING : RDG_PATH_CANDIDATE;
}

/* RFC 9000, 8.2.2: a check is answered by the path that it came by. */
static void input_check(struct rdg_link *l, u64 value, enum rdg_via via)
{
	l->live->path.answer = value;
	l->live->path.answer_due = true;
	l->live->path.answer_via = via;
}

/* RFC 9000, 9: no path changes before the handshake is over, and a cookie proves
 * the one address that it was made for. Once the link is open its id proves more,
 * on a CONFIRM as on any other packet: its sender has not heard that it is open,
 * since our answers went to where he was before.
 */
static bool from_stranger(const struct rdg_link *l, const struct rdg_frames *f)
{
	return l->state < RDG_UP || (f->has_cookie && !rdg_link_is_of(l, &f->cookie));
}

/**
 * rdg_link_packet_via - a CONFIRM or DATA for our id
 * @l: the link
 * @h: the packet
 * @f: its frames
 * @packet: the driver's handle of it, for ops->take()
 * @ce: it is marked Congestion Experienced
 * @via: by which path it came
 * @now: ns
 *
 * rdg_link_packet(), and what follows from where the packet came from.
 *
 * Context: the link's lock. The caller polls for packets afterwards.
 * Return: what the driver is to do, before that.
 */
enum rdg_path_step rdg_link_packet_via(struct rdg_link *l, const struct rdg_header *h,
				       const struct rdg_frames *f, void *packet,
				       bool ce, enum rdg_via via, u64 now)
{
	enum rdg_path_step step = RDG_PATH_NOTHING;
	u64 pn, heard;
	bool newest;

	if (via != RDG_VIA_PEER && from_stranger(l, f))
		return RDG_PATH_STRANGER;
	pn = rdg_seq_expand(rdg_rx_expected(l), h->pn);
	heard = l->live ? l->live->rx.heard : 0;
	rdg_link_packet(l, h, f, packet, ce, now);
	if (l->state < RDG_UP)
		return RDG_PATH_NOTHING;
	/* Also if there is no room for it: there may be none until the other side has
	 * heard of us. Not if it lies.
	 */
	newest = pn >= heard && l->live->rx.heard == pn + 1;
	if (!newest && !rdg_ranges_has(&l->live->rx.seen, pn))
		return RDG_PATH_NOTHING;
	if (via != RDG_VIA_PEER && newest)
		step = newest_from_elsewhere(l, via, h->length, now);
	else if (newest)
		rdg_path_reset(l);
	if (via == RDG_VIA_ELSEWHERE && step == RDG_PATH_NOTHING)
		return RDG_PATH_NOTHING;
	if (f->has_check)
		input_check(l, f->check, via == RDG_VIA_PEER ? via : RDG_VIA_CANDIDATE);
	if (via == RDG_VIA_CANDIDATE && has_candidate(l) && f->has_answer &&
	    f->answer == l->live->path.value) {
		rdg_path_reset(l);
		return RDG_PATH_PROVED;
	}
	return step;
}

/**
 * rdg_link_path_moved - the path that was proved is the one in use from now on
 * @l: the link
 * @far: more than the port of the remote address changed: what was known of
 *	the path is known no more (RFC 9000, 9.4)
 * @now: ns
 *
 * Context: the link's lock. The caller polls for packets afterwards.
 */
void rdg_link_path_moved(struct rdg_link *l, bool far, u64 now)
{
	struct rdg_path *p;
	bool measured;

	rdg_count_add(l, RDG_CT_PATHS_CHANGED, 1);
	if (l->state < RDG_UP)
		return;
	p = &l->live->path;
	measured = p->tries == 1 && rdg_path_took(l, p->checked);
	if (far) {
		l->path_since = rdg_link_sent_until(l, now);
		rdg_link_new_path(l, now);
		rdg_ecn_moved(&l->live->ecn);
		/* RFC 9002, 6.2.2: of several checks it is not known which was
		 * answered.
		 */
		if (measured)
			rdg_rtt_sample(&l->rtt, now - p->checked, 0);
	}
	/* What is on its way went where nobody is, and so did our acks. */
	l->unanswered = 0;
	if (l->probe_at != RDG_NEVER)
		l->probe_at = now;
	if (l->live->rx.seen.n)
		l->live->rx.ack_at = now;
}

/**
 * rdg_link_roamed - our own address is another one, and with it the path
 * @l: the link
 * @now: ns
 *
 * No check has measured that one.
 *
 * Context: as rdg_link_path_moved().
 */
void rdg_link_roamed(struct rdg_link *l, u64 now)
{
	if (l->live) {
		rdg_path_reset(l);
		l->live->path.tries = 0;
	}
	rdg_link_path_moved(l, true, now);
}

/**
 * rdg_link_path_barred - the candidate cannot be the peer's path
 * @l: the link, of whose packet rdg_link_packet_via() has just said that it came
 *	from there
 *
 * Context: the link's lock.
 */
void rdg_link_path_barred(struct rdg_link *l)
{
	rdg_path_reset(l);
	l->live->path.credit = 0;
}

/* Packets of their own: no ack is asked for, since the answer is one. */
static u32 put_packet(struct rdg_link *l, struct rdg_out *out, bool check, bool answer)
{
	struct rdg_path *p = &l->live->path;
	struct rdg_writer w;

	rdg_wire_begin(&w, out->head, l->remote_id, l->live->ledger.next);
	if (!l->tx.based)
		rdg_wire_base(&w, l->tx.base);
	if (check)
		rdg_wire_path(&w, RDG_FRAME_PATH_CHECK, p->value);
	if (answer)
		rdg_wire_path(&w, RDG_FRAME_PATH_ANSWER, p->answer);
	rdg_wire_finish(&w, RDG_PKT_DATA);
	out->head_len = w.len;
	out->ect = false;
	out->payload = 0;
	out->slices = 0;
	return w.len;
}

static void sent_check(struct rdg_link *l, u64 now)
{
	struct rdg_path *p = &l->live->path;
	u64 wait = max_t(u64, rdg_rtt_pto(&l->rtt), CHECK_INTERVAL);

	p->checked = now;
	p->check_at = now + (wait << min_t(u32, p->tries, 16));
	p->tries = min(p->tries + 1, U8_MAX);
}

static bool poll_candidate(struct rdg_link *l, u64 now, bool answer, struct rdg_out *out)
{
	struct rdg_path *p = &l->live->path;
	bool check = p->check_at <= now;

	/* RFC 9000, 8.2.2: the answer is to leave at once; a check waits for more to come. */
	if (check && put_packet(l, out, true, answer) > p->credit) {
		p->check_at = RDG_NEVER;
		check = false;
	}
	if (!(check || answer) || put_packet(l, out, check, answer) > p->credit)
		return false;
	p->credit -= out->head_len;
	if (check)
		sent_check(l, now);
	out->via = RDG_VIA_CANDIDATE;
	/* It is in nobody's queue that waits on the path in use. */
	out->depart = now;
	return true;
}

/**
 * rdg_path_poll - the next packet about paths that is to leave now
 * @l: the link
 * @now: ns
 * @out: the packet, if there is one
 *
 * Return: true if there is one.
 */
bool rdg_path_poll(struct rdg_link *l, u64 now, struct rdg_out *out)
{
	struct rdg_path *p = &l->live->path;
	bool answer = p->answer_due && l->state >= RDG_UP;
	bool some = answer;

	p->answer_due = false;
	if (answer && p->answer_via == RDG_VIA_PEER) {
		put_packet(l, out, false, true);
		out->via = RDG_VIA_PEER;
	} else {
		some = poll_candidate(l, now, answer, out);
	}
	if (some) {
		l->live->ledger.next++;
		rdg_count_add(l, RDG_CT_PACKETS_SENT, 1);
	}
	return some;
}

/**
 * rdg_path_deadline - when to call rdg_path_timeout(), or to poll
 * @l: the link
 *
 * Return: ns; RDG_NEVER.
 */
u64 rdg_path_deadline(const struct rdg_link *l)
{
	return l->live ? min(l->live->path.check_at, l->live->path.give_up_at) : RDG_NEVER;
}

/**
 * rdg_path_awake - nobody ran when a deadline came
 * @l: the link
 * @now: ns
 * @slept: for how long; ns
 *
 * The candidate had no chance to answer meanwhile.
 */
void rdg_path_awake(struct rdg_link *l, u64 now, u64 slept)
{
	struct rdg_path *p;

	if (!l->live)
		return;
	p = &l->live->path;
	if (p->give_up_at != RDG_NEVER)
		p->give_up_at += slept;
	if (p->check_at != RDG_NEVER)
		p->check_at = max(p->check_at, now);
}

/**
 * rdg_path_timeout - time has passed: give a candidate up that does not answer
 * @l: the link
 * @now: ns
 */
void rdg_path_timeout(struct rdg_link *l, u64 now)
{
	if (!l->live || now < l->live->path.give_up_at)
		return;
	rdg_path_reset(l);
	rdg_count_add(l, RDG_CT_PATHS_FAILED, 1);
}
