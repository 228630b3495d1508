/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _USER_LINUX_BITMAP_H
#define _USER_LINUX_BITMAP_H

#include <string.h>
#include <linux/types.h>

#define LONG_BITS		(8 * sizeof(long))
#define DECLARE_BITMAP(name, n)	unsigned long name[((n) + LONG_BITS - 1) / LONG_BITS]

static inline void bitmap_zero(unsigned long *map, size_t n)
{
	memset(map, 0, (n + LONG_BITS - 1) / LONG_BITS * sizeof(long));
}

static inline void __set_bit(size_t i, unsigned long *map)
{
	map[i / LONG_BITS] |= 1UL << i % LONG_BITS;
}

static inline bool test_bit(size_t i, const unsigned long *map)
{
	return map[i / LONG_BITS] >> i % LONG_BITS & 1;
}

static inline size_t find_last_bit(const unsigned long *map, size_t n)
{
	size_t i = n;

	while (i-- > 0)
		if (test_bit(i, map))
			return i;
	return n;
}

#endif /* _USER_LINUX_BITMAP_H */
