// SPDX-License-Identifier: GPL-2.0-only
/*
 * Groups, see group.h. They are the kernel's own, of our sockets: so a program that is
 * attached to one of them (SO_ATTACH_REUSEPORT_CBPF, ..._EBPF) is that of all, numbers
 * them in the order in which they were bound, and has as its last resort what UDP's has.
 * The inner sockets are another group, which has no program: by which of them a packet
 * comes in is no matter.
 *
 * Who is chosen is chosen by the packet that asks for a link. It has no message: nor is
 * there one for the program, only the headers before it.
 */
#include <linux/filter.h>
#include <linux/net.h>
#include <linux/netdevice.h>
#include <linux/siphash.h>
#include <net/sock_reuseport.h>
#include "group.h"

/* Whom the kernel finds in a group may be about to close. */
static void allow_lookups(struct sock *sk)
{
	sock_set_flag(sk, SOCK_RCU_FREE);
}

/**
 * rdg_group_begin - a socket is the first of its group
 * @ep: the socket
 * @any: it is bound to any address
 *
 * Context: process; holds the socket's lock.
 * Return: 0 or -ENOMEM.
 */
int rdg_group_begin(struct rdg_sock *ep, bool any)
{
	allow_lookups(rdg_to_sk(ep));
	return reuseport_alloc(rdg_to_sk(ep), any);
}

/**
 * rdg_group_join - a socket enters a group
 * @ep: the socket
 * @member: one that is in the group
 * @any: they are bound to any address
 *
 * Context: process; holds the socket's lock. @member does not leave meanwhile.
 * Return: 0, -ENOMEM, or -EBUSY.
 */
int rdg_group_join(struct rdg_sock *ep, struct rdg_sock *member, bool any)
{
	allow_lookups(rdg_to_sk(ep));
	return reuseport_add_sock(rdg_to_sk(ep), rdg_to_sk(member), any);
}

/**
 * rdg_group_leave - a socket is closed
 * @ep: the socket
 *
 * Context: process.
 */
void rdg_group_leave(struct rdg_sock *ep)
{
	if (rcu_access_pointer(rdg_to_sk(ep)->sk_reuseport_cb))
		reuseport_detach_sock(rdg_to_sk(ep));
}

/* The packet as a program sees it: a datagram without payload, of one of the sockets. */
static struct sk_buff *make_view(struct sock *member, struct sk_buff *skb)
{
	struct sk_buff *view = skb_clone(skb, GFP_ATOMIC | __GFP_NOWARN);

	if (!view)
		return NULL;
	if (pskb_trim(view, 0)) {
		kfree_skb(view);
		return NULL;
	}
	/* In the queue of the inner socket something else stood in its place. */
	view->dev = dev_get_by_index_rcu(sock_net(member), view->skb_iif);
	/* Held by the caller for longer than this is looked at. */
	view->sk = member;
	return view;
}

static struct sock *select_by(struct sock *member, u32 hash, struct sk_buff *skb)
{
	const struct sock_reuseport *group = rcu_dereference(member->sk_reuseport_cb);
	struct sk_buff *view = NULL;
	struct sock *sk;

	if (group && rcu_access_pointer(group->prog))
		view = make_view(member, skb);
	sk = reuseport_select_sock(member, hash, view, 0);
	if (view)
		view->sk = NULL;
	/* A clone: nothing is dropped with it. */
	consume_skb(view);
	return IS_ERR_OR_NULL(sk) || !refcount_inc_not_zero(&sk->sk_refcnt) ? NULL : sk;
}

/* Where a peer is tells only us whose it will be: nobody can choose ports that are all of
 * one socket.
 */
static u32 spread(const struct rdg_remote *from)
{
	static siphash_aligned_key_t key __read_mostly;

	net_get_random_once(&key, sizeof(key));
	return siphash_3u64(get_unaligned((const u64 *)&from->addr.s6_addr[0]),
			    get_unaligned((const u64 *)&from->addr.s6_addr[8]),
			    (__force u16)from->port, &key);
}

/**
 * rdg_group_choose - who of a group takes a new peer?
 * @member: one of them, held
 * @from: the peer's address
 * @skb: the packet that asks, without the UDP header
 *
 * Context: softirq.
 * Return: the endpoint, held, perhaps closed or connected to another; NULL: nobody.
 */
struct rdg_sock *rdg_group_choose(struct rdg_sock *member, const struct rdg_remote *from,
				  struct sk_buff *skb)
{
	u32 hash = spread(from);
	struct sock *sk;

	rcu_read_lock();
	sk = select_by(rdg_to_sk(member), hash, skb);
	rcu_read_unlock();
	return sk ? rdg_sk(sk) : NULL;
}
