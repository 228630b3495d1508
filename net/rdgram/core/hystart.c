// SPDX-License-Identifier: GPL-2.0-only
/*
 * HyStart++, see hystart.h. The constants bear the RFC's names and values; we
 * pace, so there is no limit L.
 */
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/time64.h>
#include "hystart.h"

#define MIN_RTT_THRESH		(4 * NSEC_PER_MSEC)
#define MAX_RTT_THRESH		(16 * NSEC_PER_MSEC)
#define MIN_RTT_DIVISOR		8
#define N_RTT_SAMPLE		8
#define CSS_GROWTH_DIVISOR	4
#define CSS_ROUNDS		5

/**
 * rdg_hystart_init - slow start begins
 * @h: its state
 */
void rdg_hystart_init(struct rdg_hystart *h)
{
	h->last = U64_MAX;
	h->current_min = U64_MAX;
	h->baseline = U64_MAX;
	h->samples = 0;
	h->rounds = 0;
	h->phase = RDG_HYSTART_SLOW_START;
}

static void next_round(struct rdg_hystart *h)
{
	h->last = h->current_min;
	h->current_min = U64_MAX;
	h->samples = 0;
	if (h->phase == RDG_HYSTART_CSS && ++h->rounds > CSS_ROUNDS)
		h->phase = RDG_HYSTART_DONE;
}

static bool rtt_has_grown(const struct rdg_hystart *h)
{
	u64 threshold = clamp_t(u64, h->last / MIN_RTT_DIVISOR, MIN_RTT_THRESH, MAX_RTT_THRESH);

	return h->last != U64_MAX && h->current_min >= h->last + threshold;
}

/**
 * rdg_hystart_ack - packets were acknowledged in slow start
 * @h: its state
 * @rtt: round-trip time; ns; 0: no sample
 * @round: a round ended with this ack
 *
 * Return: the phase that it leads to.
 */
enum rdg_hystart_phase rdg_hystart_ack(struct rdg_hystart *h, u64 rtt, bool round)
{
	if (round)
		next_round(h);
	if (rtt) {
		h->current_min = min(h->current_min, rtt);
		h->samples = min(h->samples + 1, N_RTT_SAMPLE);
	}
	if (h->samples < N_RTT_SAMPLE)
		return h->phase;
	if (h->phase == RDG_HYSTART_SLOW_START && rtt_has_grown(h)) {
		h->baseline = h->current_min;
		h->rounds = 1;
		h->phase = RDG_HYSTART_CSS;
	} else if (h->phase == RDG_HYSTART_CSS && h->current_min < h->baseline) {
		/* It was jitter. */
		h->baseline = U64_MAX;
		h->phase = RDG_HYSTART_SLOW_START;
	}
	return h->phase;
}

/**
 * rdg_hystart_growth - by how much the window grows
 * @h: its state
 * @bytes: acknowledged
 *
 * Return: bytes.
 */
u32 rdg_hystart_growth(const struct rdg_hystart *h, u32 bytes)
{
	return h->phase == RDG_HYSTART_CSS ? bytes / CSS_GROWTH_DIVISOR : bytes;
}
