// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets in: from UDP to the link whose they are.
 */
#include <linux/errno.h>
#include <linux/percpu.h>
#include <linux/skbuff.h>
#include <linux/udp.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/route.h>
#include "../core/cookie.h"
#include "id.h"
#include "input.h"
#include "local.h"
#include "peer.h"
#include "rbuf.h"
#include "rmem.h"
#include "xmit.h"

/**
 * struct arrival - a packet that came in
 *
 * @packet: the packet.
 * @inner: the inner socket that received it.
 * @local: its local.
 * @rn: its namespace.
 * @from: its sender.
 * @flow: its addresses, as we see them.
 * @now: ns.
 * @ce: it is marked Congestion Experienced.
 * @h: what it says.
 */
struct arrival {
	struct rdg_packet packet;
	struct sock *inner;
	struct rdg_local *local;
	struct rdg_net *rn;
	struct rdg_remote from;
	struct rdg_flow flow;
	u64 now;
	bool ce;
	struct rdg_header h;
};

/* Too large for the stack. One per processor will do: we are in softirq
 * context, which does not nest.
 */
static struct rdg_frames __percpu *frames_here;

/**
 * rdg_input_init - the module is loaded
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int rdg_input_init(void)
{
	frames_here = alloc_percpu(struct rdg_frames);
	return frames_here ? 0 : -ENOMEM;
}

/**
 * rdg_input_exit - the module is unloaded
 *
 * Context: process; no inner socket is left.
 */
void rdg_input_exit(void)
{
	free_percpu(frames_here);
}

static void answer(struct arrival *a, struct sock *sk, const u8 *data, u32 len)
{
	rdg_xmit_answer(a->rn, a->inner, sk, &a->flow, a->from.scope, data, len);
}

static void answer_reset(struct arrival *a, enum rdg_reset_reason reason)
{
	u8 data[RDG_RESET_LEN];

	if (a->h.length < RDG_RESET_LEN || !rdg_net_may_reset(a->rn, a->now))
		return;
	answer(a, a->inner, data, rdg_wire_reset(data, a->h.dst_id, reason));
}

static void answer_version(struct arrival *a)
{
	u8 data[RDG_VERSION_LEN];

	if (a->h.length < RDG_VERSION_LEN || !rdg_net_may_reset(a->rn, a->now))
		return;
	answer(a, a->inner, data, rdg_wire_version(data, a->h.src_id));
}

/* The open endpoint that takes links from this address, held. */
static struct rdg_sock *endpoint_of(struct arrival *a)
{
	struct rdg_sock *ep = rdg_local_endpoint(a->local, &a->flow);

	if (ep && !rdg_sock_takes(ep, &a->from)) {
		sock_put(rdg_to_sk(ep));
		ep = NULL;
	}
	return ep;
}

/* Lock a peer. Its link; NULL if it has ended. */
static struct rdg_link *lock_link(struct rdg_peer *p)
	__acquires(&p->lock)
{
	rdg_peer_lock(p);
	return p->dying ? NULL : &p->link;
}

static u32 make_challenge(struct arrival *a, struct rdg_sock *ep, const struct rdg_link *l, u8 *to)
{
	return rdg_cookie_answer(&ep->self, &a->flow, &a->h, l, rdg_rmem_credit(ep), a->now, to);
}

static u32 challenge_peer(struct arrival *a, struct rdg_sock *ep, struct rdg_peer *p, u8 *to)
{
	struct rdg_link *l = lock_link(p);
	u32 len = make_challenge(a, ep, l, to);

	if (l && l->remote_inc != a->h.src_inc)
		rdg_link_probe(l, a->now);
	rdg_peer_unlock(p);
	return len;
}

static void input_init(struct arrival *a)
{
	struct rdg_sock *ep = endpoint_of(a);
	u8 data[RDG_INIT_MIN];
	struct rdg_peer *p;
	u32 len;

	if (!ep) {
		rdg_count(a->rn, RDG_STAT_NO_ENDPOINT);
		return;
	}
	p = rdg_peer_find_at(ep, &a->from, &a->flow.local);
	if (p) {
		len = challenge_peer(a, ep, p, data);
		rdg_peer_put(p);
	} else {
		len = make_challenge(a, ep, NULL, data);
	}
	if (len)
		answer(a, rdg_to_sk(ep), data, len);
	sock_put(rdg_to_sk(ep));
}

static bool is_from(struct arrival *a, struct rdg_peer *p)
{
	if (rdg_peer_via(p, &a->from) == RDG_VIA_PEER)
		return true;
	rdg_count(a->rn, RDG_STAT_WRONG_SOURCE);
	return false;
}

static void input_challenge(struct arrival *a)
{
	bool tombstone;
	struct rdg_peer *p = rdg_id_find(a->rn, a->h.dst_id, &tombstone);
	struct rdg_link *l;

	if (!p) {
		rdg_count(a->rn, tombstone ? RDG_STAT_TOMBSTONE : RDG_STAT_UNKNOWN_ID);
		return;
	}
	l = lock_link(p);
	if (l && is_from(a, p))
		rdg_link_challenge(l, &a->h, a->now);
	rdg_peer_unlock(p);
	rdg_peer_put(p);
}

static enum rdg_path_step input_to(struct arrival *a, struct rdg_link *l,
				   const struct rdg_frames *f)
{
	struct rdg_peer *p = rdg_peer_of(l);
	enum rdg_path_step step;

	rdg_rmem_set_window(p);
	step = rdg_link_packet_via(l, &a->h, f, &a->packet, a->ce, rdg_peer_via(p, &a->from),
				   a->now);
	if (step == RDG_PATH_CANDIDATE)
		rdg_peer_candidate(p, &a->from);
	return step;
}

/* A packet for a peer from where it is not, and cannot be yet. */
static void input_stranger(struct arrival *a)
{
	rdg_count(a->rn, RDG_STAT_WRONG_SOURCE);
	/* Its cookie is for another address. */
	if (a->h.type == RDG_PKT_CONFIRM)
		answer_reset(a, RDG_RESET_STALE);
}

/* A packet for a peer that has this id. */
static void input_to_peer(struct arrival *a, struct rdg_peer *p, const struct rdg_frames *f)
{
	struct rdg_link *l = lock_link(p);
	enum rdg_path_step step = l ? input_to(a, l, f) : RDG_PATH_NOTHING;

	if (step == RDG_PATH_PROVED && !p->moving) {
		p->moving = true;
		/* What there is to send now goes to the new address. */
		spin_unlock_bh(&p->lock);
		rdg_peer_move(p, &a->from);
		return;
	}
	rdg_peer_unlock(p);
	if (step == RDG_PATH_STRANGER)
		input_stranger(a);
}

/* A link begins by a CONFIRM: answers come from the address that it was sent
 * to, also of a peer that was to be asked from another one.
 */
static void pin_local(struct rdg_peer *p, const struct rdg_flow *flow)
{
	lockdep_assert_held(&p->lock);
	if (ipv6_addr_equal(&p->flow.local, &flow->local))
		return;
	p->flow.local = flow->local;
	p->reroute = true;
}

static void refuse_cookie(struct arrival *a)
{
	rdg_count(a->rn, RDG_STAT_BAD_COOKIE);
	answer_reset(a, RDG_RESET_STALE);
}

/* It has a link by another address of ours, since it was found. */
static bool is_elsewhere(const struct arrival *a, const struct rdg_peer *p)
{
	lockdep_assert_held(&p->lock);
	return p->link.state > RDG_OPENING && !ipv6_addr_equal(&p->flow.local, &a->flow.local);
}

static void confirm_peer(struct arrival *a, struct rdg_peer *p, const struct rdg_frames *f)
{
	struct rdg_link *l = lock_link(p);
	int err = -EAGAIN;

	if (l && !is_elsewhere(a, p))
		err = rdg_link_confirm(l, &a->h, f, a->now);

	if (!err) {
		pin_local(p, &a->flow);
		input_to(a, l, f);
	}
	rdg_peer_unlock(p);
	if (err == -ESTALE)
		refuse_cookie(a);
	else if (err)
		rdg_count(a->rn, RDG_STAT_NOT_OPENED);
}

static void confirm_endpoint(struct arrival *a, struct rdg_sock *ep, const struct rdg_frames *f)
{
	struct rdg_peer *p = rdg_peer_meet(ep, &a->from, &a->flow.local);

	if (IS_ERR(p))
		return;
	confirm_peer(a, p, f);
	rdg_peer_put(p);
}

/* CONFIRM for an id that is nobody's. */
static void input_confirm(struct arrival *a, const struct rdg_frames *f)
{
	struct rdg_sock *ep = endpoint_of(a);

	if (!ep || !rdg_cookie_good(&ep->self, &a->flow, a->h.dst_id, &f->cookie, a->now))
		refuse_cookie(a);
	else
		confirm_endpoint(a, ep, f);
	if (ep)
		sock_put(rdg_to_sk(ep));
}

static void input_unknown(struct arrival *a, const struct rdg_frames *f, bool tombstone)
{
	bool confirm = a->h.type == RDG_PKT_CONFIRM;

	if (confirm && !tombstone) {
		input_confirm(a, f);
		return;
	}
	rdg_count(a->rn, tombstone ? RDG_STAT_TOMBSTONE : RDG_STAT_UNKNOWN_ID);
	answer_reset(a, confirm ? RDG_RESET_STALE : RDG_RESET_UNKNOWN);
}

static void input_data(struct arrival *a)
{
	struct rdg_frames *f = this_cpu_ptr(frames_here);
	bool tombstone;
	struct rdg_peer *p;

	if (rdg_wire_parse_frames(a->packet.skb->data, &a->h, f) != RDG_PARSE_OK) {
		rdg_count(a->rn, RDG_STAT_MALFORMED);
		return;
	}
	p = rdg_id_find(a->rn, a->h.dst_id, &tombstone);
	if (!p) {
		input_unknown(a, f, tombstone);
		return;
	}
	input_to_peer(a, p, f);
	rdg_peer_put(p);
}

static void input_reset(struct arrival *a)
{
	struct rdg_peer_key key = {
		.remote = a->from.addr,
		.rport = a->from.port,
		.lport = a->flow.lport,
		.scope = a->from.scope,
	};

	rdg_peer_reset(a->rn, &key, &a->h, a->now);
}

static void input_version(struct arrival *a)
{
	bool tombstone;
	struct rdg_peer *p = rdg_id_find(a->rn, a->h.reflected, &tombstone);
	struct rdg_link *l;

	if (!p) {
		rdg_count(a->rn, RDG_STAT_UNMATCHED);
		return;
	}
	l = lock_link(p);
	if (l && is_from(a, p))
		rdg_link_version(l, &a->h);
	rdg_peer_unlock(p);
	rdg_peer_put(p);
}

static void input_packet(struct arrival *a)
{
	switch (a->h.type) {
	case RDG_PKT_INIT:
		input_init(a);
		break;
	case RDG_PKT_CHALLENGE:
		input_challenge(a);
		break;
	case RDG_PKT_CONFIRM:
	case RDG_PKT_DATA:
		input_data(a);
		break;
	case RDG_PKT_RESET:
		input_reset(a);
		break;
	case RDG_PKT_VERSION:
		input_version(a);
		break;
	}
}

static void read_addresses(struct arrival *a)
{
	const struct sk_buff *skb = a->packet.skb;
	const struct udphdr *uh = udp_hdr(skb);

	a->from.port = uh->source;
	a->from.scope = 0;
	if (ip_hdr(skb)->version == 4) {
		ipv6_addr_set_v4mapped(ip_hdr(skb)->saddr, &a->from.addr);
		ipv6_addr_set_v4mapped(ip_hdr(skb)->daddr, &a->flow.local);
		a->ce = INET_ECN_is_ce(ip_hdr(skb)->tos);
	} else {
		a->from.addr = ipv6_hdr(skb)->saddr;
		a->flow.local = ipv6_hdr(skb)->daddr;
		a->ce = INET_ECN_is_ce(ipv6_get_dsfield(ipv6_hdr(skb)));
		a->from.scope = ipv6_iface_scope_id(&a->from.addr, inet6_iif(skb));
	}
	a->flow.remote = a->from.addr;
	a->flow.rport = uh->source;
	a->flow.lport = uh->dest;
}

static bool is_unicast(const struct sk_buff *skb)
{
	if (skb->pkt_type != PACKET_HOST)
		return false;
	if (ip_hdr(skb)->version == 4)
		return !(skb_rtable(skb)->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST));
	return !ipv6_addr_is_multicast(&ipv6_hdr(skb)->daddr);
}

/* The head of the packet into the linear part, and what it says into a->h. */
static enum rdg_parse read_header(struct arrival *a)
{
	struct sk_buff *skb = a->packet.skb;
	u32 need;

	if (!pskb_may_pull(skb, RDG_COMMON_LEN))
		return RDG_PARSE_MALFORMED;
	need = rdg_wire_need(skb->data);
	if (!pskb_may_pull(skb, min(need, skb->len)))
		return RDG_PARSE_MALFORMED;
	return rdg_wire_parse(skb->data, skb->len, &a->h);
}

static void input(struct arrival *a)
{
	switch (read_header(a)) {
	case RDG_PARSE_OK:
		input_packet(a);
		break;
	case RDG_PARSE_MALFORMED:
		rdg_count(a->rn, RDG_STAT_MALFORMED);
		break;
	case RDG_PARSE_UNKNOWN_TLV:
		rdg_count(a->rn, RDG_STAT_UNKNOWN_TLV);
		break;
	case RDG_PARSE_VERSION:
		rdg_count(a->rn, RDG_STAT_UNKNOWN_VERSION);
		answer_version(a);
		break;
	}
}

/**
 * rdg_input - a packet for an inner socket: its encap_rcv()
 * @inner: the inner socket
 * @skb: the packet, from the UDP header on; its checksum is right
 *
 * Context: softirq, RCU.
 * Return: 0: it is ours, whatever becomes of it.
 */
int rdg_input(struct sock *inner, struct sk_buff *skb)
{
	struct arrival a = {
		.packet = { .skb = skb, .tstamp = skb->tstamp, .iif = skb->skb_iif },
		.inner = inner,
		.local = rcu_dereference_sk_user_data(inner),
		.now = ktime_get_ns(),
	};

	/* NULL: it is being released. */
	if (!a.local)
		goto out;
	a.rn = a.local->rn;
	read_addresses(&a);
	if (!udp_hdr(skb)->check) {
		rdg_count(a.rn, RDG_STAT_NO_CHECKSUM);
	} else if (!is_unicast(skb)) {
		rdg_count(a.rn, RDG_STAT_NOT_UNICAST);
	} else {
		__skb_pull(skb, sizeof(struct udphdr));
		input(&a);
	}
out:
	if (!a.packet.used)
		consume_skb(skb);
	return 0;
}
