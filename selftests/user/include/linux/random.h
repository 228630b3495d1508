/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _USER_LINUX_RANDOM_H
#define _USER_LINUX_RANDOM_H

#include <stdlib.h>
#include <sys/random.h>
#include <linux/types.h>

static inline void get_random_bytes(void *to, size_t len)
{
	if (getrandom(to, len, 0) != (ssize_t)len)
		abort();
}

static inline u32 get_random_u32(void)
{
	u32 n;

	get_random_bytes(&n, sizeof(n));
	return n;
}

static inline u32 get_random_u32_below(u32 n)
{
	return get_random_u32() % n;
}

#include <linux/prandom.h>

#endif /* _USER_LINUX_RANDOM_H */
