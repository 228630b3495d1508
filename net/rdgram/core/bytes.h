/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Big endian numbers at any address. The kernel has the same, in a header that is
 * called differently since 6.12; the core is not to know of versions.
 */
#ifndef _RDGRAM_CORE_BYTES_H
#define _RDGRAM_CORE_BYTES_H

#include <linux/string.h>
#include <linux/types.h>
#include <asm/byteorder.h>

static inline u16 rdg_get_be16(const void *from)
{
	__be16 value;

	memcpy(&value, from, sizeof(value));
	return be16_to_cpu(value);
}

static inline u32 rdg_get_be32(const void *from)
{
	__be32 value;

	memcpy(&value, from, sizeof(value));
	return be32_to_cpu(value);
}

static inline u64 rdg_get_be64(const void *from)
{
	__be64 value;

	memcpy(&value, from, sizeof(value));
	return be64_to_cpu(value);
}

static inline void rdg_put_be16(u16 value, void *to)
{
	__be16 wire = cpu_to_be16(value);

	memcpy(to, &wire, sizeof(wire));
}

static inline void rdg_put_be32(u32 value, void *to)
{
	__be32 wire = cpu_to_be32(value);

	memcpy(to, &wire, sizeof(wire));
}

static inline void rdg_put_be64(u64 value, void *to)
{
	__be64 wire = cpu_to_be64(value);

	memcpy(to, &wire, sizeof(wire));
}

#endif /* _RDGRAM_CORE_BYTES_H */
