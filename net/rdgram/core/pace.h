/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pacing: payload leaves at the rate that congestion control says, in bursts
 * that are short beside the round trip and long beside a timer.
 */
#ifndef _RDGRAM_CORE_PACE_H
#define _RDGRAM_CORE_PACE_H

#include <linux/types.h>
#include "cc.h"

/**
 * struct rdg_pace - when payload may leave
 *
 * @at: when the next burst may begin; ns.
 * @left: bytes that may still leave with this one.
 */
struct rdg_pace {
	u64 at;
	u32 left;
};

void rdg_pace_init(struct rdg_pace *p);
u32 rdg_pace_burst(const struct rdg_cc *cc);
bool rdg_pace_open(const struct rdg_pace *p, const struct rdg_cc *cc, u64 now);
void rdg_pace_sent(struct rdg_pace *p, const struct rdg_cc *cc, u32 size, u64 now);

#endif /* _RDGRAM_CORE_PACE_H */
