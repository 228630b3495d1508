// SPDX-License-Identifier: GPL-2.0-only
/*
 * Time: when the link wants to be called again, and what it does then.
 */
#include <linux/errno.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include "internal.h"

/* A timer that fires this late did not just have to wait: nobody ran; ns. */
#define ASLEEP		(100 * NSEC_PER_MSEC)

/* Up to this, and then for as long as it has been silent, a peer that a message waits
 * for is left alone where many are silent; ns.
 */
#define ALONE_MIN	(2 * NSEC_PER_SEC)

/* Silence of the other side that is too long; ns. RDG_NEVER: never. */
static u64 patience(const struct rdg_link *l)
{
	u64 timeout = READ_ONCE(l->self->user_timeout);

	if (!timeout)
		return RDG_NEVER;
	return l->state <= RDG_OPENING ? min_t(u64, timeout, RDG_OPEN_TIMEOUT) : timeout;
}

static u64 after(u64 when, u64 wait)
{
	return when == RDG_NEVER || wait == RDG_NEVER ? RDG_NEVER : when + wait;
}

static u64 expire_at(const struct rdg_link *l)
{
	/* Who is not asked cannot answer: see excuse(). */
	return l->waits ? RDG_NEVER : after(l->silent, patience(l));
}

/**
 * rdg_link_propose_at - when to propose the end of the link
 * @l: the link
 *
 * Return: ns: at once if the endpoint is closed, else when nobody has used the
 * link for a while; RDG_NEVER: there is something left to do.
 */
u64 rdg_link_propose_at(const struct rdg_link *l)
{
	if (l->state != RDG_UP || !rdg_link_may_end(l))
		return RDG_NEVER;
	if (l->closing)
		return 0;
	/* The other side is closed: it proposes, when its own data is delivered. */
	if (l->tx.refused && !list_empty(&l->tx.queue))
		return RDG_NEVER;
	return l->used + RDG_IDLE_TIMEOUT;
}

/**
 * rdg_link_awake - time has passed: were we there?
 * @l: the link
 * @now: ns
 *
 * A virtual machine was paused, or a clock jumped, and a deadline is long over.
 * What was on its way meanwhile measures us and not the path, and whether the
 * other side was silent nobody knows. Called before anything is concluded from
 * the time, and before a deadline that has passed is replaced.
 */
void rdg_link_awake(struct rdg_link *l, u64 now)
{
	u64 due = min(l->probe_at, rdg_path_deadline(l));

	if (due == RDG_NEVER || now < due + ASLEEP)
		return;
	l->path_since = now;
	if (l->silent != RDG_NEVER)
		l->silent += now - due;
	if (l->waits)
		l->waits_since += now - due;
	/* So that the same sleep is not counted twice. */
	if (l->probe_at != RDG_NEVER)
		l->probe_at = max(l->probe_at, now);
	rdg_path_awake(l, now, now - due);
}

/**
 * rdg_link_deadline - when to call rdg_link_timeout() at the latest
 * @l: the link
 *
 * Context: the link's lock; after rdg_link_poll() said that there is nothing
 * to send.
 * Return: ns; may be in the past; RDG_NEVER: no need to.
 */
u64 rdg_link_deadline(const struct rdg_link *l)
{
	u64 at = min(l->probe_at, l->orphan_at);

	if (l->live)
		at = min3(at, l->live->loss_at, l->live->rx.ack_at);
	if (l->tx.paced)
		at = min(at, rdg_pace_next(&l->pace, &l->live->cc));
	if (l->tx.holding)
		at = min(at, rdg_hold_until(l));
	at = min(at, expire_at(l));
	at = min(at, rdg_path_deadline(l));
	return min(at, rdg_link_propose_at(l));
}

/**
 * rdg_link_is_silent - does the other side leave our probes unanswered?
 * @l: the link
 *
 * The first probe is a part of loss recovery: it says nothing yet. An address
 * that never answered is silent from the first INIT on.
 *
 * Context: the link's lock.
 * Return: true if what we send is sent into the blue.
 */
bool rdg_link_is_silent(const struct rdg_link *l)
{
	return l->unanswered || l->state == RDG_OPENING;
}

/**
 * rdg_link_rouse - the way to a silent peer may be open again: ask
 * @l: the link
 * @at: when; ns
 *
 * Changes nothing where the other side is not silent, or is asked earlier
 * than that. The caller polls for packets afterwards.
 *
 * Context: the link's lock.
 */
void rdg_link_rouse(struct rdg_link *l, u64 at)
{
	if (!rdg_link_is_silent(l) || l->probe_at == RDG_NEVER)
		return;
	l->probe_at = min(l->probe_at, at);
	l->asked = RDG_NEVER;
}

/**
 * rdg_link_turn - it is this link's turn to ask
 * @l: the link
 * @at: from when on; ns
 *
 * Changes nothing where it does not wait for that. The driver is asked again.
 *
 * Context: the link's lock.
 */
void rdg_link_turn(struct rdg_link *l, u64 at)
{
	if (l->waits && l->probe_at != RDG_NEVER)
		l->probe_at = min(l->probe_at, at);
}

/* The other side was not silent while we waited for our turn to ask. */
static void excuse(struct rdg_link *l, u64 now)
{
	u64 from = max(l->silent, l->waits_since);

	if (from < now)
		l->silent += now - from;
}

/**
 * rdg_link_has_turn - may a link ask that was not silent before?
 * @l: the link
 * @now: ns
 *
 * The time that it waits for that is no silence of the other side.
 *
 * Return: true if it may; else @probe_at is set.
 */
bool rdg_link_has_turn(struct rdg_link *l, u64 now)
{
	u64 wait = l->ops->turn(l);

	if (wait && !l->waits)
		l->waits_since = now;
	if (wait)
		l->probe_at = now + wait;
	else if (l->waits)
		excuse(l, now);
	l->waits = wait;
	return !wait;
}

/* How long to leave a silent peer alone at the least that was asked at a time. Others, by
 * the ten thousand, must not make it an hour: a message that waits for a peer that is known
 * would time out, though the way was closed for a second.
 */
static u64 share_since(struct rdg_link *l, u64 asked)
{
	u64 share = l->ops->share(l);

	if (!l->remote_inc || list_empty(&l->tx.queue))
		return share;
	return min(share, max_t(u64, asked - min(asked, l->silent), ALONE_MIN));
}

/**
 * rdg_link_backoff - how long to wait before asking a peer again
 * @l: the link
 * @asked: when it was asked; ns
 *
 * Return: ns.
 */
u64 rdg_link_backoff(struct rdg_link *l, u64 asked)
{
	u64 least = rdg_link_is_silent(l) ? share_since(l, asked) : 0;

	return rdg_rtt_backoff(&l->rtt, l->unanswered, least, &l->rnd);
}

/* How long to wait before asking again. An END that is not answered is in no
 * hurry, unless a message waits for the answer.
 */
static u64 probe_wait(struct rdg_link *l, u64 asked)
{
	u64 wait = rdg_link_backoff(l, asked);

	/* RFC 9002, 6.2.1: only an ack that may be held back is waited for longer. */
	if (l->live->ledger.urged && !l->unanswered && l->rtt.smoothed)
		wait -= rdg_rtt_ack_delay(&l->rtt);
	if (l->state != RDG_ENDING || !list_empty(&l->tx.queue))
		return wait;
	return max(wait, min_t(u64, wait << min_t(u32, l->unanswered, 16), RDG_END_PERSIST));
}

/**
 * rdg_link_arm_probe - when to ask again, if there is something to ask for
 * @l: the link
 * @now: ns
 */
void rdg_link_arm_probe(struct rdg_link *l, u64 now)
{
	if (l->live->ledger.flight) {
		u64 asked = l->live->ledger.eliciting;

		l->probe_at = max(now, asked + probe_wait(l, asked));
	} else if (list_empty(&l->tx.queue) || l->held) {
		l->probe_at = RDG_NEVER;
		l->waits = false;
	} else if (l->tx.head) {
		/* No credit: the report that brings some is sent until it arrives. */
		l->probe_at = now + RDG_PERSIST;
	} else {
		/* All acknowledged, not all reported. */
		l->probe_at = now + rdg_link_backoff(l, now);
	}
}

/* Nothing more is tried: what is queued goes back to the application. */
static void give_up(struct rdg_link *l)
{
	if (l->state != RDG_IDLE)
		rdg_link_end(l, RDG_EV_EXPIRE, ETIMEDOUT);
	rdg_tx_return_all(l, ETIMEDOUT);
	l->silent = RDG_NEVER;
	l->probe_at = RDG_NEVER;
	l->waits = false;
}

static void expire(struct rdg_link *l)
{
	/* An END that nobody answers has nothing in doubt, and what waits for
	 * its answer goes out on the next link.
	 */
	if (l->state == RDG_ENDING)
		rdg_link_end(l, RDG_EV_EXPIRE, ETIMEDOUT);
	else
		give_up(l);
}

/* More have fallen silent since it was decided when to ask again: there is less
 * for each of them.
 */
static bool has_too_little(struct rdg_link *l, u64 now)
{
	u64 share;

	if (l->asked == RDG_NEVER)
		return false;
	share = share_since(l, l->asked);
	if (now >= l->asked + share - share / 8)
		return false;
	l->probe_at = l->asked + share -
		      mul_u64_u32_shr(share / 8, prandom_u32_state(&l->rnd), 32);
	return true;
}

static void probe(struct rdg_link *l, u64 now)
{
	if (l->state == RDG_IDLE) {
		/* Poll tries to open. */
		l->probe_at = RDG_NEVER;
		return;
	}
	if (rdg_link_is_silent(l) ? has_too_little(l, now) : !rdg_link_has_turn(l, now))
		return;
	l->asked = now;
	l->unanswered++;
	if (l->state == RDG_OPENING) {
		l->init_due = true;
		return;
	}
	if (l->unanswered == 1)
		l->live->rack.probe_from = l->live->ledger.next;
	if (l->unanswered == 2) {
		l->live->rack.silenced = true;
		l->live->cc.ops->silence(&l->live->cc, rdg_link_sent_until(l, now));
	}
	l->tx.probes = 1;
	l->tx.hurried = false;
	rdg_rx_tell_again(l);
	l->probe_at = now + probe_wait(l, now);
}

/**
 * rdg_link_timeout - the deadline has come
 * @l: the link
 * @now: ns
 *
 * The caller polls for packets afterwards. Harmless if called early.
 * Context: the link's lock.
 */
void rdg_link_timeout(struct rdg_link *l, u64 now)
{
	rdg_link_awake(l, now);
	if (now >= l->orphan_at) {
		l->orphan_at = RDG_NEVER;
		give_up(l);
		return;
	}
	if (now >= expire_at(l))
		expire(l);
	rdg_path_timeout(l, now);
	if (l->live && now >= l->live->loss_at)
		rdg_loss_detect(l, now);
	if (now >= l->probe_at)
		probe(l, now);
	if (now >= rdg_link_propose_at(l))
		rdg_link_propose(l, now);
}
