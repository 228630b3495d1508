/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _USER_LINUX_KTIME_H
#define _USER_LINUX_KTIME_H

#include <time.h>
#include <linux/time64.h>
#include <linux/types.h>

static inline u64 ktime_get_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (u64)t.tv_sec * NSEC_PER_SEC + t.tv_nsec;
}

#endif /* _USER_LINUX_KTIME_H */
