/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Serial arithmetic: numbers of 64 bits inside, of 32 bits on the wire.
 */
#ifndef _RDGRAM_CORE_SEQ_H
#define _RDGRAM_CORE_SEQ_H

#include <linux/types.h>

/**
 * rdg_seq_expand - the number that 32 bits from the wire stand for
 * @near: a number close to the one that is meant
 * @wire: its low 32 bits
 *
 * Context: any.
 * Return: of all numbers with these low bits the one closest to @near; never
 * below 0 (RFC 9000, appendix A.3, is the model).
 */
static inline u64 rdg_seq_expand(u64 near, u32 wire)
{
	s32 distance = (s32)(wire - (u32)near);

	if (distance < 0 && near < (u64)-(s64)distance)
		return near + (u32)distance;
	return near + (s64)distance;
}

#endif /* _RDGRAM_CORE_SEQ_H */
