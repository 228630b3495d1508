// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ids of links, and their tombstones, see id.h.
 *
 * An id is used once: when its link is over it stays in the table, as a
 * tombstone, for longer than a cookie can open a link. Nothing is evicted: a
 * full table refuses new ids.
 */
#include <linux/ktime.h>
#include <linux/slab.h>
#include "../core/cookie.h"
#include "id.h"
#include "peer.h"

static const struct rhashtable_params id_params = {
	.head_offset = offsetof(struct rdg_id, node),
	.key_offset = offsetof(struct rdg_id, id),
	.key_len = sizeof_field(struct rdg_id, id),
	.automatic_shrinking = true,
};

static void free_entry(struct rdg_net *rn, struct rdg_id *e)
{
	rhashtable_remove_fast(&rn->ids, &e->node, id_params);
	atomic_dec(&rn->n_ids);
	kfree_rcu(e, rcu);
}

/* The oldest tombstone, if its time is over; else when it will be. */
static struct rdg_id *next_expired(struct rdg_net *rn, u64 now, u64 *wait)
{
	struct rdg_id *e;

	spin_lock_bh(&rn->tomb_lock);
	e = list_first_entry_or_null(&rn->tombs, struct rdg_id, tomb);
	*wait = 0;
	if (e && e->expires > now) {
		*wait = e->expires - now;
		e = NULL;
	}
	if (e)
		list_del(&e->tomb);
	spin_unlock_bh(&rn->tomb_lock);
	return e;
}

static void collect(struct work_struct *work)
{
	struct rdg_net *rn = container_of(to_delayed_work(work), struct rdg_net, collect);
	struct rdg_id *e;
	u64 wait;

	while ((e = next_expired(rn, ktime_get_ns(), &wait))) {
		free_entry(rn, e);
		cond_resched();
	}
	if (wait)
		queue_delayed_work(rdg_wq, &rn->collect, nsecs_to_jiffies(wait) + 1);
}

/**
 * rdg_id_init - make the table of a namespace
 * @rn: the namespace
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int rdg_id_init(struct rdg_net *rn)
{
	spin_lock_init(&rn->tomb_lock);
	INIT_LIST_HEAD(&rn->tombs);
	INIT_DELAYED_WORK(&rn->collect, collect);
	return rhashtable_init(&rn->ids, &id_params);
}

static void free_leftover(void *entry, void *unused)
{
	kfree(entry);
}

/**
 * rdg_id_exit - free the table of a namespace
 * @rn: the namespace; it has no peers, and no packets come in, any more
 *
 * Context: process.
 */
void rdg_id_exit(struct rdg_net *rn)
{
	cancel_delayed_work_sync(&rn->collect);
	rhashtable_free_and_destroy(&rn->ids, free_leftover, NULL);
}

/**
 * rdg_id_is_scarce - is the table nearly full?
 * @rn: the namespace
 *
 * Context: any.
 * Return: true if an id that is needed soon may not be had then.
 */
bool rdg_id_is_scarce(const struct rdg_net *rn)
{
	return atomic_read(&rn->n_ids) >= RDG_IDS_SCARCE;
}

/**
 * rdg_id_add - packets with this id are for this peer from now on
 * @rn: the namespace
 * @id: the id
 * @p: the peer
 *
 * Context: under the lock of @p.
 * Return: 0; -EEXIST if the id is in use or a tombstone; -ENOSPC if there are
 * too many; -ENOMEM.
 */
int rdg_id_add(struct rdg_net *rn, u64 id, struct rdg_peer *p)
{
	struct rdg_id *e;
	int err;

	lockdep_assert_held(&p->lock);
	if (atomic_inc_return(&rn->n_ids) > RDG_IDS_MAX) {
		err = -ENOSPC;
		goto out;
	}
	err = -ENOMEM;
	e = kzalloc(sizeof(*e), GFP_ATOMIC | __GFP_NOWARN);
	if (!e)
		goto out;
	e->id = id;
	RCU_INIT_POINTER(e->peer, p);
	err = rhashtable_lookup_insert_fast(&rn->ids, &e->node, id_params);
	if (!err)
		return 0;
	kfree(e);
	if (err != -EEXIST)
		err = -ENOMEM;
out:
	atomic_dec(&rn->n_ids);
	rdg_count(rn, RDG_STAT_NO_ID);
	return err;
}

/**
 * rdg_id_end - an id becomes a tombstone
 * @rn: the namespace
 * @id: the id
 *
 * Context: under the lock of the peer whose id it is.
 */
void rdg_id_end(struct rdg_net *rn, u64 id)
{
	struct rdg_id *e;

	rcu_read_lock();
	e = rhashtable_lookup(&rn->ids, &id, id_params);
	if (!WARN_ON_ONCE(!e)) {
		RCU_INIT_POINTER(e->peer, NULL);
		spin_lock_bh(&rn->tomb_lock);
		e->expires = ktime_get_ns() + RDG_TOMBSTONE_LIFE;
		list_add_tail(&e->tomb, &rn->tombs);
		spin_unlock_bh(&rn->tomb_lock);
		queue_delayed_work(rdg_wq, &rn->collect, nsecs_to_jiffies(RDG_TOMBSTONE_LIFE) + 1);
	}
	rcu_read_unlock();
}

/**
 * rdg_id_find - whose id is it?
 * @rn: the namespace
 * @id: the id
 * @tombstone: set if it was somebody's
 *
 * Context: any.
 * Return: a reference to the peer, or NULL.
 */
struct rdg_peer *rdg_id_find(struct rdg_net *rn, u64 id, bool *tombstone)
{
	struct rdg_peer *p = NULL;
	struct rdg_id *e;

	rcu_read_lock();
	e = rhashtable_lookup(&rn->ids, &id, id_params);
	*tombstone = e;
	if (e)
		p = rcu_dereference(e->peer);
	if (p && !rdg_peer_get(p))
		p = NULL;
	if (p)
		*tombstone = false;
	rcu_read_unlock();
	return p;
}
