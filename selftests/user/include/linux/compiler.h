/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel's programs have, and what its own headers need besides.
 */
#ifndef _USER_LINUX_COMPILER_H
#define _USER_LINUX_COMPILER_H

#include_next <linux/compiler.h>

#undef __packed
#undef fallthrough
#define fallthrough		__attribute__((__fallthrough__))
#define __packed		__attribute__((__packed__))
#define is_signed_type(type)	(((type)(-1)) < (type)1)
#define statically_true(x)	(__builtin_constant_p(x) && (x))

#define __UNIQUE_PASTE(a, b)	a##b
#define __UNIQUE_NAME(a, b)	__UNIQUE_PASTE(a, b)
#define __UNIQUE_ID(prefix)	__UNIQUE_NAME(prefix, __COUNTER__)

#endif /* _USER_LINUX_COMPILER_H */
