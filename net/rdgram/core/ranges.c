// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sets of received packet numbers, see ranges.h.
 */
#include <linux/minmax.h>
#include <linux/string.h>
#include "ranges.h"

/**
 * rdg_ranges_init - the empty set
 * @r: the set
 */
void rdg_ranges_init(struct rdg_ranges *r)
{
	r->floor = 0;
	r->told = 0;
	r->is_late = false;
	r->n = 0;
}

/**
 * rdg_ranges_has - was this number received before?
 * @r: the set
 * @pn: packet number
 *
 * Context: any; the caller keeps @r from changing.
 * Return: true if it was; false also where that is no longer known: what comes
 * twice does no harm, what was never looked at would have to be sent again.
 */
bool rdg_ranges_has(const struct rdg_ranges *r, u64 pn)
{
	u32 i = r->n;

	while (i--) {
		if (pn > r->range[i].last)
			return false;
		if (pn >= r->range[i].first)
			return true;
	}
	return false;
}

static void remove_range(struct rdg_ranges *r, u32 i)
{
	r->n--;
	memmove(r->range + i, r->range + i + 1, (r->n - i) * sizeof(r->range[0]));
}

/* A new range of one number at place i; the lowest makes room for it. */
static void insert_range(struct rdg_ranges *r, u32 i, u64 pn)
{
	if (r->n == RDG_RANGES_MAX) {
		if (!i) {
			r->floor = max(r->floor, pn + 1);
			return;
		}
		r->floor = r->range[0].last + 1;
		remove_range(r, 0);
		i--;
	}
	memmove(r->range + i + 1, r->range + i, (r->n - i) * sizeof(r->range[0]));
	r->range[i].first = pn;
	r->range[i].last = pn;
	r->n++;
}

/**
 * rdg_ranges_add - a number was received
 * @r: the set
 * @pn: packet number; rdg_ranges_has() does not know it
 *
 * Context: any; the caller holds the lock of @r.
 */
void rdg_ranges_add(struct rdg_ranges *r, u64 pn)
{
	u32 i = r->n;

	if (pn < r->floor || pn < r->told ||
	    (r->n == RDG_RANGES_MAX && pn < r->range[0].first)) {
		r->late = pn;
		r->is_late = true;
	}
	if (pn < r->floor)
		return;
	/* Place i is the first whose range lies wholly above pn. */
	while (i && r->range[i - 1].first > pn)
		i--;
	if (i && r->range[i - 1].last + 1 == pn) {
		r->range[i - 1].last = pn;
		if (i < r->n && r->range[i].first == pn + 1) {
			r->range[i - 1].last = r->range[i].last;
			remove_range(r, i);
		}
		return;
	}
	if (i < r->n && r->range[i].first == pn + 1) {
		r->range[i].first = pn;
		return;
	}
	insert_range(r, i, pn);
}

/**
 * rdg_ranges_largest - the largest number received
 * @r: the set, not empty
 *
 * Return: the packet number.
 */
u64 rdg_ranges_largest(const struct rdg_ranges *r)
{
	return r->range[r->n - 1].last;
}

/**
 * rdg_ranges_late_to_ack - say in an ACK frame what no other will
 * @r: the set
 * @a: filled in, but for @delay
 *
 * Return: false if there is nothing to say; once for each.
 */
bool rdg_ranges_late_to_ack(struct rdg_ranges *r, struct rdg_ack_frame *a)
{
	if (!r->is_late)
		return false;
	r->is_late = false;
	a->largest = r->late;
	a->first = 1;
	a->n = 0;
	return true;
}

/**
 * rdg_ranges_to_ack - say the set in an ACK frame
 * @r: the set
 * @a: filled in, but for @delay
 *
 * Return: false if there is nothing to say.
 */
bool rdg_ranges_to_ack(const struct rdg_ranges *r, struct rdg_ack_frame *a)
{
	u32 i = r->n;

	a->n = 0;
	if (!i--)
		return false;
	a->largest = r->range[i].last;
	a->first = min_t(u64, r->range[i].last - r->range[i].first + 1, U16_MAX);
	while (i-- && a->n < RDG_ACK_RANGES_OUT && r->range[i].last >= r->told) {
		u64 low = a->n || a->first < U16_MAX ? r->range[i + 1].first : 0;
		u64 gap = low - r->range[i].last - 1;
		u64 len = r->range[i].last - r->range[i].first + 1;

		/* A range that was cut at its low end, or a gap too long to say. */
		if (!low || gap > U16_MAX)
			break;
		a->gap[a->n] = gap;
		a->len[a->n] = min_t(u64, len, U16_MAX);
		a->n++;
		if (len > U16_MAX)
			break;
	}
	return true;
}
