// SPDX-License-Identifier: GPL-2.0-only
/*
 * Explicit congestion notification, see ecn.h.
 */
#include <linux/string.h>
#include "ecn.h"

/**
 * rdg_ecn_init - no marks
 * @e: the counts
 */
void rdg_ecn_init(struct rdg_ecn *e)
{
	memset(e, 0, sizeof(*e));
}

/**
 * rdg_ecn_input - the other side says how many marks it has seen
 * @e: the counts
 * @count: how many
 * @newest: it says so in a packet newer than all before
 *
 * RFC 9000, 13.4.2, in its simplest form: a path or a peer that makes marks up
 * is not asked for any.
 *
 * Return: how many are new.
 */
u32 rdg_ecn_input(struct rdg_ecn *e, u32 count, bool newest)
{
	u32 fresh = count - e->heard;

	if (e->off || !fresh)
		return 0;
	if ((s32)fresh < 0) {
		/* Less than before: an old packet, or a lie. */
		e->off = newest;
		return 0;
	}
	if (count > e->acked) {
		e->off = true;
		return 0;
	}
	e->heard = count;
	return fresh;
}
