/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Explicit congestion notification: marks counted, echoed and believed.
 */
#ifndef _RDGRAM_CORE_ECN_H
#define _RDGRAM_CORE_ECN_H

#include <linux/types.h>

/**
 * struct rdg_ecn - marks in both directions
 *
 * @heard: how many of our packets the other side says it has seen marked.
 * @seen: packets that came in marked Congestion Experienced, modulo 2^32.
 * @off: what it says cannot be: we ask for marks no more.
 */
struct rdg_ecn {
	u64 heard;
	u32 seen;
	bool off;
};

void rdg_ecn_init(struct rdg_ecn *e, u64 first);
u32 rdg_ecn_input(struct rdg_ecn *e, u32 count, u64 most, bool newest);

#endif /* _RDGRAM_CORE_ECN_H */
