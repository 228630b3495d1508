// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pieces of messages, and messages, see rbuf.h.
 *
 * A piece is a range of the buffer that it came in, with a reference: a train of
 * packets is never taken apart, and nothing of it copied before recvmsg(). A
 * piece is charged for its length before anybody else can see it; what a buffer
 * takes beyond that is charged to its last piece, so that it is not free to be
 * sent a little in much.
 */
#include <linux/slab.h>
#include <linux/uio.h>
#include <net/sock.h>
#include "compat.h"
#include "inbox.h"
#include "rbuf.h"
#include "rmem.h"

static struct kmem_cache *rbuf_cache;

/**
 * rdg_rbuf_cache_init - the module is loaded
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int rdg_rbuf_cache_init(void)
{
	rbuf_cache = KMEM_CACHE(rdg_rbuf, 0);
	return rbuf_cache ? 0 : -ENOMEM;
}

/**
 * rdg_rbuf_cache_exit - the module is unloaded
 *
 * Context: process; no socket is left.
 */
void rdg_rbuf_cache_exit(void)
{
	kmem_cache_destroy(rbuf_cache);
}

static void rewind(struct rdg_packet *packet)
{
	packet->in = packet->skb;
	packet->fragment = 0;
	packet->data = packet->skb->data;
	packet->start = 0;
	packet->end = skb_headlen(packet->skb);
}

/* On to the next bytes that stand in one place. False: there are no more. */
static bool advance(struct rdg_packet *packet)
{
	const struct skb_shared_info *si = skb_shinfo(packet->in);

	if (packet->fragment < si->nr_frags) {
		const skb_frag_t *f = &si->frags[packet->fragment++];

		packet->data = skb_frag_address_safe(f);
		packet->start = packet->end;
		packet->end += skb_frag_size(f);
		return true;
	}
	packet->in = packet->in == packet->skb ? si->frag_list : packet->in->next;
	if (!packet->in)
		return false;
	packet->fragment = 0;
	packet->data = packet->in->data;
	packet->start = packet->end;
	packet->end += skb_headlen(packet->in);
	return true;
}

/**
 * rdg_packet_place - where do these bytes stand?
 * @packet: the packet
 * @at: from where in its buffer; bytes
 * @len: how many; not 0, and not more than there are
 *
 * Whoever asks goes forward, mostly.
 *
 * Context: softirq.
 * Return: the bytes; NULL if they are not in one place.
 */
const u8 *rdg_packet_place(struct rdg_packet *packet, u32 at, u32 len)
{
	if (!packet->in || at < packet->start)
		rewind(packet);
	while (at >= packet->end)
		if (!advance(packet))
			return NULL;
	if (!packet->data || len > packet->end - at)
		return NULL;
	return packet->data + (at - packet->start);
}

/* The buffer stays: let go of all that it holds beside the bytes. */
static void hold(struct rdg_peer *p, struct rdg_packet *packet)
{
	struct sk_buff *skb = packet->skb;

	if (!packet->held) {
		packet->held = true;
		skb_orphan(skb);
		skb_dst_drop(skb);
		skb_ext_reset(skb);
		nf_reset_ct(skb);
		skb->dev = NULL;
		sock_skb_set_dropcount(p->sk, skb);
	}
	skb_get(skb);
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
 * Context: under the lock of @p, softirq. rdg_rbuf_settle() is to follow.
 * Return: a buffer, or NULL if there is no room.
 */
struct rdg_buf *rdg_rbuf_take(struct rdg_peer *p, struct rdg_packet *packet, u32 at, u32 len,
			      bool head, bool single)
{
	struct rdg_rbuf *r;
	u32 charge = sizeof(*r) + len;

	lockdep_assert_held(&p->lock);
	if (p->muted) {
		rdg_count(rdg_peer_ep(p)->rn, RDG_STAT_MUTED);
		return NULL;
	}
	r = kmem_cache_alloc(rbuf_cache, GFP_ATOMIC | __GFP_NOWARN);
	if (!r) {
		rdg_count(rdg_peer_ep(p)->rn, RDG_STAT_RCVMEM);
		return NULL;
	}
	if (!rdg_rmem_take(p, charge, head, single)) {
		kmem_cache_free(rbuf_cache, r);
		return NULL;
	}
	hold(p, packet);
	r->skb = packet->skb;
	r->at = packet->at + at;
	r->data = len ? rdg_packet_place(packet, r->at, len) : NULL;
	r->charge = charge;
	r->peer = NULL;
	packet->borne += len;
	p->bearer = r;
	return &r->buf;
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
	struct rdg_rbuf *r = rdg_rbuf_of(b);

	r->at += n;
	if (r->data)
		r->data += n;
}

static void free_piece(struct rdg_rbuf *r)
{
	consume_skb(r->skb);
	kmem_cache_free(rbuf_cache, r);
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
	struct rdg_rbuf *r = rdg_rbuf_of(b);

	if (p->bearer == r)
		p->bearer = NULL;
	p->held -= r->charge;
	rdg_rmem_give(rdg_peer_ep(p), r->charge);
	free_piece(r);
}

/**
 * rdg_rbuf_deliver - a message is whole
 * @p: who sent it
 * @chain: its pieces
 * @seq: its message sequence
 * @len: its length in bytes
 *
 * Context: under the lock of @p. rdg_rbuf_settle() is to follow, and puts it into
 * the inbox.
 */
void rdg_rbuf_deliver(struct rdg_peer *p, struct rdg_buf *chain, u64 seq, u32 len)
{
	struct rdg_rbuf *first = rdg_rbuf_of(chain);
	struct rdg_buf *b;

	lockdep_assert_held(&p->lock);
	rdg_rmem_token_put(p);
	first->peer = p;
	first->len = len;
	first->charges = 0;
	refcount_set(&first->ref, 1);
	for (b = chain; b; b = b->next) {
		first->charges += rdg_rbuf_of(b)->charge;
		if (p->bearer == rdg_rbuf_of(b))
			p->bearer = first;
	}
	first->buf.seq = seq;
	p->held -= first->charges;
	list_add_tail(&first->node, &p->ready);
}

/* What the buffer takes beyond its pieces is charged to the last one. It is
 * there: who has no room left will refuse what comes next.
 */
static void bear(struct rdg_peer *p, struct rdg_packet *packet)
{
	struct rdg_rbuf *r = p->bearer;
	u32 rest;

	p->bearer = NULL;
	if (!r || packet->borne >= packet->skb->truesize)
		return;
	rest = packet->skb->truesize - packet->borne;
	if (!rdg_rmem_force(p, rest))
		return;
	packet->borne += rest;
	if (r->peer) {
		r->charges += rest;
	} else {
		r->charge += rest;
		p->held += rest;
	}
}

/* Into the inbox, all at once. */
static void flush(struct rdg_peer *p)
{
	struct rdg_sock *ep = rdg_peer_ep(p);
	u64 charges = 0, cost = 0;
	struct rdg_rbuf *r;
	u32 n = 0;

	list_for_each_entry(r, &p->ready, node) {
		charges += r->charges;
		cost += r->len + RDG_MESSAGE_COST;
		n++;
	}
	rdg_rmem_learn(ep, charges, cost);
	refcount_add(n, &p->ref);
	if (!p->unread)
		atomic_inc(&ep->readers);
	p->unread += n;
	atomic_add(charges, &ep->delivered);
	rdg_inbox_add(ep, &p->ready);
	p->wake |= RDG_WAKE_READ;
}

/**
 * rdg_rbuf_settle - a packet, or several in one buffer, were input
 * @p: who sent them
 * @packet: the packet
 *
 * Context: under the lock of @p, which keeps the order of its messages.
 */
void rdg_rbuf_settle(struct rdg_peer *p, struct rdg_packet *packet)
{
	lockdep_assert_held(&p->lock);
	bear(p, packet);
	if (!list_empty(&p->ready))
		flush(p);
}

static int copy_piece(const struct rdg_rbuf *r, u32 len, struct msghdr *msg)
{
	if (!r->data)
		return skb_copy_datagram_msg(r->skb, r->at, msg, len);
	return copy_to_iter(r->data, len, &msg->msg_iter) == len ? 0 : -EFAULT;
}

/**
 * rdg_rbuf_copy - copy a message to the application
 * @r: the message
 * @len: how much of it; bytes
 * @msg: where to
 *
 * Context: process.
 * Return: 0 or -EFAULT.
 */
int rdg_rbuf_copy(const struct rdg_rbuf *r, u32 len, struct msghdr *msg)
{
	int err = 0;

	while (len && !err) {
		u32 n = min_t(u32, len, r->buf.len);

		if (n)
			err = copy_piece(r, n, msg);
		len -= n;
		r = container_of(r->buf.next, struct rdg_rbuf, buf);
	}
	return err;
}

/**
 * rdg_rbuf_release - uncharge and free a message that is not in the inbox
 * @ep: the endpoint
 * @r: the message; its reference to the peer is the caller's now
 *
 * Context: process.
 */
void rdg_rbuf_release(struct rdg_sock *ep, struct rdg_rbuf *r)
{
	struct rdg_buf *b = &r->buf, *next;

	atomic_sub(r->charges, &ep->delivered);
	rdg_rmem_give(ep, r->charges);
	for (; b; b = next) {
		next = b->next;
		free_piece(rdg_rbuf_of(b));
	}
}
