// SPDX-License-Identifier: GPL-2.0-only
/*
 * The receive buffer, see rmem.h.
 *
 * Two accounts: sk_rmem_alloc against sk_rcvbuf, and the memory of the whole
 * protocol and of the cgroup, taken and returned in quanta (sk_forward_alloc
 * is what is in hand). Nothing here is under the socket's lock, and several
 * peers may be at it: the first is atomic, the second under mem_lock.
 */
#include <linux/swap.h>
#include "rmem.h"

#define QUANTUM		(64 * 1024)

long rdg_mem_limits[3];
atomic_long_t rdg_mem_allocated;
DEFINE_PER_CPU(int, rdg_mem_per_cpu);

/* What a socket may have even if the protocol as a whole has too much. */
int rdg_mem_least = PAGE_SIZE;

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

/**
 * rdg_mem_take - take memory of the protocol, and of the cgroup
 * @ep: the endpoint
 * @size: bytes
 * @kind: SK_MEM_SEND or SK_MEM_RECV
 *
 * Context: any.
 * Return: false if there is too little.
 */
bool rdg_mem_take(struct rdg_sock *ep, int size, int kind)
{
	struct sock *sk = rdg_to_sk(ep);
	bool ok;

	spin_lock_bh(&ep->mem_lock);
	ok = sk->sk_forward_alloc >= size ||
	     __sk_mem_schedule(sk, max(size, QUANTUM), kind) ||
	     __sk_mem_schedule(sk, size, kind);
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

	spin_lock_bh(&ep->mem_lock);
	add_in_hand(sk, size);
	if (sk->sk_forward_alloc >= 2 * QUANTUM)
		__sk_mem_reclaim(sk, sk->sk_forward_alloc - QUANTUM);
	spin_unlock_bh(&ep->mem_lock);
}

/* Half-messages of many peers must not lock each other out: one peer at a time
 * may complete a message beyond the limit.
 */
static bool hold_token(struct rdg_sock *ep, struct rdg_peer *p)
{
	struct rdg_peer *holder = READ_ONCE(ep->token);
	u64 now = ktime_get_ns();

	if (holder != p) {
		if (holder && now - READ_ONCE(ep->token_at) < RDG_TOKEN_LIFE)
			return false;
		if (cmpxchg(&ep->token, holder, p) != holder)
			return false;
	}
	WRITE_ONCE(ep->token_at, now);
	return true;
}

static bool fits(struct rdg_sock *ep, struct rdg_peer *p, long used, u32 size, bool head)
{
	long limit = READ_ONCE(p->sk->sk_rcvbuf);

	/* An empty buffer takes anything. */
	if (used <= limit || used == size)
		return true;
	return head && atomic_read(&ep->delivered) < limit &&
	       used <= limit + RDG_TOKEN_EXTRA && hold_token(ep, p);
}

/**
 * rdg_rmem_take - charge a piece of a message to the receive buffer
 * @p: the peer it is from
 * @size: memory it uses; bytes
 * @head: it belongs to the next message of this peer
 *
 * Context: under the lock of @p.
 * Return: false if there is no room.
 */
bool rdg_rmem_take(struct rdg_peer *p, u32 size, bool head)
{
	struct rdg_sock *ep = rdg_peer_ep(p);
	struct sock *sk = p->sk;

	if (!fits(ep, p, atomic_add_return(size, &sk->sk_rmem_alloc), size, head)) {
		atomic_sub(size, &sk->sk_rmem_alloc);
		rdg_count(ep->rn, RDG_STAT_RCVBUF);
		return false;
	}
	if (!rdg_mem_take(ep, size, SK_MEM_RECV)) {
		atomic_sub(size, &sk->sk_rmem_alloc);
		rdg_count(ep->rn, RDG_STAT_RCVMEM);
		return false;
	}
	return true;
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
