/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Received packets, pieces of messages, and messages.
 */
#ifndef _RDGRAM_SHELL_RBUF_H
#define _RDGRAM_SHELL_RBUF_H

#include <linux/skbuff.h>
#include "peer.h"

struct rdg_rbuf;

/**
 * struct rdg_packet - a packet that is being input: the core's handle of it
 *
 * Several packets may have come in one buffer, as a train.
 *
 * @skb: the buffer, without the UDP header.
 * @device: the one that it came by, as UDP tells of it: where it came by lo, or by way of a
 *	VRF, not that of @skb.
 * @at: where in it the packet begins; bytes.
 * @kept: pieces are ranges of @skb; it is charged to the peer that is locked, and
 *	not changed any more.
 * @spent: that is over: no more pieces may be.
 * @last: no more packets follow in @skb.
 * @nested: @skb is too entangled to find where in it something stands.
 * @in: of the buffers in the frag_list of @skb, and @skb itself, the one where
 *	somebody looked last.
 * @fragment: of that, the next fragment.
 * @data: the bytes from @start to before @end of @skb stand here; NULL: they
 *	have no address.
 * @start: see @data.
 * @end: see @data.
 * @ready: struct rdg_rbuf: messages that are whole, see rdg_rbuf_settle().
 * @lone: the only piece of a message in @skb; NULL: there is none, or more.
 */
struct rdg_packet {
	struct sk_buff *skb;
	int device;
	u32 at;
	bool kept;
	bool spent;
	bool nested;
	bool last;
	struct sk_buff *in;
	u32 fragment;
	const u8 *data;
	u32 start;
	u32 end;
	struct list_head ready;
	struct rdg_rbuf *lone;
};

/**
 * struct rdg_rbuf - a piece of a message; the first one stands for all
 *
 * @buf: the core's part.
 * @skb: the buffer that it came in, which others may share, or a copy.
 * @data: where it stands; NULL: not in one place.
 * @at: where in @skb; bytes.
 * @shown: how much of the message, if this is its first piece, the application sees: a
 *	filter may have cut off the rest; bytes.
 * @lent: while it waits: charge that only the token let in; bytes.
 *
 * Of the first piece of a message that is whole:
 *
 * @node: in the packet's @ready, or the socket's @inbox.
 * @peer: who sent it; a reference, once it is in the inbox.
 * @order: the how manieth of this socket.
 * @len: the message's length in bytes.
 * @pieces: how many they are.
 * @weight: memory that it takes, its part in shared buffers included; bytes.
 * @ref: one for the inbox, or who took it from there; one for each who peeks.
 * @peeked: somebody has, from an offset. Under rdg_sock.inbox_lock.
 */
struct rdg_rbuf {
	struct rdg_buf buf;
	struct sk_buff *skb;
	const u8 *data;
	u32 at;
	u32 lent;
	u32 len;
	struct list_head node;
	struct rdg_peer *peer;
	u64 order;
	u32 pieces;
	u32 weight;
	refcount_t ref;
	u32 shown : 31;
	u32 peeked : 1;
};

/* struct rdg_rbuf.shown of who was not asked, or has nothing against it. */
#define RDG_SHOW_ALL	((1U << 31) - 1)

static inline struct rdg_rbuf *rdg_rbuf_of(struct rdg_buf *b)
{
	return container_of(b, struct rdg_rbuf, buf);
}

int rdg_rbuf_cache_init(void);
void rdg_rbuf_cache_exit(void);
const u8 *rdg_packet_place(struct rdg_packet *packet, u32 at, u32 len);
struct rdg_buf *rdg_rbuf_take(struct rdg_peer *p, struct rdg_packet *packet, u32 at, u32 len,
			      bool head, bool single);
struct sk_buff *rdg_rbuf_duplicate(struct rdg_buf **b, u32 *at, u32 len);
int rdg_rbuf_device(const struct rdg_rbuf *r);
void rdg_rbuf_trim(struct rdg_buf *b, u32 n);
void rdg_rbuf_put(struct rdg_peer *p, struct rdg_buf *b);
void rdg_rbuf_deliver(struct rdg_peer *p, struct rdg_buf *chain, u64 seq, u32 len);
void rdg_rbuf_arrived(struct rdg_peer *p, struct rdg_packet *packet);
void rdg_rbuf_settle(struct rdg_peer *p, struct rdg_packet *packet);
int rdg_rbuf_copy(const struct rdg_rbuf *r, u32 off, u32 len, struct msghdr *msg);
void rdg_rbuf_release(struct rdg_sock *ep, struct rdg_rbuf *r);

#endif /* _RDGRAM_SHELL_RBUF_H */
