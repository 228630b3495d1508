/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory, and the receive buffer: who may put something into it.
 */
#ifndef _RDGRAM_SHELL_RMEM_H
#define _RDGRAM_SHELL_RMEM_H

#include "peer.h"

/* What a holder of the completion token may have in pieces, beyond what the buffer or
 * the protocol has room for: one message of the largest size, also in the smallest
 * packets that the search for the path MTU comes to, 228 bytes of it in each: with its
 * buffer and what we keep of it that is 1.4 KB, six times as much.
 */
#define RDG_TOKEN_EXTRA		(8 * RDG_MAX_MESSAGE)

/* A holder that brings nothing for so long may lose the token; ns. */
#define RDG_TOKEN_LIFE		NSEC_PER_SEC

/* struct rdg_sock.overhead: 1 << this is a byte of memory per unit of cost. */
#define RDG_OVERHEAD_SHIFT	10

/* One that is slow may lose it after so long, to another that waits; ns. */
#define RDG_TOKEN_TERM		(4 * NSEC_PER_SEC)

/**
 * enum rdg_mem - what memory of the protocol is for
 *
 * @RDG_MEM_SEND: messages to be sent, and what is kept of them.
 * @RDG_MEM_RECV: what has come.
 * @RDG_MEM_LENT: likewise, what the token lets in beyond the receive buffer.
 */
enum rdg_mem {
	RDG_MEM_SEND,
	RDG_MEM_RECV,
	RDG_MEM_LENT,
};

extern long rdg_mem_limits[3], rdg_mem_kernels_limits[3];
extern atomic_long_t rdg_mem_allocated;
DECLARE_PER_CPU(int, rdg_mem_per_cpu);
extern int rdg_mem_least;

void rdg_mem_init(void);
bool rdg_mem_take(struct rdg_sock *ep, int size, enum rdg_mem kind);
void rdg_mem_give(struct rdg_sock *ep, int size);
bool rdg_rmem_take(struct rdg_peer *p, u32 size, bool head, bool single, u32 *lent);
u32 rdg_rmem_credit(const struct rdg_sock *ep);
bool rdg_rmem_try(struct rdg_peer *p, u32 size);
bool rdg_rmem_force(struct rdg_peer *p, u32 size);
void rdg_rmem_learn(struct rdg_sock *ep, u64 charge, u64 cost);
void rdg_rmem_tune(struct rdg_peer *p);
void rdg_rmem_set_window(struct rdg_peer *p);
void rdg_rmem_give(struct rdg_sock *ep, u32 size);
void rdg_rmem_repay(struct rdg_sock *ep, u32 *lent);
void rdg_rmem_token_put(struct rdg_peer *p);

#endif /* _RDGRAM_SHELL_RMEM_H */
