/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Times by the million, in little memory: counted in buckets that are at most 1/256 of
 * their value wide.
 */
#ifndef HISTOGRAM_H
#define HISTOGRAM_H

#include "types.h"

#define HISTOGRAM_BITS		8
#define HISTOGRAM_BUCKETS	((64 - HISTOGRAM_BITS + 1) << HISTOGRAM_BITS)

struct histogram {
	u64 count, max;
	u64 buckets[HISTOGRAM_BUCKETS];
};

void histogram_add(struct histogram *h, u64 ns);

/*
 * The least time that @share (0 to 1) of all do not exceed, to the width of a bucket;
 * the greatest is exact. 0 if there are none.
 */
u64 histogram_quantile(const struct histogram *h, double share);

#endif /* HISTOGRAM_H */
