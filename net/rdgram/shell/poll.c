// SPDX-License-Identifier: GPL-2.0-only
/*
 * poll().
 */
#include <linux/poll.h>
#include "inbox.h"
#include "notice.h"
#include "peer.h"
#include "quota.h"
#include "sock.h"

#define WRITABLE	(EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND)

static bool may_send_to(struct rdg_sock *ep, const struct rdg_remote *to, bool told)
{
	struct rdg_peer *p = ep->local ? rdg_peer_find(ep, to, NULL) : NULL;
	/* One that was made for messages which ask for their source is not found by it. */
	bool may = p ? rdg_quota_open_to(ep, p) : rdg_quota_open(ep, told);

	if (p)
		rdg_peer_put(p);
	return may;
}

static bool may_send(struct sock *sk, bool told)
{
	struct rdg_sock *ep = rdg_sk(sk);
	struct rdg_remote only;

	if (READ_ONCE(sk->sk_shutdown) & SEND_SHUTDOWN)
		return true;
	return rdg_remote_connected(sk, &only) ? may_send_to(ep, &only, told) :
						 rdg_quota_open(ep, told);
}

/* To be told later, one has to say so, and look again. */
static bool may_send_or_wait(struct sock *sk, bool told)
{
	if (may_send(sk, told))
		return true;
	sk_set_bit(SOCKWQ_ASYNC_NOSPACE, sk);
	set_bit(RDG_SOCK_NOSPACE, &rdg_sk(sk)->flags);
	return may_send(sk, told);
}

/**
 * rdg_sock_poll - poll()
 * @file: the file
 * @sock: the socket
 * @wait: who waits
 *
 * EPOLLOUT says that a message would be accepted: on a connected socket, for
 * its peer; on others, for a new peer or, after EAGAIN, for one of those that
 * refused.
 *
 * Context: process.
 * Return: EPOLL*.
 */
__poll_t rdg_sock_poll(struct file *file, struct socket *sock, poll_table *wait)
{
	struct sock *sk = sock->sk;
	__poll_t mask = 0;
	u8 shutdown;

	rdg_inbox_idle(rdg_sk(sk));
	sock_poll_wait(file, sock, wait);
	shutdown = READ_ONCE(sk->sk_shutdown);
	if (READ_ONCE(sk->sk_err) || rdg_notice_pending(rdg_sk(sk)) ||
	    !skb_queue_empty_lockless(&sk->sk_error_queue))
		mask |= EPOLLERR | (sock_flag(sk, SOCK_SELECT_ERR_QUEUE) ? EPOLLPRI : 0);
	if (shutdown & RCV_SHUTDOWN)
		mask |= EPOLLRDHUP | EPOLLIN | EPOLLRDNORM;
	if (shutdown == SHUTDOWN_MASK)
		mask |= EPOLLHUP;
	if (!rdg_inbox_empty(rdg_sk(sk)))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (may_send_or_wait(sk, poll_requested_events(wait) & WRITABLE))
		mask |= WRITABLE;
	return mask;
}
