// SPDX-License-Identifier: GPL-2.0-only
/*
 * Errors, see fault.h. What comes from outside, and may be forged, never ends anything:
 * it is told as a UDP socket would tell it, and the link goes on trying.
 */
#include <linux/errqueue.h>
#include <linux/skbuff.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include "compat.h"
#include "fault.h"

/* Once: to the next sendto() to this peer, or, if it is the only one, to all. */
static void tell(struct rdg_peer *p, int err)
{
	struct rdg_sock *ep = rdg_peer_ep(p);

	lockdep_assert_held(&p->lock);
	if (READ_ONCE(ep->closed))
		return;
	if (!READ_ONCE(ep->connected)) {
		p->err = err;
	} else if (!p->muted) {
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
 * rdg_fault_alien - somebody who does not speak rdgram seems to be where a peer should be
 * @p: the peer
 *
 * Once for each time that a link is to be opened. Who has ever answered is none.
 *
 * Context: softirq, without locks.
 */
void rdg_fault_alien(struct rdg_peer *p)
{
	rdg_peer_lock(p);
	if (!p->dying && !p->alien && p->link.state == RDG_OPENING && !p->link.remote_inc) {
		p->alien = true;
		tell(p, EPROTO);
	}
	rdg_peer_unlock(p);
}

static bool is_wanted(const struct sock *sk, const struct rdg_fault *f)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (f->origin == SO_EE_ORIGIN_ICMP6)
		return rdg_wants_errors6(sk);
#endif
	return rdg_wants_errors4(sk);
}

/* What the error queue is read by: the header of the ICMP message, and after it the
 * address that the packet was sent to. Nothing of the packet: it is none of the
 * application's.
 */
static struct sk_buff *make_error(const struct rdg_fault *f)
{
	bool v4 = f->origin == SO_EE_ORIGIN_ICMP;
	u32 header = v4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr);
	struct sk_buff *skb = alloc_skb(header + sizeof(f->to), GFP_ATOMIC | __GFP_NOWARN);
	__be32 to = rdg_v4(&f->to);

	if (!skb)
		return NULL;
	skb_reset_network_header(skb);
	if (f->offender)
		memcpy(skb->data, f->offender, header);
	else
		memset(skb->data, 0, header);
	if (v4)
		memcpy(skb->data + header, &to, sizeof(to));
	else
		memcpy(skb->data + header, &f->to, sizeof(f->to));
	skb_reserve(skb, header + sizeof(f->to));
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
	if (f->origin == SO_EE_ORIGIN_ICMP)
		e->addr_offset = sizeof(struct iphdr);
	else
		e->addr_offset = sizeof(struct ipv6hdr);
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
