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
 * struct rdg_message - a message that sendmsg() accepted
 *
 * @msg: the core's part.
 * @notice: memory for the notice of what became of it; NULL: nobody asked.
 * @cost: what it takes of sk_sndbuf; bytes.
 * @n: entries in @part.
 * @room: entries that there is room for.
 * @hint: a part where somebody has looked last.
 * @hint_off: where in the message it begins; bytes.
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
