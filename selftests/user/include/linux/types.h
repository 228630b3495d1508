/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's types, with its u64: an unsigned long long everywhere, so that
 * the same formats print it.
 */
#ifndef _USER_LINUX_TYPES_H
#define _USER_LINUX_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <asm/types.h>
#include <asm/posix_types.h>

#define __bitwise
#define __force
#define __percpu
#define __init
#define __exit
#define __must_check	__attribute__((warn_unused_result))

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s8 s8;
typedef __s16 s16;
typedef __s32 s32;
typedef __s64 s64;

typedef __u16 __le16;
typedef __u32 __le32;
typedef __u64 __le64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u64 __be64;
typedef __u16 __sum16;
typedef __u32 __wsum;

struct list_head {
	struct list_head *next, *prev;
};

struct hlist_head {
	struct hlist_node *first;
};

struct hlist_node {
	struct hlist_node *next, **pprev;
};

#include <linux/compiler.h>
#include <linux/limits.h>

#endif /* _USER_LINUX_TYPES_H */
