// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a link: from nothing to nothing, and what the application does
 * meanwhile.
 */
#include <linux/errno.h>
#include <linux/string.h>
#include "cookie.h"
#include "internal.h"

/**
 * rdg_link_init - a peer that nothing is known of
 * @l: the link
 * @ops: the driver
 * @self: the endpoint; must outlive the link
 * @seed: random
 * @now: ns
 */
void rdg_link_init(struct rdg_link *l, const struct rdg_link_ops *ops,
		   const struct rdg_self *self, u64 seed, u64 now)
{
	memset(l, 0, sizeof(*l));
	l->ops = ops;
	l->self = self;
	l->mtu = RDG_PACKET_SIZE;
	l->used = now;
	l->silent = RDG_NEVER;
	l->probe_at = RDG_NEVER;
	l->asked = RDG_NEVER;
	l->orphan_at = RDG_NEVER;
	prandom_seed_state(&l->rnd, seed);
	rdg_rtt_init(&l->rtt);
	l->congestion = rdg_cc_nth(0);
	rdg_tx_init(&l->tx);
	rdg_rx_init(l);
}

/**
 * rdg_link_number - number messages from here on, not from 1
 * @l: the link, just initialised
 * @seq: the first message sequence
 *
 * The other side may know this endpoint from a time that we have forgotten: no
 * number may come again. To it this is a jump.
 */
void rdg_link_number(struct rdg_link *l, u64 seq)
{
	l->tx.next_seq = seq;
	l->tx.delivered = seq;
}

/**
 * rdg_link_free - the peer is to be forgotten, whatever state it is in
 * @l: the link
 *
 * What is still queued is returned. The core must not be called for @l again.
 */
void rdg_link_free(struct rdg_link *l)
{
	if (l->state != RDG_IDLE)
		rdg_link_end(l, RDG_EV_EXPIRE, ECONNABORTED);
	rdg_tx_return_all(l, ECONNABORTED);
	l->waits = false;
}

/**
 * rdg_link_move - an event happens: the only place that changes the state
 * @l: the link
 * @event: the event
 *
 * Return: true if the event means something in this state.
 */
bool rdg_link_move(struct rdg_link *l, enum rdg_event event)
{
	enum rdg_state from = l->state;
	int to = rdg_state_next(from, event);

	if (to == RDG_EDGE_ILLEGAL) {
		rdg_count_add(l, RDG_CT_ILLEGAL_EDGES, 1);
		return false;
	}
	if (to == RDG_EDGE_NONE)
		return false;
	WRITE_ONCE(l->state, to);
	if (to == RDG_UP && from < RDG_UP)
		rdg_count_add(l, RDG_CT_LINKS_OPENED, 1);
	l->ops->moved(l, from, event);
	return true;
}

static u64 random_u64(struct rdg_link *l)
{
	u64 high = prandom_u32_state(&l->rnd);

	return high << 32 | prandom_u32_state(&l->rnd);
}

/**
 * rdg_link_open - ask for a link
 * @l: the link, in IDLE
 * @now: ns
 *
 * Return: false if no id can be had now, or others come first; it is tried again
 * later.
 */
bool rdg_link_open(struct rdg_link *l, u64 now)
{
	/* Keyed, so that nobody can tell our other random numbers from it. */
	u64 id = siphash_2u64(random_u64(l), now, &l->self->secret) ?: 1;

	if (!rdg_link_has_turn(l, now))
		return false;
	if (l->silent == RDG_NEVER)
		l->silent = now;
	if (l->ops->id_add(l, id)) {
		l->probe_at = now + RDG_OPEN_RETRY;
		return false;
	}
	WRITE_ONCE(l->own_id, id);
	l->opened = now;
	l->unanswered = 0;
	l->init_due = true;
	return rdg_link_move(l, RDG_EV_OPEN);
}

static void begin_cc(struct rdg_link *l, u64 now)
{
	l->live->cc.mtu = l->mtu;
	l->live->cc.pacing = 0;
	l->live->cc.cwnd = rdg_cwnd_initial(&l->live->cc);
	l->live->cc.ssthresh = U32_MAX;
	l->live->cc.ops->init(&l->live->cc, now);
}

/**
 * rdg_link_new_path - nothing is known of the path that is in use from now on
 * @l: the link
 * @now: ns
 */
void rdg_link_new_path(struct rdg_link *l, u64 now)
{
	rdg_rtt_init(&l->rtt);
	rdg_rack_new_path(&l->live->rack);
	rdg_pace_begin(&l->pace);
	rdg_mtu_begin(l);
	begin_cc(l, now);
}

/**
 * rdg_link_begin - both ids are known: a link begins
 * @l: the link, with @own_id, and after rdg_live_begin()
 * @remote_id: the other side's id
 * @remote_inc: its incarnation
 * @credit: credit to begin with
 * @now: ns
 *
 * The caller moves the state.
 */
void rdg_link_begin(struct rdg_link *l, u64 remote_id, u64 remote_inc, u64 credit, u64 now)
{
	if (l->remote_inc != remote_inc) {
		if (l->remote_inc)
			l->ops->note(l, RDG_NOTE_RESTART, 0, 0);
		WRITE_ONCE(l->remote_inc, remote_inc);
		l->taken.next = 1;
		l->taken.read = 1;
	}
	WRITE_ONCE(l->remote_id, remote_id);
	l->opened = now;
	l->live->begun = now >> RDG_COOKIE_TIME_SHIFT;
	l->used = now;
	l->unanswered = 0;
	l->waits = false;
	l->silent = RDG_NEVER;
	l->probe_at = RDG_NEVER;
	l->init_due = false;
	l->end_due = false;
	l->end_ack_due = false;
	l->path_since = 0;
	rdg_link_new_path(l, now);
	rdg_tx_begin(l, credit);
}

/**
 * rdg_link_end - the link is over
 * @l: the link, not in IDLE
 * @event: what ends it
 * @why: errno for the application, if that leaves messages in doubt
 */
void rdg_link_end(struct rdg_link *l, enum rdg_event event, int why)
{
	u32 in_doubt = l->count[RDG_CT_MESSAGES_IN_DOUBT];

	if (l->state != RDG_ENDING && event != RDG_EV_END)
		rdg_count_add(l, RDG_CT_LINKS_DIED, 1);
	rdg_link_move(l, event);
	l->ops->id_end(l, l->own_id);
	WRITE_ONCE(l->own_id, 0);
	WRITE_ONCE(l->remote_id, 0);
	l->unanswered = 0;
	l->waits = false;
	l->silent = RDG_NEVER;
	l->probe_at = RDG_NEVER;
	l->init_due = false;
	l->ping_due = false;
	l->end_due = false;
	l->end_ack_due = false;
	if (l->live)
		rdg_live_end(l);
	rdg_tx_end(l);
	if (l->count[RDG_CT_MESSAGES_IN_DOUBT] != in_doubt)
		l->ops->note(l, RDG_NOTE_DIED, why, 0);
}

/**
 * rdg_link_queue - accept a message
 * @l: the link
 * @m: the message, @len set; the core's until ops->over() gives it back
 * @now: ns
 *
 * Sets @m->seq.
 * Context: the link's lock.
 * Return: true if the caller has to poll for packets now. Otherwise the message
 * waits, as others do before it, and rdg_link_deadline() may have changed.
 */
bool rdg_link_queue(struct rdg_link *l, struct rdg_msg *m, u64 now)
{
	rdg_link_awake(l, now);
	rdg_hold_queued(l, m, now);
	m->queued = now;
	m->seq = l->tx.next_seq++;
	m->sent = 0;
	m->begun = false;
	m->whole = false;
	list_add_tail(&m->node, &l->tx.queue);
	l->tx.unsent += m->len + RDG_MSG_NEXT_LEN;
	l->tx.waiting++;
	if (!l->tx.head)
		l->tx.head = m;
	l->used = now;
	rdg_count_add(l, RDG_CT_MESSAGES_SENT, 1);
	rdg_count_add(l, RDG_CT_BYTES_SENT, m->len);
	/* An END that waits for its answer is in a hurry now. */
	if (rdg_link_live(l) && (l->probe_at == RDG_NEVER || l->state == RDG_ENDING))
		rdg_link_arm_probe(l, now);
	/* What keeps others from leaving, but for being held back, keeps this, too. */
	if (!rdg_link_live(l))
		return l->tx.head == m;
	return (l->tx.head == m || l->tx.holding) && !rdg_hold(l, now);
}

/**
 * rdg_link_hold - send no messages for now, or do again
 * @l: the link
 * @held: an endpoint that was closed before ours was opened still delivers
 *	from the same local to the same address. What it has left to say comes
 *	before what we have to say.
 * @now: ns
 *
 * Holding begins before the first message is handed to @l. A held link
 * receives, and can be opened by the other side. The caller polls for packets
 * afterwards.
 * Context: the link's lock.
 */
void rdg_link_hold(struct rdg_link *l, bool held, u64 now)
{
	WRITE_ONCE(l->held, held);
	if (rdg_link_live(l) && l->probe_at == RDG_NEVER)
		rdg_link_arm_probe(l, now);
}

/**
 * rdg_link_read - the application has read messages
 * @l: the link
 * @seq: sequence of the last one
 * @n: how many
 * @bytes: the sum of their lengths
 * @now: ns
 *
 * Context: the link's lock.
 * Return: true if there is something to tell: the caller polls for packets.
 */
bool rdg_link_read(struct rdg_link *l, u64 seq, u32 n, u64 bytes, u64 now)
{
	rdg_rx_read(l, seq, n * (u64)RDG_MESSAGE_COST + bytes, now);
	return l->live && l->live->rx.report;
}

/**
 * rdg_link_set_window - how much the peer may have delivered and unread
 * @l: the link
 * @least: what it may have in any case; in units of cost
 * @most: what it may have if it is read fast enough. This holds where it is
 *	less than @least. Credit that was given is not taken back.
 *
 * The caller polls for packets afterwards.
 * Context: the link's lock.
 */
void rdg_link_set_window(struct rdg_link *l, u32 least, u32 most)
{
	WRITE_ONCE(l->taken.least, least);
	WRITE_ONCE(l->taken.most, most);
	rdg_rx_update_credit(l);
}

/**
 * rdg_link_set_congestion - choose the algorithm of congestion control
 * @l: the link
 * @ops: the algorithm
 * @now: ns
 *
 * A link that is in use goes on with what is known of its path.
 * Context: the link's lock.
 */
void rdg_link_set_congestion(struct rdg_link *l, const struct rdg_cc_ops *ops, u64 now)
{
	if (l->congestion == ops)
		return;
	l->congestion = ops;
	/* One that begins later begins with init. */
	if (rdg_link_live(l))
		rdg_cc_change(&l->live->cc, ops, now);
}

/**
 * rdg_link_set_timed - can packets be told when to depart?
 * @l: the link
 * @timed: each leaves at its rdg_out.depart; else they leave as they are handed
 *	over
 *
 * May change at any time.
 * Context: the link's lock.
 */
void rdg_link_set_timed(struct rdg_link *l, bool timed)
{
	l->pace.timed = timed;
}

/**
 * rdg_link_close - the endpoint is closed: take no more, deliver what is queued
 * @l: the link
 * @orphan_at: when to give up; ns
 * @now: ns
 *
 * The caller polls for packets afterwards, and frees the link once
 * rdg_link_finished() says so.
 * Context: the link's lock.
 */
void rdg_link_close(struct rdg_link *l, u64 orphan_at, u64 now)
{
	l->closing = true;
	l->orphan_at = orphan_at;
	l->used = now;
	if (rdg_link_live(l)) {
		rdg_rx_forget(l);
		l->live->rx.report = true;
	}
	/* Our END was that of somebody who may withdraw it, and was perhaps heard
	 * by who had something to say. To this one there is an answer.
	 */
	if (l->state == RDG_ENDING)
		l->end_due = true;
	if (now >= rdg_link_propose_at(l))
		rdg_link_propose(l, now);
}

/**
 * rdg_link_finished - is there nothing left to do for a closed endpoint?
 * @l: the link
 *
 * Return: true if the link may be freed.
 * Context: the link's lock.
 */
bool rdg_link_finished(const struct rdg_link *l)
{
	return l->closing && l->state == RDG_IDLE && list_empty(&l->tx.queue);
}

/**
 * rdg_link_may_end - have we nothing that this link is needed for?
 * @l: the link
 *
 * Return: true if every message is over, or waits for the next link.
 */
bool rdg_link_may_end(const struct rdg_link *l)
{
	/* In ENDING whatever is queued came after the proposal. */
	return list_empty(&l->tx.queue) || l->tx.refused || l->held || l->state == RDG_ENDING;
}

/**
 * rdg_link_propose - propose to end the link
 * @l: the link, in UP
 * @now: ns
 */
void rdg_link_propose(struct rdg_link *l, u64 now)
{
	if (rdg_link_move(l, RDG_EV_PROPOSE)) {
		l->end_due = true;
		l->live->end_heard = false;
		l->unanswered = 0;
		l->silent = now;
	}
}
