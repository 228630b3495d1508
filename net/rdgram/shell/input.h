/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Packets in.
 */
#ifndef _RDGRAM_SHELL_INPUT_H
#define _RDGRAM_SHELL_INPUT_H

struct sk_buff;
struct sock;

int rdg_input_init(void);
void rdg_input_exit(void);
int rdg_input(struct sock *inner, struct sk_buff *skb);

#endif /* _RDGRAM_SHELL_INPUT_H */
