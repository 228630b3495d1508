/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Peers: what an endpoint and one remote endpoint have with each other.
 *
 * Lock order, outermost first
 * ---------------------------
 *
 * lock_sock(sk)	bind, connect, options: process context, may sleep.
 *			Not taken to send or receive, but to make a peer: peers
 *			run in parallel.
 * rdg_net.bind		a mutex, since binding an inner socket sleeps; under
 *			lock_sock, since get_port() is called with it held.
 * lock_sock(inner)	taken by the UDP code. Of another lockdep class than
 *			ours, which has one of its own.
 * rdg_sock.lock	which peers there are, and where. Held while a peer
 *			enters or leaves the tables, or gets another address,
 *			so that there is one per address.
 * rdg_peer.lock	"the link's lock" of core/link.h: every call of the core
 *			is under it. Never two at a time: the core of one link
 *			knows of no other. Never with rdg_sock.lock, in either
 *			order: teardown has to take both, one after the other.
 * leaves		rdg_sock.{quota,mem,notice}_lock, rdg_net.{tomb,
 *			reset}_lock, rdg_line.lock, rdg_sock.inbox_lock: under the
 *			peer's lock, since the core calls back under it. Nothing
 *			else is taken under them.
 * rdg_net.local_lock	which locals there are. Under it is taken rdg_local.lock, and
 *			under that rdg_sock.lock, to ask who takes a new peer; so never
 *			the other way round. No socket is put under it: the last one
 *			to go takes it.
 *
 * All spinlocks are taken with bottom halves disabled: packets and timers come
 * in softirq context. No lock is held while a packet is sent or user memory is
 * touched: each of these may come back to us. Who waits for a message is woken under
 * the peer's lock, as TCP does under the socket's: a callback takes none of ours.
 */
#ifndef _RDGRAM_SHELL_PEER_H
#define _RDGRAM_SHELL_PEER_H

#include <linux/hrtimer.h>
#include <linux/refcount.h>
#include <linux/rhashtable.h>
#include <linux/spinlock.h>
#include "../core/link.h"
#include "name.h"
#include "sock.h"

struct rdg_fault;
struct rdg_notice;
struct rdg_packet;

/**
 * enum rdg_wake - who is to be told, once the lock is dropped
 *
 * @RDG_WAKE_READ: there is something to read.
 * @RDG_WAKE_WRITE: a message may be accepted.
 * @RDG_WAKE_ERROR: there is an error, or a notice.
 */
enum rdg_wake {
	RDG_WAKE_READ	= 1 << 0,
	RDG_WAKE_WRITE	= 1 << 1,
	RDG_WAKE_ERROR	= 1 << 2,
};

/**
 * enum rdg_turn - is it a peer's turn to ask? See turn.c.
 *
 * @RDG_TURN_NONE: it has nothing to ask, or may have.
 * @RDG_TURN_WAITS: it stands in the line, which has a reference.
 * @RDG_TURN_TAKEN: it may ask, or has and was not answered.
 */
enum rdg_turn {
	RDG_TURN_NONE,
	RDG_TURN_WAITS,
	RDG_TURN_TAKEN,
};

/**
 * enum rdg_pin - by which address of ours does a peer know us?
 *
 * @RDG_PIN_FIRST: the one that it was made with.
 * @RDG_PIN_OTHER: another one.
 * @RDG_PIN_GUESSED: likewise, which was chosen since a link was opened by one, see roam.c.
 */
enum rdg_pin {
	RDG_PIN_FIRST,
	RDG_PIN_OTHER,
	RDG_PIN_GUESSED,
};

struct rdg_egress;

/**
 * struct rdg_peer - a peer
 *
 * @link: the protocol. Under @lock.
 * @lock: the link's lock.
 * @ref: references; 0 frees it after an RCU grace period. Who holds one: the
 *	tables (together one), the armed timer, each message in the
 *	inbox, whoever found it.
 * @sk: the endpoint; held.
 * @home: the address of first contact: the first of its names. Its @rcu frees the
 *	peer.
 * @name: what the application knows it by. RCU; written under the endpoint's
 *	lock, as are @at and @listed.
 * @at: where it is: @name, or an entry beside it.
 * @listed: the tables have it.
 * @born: struct rdg_sock.born of the endpoint; constant.
 * @in_sock: in rdg_sock.peers.
 * @dying: the tables have let go of it; the core is not called any more.
 * @sending: somebody sends: he goes on with all that there will be to send.
 * @again: somebody else had the lock since he looked.
 * @stalled: he was stopped by want of room in the device's queue.
 * @sends: how many times packets were sent, modulo 256.
 * @now: see rdg_peer_clock(); 0: nobody has asked yet.
 * @reroute: @flow changed: @dst is of no use.
 * @muted: the socket is connected to somebody else: take nothing.
 * @pinned: enum rdg_pin.
 * @orphan: it is counted in rdg_net.orphans.
 * @silent: enum rdg_silence: where it is counted in rdg_net.silent.
 * @alien: the application was told that something else is where it should be, since
 *	a link was to be opened.
 * @asked: it was made for a message that was to come from one of our addresses; to the
 *	others there is no such peer. Written under the endpoint's lock.
 * @speaks: an INIT came from there, which is no nonsense.
 * @told: it was told the id of an INIT of ours.
 * @urged: when it was asked to open a link before somebody else does, see succession.c; 0:
 *	never.
 * @turn: enum rdg_turn. This and the next two under the lock of @line; from and to
 *	RDG_TURN_NONE also under @lock.
 * @turn_at: RDG_TURN_WAITS: when it has waited long enough; RDG_TURN_TAKEN: when that
 *	counts no more; ns.
 * @in_line: in rdg_line.peers.
 * @line: in which line it stands, or took its turn. Under @lock.
 * @wake: enum rdg_wake, for when the lock is dropped.
 * @err: errno for the next message to this peer; 0: none.
 * @unread: messages in the inbox, or read and the peer not told yet.
 * @packet: the packet that is being input, see rdg_rbuf_settle(); else NULL.
 * @held: charge of the pieces of messages that are not whole, or not in turn.
 * @moving: somebody is about to change the remote one of @flow.
 * @flow: both addresses. The local one is pinned when the peer is made; see @pinned.
 * @device: by which packets leave: struct rdg_remote.scope of the remote one, or what
 *	the last message asked for; 0: none.
 * @candidate: the path that is being checked, if one is.
 * @armed: when @timer fires; RDG_NEVER: it is not armed. One that is holds a
 *	reference.
 * @timer: see rdg_peer_arm().
 * @dst: the route; only for who has set @sending, or has the last reference.
 * @dst_cookie: for dst_check().
 * @egress: the device that @dst leads to, see egress.h; likewise. NULL: none is known.
 * @given: rdg_egress.given when it was last given anything. Under its lock.
 * @in_egress: among those who wait for room there. Under its lock.
 * @wmem: cost of the messages that are not over. Under rdg_sock.quota_lock.
 * @blocked: a message was refused. Under rdg_sock.quota_lock.
 * @notice: the newest notice of this peer, if it waits still. Under
 *	rdg_sock.notice_lock.
 *
 * There may be very many, and most of them idle: no holes, and nothing that only a link
 * that lives needs, see core/live.h.
 */
struct rdg_peer {
	struct rdg_link link;
	spinlock_t lock;	/* see above */
	refcount_t ref;
	struct sock *sk;
	struct rdg_name home;
	struct rdg_name __rcu *name;
	struct rdg_name __rcu *at;
	u64 born;
	struct list_head in_sock;
	bool dying;
	bool sending;
	bool again;
	bool stalled;
	u8 sends;
	bool reroute;
	bool muted;
	u8 pinned;
	bool orphan;
	u8 silent;
	bool moving;
	bool alien;
	bool asked;
	bool speaks;
	u8 urged;
	u8 turn;
	int err;
	u32 unread;
	u32 held;
	u32 given;
	struct rdg_packet *packet;
	struct rdg_flow flow;
	int device;
	struct rdg_remote candidate;
	u64 turn_at;
	struct list_head in_line;
	struct rdg_line *line;
	u64 now;
	u64 armed;
	struct hrtimer timer;
	struct dst_entry *dst;
	u32 dst_cookie;
	u8 wake;
	bool listed;
	bool blocked;
	bool told;
	struct rdg_egress *egress;
	struct list_head in_egress;
	long wmem;
	struct rdg_notice *notice;
};

static inline struct rdg_peer *rdg_peer_of(const struct rdg_link *l)
{
	return container_of(l, struct rdg_peer, link);
}

static inline struct rdg_sock *rdg_peer_ep(const struct rdg_peer *p)
{
	return rdg_sk(p->sk);
}

static inline bool __must_check rdg_peer_get(struct rdg_peer *p)
{
	return refcount_inc_not_zero(&p->ref);
}

/* The time, for calls of the core. It is read under the lock, and nowhere else: else
 * somebody on another processor may have been there meanwhile, with a later one, and
 * time would go backwards. A clock may be slow to read: while the lock is held it is
 * read once.
 */
static inline u64 rdg_peer_clock(struct rdg_peer *p)
{
	lockdep_assert_held(&p->lock);
	if (!p->now)
		p->now = ktime_get_ns();
	return p->now;
}

/* Is this the address of ours by which it knows us? */
static inline bool rdg_peer_knows_us_by(const struct rdg_peer *p, const struct in6_addr *local)
{
	/* A CONFIRM may change it at this moment, under the lock of @p: who sees half of
	 * that finds neither, as if he had come before or after. Whoever makes a peer looks
	 * once more, under the endpoint's lock.
	 */
	return data_race(ipv6_addr_equal(&p->flow.local, local));
}

/* What the application knows it by. */
static inline void rdg_peer_remote(const struct rdg_peer *p, struct rdg_remote *r)
{
	rcu_read_lock();
	rdg_name_remote(rcu_dereference(p->name), r);
	rcu_read_unlock();
}

/* Beginning, finding, end */
int rdg_peer_cache_init(void);
void rdg_peer_cache_exit(void);
struct rdg_live *rdg_peer_alloc_live(struct rdg_peer *p);
void rdg_peer_free_live(struct rdg_live *live);
struct rdg_peer *rdg_peer_find(struct rdg_sock *ep, const struct rdg_remote *to,
			       const struct in6_addr *local);
struct rdg_peer *rdg_peer_find_at(struct rdg_sock *ep, const struct rdg_remote *from,
				  const struct in6_addr *local);
bool rdg_peer_is_called(const struct rdg_peer *p, const struct rdg_remote *r);
struct rdg_peer *rdg_peer_make(struct rdg_sock *ep, const struct rdg_remote *to,
			       const struct in6_addr *from, struct dst_entry *dst, bool asked);
struct rdg_peer *rdg_peer_meet(struct rdg_sock *ep, const struct rdg_remote *from,
			       const struct in6_addr *local);
void rdg_peer_set_local(struct rdg_peer *p, const struct in6_addr *local, enum rdg_pin pin);
void rdg_peer_end(struct rdg_peer *p) __releases(&p->lock);
bool rdg_peer_may_yield(const struct rdg_peer *p);
int rdg_peer_yield(struct rdg_peer *p);
void rdg_peer_put(struct rdg_peer *p);
void rdg_peer_reset(struct rdg_net *rn, const struct rdg_peer_key *key,
		    const struct rdg_header *h);
void rdg_peer_fault(struct rdg_net *rn, const struct rdg_peer_key *key,
		    const struct rdg_quote *q, const struct rdg_fault *f);
bool rdg_peer_too_big(struct rdg_net *rn, const struct rdg_peer_key *key,
		      const struct rdg_quote *q, u32 size);

/* Changing address */
enum rdg_via rdg_peer_via(const struct rdg_peer *p, const struct rdg_remote *from);
void rdg_peer_candidate(struct rdg_peer *p, const struct rdg_remote *from);
void rdg_peer_move(struct rdg_peer *p, const struct rdg_remote *to);
void rdg_peer_set_device(struct rdg_peer *p, int device);

/* Locking: what follows every call of the core */
void rdg_peer_lock(struct rdg_peer *p) __acquires(&p->lock);
void rdg_peer_unlock(struct rdg_peer *p) __releases(&p->lock);
void rdg_peer_unlock_waiting(struct rdg_peer *p) __releases(&p->lock);
void rdg_peer_unlock_later(struct rdg_peer *p) __releases(&p->lock);
enum hrtimer_restart rdg_peer_timer(struct hrtimer *t);
void rdg_wake(struct sock *sk, u8 wake);

/* What the core calls */
extern const struct rdg_link_ops rdg_peer_ops;

#endif /* _RDGRAM_SHELL_PEER_H */
