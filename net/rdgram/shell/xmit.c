// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets out: to UDP.
 */
#include <linux/bottom_half.h>
#include <linux/skbuff.h>
#include <net/inet_ecn.h>
#include <net/ip6_route.h>
#include <net/route.h>
#include "compat.h"
#include "egress.h"
#include "local.h"
#include "message.h"
#include "route.h"
#include "train.h"
#include "xmit.h"

static u8 hop_limit4(const struct sock *sk, struct dst_entry *dst)
{
	int ttl = READ_ONCE(inet_sk(sk)->uc_ttl);

	return ttl < 0 ? ip4_dst_hoplimit(dst) : ttl;
}

#if IS_ENABLED(CONFIG_IPV6)
static u8 hop_limit6(const struct sock *sk, struct dst_entry *dst)
{
	/* A field of bits, which setsockopt() writes as a whole: what is read it was, or is. */
	int limit = data_race((int)inet6_sk(sk)->hop_limit);

	return limit < 0 ? ip6_dst_hoplimit(dst) : limit;
}

static u8 tos6(const struct sock *sk)
{
	return READ_ONCE(inet6_sk(sk)->tclass);
}

/* What a message asked for; or, if the socket has nothing against it, one by which routers
 * on the way tell flows apart.
 */
static __be32 label_of(const struct sock *sk, const struct rdg_flow *flow, struct sk_buff *skb)
{
	const struct rdg_look *look = rdg_packet_look(skb);
	struct flowi6 fl6 = {
		.flowi6_proto = IPPROTO_UDP,
		.saddr = flow->local,
		.daddr = flow->remote,
		.fl6_sport = flow->lport,
		.fl6_dport = flow->rport,
	};

	return ip6_make_flowlabel(sock_net(sk), skb, look->set & RDG_WISH_LABEL ? look->label : 0,
				  rdg_labels_flow(sk), &fl6);
}

static void send6(struct sock *inner, struct sock *sk, struct dst_entry *dst,
		  const struct rdg_flow *flow, struct sk_buff *skb, u8 tos, u8 limit)
{
	struct in6_addr from = flow->local, to = flow->remote;

	rdg_tunnel_xmit6(dst, inner, skb, &from, &to, tos, limit, label_of(sk, flow, skb),
			 flow->lport, flow->rport);
}
#else
static u8 hop_limit6(const struct sock *sk, struct dst_entry *dst)
{
	return 0;
}

static u8 tos6(const struct sock *sk)
{
	return 0;
}

static void send6(struct sock *inner, struct sock *sk, struct dst_entry *dst,
		  const struct rdg_flow *flow, struct sk_buff *skb, u8 tos, u8 limit)
{
	dst_release(dst);
	kfree_skb(skb);
}
#endif

/* The message that it carries has wishes: they come before the options of the socket. */
static noinline void grant(struct sock *sk, struct sk_buff *skb, u8 *tos, u8 *limit)
{
	const struct rdg_look *look = rdg_packet_look(skb);

	if (look->set & RDG_WISH_TOS)
		*tos = look->tos;
	if (look->set & RDG_WISH_TTL)
		*limit = look->ttl;
	if (look->set & RDG_WISH_MARK)
		skb->mark = look->mark;
	if (look->set & RDG_WISH_PRIORITY)
		skb->priority = look->priority;
	if (look->set & RDG_WISH_CONFIRM)
		skb_set_dst_pending_confirm(skb, 1);
	/* Whoever stamps it has to know whose it is. */
	if (look->set & RDG_WISH_STAMP)
		rdg_egress_own(sk, skb);
}

/* Takes @skb and the reference to @dst over. Bottom halves are disabled. */
static void send_packet(struct sock *inner, struct sock *sk, struct dst_entry *dst,
			const struct rdg_flow *flow, struct sk_buff *skb)
{
	bool v4 = rdg_is_v4(&flow->remote);
	u8 tos = v4 ? READ_ONCE(inet_sk(sk)->tos) : tos6(sk);
	u8 limit = v4 ? hop_limit4(sk, dst) : hop_limit6(sk, dst);

	skb->mark = READ_ONCE(sk->sk_mark);
	skb->priority = READ_ONCE(sk->sk_priority);
	if (unlikely(rdg_packet_look(skb)->set))
		grant(sk, skb, &tos, &limit);
	tos = (tos & ~INET_ECN_MASK) | rdg_packet_look(skb)->ecn;
	if (v4)
		rdg_tunnel_xmit4(container_of(dst, struct rtable, dst), inner, skb,
				 rdg_v4(&flow->local), rdg_v4(&flow->remote), tos, limit,
				 flow->lport, flow->rport);
	else
		send6(inner, sk, dst, flow, skb, tos, limit);
}

/**
 * rdg_xmit_device - by which device?
 * @p: the peer
 * @flow: its addresses
 * @device: that of the peer
 *
 * One that a message named may be gone by now (a tunnel that was made anew): what is to be
 * sent again, and acks, leave as they would without. Part of an address it remains.
 *
 * Context: any.
 * Return: for rdg_route().
 */
int rdg_xmit_device(const struct rdg_peer *p, const struct rdg_flow *flow, int device)
{
	bool is_there;

	if (!device || rdg_needs_scope(&flow->remote))
		return device;
	rcu_read_lock();
	is_there = dev_get_by_index_rcu(sock_net(p->sk), device);
	rcu_read_unlock();
	return is_there ? device : 0;
}

/* The peer's route, not held. Only for its one transmitter. */
static struct dst_entry *route_of(struct rdg_peer *p, const struct rdg_flow *flow, int device,
				  bool reroute)
{
	struct rdg_flow f = *flow;
	struct dst_entry *dst = p->dst;

	if (dst && !reroute && dst_check(dst, p->dst_cookie))
		return dst;
	dst_release(dst);
	p->dst = NULL;
	dst = rdg_route(p->sk, &f, rdg_xmit_device(p, flow, device));
	if (IS_ERR(dst))
		return NULL;
	p->dst = dst;
	p->dst_cookie = rdg_route_cookie(dst, flow);
	return dst;
}

/**
 * rdg_xmit_packets - send packets of a peer
 * @p: the peer; the caller has set @sending
 * @flow: its addresses
 * @device: see rdg_route()
 * @reroute: they changed
 * @packets: the packets; empty afterwards
 *
 * A packet that finds no route is lost; the core's timers go on.
 * Context: process or softirq, without locks.
 */
void rdg_xmit_packets(struct rdg_peer *p, const struct rdg_flow *flow, int device,
		      bool reroute, struct sk_buff_head *packets)
{
	struct sock *inner = rdg_peer_ep(p)->local->sock->sk;
	struct dst_entry *dst;
	struct sk_buff *skb;

	/* The tunnel code counts recursion per processor. */
	local_bh_disable();
	while ((skb = __skb_dequeue(packets))) {
		dst = route_of(p, flow, device, reroute);
		reroute = false;
		if (dst) {
			dst_hold(dst);
			send_packet(inner, p->sk, dst, flow, skb);
		} else {
			rdg_count(rdg_peer_ep(p)->rn, RDG_STAT_NO_ROUTE);
			kfree_skb(skb);
		}
	}
	local_bh_enable();
}

/**
 * rdg_xmit_aside - send a packet to where no route is kept for
 * @rn: the namespace
 * @inner: the inner socket that is to send it
 * @sk: the socket whose options count; may be @inner
 * @flow: both addresses
 * @device: see rdg_route()
 * @skb: the packet, taken over
 *
 * Context: process or softirq, without locks.
 */
void rdg_xmit_aside(struct rdg_net *rn, struct sock *inner, struct sock *sk,
		    const struct rdg_flow *flow, int device, struct sk_buff *skb)
{
	struct rdg_flow f = *flow;
	struct dst_entry *dst;

	dst = rdg_route(sk, &f, device);
	if (IS_ERR(dst)) {
		rdg_count(rn, RDG_STAT_NO_ROUTE);
		kfree_skb(skb);
		return;
	}
	local_bh_disable();
	send_packet(inner, sk, dst, &f, skb);
	local_bh_enable();
}

/**
 * rdg_xmit_answer - send a packet that belongs to no link
 * @rn: the namespace
 * @inner: the inner socket that is to send it
 * @sk: the socket whose options count; may be @inner
 * @flow: both addresses
 * @device: see rdg_route()
 * @data: the packet
 * @len: its length in bytes
 *
 * Context: softirq, without locks.
 */
void rdg_xmit_answer(struct rdg_net *rn, struct sock *inner, struct sock *sk,
		     const struct rdg_flow *flow, int device, const u8 *data, u32 len)
{
	struct sk_buff *skb = rdg_packet_alloc(RDG_HEADROOM, data, len, 0);

	if (skb)
		rdg_xmit_aside(rn, inner, sk, flow, device, skb);
	else
		rdg_count(rn, RDG_STAT_NO_SKB);
}
