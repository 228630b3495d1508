/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Packets to be sent: how they are made, and how several become a train.
 */
#ifndef _RDGRAM_SHELL_TRAIN_H
#define _RDGRAM_SHELL_TRAIN_H

#include <linux/skbuff.h>
#include "../core/link.h"

/* Room for all headers below ours, on any device. */
#define RDG_HEADROOM	(MAX_HEADER + sizeof(struct ipv6hdr) + sizeof(struct udphdr))

/**
 * struct rdg_train - packets of one peer, and the train that the next may join
 *
 * A train is several packets in one buffer, which the device, or the code in
 * front of it, takes apart (UDP GSO). All have the same size, but the last.
 *
 * @packets: the buffers, in order.
 * @bytes: UDP payload that a train may have; 0: no trains.
 * @most: packets that it may have.
 * @headroom: bytes to be left in front of each packet.
 * @skb: the last of @packets; NULL: nothing may join it.
 * @tail: the last one of its buffers.
 * @size: UDP payload of each of its packets, in bytes.
 * @n: packets in it.
 * @depart: when it is to depart; ns.
 * @now: ns. What departs later than that is told so.
 * @wishes: messages may have wishes.
 */
struct rdg_train {
	struct sk_buff_head packets;
	u32 bytes;
	u32 most;
	u32 headroom;
	struct sk_buff *skb;
	struct sk_buff *tail;
	u32 size;
	u32 n;
	u64 depart;
	u64 now;
	bool wishes;
};

/**
 * struct rdg_look - what a packet is to be like, in its control buffer until it is sent
 *
 * @ecn: its ECN field.
 * @set: enum rdg_wish: what follows counts.
 * @tos: as in struct rdg_wishes.
 * @ttl: likewise.
 * @mark: likewise.
 * @label: likewise.
 * @priority: likewise.
 */
struct rdg_look {
	u8 ecn;
	u8 set;
	u8 tos;
	u8 ttl;
	u32 mark;
	__be32 label;
	u32 priority;
};

static inline struct rdg_look *rdg_packet_look(struct sk_buff *skb)
{
	return (struct rdg_look *)skb->cb;
}

void rdg_train_exit(void);
struct sk_buff *rdg_packet_alloc(u32 headroom, const u8 *head, u32 len, u32 room);
struct sk_buff *rdg_packet_build(const struct rdg_out *out, u32 headroom);
void rdg_train_init(struct rdg_train *t);
bool rdg_train_add(struct rdg_train *t, const struct rdg_out *out);
void rdg_train_close(struct rdg_train *t);

#endif /* _RDGRAM_SHELL_TRAIN_H */
