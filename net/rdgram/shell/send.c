// SPDX-License-Identifier: GPL-2.0-only
/*
 * sendmsg().
 */
#include <linux/net_tstamp.h>
#include <linux/sched/signal.h>
#include <linux/uio.h>
#include <linux/wait.h>
#include <net/dst.h>
#include <uapi/linux/rdgram.h>
#include "ask.h"
#include "message.h"
#include "peer.h"
#include "quota.h"
#include "rmem.h"
#include "route.h"
#include "sock.h"

static int check_message(struct sock *sk, struct msghdr *msg, size_t len)
{
	if (len > RDG_MAX_MESSAGE)
		return -EMSGSIZE;
	if (msg->msg_flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (READ_ONCE(sk->sk_shutdown) & SEND_SHUTDOWN)
		return -EPIPE;
	return 0;
}

static void make_flow(struct sock *sk, const struct rdg_remote *to, const struct in6_addr *from,
		      struct rdg_flow *flow)
{
	*flow = (struct rdg_flow){
		.remote = to->addr,
		.rport = to->port,
		.lport = inet_sk(sk)->inet_sport,
	};
	if (from) {
		flow->local = *from;
		return;
	}
	/* It is kept for as long as the peer is, and connect() may be writing it. */
	lock_sock(sk);
	rdg_source_of_sock(sk, to, &flow->local);
	release_sock(sk);
}

/* A peer that is not known yet: only if there is a route to it. */
static struct rdg_peer *make_peer(struct sock *sk, const struct rdg_remote *to,
				  const struct in6_addr *from)
{
	struct rdg_flow flow;
	struct dst_entry *dst;

	make_flow(sk, to, from, &flow);
	dst = rdg_route(sk, &flow, to->scope);
	if (IS_ERR(dst))
		return ERR_CAST(dst);
	return rdg_peer_make(rdg_sk(sk), to, &flow.local, dst, from);
}

/* The one that knows us by the address from which the route by that device leads, which
 * may be another one each time.
 */
static struct rdg_peer *get_peer_by(struct sock *sk, const struct rdg_remote *to,
				    const struct in6_addr *from, int device)
{
	struct rdg_flow flow;
	struct dst_entry *dst;
	struct rdg_peer *p;

	make_flow(sk, to, from, &flow);
	dst = rdg_route(sk, &flow, device);
	if (IS_ERR(dst))
		return ERR_CAST(dst);
	p = rdg_peer_find(rdg_sk(sk), to, &flow.local);
	if (!p)
		return rdg_peer_make(rdg_sk(sk), to, &flow.local, dst, true);
	dst_release(dst);
	return p;
}

/* MSG_DONTROUTE: only to who is on the same link. */
static int check_direct(struct sock *sk, const struct rdg_remote *to, const struct in6_addr *from,
			int device)
{
	struct rdg_flow flow;

	make_flow(sk, to, from, &flow);
	return rdg_route_check_direct(sk, &flow, device);
}

/* MSG_PROBE: only a question whether it could be sent, of which nothing is kept. Rare. */
static noinline int check_route(struct sock *sk, const struct rdg_remote *to,
				const struct in6_addr *from, int device)
{
	struct rdg_peer *p = device ? NULL : rdg_peer_find(rdg_sk(sk), to, from);
	struct rdg_flow flow;
	struct dst_entry *dst;

	if (p) {
		rdg_peer_put(p);
		return 0;
	}
	make_flow(sk, to, from, &flow);
	dst = rdg_route(sk, &flow, device ?: to->scope);
	if (IS_ERR(dst))
		return PTR_ERR(dst);
	dst_release(dst);
	return 0;
}

/* @from: an address of ours that was asked for; NULL: none was. */
static struct rdg_peer *get_peer(struct sock *sk, const struct rdg_remote *to,
				 const struct in6_addr *from, int device)
{
	if (unlikely(device))
		return get_peer_by(sk, to, from, device);
	return rdg_peer_find(rdg_sk(sk), to, from) ?: make_peer(sk, to, from);
}

/* What happened to earlier messages is told once. */
static int pending_error(struct sock *sk, struct rdg_peer *p)
{
	int err = sock_error(sk);

	if (err || !READ_ONCE(p->err))
		return err;
	spin_lock_bh(&p->lock);
	err = -p->err;
	WRITE_ONCE(p->err, 0);
	spin_unlock_bh(&p->lock);
	return err;
}

static bool try_take(struct sock *sk, struct rdg_peer *p, long cost)
{
	if (rdg_quota_take(p, cost))
		return true;
	sk_set_bit(SOCKWQ_ASYNC_NOSPACE, sk);
	set_bit(RDG_SOCK_NOSPACE, &rdg_sk(sk)->flags);
	/* Perhaps there was room, or an error, before anybody could know that we wait; pairs
	 * with rdg_wake().
	 */
	smp_mb__after_atomic();
	return rdg_quota_take(p, cost);
}

/**
 * struct writer - who waits for room
 *
 * @wait: in the queue of the socket.
 * @peer: to whom he wants to send; referenced.
 */
struct writer {
	struct wait_queue_entry wait;
	struct rdg_peer *peer;
};

static bool may_go_on(const struct rdg_peer *p)
{
	return rdg_quota_is_roomy(p) || READ_ONCE(p->err) || READ_ONCE(p->dying) ||
	       READ_ONCE(p->sk->sk_err) || READ_ONCE(p->sk->sk_shutdown) & SEND_SHUTDOWN;
}

/* Others may wait on the same socket, each for his own peer. Who is not woken has to
 * be told later, and looks again, see try_take().
 */
static int wake_writer(struct wait_queue_entry *wait, unsigned int mode, int sync, void *key)
{
	struct rdg_peer *p = container_of(wait, struct writer, wait)->peer;

	if (key && !(key_to_poll(key) & (EPOLLOUT | EPOLLERR)))
		return 0;
	if (key && !may_go_on(p)) {
		set_bit(RDG_SOCK_NOSPACE, &rdg_sk(p->sk)->flags);
		/* Whoever gives room from here on sees the bit. */
		smp_mb__after_atomic();
		if (!may_go_on(p))
			return 0;
	}
	return woken_wake_function(wait, mode, sync, key);
}

static int wait_for_quota(struct sock *sk, struct rdg_peer *p, long cost, long timeout)
{
	struct writer w = { .peer = p };
	int err = 0;

	init_waitqueue_func_entry(&w.wait, wake_writer);
	w.wait.private = current;
	add_wait_queue(sk_sleep(sk), &w.wait);
	/* Pairs with that of wq_has_sleeper(). */
	smp_mb();
	while (!try_take(sk, p, cost)) {
		err = pending_error(sk, p);
		if (!err && READ_ONCE(sk->sk_shutdown) & SEND_SHUTDOWN)
			err = -EPIPE;
		if (!err && !timeout)
			err = -EAGAIN;
		if (!err && signal_pending(current))
			err = sock_intr_errno(timeout);
		if (err)
			break;
		timeout = wait_woken(&w.wait, TASK_INTERRUPTIBLE, timeout);
	}
	remove_wait_queue(sk_sleep(sk), &w.wait);
	return err;
}

static int take_quota(struct sock *sk, struct rdg_peer *p, long cost, int flags)
{
	int err = pending_error(sk, p);

	if (err || rdg_quota_take(p, cost))
		return err;
	return wait_for_quota(sk, p, cost, sock_sndtimeo(sk, flags & MSG_DONTWAIT));
}

/* The send buffer of the socket limits one of them, the protocol all. */
static int take_room(struct sock *sk, struct rdg_peer *p, long cost, int flags)
{
	int err = take_quota(sk, p, cost, flags);

	if (err || rdg_mem_take(rdg_sk(sk), cost, RDG_MEM_SEND))
		return err;
	rdg_quota_give(p, cost, 0);
	rdg_wake(sk, RDG_WAKE_WRITE);
	return -ENOBUFS;
}

static void give_back(struct rdg_peer *p, long cost)
{
	rdg_mem_give(rdg_peer_ep(p), cost);
	rdg_quota_give(p, cost, 0);
	rdg_wake(p->sk, RDG_WAKE_WRITE);
}

/* False: the peer has ended meanwhile. */
static bool queue(struct rdg_peer *p, struct rdg_message *m, int device)
{
	bool alive, now = false;

	rdg_peer_lock(p);
	alive = !p->dying;
	if (unlikely(p->device != device))
		rdg_peer_set_device(p, device);
	if (alive)
		now = rdg_link_queue(&p->link, &m->msg, rdg_peer_clock(p));
	if (now)
		rdg_peer_unlock(p);
	else
		rdg_peer_unlock_waiting(p);
	return alive;
}

/* The number by which the application knows the message: one for each that is accepted,
 * however often it takes to send it.
 */
static void set_key(struct sock *sk, struct rdg_ask *ask)
{
	if (ask->numbered || !ask->wishes.stamps || (ask->wishes.set & RDG_WISH_KEY) ||
	    !(READ_ONCE(sk->sk_tsflags) & SOF_TIMESTAMPING_OPT_ID))
		return;
	ask->wishes.key = atomic_inc_return(&sk->sk_tskey) - 1;
	ask->numbered = true;
}

/* The transmitter sees the bit, when it sees the message. */
static void set_wishes(struct sock *sk, struct rdg_message *m, struct rdg_ask *ask)
{
	if (!ask->wishes.set)
		return;
	set_key(sk, ask);
	m->wishes = ask->wishes;
	set_bit(RDG_SOCK_WISHES, &rdg_sk(sk)->flags);
}

/* -ESTALE: the peer is gone. */
static int send_to(struct sock *sk, struct rdg_peer *p, struct msghdr *msg, u32 len,
		   struct rdg_ask *ask)
{
	bool notice = READ_ONCE(rdg_sk(sk)->notices) & RDGRAM_NOTICE_RECEIPT;
	long cost = len + RDG_QUOTA_COST;
	struct rdg_message *m;
	int err;

	err = take_room(sk, p, cost, msg->msg_flags);
	if (err)
		return err;
	m = rdg_message_make(msg, len, notice);
	if (IS_ERR(m)) {
		give_back(p, cost);
		return PTR_ERR(m);
	}
	m->cost = cost;
	/* All but the last message of sendmmsg() say so. */
	m->msg.more = msg->msg_flags & (MSG_MORE | MSG_BATCH);
	if (ask)
		set_wishes(sk, m, ask);
	if (queue(p, m, ask ? ask->device : 0))
		return len;
	rdg_message_free(m);
	give_back(p, cost);
	iov_iter_revert(&msg->msg_iter, len);
	return -ESTALE;
}

static __always_inline int send_once(struct sock *sk, struct msghdr *msg, size_t len,
				     const struct rdg_remote *to, const struct in6_addr *from,
				     struct rdg_ask *ask)
{
	struct rdg_peer *p = get_peer(sk, to, from, ask ? ask->device : 0);
	int err;

	if (IS_ERR(p))
		return PTR_ERR(p);
	err = send_to(sk, p, msg, len, ask);
	rdg_peer_put(p);
	return err;
}

static __always_inline int send_as_asked(struct sock *sk, struct msghdr *msg, size_t len,
					 const struct rdg_remote *to, struct rdg_ask *ask)
{
	const struct in6_addr *from = ask && !ipv6_addr_any(&ask->local) ? &ask->local : NULL;
	int err;

	if (msg->msg_flags & MSG_DONTROUTE) {
		err = check_direct(sk, to, from, ask ? ask->device : 0);
		if (err)
			return err;
	}
	if (unlikely(msg->msg_flags & MSG_PROBE))
		return check_route(sk, to, from, ask ? ask->device : 0) ?: (int)len;
	/* The peer may be forgotten between finding it and sending. */
	do {
		err = send_once(sk, msg, len, to, from, ask);
	} while (err == -ESTALE);
	return err;
}

/* Not inline: what is asked needs stack, which is zeroed. */
static noinline int send_asking(struct sock *sk, struct msghdr *msg, size_t len,
				struct rdg_remote *to)
{
	struct rdg_ask ask;
	int err = rdg_ask_read(sk, msg, to, &ask);

	return err ?: send_as_asked(sk, msg, len, to, &ask);
}

/* Nobody tells us that SO_MARK was set. */
static noinline void follow_mark(struct sock *sk, u32 mark)
{
	rdg_sock_reroute(rdg_sk(sk));
	WRITE_ONCE(rdg_sk(sk)->mark, mark);
}

/* Another thread may be about to bind the socket: the kernel, which has asked whether it is
 * bound, sees a part of that.
 */
static noinline bool await_bind(struct sock *sk)
{
	bool bound;

	lock_sock(sk);
	/* Set when all else is. */
	bound = inet_sk(sk)->inet_sport;
	if (bound) {
		/* Pairs with rdg_sock_sendmsg(): the local and the port are seen with it. */
		smp_store_release(&rdg_sk(sk)->bound, true);
	}
	release_sock(sk);
	return bound;
}

/**
 * rdg_sock_sendmsg - sendmsg()
 * @sk: the socket; bound, or being bound
 * @msg: the message
 * @len: its length in bytes
 *
 * Context: process.
 * Return: @len; -EMSGSIZE; -EOPNOTSUPP for MSG_OOB and for multicast
 * and broadcast addresses; -EPIPE after shutdown(); -EAGAIN, -ERESTARTSYS or
 * -EINTR if the peer's part of the send buffer is full; -EAGAIN if it was not bound after
 * all; -ENOBUFS; once, why earlier messages were not delivered; errors of the address and
 * of the route.
 */
int rdg_sock_sendmsg(struct sock *sk, struct msghdr *msg, size_t len)
{
	u32 mark = READ_ONCE(sk->sk_mark);
	struct rdg_remote to;
	int err;

	/* Pairs with await_bind(). */
	if (unlikely(!smp_load_acquire(&rdg_sk(sk)->bound)) && !await_bind(sk))
		return -EAGAIN;
	if (unlikely(mark != READ_ONCE(rdg_sk(sk)->mark)))
		follow_mark(sk, mark);
	err = check_message(sk, msg, len);
	if (!err)
		err = rdg_remote_from_msg(sk, msg, &to);
	if (err)
		return err;
	if (!rdg_remote_is_unicast(&to))
		return -EOPNOTSUPP;
	if (unlikely(rdg_ask_any(sk, msg)))
		return send_asking(sk, msg, len, &to);
	return send_as_asked(sk, msg, len, &to, NULL);
}
