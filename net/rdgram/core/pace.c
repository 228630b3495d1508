// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pacing, see pace.h.
 */
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/time64.h>
#include "pace.h"

/* A burst in bytes: a millisecond of the rate, within bounds. */
#define BURST_MAX	(64 * 1024)
#define BURST_PACKETS	2

/* What is handed over early, together: so many milliseconds of the rate, and no
 * more packets than that. fq takes a hundred of a flow, and drops the rest.
 */
#define TIMED_MS	2
#define TIMED_PACKETS	48

/* The next ones follow so long before the last of those departs, for a timer that
 * is late; so no packet is handed over earlier than that by more than this; ns.
 */
#define TIMED_SLACK	NSEC_PER_MSEC
#define TIMED_AHEAD	(TIMED_MS * NSEC_PER_MSEC + TIMED_SLACK)

/* No algorithm means to send less than this many packets a second. */
#define RATE_PACKETS	2

/**
 * rdg_pace_begin - nothing was sent on this path
 * @p: the pacer
 */
void rdg_pace_begin(struct rdg_pace *p)
{
	p->at = 0;
	p->left = 0;
}

/**
 * rdg_pace_burst - what may be handed over at once
 * @p: the pacer
 * @cc: the rate
 *
 * Return: bytes.
 */
u32 rdg_pace_burst(const struct rdg_pace *p, const struct rdg_cc *cc)
{
	u64 ms = div_u64(cc->pacing, MSEC_PER_SEC);

	if (!cc->pacing)
		return BURST_MAX;
	if (p->timed)
		return clamp_t(u64, TIMED_MS * ms, cc->mtu,
			       min(BURST_MAX, TIMED_PACKETS * cc->mtu));
	return clamp_t(u64, ms, BURST_PACKETS * cc->mtu, BURST_MAX);
}

static u64 duration(const struct rdg_cc *cc, u32 bytes)
{
	return div64_u64(bytes * (u64)NSEC_PER_SEC, max_t(u64, cc->pacing, RATE_PACKETS * cc->mtu));
}

/* How long before its time a burst may be handed over. */
static u64 slack(const struct rdg_pace *p, const struct rdg_cc *cc)
{
	return p->timed ? min_t(u64, duration(cc, rdg_pace_burst(p, cc)) / 2, TIMED_SLACK) : 0;
}

/**
 * rdg_pace_next - when the next burst may be handed over
 * @p: the pacer
 * @cc: the rate
 *
 * Return: ns.
 */
u64 rdg_pace_next(const struct rdg_pace *p, const struct rdg_cc *cc)
{
	return p->at - min(p->at, slack(p, cc));
}

/**
 * rdg_pace_open - may payload be handed over?
 * @p: the pacer
 * @cc: the rate
 * @now: ns
 *
 * Return: true if it may; else it may at rdg_pace_next().
 */
bool rdg_pace_open(const struct rdg_pace *p, const struct rdg_cc *cc, u64 now)
{
	if (!cc->pacing || rdg_pace_next(p, cc) <= now)
		return true;
	return p->left && (!p->timed || p->at <= now + TIMED_AHEAD);
}

/**
 * rdg_pace_departure - when does a packet depart that is handed over now?
 * @p: the pacer
 * @cc: the rate
 * @paced: it carries payload that rdg_pace_open() let pass
 * @now: ns
 *
 * All others leave at once, but they overtake nothing: whoever waits in the same
 * queue has a smaller number, and would seem to be late.
 *
 * Return: ns.
 */
u64 rdg_pace_departure(struct rdg_pace *p, const struct rdg_cc *cc, bool paced, u64 now)
{
	p->last = max(p->last, now);
	if (paced && p->timed && cc->pacing)
		p->last = max(p->last, p->at);
	return p->last;
}

/**
 * rdg_pace_sent - payload is handed over
 * @p: the pacer
 * @cc: the rate
 * @size: bytes
 * @now: ns
 */
void rdg_pace_sent(struct rdg_pace *p, const struct rdg_cc *cc, u32 size, u64 now)
{
	if (!cc->pacing)
		return;
	/* Idle time earns nothing. A timer that is late costs nothing, where bursts
	 * hang on it; where packets are timed it comes early enough.
	 */
	if (p->at < now && (p->timed || now - p->at >= duration(cc, rdg_pace_burst(p, cc)))) {
		p->at = now;
		p->left = 0;
	}
	if (!p->left && rdg_pace_next(p, cc) <= now)
		p->left = rdg_pace_burst(p, cc);
	p->left -= min(p->left, size);
	p->at += duration(cc, size);
}

/**
 * rdg_pace_bound - the rate may have risen
 * @p: the pacer
 * @cc: the rate
 * @now: ns
 *
 * What was sent at a lower one must not keep the next burst waiting for longer than one
 * takes at this: a burst of 1 ms or so, and what waits no longer is not looked at.
 */
void rdg_pace_bound(struct rdg_pace *p, const struct rdg_cc *cc, u64 now)
{
	if (cc->pacing && p->at > now + TIMED_AHEAD)
		p->at = min(p->at, now + duration(cc, rdg_pace_burst(p, cc)) + slack(p, cc));
}

/**
 * rdg_pace_waiting - how much was handed over and has not left yet?
 * @p: the pacer
 * @cc: the rate
 * @now: ns
 *
 * Return: bytes, about.
 */
u32 rdg_pace_waiting(const struct rdg_pace *p, const struct rdg_cc *cc, u64 now)
{
	if (!p->timed || !cc->pacing || p->at <= now)
		return 0;
	return min_t(u64, div_u64((p->at - now) * cc->pacing, NSEC_PER_SEC), BURST_MAX);
}
