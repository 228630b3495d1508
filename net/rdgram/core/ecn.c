// SPDX-License-Identifier: GPL-2.0-only
/*
 * Explicit congestion notification, see ecn.h.
 */
#include <linux/string.h>
#include "ecn.h"
#include "seq.h"

/**
 * rdg_ecn_init - no marks
 * @e: the counts
 * @first: what they are counted from, in both directions
 */
void rdg_ecn_init(struct rdg_ecn *e, u64 first)
{
	memset(e, 0, sizeof(*e));
	e->seen = (u32)first;
	e->heard = first;
}

/**
 * rdg_ecn_input - the other side says how many marks it has seen
 * @e: the counts
 * @count: how many, modulo 2^32
 * @most: as many as there would be, had all our packets been marked
 * @newest: it says so in a packet newer than all before
 *
 * RFC 9000, 13.4.2, in its simplest form: a path or a peer that makes marks up
 * is not asked for any. What was seen may be told before it is acknowledged: an
 * ACK does not have room for all that came, and others are lost.
 *
 * Return: how many are new.
 */
u32 rdg_ecn_input(struct rdg_ecn *e, u32 count, u64 most, bool newest)
{
	u64 heard = rdg_seq_expand(e->heard, count);
	u64 before = e->heard;

	if (e->off || heard == before)
		return 0;
	/* Less than before: an old packet, or a lie. */
	if (heard < before ? newest : heard > most)
		e->off = true;
	if (heard < before || e->off)
		return 0;
	e->heard = heard;
	return heard - before;
}
