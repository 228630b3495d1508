// SPDX-License-Identifier: GPL-2.0-only
/*
 * Explicit congestion notification, see ecn.h.
 */
#include <linux/string.h>
#include "ecn.h"

/**
 * rdg_ecn_init - no marks
 * @e: the counts
 * @first: what marks are counted from
 */
void rdg_ecn_init(struct rdg_ecn *e, u32 first)
{
	memset(e, 0, sizeof(*e));
	e->seen = first;
	e->heard = first;
}

/**
 * rdg_ecn_moved - our packets go another way from now on
 * @e: the counts
 *
 * What the way before has made up is passed over.
 */
void rdg_ecn_moved(struct rdg_ecn *e)
{
	e->anew |= e->off;
	e->off = false;
}

/**
 * rdg_ecn_input - the other side says how many marks it has seen
 * @e: the counts
 * @count: what it has counted to
 * @newest: it says so in a packet newer than all before
 *
 * RFC 9000, 13.4.2.1: a path or a peer that makes marks up is not asked for any.
 * Marks of what was not acknowledged yet are none of these: an ACK does not have
 * room for all that came, and others are lost.
 *
 * Return: how many are new.
 */
u32 rdg_ecn_input(struct rdg_ecn *e, u32 count, bool newest)
{
	u32 fresh = count - e->heard;

	if (e->off)
		return 0;
	if (e->anew) {
		if (newest) {
			e->anew = false;
			e->heard = count;
		}
		return 0;
	}
	if ((s32)fresh < 0) {
		/* Less than before: an old packet, or a lie. */
		e->off = newest;
		return 0;
	}
	if (fresh > e->unmarked) {
		e->off = true;
		return 0;
	}
	e->unmarked -= fresh;
	e->heard = count;
	return fresh;
}
