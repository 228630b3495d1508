/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's names for integers; u64 is unsigned long long, %llu prints it. */
#ifndef TYPES_H
#define TYPES_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#endif /* TYPES_H */
