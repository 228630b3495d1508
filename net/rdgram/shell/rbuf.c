// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pieces of messages, and messages, see rbuf.h.
 *
 * A piece is a range of the buffer that it came in: a train of packets is never
 * taken apart, and nothing of it copied before recvmsg(). The buffer is charged as a
 * whole when the first piece of it is kept, and until the last one is gone. It is not
 * where that would be unfair: where there is no room for all of it, or it is much
 * larger than the only piece in it. Then the piece is copied, and charged for itself.
 */
#include <linux/slab.h>
#include <linux/uio.h>
#include <net/busy_poll.h>
#include <net/sock.h>
#include "compat.h"
#include "control.h"
#include "filter.h"
#include "inbox.h"
#include "rbuf.h"
#include "rmem.h"

/* What a piece takes beside its buffer. */
#define PIECE_CHARGE	((u32)sizeof(struct rdg_rbuf))

/* struct hold.ratio: 1 << this is a byte of memory per byte. */
#define RATIO_SHIFT	4

/**
 * struct hold - a buffer that is kept, in its control buffer
 *
 * While any of its pieces waits for others it is held, in the sense of struct
 * rdg_peer.held; then it is part of what was delivered.
 *
 * @refs: its pieces, and who is still taking some from it. The last one has the
 *	reference to the buffer.
 * @charge: what was charged for it; bytes.
 * @waiting: those of @refs that are not of messages that are whole. Under the lock of
 *	the peer that the pieces are of.
 * @ratio: its memory to what is in it, see RATIO_SHIFT.
 * @device: struct rdg_packet.device.
 */
struct hold {
	refcount_t refs;
	u32 charge;
	u32 waiting;
	u32 ratio;
	int device;
};

static struct hold *hold_of(const struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct hold) > SOCK_SKB_CB_OFFSET);
	return (struct hold *)skb->cb;
}

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
	/* Fragments of fragments. */
	packet->nested = skb_has_frag_list(packet->in);
	if (packet->nested)
		return false;
	packet->fragment = 0;
	packet->data = packet->in->data;
	packet->start = packet->end;
	packet->end += skb_headlen(packet->in);
	return true;
}

/**
 * rdg_packet_place - where do these bytes stand?
 * @packet: in this buffer
 * @at: from here on; bytes, from the start of the buffer
 * @len: how many
 *
 * Whoever asks goes forward, mostly: that does not begin at the start each time.
 *
 * Context: softirq.
 * Return: the bytes; NULL: they are not in one place.
 */
const u8 *rdg_packet_place(struct rdg_packet *packet, u32 at, u32 len)
{
	if (!len || packet->nested)
		return NULL;
	if (!packet->in || at < packet->start)
		rewind(packet);
	while (at >= packet->end)
		if (!advance(packet))
			return NULL;
	if (!packet->data || len > packet->end - at)
		return NULL;
	return packet->data + (at - packet->start);
}

static void begin_hold(struct sk_buff *skb, u32 refs, int device)
{
	struct hold *h = hold_of(skb);

	refcount_set(&h->refs, refs);
	h->charge = skb->truesize;
	h->waiting = refs;
	h->ratio = (h->charge << RATIO_SHIFT) / max(skb->len, 1U);
	h->device = device;
}

/* One of its pieces waits no more, or nobody takes pieces from it any more. */
static void end_wait(struct rdg_peer *p, struct sk_buff *skb)
{
	struct hold *h = hold_of(skb);

	lockdep_assert_held(&p->lock);
	if (--h->waiting)
		return;
	p->held -= h->charge;
	atomic_add(h->charge, &rdg_peer_ep(p)->delivered);
}

/* After end_wait(). Returns what is to be uncharged by give_back(). */
static u32 end_hold(struct sk_buff *skb)
{
	u32 charge = hold_of(skb)->charge;

	if (!refcount_dec_and_test(&hold_of(skb)->refs))
		return 0;
	consume_skb(skb);
	return charge;
}

static void give_back(struct rdg_sock *ep, u32 charge)
{
	if (!charge)
		return;
	atomic_sub(charge, &ep->delivered);
	rdg_rmem_give(ep, charge);
}

/* Is a buffer of this size too much for so many bytes? */
static bool is_waste(const struct sk_buff *skb, u32 len)
{
	return skb->truesize > 2 * SKB_TRUESIZE(len);
}

/* The buffer stays: let go of all that it holds beside the bytes. */
static void keep(struct rdg_peer *p, struct rdg_packet *packet)
{
	struct sk_buff *skb = packet->skb;

	skb_orphan(skb);
	skb_dst_drop(skb);
	skb_ext_reset(skb);
	nf_reset_ct(skb);
	skb->dev = NULL;
	sock_skb_set_dropcount(p->sk, skb);
	packet->kept = true;
	/* One is ours, until rdg_rbuf_settle(). */
	begin_hold(skb_get(skb), 1, packet->device);
}

/* Would the piece be the only one in too large a buffer? */
static bool is_alone_in_waste(const struct rdg_packet *packet, u32 at, u32 len)
{
	return packet->at + at + len == packet->skb->len && is_waste(packet->skb, len);
}

/* May pieces be ranges of the buffer? It is charged then, and the first one, too. */
static bool try_keep(struct rdg_peer *p, struct rdg_packet *packet, u32 at, u32 len)
{
	if (packet->spent || (!packet->at && is_alone_in_waste(packet, at, len)) ||
	    !rdg_rmem_try(p, packet->skb->truesize + PIECE_CHARGE))
		return false;
	keep(p, packet);
	return true;
}

static void refer(struct rdg_peer *p, struct rdg_packet *packet, struct rdg_rbuf *r, u32 at,
		  u32 len)
{
	struct hold *h = hold_of(packet->skb);

	packet->lone = h->waiting == 1 && refcount_read(&h->refs) == 1 ? r : NULL;
	refcount_inc(&h->refs);
	h->waiting++;
	r->skb = packet->skb;
	r->at = packet->at + at;
	r->data = rdg_packet_place(packet, r->at, len);
}

/* A buffer, with room in front of it, and of pages where it is a large one: more than a
 * page in a row can be hard to get.
 */
static struct sk_buff *alloc_copy(u32 room, u32 len)
{
	const gfp_t gfp = GFP_ATOMIC | __GFP_NOWARN;
	struct sk_buff *skb;
	int err;

	if (len <= SKB_MAX_ORDER(0, 0)) {
		skb = alloc_skb(room + len, gfp);
		if (skb) {
			skb_reserve(skb, room);
			skb_put(skb, len);
		}
		return skb;
	}
	skb = alloc_skb_with_frags(room, len, PAGE_ALLOC_COSTLY_ORDER, &err, gfp);
	if (skb) {
		skb_reserve(skb, room);
		skb->len = len;
		skb->data_len = len;
	}
	return skb;
}

/* Copy bytes of a buffer to where they are to stand in another, which has the room. */
static bool fill_part(struct sk_buff *to, u32 where, const struct sk_buff *from, u32 at, u32 len)
{
	u32 start = 0, end = skb_headlen(to), i = 0;
	u8 *data = to->data;

	for (;;) {
		u32 n = where < end ? min(len, end - where) : 0;

		if (n && skb_copy_bits(from, at, data + (where - start), n))
			return false;
		where += n;
		at += n;
		len -= n;
		if (!len)
			return true;
		if (i == skb_shinfo(to)->nr_frags)
			return false;
		data = skb_frag_address(&skb_shinfo(to)->frags[i]);
		start = end;
		end += skb_frag_size(&skb_shinfo(to)->frags[i++]);
	}
}

/* How much room the headers of a packet take that the application asks about, or that its
 * filter sees.
 */
static u32 header_room(const struct sock *sk, const struct sk_buff *from)
{
	if (!rdg_control_wants(sk, RDG_HEADER_CMSGS) && !rdg_filter_is_set(sk))
		return 0;
	return skb_transport_offset(from) - skb_network_offset(from);
}

static void copy_header(struct sk_buff *to, const struct sk_buff *from, u32 len)
{
	if (!len)
		return;
	memcpy(to->data - len, skb_network_header(from), len);
	skb_set_network_header(to, -len);
	skb_reset_transport_header(to);
}

static struct sk_buff *copy_range(struct rdg_peer *p, const struct sk_buff *from, u32 at, u32 len)
{
	u32 header = header_room(p->sk, from);
	struct sk_buff *skb = alloc_copy(header, len);

	if (!skb)
		return NULL;
	copy_header(skb, from, header);
	if (!fill_part(skb, 0, from, at, len)) {
		kfree_skb(skb);
		return NULL;
	}
	skb->tstamp = from->tstamp;
	skb->skb_iif = from->skb_iif;
	skb->mark = from->mark;
	skb->priority = from->priority;
	sock_skb_set_dropcount(p->sk, skb);
	return skb;
}

/* A piece is a copy from now on, with a buffer of its own. */
static void set_copy(struct rdg_rbuf *r, struct sk_buff *skb, int device)
{
	begin_hold(skb, 1, device);
	r->skb = skb;
	r->at = 0;
	r->data = skb_is_nonlinear(skb) ? NULL : skb->data;
}

static bool copy(struct rdg_peer *p, const struct rdg_packet *packet, struct rdg_rbuf *r, u32 at,
		 u32 len, bool head, bool single)
{
	struct sk_buff *skb = copy_range(p, packet->skb, packet->at + at, len);

	if (!skb) {
		rdg_count(rdg_peer_ep(p)->rn, RDG_STAT_RCVMEM);
		return false;
	}
	if (!rdg_rmem_take(p, skb->truesize + PIECE_CHARGE, head, single, &r->lent)) {
		kfree_skb(skb);
		return false;
	}
	set_copy(r, skb, packet->device);
	return true;
}

static bool fill(struct rdg_peer *p, struct rdg_packet *packet, struct rdg_rbuf *r, u32 at,
		 u32 len, bool head, bool single)
{
	if (packet->kept) {
		if (!rdg_rmem_take(p, PIECE_CHARGE, head, single, &r->lent))
			return false;
	} else if (!try_keep(p, packet, at, len)) {
		return copy(p, packet, r, at, len, head, single);
	}
	refer(p, packet, r, at, len);
	return true;
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
	r->peer = NULL;
	r->shown = RDG_SHOW_ALL;
	r->lent = 0;
	if (!fill(p, packet, r, at, len, head, single)) {
		kmem_cache_free(rbuf_cache, r);
		return NULL;
	}
	return &r->buf;
}

/**
 * rdg_rbuf_duplicate - copy a part of a message
 * @b: the piece where it begins; set to the one where the next part does
 * @at: where in it; likewise
 * @len: how much; bytes, 64 KiB at the most
 *
 * Context: under the peer's lock.
 * Return: a buffer with nothing else; NULL if there is no memory.
 */
struct sk_buff *rdg_rbuf_duplicate(struct rdg_buf **b, u32 *at, u32 len)
{
	struct sk_buff *skb = alloc_copy(0, len);
	u32 done = 0;

	while (skb && done < len) {
		const struct rdg_rbuf *r = rdg_rbuf_of(*b);
		u32 n = min(len - done, r->buf.len - *at);

		if (n && !fill_part(skb, done, r->skb, r->at + *at, n)) {
			kfree_skb(skb);
			return NULL;
		}
		done += n;
		*at += n;
		if (*at == r->buf.len) {
			*b = r->buf.next;
			*at = 0;
		}
	}
	return skb;
}

/**
 * rdg_rbuf_device - by which device did a message come?
 * @r: its first piece
 *
 * Context: any, with a reference.
 * Return: struct rdg_packet.device.
 */
int rdg_rbuf_device(const struct rdg_rbuf *r)
{
	return hold_of(r->skb)->device;
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

/* Returns what is to be uncharged for its buffer by give_back(). */
static u32 free_piece(struct rdg_rbuf *r)
{
	u32 charge = end_hold(r->skb);

	kmem_cache_free(rbuf_cache, r);
	return charge;
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

	if (p->packet && p->packet->lone == r)
		p->packet->lone = NULL;
	p->held -= PIECE_CHARGE;
	rdg_rmem_repay(rdg_peer_ep(p), &r->lent);
	rdg_rmem_give(rdg_peer_ep(p), PIECE_CHARGE);
	end_wait(p, r->skb);
	give_back(rdg_peer_ep(p), free_piece(r));
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
	first->shown = min_t(u32, first->shown, len);
	first->pieces = 0;
	first->weight = 0;
	refcount_set(&first->ref, 1);
	first->peeked = false;
	for (b = chain; b; b = b->next) {
		struct sk_buff *skb = rdg_rbuf_of(b)->skb;

		rdg_rmem_repay(rdg_peer_ep(p), &rdg_rbuf_of(b)->lent);
		first->pieces++;
		first->weight += PIECE_CHARGE + (b->len * hold_of(skb)->ratio >> RATIO_SHIFT);
		end_wait(p, skb);
	}
	first->buf.seq = seq;
	p->held -= first->pieces * PIECE_CHARGE;
	atomic_add(first->pieces * PIECE_CHARGE, &rdg_peer_ep(p)->delivered);
	list_add_tail(&first->node, &p->packet->ready);
}

/* A piece that is the only one in a buffer much larger than it goes on as a copy. */
static void replace(struct rdg_peer *p, struct rdg_rbuf *r)
{
	struct sk_buff *skb = r->skb;
	/* The other one is ours. */
	bool waits = hold_of(skb)->waiting == 2;
	struct sk_buff *new;

	if (!is_waste(skb, r->buf.len))
		return;
	new = copy_range(p, skb, r->at, r->buf.len);
	if (!new)
		return;
	if (!rdg_rmem_force(p, new->truesize)) {
		kfree_skb(new);
		return;
	}
	set_copy(r, new, hold_of(skb)->device);
	end_wait(p, waits ? skb : new);
	give_back(rdg_peer_ep(p), end_hold(skb));
}

/* No more pieces are taken from the buffer. */
static void end_keep(struct rdg_peer *p, struct rdg_packet *packet)
{
	if (packet->lone)
		replace(p, packet->lone);
	packet->lone = NULL;
	packet->kept = false;
	packet->spent = true;
	end_wait(p, packet->skb);
	give_back(rdg_peer_ep(p), end_hold(packet->skb));
}

/* Into the inbox, all at once. */
static void flush(struct rdg_peer *p, struct rdg_packet *packet)
{
	struct rdg_sock *ep = rdg_peer_ep(p);
	u64 weight = 0, cost = 0;
	struct rdg_rbuf *r;
	u32 n = 0;

	list_for_each_entry(r, &packet->ready, node) {
		weight += r->weight;
		cost += r->len + RDG_MESSAGE_COST;
		n++;
	}
	rdg_rmem_learn(ep, weight, cost);
	refcount_add(n, &p->ref);
	if (!p->unread)
		atomic_inc(&ep->readers);
	p->unread += n;
	/* SO_INCOMING_CPU and SO_INCOMING_NAPI_ID, as UDP tells them. */
	if (READ_ONCE(ep->connected)) {
		sk_incoming_cpu_update(p->sk);
		sk_mark_napi_id(p->sk, packet->skb);
	} else {
		sk_mark_napi_id_once(p->sk, packet->skb);
	}
	rdg_inbox_add(ep, &packet->ready);
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
	if (packet->kept)
		end_keep(p, packet);
	if (!list_empty(&packet->ready))
		flush(p, packet);
	p->packet = NULL;
}

/**
 * rdg_rbuf_arrived - the payload of a packet was input
 * @p: who sent it
 * @packet: the packet
 *
 * Who waits for a message goes on, on another processor perhaps, while the rest of the
 * packet is looked at. He will find @p locked only if he is quick.
 *
 * Context: under the lock of @p.
 */
void rdg_rbuf_arrived(struct rdg_peer *p, struct rdg_packet *packet)
{
	if (!packet->last || list_empty(&packet->ready))
		return;
	rdg_rbuf_settle(p, packet);
	p->wake &= ~RDG_WAKE_READ;
	rdg_wake(p->sk, RDG_WAKE_READ);
}

static int copy_piece(const struct rdg_rbuf *r, u32 off, u32 len, struct msghdr *msg)
{
	if (!r->data)
		return skb_copy_datagram_msg(r->skb, r->at + off, msg, len);
	return copy_to_iter(r->data + off, len, &msg->msg_iter) == len ? 0 : -EFAULT;
}

static const struct rdg_rbuf *next_piece(const struct rdg_rbuf *r)
{
	return container_of(r->buf.next, struct rdg_rbuf, buf);
}

/**
 * rdg_rbuf_copy - copy a message to the application
 * @r: the message
 * @off: where to begin; bytes
 * @len: how much of it; bytes
 * @msg: where to
 *
 * Context: process.
 * Return: 0 or -EFAULT.
 */
int rdg_rbuf_copy(const struct rdg_rbuf *r, u32 off, u32 len, struct msghdr *msg)
{
	int err = 0;

	for (; len && off >= r->buf.len; r = next_piece(r))
		off -= r->buf.len;
	while (len && !err) {
		u32 n = min_t(u32, len, r->buf.len - off);

		if (n)
			err = copy_piece(r, off, n, msg);
		len -= n;
		off = 0;
		r = next_piece(r);
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
	u32 charge = r->pieces * PIECE_CHARGE;

	for (; b; b = next) {
		next = b->next;
		charge += free_piece(rdg_rbuf_of(b));
	}
	give_back(ep, charge);
}
