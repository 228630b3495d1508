/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _USER_LINUX_KERNEL_H
#define _USER_LINUX_KERNEL_H

#include <endian.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <asm/byteorder.h>
#include <linux/align.h>
#include <linux/bitops.h>
#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/export.h>
#include <linux/kconfig.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/types.h>

#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]) + __must_be_array(a))

/* Not the C library's, which is of int. */
#define abs(x) ({				\
	typeof(x) __abs_x = (x);		\
						\
	__abs_x < 0 ? -__abs_x : __abs_x;	\
})

__printf(3, 4) int scnprintf(char *to, size_t size, const char *format, ...);

static inline u64 rol64(u64 word, unsigned int n)
{
	return word << (n & 63) | word >> (-n & 63);
}

static inline void cond_resched(void)
{
}

#endif /* _USER_LINUX_KERNEL_H */
