/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pacing: payload leaves at the rate that congestion control says.
 *
 * Either in bursts that are short beside the round trip and long beside a timer.
 * Or, where the driver can hold packets until their time comes, each at a time of
 * its own: then some are handed over early, together, and few timers are needed.
 */
#ifndef _RDGRAM_CORE_PACE_H
#define _RDGRAM_CORE_PACE_H

#include <linux/types.h>
#include "cc.h"

/**
 * struct rdg_pace - when payload may leave
 *
 * @at: when the next burst may begin, or the next packet is to depart; ns.
 * @left: bytes that may still be handed over with this burst.
 * @last: when the newest packet departs; ns. No packet departs before one with
 *	a smaller number.
 * @timed: the driver lets each packet leave at its departure time.
 */
struct rdg_pace {
	u64 at;
	u32 left;
	u64 last;
	bool timed;
};

void rdg_pace_begin(struct rdg_pace *p);
u32 rdg_pace_burst(const struct rdg_pace *p, const struct rdg_cc *cc);
bool rdg_pace_open(const struct rdg_pace *p, const struct rdg_cc *cc, u64 now);
u64 rdg_pace_next(const struct rdg_pace *p, const struct rdg_cc *cc);
u64 rdg_pace_departure(struct rdg_pace *p, const struct rdg_cc *cc, bool paced, u64 now);
void rdg_pace_sent(struct rdg_pace *p, const struct rdg_cc *cc, u32 size, u64 now);
void rdg_pace_bound(struct rdg_pace *p, const struct rdg_cc *cc, u64 now);
u32 rdg_pace_waiting(const struct rdg_pace *p, const struct rdg_cc *cc, u64 now);

#endif /* _RDGRAM_CORE_PACE_H */
