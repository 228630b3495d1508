/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Processor time: of this process, and of the whole machine, since what interrupts do
 * for a process is not charged to it.
 */
#ifndef PERF_USAGE_H
#define PERF_USAGE_H

#include "types.h"

struct usage {
	u64 wall;		/* nanoseconds, all of them */
	u64 user, system;	/* this process */
	u64 busy;		/* all processors: when they were not idle */
};

/* At this moment; only differences have a meaning. */
void usage_now(struct usage *u);

struct usage usage_since(const struct usage *start);

#endif /* PERF_USAGE_H */
