/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages to be sent: the payload.
 */
#ifndef _RDGRAM_SHELL_MESSAGE_H
#define _RDGRAM_SHELL_MESSAGE_H

#include <linux/bvec.h>
#include <linux/skbuff.h>
#include "../core/link.h"

struct rdg_notice;

/**
 * enum rdg_wish - what struct rdg_wishes has
 *
 * @RDG_WISH_TOS: @tos counts.
 * @RDG_WISH_TTL: @ttl counts.
 * @RDG_WISH_MARK: @mark counts.
 * @RDG_WISH_STAMP: @stamps and @key count.
 * @RDG_WISH_LABEL: @label counts.
 * @RDG_WISH_PRIORITY: @priority counts.
 * @RDG_WISH_KEY: @key is the application's own choice.
 * @RDG_WISH_CONFIRM: who sends it has heard from the neighbour (MSG_CONFIRM).
 */
enum rdg_wish {
	RDG_WISH_TOS	= 1 << 0,
	RDG_WISH_TTL	= 1 << 1,
	RDG_WISH_MARK	= 1 << 2,
	RDG_WISH_STAMP	= 1 << 3,
	RDG_WISH_LABEL	= 1 << 4,
	RDG_WISH_CONFIRM = 1 << 5,
	RDG_WISH_PRIORITY = 1 << 6,
	RDG_WISH_KEY	= 1 << 7,
};

/**
 * struct rdg_wishes - what the packets that carry a message are to be like
 *
 * @set: enum rdg_wish; the rest is as the socket has it.
 * @tos: TOS or traffic class; its ECN field is ours.
 * @ttl: TTL or hop limit.
 * @stamps: SKBTX_*: when it leaves is to be told (SO_TIMESTAMPING).
 * @mark: sk_buff.mark.
 * @key: by what the application knows it then.
 * @label: flow label.
 * @priority: sk_buff.priority.
 */
struct rdg_wishes {
	u8 set;
	u8 tos;
	u8 ttl;
	u8 stamps;
	u32 mark;
	u32 key;
	__be32 label;
	u32 priority;
};

/**
 * struct rdg_message - a message that sendmsg() accepted
 *
 * @msg: the core's part.
 * @notice: memory for the notice of what became of it; NULL: nobody asked.
 * @cost: what it takes of sk_sndbuf; bytes.
 * @n: entries in @part.
 * @room: entries that there is room for.
 * @hint: a part where somebody has looked last.
 * @hint_off: where in the message it begins; bytes.
 * @wishes: what its packets are to be like. @stamps goes when it was seen to.
 * @part: the payload; each holds a reference to its page, which is never
 *	written again.
 */
struct rdg_message {
	struct rdg_msg msg;
	struct rdg_notice *notice;
	u32 cost;
	u16 n;
	u16 room;
	u32 hint;
	u32 hint_off;
	struct rdg_wishes wishes;
	struct bio_vec part[];
};

static inline struct rdg_message *rdg_message_of(struct rdg_msg *m)
{
	return container_of(m, struct rdg_message, msg);
}

struct rdg_message *rdg_message_make(struct msghdr *from, u32 len, bool notice);
void rdg_message_free(struct rdg_message *m);
void rdg_message_copy(struct rdg_message *m, u32 off, u32 len, u8 *to);
void rdg_message_store(struct rdg_message *m, u32 off, u32 len, struct sk_buff *skb, u32 at);
u32 rdg_message_parts(struct rdg_message *m, u32 off, u32 len);
void rdg_message_attach(struct rdg_message *m, u32 off, u32 len, struct sk_buff *skb);

#endif /* _RDGRAM_SHELL_MESSAGE_H */
