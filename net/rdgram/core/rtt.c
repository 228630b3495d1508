// SPDX-License-Identifier: GPL-2.0-only
/*
 * Round-trip time and probe timeout, see rtt.h.
 */
#include <linux/math64.h>
#include <linux/minmax.h>
#include "rtt.h"

/* A probe timeout that is longer than RDG_PTO_MAX is at most so many times the
 * latest sample.
 */
#define RDG_PTO_SAMPLES		4

/* Bounds of how long an ack may be held back, see Documentation/protocol.rst. */
#define RDG_ACK_DELAY_MIN	(2 * NSEC_PER_MSEC)
#define RDG_ACK_DELAY_MAX	(25 * NSEC_PER_MSEC)

/**
 * rdg_rtt_init - nothing is known
 * @r: the estimator
 */
void rdg_rtt_init(struct rdg_rtt *r)
{
	r->latest = 0;
	r->adjusted = 0;
	r->smoothed = 0;
	r->variance = 0;
	r->min = 0;
}

/**
 * rdg_rtt_sample - take a measurement (RFC 9002, 5.3)
 * @r: the estimator
 * @sample: time from sending a packet to its ack, in ns
 * @delay: how long the other side says that it held the ack back, in ns
 */
void rdg_rtt_sample(struct rdg_rtt *r, u64 sample, u64 delay)
{
	u64 diff;

	sample = max_t(u64, sample, 1);
	r->latest = sample;
	r->adjusted = sample;
	if (!r->smoothed) {
		r->min = sample;
		r->smoothed = sample;
		r->variance = sample / 2;
		return;
	}
	r->min = min(r->min, sample);
	/* A delay that would take the sample below the least one is a lie. */
	if (sample >= r->min + delay)
		sample -= delay;
	r->adjusted = sample;
	diff = sample > r->smoothed ? sample - r->smoothed : r->smoothed - sample;
	r->variance = (3 * r->variance + diff) / 4;
	r->smoothed = (7 * r->smoothed + sample) / 8;
}

/**
 * rdg_rtt_ack_delay - how long to hold an ack back that is not urgent
 * @r: the estimator
 *
 * Return: ns: a quarter of the RTT, within bounds.
 */
u64 rdg_rtt_ack_delay(const struct rdg_rtt *r)
{
	return clamp_t(u64, r->smoothed / 4, RDG_ACK_DELAY_MIN, RDG_ACK_DELAY_MAX);
}

/**
 * rdg_rtt_pto - the probe timeout (RFC 9002, 6.2.1)
 * @r: the estimator
 *
 * The RFC has no upper bound. Where the other side was stopped for a while the
 * samples say so for many round trips to come, and the next loss would cost as
 * much as the pause did. A sample that is small again says that it is over; what
 * is asked too early then costs a packet.
 *
 * Return: ns until a packet that was not acknowledged is asked for.
 */
u64 rdg_rtt_pto(const struct rdg_rtt *r)
{
	u64 pto;

	if (!r->smoothed)
		return RDG_PTO_INITIAL;
	pto = r->smoothed + max_t(u64, 4 * r->variance, RDG_GRANULARITY) + rdg_rtt_ack_delay(r);
	return min(pto, max_t(u64, RDG_PTO_SAMPLES * r->latest, RDG_PTO_MAX));
}

/**
 * rdg_rtt_lately - the smoothed round-trip time by which payload is paced
 * @r: the estimator
 *
 * Bounded as the probe timeout is, and for the same reason: what was asked before a
 * pause must not make all that follows it slow.
 *
 * Return: ns.
 */
u64 rdg_rtt_lately(const struct rdg_rtt *r)
{
	return min(r->smoothed, RDG_PTO_SAMPLES * r->latest);
}

/**
 * rdg_rtt_backoff - the probe timeout after some that went unanswered
 * @r: the estimator
 * @times: how many went unanswered
 * @least: not more often than that; ns. On top of the first one, so that the
 *	many who begin to ask at the same moment do not come again together.
 * @rnd: source of the jitter, up to an eighth, which keeps apart the many that
 *	lost the same peer at the same moment. It only shortens: what is promised
 *	about the end of a cut is about the longest wait.
 *
 * Return: ns; the cap is RDG_PTO_MAX, or the probe timeout itself where the
 * RTT is longer than that, or @least where that is longer still.
 */
u64 rdg_rtt_backoff(const struct rdg_rtt *r, u32 times, u64 least, struct rnd_state *rnd)
{
	u64 pto = rdg_rtt_pto(r);
	u64 cap = max_t(u64, pto, RDG_PTO_MAX);
	u64 wait = min(cap, pto << min_t(u32, times, 16));

	wait = times ? max(wait, least) : least;
	/* For each packet that is sent: nothing to draw for. */
	if (wait)
		wait -= mul_u64_u32_shr(div_u64(wait, 8), prandom_u32_state(rnd), 32);
	return times ? wait : pto + wait;
}
