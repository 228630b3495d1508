/* SPDX-License-Identifier: GPL-2.0-only */
/* Time, which may be virtual, in nanoseconds since boot. */
#ifndef TEST_CLOCK_H
#define TEST_CLOCK_H

#include <time.h>

#include "types.h"

#define SECOND	1000000000ULL
#define MS	1000000ULL

static inline u64 clock_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * SECOND + ts.tv_nsec;
}

static inline u64 clock_ms(void)
{
	return clock_now() / MS;
}

static inline void clock_sleep_until(u64 ns)
{
	const struct timespec until = { .tv_sec = ns / SECOND, .tv_nsec = ns % SECOND };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL))
		;
}

#endif /* TEST_CLOCK_H */
