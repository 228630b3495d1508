// SPDX-License-Identifier: GPL-2.0-only
/*
 * The in-flight ledger, see ledger.h.
 */
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "ledger.h"

/**
 * rdg_ledger_init - no packet was sent
 * @g: the ledger
 */
void rdg_ledger_init(struct rdg_ledger *g)
{
	memset(g, 0, sizeof(*g));
}

/**
 * rdg_ledger_free - forget all packets
 * @g: the ledger; as after rdg_ledger_init()
 */
void rdg_ledger_free(struct rdg_ledger *g)
{
	kfree(g->ring);
	rdg_ledger_init(g);
}

/* It is charged to whom the driver says: the other side decides how large it gets. */
static bool resize(struct rdg_ledger *g, u32 size)
{
	struct rdg_sent *ring;
	u64 pos;

	ring = kmalloc_array(size, sizeof(*ring), GFP_ATOMIC | __GFP_NOWARN | __GFP_ACCOUNT);
	if (!ring)
		return false;
	for (pos = g->tail; pos < g->head; pos++)
		ring[pos & (size - 1)] = *rdg_ledger_at(g, pos);
	kfree(g->ring);
	g->ring = ring;
	g->size = size;
	return true;
}

static bool grow(struct rdg_ledger *g)
{
	u32 size = g->size ? g->size * 2 : RDG_LEDGER_MIN;

	return size <= RDG_LEDGER_MAX && resize(g, size);
}

/**
 * rdg_ledger_rest - give back what a ledger has grown by, where it is not in use
 * @g: the ledger; positions of entries stay the same
 * @since: the newest entry was made before that; ns
 *
 * Not each time that it is empty: those who send much at a time would have it grow again
 * each time.
 *
 * Context: any.
 */
void rdg_ledger_rest(struct rdg_ledger *g, u64 since)
{
	if (g->tail == g->head && g->size > RDG_LEDGER_MIN && g->eliciting < since)
		resize(g, RDG_LEDGER_MIN);
}

/* Let go of what was acknowledged, and of what was sent again before a time. */
static void trim(struct rdg_ledger *g, u64 forget)
{
	while (g->tail < g->head) {
		const struct rdg_sent *s = rdg_ledger_at(g, g->tail);

		if (s->state == RDG_SENT_FLIGHT || s->state == RDG_SENT_LOST ||
		    (s->state == RDG_SENT_RESENT && s->time >= forget))
			return;
		g->tail++;
	}
}

/* Nobody asks for most of what stands between the oldest entry and the newest:
 * only what is in flight, or waits to be sent again, has to be kept.
 */
static void compact(struct rdg_ledger *g)
{
	u64 pos, to = g->tail, first = U64_MAX;

	for (pos = g->tail; pos < g->head; pos++) {
		struct rdg_sent *s = rdg_ledger_at(g, pos);

		if (s->state != RDG_SENT_FLIGHT && s->state != RDG_SENT_LOST)
			continue;
		if (pos == g->first)
			first = to;
		*rdg_ledger_at(g, to++) = *s;
	}
	g->head = to;
	g->first = min(first, to);
	g->scan = g->tail;
	g->sacked = 0;
}

/* To copy all of it for each packet would cost more than it brings; but what
 * has to have an entry gets the last one, and where nothing is on its way there is
 * nothing to wait for.
 */
static bool is_worth_compacting(const struct rdg_ledger *g, u32 entries)
{
	u64 dead = g->head - g->tail - g->flight - g->lost;

	return dead >= (entries > 1 && g->flight ? g->size / 8 : 1);
}

/**
 * rdg_ledger_room - make sure that some more packets can be sent
 * @g: the ledger
 * @entries: how many
 *
 * Where it cannot grow any more the positions of entries may change.
 *
 * Context: any.
 * Return: true if rdg_ledger_add() may be called so often.
 */
bool rdg_ledger_room(struct rdg_ledger *g, u32 entries)
{
	if (g->head - g->tail + entries <= g->size || grow(g))
		return true;
	/* What was late is good to know; what is sent comes first. */
	trim(g, U64_MAX);
	if (g->head - g->tail + entries > g->size && is_worth_compacting(g, entries))
		compact(g);
	return g->head - g->tail + entries <= g->size;
}

/**
 * rdg_ledger_tidy - rather let go of what need not be known than grow
 * @g: the ledger
 *
 * For times when nobody answers, and every question takes an entry. Positions of
 * entries may change.
 *
 * Context: any.
 */
void rdg_ledger_tidy(struct rdg_ledger *g)
{
	if (rdg_ledger_full(g) && is_worth_compacting(g, RDG_LEDGER_SPARE))
		compact(g);
}

/**
 * rdg_ledger_add - a packet is sent that asks for an ack
 * @g: the ledger; rdg_ledger_room() said that there is room
 * @size: bytes of UDP payload
 * @now: ns
 *
 * Return: the entry, for the caller to say what the packet carried.
 */
struct rdg_sent *rdg_ledger_add(struct rdg_ledger *g, u32 size, u64 now)
{
	struct rdg_sent *s = rdg_ledger_at(g, g->head++);

	memset(s, 0, sizeof(*s));
	s->pn = g->next++;
	s->time = now;
	s->size = size;
	s->state = RDG_SENT_FLIGHT;
	g->flight++;
	g->bytes += size;
	g->eliciting = now;
	return s;
}

/**
 * rdg_ledger_skip - leave a packet number out
 * @g: the ledger
 */
void rdg_ledger_skip(struct rdg_ledger *g)
{
	g->skipped[g->skips++ % RDG_SKIPPED_KEPT] = g->next++;
}

/**
 * rdg_ledger_find - where a packet number stands
 * @g: the ledger
 * @pn: packet number
 *
 * Return: position of the first entry that has this number or a larger one;
 * @head if there is none.
 */
u64 rdg_ledger_find(const struct rdg_ledger *g, u64 pn)
{
	u64 low = g->tail;
	u64 high = g->head;

	while (low < high) {
		u64 middle = low + (high - low) / 2;

		if (rdg_ledger_at(g, middle)->pn < pn)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/**
 * rdg_ledger_pass - a walk over entries that are acknowledged has looked at one
 * @g: the ledger
 * @pos: position of the entry
 * @end: where the walk will end, with all up to there ACKED
 *
 * Acks repeat themselves, and who sends them may repeat them often: what one walk has
 * passed the next one need not look at.
 *
 * Return: position of the next entry to look at; may be after @end.
 */
u64 rdg_ledger_pass(struct rdg_ledger *g, u64 pos, u64 end)
{
	struct rdg_sent *s = rdg_ledger_at(g, pos);
	u32 run = 1;

	if (s->state == RDG_SENT_ACKED) {
		run = s->run;
		s->run = max_t(u32, run, end - pos);
	}
	return pos + run;
}

/**
 * rdg_ledger_skipped - was one of these numbers left out?
 * @g: the ledger
 * @low: the first packet number
 * @high: the last one
 * @older: 0 for the first question; the next one, about lower numbers, goes on from there
 *
 * Return: true if it was, and not too long ago.
 */
bool rdg_ledger_skipped(const struct rdg_ledger *g, u64 low, u64 high, u32 *older)
{
	u32 n = min_t(u32, g->skips, RDG_SKIPPED_KEPT);

	for (; *older < n; (*older)++) {
		u64 pn = g->skipped[(g->skips - 1 - *older) % RDG_SKIPPED_KEPT];

		if (pn <= high)
			return pn >= low;
	}
	return false;
}

/**
 * rdg_ledger_set - something is known of a packet now
 * @g: the ledger
 * @s: its entry, in state FLIGHT, LOST or RESENT
 * @state: the new state, another one
 */
void rdg_ledger_set(struct rdg_ledger *g, struct rdg_sent *s, enum rdg_sent_state state)
{
	if (s->state == RDG_SENT_FLIGHT) {
		g->flight--;
		g->bytes -= s->size;
	} else if (s->state == RDG_SENT_LOST) {
		g->lost--;
	}
	if (state == RDG_SENT_LOST) {
		g->lost++;
		g->scan = min(g->scan, rdg_ledger_find(g, s->pn));
	}
	if (state == RDG_SENT_ACKED) {
		s->run = 1;
		if (g->first < g->head && s->pn >= rdg_ledger_at(g, g->first)->pn)
			g->sacked++;
	}
	s->state = state;
	for (; g->first < g->head; g->first++) {
		u8 first = rdg_ledger_at(g, g->first)->state;

		if (first == RDG_SENT_FLIGHT)
			return;
		if (first == RDG_SENT_ACKED)
			g->sacked--;
	}
}

/**
 * rdg_ledger_trim - let go of the oldest entries that nobody asks for any more
 * @g: the ledger
 */
void rdg_ledger_trim(struct rdg_ledger *g)
{
	trim(g, g->forget);
}

/**
 * rdg_ledger_lost - the oldest packet that is to be sent again
 * @g: the ledger
 *
 * Return: its entry; NULL if none is.
 */
struct rdg_sent *rdg_ledger_lost(struct rdg_ledger *g)
{
	if (!g->lost)
		return NULL;
	rdg_ledger_trim(g);
	g->scan = max(g->scan, g->tail);
	while (rdg_ledger_at(g, g->scan)->state != RDG_SENT_LOST)
		g->scan++;
	return rdg_ledger_at(g, g->scan);
}
