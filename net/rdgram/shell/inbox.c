// SPDX-License-Identifier: GPL-2.0-only
/*
 * The inbox, see inbox.h.
 *
 * The sender of a message hears that it was read, and what that is worth, but
 * not of each: several of one peer are told together, unless the sender waits for
 * room. Until then they are worth too little to be told: nobody waits for that.
 */
#include <linux/sched/signal.h>
#include <linux/wait.h>
#include <net/busy_poll.h>
#include <net/sock.h>
#include "inbox.h"
#include "rmem.h"

/* Messages that are told together at the most. */
#define TOLD_TOGETHER	16

/* ...and no more than one part in so many of the peer's window. */
#define TOLD_PART	8

/**
 * rdg_inbox_init - nothing was received
 * @ep: the endpoint
 *
 * Context: process.
 */
void rdg_inbox_init(struct rdg_sock *ep)
{
	spin_lock_init(&ep->inbox_lock);
	INIT_LIST_HEAD(&ep->inbox);
}

/**
 * rdg_inbox_add - messages of a peer are whole, and in turn
 * @ep: the endpoint
 * @messages: the messages; empty afterwards
 *
 * Context: under the peer's lock.
 */
void rdg_inbox_add(struct rdg_sock *ep, struct list_head *messages)
{
	struct rdg_rbuf *r;

	spin_lock_bh(&ep->inbox_lock);
	list_for_each_entry(r, messages, node)
		r->order = ep->arrivals++;
	list_splice_tail_init(messages, &ep->inbox);
	spin_unlock_bh(&ep->inbox_lock);
}

/* Where a look begins, if that is so far behind the first byte that was not read
 * (SO_PEEK_OFF). As with UDP an empty message is looked at once.
 */
static struct rdg_rbuf *skip(struct rdg_sock *ep, struct rdg_rbuf *r, int *off)
{
	lockdep_assert_held(&ep->inbox_lock);
	list_for_each_entry_from(r, &ep->inbox, node) {
		if (*off < (int)r->shown || (!*off && !r->peeked)) {
			r->peeked = true;
			return r;
		}
		*off -= r->shown;
	}
	return NULL;
}

static struct rdg_rbuf *try_get(struct sock *sk, bool peek, int *at)
{
	struct rdg_sock *ep = rdg_sk(sk);
	struct rdg_rbuf *r;
	int off = *at;

	spin_lock_bh(&ep->inbox_lock);
	r = list_first_entry_or_null(&ep->inbox, struct rdg_rbuf, node);
	if (r && peek && off >= 0)
		r = skip(ep, r, &off);
	if (r && peek) {
		*at = off;
		refcount_inc(&r->ref);
		refcount_inc(&r->peer->ref);
	} else if (r) {
		list_del(&r->node);
	}
	spin_unlock_bh(&ep->inbox_lock);
	return r;
}

static int wake_reader(struct wait_queue_entry *wait, unsigned int mode, int sync, void *key)
{
	if (key && !(key_to_poll(key) & (EPOLLIN | EPOLLERR)))
		return 0;
	return woken_wake_function(wait, mode, sync, key);
}

/* Who puts a message into the inbox, or has an error to tell, looks afterwards whether somebody
 * waits (wq_has_sleeper()); here it is the other way round, with a barrier between the two: one
 * of both sees the other.
 *
 * A wake-up is for one of those who wait. Whoever leaves anything in the inbox, be it
 * that he has only peeked, that several messages came with one wake-up, or that he was
 * told of an error or a signal as well, passes it on. Who only looks keeps it from nobody:
 * he may find nothing that he has not seen (SO_PEEK_OFF), and wait on.
 */
static struct rdg_rbuf *wait_for_one(struct sock *sk, bool peek, int *off, long timeout,
				     int *err)
{
	DEFINE_WAIT_FUNC(wait, wake_reader);
	struct rdg_rbuf *r = NULL;

	if (peek)
		add_wait_queue(sk_sleep(sk), &wait);
	else
		add_wait_queue_exclusive(sk_sleep(sk), &wait);
	/* Pairs with that of wq_has_sleeper(). */
	smp_mb();
	for (;;) {
		*err = sock_error(sk);
		if (*err)
			break;
		r = try_get(sk, peek, off);
		if (r || (READ_ONCE(sk->sk_shutdown) & RCV_SHUTDOWN))
			break;
		if (signal_pending(current))
			*err = sock_intr_errno(timeout);
		else if (!timeout)
			*err = -EAGAIN;
		if (*err)
			break;
		timeout = wait_woken(&wait, TASK_INTERRUPTIBLE, timeout);
	}
	remove_wait_queue(sk_sleep(sk), &wait);
	if (!rdg_inbox_empty(rdg_sk(sk)))
		sk->sk_data_ready(sk);
	return r;
}

#ifdef CONFIG_NET_RX_BUSY_POLL
/* What UDP's looks at is the queue of the socket, which is empty. */
static bool is_polled_enough(void *arg, unsigned long start)
{
	struct sock *sk = arg;

	return !rdg_inbox_empty(rdg_sk(sk)) || sk_busy_loop_timeout(sk, start);
}

/* SO_BUSY_POLL: look whether the device has something for us, once or for a while. */
static void poll_device(struct sock *sk, bool once)
{
	unsigned int napi = READ_ONCE(sk->sk_napi_id);

	if (napi >= MIN_NAPI_ID)
		napi_busy_loop(napi, once ? NULL : is_polled_enough, sk,
			       READ_ONCE(sk->sk_prefer_busy_poll),
			       READ_ONCE(sk->sk_busy_poll_budget) ?: BUSY_POLL_BUDGET);
}
#else
static void poll_device(struct sock *sk, bool once)
{
}
#endif

/**
 * rdg_inbox_get - the next message, to be read or only to be looked at
 * @sk: the socket
 * @flags: MSG_PEEK, MSG_DONTWAIT
 * @off: with MSG_PEEK: how many bytes are to be passed over, then how many of them are
 *	of the message; below 0: none are
 * @err: why there is none; 0 after shutdown()
 *
 * Context: process.
 * Return: the message, which goes on to rdg_inbox_read(), rdg_inbox_back() or,
 * with MSG_PEEK, rdg_inbox_peeked(); NULL.
 */
struct rdg_rbuf *rdg_inbox_get(struct sock *sk, int flags, int *off, int *err)
{
	long timeout = sock_rcvtimeo(sk, flags & MSG_DONTWAIT);
	bool peek = flags & MSG_PEEK;
	struct rdg_rbuf *r;

	*err = sock_error(sk);
	if (*err)
		return NULL;
	r = try_get(sk, peek, off);
	if (r)
		return r;
	*err = -EAGAIN;
	rdg_inbox_idle(rdg_sk(sk));
	if (sk_can_busy_loop(sk)) {
		poll_device(sk, !timeout);
		r = try_get(sk, peek, off);
		if (r)
			return r;
	}
	return timeout ? wait_for_one(sk, peek, off, timeout, err) : NULL;
}

/**
 * rdg_inbox_back - a message that could not be copied goes back to its place
 * @sk: the socket
 * @r: the message
 *
 * Context: process.
 */
void rdg_inbox_back(struct sock *sk, struct rdg_rbuf *r)
{
	struct rdg_sock *ep = rdg_sk(sk);
	struct rdg_rbuf *next;

	spin_lock_bh(&ep->inbox_lock);
	list_for_each_entry(next, &ep->inbox, node)
		if (next->order > r->order)
			break;
	list_add_tail(&r->node, &next->node);
	spin_unlock_bh(&ep->inbox_lock);
	sk->sk_data_ready(sk);
}

/* True: it is not in the inbox, and nobody looks at it any more. */
static bool is_last(struct rdg_rbuf *r)
{
	return refcount_dec_and_test(&r->ref);
}

/**
 * rdg_inbox_peeked - a message was looked at
 * @ep: the endpoint
 * @r: the message
 *
 * Context: process.
 */
void rdg_inbox_peeked(struct rdg_sock *ep, struct rdg_rbuf *r)
{
	struct rdg_peer *p = r->peer;

	if (is_last(r))
		rdg_rbuf_release(ep, r);
	rdg_peer_put(p);
}

/* Tell a peer what was read of it. */
static void tell(const struct rdg_told *t)
{
	struct rdg_peer *p = t->peer;
	bool now = false;

	if (!p)
		return;
	rdg_peer_lock(p);
	if (!p->dying) {
		p->unread -= t->n;
		if (!p->unread)
			atomic_dec(&rdg_peer_ep(p)->readers);
		rdg_rmem_set_window(p);
		now = rdg_link_read(&p->link, t->seq, t->n, t->bytes, rdg_peer_clock(p));
		rdg_rmem_tune(p);
	}
	if (now)
		rdg_peer_unlock(p);
	else
		rdg_peer_unlock_waiting(p);
	rdg_peer_put(p);
}

static bool is_enough(const struct rdg_told *t)
{
	const struct rdg_link *l = &t->peer->link;
	/* The window is never less. */
	u32 window = min(READ_ONCE(l->taken.least), READ_ONCE(l->taken.most));

	return t->n == TOLD_TOGETHER || READ_ONCE(l->unadmitted) ||
	       (t->bytes + t->n * RDG_MESSAGE_COST) * TOLD_PART >= window;
}

/* Nothing of this peer was read. Who reads looks for one without the lock. */
static void set_told(struct rdg_told *t, struct rdg_peer *p)
{
	WRITE_ONCE(t->peer, p);
	t->seq = 0;
	t->n = 0;
	t->bytes = 0;
}

/* One more was read. What is to be told now, of another peer or of this one, if
 * anything is.
 */
static void add_told(struct rdg_told *t, const struct rdg_rbuf *r, struct rdg_told *other,
		     struct rdg_told *now)
{
	if (t->peer != r->peer) {
		*other = *t;
		set_told(t, r->peer);
	}
	t->seq = r->buf.seq;
	t->n++;
	t->bytes += r->len;
	if (is_enough(t)) {
		*now = *t;
		set_told(t, NULL);
	}
}

/**
 * rdg_inbox_read - a message was read: free it, and tell its sender
 * @ep: the endpoint
 * @r: the message
 *
 * Context: process.
 */
void rdg_inbox_read(struct rdg_sock *ep, struct rdg_rbuf *r)
{
	struct rdg_told other = {}, now = {};
	struct rdg_peer *p = r->peer;
	bool kept;

	spin_lock_bh(&ep->inbox_lock);
	/* The reference of the message stays with what is to be told. */
	kept = ep->told.peer != p;
	add_told(&ep->told, r, &other, &now);
	spin_unlock_bh(&ep->inbox_lock);
	/* Room first. */
	if (is_last(r))
		rdg_rbuf_release(ep, r);
	tell(&other);
	tell(&now);
	if (!kept)
		rdg_peer_put(p);
}

/* What a peer was not told yet; nothing, if only who waits for room is to be told now. */
static struct rdg_told take_told(struct rdg_sock *ep, bool if_it_waits)
{
	struct rdg_told told = {};

	if (!READ_ONCE(ep->told.peer))
		return told;
	spin_lock_bh(&ep->inbox_lock);
	if (ep->told.peer && (!if_it_waits || READ_ONCE(ep->told.peer->link.unadmitted))) {
		told = ep->told;
		set_told(&ep->told, NULL);
	}
	spin_unlock_bh(&ep->inbox_lock);
	return told;
}

/**
 * rdg_inbox_tell - tell a peer now what was read of it, and it was not told yet
 * @ep: the endpoint
 *
 * Context: process.
 */
void rdg_inbox_tell(struct rdg_sock *ep)
{
	struct rdg_told told = take_told(ep, false);

	tell(&told);
}

/**
 * rdg_inbox_idle - the reader waits, or polls
 * @ep: the endpoint
 *
 * There will be nothing more to tell until a message comes, and the one that waits for
 * room may be the next.
 *
 * Context: process.
 */
void rdg_inbox_idle(struct rdg_sock *ep)
{
	struct rdg_told told = take_told(ep, true);

	tell(&told);
}

/**
 * rdg_inbox_purge - nobody reads any more
 * @ep: the endpoint; rdg_inbox_tell() came before
 *
 * Context: process.
 */
void rdg_inbox_purge(struct rdg_sock *ep)
{
	struct rdg_rbuf *r, *next;
	LIST_HEAD(all);

	spin_lock_bh(&ep->inbox_lock);
	list_splice_init(&ep->inbox, &all);
	spin_unlock_bh(&ep->inbox_lock);
	list_for_each_entry_safe(r, next, &all, node) {
		struct rdg_peer *p = r->peer;

		if (is_last(r))
			rdg_rbuf_release(ep, r);
		rdg_peer_put(p);
	}
}

/**
 * rdg_inbox_next_length - SIOCINQ
 * @ep: the endpoint
 *
 * Context: process.
 * Return: length of the next message in bytes; 0: there is none.
 */
int rdg_inbox_next_length(struct rdg_sock *ep)
{
	struct rdg_rbuf *r;
	int len;

	spin_lock_bh(&ep->inbox_lock);
	r = list_first_entry_or_null(&ep->inbox, struct rdg_rbuf, node);
	len = r ? r->shown : 0;
	spin_unlock_bh(&ep->inbox_lock);
	return len;
}
