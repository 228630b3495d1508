/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Packets in.
 */
#ifndef _RDGRAM_SHELL_INPUT_H
#define _RDGRAM_SHELL_INPUT_H

struct sock;

int rdg_input_init(void);
void rdg_input_exit(void);
void rdg_input_ready(struct sock *inner);

#endif /* _RDGRAM_SHELL_INPUT_H */
