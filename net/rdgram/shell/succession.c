// SPDX-License-Identifier: GPL-2.0-only
/*
 * Succession, see succession.h.
 */
#include "name.h"
#include "succession.h"

/* For so long who asks is not answered for one socket, since another one was before it: 2 s, in
 * units of 2^27 ns. Of the time there are eight bits: after half a minute that is so again.
 */
#define URGE_SHIFT	27
#define URGE_TIME	15

/* Is it the peer of an endpoint that was bound before one, and is closed since, at the same
 * address of ours? What it has to say comes first.
 */
static bool comes_first(const struct rdg_peer *p, u64 born, const struct in6_addr *local)
{
	return p->born < born && READ_ONCE(p->orphan) && rdg_peer_knows_us_by(p, local);
}

static bool is_preceded(const struct rdg_peer *p)
{
	struct rhlist_head *list, *pos;
	struct rdg_name *n;

	rcu_read_lock();
	list = rdg_name_list(rdg_peer_ep(p)->rn, &p->home.key);
	rhl_for_each_entry_rcu(n, pos, list, node) {
		if (comes_first(n->peer, p->born, &p->flow.local))
			break;
	}
	rcu_read_unlock();
	return !!pos;
}

/**
 * rdg_peer_orphans_at - how many peers of closed sockets are where this one is?
 * @p: the peer
 *
 * Context: any.
 * Return: how many, itself among them; more, or less, where others close theirs now.
 */
u32 rdg_peer_orphans_at(const struct rdg_peer *p)
{
	struct rhlist_head *list, *pos;
	struct rdg_name *n;
	u32 orphans = 0;

	rcu_read_lock();
	list = rdg_name_list(rdg_peer_ep(p)->rn, &rcu_dereference(p->at)->key);
	rhl_for_each_entry_rcu(n, pos, list, node)
		orphans += READ_ONCE(n->peer->orphan);
	rcu_read_unlock();
	return orphans;
}

/* The first peer of a closed socket that has no link, and was there before; with a reference. */
static struct rdg_peer *unlinked_before(struct rdg_sock *ep, const struct rdg_peer_key *key,
					const struct in6_addr *local)
{
	struct rhlist_head *list, *pos;
	struct rdg_peer *p = NULL;
	struct rdg_name *n;

	rcu_read_lock();
	list = rdg_name_list(ep->rn, key);
	rhl_for_each_entry_rcu(n, pos, list, node) {
		if (comes_first(n->peer, p ? p->born : ep->born, local) &&
		    READ_ONCE(n->peer->link.state) < RDG_UP && !READ_ONCE(n->peer->dying))
			p = n->peer;
	}
	if (p && !rdg_peer_get(p))
		p = NULL;
	rcu_read_unlock();
	return p;
}

/**
 * rdg_peer_urge_before - has a closed socket something to say to who asks for the next one?
 * @ep: the next one
 * @key: who asks
 * @local: at which address of ours
 * @id: by which id; the closed one may be who asks
 *
 * It asks now in its turn, once. Who asks is answered after a while all the same: over there
 * may be one that is closed, too, and waits for this one.
 *
 * Context: softirq, without locks.
 * Return: true if it has.
 */
bool rdg_peer_urge_before(struct rdg_sock *ep, const struct rdg_peer_key *key,
			  const struct in6_addr *local, u64 id)
{
	struct rdg_peer *p = unlinked_before(ep, key, local);
	bool urged;
	u8 now;

	if (!p)
		return false;
	rdg_peer_lock(p);
	now = (u8)(rdg_peer_clock(p) >> URGE_SHIFT) ?: 1;
	urged = !p->dying && p->link.state < RDG_UP && !list_empty(&p->link.tx.queue) &&
		p->link.own_id != id;
	if (urged && !p->urged) {
		p->urged = now;
		rdg_link_rouse(&p->link, rdg_peer_clock(p));
	}
	/* Who is answered waits for nobody. */
	urged = urged && (p->link.state == RDG_CONFIRMING || (u8)(now - p->urged) < URGE_TIME);
	rdg_peer_unlock(p);
	rdg_peer_put(p);
	return urged;
}

/**
 * rdg_peer_hold - hold a peer, or let it go
 * @p: the peer
 *
 * Whoever enters or leaves the tables calls this afterwards, or has another address of ours
 * than before: so whoever is the last to call it sees how things are.
 *
 * Context: under the lock of @p.
 */
void rdg_peer_hold(struct rdg_peer *p)
{
	lockdep_assert_held(&p->lock);
	if (p->dying)
		return;
	WRITE_ONCE(p->link.held, true);
	/* Who leaves the tables sees that it is held, and where it is, or is not seen there;
	 * pairs with that of rdg_peer_let_go().
	 */
	smp_mb();
	rdg_link_hold(&p->link, is_preceded(p), rdg_peer_clock(p));
}

/* Those of one endpoint were born together: each has its turn, in whichever order. */
static bool comes_after(const struct rdg_peer *p, u64 born, const struct rdg_peer *than)
{
	return p->born == born ? p > than : p->born > born;
}

/* May a peer wait for one that is gone? That may have been known by another address of ours
 * when it began to.
 */
static bool may_wait_for(const struct rdg_peer *p, const struct rdg_peer *gone)
{
	return READ_ONCE(p->link.held) &&
	       (READ_ONCE(gone->pinned) != RDG_PIN_FIRST ||
		rdg_peer_knows_us_by(p, &gone->flow.local));
}

/* The next one that may wait for one that is gone, after that one, with a reference. */
static struct rdg_peer *successor(struct rdg_net *rn, const struct rdg_peer *gone,
				  const struct rdg_peer_key *key, u64 born,
				  const struct rdg_peer *than)
{
	struct rhlist_head *list, *pos;
	struct rdg_peer *next = NULL;
	struct rdg_name *n;

	rcu_read_lock();
	list = rdg_name_list(rn, key);
	rhl_for_each_entry_rcu(n, pos, list, node) {
		struct rdg_peer *p = n->peer;

		if (!may_wait_for(p, gone) || !comes_after(p, born, than) ||
		    (next && comes_after(p, next->born, next)) || !rdg_peer_get(p))
			continue;
		if (next)
			rdg_peer_put(next);
		next = p;
	}
	rcu_read_unlock();
	return next;
}

/**
 * rdg_peer_let_go - a peer has left an address: others may have waited
 * @rn: the namespace
 * @gone: the peer that left
 * @key: the address
 *
 * The first of a closed socket's keeps those behind it.
 *
 * Context: process or softirq, without locks.
 */
void rdg_peer_let_go(struct rdg_net *rn, const struct rdg_peer *gone,
		     const struct rdg_peer_key *key)
{
	/* Those of its own socket have not waited. */
	u64 born = gone->born + 1;
	struct rdg_peer *p = NULL;
	bool kept = false;

	/* Pairs with that of rdg_peer_hold(): @gone has left the table. */
	smp_mb();
	while ((p = successor(rn, gone, key, born, p))) {
		if (kept && p->born > born) {
			rdg_peer_put(p);
			break;
		}
		born = p->born;
		/* One that had another address of ours before may have kept others by that one. */
		kept |= READ_ONCE(gone->pinned) == RDG_PIN_FIRST && READ_ONCE(p->orphan) &&
			rdg_peer_knows_us_by(p, &gone->flow.local);
		rdg_peer_lock(p);
		rdg_peer_hold(p);
		rdg_peer_unlock_later(p);
		rdg_peer_put(p);
	}
}
