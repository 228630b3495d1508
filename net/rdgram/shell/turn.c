// SPDX-License-Identifier: GPL-2.0-only
/*
 * Turns, see turn.h.
 *
 * A first probe is a part of loss recovery, and must not wait; an INIT to an
 * address that is not known yet, neither. But a thousand of them at once, of peers
 * that all fell silent together, are a storm. Which of the two it is shows by the
 * answers. So there is room for a number of first questions that are not answered;
 * an answer makes room again, and so does time, by and by. Where paths lose packets
 * and peers are alive nobody ever waits: a question leaves as another is answered.
 *
 * Those who wait are let in the last one first. It is the one that most likely has
 * lost a packet and nothing more: those that have waited longer were many at once.
 *
 * What a peer that stays silent is asked later is no matter of turns, see silence.h.
 */
#include <linux/ktime.h>
#include <linux/list.h>
#include "silence.h"
#include "turn.h"

/* First questions that may be unanswered at once; and the time after which one of
 * them does not count any more: as many come to less than 1,000 in any second.
 */
#define TURNS		256
#define TURN_TIME	RDG_SILENCE_SHARE

/* Who waits in vain asks after this, and twice the time that all before take; ns. */
#define TURN_PATIENCE	NSEC_PER_SEC

/* True: there is room, and less from now on. */
static bool take(struct rdg_net *rn, u64 now)
{
	lockdep_assert_held(&rn->turn_lock);
	rn->turn_debt = max(rn->turn_debt, now);
	if (rn->turn_debt >= now + TURNS * TURN_TIME)
		return false;
	rn->turn_debt += TURN_TIME;
	return true;
}

/* When there will be room again, if nobody answers. */
static unsigned long until_room(const struct rdg_net *rn, u64 now)
{
	u64 room_at = rn->turn_debt - TURNS * TURN_TIME + 1;

	return room_at > now ? nsecs_to_jiffies(room_at - now) + 1 : 0;
}

static void wait_in_line(struct rdg_net *rn, struct rdg_peer *p, u64 now)
{
	lockdep_assert_held(&rn->turn_lock);
	rdg_count(rn, RDG_STAT_WAITED);
	refcount_inc(&p->ref);
	list_add(&p->in_line, &rn->turn_line);
	p->turn = RDG_TURN_WAITS;
	p->turn_at = now + TURN_PATIENCE + 2 * TURN_TIME * rn->turn_waiting++;
	queue_delayed_work(rdg_wq, &rn->turn_work, until_room(rn, now));
}

/* The reference of the line is the caller's now. */
static void leave_line(struct rdg_net *rn, struct rdg_peer *p, enum rdg_turn turn)
{
	lockdep_assert_held(&rn->turn_lock);
	list_del(&p->in_line);
	rn->turn_waiting--;
	p->turn = turn;
}

/**
 * rdg_turn_take - may a peer be asked that was not silent before?
 * @p: the peer
 *
 * Context: under the lock of @p.
 * Return: 0 if it may; else it waits in the line, for so many ns at the most.
 */
u64 rdg_turn_take(struct rdg_peer *p)
{
	struct rdg_net *rn = rdg_peer_ep(p)->rn;
	u64 now = ktime_get_ns(), wait = 0;
	bool left = false;

	lockdep_assert_held(&p->lock);
	spin_lock_bh(&rn->turn_lock);
	if (p->turn == RDG_TURN_NONE && take(rn, now)) {
		p->turn = RDG_TURN_TAKEN;
	} else if (p->turn == RDG_TURN_NONE) {
		wait_in_line(rn, p, now);
		wait = p->turn_at - now;
	} else if (p->turn == RDG_TURN_WAITS && now < p->turn_at) {
		wait = p->turn_at - now;
	} else if (p->turn == RDG_TURN_WAITS) {
		rn->turn_debt = max(rn->turn_debt, now) + TURN_TIME;
		leave_line(rn, p, RDG_TURN_TAKEN);
		left = true;
	}
	spin_unlock_bh(&rn->turn_lock);
	if (left)
		rdg_peer_put(p);
	return wait;
}

/* Answered, or over: there is room for another. */
static void give_back(struct rdg_peer *p)
{
	struct rdg_net *rn = rdg_peer_ep(p)->rn;
	bool left = false;

	spin_lock_bh(&rn->turn_lock);
	if (p->turn == RDG_TURN_WAITS) {
		leave_line(rn, p, RDG_TURN_NONE);
		left = true;
	} else {
		p->turn = RDG_TURN_NONE;
		rn->turn_debt -= min(rn->turn_debt, TURN_TIME);
		if (rn->turn_waiting)
			mod_delayed_work(rdg_wq, &rn->turn_work, 0);
	}
	spin_unlock_bh(&rn->turn_lock);
	if (left)
		rdg_peer_put(p);
}

/**
 * rdg_turn_account - a peer that has been heard of, or is over, takes no room
 * @p: the peer; the core was called for it
 *
 * Context: under the lock of @p, which is about to be dropped; the caller has a
 * reference of its own.
 */
void rdg_turn_account(struct rdg_peer *p)
{
	lockdep_assert_held(&p->lock);
	if (READ_ONCE(p->turn) != RDG_TURN_NONE && !p->link.waits &&
	    !rdg_link_is_silent(&p->link))
		give_back(p);
}

/* The next one, with the reference of the line; NULL: there is none, or no room. */
static struct rdg_peer *next(struct rdg_net *rn)
{
	struct rdg_peer *p;
	u64 now = ktime_get_ns();

	spin_lock_bh(&rn->turn_lock);
	p = list_first_entry_or_null(&rn->turn_line, struct rdg_peer, in_line);
	if (p && take(rn, now)) {
		leave_line(rn, p, RDG_TURN_TAKEN);
	} else if (p) {
		queue_delayed_work(rdg_wq, &rn->turn_work, until_room(rn, now));
		p = NULL;
	}
	spin_unlock_bh(&rn->turn_lock);
	return p;
}

static void let_in(struct work_struct *work)
{
	struct rdg_net *rn = container_of(to_delayed_work(work), struct rdg_net, turn_work);
	struct rdg_peer *p;

	while ((p = next(rn))) {
		rdg_peer_lock(p);
		if (!p->dying)
			rdg_link_turn(&p->link, ktime_get_ns());
		rdg_peer_unlock(p);
		rdg_peer_put(p);
		cond_resched();
	}
}

/**
 * rdg_turn_init - a namespace begins
 * @rn: the namespace
 *
 * Context: process.
 */
void rdg_turn_init(struct rdg_net *rn)
{
	spin_lock_init(&rn->turn_lock);
	INIT_LIST_HEAD(&rn->turn_line);
	INIT_DELAYED_WORK(&rn->turn_work, let_in);
}

/**
 * rdg_turn_exit - a namespace ends
 * @rn: the namespace; it has no peers any more
 *
 * Context: process.
 */
void rdg_turn_exit(struct rdg_net *rn)
{
	cancel_delayed_work_sync(&rn->turn_work);
}
