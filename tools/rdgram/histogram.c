// SPDX-License-Identifier: GPL-2.0-only
#include "histogram.h"

#include <math.h>

/*
 * Up to 2 * 256 a bucket is a nanosecond; from there on each doubling has 256 of them,
 * told apart by the bits that follow the highest.
 */
static unsigned int bucket_of(u64 ns)
{
	unsigned int shift;

	if (ns >> (HISTOGRAM_BITS + 1) == 0)
		return ns;
	shift = 63 - __builtin_clzll(ns) - HISTOGRAM_BITS;
	return (shift << HISTOGRAM_BITS) + (ns >> shift);
}

/* The greatest time of a bucket. */
static u64 bucket_end(unsigned int bucket)
{
	unsigned int shift = bucket >> HISTOGRAM_BITS;

	if (shift < 2)
		return bucket;
	shift--;
	return (((u64)bucket - (shift << HISTOGRAM_BITS) + 1) << shift) - 1;
}

void histogram_add(struct histogram *h, u64 ns)
{
	h->count++;
	h->buckets[bucket_of(ns)]++;
	if (ns > h->max)
		h->max = ns;
}

u64 histogram_quantile(const struct histogram *h, double share)
{
	u64 wanted = ceil(h->count * share), seen = 0;

	if (!h->count)
		return 0;
	for (unsigned int i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += h->buckets[i];
		if (seen >= wanted && seen)
			return bucket_end(i) < h->max ? bucket_end(i) : h->max;
	}
	return h->max;
}
