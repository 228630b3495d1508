// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pieces of messages, and messages, see rbuf.h.
 *
 * The last piece of a packet is the packet itself, all others are copied; so
 * is a small piece of a large buffer. A buffer is charged before anybody else
 * can see it, and uncharged by its destructor.
 */
#include <net/sock.h>
#include "compat.h"
#include "rbuf.h"
#include "rmem.h"

/* Is the piece the last one of the packet, and the buffer not so much larger
 * than it that a copy is better?
 */
static bool is_packet(const struct rdg_packet *packet, u32 at, u32 len)
{
	if (!len || packet->used)
		return false;
	return at + len == packet->skb->len && packet->skb->truesize <= 2 * SKB_TRUESIZE(len);
}

/* The packet's buffer, cut down to its last piece. */
static struct sk_buff *take_packet(struct rdg_packet *packet, u32 at)
{
	struct sk_buff *skb = packet->skb;

	/* To be chained, or cut, it must not share its fragments with anybody. A
	 * liar may even let a whole message follow a fragment of it.
	 */
	if (skb_unclone(skb, GFP_ATOMIC) || (skb_has_frag_list(skb) && skb_linearize(skb)))
		return NULL;
	if (!pskb_pull(skb, at))
		return NULL;
	skb_orphan(skb);
	skb_dst_drop(skb);
	skb_ext_reset(skb);
	nf_reset_ct(skb);
	skb->dev = NULL;
	return skb;
}

/* A buffer, of pages where it is a large one: more than a page in a row can be
 * hard to get.
 */
static struct sk_buff *alloc_piece(u32 len)
{
	const gfp_t gfp = GFP_ATOMIC | __GFP_NOWARN;
	struct sk_buff *skb;
	int err;

	if (len <= SKB_MAX_ORDER(0, 0)) {
		skb = alloc_skb(len, gfp);
		if (skb)
			skb_put(skb, len);
		return skb;
	}
	skb = alloc_skb_with_frags(0, len, PAGE_ALLOC_COSTLY_ORDER, &err, gfp);
	if (skb) {
		skb->len = len;
		skb->data_len = len;
	}
	return skb;
}

static bool fill_piece(struct sk_buff *to, const struct sk_buff *from, u32 at)
{
	u32 i, n = skb_headlen(to);

	if (skb_copy_bits(from, at, to->data, n))
		return false;
	for (i = 0; i < skb_shinfo(to)->nr_frags; i++) {
		const skb_frag_t *f = &skb_shinfo(to)->frags[i];

		at += n;
		n = skb_frag_size(f);
		if (skb_copy_bits(from, at, skb_frag_address(f), n))
			return false;
	}
	return true;
}

static struct sk_buff *copy_piece(const struct rdg_packet *packet, u32 at, u32 len)
{
	struct sk_buff *skb = alloc_piece(len);

	if (!skb)
		return NULL;
	/* Behind the last piece there are only empty ones. */
	if (len && (packet->used || !fill_piece(skb, packet->skb, at))) {
		kfree_skb(skb);
		return NULL;
	}
	skb->tstamp = packet->tstamp;
	skb->skb_iif = packet->iif;
	return skb;
}

static struct rdg_buf *charged(struct sk_buff *skb, u32 charge)
{
	struct rdg_piece_cb *cb = rdg_piece_cb(skb);

	memset(cb, 0, sizeof(*cb));
	cb->charge = charge;
	return &cb->buf;
}

static struct sk_buff *skb_of(const struct rdg_buf *b)
{
	return (struct sk_buff *)((const char *)b - offsetof(struct sk_buff, cb) -
				  offsetof(struct rdg_piece_cb, buf));
}

/**
 * rdg_rbuf_take - admit a piece of a message
 * @p: who sent it
 * @packet: where it is
 * @at: where in the packet; bytes
 * @len: its length in bytes
 * @head: it belongs to the next message of this peer
 * @single: it is the whole message
 *
 * Context: under the lock of @p, softirq.
 * Return: a buffer, or NULL if there is no room.
 */
struct rdg_buf *rdg_rbuf_take(struct rdg_peer *p, struct rdg_packet *packet, u32 at, u32 len,
			      bool head, bool single)
{
	bool whole = is_packet(packet, at, len);
	struct sk_buff *skb;
	u32 charge;

	lockdep_assert_held(&p->lock);
	if (p->muted) {
		rdg_count(rdg_peer_ep(p)->rn, RDG_STAT_MUTED);
		return NULL;
	}
	skb = whole ? take_packet(packet, at) : copy_piece(packet, at, len);
	if (!skb) {
		rdg_count(rdg_peer_ep(p)->rn, RDG_STAT_RCVMEM);
		return NULL;
	}
	charge = skb->truesize;
	if (!rdg_rmem_take(p, charge, head, single)) {
		if (!whole)
			kfree_skb(skb);
		return NULL;
	}
	packet->used = packet->used || whole;
	return charged(skb, charge);
}

/* Cut bytes off the front, without ever failing: the fragments are ours. */
static void eat(struct sk_buff *skb, u32 n)
{
	struct skb_shared_info *si = skb_shinfo(skb);
	u32 head = min(n, skb_headlen(skb));
	u32 gone = 0;

	__skb_pull(skb, head);
	n -= head;
	skb->len -= n;
	skb->data_len -= n;
	while (n && n >= skb_frag_size(&si->frags[gone])) {
		n -= skb_frag_size(&si->frags[gone]);
		skb_frag_unref(skb, gone++);
	}
	si->nr_frags -= gone;
	memmove(si->frags, si->frags + gone, si->nr_frags * sizeof(si->frags[0]));
	if (n) {
		skb_frag_off_add(&si->frags[0], n);
		skb_frag_size_sub(&si->frags[0], n);
	}
}

/**
 * rdg_rbuf_trim - cut bytes off the front of a buffer
 * @b: the buffer, of a fragment
 * @n: how many; less than it has
 *
 * Context: under the peer's lock.
 */
void rdg_rbuf_trim(struct rdg_buf *b, u32 n)
{
	eat(skb_of(b), n);
}

/**
 * rdg_rbuf_put - uncharge and free a buffer
 * @p: who sent it
 * @b: the buffer
 *
 * Context: under the lock of @p.
 */
void rdg_rbuf_put(struct rdg_peer *p, struct rdg_buf *b)
{
	struct sk_buff *skb = skb_of(b);

	p->held -= rdg_piece_cb(skb)->charge;
	rdg_rmem_give(rdg_peer_ep(p), rdg_piece_cb(skb)->charge);
	kfree_skb(skb);
}

/* A message was read, or purged. */
static void release_whole(struct sk_buff *skb)
{
	struct rdg_whole_cb *cb = rdg_whole_cb(skb);
	struct rdg_sock *ep = rdg_sk(skb->sk);

	atomic_sub(cb->charge, &ep->delivered);
	rdg_rmem_give(ep, cb->charge);
	rdg_peer_put(cb->peer);
}

/* Hang all other pieces on the first one. Returns the sum of the charges. */
static u32 chain_up(struct rdg_buf *chain)
{
	struct sk_buff *head = skb_of(chain), **tail = &skb_shinfo(head)->frag_list;
	u32 charge = rdg_piece_cb(head)->charge;
	struct rdg_buf *b, *next;

	for (b = chain->next; b; b = next) {
		struct sk_buff *skb = skb_of(b);

		next = b->next;
		charge += rdg_piece_cb(skb)->charge;
		head->len += skb->len;
		head->data_len += skb->len;
		head->truesize += skb->truesize;
		*tail = skb;
		tail = &skb->next;
	}
	*tail = NULL;
	return charge;
}

/**
 * rdg_rbuf_deliver - a message is whole: into the receive queue
 * @p: who sent it
 * @chain: its pieces
 * @seq: its message sequence
 * @len: its length in bytes
 *
 * Context: under the lock of @p, which keeps the order of its messages.
 */
void rdg_rbuf_deliver(struct rdg_peer *p, struct rdg_buf *chain, u64 seq, u32 len)
{
	struct rdg_sock *ep = rdg_peer_ep(p);
	struct sk_buff_head *queue = &p->sk->sk_receive_queue;
	struct sk_buff *skb = skb_of(chain);
	u32 charge = chain->next ? chain_up(chain) : rdg_piece_cb(skb)->charge;
	struct rdg_whole_cb *cb = rdg_whole_cb(skb);

	lockdep_assert_held(&p->lock);
	rdg_rmem_token_put(p);
	p->held -= charge;
	rdg_rmem_learn(ep, charge, len);
	refcount_inc(&p->ref);
	cb->peer = p;
	cb->seq = seq;
	cb->len = len;
	cb->charge = charge;
	sock_skb_set_dropcount(p->sk, skb);
	skb->sk = p->sk;
	skb->destructor = release_whole;
	atomic_add(charge, &ep->delivered);
	if (!p->unread++)
		atomic_inc(&ep->readers);

	spin_lock_bh(&queue->lock);
	cb->order = ep->arrivals++;
	__skb_queue_tail(queue, skb);
	spin_unlock_bh(&queue->lock);
	p->wake |= RDG_WAKE_READ;
}
