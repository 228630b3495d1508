/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Small queues: what a socket has in the queues of a device.
 *
 * What waits to be sent had better wait with us: in the queue of a device all others
 * wait behind it, and nobody can think better of it. So a socket gives a device no more
 * than keeps it busy (the kernel's dynamic queue limits, as drivers use them for their
 * rings: a limit grows when the queue ran empty though there was more, and shrinks when
 * there is always some left), and goes on when packets have left it. The limit is for
 * all peers of a socket behind one device together; those who wait take turns.
 */
#ifndef _RDGRAM_SHELL_EGRESS_H
#define _RDGRAM_SHELL_EGRESS_H

#include <linux/skbuff.h>
#include "peer.h"

void rdg_egress_choose(struct rdg_peer *p, int ifindex);
void rdg_egress_leave(struct rdg_peer *p);
bool rdg_egress_has_room(struct rdg_peer *p, u32 more);
void rdg_egress_charge(struct rdg_peer *p, struct sk_buff_head *packets);
void rdg_egress_own(struct sock *sk, struct sk_buff *skb);

#endif /* _RDGRAM_SHELL_EGRESS_H */
