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
 * That is no help where others come all the time, as from a program that sends to
 * addresses where nobody is. So those who were never heard of have a line and a room
 * of their own.
 *
 * What a peer that stays silent is asked later is no matter of turns, see silence.h.
 */
#include <linux/ktime.h>
#include <linux/list.h>
#include "silence.h"
#include "turn.h"

/* First questions that may be unanswered at once, per line; and the time after which
 * one of them does not count any more: they come to less than 1,000 in any second.
 */
#define TURNS		256
#define TURN_TIME	((u64)RDG_SILENCE_SHARE)

/* Who waits in vain asks after this, and twice the time that all before take; ns. */
#define TURN_PATIENCE	NSEC_PER_SEC

static bool has_room(const struct rdg_line *line, u64 now)
{
	lockdep_assert_held(&line->lock);
	return line->debt < now + TURNS * TURN_TIME;
}

/* There is less room from now on. */
static void take(struct rdg_line *line, struct rdg_peer *p, u64 now)
{
	lockdep_assert_held(&line->lock);
	line->debt = max(line->debt, now) + TURN_TIME;
	WRITE_ONCE(p->turn, RDG_TURN_TAKEN);
	p->turn_at = line->debt;
}

/* When there will be room again, if nobody answers. */
static unsigned long until_room(const struct rdg_line *line, u64 now)
{
	u64 room_at = line->debt - TURNS * TURN_TIME + 1;

	return room_at > now ? nsecs_to_jiffies(room_at - now) + 1 : 0;
}

static void wait_in_line(struct rdg_line *line, struct rdg_peer *p, u64 now)
{
	lockdep_assert_held(&line->lock);
	rdg_count(rdg_peer_ep(p)->rn, RDG_STAT_WAITED);
	refcount_inc(&p->ref);
	list_add(&p->in_line, &line->peers);
	WRITE_ONCE(p->turn, RDG_TURN_WAITS);
	p->turn_at = now + TURN_PATIENCE + 2 * TURN_TIME * line->waiting++;
	queue_delayed_work(rdg_wq, &line->work, until_room(line, now));
}

/* The reference of the line is the caller's now, who sets the turn: in one step, for
 * who looks without the lock of the line.
 */
static void leave_line(struct rdg_line *line, struct rdg_peer *p)
{
	lockdep_assert_held(&line->lock);
	list_del(&p->in_line);
	line->waiting--;
}

/* It stays in its line until the turn is given back, whatever becomes known of it. */
static struct rdg_line *line_of(struct rdg_peer *p)
{
	struct rdg_net *rn = rdg_peer_ep(p)->rn;

	lockdep_assert_held(&p->lock);
	if (READ_ONCE(p->turn) == RDG_TURN_NONE)
		p->line = p->link.remote_inc ? &rn->known_line : &rn->strange_line;
	return p->line;
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
	struct rdg_line *line = line_of(p);
	u64 now = ktime_get_ns(), wait = 0;
	bool left = false;

	spin_lock_bh(&line->lock);
	if (p->turn == RDG_TURN_NONE && has_room(line, now)) {
		take(line, p, now);
	} else if (p->turn == RDG_TURN_NONE) {
		wait_in_line(line, p, now);
		wait = p->turn_at - now;
	} else if (p->turn == RDG_TURN_WAITS && now < p->turn_at) {
		wait = p->turn_at - now;
	} else if (p->turn == RDG_TURN_WAITS) {
		leave_line(line, p);
		take(line, p, now);
		left = true;
	}
	spin_unlock_bh(&line->lock);
	if (left)
		rdg_peer_put(p);
	return wait;
}

/**
 * rdg_turn_unanswered - the question will not be answered: nobody waits for that now
 * @p: the peer
 *
 * It was asked all the same, and goes on to count for its time: else whoever asks and
 * goes away at once could do so without end.
 *
 * Context: under the lock of @p.
 */
void rdg_turn_unanswered(struct rdg_peer *p)
{
	struct rdg_line *line = line_of(p);

	spin_lock_bh(&line->lock);
	if (p->turn == RDG_TURN_TAKEN)
		p->turn_at = 0;
	spin_unlock_bh(&line->lock);
}

/* Answered, or over. If it still counts there is room for another. */
static void give_back(struct rdg_peer *p)
{
	struct rdg_line *line = line_of(p);
	bool left = false;

	spin_lock_bh(&line->lock);
	if (p->turn == RDG_TURN_WAITS) {
		leave_line(line, p);
		left = true;
	} else if (ktime_get_ns() < p->turn_at) {
		line->debt -= min(line->debt, TURN_TIME);
		if (line->waiting)
			mod_delayed_work(rdg_wq, &line->work, 0);
	}
	WRITE_ONCE(p->turn, RDG_TURN_NONE);
	spin_unlock_bh(&line->lock);
	if (left)
		rdg_peer_put(p);
}

/**
 * rdg_turn_account - a peer that has been heard of, or is over, needs no turn
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
static struct rdg_peer *next(struct rdg_line *line)
{
	struct rdg_peer *p;
	u64 now = ktime_get_ns();

	spin_lock_bh(&line->lock);
	p = list_first_entry_or_null(&line->peers, struct rdg_peer, in_line);
	if (p && has_room(line, now)) {
		leave_line(line, p);
		take(line, p, now);
	} else if (p) {
		queue_delayed_work(rdg_wq, &line->work, until_room(line, now));
		p = NULL;
	}
	spin_unlock_bh(&line->lock);
	return p;
}

static void let_in(struct work_struct *work)
{
	struct rdg_line *line = container_of(to_delayed_work(work), struct rdg_line, work);
	struct rdg_peer *p;

	while ((p = next(line))) {
		rdg_peer_lock(p);
		if (!p->dying)
			rdg_link_turn(&p->link, ktime_get_ns());
		rdg_peer_unlock(p);
		rdg_peer_put(p);
		cond_resched();
	}
}

static void init_line(struct rdg_line *line)
{
	spin_lock_init(&line->lock);
	INIT_LIST_HEAD(&line->peers);
	INIT_DELAYED_WORK(&line->work, let_in);
}

/**
 * rdg_turn_init - a namespace begins
 * @rn: the namespace
 *
 * Context: process.
 */
void rdg_turn_init(struct rdg_net *rn)
{
	init_line(&rn->known_line);
	init_line(&rn->strange_line);
}

/**
 * rdg_turn_exit - a namespace ends
 * @rn: the namespace; it has no peers any more
 *
 * Context: process.
 */
void rdg_turn_exit(struct rdg_net *rn)
{
	cancel_delayed_work_sync(&rn->known_line.work);
	cancel_delayed_work_sync(&rn->strange_line.work);
}
