// SPDX-License-Identifier: GPL-2.0-only
/*
 * The receive buffer, see rmem.h.
 *
 * Two accounts: sk_rmem_alloc against sk_rcvbuf, and the memory of the whole
 * protocol and of the cgroup, taken and returned in quanta (sk_forward_alloc
 * is what is in hand). Nothing here is under the socket's lock, and several
 * peers may be at it: the first is atomic, the second under mem_lock.
 */
#include <linux/math64.h>
#include <linux/swap.h>
#include "rmem.h"

/* A socket has up to two in hand, also when it is idle. */
#define QUANTUM		(16 * 1024)

long rdg_mem_limits[3];
atomic_long_t rdg_mem_allocated;
DEFINE_PER_CPU(int, rdg_mem_per_cpu);

/* What a socket may have even if the protocol as a whole has too much. */
int rdg_mem_least = PAGE_SIZE;

/* To the kernel there is no limit. From the first one on it would let nothing in, but all out
 * up to the last one: it does not know what waits here to be sent. The second one it looks at
 * for SO_RESERVE_MEM alone, which it has to refuse: see set_generic(), which kernels before
 * 6.7 do not ask.
 */
long rdg_mem_kernels_limits[3] = { LONG_MAX, -1, LONG_MAX };

/**
 * rdg_mem_init - the limits of the protocol: as those of UDP
 *
 * Context: process, once.
 */
void rdg_mem_init(void)
{
	unsigned long limit = max(nr_free_buffer_pages() / 8, 128UL);

	rdg_mem_limits[0] = limit / 4 * 3;
	rdg_mem_limits[1] = limit;
	rdg_mem_limits[2] = limit / 4 * 3 * 2;
}

static void add_in_hand(struct sock *sk, int size)
{
	/* Paired with lockless readers, SO_MEMINFO among them. */
	WRITE_ONCE(sk->sk_forward_alloc, sk->sk_forward_alloc + size);
}

/* What is sent must not keep out what comes in, by which memory gets free: it has to stop
 * earlier, a third of all. And what others send, in pieces that are never whole, must not keep
 * us from sending: of the token's each of them may have much. Others may take some at this
 * moment: the limits are not that exact.
 */
static bool has_room(const struct rdg_sock *ep, int size, enum rdg_mem kind)
{
	static const u8 limit[] = { [RDG_MEM_SEND] = 1, [RDG_MEM_RECV] = 2, [RDG_MEM_LENT] = 0 };
	long all = atomic_long_read(&rdg_mem_allocated) + sk_mem_pages(size);

	if (all <= READ_ONCE(rdg_mem_limits[limit[kind]]))
		return true;
	return kind == RDG_MEM_SEND && all <= READ_ONCE(rdg_mem_limits[2]) &&
	       READ_ONCE(ep->wmem) < rdg_mem_least;
}

/* Those that are idle must not use up the limits: when half of what there is without want is
 * in use, nobody takes or keeps more than he needs.
 */
static int quantum(void)
{
	long half = READ_ONCE(rdg_mem_limits[0]) / 2;

	return atomic_long_read(&rdg_mem_allocated) > half ? 0 : QUANTUM;
}

/**
 * rdg_mem_take - take memory of the protocol, and of the cgroup
 * @ep: the endpoint
 * @size: bytes
 * @kind: what for
 *
 * Context: any.
 * Return: false if there is too little.
 */
bool rdg_mem_take(struct rdg_sock *ep, int size, enum rdg_mem kind)
{
	int way = kind == RDG_MEM_SEND ? SK_MEM_SEND : SK_MEM_RECV;
	struct sock *sk = rdg_to_sk(ep);
	bool ok;

	spin_lock_bh(&ep->mem_lock);
	ok = sk->sk_forward_alloc >= size ||
	     (has_room(ep, size, kind) && (__sk_mem_schedule(sk, max(size, quantum()), way) ||
					   __sk_mem_schedule(sk, size, way)));
	if (ok)
		add_in_hand(sk, -size);
	spin_unlock_bh(&ep->mem_lock);
	return ok;
}

/* The protocol has no more, and pieces that wait for the next message have what there
 * is: that one is let in on credit, or nothing would ever be given back.
 */
static bool owe(struct rdg_sock *ep, int size)
{
	struct sock *sk = rdg_to_sk(ep);
	bool ok;

	spin_lock_bh(&ep->mem_lock);
	ok = sk->sk_forward_alloc - size >= -RDG_TOKEN_EXTRA;
	if (ok)
		add_in_hand(sk, -size);
	spin_unlock_bh(&ep->mem_lock);
	return ok;
}

/**
 * rdg_mem_give - give it back
 * @ep: the endpoint
 * @size: bytes
 *
 * Context: any.
 */
void rdg_mem_give(struct rdg_sock *ep, int size)
{
	struct sock *sk = rdg_to_sk(ep);
	int keep = quantum();

	spin_lock_bh(&ep->mem_lock);
	add_in_hand(sk, size);
	if (sk->sk_forward_alloc >= max_t(int, 2 * keep, PAGE_SIZE))
		__sk_mem_reclaim(sk, sk->sk_forward_alloc - keep);
	spin_unlock_bh(&ep->mem_lock);
}

/* Somebody else may have been here since @now was read. */
static bool is_within(u64 span, u64 since, u64 now)
{
	return (s64)(now - since) < (s64)span;
}

/* Half-messages of many peers must not lock each other out: one peer at a time
 * may complete a message beyond the limit. Who waits for the token may take it
 * from one that is silent, or slow. What that one has brought stays: it was
 * acknowledged.
 */
static bool hold_token(struct rdg_sock *ep, struct rdg_peer *p)
{
	struct rdg_peer *holder = READ_ONCE(ep->token);
	u64 now = ktime_get_ns();

	if (holder != p) {
		if (holder && is_within(RDG_TOKEN_LIFE, READ_ONCE(ep->token_at), now) &&
		    is_within(RDG_TOKEN_TERM, READ_ONCE(ep->token_since), now))
			return false;
		if (cmpxchg(&ep->token, holder, p) != holder)
			return false;
		WRITE_ONCE(ep->token_since, now);
	}
	WRITE_ONCE(ep->token_at, now);
	return true;
}

/* The next message of one peer at a time may have more than there is room for. Where there is
 * one to be read that makes room, or those who read nothing would be sent one beyond the limit
 * by each of their peers.
 */
static bool may_exceed(struct rdg_sock *ep, struct rdg_peer *p, bool head)
{
	return head && !atomic_read(&ep->delivered) && hold_token(ep, p);
}

/* Pieces that wait for others: a peer may have twice as much of the buffer in
 * them as is free (see quota.c), so that some is always free for one more.
 */
static bool is_fair(const struct rdg_peer *p, long free, u32 size)
{
	return p->held + size <= 2 * free;
}

/* What the token lets in is no one else's burden: it does not count against the limit, or
 * half a message would keep the messages of all others out. *@lent gets how much it is.
 */
static bool fits(struct rdg_sock *ep, struct rdg_peer *p, u32 size, bool head, bool single,
		 u32 *lent)
{
	long used = atomic_read(&p->sk->sk_rmem_alloc) - atomic_read(&ep->lent);
	long limit = READ_ONCE(p->sk->sk_rcvbuf);

	*lent = 0;
	/* An empty buffer takes anything. */
	if (used == size)
		return true;
	/* A message that is whole, and in turn, does not wait. */
	if (used <= limit && ((head && single) || is_fair(p, limit - used, size)))
		return true;
	/* Beyond what the peer may have otherwise: pieces of later messages, which
	 * may be all of that, must not keep the next one from being whole.
	 */
	*lent = size;
	return p->held + size <= limit + RDG_TOKEN_EXTRA && may_exceed(ep, p, head);
}

/* Why is there no room, enum rdg_stat? RDG_STATS: there was, and it is charged. */
static enum rdg_stat charge(struct rdg_peer *p, u32 size, bool head, bool single, u32 *lent)
{
	struct rdg_sock *ep = rdg_peer_ep(p);
	struct sock *sk = p->sk;

	atomic_add(size, &sk->sk_rmem_alloc);
	if (!fits(ep, p, size, head, single, lent)) {
		atomic_sub(size, &sk->sk_rmem_alloc);
		return RDG_STAT_RCVBUF;
	}
	if (!rdg_mem_take(ep, size, *lent ? RDG_MEM_LENT : RDG_MEM_RECV) &&
	    !(may_exceed(ep, p, head) && owe(ep, size))) {
		atomic_sub(size, &sk->sk_rmem_alloc);
		return RDG_STAT_RCVMEM;
	}
	p->held += size;
	atomic_add(*lent, &ep->lent);
	return RDG_STATS;
}

/**
 * rdg_rmem_take - charge a piece of a message to the receive buffer
 * @p: the peer it is from
 * @size: memory it uses; bytes
 * @head: it belongs to the next message of this peer
 * @single: it is the whole message
 * @lent: set to what of it only the token lets in, for rdg_rmem_repay()
 *
 * Context: under the lock of @p.
 * Return: false if there is no room, which is counted.
 */
bool rdg_rmem_take(struct rdg_peer *p, u32 size, bool head, bool single, u32 *lent)
{
	enum rdg_stat why = charge(p, size, head, single, lent);

	if (why != RDG_STATS)
		rdg_count(rdg_peer_ep(p)->rn, why);
	return why == RDG_STATS;
}

/**
 * rdg_rmem_try - likewise, of the room that is there for anything
 * @p: the peer it is from
 * @size: memory it uses; bytes
 *
 * What the token is for is not used up by it.
 *
 * Context: under the lock of @p.
 * Return: false if there is no room.
 */
bool rdg_rmem_try(struct rdg_peer *p, u32 size)
{
	u32 lent;

	return charge(p, size, false, false, &lent) == RDG_STATS;
}

/**
 * rdg_rmem_force - charge what takes the place of something larger
 * @p: the peer it is from
 * @size: memory it uses; bytes
 *
 * Context: under the lock of @p.
 * Return: false if the protocol has no more.
 */
bool rdg_rmem_force(struct rdg_peer *p, u32 size)
{
	if (!rdg_mem_take(rdg_peer_ep(p), size, RDG_MEM_RECV))
		return false;
	atomic_add(size, &p->sk->sk_rmem_alloc);
	p->held += size;
	return true;
}

/**
 * rdg_rmem_learn - messages are whole: learn what their memory is to their cost
 * @ep: the endpoint
 * @charge: what was charged for them; bytes
 * @cost: the sum of their costs, see core/link.h
 *
 * Context: any. Two at a time may forget each other.
 */
void rdg_rmem_learn(struct rdg_sock *ep, u64 charge, u64 cost)
{
	u32 this = clamp_t(u64, div64_u64(charge << RDG_OVERHEAD_SHIFT, cost),
			   1 << RDG_OVERHEAD_SHIFT, 8 << RDG_OVERHEAD_SHIFT);
	u32 mean = READ_ONCE(ep->overhead);

	/* Up at once: what is more than there is room for is refused. */
	WRITE_ONCE(ep->overhead, max(this, mean - mean / 64 + this / 64));
}

/* What the receive buffer has room for, less an eighth for what is in pieces,
 * shared by those who have something in it; in units of cost.
 */
static u32 share(const struct rdg_sock *ep)
{
	u64 size = (u64)READ_ONCE(rdg_to_sk(ep)->sk_rcvbuf) << RDG_OVERHEAD_SHIFT;
	u32 readers = max(atomic_read(&ep->readers), 1);
	u64 room = div_u64(size - size / 8, READ_ONCE(ep->overhead));

	return max_t(u32, div_u64(room, readers), RDG_PACKET_SIZE);
}

/**
 * rdg_rmem_credit - credit to begin with
 * @ep: the endpoint
 *
 * Context: any.
 * Return: units of cost (see core/link.h).
 */
u32 rdg_rmem_credit(const struct rdg_sock *ep)
{
	return min_t(u32, share(ep), RDG_CREDIT_INITIAL);
}

/**
 * rdg_rmem_set_window - tell the core how much a peer may have unread
 * @p: the peer
 *
 * A buffer of a fixed size is there to be used; one that grows by itself does
 * so for those who need it.
 *
 * Context: under the lock of @p, or before anybody can know it.
 */
void rdg_rmem_set_window(struct rdg_peer *p)
{
	bool fixed = rdg_sock_is_fixed(p->sk, SOCK_RCVBUF_LOCK);
	u32 most = share(rdg_peer_ep(p));

	rdg_link_set_window(&p->link, fixed ? most : min_t(u32, most, RDG_CREDIT_INITIAL), most);
}

/**
 * rdg_rmem_tune - let the receive buffer grow to what a peer's window is worth
 * @p: the peer, of which a message was read
 *
 * As TCP does it: unless the user has set its size, up to a limit of the
 * namespace, and not if memory is scarce.
 *
 * Context: under the lock of @p.
 */
void rdg_rmem_tune(struct rdg_peer *p)
{
	struct rdg_sock *ep = rdg_peer_ep(p);
	int size = READ_ONCE(p->sk->sk_rcvbuf);
	u64 want;

	lockdep_assert_held(&p->lock);
	if (!p->link.live)
		return;
	want = (u64)p->link.live->rx.space * READ_ONCE(ep->overhead) >> RDG_OVERHEAD_SHIFT;
	want += want / 4;
	want = min_t(u64, want * max(atomic_read(&ep->readers), 1), READ_ONCE(ep->rn->rmem_max));
	if (want <= size || rdg_sock_is_fixed(p->sk, SOCK_RCVBUF_LOCK) ||
	    atomic_long_read(&rdg_mem_allocated) > READ_ONCE(rdg_mem_limits[0]))
		return;
	/* Not if the user sets it at this moment. */
	cmpxchg(&p->sk->sk_rcvbuf, size, (int)want);
}

/**
 * rdg_rmem_give - uncharge
 * @ep: the endpoint
 * @size: bytes
 *
 * Context: any.
 */
void rdg_rmem_give(struct rdg_sock *ep, u32 size)
{
	rdg_mem_give(ep, size);
	atomic_sub(size, &rdg_to_sk(ep)->sk_rmem_alloc);
}

/**
 * rdg_rmem_repay - a piece that the token had let in is part of a message, or goes
 * @ep: the endpoint
 * @lent: what rdg_rmem_take() said of it; nothing afterwards
 *
 * Context: under the lock of the piece's peer.
 */
void rdg_rmem_repay(struct rdg_sock *ep, u32 *lent)
{
	if (*lent)
		atomic_sub(*lent, &ep->lent);
	*lent = 0;
}

/**
 * rdg_rmem_token_put - a peer has no use for the token, if it holds it
 * @p: the peer: its message is whole, or its link is over
 *
 * Context: any.
 */
void rdg_rmem_token_put(struct rdg_peer *p)
{
	struct rdg_sock *ep = rdg_peer_ep(p);

	if (READ_ONCE(ep->token) == p)
		cmpxchg(&ep->token, p, NULL);
}
