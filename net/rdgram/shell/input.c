// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets in: from UDP to the link whose they are.
 */
#include <linux/errno.h>
#include <linux/percpu.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/udp.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/udp.h>
#include "../core/cookie.h"
#include "compat.h"
#include "fault.h"
#include "filter.h"
#include "id.h"
#include "input.h"
#include "local.h"
#include "peer.h"
#include "rbuf.h"
#include "rmem.h"
#include "succession.h"
#include "xmit.h"

/**
 * struct arrival - one buffer that came in: a packet, or a train of them
 *
 * @packet: the packet that is being input.
 * @inner: the inner socket that received it.
 * @local: its local.
 * @rn: its namespace.
 * @from: its sender.
 * @flow: its addresses, as we see them.
 * @ce: it is marked Congestion Experienced.
 * @data: its first bytes: all that stands before the payload. Nobody writes them.
 * @h: what it says.
 * @peer: whose the last packet was, with a reference, and locked: the next one is
 *	most likely of the same link. NULL: none is locked.
 * @alike: the last packet was for it, and as any other of its path: the next one may only
 *	differ in what it carries.
 * @scratch: what is too large for the stack.
 */
struct arrival {
	struct rdg_packet packet;
	struct sock *inner;
	struct rdg_local *local;
	struct rdg_net *rn;
	struct rdg_remote from;
	struct rdg_flow flow;
	bool ce;
	const u8 *data;
	struct rdg_header h;
	struct rdg_peer *peer;
	bool alike;
	struct scratch *scratch;
};

/* Bytes before the payload that are copied in order to be read. Who has more to say
 * than we do gets memory of his own.
 */
#define HEAD_MAX	1024

/**
 * struct scratch - what inputs a buffer needs, and is too large for the stack
 *
 * @source: how bytes come to @head.
 * @arrival: of which buffer.
 * @frames: what a packet says.
 * @head: its first bytes.
 * @large: likewise, where that is too short; NULL: it is not.
 * @busy: it is in use.
 */
struct scratch {
	struct rdg_source source;
	struct arrival *arrival;
	struct rdg_frames frames;
	u8 head[HEAD_MAX];
	u8 *large;
	bool busy;
};

static struct scratch __percpu *scratch_here;

/**
 * rdg_input_init - the module is loaded
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int rdg_input_init(void)
{
	scratch_here = alloc_percpu(struct scratch);
	return scratch_here ? 0 : -ENOMEM;
}

/**
 * rdg_input_exit - the module is unloaded
 *
 * Context: process; no inner socket is left.
 */
void rdg_input_exit(void)
{
	free_percpu(scratch_here);
}

/* One per processor will do: bottom halves are disabled. But what we send may come
 * back to us before we return, by a redirection of tc's for instance: then that one
 * is in use.
 */
static struct scratch *take_scratch(void)
{
	struct scratch *s = this_cpu_ptr(scratch_here);

	if (s->busy)
		s = kmalloc(sizeof(*s), GFP_ATOMIC | __GFP_NOWARN);
	if (s) {
		s->busy = true;
		s->large = NULL;
	}
	return s;
}

static void give_scratch(struct scratch *s)
{
	if (s == this_cpu_ptr(scratch_here))
		s->busy = false;
	else
		kfree(s);
}

/* Let go of the peer whose the last packet was: it sends, and wakes who waits. */
static void let_go(struct arrival *a)
{
	struct rdg_peer *p = a->peer;

	if (!p)
		return;
	a->peer = NULL;
	/* By find_peer(): not for sparse to follow. */
	__acquire(&p->lock);
	rdg_rbuf_settle(p, &a->packet);
	rdg_peer_unlock(p);
	rdg_peer_put(p);
}

static void answer(struct arrival *a, struct sock *sk, const u8 *data, u32 len)
{
	rdg_xmit_answer(a->rn, a->inner, sk, &a->flow, a->from.scope, data, len);
}

static void answer_reset(struct arrival *a, enum rdg_reset_reason reason)
{
	u8 data[RDG_RESET_LEN];

	if (a->h.length < RDG_RESET_LEN || !rdg_net_may_reset(a->rn, ktime_get_ns()))
		return;
	answer(a, a->inner, data, rdg_wire_reset(data, a->h.dst_id, reason));
}

static void answer_version(struct arrival *a)
{
	u8 data[RDG_VERSION_LEN];

	if (a->h.length < RDG_VERSION_LEN || !rdg_net_may_reset(a->rn, ktime_get_ns()))
		return;
	answer(a, a->inner, data, rdg_wire_version(data, a->h.src_id));
}

/* The open endpoint that takes links from this address, held. @inc: it may be known. */
static struct rdg_sock *endpoint_of(struct arrival *a, u64 inc)
{
	return rdg_local_endpoint(a->local, &a->flow, &a->from, inc, a->packet.skb);
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
	bool full = rdg_id_is_scarce(a->rn);
	u32 len = rdg_cookie_answer(&ep->self, &a->flow, &a->h, l, rdg_rmem_credit(ep), full,
				    ktime_get_ns(), to);

	if (!len)
		rdg_count(a->rn, full ? RDG_STAT_NO_ID : RDG_STAT_PUT_OFF);
	return len;
}

static bool is_at(const struct arrival *a, const struct rdg_peer *p)
{
	lockdep_assert_held(&p->lock);
	return ipv6_addr_equal(&p->flow.local, &a->flow.local);
}

static u32 challenge_peer(struct arrival *a, struct rdg_sock *ep, struct rdg_peer *p, u8 *to)
{
	struct rdg_link *l = lock_link(p);
	/* A handshake that we began from another of our addresses is not the one that this one
	 * crosses: to the other side these are two peers, and each has a link of its own.
	 */
	const struct rdg_link *crossed = is_at(a, p) ? l : NULL;
	u32 len = make_challenge(a, ep, crossed, to);

	p->speaks = true;
	if (crossed && len && crossed->state == RDG_OPENING)
		WRITE_ONCE(p->told, true);
	if (l)
		rdg_link_asked(l, &a->h, rdg_peer_clock(p));
	rdg_peer_unlock(p);
	return len;
}

/* The address of its sender, and our port. */
static struct rdg_peer_key key_of(const struct arrival *a)
{
	return (struct rdg_peer_key){
		.remote = a->from.addr,
		.rport = a->from.port,
		.lport = a->flow.lport,
		.scope = a->from.scope,
	};
}

static void input_alien(struct arrival *a)
{
	struct rdg_peer_key key = key_of(a);

	rdg_fault_alien(a->rn, &key, &a->flow.local);
}

/* Our own INIT, from somebody who sends back whatever he gets. Who talks to himself gets
 * it from himself, at the same address, or at another, where the peer is another one. Our
 * incarnation is no secret, but the id is.
 */
static bool is_reflected(const struct arrival *a, const struct rdg_sock *ep,
			 const struct rdg_peer *p)
{
	return a->h.src_inc == ep->self.incarnation &&
	       a->h.src_id == READ_ONCE(p->link.own_id) &&
	       !(a->flow.rport == a->flow.lport &&
		 ipv6_addr_equal(&a->flow.remote, &a->flow.local));
}

static void init_for(struct arrival *a, struct rdg_sock *ep)
{
	struct rdg_peer *p = rdg_peer_find_at(ep, &a->from, &a->flow.local);
	u8 data[RDG_INIT_MIN];
	u32 len = 0;

	if (p && is_reflected(a, ep, p)) {
		rdg_count(a->rn, RDG_STAT_MALFORMED);
		input_alien(a);
	} else if (p) {
		len = challenge_peer(a, ep, p, data);
	} else {
		len = make_challenge(a, ep, NULL, data);
	}
	if (len)
		answer(a, rdg_to_sk(ep), data, len);
	if (p)
		rdg_peer_put(p);
}

/* A socket that was closed before this one was bound has something to say to who asks, and
 * has no link to say it by: it is asked to make one now, which the other side is to answer.
 * Were its INIT answered for this socket, that one would be a stranger to it, and too late.
 */
static bool waits_for_another(struct arrival *a, struct rdg_sock *ep)
{
	struct rdg_peer_key key = key_of(a);

	return atomic_read(&a->rn->orphans) &&
	       rdg_peer_urge_before(ep, &key, &a->flow.local, a->h.src_id);
}

static void input_init(struct arrival *a)
{
	struct rdg_sock *ep = endpoint_of(a, a->h.dst_inc);

	if (!ep) {
		rdg_count(a->rn, RDG_STAT_NO_ENDPOINT);
		return;
	}
	if (waits_for_another(a, ep))
		rdg_count(a->rn, RDG_STAT_PUT_OFF);
	else
		init_for(a, ep);
	sock_put(rdg_to_sk(ep));
}

static bool is_from(struct arrival *a, struct rdg_peer *p)
{
	if (rdg_peer_via(p, &a->from) == RDG_VIA_PEER)
		return true;
	rdg_count(a->rn, RDG_STAT_WRONG_SOURCE);
	return false;
}

/* By the address of ours that was asked from, too: the cookie is for that. */
static bool is_between(struct arrival *a, struct rdg_peer *p)
{
	if (is_at(a, p))
		return is_from(a, p);
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
	if (!l || l->own_id != a->h.dst_id)
		rdg_count(a->rn, RDG_STAT_TOMBSTONE);
	else if (is_between(a, p))
		rdg_link_challenge(l, &a->h, rdg_peer_clock(p));
	rdg_peer_unlock(p);
	rdg_peer_put(p);
}

/* A link begins by a CONFIRM: answers come from the address that it was sent
 * to, also of a peer that was to be asked from another one.
 */
static void pin_local(struct rdg_peer *p, const struct rdg_flow *flow)
{
	lockdep_assert_held(&p->lock);
	if (p->pinned == RDG_PIN_GUESSED)
		WRITE_ONCE(p->pinned, RDG_PIN_OTHER);
	if (!ipv6_addr_equal(&p->flow.local, &flow->local))
		rdg_peer_set_local(p, &flow->local, RDG_PIN_OTHER);
}

static enum rdg_path_step input_to(struct arrival *a, struct rdg_link *l,
				   const struct rdg_frames *f)
{
	bool opens = a->h.type == RDG_PKT_CONFIRM && l->state < RDG_UP;
	struct rdg_peer *p = rdg_peer_of(l);
	enum rdg_path_step step;

	rdg_rmem_set_window(p);
	p->link.filtered = rdg_filter_is_set(p->sk);
	p->packet = &a->packet;
	step = rdg_link_packet_via(l, &a->h, f, &a->packet, a->ce, rdg_peer_via(p, &a->from),
				   rdg_peer_clock(p));
	if (opens && l->state >= RDG_UP)
		pin_local(p, &a->flow);
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

/* A packet for the peer that is locked, and is not dying: then it would have no id. */
static void input_to_peer(struct arrival *a, const struct rdg_frames *f)
{
	struct rdg_peer *p = a->peer;
	enum rdg_path_step step = input_to(a, &p->link, f);

	a->alike = step == RDG_PATH_NOTHING && p->link.own_id == a->h.dst_id &&
		   rdg_peer_via(p, &a->from) == RDG_VIA_PEER;
	if (step == RDG_PATH_PROVED && !p->moving) {
		p->moving = true;
		a->peer = NULL;
		rdg_rbuf_settle(p, &a->packet);
		__acquire(&p->lock);
		/* What there is to send now goes to the new address. */
		spin_unlock_bh(&p->lock);
		rdg_peer_move(p, &a->from);
		rdg_peer_put(p);
	} else if (step == RDG_PATH_STRANGER) {
		let_go(a);
		input_stranger(a);
	}
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
	return p->link.state > RDG_OPENING && !is_at(a, p);
}

static void confirm_peer(struct arrival *a, struct rdg_peer *p, const struct rdg_frames *f)
{
	struct rdg_link *l = lock_link(p);
	int err = -EAGAIN;

	if (l && !is_elsewhere(a, p))
		err = rdg_link_confirm(l, &a->h, f, rdg_peer_clock(p));

	if (!err) {
		pin_local(p, &a->flow);
		input_to(a, l, f);
		rdg_rbuf_settle(p, &a->packet);
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
	struct rdg_sock *ep = endpoint_of(a, f->cookie.dst_inc);

	if (!ep || !rdg_cookie_good(&ep->self, &a->flow, a->h.dst_id, &f->cookie,
				    ktime_get_ns()))
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

/* Lock the peer whose id it is. False: it is nobody's. */
static bool find_peer(struct arrival *a, bool *tombstone)
{
	if (a->peer)
		return true;
	a->peer = rdg_id_find(a->rn, a->h.dst_id, tombstone);
	if (!a->peer)
		return false;
	rdg_peer_lock(a->peer);
	__release(&a->peer->lock);
	if (a->peer->link.own_id == a->h.dst_id)
		return true;
	/* That link has ended since it was found. */
	let_go(a);
	*tombstone = true;
	return false;
}

static void input_data(struct arrival *a)
{
	struct rdg_frames *f = &a->scratch->frames;
	bool tombstone;

	if (rdg_wire_parse_frames(a->data, &a->h, f) != RDG_PARSE_OK)
		rdg_count(a->rn, RDG_STAT_MALFORMED);
	else if (find_peer(a, &tombstone))
		input_to_peer(a, f);
	else
		input_unknown(a, f, tombstone);
}

static void input_reset(struct arrival *a)
{
	struct rdg_peer_key key = key_of(a);

	rdg_peer_reset(a->rn, &key, &a->h);
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
	if (!l || l->own_id != a->h.reflected)
		rdg_count(a->rn, RDG_STAT_UNMATCHED);
	else if (is_from(a, p))
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

/* The route is gone. For IPv4 UDP has noted which address of ours answers may
 * come from, as for IP_PKTINFO: it is another one where this one is a broadcast.
 */
static bool is_unicast(const struct sk_buff *skb)
{
	if (skb->pkt_type != PACKET_HOST)
		return false;
	if (ip_hdr(skb)->version == 4)
		return PKTINFO_SKB_CB(skb)->ipi_spec_dst.s_addr == ip_hdr(skb)->daddr;
	return !ipv6_addr_is_multicast(&ipv6_hdr(skb)->daddr);
}

/* Noted likewise; for IPv6 by IPv6 itself. */
static int device_of(const struct sk_buff *skb)
{
	return ip_hdr(skb)->version == 4 ? PKTINFO_SKB_CB(skb)->ipi_ifindex : IP6CB(skb)->iif;
}

static struct arrival *arrival_of(struct rdg_source *from)
{
	return container_of(from, struct scratch, source)->arrival;
}

static bool copy_bytes(struct rdg_source *from, u32 at, u8 *to, u32 len)
{
	struct rdg_packet *packet = &arrival_of(from)->packet;
	const u8 *data = rdg_packet_place(packet, packet->at + at, len);

	if (!data)
		return !skb_copy_bits(packet->skb, packet->at + at, to, len);
	memcpy(to, data, len);
	return true;
}

static u8 *more_room(struct rdg_source *from, u32 len)
{
	struct scratch *s = container_of(from, struct scratch, source);

	s->large = kmalloc(len, GFP_ATOMIC | __GFP_NOWARN);
	return s->large;
}

/* The packet's first bytes, as many as are to be parsed: where they are, if that is in
 * the linear part of the buffer. What is in its fragments may belong to a program that
 * goes on writing (MSG_ZEROCOPY, splice(), over a veth): that is copied.
 */
static const u8 *first_bytes(struct arrival *a, u32 len)
{
	const struct sk_buff *skb = a->packet.skb;
	const u8 *data = skb->data + a->packet.at;
	u32 linear = skb_headlen(skb);

	linear -= min(linear, a->packet.at);
	if (linear >= RDG_COMMON_LEN && min(rdg_wire_need(data), len) <= linear)
		return data;
	a->scratch->source = (struct rdg_source){ .copy = copy_bytes, .more = more_room };
	a->scratch->arrival = a;
	return rdg_wire_gather(&a->scratch->source, len, a->scratch->head, HEAD_MAX);
}

/* What stands before the payload, and what it says into a->h. */
static enum rdg_parse read_header(struct arrival *a, u32 len)
{
	if (len < RDG_COMMON_LEN)
		return RDG_PARSE_MALFORMED;
	a->data = first_bytes(a, len);
	return a->data ? rdg_wire_parse(a->data, len, &a->h) : RDG_PARSE_NO_MEMORY;
}

/* Is it for the peer that is locked? */
static bool is_for_same(const struct arrival *a)
{
	return (a->h.type == RDG_PKT_DATA || a->h.type == RDG_PKT_CONFIRM) &&
	       a->h.dst_id == a->peer->link.own_id;
}

static void input(struct arrival *a, u32 len)
{
	enum rdg_parse parse = read_header(a, len);

	a->alike = false;
	if (a->peer && !(parse == RDG_PARSE_OK && is_for_same(a)))
		let_go(a);
	switch (parse) {
	case RDG_PARSE_OK:
		input_packet(a);
		break;
	case RDG_PARSE_MALFORMED:
		rdg_count(a->rn, RDG_STAT_MALFORMED);
		input_alien(a);
		break;
	case RDG_PARSE_UNKNOWN_TLV:
		rdg_count(a->rn, RDG_STAT_UNKNOWN_TLV);
		break;
	case RDG_PARSE_VERSION:
		rdg_count(a->rn, RDG_STAT_UNKNOWN_VERSION);
		answer_version(a);
		break;
	case RDG_PARSE_NO_MEMORY:
		rdg_count(a->rn, RDG_STAT_NO_MEMORY);
		break;
	}
	kfree(a->scratch->large);
	a->scratch->large = NULL;
}

/* Is it the packet that goes on with the message of the one before? */
static bool is_next_part(struct arrival *a, u32 size)
{
	u8 head[RDG_PLAIN_LEN];
	const u8 *data;

	if (!a->alike || a->packet.skb->len - a->packet.at < size)
		return false;
	data = rdg_packet_place(&a->packet, a->packet.at, RDG_PLAIN_LEN);
	if (!data)
		return false;
	/* It may be changed while it is looked at, see first_bytes(). */
	memcpy(head, data, RDG_PLAIN_LEN);
	return rdg_wire_goes_on(head, &a->h, &a->scratch->frames);
}

static bool input_next_part(struct arrival *a, u32 size)
{
	const struct rdg_frames *f = &a->scratch->frames;

	if (!is_next_part(a, size))
		return false;
	if (!rdg_link_goes_on(&a->peer->link, &a->h, f, &a->packet, a->ce,
			      rdg_peer_clock(a->peer)))
		input_to_peer(a, f);
	return true;
}

/* The packets of a train, one after the other. */
static void input_all(struct arrival *a, u32 size)
{
	const struct sk_buff *skb = a->packet.skb;
	u32 at = 0;

	do {
		a->packet.at = at;
		a->packet.last = at + size >= skb->len;
		if (!input_next_part(a, size))
			input(a, min(size, skb->len - at));
		at += size;
	} while (at < skb->len);
	let_go(a);
}

/* How large are the packets in a buffer? What is there to be cut up as anything else
 * but UDP (by who is in front of a guest, or a tunnel that is not one of ours) was not
 * sent to us like that. 0: it is no good.
 */
static u32 packet_size(const struct sk_buff *skb)
{
	const struct skb_shared_info *si = skb_shinfo(skb);

	if (!skb_is_gso(skb))
		return skb->len;
	/* One large packet, to be sent in fragments. */
	if ((si->gso_type & ~SKB_GSO_DODGY) == SKB_GSO_UDP)
		return skb->len;
	if ((si->gso_type & ~(SKB_GSO_DODGY | SKB_GSO_PARTIAL)) != SKB_GSO_UDP_L4)
		return 0;
	/* So small ones are worth nothing, and would be many. */
	return si->gso_size < RDG_DATA_LEN ? 0 : si->gso_size;
}

static void input_buffer(struct rdg_local *local, struct sock *inner, struct sk_buff *skb)
{
	struct arrival a = {
		.packet = { .skb = skb, .device = device_of(skb) },
		.inner = inner,
		.local = local,
		.rn = local->rn,
		.scratch = take_scratch(),
	};
	u32 size = packet_size(skb);

	INIT_LIST_HEAD(&a.packet.ready);
	read_addresses(&a);
	if (!a.scratch) {
		rdg_count(a.rn, RDG_STAT_NO_MEMORY);
		return;
	}
	if (!udp_hdr(skb)->check)
		rdg_count(a.rn, RDG_STAT_NO_CHECKSUM);
	else if (!is_unicast(skb))
		rdg_count(a.rn, RDG_STAT_NOT_UNICAST);
	else if (skb_is_gso(skb) && !size)
		rdg_count(a.rn, RDG_STAT_MALFORMED);
	else
		input_all(&a, size);
	give_scratch(a.scratch);
}

/* The next buffer in the queue of the inner socket. */
static void input_next(struct rdg_local *local, struct sock *inner)
{
	struct sk_buff *skb;
	bool good;
	int err;

	skb = skb_recv_udp(inner, MSG_DONTWAIT, &err);
	if (!skb)
		return;
	good = !udp_lib_checksum_complete(skb);
	rdg_count_datagram(inner, good);
	if (good)
		input_buffer(local, inner, skb);
	consume_skb(skb);
}

static bool is_queue_empty(const struct sock *inner)
{
	return skb_queue_empty_lockless(&inner->sk_receive_queue) &&
	       skb_queue_empty_lockless(&udp_sk(inner)->reader_queue);
}

/**
 * rdg_input_ready - packets for an inner socket: its sk_data_ready()
 * @inner: the inner socket
 *
 * UDP gives whole trains only to a socket that has no encap_rcv(): it is read as
 * any other, but here. Each call takes one buffer, since there is one for each:
 * were one to take those of others, too, then what another processor receives
 * next could overtake what was taken from it. Only where nobody else is at it all
 * are taken, so that none is ever left.
 *
 * Context: softirq, RCU.
 */
void rdg_input_ready(struct sock *inner)
{
	struct rdg_local *local = rcu_dereference_sk_user_data(inner);

	/* It is being made, or released. */
	if (!local)
		return;
	atomic_inc(&local->receiving);
	if (!is_queue_empty(inner))
		input_next(local, inner);
	while (atomic_dec_and_test(&local->receiving) && !is_queue_empty(inner)) {
		atomic_inc(&local->receiving);
		input_next(local, inner);
	}
}
