/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory, and the receive buffer: who may put something into it.
 */
#ifndef _RDGRAM_SHELL_RMEM_H
#define _RDGRAM_SHELL_RMEM_H

#include "peer.h"

/* How far the holder of the completion token may pass sk_rcvbuf: one message
 * of the largest size, in packets whose buffers are four times their payload.
 */
#define RDG_TOKEN_EXTRA		(4 * RDG_MAX_MESSAGE)

/* A holder that brings nothing for so long may lose the token; ns. */
#define RDG_TOKEN_LIFE		NSEC_PER_SEC

extern long rdg_mem_limits[3];
extern atomic_long_t rdg_mem_allocated;
DECLARE_PER_CPU(int, rdg_mem_per_cpu);
extern int rdg_mem_least;

void rdg_mem_init(void);
bool rdg_mem_take(struct rdg_sock *ep, int size, int kind);
void rdg_mem_give(struct rdg_sock *ep, int size);
bool rdg_rmem_take(struct rdg_peer *p, u32 size, bool head);
void rdg_rmem_give(struct rdg_sock *ep, u32 size);
void rdg_rmem_token_put(struct rdg_peer *p);

#endif /* _RDGRAM_SHELL_RMEM_H */
