// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets out: from what the core says to UDP.
 *
 * The head of a packet is written into its own buffer, the payload hangs on it
 * as page fragments of the messages: these pages are never written again, a
 * qdisc or an unread receiver may still hold them when the message is over.
 * Little payload is copied; so is a lot in more parts than a buffer can have.
 */
#include <linux/bottom_half.h>
#include <linux/skbuff.h>
#include <net/inet_ecn.h>
#include <net/ip6_route.h>
#include <net/route.h>
#include "compat.h"
#include "local.h"
#include "message.h"
#include "route.h"
#include "xmit.h"

/* Room for all headers below ours. */
#define HEADROOM	(MAX_HEADER + sizeof(struct ipv6hdr) + sizeof(struct udphdr))

/* Little payload, or not much in many parts, is copied: that is less work. */
#define COPY_BELOW	192
#define COPY_MANY	2048
#define COPY_SLICES	8

/* The ECN field that a packet is to have, in its control buffer until it is
 * sent.
 */
static u8 *ecn_of(struct sk_buff *skb)
{
	return skb->cb;
}

static struct sk_buff *alloc_packet(const u8 *head, u32 len, u32 room)
{
	struct sk_buff *skb = alloc_skb(HEADROOM + len + room, GFP_ATOMIC | __GFP_NOWARN);

	if (skb) {
		skb_reserve(skb, HEADROOM);
		skb_put_data(skb, head, len);
		*ecn_of(skb) = INET_ECN_NOT_ECT;
	}
	return skb;
}

/* A packet with pages of its own; padding is zero, and not what was there. */
static struct sk_buff *alloc_with_pages(const struct rdg_out *out)
{
	gfp_t gfp = GFP_ATOMIC | __GFP_NOWARN | (out->padding ? __GFP_ZERO : 0);
	u32 len = out->payload + out->padding;
	struct sk_buff *skb;
	int err;

	skb = alloc_skb_with_frags(HEADROOM + out->head_len, len, PAGE_ALLOC_COSTLY_ORDER, &err,
				   gfp);
	if (skb) {
		skb_reserve(skb, HEADROOM);
		skb_put_data(skb, out->head, out->head_len);
		skb->len += len;
		skb->data_len = len;
	}
	return skb;
}

static struct sk_buff *build_with_pages(const struct rdg_out *out)
{
	struct sk_buff *skb = alloc_with_pages(out);
	u32 i, at = out->head_len;

	for (i = 0; skb && i < out->slices; i++) {
		const struct rdg_slice *s = &out->slice[i];

		rdg_message_store(rdg_message_of(s->msg), s->off, s->len, skb, at);
		at += s->len;
	}
	return skb;
}

/* Can the pages of the messages be shared? */
static bool parts_fit(const struct rdg_out *out)
{
	u32 i, n = 0;

	for (i = 0; i < out->slices; i++) {
		const struct rdg_slice *s = &out->slice[i];

		n += rdg_message_parts(rdg_message_of(s->msg), s->off, s->len);
	}
	return n <= MAX_SKB_FRAGS;
}

static bool is_copied(const struct rdg_out *out)
{
	return out->payload <= COPY_BELOW ||
	       (out->slices > COPY_SLICES && out->payload <= COPY_MANY);
}

/**
 * rdg_xmit_build - make a packet
 * @out: what the core wants sent
 *
 * Context: under the peer's lock.
 * Return: the packet, or NULL.
 */
struct sk_buff *rdg_xmit_build(const struct rdg_out *out)
{
	bool copy = is_copied(out);
	struct sk_buff *skb;
	u32 i;

	if (out->padding || (!copy && !parts_fit(out)))
		return build_with_pages(out);
	skb = alloc_packet(out->head, out->head_len, copy ? out->payload : 0);
	if (!skb)
		return NULL;
	if (out->ect)
		*ecn_of(skb) = INET_ECN_ECT_0;
	for (i = 0; i < out->slices; i++) {
		const struct rdg_slice *s = &out->slice[i];

		if (copy)
			rdg_message_copy(rdg_message_of(s->msg), s->off, s->len, skb);
		else
			rdg_message_attach(rdg_message_of(s->msg), s->off, s->len, skb);
	}
	return skb;
}

static u8 hop_limit4(const struct sock *sk, struct dst_entry *dst)
{
	int ttl = READ_ONCE(inet_sk(sk)->uc_ttl);

	return ttl < 0 ? ip4_dst_hoplimit(dst) : ttl;
}

#if IS_ENABLED(CONFIG_IPV6)
static void send6(struct sock *inner, struct sock *sk, struct dst_entry *dst,
		  const struct rdg_flow *flow, struct sk_buff *skb)
{
	struct in6_addr from = flow->local, to = flow->remote;
	int limit = inet6_sk(sk)->hop_limit;
	u8 ecn = *ecn_of(skb);

	rdg_tunnel_xmit6(dst, inner, skb, &from, &to,
			 (READ_ONCE(inet6_sk(sk)->tclass) & ~INET_ECN_MASK) | ecn,
			 limit < 0 ? ip6_dst_hoplimit(dst) : limit, flow->lport, flow->rport);
}
#else
static void send6(struct sock *inner, struct sock *sk, struct dst_entry *dst,
		  const struct rdg_flow *flow, struct sk_buff *skb)
{
	dst_release(dst);
	kfree_skb(skb);
}
#endif

/* Takes @skb and the reference to @dst over. Bottom halves are disabled. */
static void send_packet(struct sock *inner, struct sock *sk, struct dst_entry *dst,
			const struct rdg_flow *flow, struct sk_buff *skb)
{
	u8 ecn = *ecn_of(skb);

	skb->mark = READ_ONCE(sk->sk_mark);
	skb->priority = READ_ONCE(sk->sk_priority);
	if (rdg_is_v4(&flow->remote))
		rdg_tunnel_xmit4(container_of(dst, struct rtable, dst), inner, skb,
				 rdg_v4(&flow->local), rdg_v4(&flow->remote),
				 (READ_ONCE(inet_sk(sk)->tos) & ~INET_ECN_MASK) | ecn,
				 hop_limit4(sk, dst), flow->lport, flow->rport);
	else
		send6(inner, sk, dst, flow, skb);
}

/* The peer's route, not held. Only for its one transmitter. */
static struct dst_entry *route_of(struct rdg_peer *p, const struct rdg_flow *flow, int scope,
				  bool reroute)
{
	struct rdg_flow f = *flow;
	struct dst_entry *dst = p->dst;

	if (dst && !reroute && dst_check(dst, p->dst_cookie))
		return dst;
	dst_release(dst);
	p->dst = NULL;
	dst = rdg_route(p->sk, &f, scope);
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
 * @scope: struct rdg_remote.scope of the remote one
 * @reroute: they changed
 * @packets: the packets; empty afterwards
 *
 * A packet that finds no route is lost; the core's timers go on.
 * Context: process or softirq, without locks.
 */
void rdg_xmit_packets(struct rdg_peer *p, const struct rdg_flow *flow, int scope,
		      bool reroute, struct sk_buff_head *packets)
{
	struct sock *inner = rdg_peer_ep(p)->local->sock->sk;
	struct dst_entry *dst;
	struct sk_buff *skb;

	/* The tunnel code counts recursion per processor. */
	local_bh_disable();
	while ((skb = __skb_dequeue(packets))) {
		dst = route_of(p, flow, scope, reroute);
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
 * @scope: struct rdg_remote.scope
 * @skb: the packet, taken over
 *
 * Context: process or softirq, without locks.
 */
void rdg_xmit_aside(struct rdg_net *rn, struct sock *inner, struct sock *sk,
		    const struct rdg_flow *flow, int scope, struct sk_buff *skb)
{
	struct rdg_flow f = *flow;
	struct dst_entry *dst;

	dst = rdg_route(sk, &f, scope);
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
 * @scope: struct rdg_remote.scope
 * @data: the packet
 * @len: its length in bytes
 *
 * Context: softirq, without locks.
 */
void rdg_xmit_answer(struct rdg_net *rn, struct sock *inner, struct sock *sk,
		     const struct rdg_flow *flow, int scope, const u8 *data, u32 len)
{
	struct sk_buff *skb = alloc_packet(data, len, 0);

	if (skb)
		rdg_xmit_aside(rn, inner, sk, flow, scope, skb);
	else
		rdg_count(rn, RDG_STAT_NO_SKB);
}
