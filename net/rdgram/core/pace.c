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

/* No algorithm means to send less than this many packets a second. */
#define RATE_PACKETS	2

/**
 * rdg_pace_init - nothing was sent
 * @p: the pacer
 */
void rdg_pace_init(struct rdg_pace *p)
{
	p->at = 0;
	p->left = 0;
}

/**
 * rdg_pace_burst - what may leave at once
 * @cc: the rate
 *
 * Return: bytes.
 */
u32 rdg_pace_burst(const struct rdg_cc *cc)
{
	if (!cc->pacing)
		return BURST_MAX;
	return clamp_t(u64, div_u64(cc->pacing, MSEC_PER_SEC), BURST_PACKETS * cc->mtu, BURST_MAX);
}

static u64 duration(const struct rdg_cc *cc, u32 bytes)
{
	return div64_u64(bytes * (u64)NSEC_PER_SEC, max_t(u64, cc->pacing, RATE_PACKETS * cc->mtu));
}

/**
 * rdg_pace_open - may payload leave?
 * @p: the pacer
 * @cc: the rate
 * @now: ns
 *
 * Return: true if it may; else it may at @p->at.
 */
bool rdg_pace_open(const struct rdg_pace *p, const struct rdg_cc *cc, u64 now)
{
	return !cc->pacing || p->left || p->at <= now;
}

/**
 * rdg_pace_sent - payload leaves
 * @p: the pacer
 * @cc: the rate
 * @size: bytes
 * @now: ns
 */
void rdg_pace_sent(struct rdg_pace *p, const struct rdg_cc *cc, u32 size, u64 now)
{
	if (!cc->pacing)
		return;
	if (p->at <= now) {
		p->left = rdg_pace_burst(cc);
		/* A timer that is late costs nothing; idle time earns nothing. */
		if (now - p->at > duration(cc, p->left))
			p->at = now;
	}
	p->left -= min(p->left, size);
	p->at += duration(cc, size);
}
