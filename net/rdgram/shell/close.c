// SPDX-License-Identifier: GPL-2.0-only
/*
 * close(): the socket goes, its peers stay until all is delivered.
 */
#include <linux/sched/signal.h>
#include <linux/wait.h>
#include "inbox.h"
#include "local.h"
#include "notice.h"
#include "peer.h"
#include "quota.h"
#include "sock.h"
#include "succession.h"

/* When a peer of this socket gives up; too many give up now. */
static u64 orphan_at(struct rdg_sock *ep, struct rdg_peer *p, bool abort, u64 now)
{
	lockdep_assert_held(&p->lock);
	if (abort)
		return now;
	WRITE_ONCE(p->orphan, true);
	if (atomic_inc_return(&ep->rn->orphans) <= RDG_ORPHANS_MAX &&
	    rdg_peer_orphans_at(p) <= RDG_ORPHANS_AT)
		return now + RDG_ORPHAN_LIFE;
	rdg_count(ep->rn, RDG_STAT_ORPHANS);
	return now;
}

static void close_peer(struct rdg_sock *ep, struct rdg_peer *p, bool abort)
{
	u64 now, until;

	rdg_peer_lock(p);
	if (!p->dying) {
		now = rdg_peer_clock(p);
		until = orphan_at(ep, p, abort, now);
		rdg_link_close(&p->link, until, now);
		if (until <= now)
			rdg_link_timeout(&p->link, now);
	}
	rdg_peer_unlock(p);
}

/* The next one, with a reference; NULL: that was the last. */
static struct rdg_peer *next_to_close(struct rdg_sock *ep)
{
	struct rdg_peer *p = NULL;

	spin_lock_bh(&ep->lock);
	if (ep->closing != &ep->peers) {
		p = list_entry(ep->closing, struct rdg_peer, in_sock);
		ep->closing = p->in_sock.next;
		/* In the tables, which have a reference. */
		refcount_inc(&p->ref);
	}
	spin_unlock_bh(&ep->lock);
	return p;
}

/* They may be a hundred thousand. */
static void close_peers(struct rdg_sock *ep, bool abort)
{
	struct rdg_peer *p;

	while ((p = next_to_close(ep))) {
		close_peer(ep, p, abort);
		rdg_peer_put(p);
		cond_resched();
	}
}

static bool all_over(struct rdg_sock *ep)
{
	set_bit(RDG_SOCK_NOSPACE, &ep->flags);
	return !rdg_quota_used(ep);
}

static void linger(struct sock *sk, long timeout)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);

	add_wait_queue(sk_sleep(sk), &wait);
	while (timeout && !all_over(rdg_sk(sk)) && !signal_pending(current))
		timeout = wait_woken(&wait, TASK_INTERRUPTIBLE, timeout);
	remove_wait_queue(sk_sleep(sk), &wait);
}

/**
 * rdg_sock_close - close()
 * @sk: the socket
 * @timeout: how long to wait until all is delivered (SO_LINGER); jiffies
 *
 * The address and port can be bound again before this returns, or waits.
 *
 * Context: process.
 */
void rdg_sock_close(struct sock *sk, long timeout)
{
	struct rdg_sock *ep = rdg_sk(sk);
	bool abort = sock_flag(sk, SOCK_LINGER) && !sk->sk_lingertime;

	/* A socket of the kernel does not hold the namespace: nor may its peers. */
	abort = abort || !sk->sk_net_refcnt;

	WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
	spin_lock_bh(&ep->lock);
	WRITE_ONCE(ep->closed, true);
	/* No other comes after these. */
	ep->closing = ep->peers.next;
	spin_unlock_bh(&ep->lock);
	/* Their last reports say what was read. */
	rdg_inbox_tell(ep);
	/* Who binds next looks for orphans: they have to be ones by then. */
	close_peers(ep, abort);
	rdg_sock_unhash(sk);
	if (timeout && !abort)
		linger(sk, timeout);
	/* They hold peers, which hold the socket, which holds them. */
	rdg_inbox_purge(ep);
	rdg_notice_purge(ep);
	sk_common_release(sk);
}
