// SPDX-License-Identifier: GPL-2.0-only
/*
 * Notices, see notice.h.
 *
 * They wait in a list of ours and not in sk_error_queue, which refuses when
 * the receive buffer is full; their memory comes with the message, and they keep
 * a part of what that was charged. A notice that waits grows as long as what
 * follows continues it.
 */
#include <linux/errqueue.h>
#include <linux/slab.h>
#include "notice.h"
#include "quota.h"
#include "rmem.h"

static bool continues(const struct rdg_notice *n, enum rdgram_notice type, u64 first)
{
	return n->type == type && type != RDGRAM_RESTART && n->last + 1 == first;
}

/**
 * rdg_notice_add - there is something to tell
 * @p: the peer
 * @n: memory for it, taken over; @kept is set
 * @type: what
 * @first: the first message concerned
 * @last: the last
 *
 * Context: under the lock of @p.
 * Return: what it keeps; 0 if it is part of an older one, or nobody will read it.
 */
u32 rdg_notice_add(struct rdg_peer *p, struct rdg_notice *n, enum rdgram_notice type, u64 first,
		   u64 last)
{
	struct rdg_sock *ep = rdg_peer_ep(p);
	u32 kept = 0;

	lockdep_assert_held(&p->lock);
	spin_lock_bh(&ep->notice_lock);
	if (p->notice && continues(p->notice, type, first)) {
		p->notice->last = last;
	} else if (!READ_ONCE(ep->closed)) {
		if (p->notice)
			p->notice->peer = NULL;
		n->peer = p;
		rdg_peer_remote(p, &n->from);
		n->type = type;
		n->first = first;
		n->last = last;
		kept = n->kept;
		p->notice = n;
		list_add_tail(&n->node, &ep->notice_list);
		WRITE_ONCE(ep->n_notices, ep->n_notices + 1);
		n = NULL;
	}
	spin_unlock_bh(&ep->notice_lock);
	p->wake |= RDG_WAKE_ERROR;
	kfree(n);
	return kept;
}

/**
 * rdg_notice_forget - a peer ends: its notices remain
 * @p: the peer
 *
 * Context: any.
 */
void rdg_notice_forget(struct rdg_peer *p)
{
	struct rdg_sock *ep = rdg_peer_ep(p);

	spin_lock_bh(&ep->notice_lock);
	if (p->notice)
		p->notice->peer = NULL;
	p->notice = NULL;
	spin_unlock_bh(&ep->notice_lock);
}

static struct rdg_notice *first_notice(struct rdg_sock *ep)
{
	struct rdg_notice *n;

	spin_lock_bh(&ep->notice_lock);
	n = list_first_entry_or_null(&ep->notice_list, struct rdg_notice, node);
	if (n) {
		list_del(&n->node);
		WRITE_ONCE(ep->n_notices, ep->n_notices - 1);
		if (n->peer)
			n->peer->notice = NULL;
	}
	spin_unlock_bh(&ep->notice_lock);
	return n;
}

static void release(struct rdg_sock *ep, struct rdg_notice *n)
{
	if (n->kept) {
		rdg_mem_give(ep, n->kept);
		rdg_quota_told(ep, n->kept);
	}
	kfree(n);
}

/**
 * rdg_notice_purge - nobody will read them
 * @ep: the endpoint, @closed
 *
 * Context: process.
 */
void rdg_notice_purge(struct rdg_sock *ep)
{
	struct rdg_notice *n;

	while ((n = first_notice(ep)))
		release(ep, n);
}

/**
 * rdg_notice_pending - is there a notice?
 * @ep: the endpoint
 *
 * Context: any.
 * Return: true if there is.
 */
bool rdg_notice_pending(const struct rdg_sock *ep)
{
	return READ_ONCE(ep->n_notices);
}

static void put_error_cmsg(const struct sock *sk, struct msghdr *msg, const struct rdg_notice *n)
{
	struct {
		struct sock_extended_err ee;
		struct sockaddr_in6 offender;
	} e = {
		.ee.ee_origin = RDGRAM_EE_ORIGIN,
		.ee.ee_type = n->type,
		.ee.ee_info = n->first,
		.ee.ee_data = n->last,
	};
	int len = rdg_remote_to_name(sk, &n->from, &e.offender);

	len += offsetof(typeof(e), offender);
	if (sk->sk_family == AF_INET)
		put_cmsg(msg, SOL_IP, IP_RECVERR, len, &e);
	else
		put_cmsg(msg, SOL_IPV6, IPV6_RECVERR, len, &e);
}

/**
 * rdg_notice_recv - read a notice
 * @sk: the socket
 * @msg: where to
 *
 * Context: process.
 * Return: length of the address in msg_name; 0 if there is none to be given;
 * -EAGAIN if there is no notice.
 */
int rdg_notice_recv(struct sock *sk, struct msghdr *msg)
{
	struct rdg_notice *n = first_notice(rdg_sk(sk));
	int len = 0;

	if (!n)
		return -EAGAIN;
	if (msg->msg_name)
		len = rdg_remote_to_name(sk, &n->from, msg->msg_name);
	put_error_cmsg(sk, msg, n);
	msg->msg_flags |= MSG_ERRQUEUE;
	release(rdg_sk(sk), n);
	rdg_wake(sk, RDG_WAKE_WRITE);
	return len;
}
