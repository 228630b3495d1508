// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets to be sent, see train.h.
 *
 * The head of a packet is written into memory of its own, the payload hangs on
 * it as page fragments of the messages: these pages are never written again, a
 * qdisc or an unread receiver may still hold them when the message is over.
 * Little payload is copied; so is a lot in more parts than a buffer can have.
 *
 * The first packet of a train has its head in the linear part of the buffer, as
 * one that goes alone; the heads of those that join it are page fragments, too.
 * What a buffer has no room for goes into others, in its frag_list: these have
 * no linear part, which is what skb_segment() can always take apart.
 */
#include <linux/percpu.h>
#include <linux/udp.h>
#include <net/inet_ecn.h>
#include <net/sock.h>
#include "compat.h"
#include "message.h"
#include "train.h"

/* Little payload, or not much in many parts, is copied: that is less work. */
#define COPY_BELOW	192
#define COPY_MANY	2048
#define COPY_SLICES	8

/* Where heads of packets are written that join a train. One per processor will
 * do: bottom halves are disabled.
 */
static DEFINE_PER_CPU(struct page_frag, heads_here);

/**
 * rdg_train_exit - the module is unloaded
 *
 * Context: process; no peer is left.
 */
void rdg_train_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct page_frag *frag = per_cpu_ptr(&heads_here, cpu);

		if (frag->page)
			put_page(frag->page);
		frag->page = NULL;
	}
}

/**
 * rdg_packet_alloc - a packet that begins with these bytes
 * @headroom: bytes to be left in front of it, RDG_HEADROOM or what the route needs
 * @head: the bytes
 * @len: how many
 * @room: how many more will follow
 *
 * Context: any.
 * Return: the packet, or NULL.
 */
struct sk_buff *rdg_packet_alloc(u32 headroom, const u8 *head, u32 len, u32 room)
{
	struct sk_buff *skb = alloc_skb(headroom + len + room, GFP_ATOMIC | __GFP_NOWARN);

	if (skb) {
		skb_reserve(skb, headroom);
		skb_put_data(skb, head, len);
		*rdg_packet_look(skb) = (struct rdg_look){ .ecn = INET_ECN_NOT_ECT };
	}
	return skb;
}

static u8 ecn(const struct rdg_out *out)
{
	return out->ect ? INET_ECN_ECT_0 : INET_ECN_NOT_ECT;
}

/* A packet with pages of its own; padding is zero, and not what was there. */
static struct sk_buff *alloc_with_pages(const struct rdg_out *out, u32 headroom)
{
	gfp_t gfp = GFP_ATOMIC | __GFP_NOWARN | (out->padding ? __GFP_ZERO : 0);
	u32 len = out->payload + out->padding;
	struct sk_buff *skb;
	int err;

	skb = alloc_skb_with_frags(headroom + out->head_len, len, PAGE_ALLOC_COSTLY_ORDER,
				   &err, gfp);
	if (skb) {
		skb_reserve(skb, headroom);
		skb_put_data(skb, out->head, out->head_len);
		skb->len += len;
		skb->data_len = len;
	}
	return skb;
}

static struct sk_buff *build_with_pages(const struct rdg_out *out, u32 headroom)
{
	struct sk_buff *skb = alloc_with_pages(out, headroom);
	u32 i, at = out->head_len;

	for (i = 0; skb && i < out->slices; i++) {
		const struct rdg_slice *s = &out->slice[i];

		rdg_message_store(rdg_message_of(s->msg), s->off, s->len, skb, at);
		at += s->len;
	}
	return skb;
}

/* How many fragments the payload takes where the messages' pages are shared. */
static u32 parts_of(const struct rdg_out *out)
{
	u32 i, n = 0;

	for (i = 0; i < out->slices; i++) {
		const struct rdg_slice *s = &out->slice[i];

		n += rdg_message_parts(rdg_message_of(s->msg), s->off, s->len);
	}
	return n;
}

static bool is_copied(const struct rdg_out *out)
{
	return out->payload <= COPY_BELOW ||
	       (out->slices > COPY_SLICES && out->payload <= COPY_MANY);
}

static void copy_payload(const struct rdg_out *out, u8 *to)
{
	u32 i;

	for (i = 0; i < out->slices; i++) {
		const struct rdg_slice *s = &out->slice[i];

		rdg_message_copy(rdg_message_of(s->msg), s->off, s->len, to);
		to += s->len;
	}
}

static void attach_payload(const struct rdg_out *out, struct sk_buff *skb)
{
	u32 i;

	for (i = 0; i < out->slices; i++) {
		const struct rdg_slice *s = &out->slice[i];

		rdg_message_attach(rdg_message_of(s->msg), s->off, s->len, skb);
	}
}

static struct sk_buff *build(const struct rdg_out *out, u32 headroom)
{
	bool copy = is_copied(out);
	struct sk_buff *skb;

	if (out->padding || (!copy && parts_of(out) > MAX_SKB_FRAGS))
		return build_with_pages(out, headroom);
	skb = rdg_packet_alloc(headroom, out->head, out->head_len, copy ? out->payload : 0);
	if (!skb)
		return NULL;
	if (copy)
		copy_payload(out, skb_put(skb, out->payload));
	else
		attach_payload(out, skb);
	return skb;
}

/**
 * rdg_packet_build - make a packet that goes alone
 * @out: what the core wants sent
 * @headroom: as for rdg_packet_alloc()
 *
 * Context: under the peer's lock.
 * Return: the packet, or NULL.
 */
struct sk_buff *rdg_packet_build(const struct rdg_out *out, u32 headroom)
{
	struct sk_buff *skb = build(out, headroom);

	if (skb)
		*rdg_packet_look(skb) = (struct rdg_look){ .ecn = ecn(out) };
	return skb;
}

/* What a packet is to be like: the first message in it says. */
static struct rdg_look look_of(const struct rdg_out *out)
{
	struct rdg_look look = { .ecn = ecn(out) };

	if (out->slices) {
		const struct rdg_wishes *w = &rdg_message_of(out->slice[0].msg)->wishes;

		look.set = w->set & ~(RDG_WISH_STAMP | RDG_WISH_KEY);
		look.tos = w->tos;
		look.ttl = w->ttl;
		look.mark = w->mark;
		look.label = w->label;
		look.priority = w->priority;
	}
	return look;
}

/* MSG_CONFIRM: that somebody answers was true when the message was sent, and need not be when
 * it is sent again.
 */
static void confirmed(const struct rdg_out *out)
{
	if (out->slices)
		rdg_message_of(out->slice[0].msg)->wishes.set &= ~RDG_WISH_CONFIRM;
}

/* Is it to be told when it leaves? It has the last byte of a message of which that was
 * asked, and not told yet.
 */
static bool is_stamped(const struct rdg_out *out)
{
	u32 i;

	for (i = 0; i < out->slices; i++) {
		const struct rdg_slice *s = &out->slice[i];

		if (rdg_message_of(s->msg)->wishes.stamps && s->off + s->len == s->msg->len)
			return true;
	}
	return false;
}

/* Once for each message; where the packet has the last byte of several, for the last of
 * them.
 */
static void stamp(struct sk_buff *skb, const struct rdg_out *out)
{
	u32 i;

	for (i = 0; i < out->slices; i++) {
		const struct rdg_slice *s = &out->slice[i];
		struct rdg_wishes *w = &rdg_message_of(s->msg)->wishes;

		if (!w->stamps || s->off + s->len != s->msg->len)
			continue;
		skb_shinfo(skb)->tx_flags |= w->stamps;
		skb_shinfo(skb)->tskey = w->key;
		w->stamps = 0;
	}
	rdg_packet_look(skb)->set |= RDG_WISH_STAMP;
}

/**
 * rdg_train_init - nothing to be sent
 * @t: the train; @now is to be set, and @bytes and @most before packets may join
 */
void rdg_train_init(struct rdg_train *t)
{
	*t = (struct rdg_train){ .headroom = RDG_HEADROOM };
	__skb_queue_head_init(&t->packets);
}

/* The last buffer of the train, with room for so many fragments. */
static struct sk_buff *make_room(struct rdg_train *t, u32 fragments)
{
	struct sk_buff *skb;

	if (skb_shinfo(t->tail)->nr_frags + fragments <= MAX_SKB_FRAGS)
		return t->tail;
	skb = alloc_skb(0, GFP_ATOMIC | __GFP_NOWARN);
	if (!skb)
		return NULL;
	if (t->tail == t->skb)
		skb_shinfo(t->skb)->frag_list = skb;
	else
		t->tail->next = skb;
	t->tail = skb;
	t->skb->truesize += skb->truesize;
	return skb;
}

static void attach_head(struct sk_buff *skb, struct page_frag *frag, u32 len)
{
	int i = skb_shinfo(skb)->nr_frags;

	if (skb_can_coalesce(skb, i, frag->page, frag->offset)) {
		skb_coalesce_rx_frag(skb, i - 1, len, len);
	} else {
		get_page(frag->page);
		skb_add_rx_frag(skb, i, frag->page, frag->offset, len, len);
	}
	frag->offset += len;
}

static bool join(struct rdg_train *t, const struct rdg_out *out)
{
	bool copy = is_copied(out);
	u32 parts = copy ? 0 : parts_of(out);
	u32 len = out->head_len + (copy ? out->payload : 0);
	struct page_frag *frag = this_cpu_ptr(&heads_here);
	u32 before, truesize;
	struct sk_buff *skb;
	u8 *to;

	if (1 + parts > MAX_SKB_FRAGS ||
	    !skb_page_frag_refill(len, frag, GFP_ATOMIC | __GFP_NOWARN))
		return false;
	skb = make_room(t, 1 + parts);
	if (!skb)
		return false;
	to = page_address(frag->page) + frag->offset;
	memcpy(to, out->head, out->head_len);
	if (copy)
		copy_payload(out, to + out->head_len);
	before = skb->len;
	truesize = skb->truesize;
	attach_head(skb, frag, len);
	if (!copy)
		attach_payload(out, skb);
	if (skb != t->skb) {
		t->skb->len += skb->len - before;
		t->skb->data_len += skb->len - before;
		t->skb->truesize += skb->truesize - truesize;
	}
	t->n++;
	return true;
}

static bool may_join(const struct rdg_train *t, const struct rdg_out *out, u32 len)
{
	return t->skb && !out->padding && len <= t->size && t->n < t->most &&
	       t->skb->len + len <= t->bytes && rdg_packet_look(t->skb)->ecn == ecn(out) &&
	       t->depart == out->depart;
}

static bool looks_alike(struct rdg_train *t, const struct rdg_out *out)
{
	struct rdg_look look = look_of(out);

	return !memcmp(rdg_packet_look(t->skb), &look, sizeof(look));
}

/**
 * rdg_train_add - make a packet, and let it join the train if it can
 * @t: the train
 * @out: what the core wants sent
 *
 * One that is stamped goes alone: where the kernel takes a train apart, the packets have
 * no socket to be told.
 *
 * Context: under the peer's lock.
 * Return: false if there was no memory.
 */
bool rdg_train_add(struct rdg_train *t, const struct rdg_out *out)
{
	bool stamped = t->wishes && is_stamped(out);
	u32 len = out->head_len + out->payload;
	struct sk_buff *skb;

	if (!stamped && may_join(t, out, len) && (!t->wishes || looks_alike(t, out)) &&
	    join(t, out)) {
		if (len < t->size)
			rdg_train_close(t);
		return true;
	}
	rdg_train_close(t);
	skb = rdg_packet_build(out, t->headroom);
	if (!skb)
		return false;
	if (out->depart > t->now)
		rdg_set_departure(skb, out->depart);
	__skb_queue_tail(&t->packets, skb);
	if (t->wishes) {
		*rdg_packet_look(skb) = look_of(out);
		confirmed(out);
	}
	if (stamped)
		stamp(skb, out);
	if (out->padding || stamped)
		return true;
	t->skb = skb;
	t->tail = skb;
	t->size = len;
	t->n = 1;
	t->depart = out->depart;
	return true;
}

/**
 * rdg_train_close - no more packets join the train
 * @t: the train
 *
 * Context: under the peer's lock.
 */
void rdg_train_close(struct rdg_train *t)
{
	struct sk_buff *skb = t->skb;

	t->skb = NULL;
	if (!skb || t->n == 1)
		return;
	skb_shinfo(skb)->gso_type = SKB_GSO_UDP_L4;
	skb_shinfo(skb)->gso_size = t->size;
	skb_shinfo(skb)->gso_segs = t->n;
	/* udp_set_csum() does not for such a buffer. */
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_headroom(skb) - sizeof(struct udphdr);
	skb->csum_offset = offsetof(struct udphdr, check);
}
