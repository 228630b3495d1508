// SPDX-License-Identifier: GPL-2.0-only
/*
 * The send buffer, see quota.h.
 *
 * A peer may have twice as much of sk_sndbuf as is free in it (the rule of
 * dynamic thresholds: the more peers want some, the less each may have, and
 * some is always free for one more), and one message in any case. Whether a
 * message is accepted does not depend on its length: so poll() can tell.
 *
 * A receipt keeps a part of what its message cost, until it is read: or who reads
 * none would have as many as he sends messages.
 */
#include "quota.h"
#include "rmem.h"

static bool is_open(const struct rdg_sock *ep, long used)
{
	long size = READ_ONCE(rdg_to_sk(ep)->sk_sndbuf);

	lockdep_assert_held(&ep->quota_lock);
	if (!used)
		return ep->wmem < size + RDG_QUOTA_EXTRA;
	return used <= 2 * (size - ep->wmem);
}

/* A buffer that keeps a peer from sending what the network would take grows: as
 * with TCP, unless the user has set its size, up to a limit of the namespace,
 * and not if memory is scarce. A receiver that gives no credit is no reason. The
 * windows are read without the peer's lock: what is out of date grows it a little
 * later, or a little more.
 */
static bool grow(struct rdg_sock *ep, const struct rdg_peer *p)
{
	struct sock *sk = rdg_to_sk(ep);
	long cwnd = READ_ONCE(p->link.cwnd);
	int size = READ_ONCE(sk->sk_sndbuf);
	bool credit = READ_ONCE(p->link.tx.credit_used) < READ_ONCE(p->link.tx.credit_limit);
	long want = min_t(long, size + 4 * cwnd, READ_ONCE(ep->rn->wmem_max));

	lockdep_assert_held(&ep->quota_lock);
	if (!credit || p->wmem >= 3 * cwnd || want <= size ||
	    rdg_sock_is_fixed(sk, SOCK_SNDBUF_LOCK) ||
	    atomic_long_read(&rdg_mem_allocated) > READ_ONCE(rdg_mem_limits[0]))
		return false;
	/* Not if the user sets it at this moment. */
	return cmpxchg(&sk->sk_sndbuf, size, (int)want) == size;
}

/* Some have been refused: whoever tries again may see another answer. */
static void hint(struct rdg_sock *ep)
{
	lockdep_assert_held(&ep->quota_lock);
	ep->unblocked = true;
	ep->hinted = false;
}

static void unblock(struct rdg_sock *ep, struct rdg_peer *p)
{
	lockdep_assert_held(&ep->quota_lock);
	if (p->blocked)
		ep->blocked--;
	p->blocked = false;
}

/**
 * rdg_quota_take - reserve room for a message
 * @p: the peer it is for
 * @cost: how much; bytes
 *
 * Context: any.
 * Return: true if there was room.
 */
bool rdg_quota_take(struct rdg_peer *p, long cost)
{
	struct rdg_sock *ep = rdg_peer_ep(p);
	bool open;

	spin_lock_bh(&ep->quota_lock);
	open = is_open(ep, p->wmem) || (grow(ep, p) && is_open(ep, p->wmem));
	if (open) {
		WRITE_ONCE(p->wmem, p->wmem + cost);
		WRITE_ONCE(ep->wmem, ep->wmem + cost);
		unblock(ep, p);
	} else if (!READ_ONCE(p->dying)) {
		/* Of one that is dying rdg_quota_forget() has been told, or will be. */
		if (!p->blocked)
			ep->blocked++;
		p->blocked = true;
		/* Whoever waits was told, and has tried. */
		if (ep->hinted)
			ep->unblocked = false;
	}
	spin_unlock_bh(&ep->quota_lock);
	return open;
}

/**
 * rdg_quota_give - a message is over, or was not sent
 * @p: the peer
 * @cost: its cost; bytes
 * @kept: how much of that its receipt keeps, until it is read; bytes
 *
 * Context: any. RDG_WAKE_WRITE is to follow.
 */
void rdg_quota_give(struct rdg_peer *p, long cost, long kept)
{
	struct rdg_sock *ep = rdg_peer_ep(p);

	spin_lock_bh(&ep->quota_lock);
	WRITE_ONCE(p->wmem, p->wmem - cost);
	WRITE_ONCE(ep->wmem, ep->wmem - cost + kept);
	ep->receipts += kept;
	/* What others may have has grown, too: whoever tries will see. */
	if (ep->blocked)
		hint(ep);
	if (p->blocked && is_open(ep, p->wmem))
		unblock(ep, p);
	spin_unlock_bh(&ep->quota_lock);
}

/**
 * rdg_quota_told - a receipt was read, or will not be
 * @ep: the endpoint
 * @kept: what it kept; bytes
 *
 * The peer may have ended long ago: what receipts keep is the endpoint's burden alone.
 *
 * Context: any. RDG_WAKE_WRITE is to follow.
 */
void rdg_quota_told(struct rdg_sock *ep, long kept)
{
	spin_lock_bh(&ep->quota_lock);
	WRITE_ONCE(ep->wmem, ep->wmem - kept);
	ep->receipts -= kept;
	if (ep->blocked)
		hint(ep);
	spin_unlock_bh(&ep->quota_lock);
}

/**
 * rdg_quota_used - what do messages that are not over take?
 * @ep: the endpoint
 *
 * Context: any.
 * Return: their cost; bytes.
 */
long rdg_quota_used(struct rdg_sock *ep)
{
	long used;

	spin_lock_bh(&ep->quota_lock);
	used = ep->wmem - ep->receipts;
	spin_unlock_bh(&ep->quota_lock);
	return used;
}

/**
 * rdg_quota_forget - a peer ends
 * @p: the peer
 *
 * Context: any.
 */
void rdg_quota_forget(struct rdg_peer *p)
{
	struct rdg_sock *ep = rdg_peer_ep(p);

	spin_lock_bh(&ep->quota_lock);
	if (p->blocked)
		hint(ep);
	unblock(ep, p);
	spin_unlock_bh(&ep->quota_lock);
}

/**
 * rdg_quota_retry - a message that was refused is worth another call, room or not
 * @p: the peer
 *
 * There is something to be told.
 *
 * Context: any. RDG_WAKE_WRITE is to follow.
 */
void rdg_quota_retry(struct rdg_peer *p)
{
	struct rdg_sock *ep = rdg_peer_ep(p);

	spin_lock_bh(&ep->quota_lock);
	if (p->blocked)
		hint(ep);
	spin_unlock_bh(&ep->quota_lock);
}

/**
 * rdg_quota_retry_any - likewise, to anybody
 * @ep: the endpoint
 *
 * Who is meant by what has no address has changed.
 *
 * Context: any. RDG_WAKE_WRITE is to follow.
 */
void rdg_quota_retry_any(struct rdg_sock *ep)
{
	spin_lock_bh(&ep->quota_lock);
	hint(ep);
	spin_unlock_bh(&ep->quota_lock);
}

/**
 * rdg_quota_open_to - could a message to this peer be accepted?
 * @ep: the endpoint
 * @p: the peer; NULL: there is none yet
 *
 * Context: any.
 * Return: true if it could.
 */
bool rdg_quota_open_to(struct rdg_sock *ep, const struct rdg_peer *p)
{
	bool open;

	spin_lock_bh(&ep->quota_lock);
	open = is_open(ep, p ? p->wmem : 0);
	spin_unlock_bh(&ep->quota_lock);
	return open;
}

/**
 * rdg_quota_is_roomy - is it worth while to wake who waits to send to this peer?
 * @p: the peer
 *
 * As with TCP, it is not for the room of one message: then he would be woken for each.
 * A peer with nothing queued is as roomy as it can get.
 *
 * Context: any. Without the lock: whoever gives room asks afterwards.
 * Return: true if it is.
 */
bool rdg_quota_is_roomy(const struct rdg_peer *p)
{
	const struct rdg_sock *ep = rdg_peer_ep(p);
	long free = READ_ONCE(p->sk->sk_sndbuf) - READ_ONCE(ep->wmem);
	long used = READ_ONCE(p->wmem);

	return used ? used + used / 2 <= 2 * free : free + RDG_QUOTA_EXTRA > 0;
}

/**
 * rdg_quota_open - could a message be accepted?
 * @ep: the endpoint
 * @told: whoever waits is told, if it could
 *
 * Context: any.
 * Return: true if one to a new peer could; or, where peers have refused
 * messages and would do so still, if one of them would not any more.
 */
bool rdg_quota_open(struct rdg_sock *ep, bool told)
{
	bool open;

	spin_lock_bh(&ep->quota_lock);
	open = is_open(ep, 0) && (!ep->blocked || ep->unblocked);
	if (open && told)
		ep->hinted = true;
	spin_unlock_bh(&ep->quota_lock);
	return open;
}
