/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Explicit congestion notification: marks counted, echoed and believed.
 */
#ifndef _RDGRAM_CORE_ECN_H
#define _RDGRAM_CORE_ECN_H

#include <linux/limits.h>
#include <linux/types.h>

/**
 * struct rdg_ecn - marks in both directions
 *
 * @seen: counts packets that came in marked Congestion Experienced, modulo 2^32.
 * @heard: what the other side says it has counted to.
 * @unmarked: packets of ours that asked for marks, but for those that were marked as far
 *	as is known; 2^31 - 1 at the most.
 * @off: what it says cannot be: we ask for marks no more, until we send another way.
 * @anew: it was, on the way before: the next count is where this one begins.
 */
struct rdg_ecn {
	u32 seen;
	u32 heard;
	u32 unmarked;
	bool off;
	bool anew;
};

/**
 * rdg_ecn_asked - a packet leaves that asks for a mark
 * @e: the counts
 *
 * Nobody is told of 2^31 marks at once.
 */
static inline void rdg_ecn_asked(struct rdg_ecn *e)
{
	if (e->unmarked < S32_MAX)
		e->unmarked++;
}

void rdg_ecn_init(struct rdg_ecn *e, u32 first);
void rdg_ecn_moved(struct rdg_ecn *e);
u32 rdg_ecn_input(struct rdg_ecn *e, u32 count, bool newest);

#endif /* _RDGRAM_CORE_ECN_H */
