// SPDX-License-Identifier: GPL-2.0-only
/*
 * A peer has another address: the core says when that is proved, see
 * core/path.c; here is which address, and whose it is.
 */
#include <linux/slab.h>
#include "fault.h"
#include "local.h"
#include "name.h"
#include "peer.h"
#include "succession.h"
#include "trace.h"

static void current_path(const struct rdg_peer *p, struct rdg_remote *r)
{
	lockdep_assert_held(&p->lock);
	r->addr = p->flow.remote;
	r->port = p->flow.rport;
	r->scope = rdg_needs_scope(&r->addr) ? p->device : 0;
}

/**
 * rdg_peer_via - by which path of a peer did a packet come?
 * @p: the peer
 * @from: the packet's source
 *
 * Context: under the lock of @p.
 * Return: enum rdg_via.
 */
enum rdg_via rdg_peer_via(const struct rdg_peer *p, const struct rdg_remote *from)
{
	struct rdg_remote r;

	current_path(p, &r);
	if (rdg_remote_equal(from, &r))
		return RDG_VIA_PEER;
	return rdg_remote_equal(from, &p->candidate) ? RDG_VIA_CANDIDATE : RDG_VIA_ELSEWHERE;
}

/* Another peer that is at an address; NULL: there is none. RCU. */
static struct rdg_peer *other_at(struct rdg_peer *p, const struct rdg_remote *r)
{
	struct rdg_name *n = rdg_name_find(rdg_peer_ep(p), r, &p->flow.local);

	return n && n->peer != p && rdg_name_is_current(n) ? n->peer : NULL;
}

/* May a peer have the address of another one? What is sent there would be for somebody
 * who is not heard, where it is the address that the socket is connected to.
 */
static bool may_oust(const struct rdg_peer *p, const struct rdg_peer *other)
{
	return !READ_ONCE(p->muted) && rdg_peer_may_yield(other);
}

/* Our own address stays, so the other one must be of its family. */
static bool may_be_path(struct rdg_peer *p, const struct rdg_remote *r)
{
	struct rdg_peer *other;
	bool barred;

	if (!r->port || !rdg_remote_is_unicast(r) ||
	    rdg_is_v4(&r->addr) != rdg_is_v4(&p->flow.remote))
		return false;
	rcu_read_lock();
	other = other_at(p, r);
	barred = other && !may_oust(p, other);
	rcu_read_unlock();
	return !barred;
}

/**
 * rdg_peer_candidate - a peer seems to be at another address
 * @p: the peer
 * @from: the address
 *
 * Context: under the lock of @p.
 */
void rdg_peer_candidate(struct rdg_peer *p, const struct rdg_remote *from)
{
	lockdep_assert_held(&p->lock);
	if (may_be_path(p, from)) {
		p->candidate = *from;
		return;
	}
	rdg_link_path_barred(&p->link);
	rdg_count(rdg_peer_ep(p)->rn, RDG_STAT_PATH_REFUSED);
}

static void change_flow(struct rdg_peer *p, const struct rdg_remote *to)
{
	struct rdg_remote was;

	current_path(p, &was);
	p->flow.remote = to->addr;
	p->flow.rport = to->port;
	p->device = to->scope;
	p->reroute = true;
	trace_rdgram_path(p, &was);
	rdg_link_path_moved(&p->link, !ipv6_addr_equal(&was.addr, &to->addr) ||
			    was.scope != to->scope, rdg_peer_clock(p));
}

/**
 * rdg_peer_set_device - by which device packets of a peer leave from now on
 * @p: the peer
 * @device: what the message that is about to be queued asks for; 0: nothing
 *
 * There is one path to a peer: the last message says how it begins. What was sent before,
 * and is lost, goes that way, too. Where the device is a part of the address it stays.
 *
 * Context: under the lock of @p.
 */
void rdg_peer_set_device(struct rdg_peer *p, int device)
{
	lockdep_assert_held(&p->lock);
	if (rdg_needs_scope(&p->flow.remote))
		return;
	p->device = device;
	p->reroute = true;
}

/* Whose address it was before, that peer is forgotten, if nobody uses it. Returns what
 * the next message to that address was to be told, errno.
 */
static int make_way(struct rdg_peer *p, const struct rdg_remote *to)
{
	struct rdg_peer *other;
	int owed;

	rcu_read_lock();
	other = other_at(p, to);
	if (other && (!may_oust(p, other) || !rdg_peer_get(other)))
		other = NULL;
	rcu_read_unlock();
	if (!other)
		return 0;
	owed = rdg_peer_yield(other);
	rdg_peer_put(other);
	return owed;
}

/* Nobody who is not heard takes the address that the socket is connected to, also where the
 * peer that it is connected to has left it.
 */
static int change_name(struct rdg_sock *ep, struct rdg_peer *p, const struct rdg_remote *to,
		       struct rdg_name *n, struct rdg_peer_key *left)
{
	lockdep_assert_held(&ep->lock);
	if (!p->listed)
		return -ESRCH;
	if (READ_ONCE(p->muted) && ep->connected && rdg_remote_equal(to, &ep->only))
		return -EADDRINUSE;
	return rdg_name_change(ep, p, n, left);
}

/**
 * rdg_peer_move - a peer is at another address from now on, if it can be
 * @p: the peer; the caller has set @moving
 * @to: the address; it is proved
 *
 * The table is the endpoint's, the path the peer's: in between, the peer is
 * found by an address to which nothing is sent yet. That @moving is set keeps
 * others from moving it meanwhile.
 *
 * Context: softirq, without locks.
 */
void rdg_peer_move(struct rdg_peer *p, const struct rdg_remote *to)
{
	struct rdg_sock *ep = rdg_peer_ep(p);
	struct rdg_name *n = rdg_name_make(p, to);
	struct rdg_peer_key left = {};
	int err = -ENOBUFS, owed = 0;

	if (n) {
		owed = make_way(p, to);
		spin_lock_bh(&ep->lock);
		err = change_name(ep, p, to, n, &left);
		spin_unlock_bh(&ep->lock);
	}
	rdg_peer_lock(p);
	p->moving = false;
	if (owed && err >= 0 && !p->err)
		rdg_fault_owe(p, owed);
	if (err < 0)
		rdg_count(ep->rn, RDG_STAT_PATH_REFUSED);
	else if (!p->dying)
		change_flow(p, to);
	rdg_peer_unlock(p);
	if (err)
		kfree(n);
	if (left.rport)
		rdg_peer_let_go(ep->rn, p, &left);
}
