/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Received packets, pieces of messages, and messages: all are sk_buffs.
 */
#ifndef _RDGRAM_SHELL_RBUF_H
#define _RDGRAM_SHELL_RBUF_H

#include <linux/build_bug.h>
#include <linux/skbuff.h>
#include "peer.h"

/**
 * struct rdg_packet - a packet that is being input: the core's handle of it
 *
 * @skb: the packet, without the UDP header.
 * @tstamp: when it came in.
 * @iif: by which device.
 * @used: @skb became a piece of a message: it is not ours any more.
 */
struct rdg_packet {
	struct sk_buff *skb;
	ktime_t tstamp;
	int iif;
	bool used;
};

/**
 * struct rdg_piece_cb - skb->cb of a piece of a message that is not whole yet
 *
 * @buf: the core's part.
 * @charge: what was charged for it; bytes.
 */
struct rdg_piece_cb {
	struct rdg_buf buf;
	u32 charge;
};

/**
 * struct rdg_whole_cb - skb->cb of a message in the receive queue
 *
 * @peer: who sent it; a reference.
 * @seq: its message sequence.
 * @order: the how manieth of this socket.
 * @len: its length in bytes.
 * @charge: what was charged for all its pieces; bytes.
 *
 * The last four bytes of skb->cb belong to SO_RXQ_OVFL.
 */
struct rdg_whole_cb {
	struct rdg_peer *peer;
	u64 seq;
	u64 order;
	u32 len;
	u32 charge;
};

static inline struct rdg_piece_cb *rdg_piece_cb(const struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct rdg_piece_cb) > sizeof_field(struct sk_buff, cb));
	return (struct rdg_piece_cb *)skb->cb;
}

static inline struct rdg_whole_cb *rdg_whole_cb(const struct sk_buff *skb)
{
	sock_skb_cb_check_size(sizeof(struct rdg_whole_cb));
	return (struct rdg_whole_cb *)skb->cb;
}

struct rdg_buf *rdg_rbuf_take(struct rdg_peer *p, struct rdg_packet *packet, u32 at, u32 len,
			      bool head, bool single);
void rdg_rbuf_trim(struct rdg_buf *b, u32 n);
void rdg_rbuf_put(struct rdg_peer *p, struct rdg_buf *b);
void rdg_rbuf_deliver(struct rdg_peer *p, struct rdg_buf *chain, u64 seq, u32 len);

#endif /* _RDGRAM_SHELL_RBUF_H */
