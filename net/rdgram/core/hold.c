// SPDX-License-Identifier: GPL-2.0-only
/*
 * Small messages share packets, and packets share the way through the system.
 *
 * As with TCP (RFC 896), payload that does not fill a packet waits while the link
 * is busy; likewise what does not fill some packets, where the driver can send
 * several at the price of one. The link is busy while something is on its way. But
 * acks may come back before the next message is there, where both ends share a
 * processor: so it is busy, too, where one message follows another closely and
 * nothing was heard in between. The first message on an idle link leaves at once,
 * and so does an answer, or the next question.
 *
 * A message waits for a small part of the round trip at the most, or for as long as
 * it takes to send a few packets: who waits for the answer will not notice. Whoever
 * says that more will follow (MSG_MORE) is waited for somewhat longer.
 */
#include <linux/minmax.h>
#include "internal.h"

/* Packets that are waited for where they can leave as a train, and how many times
 * the window is to have room for them.
 */
#define TRAIN		8
#define TRAIN_PART	2

/* A message is held back for one part in so many of the round trip, or as long as
 * it takes to send so many packets...
 */
#define HOLD_PART	4
#define HOLD_PRICES	4

/* ...and for so long at the most; ns. */
#define HOLD_MAX	NSEC_PER_MSEC

/* Likewise, where the application said that more will follow. */
#define MORE_MAX	(5 * NSEC_PER_MSEC)

/* How many packets are worth sending? One; where several cost little more than
 * that, as many, if the window and the pace allow it several times.
 */
static u32 worth(const struct rdg_link *l)
{
	u32 burst = rdg_pace_burst(&l->pace, &l->live->cc);
	u32 most = min3(l->live->follow.train, burst, l->live->cc.cwnd / TRAIN_PART);

	return clamp_t(u32, most / l->mtu, 1, TRAIN);
}

/* Is there enough for packets that have no room for more? One more is worth it
 * where some leave at this moment.
 */
static bool is_full(const struct rdg_link *l, u64 now)
{
	u32 n = l->live->ledger.eliciting == now ? 1 : worth(l);

	return l->tx.waiting >= n * RDG_PIECES_OUT ||
	       l->tx.unsent + RDG_DATA_LEN + RDG_MSG_LEN >= n * l->mtu;
}

/* How long a message may be held back. */
static u64 patience(const struct rdg_link *l)
{
	u64 some = HOLD_PRICES * (u64)l->live->follow.price;
	u64 part = max_t(u64, l->rtt.smoothed / HOLD_PART, some);

	return min_t(u64, part, HOLD_MAX);
}

/**
 * rdg_hold_queued - a message was queued: is the link busy?
 * @l: the link
 * @m: the message, which is not in the queue yet
 * @now: ns
 */
void rdg_hold_queued(struct rdg_link *l, struct rdg_msg *m, u64 now)
{
	struct rdg_follow *f;

	m->alone = !l->tx.head;
	if (!l->live)
		return;
	f = &l->live->follow;
	f->busy = !f->heard && now - f->queued < patience(l);
	f->heard = false;
	f->queued = now;
	if (f->busy || l->live->ledger.flight)
		m->alone = false;
}

static bool more_follows(const struct rdg_link *l)
{
	return list_last_entry(&l->tx.queue, struct rdg_msg, node)->more;
}

/**
 * rdg_hold_until - until when is payload held back that does not fill a packet?
 * @l: the link; there is payload that was not sent
 *
 * Return: ns; 0: it is not.
 */
u64 rdg_hold_until(const struct rdg_link *l)
{
	u64 since = l->tx.head->queued;

	if (l->closing)
		return 0;
	if (more_follows(l))
		return since + MORE_MAX;
	/* All of it, though what leaves first makes the link busy. */
	if (l->tx.head->alone || (!l->live->ledger.flight && !l->live->follow.busy))
		return 0;
	if (READ_ONCE(l->self->nodelay))
		return 0;
	return since + patience(l);
}

/**
 * rdg_hold - is payload held back?
 * @l: the link
 * @now: ns
 *
 * Return: true if it is.
 */
bool rdg_hold(struct rdg_link *l, u64 now)
{
	struct rdg_tx *tx = &l->tx;

	tx->holding = rdg_tx_has_new(l) && now < rdg_hold_until(l) && !is_full(l, now);
	return tx->holding;
}
