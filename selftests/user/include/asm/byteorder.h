/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _USER_ASM_BYTEORDER_H
#define _USER_ASM_BYTEORDER_H

#include <endian.h>
#include <linux/types.h>

#define cpu_to_le16	htole16
#define cpu_to_le32	htole32
#define cpu_to_le64	htole64
#define cpu_to_be16	htobe16
#define cpu_to_be32	htobe32
#define cpu_to_be64	htobe64
#define le16_to_cpu	le16toh
#define le32_to_cpu	le32toh
#define le64_to_cpu	le64toh
#define be16_to_cpu	be16toh
#define be32_to_cpu	be32toh
#define be64_to_cpu	be64toh
#define htons		htobe16
#define htonl		htobe32

static inline u16 le16_to_cpup(const void *p)
{
	return le16toh(*(const __le16 *)p);
}

static inline u32 le32_to_cpup(const void *p)
{
	return le32toh(*(const __le32 *)p);
}

static inline u64 le64_to_cpup(const void *p)
{
	return le64toh(*(const __le64 *)p);
}

#endif /* _USER_ASM_BYTEORDER_H */
