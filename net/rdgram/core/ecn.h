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
 * @seen: packets that came in marked Congestion Experienced.
 * @heard: how many of ours the other side says it has seen.
 * @acked: packets of ours that were acknowledged.
 * @off: what it says cannot be: we ask for marks no more.
 */
struct rdg_ecn {
	u32 seen;
	u32 heard;
	u32 acked;
	bool off;
};

void rdg_ecn_init(struct rdg_ecn *e);
u32 rdg_ecn_input(struct rdg_ecn *e, u32 count, bool newest);

#endif /* _RDGRAM_CORE_ECN_H */
