// SPDX-License-Identifier: GPL-2.0-only
/*
 * Errors, see fault.h. What comes from outside, and may be forged, ends nothing that
 * somebody waits for: it is told as a UDP socket would tell it, and the link goes on trying.
 */
#include <linux/errqueue.h>
#include <linux/skbuff.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include "compat.h"
#include "fault.h"
#include "quota.h"

/**
 * rdg_fault_owe - the next message to a peer is to be told something
 * @p: its peer
 * @err: what, errno
 *
 * Context: under the lock of @p.
 */
void rdg_fault_owe(struct rdg_peer *p, int err)
{
	lockdep_assert_held(&p->lock);
	WRITE_ONCE(p->err, err);
	/* Who waits for room there is told. */
	rdg_quota_retry(p);
	p->wake |= RDG_WAKE_WRITE;
}

/* Once: to the next sendto() to this peer, or, if it is the one that the socket is connected
 * to, to all.
 */
static void tell(struct rdg_peer *p, int err)
{
	struct rdg_sock *ep = rdg_peer_ep(p);

	lockdep_assert_held(&p->lock);
	if (READ_ONCE(ep->closed))
		return;
	if (!READ_ONCE(ep->connected) || p->muted) {
		rdg_fault_owe(p, err);
	} else {
		WRITE_ONCE(p->sk->sk_err, err);
		p->wake |= RDG_WAKE_ERROR;
	}
}

/**
 * rdg_fault_over - a link has died, and messages with it
 * @p: its peer
 * @err: why, errno
 *
 * Context: under the lock of @p.
 */
void rdg_fault_over(struct rdg_peer *p, int err)
{
	p->alien = false;
	tell(p, err);
}

/**
 * rdg_fault_refused - a filter of the other side has refused messages
 * @p: the peer
 *
 * Context: under the lock of @p.
 */
void rdg_fault_refused(struct rdg_peer *p)
{
	tell(p, ECONNREFUSED);
}

/* Only who was asked is believed, where we have asked from, and until he says anything that
 * makes sense. Once for each time that a link is to be opened.
 */
static void meet_alien(struct rdg_peer *p, const struct in6_addr *local)
{
	rdg_peer_lock(p);
	if (!p->dying && !p->alien && !p->speaks && p->link.state == RDG_OPENING &&
	    !p->link.remote_inc && ipv6_addr_equal(&p->flow.local, local)) {
		p->alien = true;
		tell(p, EPROTO);
	}
	rdg_peer_unlock(p);
}

/**
 * rdg_fault_alien - something came that is none of our protocol
 * @rn: the namespace
 * @key: where it came from, and to which port
 * @local: to which address of ours
 *
 * Perhaps from where a peer should be. Which of our sockets has asked there is known by
 * the addresses alone: where several share a port it is any of them.
 *
 * Context: softirq, without locks.
 */
void rdg_fault_alien(struct rdg_net *rn, const struct rdg_peer_key *key,
		     const struct in6_addr *local)
{
	struct rhlist_head *list, *pos;
	struct rdg_name *n;

	rcu_read_lock();
	list = rdg_name_list(rn, key);
	rhl_for_each_entry_rcu(n, pos, list, node) {
		struct rdg_peer *p = n->peer;

		if (READ_ONCE(p->link.state) != RDG_OPENING || !rdg_name_is_current(n) ||
		    !rdg_peer_get(p))
			continue;
		meet_alien(p, local);
		rdg_peer_put(p);
	}
	rcu_read_unlock();
}

static bool is_wanted(const struct sock *sk, const struct rdg_fault *f)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (f->origin == SO_EE_ORIGIN_ICMP6)
		return sk->sk_family == AF_INET6 && rdg_wants_errors6(sk);
#endif
	return rdg_wants_errors4(sk);
}

/* What the error queue is read by: the header of the ICMP message, and after it one of the
 * packet's, of which only the address that it was sent to is read, and for IPv6 the flow
 * label beside it. It is not the one that was quoted: who wrote that is not known.
 */
struct error {
	union {
		struct iphdr v4;
		struct ipv6hdr v6;
	} offender, packet;
};

static void put_offender(struct error *e, const struct rdg_fault *f, bool v4)
{
	if (f->offender && v4)
		memcpy(&e->offender.v4, f->offender, sizeof(e->offender.v4));
	else if (f->offender)
		memcpy(&e->offender.v6, f->offender, sizeof(e->offender.v6));
}

static struct sk_buff *make_error(const struct rdg_fault *f)
{
	bool v4 = f->origin == SO_EE_ORIGIN_ICMP;
	struct sk_buff *skb = alloc_skb(sizeof(struct error), GFP_ATOMIC | __GFP_NOWARN);
	struct error *e;

	if (!skb)
		return NULL;
	skb_reset_network_header(skb);
	e = memset(skb->data, 0, sizeof(*e));
	put_offender(e, f, v4);
	if (v4)
		e->packet.v4.daddr = rdg_v4(&f->to);
	else
		e->packet.v6.daddr = f->to;
	SKB_EXT_ERR(skb)->addr_offset = v4 ? offsetof(struct error, packet.v4.daddr) :
					     offsetof(struct error, packet.v6.daddr);
	skb_reserve(skb, sizeof(*e));
	skb_reset_transport_header(skb);
	skb->protocol = htons(v4 ? ETH_P_IP : ETH_P_IPV6);
	return skb;
}

static void queue_error(struct sock *sk, const struct rdg_fault *f)
{
	struct sk_buff *skb = make_error(f);
	struct sock_exterr_skb *e;

	if (!skb)
		return;
	e = SKB_EXT_ERR(skb);
#if IS_ENABLED(CONFIG_IPV6)
	e->header.h6.iif = f->ifindex;
#endif
	e->ee.ee_errno = f->err;
	e->ee.ee_origin = f->origin;
	e->ee.ee_type = f->type;
	e->ee.ee_code = f->code;
	e->port = f->port;
	if (sock_queue_err_skb(sk, skb))
		kfree_skb(skb);
}

/**
 * rdg_fault_icmp - somebody on the way says that a packet did not arrive
 * @sk: whose packet
 * @f: what is said
 *
 * Context: softirq, without locks.
 */
void rdg_fault_icmp(struct sock *sk, const struct rdg_fault *f)
{
	bool wanted = is_wanted(sk, f);

	if (READ_ONCE(rdg_sk(sk)->closed) ||
	    (!wanted && !(f->hard && READ_ONCE(rdg_sk(sk)->connected))))
		return;
	if (wanted)
		queue_error(sk, f);
	WRITE_ONCE(sk->sk_err, f->err);
	sk_error_report(sk);
}
