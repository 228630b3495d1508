/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ICMP errors that our packets have drawn.
 */
#ifndef _RDGRAM_SHELL_ICMP_H
#define _RDGRAM_SHELL_ICMP_H

struct sk_buff;
struct sock;

int rdg_icmp(struct sock *inner, struct sk_buff *skb);

#endif /* _RDGRAM_SHELL_ICMP_H */
