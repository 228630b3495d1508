// SPDX-License-Identifier: GPL-2.0-only
/*
 * An endpoint, see sock.h: how it begins and ends, and what it knows.
 */
#include <linux/random.h>
#include "compat.h"
#include "inbox.h"
#include "local.h"
#include "peer.h"
#include "rmem.h"
#include "sock.h"

/* See Kbuild. */
#ifndef RDG_FIRST_NUMBER
#define RDG_FIRST_NUMBER	0
#endif

static struct lock_class_key slock_key;
static struct lock_class_key lock_key;

/* The last reference is gone: there are no peers any more. */
static void destruct(struct sock *sk)
{
	struct rdg_sock *ep = rdg_sk(sk);

	if (ep->local)
		rdg_local_put(ep->local);
	ep->destruct(sk);
}

/* Who waits to send waits for a peer. sock_def_write_space() would have him wait, besides, until
 * packets that are stamped have left their device, whoever they are for: no others are charged
 * to sk_wmem_alloc, see rdg_egress_own().
 */
static void write_space(struct sock *sk)
{
	struct socket_wq *wq;

	rcu_read_lock();
	wq = rcu_dereference(sk->sk_wq);
	if (skwq_has_sleeper(wq))
		wake_up_interruptible_sync_poll(&wq->wait, EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND);
	sk_wake_async(sk, SOCK_WAKE_SPACE, POLL_OUT);
	rcu_read_unlock();
}

static void init_self(struct rdg_self *self, const struct rdg_net *rn)
{
	get_random_bytes(&self->secret, sizeof(self->secret));
	do {
		self->incarnation = get_random_u64();
	} while (!self->incarnation);
	self->first_pn = RDG_FIRST_NUMBER;
	self->first_credit = RDG_FIRST_NUMBER;
	self->first_marks = (u32)RDG_FIRST_NUMBER;
	self->user_timeout = READ_ONCE(rn->user_timeout) * (u64)NSEC_PER_MSEC;
}

/**
 * rdg_sock_init - socket()
 * @sk: the socket
 *
 * Context: process.
 * Return: 0.
 */
int rdg_sock_init(struct sock *sk)
{
	struct rdg_sock *ep = rdg_sk(sk);

	/* Inner sockets are bound while ours is locked. */
	sock_lock_init_class_and_name(sk, "slock-AF_INET-RDGRAM", &slock_key,
				      "sk_lock-AF_INET-RDGRAM", &lock_key);
	rdg_see_generic_options(sk);
	ep->rn = rdg_net(sock_net(sk));
	ep->destruct = sk->sk_destruct;
	sk->sk_destruct = destruct;
	sk->sk_write_space = write_space;
	/* Nor is he woken by the packets. */
	sock_set_flag(sk, SOCK_USE_WRITE_QUEUE);
	init_self(&ep->self, ep->rn);
	ep->congestion = READ_ONCE(ep->rn->congestion);
	spin_lock_init(&ep->lock);
	seqcount_spinlock_init(&ep->only_seq, &ep->lock);
	spin_lock_init(&ep->quota_lock);
	spin_lock_init(&ep->mem_lock);
	rdg_inbox_init(ep);
	spin_lock_init(&ep->egress_lock);
	INIT_LIST_HEAD(&ep->egresses);
	spin_lock_init(&ep->notice_lock);
	ep->overhead = 2 << RDG_OVERHEAD_SHIFT;
	INIT_LIST_HEAD(&ep->peers);
	ep->oldest = &ep->peers;
	ep->closing = &ep->peers;
	atomic64_set(&ep->numbered, RDG_FIRST_NUMBER + 1);
	INIT_LIST_HEAD(&ep->notice_list);
	sock_prot_inuse_add(sock_net(sk), sk->sk_prot, 1);
	return 0;
}

/**
 * rdg_sock_destroy - a socket is closed, or was made in vain
 * @sk: the socket
 *
 * A program of the cgroup may refuse it after rdg_sock_init(). Peers that deliver still do so.
 *
 * Context: process.
 */
void rdg_sock_destroy(struct sock *sk)
{
	sock_prot_inuse_add(sock_net(sk), sk->sk_prot, -1);
}

/* A socket is connected to a peer, wherever that is by now. Who is where it
 * was before is somebody else, and has to wait until the peer is gone.
 */
static bool is_connected_to(struct rdg_sock *ep, const struct rdg_remote *from)
{
	bool same = rdg_remote_equal(from, &ep->only);
	struct rdg_remote at;
	struct rdg_name *n;

	lockdep_assert_held(&ep->lock);
	rcu_read_lock();
	n = rdg_name_find(ep, &ep->only, NULL);
	if (n) {
		rdg_name_remote(rcu_dereference(n->peer->at), &at);
		same = rdg_remote_equal(from, &at) ||
		       (same && READ_ONCE(n->peer->link.state) == RDG_IDLE);
	}
	rcu_read_unlock();
	return same;
}

/**
 * rdg_sock_suits - may a peer at this address begin?
 * @ep: the endpoint
 * @from: the address
 *
 * Context: any.
 * Return: 0: it may not, the endpoint is connected to another; 1: it may; 2: it is the
 * one that the endpoint is connected to.
 */
int rdg_sock_suits(struct rdg_sock *ep, const struct rdg_remote *from)
{
	int suits = 0;

	if (!from->port || !rdg_remote_is_unicast(from))
		return 0;
	spin_lock_bh(&ep->lock);
	if (!ep->closed && !ep->connected)
		suits = 1;
	else if (!ep->closed && is_connected_to(ep, from))
		suits = 2;
	spin_unlock_bh(&ep->lock);
	return suits;
}

static void add_live(struct rdg_sock *ep, u64 *counts)
{
	struct rdg_peer *p;
	int i;

	rcu_read_lock();
	list_for_each_entry_rcu(p, &ep->peers, in_sock) {
		spin_lock_bh(&p->lock);
		for (i = 0; i < RDG_COUNTS; i++)
			counts[i] += p->link.count[i];
		spin_unlock_bh(&p->lock);
	}
	rcu_read_unlock();
}

static int add_moved(struct rdg_sock *ep, u64 *counts, u32 *peers)
{
	int i, n;

	spin_lock_bh(&ep->lock);
	n = atomic_read(&ep->moved);
	for (i = 0; i < RDG_COUNTS; i++)
		counts[i] += atomic64_read(&ep->counts[i]);
	*peers = ep->n_peers;
	spin_unlock_bh(&ep->lock);
	return n;
}

/**
 * rdg_sock_counts - what was counted for an endpoint
 * @ep: the endpoint
 * @counts: filled in; enum rdg_count
 * @peers: how many peers there are
 *
 * Context: process.
 */
void rdg_sock_counts(struct rdg_sock *ep, u64 *counts, u32 *peers)
{
	int tries = 10;
	int n;

	/* What is moved from a peer meanwhile would count twice, or not at all. */
	do {
		memset(counts, 0, RDG_COUNTS * sizeof(*counts));
		n = add_moved(ep, counts, peers);
		add_live(ep, counts);
	} while (atomic_read(&ep->moved) != n && --tries);
}
