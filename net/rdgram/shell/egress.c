// SPDX-License-Identifier: GPL-2.0-only
/*
 * Small queues, see egress.h.
 */
#include <linux/interrupt.h>
#include <linux/minmax.h>
#include <linux/netdevice.h>
#include <linux/slab.h>
#include "egress.h"

/* So many who have had little go before one who has had much, if he is there. */
#define RUN	4

/* Packets are charged for so many bytes at a time, and not for more than so many times. */
#define SHARE		512
#define SHARES_MAX	255

/**
 * struct rdg_egress - what packets of one socket are in the queues of one device
 *
 * @node: in rdg_sock.egresses, which has no reference.
 * @sk: the socket; held.
 * @ifindex: the device.
 * @ref: peers, packets, and @resume while it is scheduled.
 * @lock: protects all down to @run. A leaf. Packets are freed anywhere but in hard
 *	interrupts, perhaps with interrupts disabled: that is the only place which
 *	disables them. All others have bottom halves disabled.
 * @dql: how many bytes of memory are there, and may be, in whole shares.
 * @given: packets that it was given.
 * @early: struct rdg_peer, with a reference to each: to be let in, in turn. These
 *	have had less than their share lately.
 * @late: likewise: all others.
 * @waiting: how many there are in both.
 * @run: how many of @early were let in since one of @late was.
 * @resume: lets them in.
 * @resuming: it is scheduled.
 * @shares: each entry is its own index; constant. Where in there the destructor_arg of a
 *	packet points says for how many shares it is charged. That has to be known when it
 *	leaves, and no field of its own tells: what it takes of memory others change (IPsec
 *	adds a trailer, the neighbour's layer headroom).
 * @rcu: frees it.
 */
struct rdg_egress {
	struct list_head node;
	struct sock *sk;
	int ifindex;
	refcount_t ref;
	spinlock_t lock;	/* see above */
	struct dql dql;
	u32 given;
	struct list_head early;
	struct list_head late;
	u32 waiting;
	u32 run;
	struct tasklet_struct resume;
	bool resuming;
	u8 shares[SHARES_MAX + 1];
	struct rcu_head rcu;
};

/* @resume has returned. The socket may let go of the module: rcu_barrier() waits. */
static void free_rcu_egress(struct rcu_head *rcu)
{
	struct rdg_egress *e = container_of(rcu, struct rdg_egress, rcu);

	sock_put(e->sk);
	kfree(e);
}

static void put(struct rdg_egress *e)
{
	struct rdg_sock *ep = rdg_sk(e->sk);
	unsigned long flags;

	if (!refcount_dec_and_lock_irqsave(&e->ref, &ep->egress_lock, &flags))
		return;
	/* For sparse, which does not know that it was taken. */
	__acquire(&ep->egress_lock);
	list_del(&e->node);
	spin_unlock_irqrestore(&ep->egress_lock, flags);
	call_rcu(&e->rcu, free_rcu_egress);
}

/* The others have been given one each since it was: so it is not one of those who send
 * as much as they can, and need not wait behind them all.
 */
static bool is_early(const struct rdg_egress *e, const struct rdg_peer *p)
{
	return e->given - p->given > e->waiting;
}

static void join(struct rdg_egress *e, struct rdg_peer *p, bool early)
{
	lockdep_assert_held(&e->lock);
	refcount_inc(&p->ref);
	list_add_tail(&p->in_egress, early ? &e->early : &e->late);
	e->waiting++;
}

/* The next one in turn, with the reference that the list had. */
static struct rdg_peer *pop(struct rdg_egress *e)
{
	bool late = list_empty(&e->early) || (e->run >= RUN && !list_empty(&e->late));
	struct rdg_peer *p;

	lockdep_assert_held(&e->lock);
	p = list_first_entry_or_null(late ? &e->late : &e->early, struct rdg_peer, in_egress);
	if (!p)
		return NULL;
	e->run = late ? 0 : e->run + 1;
	list_del_init(&p->in_egress);
	e->waiting--;
	return p;
}

static struct rdg_peer *next_waiting(struct rdg_egress *e)
{
	struct rdg_peer *p = NULL;

	spin_lock(&e->lock);
	if (dql_avail(&e->dql) >= 0)
		p = pop(e);
	spin_unlock(&e->lock);
	return p;
}

static void resume(struct tasklet_struct *t)
{
	struct rdg_egress *e = from_tasklet(e, t, resume);
	struct rdg_peer *p;

	spin_lock(&e->lock);
	e->resuming = false;
	spin_unlock(&e->lock);
	while ((p = next_waiting(e))) {
		rdg_peer_lock(p);
		rdg_peer_unlock(p);
		rdg_peer_put(p);
	}
	put(e);
}

static struct rdg_egress *make(struct rdg_sock *ep, int ifindex)
{
	struct rdg_egress *e = kzalloc(sizeof(*e), GFP_ATOMIC | __GFP_NOWARN);
	int i;

	if (!e)
		return NULL;
	for (i = 0; i <= SHARES_MAX; i++)
		e->shares[i] = i;
	e->sk = rdg_to_sk(ep);
	sock_hold(e->sk);
	e->ifindex = ifindex;
	refcount_set(&e->ref, 1);
	spin_lock_init(&e->lock);
	dql_init(&e->dql, HZ);
	INIT_LIST_HEAD(&e->early);
	INIT_LIST_HEAD(&e->late);
	tasklet_setup(&e->resume, resume);
	list_add(&e->node, &ep->egresses);
	return e;
}

static struct rdg_egress *get(struct rdg_sock *ep, int ifindex)
{
	struct rdg_egress *e;
	unsigned long flags;

	spin_lock_irqsave(&ep->egress_lock, flags);
	list_for_each_entry(e, &ep->egresses, node)
		if (e->ifindex == ifindex && refcount_inc_not_zero(&e->ref))
			goto out;
	e = make(ep, ifindex);
out:
	spin_unlock_irqrestore(&ep->egress_lock, flags);
	return e;
}

/**
 * rdg_egress_choose - by which device packets of a peer leave from now on
 * @p: the peer; the caller has set @sending
 * @ifindex: the device
 *
 * Without memory for it there is no limit.
 *
 * Context: under the peer's lock.
 */
void rdg_egress_choose(struct rdg_peer *p, int ifindex)
{
	if (p->egress && p->egress->ifindex == ifindex)
		return;
	rdg_egress_leave(p);
	p->egress = get(rdg_peer_ep(p), ifindex);
}

/**
 * rdg_egress_leave - the peer has no device any more
 * @p: the peer; the caller has set @sending, or has the last reference
 *
 * Context: any.
 */
void rdg_egress_leave(struct rdg_peer *p)
{
	struct rdg_egress *e = p->egress;
	bool waits;

	if (!e)
		return;
	spin_lock_bh(&e->lock);
	waits = !list_empty(&p->in_egress);
	e->waiting -= waits;
	list_del_init(&p->in_egress);
	spin_unlock_bh(&e->lock);
	p->egress = NULL;
	put(e);
	/* Not the last one: the caller's is another. */
	if (waits)
		rdg_peer_put(p);
}

/**
 * rdg_egress_has_room - may a peer give its device one more packet?
 * @p: the peer; the caller has set @sending
 * @more: bytes of memory that it is about to give it besides
 *
 * If not, it will be resumed when it is its turn.
 *
 * Context: under the peer's lock.
 * Return: true if it may.
 */
bool rdg_egress_has_room(struct rdg_peer *p, u32 more)
{
	struct rdg_egress *e = p->egress;
	bool room;

	lockdep_assert_held(&p->lock);
	/* dql_avail() may be called by anybody; who is to wait looks once more. */
	if (!e || data_race(dql_avail(&e->dql)) >= (int)more)
		return true;
	spin_lock(&e->lock);
	room = dql_avail(&e->dql) >= (int)more;
	if (!room && list_empty(&p->in_egress))
		join(e, p, !more && is_early(e, p));
	spin_unlock(&e->lock);
	return room;
}

/* A packet has left the device, or was dropped there. */
static void left(struct sk_buff *skb)
{
	const u8 *shares = skb_shinfo(skb)->destructor_arg;
	struct rdg_egress *e = container_of(shares - *shares, struct rdg_egress, shares[0]);
	unsigned long flags;

	/* Not the last reference: @e has another. */
	if (skb->sk)
		WARN_ON_ONCE(refcount_sub_and_test(skb->truesize, &skb->sk->sk_wmem_alloc));
	spin_lock_irqsave(&e->lock, flags);
	dql_completed(&e->dql, *shares * SHARE);
	if (!e->resuming && e->waiting && dql_avail(&e->dql) >= 0) {
		e->resuming = true;
		refcount_inc(&e->ref);
		tasklet_schedule(&e->resume);
	}
	spin_unlock_irqrestore(&e->lock, flags);
	put(e);
}

/**
 * rdg_egress_charge - packets are about to be given to the device
 * @p: the peer; the caller has set @sending
 * @packets: the packets
 *
 * Context: under the peer's lock.
 */
void rdg_egress_charge(struct rdg_peer *p, struct sk_buff_head *packets)
{
	struct rdg_egress *e = p->egress;
	struct sk_buff *skb;
	u32 n;

	lockdep_assert_held(&p->lock);
	if (!e || skb_queue_empty(packets))
		return;
	spin_lock(&e->lock);
	skb_queue_walk(packets, skb) {
		n = min_t(u32, DIV_ROUND_UP(skb->truesize, SHARE), SHARES_MAX);
		dql_queued(&e->dql, n * SHARE);
		refcount_inc(&e->ref);
		skb->destructor = left;
		skb_shinfo(skb)->destructor_arg = &e->shares[n];
		e->given++;
	}
	p->given = e->given;
	spin_unlock(&e->lock);
}

/**
 * rdg_egress_own - the kernel is to know whose packet it is, and tell it when it leaves
 * @sk: the socket
 * @skb: the packet, charged to a device or not
 *
 * Whoever lets it take more memory then adds that to what the socket is charged for, which
 * holds the socket: so the rest has to be there, too.
 *
 * Context: any.
 */
void rdg_egress_own(struct sock *sk, struct sk_buff *skb)
{
	if (!skb->destructor) {
		skb_set_owner_w(skb, sk);
		return;
	}
	skb->sk = sk;
	refcount_add(skb->truesize, &sk->sk_wmem_alloc);
}
