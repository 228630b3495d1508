/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The packet numbers that were received: what to acknowledge, and what to
 * know again as a duplicate.
 */
#ifndef _RDGRAM_CORE_RANGES_H
#define _RDGRAM_CORE_RANGES_H

#include <linux/types.h>
#include "wire.h"

/* As many as an ACK of ours can carry. */
#define RDG_RANGES_MAX		(RDG_ACK_RANGES_OUT + 1)

/**
 * struct rdg_range - packet numbers in a row
 *
 * @first: the lowest.
 * @last: the highest.
 */
struct rdg_range {
	u64 first;
	u64 last;
};

/**
 * struct rdg_ranges - the packet numbers received on a link
 *
 * @floor: of numbers below it nothing is known any more.
 * @told: numbers below it need not be acknowledged again: the other side has
 *	acknowledged a packet that said them.
 * @late: a number below one of these that has come since.
 * @is_late: there is one.
 * @n: ranges in use.
 * @range: ascending, with gaps of at least one number between them.
 */
struct rdg_ranges {
	u64 floor;
	u64 told;
	u64 late;
	bool is_late;
	u32 n;
	struct rdg_range range[RDG_RANGES_MAX];
};

void rdg_ranges_init(struct rdg_ranges *r);
bool rdg_ranges_has(const struct rdg_ranges *r, u64 pn);
void rdg_ranges_add(struct rdg_ranges *r, u64 pn);
u64 rdg_ranges_largest(const struct rdg_ranges *r);
bool rdg_ranges_late_to_ack(struct rdg_ranges *r, struct rdg_ack_frame *a);
bool rdg_ranges_to_ack(const struct rdg_ranges *r, struct rdg_ack_frame *a);

#endif /* _RDGRAM_CORE_RANGES_H */
