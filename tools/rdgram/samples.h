/* SPDX-License-Identifier: GPL-2.0-only */
/* A growing set of measured times, and what statistics say of it. */
#ifndef SAMPLES_H
#define SAMPLES_H

#include "types.h"

struct samples {
	u64 *ns;
	size_t count, room;
};

struct samples_summary {
	double min, avg, p50, p99, max;		/* milliseconds */
};

void samples_add(struct samples *s, u64 ns);

/* All zero if there are none. Sorts the samples. */
void samples_summarize(struct samples *s, struct samples_summary *to);

void samples_free(struct samples *s);

#endif /* SAMPLES_H */
