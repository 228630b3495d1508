// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages to be sent, see message.h.
 */
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uio.h>
#include <net/sock.h>
#include "message.h"
#include "notice.h"

/* No part is shorter, but for the last. */
#define PART_MIN	32

/* Fragments may be single pages, and the first and the last in use already. */
static u32 parts_needed(u32 len)
{
	return len ? DIV_ROUND_UP(len, PAGE_SIZE) + 1 : 0;
}

static int copy_part(struct rdg_message *m, struct msghdr *from, u32 left)
{
	struct page_frag *frag = &current->task_frag;
	u32 len;

	if (!skb_page_frag_refill(PART_MIN, frag, GFP_KERNEL))
		return -ENOBUFS;
	len = min(left, frag->size - frag->offset);
	if (!copy_from_iter_full(page_address(frag->page) + frag->offset, len, &from->msg_iter))
		return -EFAULT;
	m->part[m->n++] = (struct bio_vec){
		.bv_page = frag->page,
		.bv_offset = frag->offset,
		.bv_len = len,
	};
	get_page(frag->page);
	frag->offset += len;
	return len;
}

static int copy_all(struct rdg_message *m, struct msghdr *from)
{
	u32 left = m->msg.len;
	int len;

	while (left) {
		if (WARN_ON_ONCE(m->n == m->room))
			return -ENOBUFS;
		len = copy_part(m, from, left);
		if (len < 0)
			return len;
		left -= len;
	}
	return 0;
}

/**
 * rdg_message_make - copy a message from the application
 * @from: where it is
 * @len: its length in bytes
 * @notice: somebody wants to know what becomes of it
 *
 * Context: process, without locks.
 * Return: the message; -ENOBUFS; -EFAULT.
 */
struct rdg_message *rdg_message_make(struct msghdr *from, u32 len, bool notice)
{
	u32 room = parts_needed(len);
	struct rdg_message *m = kzalloc(struct_size(m, part, room), GFP_KERNEL_ACCOUNT);
	int err = -ENOBUFS;

	if (!m)
		return ERR_PTR(err);
	m->room = room;
	m->msg.len = len;
	BUILD_BUG_ON(sizeof(*m->notice) > RDG_NOTICE_COST);
	if (notice) {
		m->notice = kzalloc(sizeof(*m->notice), GFP_KERNEL_ACCOUNT);
		if (!m->notice)
			goto out;
		m->notice->kept = RDG_NOTICE_COST;
	}
	err = copy_all(m, from);
	if (!err)
		return m;
out:
	rdg_message_free(m);
	return ERR_PTR(err);
}

/**
 * rdg_message_free - a message is over
 * @m: the message
 *
 * Context: any.
 */
void rdg_message_free(struct rdg_message *m)
{
	u32 i;

	for (i = 0; i < m->n; i++)
		put_page(m->part[i].bv_page);
	kfree(m->notice);
	kfree(m);
}

/* The part in which @off lies; @off becomes where in it. */
static u32 find_part(struct rdg_message *m, u32 *off)
{
	if (*off < m->hint_off) {
		m->hint = 0;
		m->hint_off = 0;
	}
	while (*off - m->hint_off >= m->part[m->hint].bv_len)
		m->hint_off += m->part[m->hint++].bv_len;
	*off -= m->hint_off;
	return m->hint;
}

/**
 * rdg_message_copy - copy some of a message
 * @m: the message
 * @off: from where; bytes
 * @len: how much; bytes; not more than there is
 * @to: where to
 *
 * Context: under the peer's lock.
 */
void rdg_message_copy(struct rdg_message *m, u32 off, u32 len, u8 *to)
{
	u32 i, n;

	if (!len)
		return;
	for (i = find_part(m, &off); len; i++, off = 0, len -= n, to += n) {
		const struct bio_vec *v = &m->part[i];

		n = min(len, v->bv_len - off);
		memcpy(to, page_address(v->bv_page) + v->bv_offset + off, n);
	}
}

/**
 * rdg_message_store - write some of a message into the pages of a packet
 * @m: the message
 * @off: from where; bytes
 * @len: how much; bytes; not more than there is
 * @skb: the packet
 * @at: where in it; bytes
 *
 * Context: under the peer's lock.
 */
void rdg_message_store(struct rdg_message *m, u32 off, u32 len, struct sk_buff *skb, u32 at)
{
	u32 i, n;

	if (!len)
		return;
	for (i = find_part(m, &off); len; i++, off = 0, len -= n, at += n) {
		const struct bio_vec *v = &m->part[i];

		n = min(len, v->bv_len - off);
		skb_store_bits(skb, at, page_address(v->bv_page) + v->bv_offset + off, n);
	}
}

/**
 * rdg_message_parts - how many fragments rdg_message_attach() makes
 * @m: the message
 * @off: from where; bytes
 * @len: how much; bytes; not more than there is
 *
 * Context: under the peer's lock.
 * Return: how many.
 */
u32 rdg_message_parts(struct rdg_message *m, u32 off, u32 len)
{
	u32 i, first, n;

	if (!len)
		return 0;
	first = find_part(m, &off);
	for (i = first; len; i++, off = 0, len -= n)
		n = min(len, m->part[i].bv_len - off);
	return i - first;
}

/**
 * rdg_message_attach - let a packet share the pages of a message
 * @m: the message
 * @off: from where; bytes
 * @len: how much; bytes; not more than there is, and than a packet takes
 * @skb: the packet
 *
 * Context: under the peer's lock.
 */
void rdg_message_attach(struct rdg_message *m, u32 off, u32 len, struct sk_buff *skb)
{
	u32 i, n;

	if (!len)
		return;
	for (i = find_part(m, &off); len; i++, off = 0, len -= n) {
		const struct bio_vec *v = &m->part[i];

		n = min(len, v->bv_len - off);
		get_page(v->bv_page);
		skb_add_rx_frag(skb, skb_shinfo(skb)->nr_frags, v->bv_page, v->bv_offset + off, n,
				n);
	}
}
