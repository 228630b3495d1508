/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * HyStart++: leave slow start when the round-trip time grows, before the queue
 * overflows (RFC 9406).
 */
#ifndef _RDGRAM_CORE_HYSTART_H
#define _RDGRAM_CORE_HYSTART_H

#include <linux/types.h>

/**
 * enum rdg_hystart_phase - how the window grows
 *
 * @RDG_HYSTART_SLOW_START: by what is acknowledged.
 * @RDG_HYSTART_CSS: conservative slow start: by a quarter of that.
 * @RDG_HYSTART_DONE: the queue grows: slow start is over.
 */
enum rdg_hystart_phase {
	RDG_HYSTART_SLOW_START,
	RDG_HYSTART_CSS,
	RDG_HYSTART_DONE,
};

/**
 * struct rdg_hystart - what the RFC's variables hold; times in ns
 *
 * @last: lastRoundMinRTT; U64_MAX: there was none.
 * @current_min: currentRoundMinRTT.
 * @baseline: cssBaselineMinRtt.
 * @samples: rttSampleCount.
 * @rounds: begun in conservative slow start.
 * @phase: enum rdg_hystart_phase.
 */
struct rdg_hystart {
	u64 last;
	u64 current_min;
	u64 baseline;
	u8 samples;
	u8 rounds;
	u8 phase;
};

void rdg_hystart_init(struct rdg_hystart *h);
enum rdg_hystart_phase rdg_hystart_ack(struct rdg_hystart *h, u64 rtt, bool round);
u32 rdg_hystart_growth(const struct rdg_hystart *h, u32 bytes);

#endif /* _RDGRAM_CORE_HYSTART_H */
