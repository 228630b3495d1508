/* SPDX-License-Identifier: GPL-2.0-only */
/* Time: nanoseconds of CLOCK_MONOTONIC, everywhere. */
#ifndef CLOCK_H
#define CLOCK_H

#include <time.h>

#include "types.h"

#define NS_PER_MS	1000000ULL
#define NS_PER_S	1000000000ULL

/* A deadline that never comes. */
#define NEVER		UINT64_MAX

static inline u64 now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

static inline double seconds(u64 ns)
{
	return (double)ns / NS_PER_S;
}

#endif /* CLOCK_H */
