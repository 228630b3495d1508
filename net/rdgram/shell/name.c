// SPDX-License-Identifier: GPL-2.0-only
/*
 * The addresses of peers, see name.h.
 *
 * rdg_peer.name and rdg_peer.at change under the endpoint's lock, and are read
 * under RCU: recvmsg() looks at them for each message.
 */
#include <linux/slab.h>
#include "local.h"
#include "name.h"
#include "peer.h"

static const struct rhashtable_params name_params = {
	.head_offset = offsetof(struct rdg_name, node),
	.key_offset = offsetof(struct rdg_name, key),
	.key_len = sizeof_field(struct rdg_name, key),
	.automatic_shrinking = true,
};

/**
 * rdg_name_table_init - make the table of a namespace
 * @rn: the namespace
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int rdg_name_table_init(struct rdg_net *rn)
{
	BUILD_BUG_ON(sizeof(struct rdg_peer_key) != 24);
	return rhltable_init(&rn->names, &name_params);
}

/**
 * rdg_name_table_exit - free the table of a namespace
 * @rn: the namespace; it has no peers any more
 *
 * Context: process.
 */
void rdg_name_table_exit(struct rdg_net *rn)
{
	rhltable_destroy(&rn->names);
}

/**
 * rdg_name_key - the key of an address
 * @ep: the endpoint; bound
 * @r: the address
 * @key: filled in
 *
 * Context: any.
 */
void rdg_name_key(const struct rdg_sock *ep, const struct rdg_remote *r,
		  struct rdg_peer_key *key)
{
	key->remote = r->addr;
	key->rport = r->port;
	key->lport = ep->local->port;
	key->scope = r->scope;
}

/**
 * rdg_name_list - all entries for an address
 * @rn: the namespace
 * @key: the address
 *
 * Context: RCU.
 * Return: for rhl_for_each_entry_rcu().
 */
struct rhlist_head *rdg_name_list(struct rdg_net *rn, const struct rdg_peer_key *key)
{
	return rhltable_lookup(&rn->names, key, name_params);
}

/* A message without wishes goes as if there had been none with any: not to a peer that is
 * there for those alone.
 */
static bool is_known_by(const struct rdg_peer *p, const struct in6_addr *local)
{
	return local ? rdg_peer_knows_us_by(p, local) : !READ_ONCE(p->asked);
}

/**
 * rdg_name_find - whose address is it?
 * @ep: the endpoint whose peers are asked for; bound
 * @r: the address
 * @local: our own, by which that peer knows us; NULL: any, if it was not asked for
 *
 * Context: RCU.
 * Return: the entry, the newest if there are several; or NULL.
 */
struct rdg_name *rdg_name_find(struct rdg_sock *ep, const struct rdg_remote *r,
			       const struct in6_addr *local)
{
	struct rhlist_head *list, *pos;
	struct rdg_peer_key key;
	struct rdg_name *n;

	rdg_name_key(ep, r, &key);
	list = rdg_name_list(ep->rn, &key);
	rhl_for_each_entry_rcu(n, pos, list, node) {
		if (n->peer->sk == rdg_to_sk(ep) && is_known_by(n->peer, local))
			return n;
	}
	return NULL;
}

/**
 * rdg_name_is_current - is the peer there?
 * @n: the entry
 *
 * Context: RCU, or the endpoint's lock.
 * Return: false if it has moved away.
 */
bool rdg_name_is_current(const struct rdg_name *n)
{
	return rcu_access_pointer(n->peer->at) == n;
}

/**
 * rdg_name_make - make an entry
 * @p: whose it will be
 * @r: the address
 *
 * Context: any.
 * Return: the entry, for kfree() or rdg_name_change(); NULL: no memory.
 */
struct rdg_name *rdg_name_make(struct rdg_peer *p, const struct rdg_remote *r)
{
	struct rdg_name *n = kzalloc(sizeof(*n), GFP_ATOMIC | __GFP_NOWARN);

	if (!n)
		return NULL;
	n->peer = p;
	rdg_name_key(rdg_peer_ep(p), r, &n->key);
	return n;
}

/* No pointer of its peer leads to it any more. */
static void drop(struct rdg_net *rn, struct rdg_name *n)
{
	rhltable_remove(&rn->names, &n->node, name_params);
	if (n != &n->peer->home)
		kfree_rcu(n, rcu);
}

static struct rdg_name *held(struct rdg_sock *ep, struct rdg_name __rcu *n)
{
	return rcu_dereference_protected(n, lockdep_is_held(&ep->lock));
}

/* A peer that had this address and has moved away from it; NULL: there is none, but so many
 * @peers that have it.
 */
static struct rdg_name *left_behind(struct rdg_sock *ep, const struct rdg_name *n, u32 *peers)
{
	struct rhlist_head *list, *pos;
	struct rdg_name *old;

	*peers = 0;
	rcu_read_lock();
	list = rdg_name_list(ep->rn, &n->key);
	rhl_for_each_entry_rcu(old, pos, list, node) {
		if (old->peer->sk != rdg_to_sk(ep))
			continue;
		if (!rdg_name_is_current(old))
			break;
		++*peers;
	}
	rcu_read_unlock();
	return pos ? old : NULL;
}

/**
 * rdg_name_enter - an address is a peer's, if nobody else is there
 * @ep: the endpoint
 * @n: the entry
 * @taken: set if it was the name of another peer that has moved away
 *
 * Context: under the endpoint's lock.
 * Return: 0; -EADDRINUSE if another peer is there; -ENOBUFS.
 */
int rdg_name_enter(struct rdg_sock *ep, struct rdg_name *n, bool *taken)
{
	struct rdg_remote r;
	struct rdg_name *old;
	u32 peers;

	lockdep_assert_held(&ep->lock);
	*taken = false;
	rdg_name_remote(n, &r);
	rcu_read_lock();
	old = rdg_name_find(ep, &r, &n->peer->flow.local);
	rcu_read_unlock();
	if (old && rdg_name_is_current(old))
		return -EADDRINUSE;
	old = left_behind(ep, n, &peers);
	/* As many as may be looked at for a packet from there. */
	if (!old && peers >= RDG_PEERS_AT)
		return -ENOBUFS;
	if (rhltable_insert(&ep->rn->names, &n->node, name_params))
		return -ENOBUFS;
	if (old) {
		rcu_assign_pointer(old->peer->name, held(ep, old->peer->at));
		drop(ep->rn, old);
		*taken = true;
	}
	return 0;
}

/**
 * rdg_name_change - a peer is at another address from now on
 * @ep: the endpoint
 * @p: the peer, rdg_peer.listed
 * @n: an entry for that address; taken over if it is needed
 * @left: where the peer was, if no entry is left for that
 *
 * Context: under the endpoint's lock.
 * Return: 0 if @n was needed; 1 if not, since it is the peer's name already;
 * -EADDRINUSE if another peer is there; -ENOBUFS.
 */
int rdg_name_change(struct rdg_sock *ep, struct rdg_peer *p, struct rdg_name *n,
		    struct rdg_peer_key *left)
{
	struct rdg_name *name = held(ep, p->name), *was = held(ep, p->at);
	bool back = was != name && !memcmp(&name->key, &n->key, sizeof(n->key));
	bool taken;
	int err;

	err = back ? 1 : rdg_name_enter(ep, n, &taken);
	if (err < 0)
		return err;
	rcu_assign_pointer(p->at, back ? name : n);
	memset(left, 0, sizeof(*left));
	if (was != name) {
		*left = was->key;
		drop(ep->rn, was);
	}
	return err;
}

/**
 * rdg_name_leave - a peer ends: it cannot be found any more
 * @ep: the endpoint
 * @p: the peer
 *
 * The entries remain the peer's until it is freed: messages in the receive
 * queue still say who sent them.
 *
 * Context: under the endpoint's lock.
 */
void rdg_name_leave(struct rdg_sock *ep, struct rdg_peer *p)
{
	struct rdg_name *name = held(ep, p->name), *at = held(ep, p->at);

	rhltable_remove(&ep->rn->names, &name->node, name_params);
	if (at != name)
		rhltable_remove(&ep->rn->names, &at->node, name_params);
}
