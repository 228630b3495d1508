/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Groups of sockets that share an address (SO_REUSEPORT).
 */
#ifndef _RDGRAM_SHELL_GROUP_H
#define _RDGRAM_SHELL_GROUP_H

#include <linux/skbuff.h>
#include "address.h"
#include "sock.h"

int rdg_group_begin(struct rdg_sock *ep, bool any);
int rdg_group_join(struct rdg_sock *ep, struct rdg_sock *member, bool any);
void rdg_group_leave(struct rdg_sock *ep);
struct rdg_sock *rdg_group_choose(struct rdg_sock *member, const struct rdg_remote *from,
				  struct sk_buff *skb);

#endif /* _RDGRAM_SHELL_GROUP_H */
