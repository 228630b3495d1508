// SPDX-License-Identifier: GPL-2.0-only
/*
 * BBR: congestion control by a model of the path, after draft-ietf-ccwg-bbr,
 * whose sections are named here. Where it differs, and why, stands in
 * cc_bbr_model.c and in Documentation/protocol.rst.
 */
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/prandom.h>
#include <linux/string.h>
#include <linux/time64.h>
#include "cc_bbr.h"

/* 2.4, 2.5: gains and times, in parts of BBR_ONE where they are shares. */
#define GAIN_STARTUP		2837		/* 4 ln 2 */
#define GAIN_DRAIN		512
#define GAIN_DOWN		922
#define GAIN_UP			1280
#define WINDOW_GAIN		2048
#define WINDOW_GAIN_UP		2304
#define PACING_MARGIN		1014		/* 1 % less than the bandwidth */
#define BETA			717		/* what congestion leaves: 0.7 */
#define HEADROOM		922		/* 0.9 for us, the rest for new flows */
#define FULL_ROUNDS		3
#define STARTUP_LOSSES		6
#define PROBE_RTT_TIME		(100 * NSEC_PER_MSEC)
#define PROBE_RTT_ROUNDS_MAX	8

/* 5.3.3.8: time between two probes, in ms, a random part of it last; and the
 * round trips in which a flow of Reno's would have come back, 63 at most.
 */
#define PROBE_WAIT		2000
#define PROBE_WAIT_RANDOM	1000
#define PROBE_ROUNDS_MAX	63

/* Round trips of BBR_DOWN: the first tells of what was sent before. */
#define DOWN_ROUNDS		3

/* 5.3.3.5: the bound is raised by up to so many packets, doubled, per round. */
#define GROW_MAX		20

static u32 share(u64 of, u32 gain)
{
	return min_t(u64, of * gain / BBR_ONE, U32_MAX);
}

static void enter(struct bbr *b, enum bbr_phase phase)
{
	b->phase = phase;
	b->phase_rounds = 0;
}

/* 5.3.3.8, BBRPickProbeWait(). */
static void start_down(struct rdg_cc *cc, u64 now)
{
	struct bbr *b = bbr_priv(cc);

	b->until = now + (PROBE_WAIT + prandom_u32_state(cc->rnd) % PROBE_WAIT_RANDOM) *
		   NSEC_PER_MSEC;
	b->cycle_rounds = 0;
	enter(b, BBR_DOWN);
}

static void start_refill(struct bbr *b, u64 now)
{
	b->bw_low = U64_MAX;
	b->inflight_low = U32_MAX;
	b->grow = 0;
	enter(b, BBR_REFILL);
}

static void start_up(struct bbr *b, u64 now)
{
	b->probing = true;
	b->full_bw = 0;
	b->full_rounds = 0;
	enter(b, BBR_UP);
}

static void start_probe_rtt(struct rdg_cc *cc, const struct rdg_cc_ack *ack)
{
	struct bbr *b = bbr_priv(cc);

	/* A probe that is cut short shows what it has shown by now: where round trips take
	 * seconds this may be the end of all of them.
	 */
	b->cut_short = b->probing || b->phase == BBR_REFILL;
	if (b->cut_short && !ack->app_limited)
		bbr_model_next_cycle(b);
	b->saved_cwnd = max(b->cut ? b->saved_cwnd : 0, cc->cwnd);
	b->rtt_probed = U32_MAX;
	b->until = 0;
	enter(b, BBR_PROBE_RTT);
}

static void end_probe_rtt(struct rdg_cc *cc, u64 now)
{
	struct bbr *b = bbr_priv(cc);

	if (b->rtt_probed != U32_MAX)
		b->rtt = b->rtt_probed;
	b->rtt_at = now;
	/* A path that has become longer is believed by and by. */
	b->rtt_least += b->rtt_least / 64;
	cc->cwnd = max(cc->cwnd, b->saved_cwnd);
	if (!b->full) {
		enter(b, BBR_STARTUP);
		return;
	}
	start_down(cc, now);
	/* There is time enough for it now. */
	if (b->cut_short)
		b->until = now;
	enter(b, BBR_CRUISE);
}

/* 5.3.1.2: the pipe is full when three round trips have not brought a quarter
 * more. One is enough where it met congestion (5.3.1.3).
 */
static bool is_full(struct bbr *b, const struct rdg_cc_ack *ack, bool congested)
{
	if (ack->app_limited)
		return false;
	if (bbr_max_bw(b) >= b->full_bw + b->full_bw / 4 || !b->full_bw) {
		b->full_bw = max(bbr_max_bw(b), 1ULL);
		b->full_rounds = 0;
		return false;
	}
	return ++b->full_rounds >= FULL_ROUNDS || congested;
}

static void check_startup(const struct rdg_cc *cc, struct bbr *b, const struct rdg_cc_ack *ack,
			  bool congested)
{
	congested = b->marked || (congested && b->lost >= STARTUP_LOSSES * cc->mtu);
	if (!is_full(b, ack, congested))
		return;
	b->full = true;
	if (congested)
		b->inflight_high = max(bbr_bdp(b, BBR_ONE), b->inflight_latest);
	enter(b, BBR_DRAIN);
}

/* 5.3.3.7: more than this would leave no room for flows that come. */
static u32 with_headroom(const struct rdg_cc *cc, const struct bbr *b)
{
	if (b->inflight_high == U32_MAX)
		return U32_MAX;
	return max(share(b->inflight_high, HEADROOM), rdg_cwnd_min(cc));
}

/* 5.3.3.6: as often as Reno would have lost, so as to live with it. */
static bool is_time_to_probe(const struct rdg_cc *cc, const struct bbr *b, u64 now)
{
	u32 rounds = min_t(u32, bbr_bdp(b, BBR_ONE) / cc->mtu, PROBE_ROUNDS_MAX);

	return now >= b->until || b->cycle_rounds >= max_t(u32, rounds, 2 * DOWN_ROUNDS);
}

static bool is_drained(const struct rdg_cc *cc, const struct bbr *b, const struct rdg_cc_ack *ack)
{
	return ack->flight <= min(bbr_bdp(b, BBR_ONE), with_headroom(cc, b));
}

/* 5.3.3.6: has the probe shown what it can? */
static bool is_probed(struct bbr *b, const struct rdg_cc_ack *ack)
{
	/* The bound is in the way, not the path. */
	if (ack->limited && b->inflight_high != U32_MAX && ack->prior_flight >= b->inflight_high) {
		b->full_bw = bbr_max_bw(b);
		b->full_rounds = 0;
		return false;
	}
	return b->queue && b->phase_rounds && ack->flight > bbr_bdp(b, GAIN_UP);
}

/* 5.3.3.5: while it is in the way the bound is raised, by 1, 2, 4 ... packets. */
static void raise_high(struct rdg_cc *cc, struct bbr *b, const struct rdg_cc_ack *ack)
{
	if (b->inflight_high == U32_MAX)
		return;
	b->inflight_high = max(b->inflight_high, ack->sample_flight);
	if (!b->round || ack->prior_flight + cc->mtu < share(b->inflight_high, HEADROOM))
		return;
	b->inflight_high = min_t(u64, b->inflight_high + ((u64)cc->mtu << b->grow), RDG_CWND_MAX);
	b->grow = min_t(u32, b->grow + 1, GROW_MAX);
}

/* 5.3.3.4: the probe, and not something else, has met the limit of the path. */
static void answer_probe(struct rdg_cc *cc, struct bbr *b, const struct rdg_cc_ack *ack)
{
	u32 target = min(bbr_bdp(b, BBR_ONE), cc->cwnd);

	b->probing = false;
	b->undo_high = b->inflight_high;
	if (!ack->app_limited)
		b->inflight_high = max3(ack->sample_flight, share(target, BETA), rdg_cwnd_min(cc));
	if (b->phase == BBR_UP)
		start_down(cc, ack->now);
}

/* 5.5.10.3: congestion while we do not probe comes from others: give way until
 * the next probe, but not below what is delivered.
 */
static void answer_congestion(struct rdg_cc *cc, struct bbr *b)
{
	if (b->bw_low == U64_MAX)
		b->bw_low = bbr_max_bw(b);
	if (b->inflight_low == U32_MAX)
		b->inflight_low = cc->cwnd;
	b->bw_low = max(b->bw_latest, b->bw_low * BETA / BBR_ONE);
	b->inflight_low = max(b->inflight_latest, share(b->inflight_low, BETA));
}

static void step_cycle(struct rdg_cc *cc, struct bbr *b, const struct rdg_cc_ack *ack)
{
	switch (b->phase) {
	case BBR_DOWN:
		/* Not before the last probe is evaluated, see end_round(): where a round trip is
		 * longer than the wait what it brought would be believed for ever.
		 */
		if (b->phase_rounds >= 2 && is_time_to_probe(cc, b, ack->now))
			start_refill(b, ack->now);
		else if (b->phase_rounds >= DOWN_ROUNDS && is_drained(cc, b, ack))
			enter(b, BBR_CRUISE);
		break;
	case BBR_CRUISE:
		if (is_time_to_probe(cc, b, ack->now))
			start_refill(b, ack->now);
		break;
	case BBR_REFILL:
		if (b->phase_rounds)
			start_up(b, ack->now);
		break;
	case BBR_UP:
		raise_high(cc, b, ack);
		if (is_probed(b, ack) || (b->round && is_full(b, ack, false)))
			start_down(cc, ack->now);
		break;
	}
}

static bool probe_rtt_over(struct rdg_cc *cc, struct bbr *b, const struct rdg_cc_ack *ack)
{
	if (!b->until) {
		if (ack->flight <= max(bbr_bdp(b, BBR_ONE / 2), rdg_cwnd_min(cc))) {
			b->until = ack->now + PROBE_RTT_TIME;
			b->phase_rounds = 0;
			/* Nothing that was sent to probe is on its way any more. */
			b->probing = false;
		}
		return false;
	}
	if (ack->now < b->until || b->phase_rounds < 2)
		return false;
	/* Few packets take several round trips to measure one. */
	return b->rtt_probed != U32_MAX || b->phase_rounds >= PROBE_RTT_ROUNDS_MAX;
}

static void step(struct rdg_cc *cc, struct bbr *b, const struct rdg_cc_ack *ack)
{
	if (b->probing && (b->marked || bbr_is_excessive(b, cc->mtu, ack->sample_lost,
							 ack->sample_flight)))
		answer_probe(cc, b, ack);
	switch (b->phase) {
	case BBR_STARTUP:
		break;
	case BBR_DRAIN:
		if (ack->flight <= bbr_bdp(b, BBR_ONE))
			start_down(cc, ack->now);
		break;
	case BBR_PROBE_RTT:
		if (probe_rtt_over(cc, b, ack))
			end_probe_rtt(cc, ack->now);
		return;
	default:
		step_cycle(cc, b, ack);
		break;
	}
	if (b->rtt && ack->now - b->rtt_at > BBR_RTT_LIFE)
		start_probe_rtt(cc, ack);
}

static void end_round(struct rdg_cc *cc, struct bbr *b, const struct rdg_cc_ack *ack)
{
	bool congested = bbr_model_round(b, cc->mtu, ack);

	b->phase_rounds = min_t(u32, b->phase_rounds + 1, U8_MAX);
	b->cycle_rounds = min_t(u32, b->cycle_rounds + 1, U8_MAX);
	switch (b->phase) {
	case BBR_STARTUP:
		check_startup(cc, b, ack, congested);
		return;
	case BBR_REFILL:
	case BBR_UP:
		return;
	case BBR_DOWN:
		/* The acks of what was sent to probe are in. */
		if (b->phase_rounds == 2) {
			b->probing = false;
			if (!ack->app_limited)
				bbr_model_next_cycle(b);
		}
		break;
	}
	if (congested && !b->probing)
		answer_congestion(cc, b);
}

static u32 pacing_gain(const struct bbr *b)
{
	switch (b->phase) {
	case BBR_STARTUP:
		return GAIN_STARTUP;
	case BBR_DRAIN:
		return GAIN_DRAIN;
	case BBR_DOWN:
		return GAIN_DOWN;
	case BBR_UP:
		return GAIN_UP;
	}
	return BBR_ONE;
}

/* 5.6.2 */
static void set_pacing(struct rdg_cc *cc, const struct bbr *b, u64 srtt)
{
	u64 rate = bbr_bw(b) * PACING_MARGIN / (BBR_ONE - (b->queue ? 0 : bbr_base_loss(b)));

	if (!rate && srtt)
		rate = div64_u64(cc->cwnd * (u64)NSEC_PER_SEC, srtt);
	/* 5.6.2: what had too little to send has not found the bandwidth. */
	if (!b->full && srtt)
		rate = max(rate, div64_u64(rdg_cwnd_initial(cc) * (u64)NSEC_PER_SEC, srtt));
	rate = rate * pacing_gain(b) / BBR_ONE;
	if (rate && (b->full || rate > cc->pacing))
		cc->pacing = rate;
}

/* 5.6.4.7: bounds that congestion has taught. */
static u32 bound(const struct rdg_cc *cc, const struct bbr *b)
{
	u32 high = U32_MAX;

	if (b->phase == BBR_CRUISE || b->phase == BBR_PROBE_RTT)
		high = with_headroom(cc, b);
	else if (b->phase >= BBR_DOWN)
		high = b->inflight_high;
	return max(min(high, b->inflight_low), rdg_cwnd_min(cc));
}

/* 5.6.4: twice the bandwidth-delay product, and what acks and pacing bunch. */
static u32 max_inflight(const struct rdg_cc *cc, const struct bbr *b)
{
	u64 bdp = bbr_bdp(b, b->phase == BBR_UP ? WINDOW_GAIN_UP : WINDOW_GAIN);
	u64 burst = div_u64(2 * cc->pacing, MSEC_PER_SEC);

	return min_t(u64, bdp + bbr_extra(b) + max_t(u64, burst, 3 * cc->mtu), RDG_CWND_MAX);
}

static void set_cwnd(struct rdg_cc *cc, struct bbr *b, const struct rdg_cc_ack *ack)
{
	u32 target = max_inflight(cc, b);
	u64 cwnd = cc->cwnd;

	if (b->cut && cwnd + ack->bytes >= b->saved_cwnd)
		b->cut = false;
	if (b->full)
		cwnd = min_t(u64, cwnd + ack->bytes, target);
	else if (ack->limited && (cwnd < target || ack->delivered < rdg_cwnd_initial(cc)))
		cwnd += ack->bytes;
	if (b->phase == BBR_PROBE_RTT)
		cwnd = min(cwnd, (u64)bbr_bdp(b, BBR_ONE / 2));
	cc->cwnd = max_t(u64, min_t(u64, cwnd, bound(cc, b)), rdg_cwnd_min(cc));
}

static void bbr_init(struct rdg_cc *cc, u64 now)
{
	struct bbr *b = bbr_priv(cc);

	memset(b, 0, sizeof(*b));
	bbr_model_init(b, now);
	b->inflight_high = U32_MAX;
	b->inflight_low = U32_MAX;
	b->undo_high = U32_MAX;
	enter(b, BBR_STARTUP);
	/* A window-based algorithm has found the bandwidth, and paces at five
	 * quarters of it: no need to find it again.
	 */
	if (!cc->pacing || cc->cwnd < cc->ssthresh)
		return;
	b->bw[1] = min(cc->pacing - cc->pacing / 5, BBR_BW_MAX);
	b->full = true;
	enter(b, BBR_DRAIN);
}

static void bbr_ack(struct rdg_cc *cc, const struct rdg_cc_ack *ack)
{
	struct bbr *b = bbr_priv(cc);

	bbr_model_ack(b, cc->cwnd, ack);
	if (b->round)
		end_round(cc, b, ack);
	step(cc, b, ack);
	set_pacing(cc, b, ack->srtt);
	set_cwnd(cc, b, ack);
	if (b->round)
		bbr_model_next_round(b, ack);
}

static void bbr_loss(struct rdg_cc *cc, const struct rdg_cc_loss *loss)
{
	bbr_priv(cc)->lost += loss->bytes;
}

/* RFC 3168, 6.1.2: a mark is congestion, as excessive loss is. */
static void bbr_ecn(struct rdg_cc *cc, u64 sent, u64 now)
{
	bbr_priv(cc)->marked = true;
}

/* 5.6.4.4: nothing is known of the path any more; the model is kept. */
static void bbr_silence(struct rdg_cc *cc, u64 now)
{
	struct bbr *b = bbr_priv(cc);

	if (!b->cut)
		b->saved_cwnd = cc->cwnd;
	b->cut = true;
	cc->cwnd = rdg_cwnd_min(cc);
}

static void bbr_undo(struct rdg_cc *cc)
{
	struct bbr *b = bbr_priv(cc);

	b->bw_low = U64_MAX;
	b->inflight_low = U32_MAX;
	b->inflight_high = max(b->inflight_high, b->undo_high);
	if (b->cut)
		cc->cwnd = max(cc->cwnd, b->saved_cwnd);
	b->cut = false;
}

/* 5.4.2: at the bandwidth, no faster; the queue had its time to empty. */
static void bbr_resume(struct rdg_cc *cc, u64 idle, u64 now)
{
	struct bbr *b = bbr_priv(cc);
	u64 rate = bbr_bw(b);

	b->rtt_at += min(idle, now - b->rtt_at);
	if (b->full && rate)
		cc->pacing = rate;
}

const struct rdg_cc_ops rdg_cc_bbr = {
	.name	 = "bbr",
	.init	 = bbr_init,
	.ack	 = bbr_ack,
	.loss	 = bbr_loss,
	.ecn	 = bbr_ecn,
	.silence = bbr_silence,
	.undo	 = bbr_undo,
	.resume	 = bbr_resume,
};
