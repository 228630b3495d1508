/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _USER_LINUX_MATH64_H
#define _USER_LINUX_MATH64_H

#include <linux/types.h>
#include_next <linux/math64.h>

static inline u64 div_u64(u64 a, u32 b)
{
	return a / b;
}

static inline u64 div64_u64(u64 a, u64 b)
{
	return a / b;
}

static inline u64 div64_u64_rem(u64 a, u64 b, u64 *rest)
{
	*rest = a % b;
	return a / b;
}

#endif /* _USER_LINUX_MATH64_H */
