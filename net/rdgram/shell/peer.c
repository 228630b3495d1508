// SPDX-License-Identifier: GPL-2.0-only
/*
 * Peers: how they are found, begin and end. See peer.h.
 */
#include <linux/random.h>
#include <linux/slab.h>
#include <net/dst.h>
#include "compat.h"
#include "egress.h"
#include "fault.h"
#include "local.h"
#include "notice.h"
#include "peer.h"
#include "quota.h"
#include "rmem.h"
#include "route.h"
#include "silence.h"
#include "succession.h"

/* Both are charged to the cgroup of the socket. Peers stand close together: of those
 * that are idle nothing is looked at. What lives has cache lines of its own.
 */
static struct kmem_cache *peer_cache, *live_cache;

/**
 * rdg_peer_cache_init - the module is loaded
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int rdg_peer_cache_init(void)
{
	peer_cache = KMEM_CACHE(rdg_peer, SLAB_ACCOUNT);
	live_cache = KMEM_CACHE(rdg_live, SLAB_ACCOUNT | SLAB_HWCACHE_ALIGN);
	if (peer_cache && live_cache)
		return 0;
	rdg_peer_cache_exit();
	return -ENOMEM;
}

/**
 * rdg_peer_cache_exit - the module is unloaded
 *
 * Context: process, after rcu_barrier().
 */
void rdg_peer_cache_exit(void)
{
	kmem_cache_destroy(live_cache);
	kmem_cache_destroy(peer_cache);
}

static void *alloc_charged(struct kmem_cache *cache, const struct sock *sk, gfp_t gfp)
{
	struct mem_cgroup *before = rdg_charge_begin(sk);
	void *p = kmem_cache_alloc(cache, gfp | __GFP_NOWARN);

	rdg_charge_end(before);
	return p;
}

/**
 * rdg_peer_alloc_live - memory for a link of a peer that begins
 * @p: the peer
 *
 * Context: under the lock of @p.
 * Return: the memory; NULL: there is none, which is counted.
 */
struct rdg_live *rdg_peer_alloc_live(struct rdg_peer *p)
{
	struct rdg_live *live = alloc_charged(live_cache, p->sk, GFP_ATOMIC);

	if (!live)
		rdg_count(rdg_peer_ep(p)->rn, RDG_STAT_NO_LINK);
	return live;
}

/**
 * rdg_peer_free_live - the link has ended
 * @live: its memory
 *
 * Context: under the lock of its peer.
 */
void rdg_peer_free_live(struct rdg_live *live)
{
	kmem_cache_free(live_cache, live);
}

/* A reference to the peer whose entry it is, if it is one. RCU. */
static struct rdg_peer *get_named(const struct rdg_name *n)
{
	return n && rdg_peer_get(n->peer) ? n->peer : NULL;
}

/**
 * rdg_peer_find - who is meant by an address?
 * @ep: the endpoint; bound
 * @to: the address
 * @local: ours, from which it is to hear; NULL: any, but not who was only ever sent to
 *	from an address that was asked for
 *
 * Context: any.
 * Return: a reference, or NULL.
 */
struct rdg_peer *rdg_peer_find(struct rdg_sock *ep, const struct rdg_remote *to,
			       const struct in6_addr *local)
{
	struct rdg_peer *p;

	rcu_read_lock();
	p = get_named(rdg_name_find(ep, to, local));
	rcu_read_unlock();
	return p;
}

/* Nothing was ever heard of it, nor does it know our id: it may be known by another address
 * of ours.
 */
static bool is_unknown(const struct rdg_peer *p)
{
	return !READ_ONCE(p->link.remote_inc) && READ_ONCE(p->link.state) <= RDG_OPENING &&
	       !READ_ONCE(p->told);
}

/**
 * rdg_peer_find_at - who is at an address?
 * @ep: the endpoint; bound
 * @from: the address
 * @local: ours, by which it knows us
 *
 * Unlike rdg_peer_find() it does not find who has moved away from there, nor one
 * that knows us by another address: it numbers its messages apart.
 *
 * Context: any.
 * Return: a reference, or NULL.
 */
struct rdg_peer *rdg_peer_find_at(struct rdg_sock *ep, const struct rdg_remote *from,
				  const struct in6_addr *local)
{
	struct rdg_peer *p = NULL;
	struct rdg_name *n;

	rcu_read_lock();
	n = rdg_name_find(ep, from, local);
	if (!n) {
		n = rdg_name_find(ep, from, NULL);
		if (n && !is_unknown(n->peer))
			n = NULL;
	}
	if (n && rdg_name_is_current(n))
		p = get_named(n);
	rcu_read_unlock();
	return p;
}

/**
 * rdg_peer_is_called - would sendto() to this address reach the peer?
 * @p: the peer
 * @r: the address
 *
 * Context: any.
 * Return: true if it would.
 */
bool rdg_peer_is_called(const struct rdg_peer *p, const struct rdg_remote *r)
{
	struct rdg_remote name, at;

	rcu_read_lock();
	rdg_name_remote(rcu_dereference(p->name), &name);
	rdg_name_remote(rcu_dereference(p->at), &at);
	rcu_read_unlock();
	return rdg_remote_equal(&name, r) || rdg_remote_equal(&at, r);
}

static struct rdg_peer *alloc_peer(struct rdg_sock *ep, const struct rdg_remote *to,
				   const struct in6_addr *from, gfp_t gfp)
{
	struct rdg_peer *p = alloc_charged(peer_cache, rdg_to_sk(ep), gfp | __GFP_ZERO);

	if (!p)
		return NULL;
	rdg_link_init(&p->link, &rdg_peer_ops, &ep->self, get_random_u64(), ktime_get_ns());
	rdg_link_number(&p->link, atomic64_read(&ep->numbered));
	spin_lock_init(&p->lock);
	/* One for the tables, one for the caller. */
	refcount_set(&p->ref, 2);
	p->sk = rdg_to_sk(ep);
	sock_hold(p->sk);
	p->born = ep->born;
	rdg_name_key(ep, to, &p->home.key);
	p->home.peer = p;
	RCU_INIT_POINTER(p->name, &p->home);
	RCU_INIT_POINTER(p->at, &p->home);
	p->flow.local = *from;
	p->flow.remote = to->addr;
	p->flow.lport = ep->local->port;
	p->flow.rport = to->port;
	p->device = to->scope;
	INIT_LIST_HEAD(&p->in_egress);
	p->armed = RDG_NEVER;
	rdg_hrtimer_setup(&p->timer, rdg_peer_timer);
	rdg_rmem_set_window(p);
	/* Until it is known whether somebody comes before it. */
	rdg_link_hold(&p->link, true, p->link.used);
	return p;
}

static void free_rcu_peer(struct rcu_head *rcu)
{
	struct rdg_peer *p = container_of(rcu, struct rdg_peer, home.rcu);
	struct rdg_name *name = rcu_access_pointer(p->name), *at = rcu_access_pointer(p->at);

	if (at != name && at != &p->home)
		kfree(at);
	if (name != &p->home)
		kfree(name);
	kmem_cache_free(peer_cache, p);
}

/* The last reference is gone. */
static void free_peer(struct rdg_peer *p)
{
	dst_release(p->dst);
	rdg_egress_leave(p);
	/* May be the last, and let go of the module: nothing of it is run after
	 * that but what rcu_barrier() waits for.
	 */
	sock_put(p->sk);
	call_rcu(&p->home.rcu, free_rcu_peer);
}

/**
 * rdg_peer_put - give a reference back
 * @p: the peer
 *
 * Context: any; under its lock only where the caller has another reference, which
 * he gives back without it.
 */
void rdg_peer_put(struct rdg_peer *p)
{
	if (refcount_dec_and_test(&p->ref))
		free_peer(p);
}

/**
 * rdg_peer_set_local - a peer knows us by another address of ours from now on
 * @p: the peer
 * @local: the address
 * @pin: RDG_PIN_OTHER or RDG_PIN_GUESSED
 *
 * Context: under the lock of @p.
 */
void rdg_peer_set_local(struct rdg_peer *p, const struct in6_addr *local, enum rdg_pin pin)
{
	lockdep_assert_held(&p->lock);
	p->flow.local = *local;
	p->reroute = true;
	WRITE_ONCE(p->pinned, pin);
	/* Others of ours may still deliver from there; from where it was they do not matter. */
	rdg_peer_hold(p);
}

static void lock_and_hold(struct rdg_peer *p)
	__acquires(&p->lock)
{
	rdg_peer_lock(p);
	rdg_peer_hold(p);
}

/* Enter the tables, if there is no peer at this address. */
static int insert(struct rdg_sock *ep, struct rdg_peer *p, bool *taken)
{
	int err;

	lockdep_assert_held(&ep->lock);
	if (ep->closed)
		return -EPIPE;
	if (ep->n_peers >= RDG_PEERS_MAX)
		return -ENOBUFS;
	err = rdg_name_enter(ep, &p->home, taken);
	if (err)
		return -ENOBUFS;
	p->listed = true;
	list_add_tail_rcu(&p->in_sock, &ep->peers);
	ep->n_peers++;
	return 0;
}

/* The peer that was not looked at for the longest time, if there are many. */
static struct rdg_peer *oldest(struct rdg_sock *ep)
{
	struct rdg_peer *p = NULL;

	spin_lock_bh(&ep->lock);
	if (ep->n_peers > RDG_FORGET_ABOVE) {
		if (ep->oldest == &ep->peers)
			ep->oldest = ep->peers.next;
		p = list_entry(ep->oldest, struct rdg_peer, in_sock);
		ep->oldest = ep->oldest->next;
		if (!rdg_peer_get(p))
			p = NULL;
	}
	spin_unlock_bh(&ep->lock);
	return p;
}

/* Has nobody used a peer for so long? */
static bool is_forgettable(const struct rdg_peer *p, u64 after)
{
	const struct rdg_link *l = &p->link;

	lockdep_assert_held(&p->lock);
	if (p->dying || p->sending || p->unread || l->state != RDG_IDLE ||
	    !list_empty(&l->tx.queue))
		return false;
	return ktime_get_ns() - l->used > after;
}

/* What the other side still knows of us then does no harm: our next message to it
 * has a higher number. What is lost are notices: that it restarted, or that we did
 * not hear all it said, a long time ago.
 */
static void forget(struct rdg_peer *p)
	__releases(&p->lock)
{
	struct rdg_sock *ep = rdg_peer_ep(p);
	s64 seq = p->link.tx.next_seq, known = atomic64_read(&ep->numbered);

	while (known < seq && !atomic64_try_cmpxchg(&ep->numbered, &known, seq))
		;
	rdg_peer_end(p);
}

/* Forget a peer that nobody uses, if there is one. */
static void forget_one(struct rdg_sock *ep)
{
	struct rdg_peer *p = oldest(ep);

	if (!p)
		return;
	spin_lock_bh(&p->lock);
	if (is_forgettable(p, p->err ? RDG_FORGET_ERROR_AFTER : RDG_FORGET_AFTER))
		forget(p);
	else
		spin_unlock_bh(&p->lock);
	rdg_peer_put(p);
}

/**
 * rdg_peer_may_yield - may another peer have the address of this one?
 * @p: the peer
 *
 * A guess, without the lock: rdg_peer_yield() knows.
 *
 * Context: any.
 * Return: true if nobody seems to use it.
 */
bool rdg_peer_may_yield(const struct rdg_peer *p)
{
	u64 now = ktime_get_ns();

	/* What is torn, or old, makes the guess a wrong one, no more. */
	return data_race(!p->unread && now - p->link.used > RDG_YIELD_AFTER) &&
	       READ_ONCE(p->link.state) == RDG_IDLE;
}

/**
 * rdg_peer_yield - another peer is proved to be at the address of this one
 * @p: the peer; the caller has a reference
 *
 * It is forgotten, if nobody uses it, and leaves the tables.
 *
 * Context: process or softirq, without locks.
 * Return: what the next message to that address was to be told, errno; 0: nothing.
 */
int rdg_peer_yield(struct rdg_peer *p)
{
	int err = 0;

	spin_lock_bh(&p->lock);
	if (is_forgettable(p, RDG_YIELD_AFTER)) {
		err = p->err;
		forget(p);
	} else {
		spin_unlock_bh(&p->lock);
	}
	return err;
}

static struct rdg_peer *make_room_for(struct rdg_sock *ep, const struct rdg_remote *to,
				      const struct in6_addr *from, gfp_t gfp)
{
	struct rdg_peer *p;

	/* Two for one: so their number goes down to where it should be. */
	forget_one(ep);
	forget_one(ep);
	p = alloc_peer(ep, to, from, gfp);
	if (!p)
		rdg_count(ep->rn, RDG_STAT_NO_PEER);
	return p;
}

/* What makes two peers the same: who is meant by the address, by both addresses, or who
 * is there.
 */
enum by {
	BY_ADDRESS,
	BY_BOTH,
	BY_MEETING,
};

/* Where the route leads from an address that was asked for before, that peer is meant by
 * all messages, from now on.
 */
static struct rdg_peer *find_usual(struct rdg_sock *ep, const struct rdg_remote *to,
				   const struct in6_addr *local)
{
	struct rdg_peer *p = rdg_peer_find(ep, to, NULL);

	lockdep_assert_held(&ep->lock);
	if (p)
		return p;
	p = rdg_peer_find(ep, to, local);
	if (p)
		WRITE_ONCE(p->asked, false);
	return p;
}

static struct rdg_peer *find_by(struct rdg_sock *ep, const struct rdg_remote *to,
				const struct in6_addr *local, enum by by)
{
	switch (by) {
	case BY_ADDRESS:
		break;
	case BY_BOTH:
		return rdg_peer_find(ep, to, local);
	case BY_MEETING:
		return rdg_peer_find_at(ep, to, local);
	}
	return find_usual(ep, to, local);
}

/* Put a new peer into the tables; or let it go, if there is one already. */
static struct rdg_peer *settle(struct rdg_sock *ep, struct rdg_peer *p, enum by by, bool *taken)
{
	struct rdg_remote to;
	struct rdg_peer *old;
	int err;

	rdg_peer_remote(p, &to);
	spin_lock_bh(&ep->lock);
	p->muted = ep->connected && !rdg_remote_equal(&to, &ep->only);
	/* Nobody else knows of it yet: whoever changes it next will find it. */
	rdg_link_set_congestion(&p->link, ep->congestion, p->link.used);
	old = find_by(ep, &to, &p->flow.local, by);
	err = old ? -EEXIST : insert(ep, p, taken);
	spin_unlock_bh(&ep->lock);
	if (!err)
		return p;
	free_peer(p);
	if (old)
		return old;
	rdg_count(ep->rn, RDG_STAT_NO_PEER);
	return ERR_PTR(err);
}

/**
 * rdg_peer_make - find a peer, or make it
 * @ep: the endpoint; bound
 * @to: the address
 * @from: our address for it
 * @dst: the route, taken over; NULL: it is looked up when it is needed
 * @asked: @from was asked for: one that knows us by another address is not meant
 *
 * Context: process.
 * Return: a reference; -EPIPE if the endpoint is closed; -ENOBUFS if there is
 * no memory, or there are too many.
 */
struct rdg_peer *rdg_peer_make(struct rdg_sock *ep, const struct rdg_remote *to,
			       const struct in6_addr *from, struct dst_entry *dst, bool asked)
{
	struct rdg_peer *p = make_room_for(ep, to, from, GFP_KERNEL), *settled;
	bool taken;

	if (!p) {
		dst_release(dst);
		return ERR_PTR(-ENOBUFS);
	}
	if (dst) {
		p->dst = dst;
		p->dst_cookie = rdg_route_cookie(dst, &p->flow);
	}
	p->asked = asked;
	settled = settle(ep, p, asked ? BY_BOTH : BY_ADDRESS, &taken);
	if (settled == p) {
		lock_and_hold(p);
		/* Others may have found it meanwhile, and had to leave a message. */
		rdg_peer_unlock(p);
	}
	return settled;
}

/**
 * rdg_peer_meet - find or make the peer at an address, which is proved
 * @ep: the endpoint; bound
 * @from: the address
 * @local: ours
 *
 * If it is the name of a peer that has moved away, it is that of the new one
 * from now on. To the application it is as if the one there had restarted.
 *
 * Context: softirq.
 * Return: a reference; -EPIPE; -ENOBUFS.
 */
struct rdg_peer *rdg_peer_meet(struct rdg_sock *ep, const struct rdg_remote *from,
			       const struct in6_addr *local)
{
	struct rdg_peer *p = rdg_peer_find_at(ep, from, local), *settled;
	bool taken;

	if (p)
		return p;
	p = make_room_for(ep, from, local, GFP_ATOMIC);
	if (!p)
		return ERR_PTR(-ENOBUFS);
	settled = settle(ep, p, BY_MEETING, &taken);
	if (settled == p) {
		lock_and_hold(p);
		if (taken)
			p->link.ops->note(&p->link, RDG_NOTE_RESTART, 0, 0);
		spin_unlock_bh(&p->lock);
	}
	return settled;
}

static void leave_tables(struct rdg_sock *ep, struct rdg_peer *p)
{
	int i;

	spin_lock_bh(&ep->lock);
	rdg_name_leave(ep, p);
	p->listed = false;
	if (ep->oldest == &p->in_sock)
		ep->oldest = p->in_sock.next;
	if (ep->closing == &p->in_sock)
		ep->closing = p->in_sock.next;
	list_del_rcu(&p->in_sock);
	ep->n_peers--;
	for (i = 0; i < RDG_COUNTS; i++)
		atomic64_add(p->link.count[i], &ep->counts[i]);
	atomic_inc(&ep->moved);
	spin_unlock_bh(&ep->lock);
}

/* Out of the tables, a peer has its last addresses. */
static void let_go_all(struct rdg_net *rn, const struct rdg_peer *gone)
{
	const struct rdg_name *name = rcu_access_pointer(gone->name);
	const struct rdg_name *at = rcu_access_pointer(gone->at);

	rdg_peer_let_go(rn, gone, &name->key);
	if (at != name)
		rdg_peer_let_go(rn, gone, &at->key);
}

/**
 * rdg_peer_end - teardown: the only way in which a peer ends
 * @p: the peer, locked and not @dying; its lock is dropped
 *
 * Who may still hold the object, and why that ends:
 *
 * - Whoever found it in a table, on this or another processor (packet input,
 *   sendmsg, recvmsg, poll, /proc, close): holds a reference, finds @dying
 *   under the lock, and lets go. The tables lead nobody new to it: the id
 *   became a tombstone in rdg_link_free(), the rest follows here.
 * - Whoever found it there and has no reference yet: is in an RCU read-side
 *   section, fails to get one once the last is gone, and the memory outlives
 *   that section.
 * - The timer, armed: it is cancelled here, and its reference with it.
 * - The timer, running here or on another processor: holds the reference, finds
 *   @dying and does not arm again: rdg_peer_arm() refuses. If it was moved
 *   while it waited for the lock it fires once more, in a minute at the latest,
 *   and gives the reference back then.
 * - Whoever is moving it to another address: holds a reference, and finds
 *   @listed false under the endpoint's lock, or @dying under the peer's. Both
 *   of its entries leave the table here; they are freed with it.
 * - Another transmitter: there is none, @sending is clear or is the caller's.
 * - Messages in the socket's inbox: hold a reference each, given back
 *   when they are read, or purged by close().
 * - Packets in a qdisc or on their way: they hold pages, not the peer.
 * - The line of those who wait for their turn to ask: let go of it here, or its
 *   reference is about to be given back.
 * - The endpoint's token and notices: taken back here.
 * - The socket: is held until the last reference to the peer is gone, and with
 *   it the local, the namespace and the module.
 *
 * Context: process or softirq.
 */
void rdg_peer_end(struct rdg_peer *p)
	__releases(&p->lock)
{
	struct rdg_sock *ep = rdg_peer_ep(p);
	bool timer;
	u8 wake;

	lockdep_assert_held(&p->lock);
	rdg_link_free(&p->link);
	rdg_silence_account(p);
	WRITE_ONCE(p->dying, true);
	timer = hrtimer_try_to_cancel(&p->timer) == 1;
	if (p->unread)
		atomic_dec(&ep->readers);
	p->unread = 0;
	wake = p->wake | RDG_WAKE_WRITE;
	p->wake = 0;
	/* sendmsg() that finds it dying looks again, until it is out of the tables: nobody must
	 * take the processor from us before that, or he might look for ever.
	 */
	local_bh_disable();
	spin_unlock_bh(&p->lock);
	leave_tables(ep, p);
	local_bh_enable();

	let_go_all(ep->rn, p);
	rdg_rmem_token_put(p);
	rdg_quota_forget(p);
	rdg_notice_forget(p);
	if (p->orphan)
		atomic_dec(&ep->rn->orphans);
	rdg_wake(p->sk, wake);
	if (timer)
		rdg_peer_put(p);
	rdg_peer_put(p);
}

/**
 * rdg_peer_reset - a RESET came in
 * @rn: the namespace
 * @key: where it came from, and to which port
 * @h: the RESET
 *
 * Goes to all links with that address whose packet it reflects: there is one,
 * of an open endpoint or of a closed one, or none.
 *
 * Context: softirq.
 */
void rdg_peer_reset(struct rdg_net *rn, const struct rdg_peer_key *key,
		    const struct rdg_header *h)
{
	struct rhlist_head *list, *pos;
	bool matched = false;
	struct rdg_name *n;

	rcu_read_lock();
	list = rdg_name_list(rn, key);
	rhl_for_each_entry_rcu(n, pos, list, node) {
		struct rdg_peer *p = n->peer;

		if (READ_ONCE(p->link.remote_id) != h->reflected || !rdg_name_is_current(n) ||
		    !rdg_peer_get(p))
			continue;
		rdg_peer_lock(p);
		if (!p->dying) {
			matched = true;
			rdg_link_reset(&p->link, h, rdg_peer_clock(p));
		}
		rdg_peer_unlock(p);
		rdg_peer_put(p);
	}
	rcu_read_unlock();
	if (!matched)
		rdg_count(rn, RDG_STAT_UNMATCHED);
}

/* Is it a packet of this link that somebody quotes? What others cannot know, who did not
 * see it, is one of the two ids.
 */
static bool is_quoted(const struct rdg_peer *p, const struct rdg_quote *q)
{
	if (q->src_id)
		return READ_ONCE(p->link.own_id) == q->src_id;
	return READ_ONCE(p->link.remote_id) == q->dst_id;
}

/**
 * rdg_peer_too_big - a router says that a packet was too large
 * @rn: the namespace
 * @key: where the packet was sent to, and from which port
 * @q: what is known of the packet
 * @size: bytes of UDP payload that would have passed
 *
 * Context: softirq.
 * Return: true if a link believes that.
 */
bool rdg_peer_too_big(struct rdg_net *rn, const struct rdg_peer_key *key,
		      const struct rdg_quote *q, u32 size)
{
	struct rhlist_head *list, *pos;
	bool believed = false;
	struct rdg_name *n;

	if (!q->dst_id)
		return false;
	rcu_read_lock();
	list = rdg_name_list(rn, key);
	rhl_for_each_entry_rcu(n, pos, list, node) {
		struct rdg_peer *p = n->peer;

		if (!is_quoted(p, q) || !rdg_name_is_current(n) || !rdg_peer_get(p))
			continue;
		rdg_peer_lock(p);
		/* That link may have ended since, and another one begun. */
		if (!p->dying && is_quoted(p, q))
			believed |= rdg_link_too_big(&p->link, q->pn, size);
		rdg_peer_unlock(p);
		rdg_peer_put(p);
	}
	rcu_read_unlock();
	return believed;
}

static void nobody_there(struct rdg_peer *p, const struct rdg_quote *q)
{
	rdg_peer_lock(p);
	if (!p->dying && is_quoted(p, q))
		rdg_link_unreachable(&p->link);
	rdg_peer_unlock(p);
}

/**
 * rdg_peer_fault - somebody says that a packet did not arrive
 * @rn: the namespace
 * @key: where the packet was sent to, and from which port
 * @q: what is known of the packet
 * @f: what is said
 *
 * The socket that sent it hears of that; of links those that end.
 *
 * Context: softirq.
 */
void rdg_peer_fault(struct rdg_net *rn, const struct rdg_peer_key *key,
		    const struct rdg_quote *q, const struct rdg_fault *f)
{
	struct rhlist_head *list, *pos;
	struct rdg_name *n;

	rcu_read_lock();
	list = rdg_name_list(rn, key);
	rhl_for_each_entry_rcu(n, pos, list, node) {
		struct rdg_peer *p = n->peer;

		if (!is_quoted(p, q) || !rdg_name_is_current(n) || !rdg_peer_get(p))
			continue;
		if (f->err == ECONNREFUSED && READ_ONCE(p->link.state) == RDG_ENDING)
			nobody_there(p, q);
		if (!READ_ONCE(p->muted))
			rdg_fault_icmp(p->sk, f);
		rdg_peer_put(p);
	}
	rcu_read_unlock();
}
