/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory from malloc(), to the byte: who reads beyond it is seen by the address
 * sanitizer, as KASAN would see it.
 */
#ifndef _USER_LINUX_SLAB_H
#define _USER_LINUX_SLAB_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <linux/types.h>

typedef unsigned int gfp_t;

#define GFP_KERNEL	0u
#define GFP_ATOMIC	0u
#define __GFP_NOWARN	0u
#define __GFP_ACCOUNT	0u
#define __GFP_NOFAIL	1u

static inline void *kmalloc(size_t size, gfp_t gfp)
{
	void *p = malloc(size);

	if (!p && (gfp & __GFP_NOFAIL))
		abort();
	return p;
}

static inline void *kzalloc(size_t size, gfp_t gfp)
{
	void *p = kmalloc(size, gfp);

	return p ? memset(p, 0, size) : NULL;
}

static inline void *kmalloc_array(size_t n, size_t size, gfp_t gfp)
{
	return size && n > SIZE_MAX / size ? NULL : kmalloc(n * size, gfp);
}

static inline void *kmemdup(const void *from, size_t size, gfp_t gfp)
{
	void *p = kmalloc(size, gfp);

	return p ? memcpy(p, from, size) : NULL;
}

static inline void kfree(const void *p)
{
	free((void *)p);
}

#define kvmalloc	kmalloc
#define kvzalloc	kzalloc
#define kvmalloc_array	kmalloc_array
#define kvfree		kfree

#endif /* _USER_LINUX_SLAB_H */
