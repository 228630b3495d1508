// SPDX-License-Identifier: GPL-2.0-only
/*
 * BBR's model of the path: bandwidth, round-trip time, and how much loss is
 * there whatever we do.
 *
 * Round-trip time
 *
 * The least sample misleads where packets overtake each other: the newest one
 * acknowledged is one that was quick, the mean one is in flight several times
 * as long, and a window of twice the bandwidth-delay product of the quick one
 * would starve the flow. So a round trip is measured by Little's law: bytes in
 * flight, summed over time, by bytes that left. That is the mean time for which
 * a byte fills the window, the time to find losses included. Without jitter and
 * loss it is the round-trip time. The least of these means is believed for five
 * seconds, and as long as others come within a 64th of it: a path that is known to
 * have no queue need not be drained to see that.
 *
 * Loss
 *
 * BBRv3 takes more than 2 % of loss as congestion, and starves on a path that
 * loses more than that at any rate. What tells the two apart is whether the
 * loss depends on our rate. So the share of bytes lost is measured while we
 * send less than the path can carry and its queue is empty (BBR_DOWN at nine
 * tenths of the bandwidth, from its second round trip on; BBR_PROBE_RTT): the
 * *base loss*, which a slower sender would suffer just as well. A policer's loss
 * goes away at nine tenths of its rate, that of a queue when it is empty: neither
 * gets into it.
 *
 * Loss is *excessive*, and is answered as BBRv3 answers loss, where it exceeds
 * the base loss by 2 % of what was sent, by a packet, and by three standard
 * deviations of what the base loss may come to by chance, both here and where it
 * was measured.
 */
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/time64.h>
#include "cc_bbr.h"

/* BBRv3's threshold: BBR.LossThresh, 2 %. */
#define LOSS_SHARE		20

/* More loss than this is never taken for the path's normal state: 12.5 %. */
#define BASE_LOSS_MAX		(BBR_ONE / 8)

/* With so many packets or fewer the base loss is hardly known. */
#define BASE_LOSS_PACKETS	64

/* It is the mean of so many packets: a deviation of 1.5 % where 10 % are lost. */
#define BASE_LOSS_WINDOW	512

/* Loss is compared with it over so many packets, to tell it from chance. */
#define LOSS_WINDOW		128

/* The round-trip time is the mean of so many packets at least. */
#define RTT_PACKETS		16

/* Whether there is a queue, by the mean of so many. */
#define SMOOTH_PACKETS		64u

/* No round trip is longer; us. */
#define RTT_MAX			(10 * USEC_PER_SEC)

/* Time without acks that may be an idle sender, as well as a silent path. */
#define AREA_MAX		NSEC_PER_SEC

/* The aggregation filter is turned every so many round trips. */
#define EXTRA_ROUNDS		5

/**
 * bbr_model_init - nothing is known of the path
 * @b: BBR, zeroed
 * @now: ns
 */
void bbr_model_init(struct bbr *b, u64 now)
{
	b->bw_low = U64_MAX;
	b->rtt_least = U32_MAX;
	b->quickest = U32_MAX;
	b->at = now;
	b->rtt_at = now;
	b->extra_at = now;
}

/**
 * bbr_max_bw - the most that the path delivered lately
 * @b: BBR
 *
 * Return: bytes/s; 0: not known yet.
 */
u64 bbr_max_bw(const struct bbr *b)
{
	return max(b->bw[0], b->bw[1]);
}

/**
 * bbr_bw - what the path delivers, congestion considered
 * @b: BBR
 *
 * Return: bytes/s; 0: not known yet.
 */
u64 bbr_bw(const struct bbr *b)
{
	return min(bbr_max_bw(b), b->bw_low);
}

/**
 * bbr_base_loss - the share of bytes that is lost whatever we do
 * @b: BBR
 *
 * Return: of BBR_ONE.
 */
u32 bbr_base_loss(const struct bbr *b)
{
	u64 all = b->calm_all + BASE_LOSS_PACKETS * RDG_PACKET_SIZE;

	return min_t(u64, div64_u64((u64)b->calm_lost * BBR_ONE, all), BASE_LOSS_MAX);
}

/**
 * bbr_bdp - the bandwidth-delay product
 * @b: BBR
 * @gain: times this, of BBR_ONE
 *
 * Return: bytes; U32_MAX: not known yet.
 */
u32 bbr_bdp(const struct bbr *b, u32 gain)
{
	u64 bdp = div_u64(bbr_bw(b) * b->rtt, USEC_PER_SEC);

	if (!bdp)
		return U32_MAX;
	return min_t(u64, bdp * gain / BBR_ONE, RDG_CWND_MAX);
}

/**
 * bbr_extra - how far acks run ahead of the bandwidth, when they come together
 * @b: BBR
 *
 * Return: bytes.
 */
u32 bbr_extra(const struct bbr *b)
{
	return max(b->extra[0], b->extra[1]);
}

/**
 * bbr_is_excessive - is that more loss than we would have at a lower rate?
 * @b: BBR
 * @mtu: bytes in a full packet
 * @lost: bytes lost
 * @all: out of so many
 *
 * Return: true if it is.
 */
bool bbr_is_excessive(const struct bbr *b, u32 mtu, u64 lost, u64 all)
{
	u64 base = b->queue ? 0 : bbr_base_loss(b);
	u64 allowed = all * (base + LOSS_SHARE) / BBR_ONE + mtu;
	u64 excess = lost > allowed ? lost - allowed : 0;
	/* Of the binomial distribution; in bytes, squared. */
	u64 variance = all * base / BBR_ONE * (BBR_ONE - base) / BBR_ONE * mtu;
	/* What the base loss was measured with is no more than a sample, too. */
	u64 known = b->calm_all + BASE_LOSS_PACKETS * RDG_PACKET_SIZE;

	variance += variance / BBR_ONE * div64_u64(all * BBR_ONE, known);
	return excess && excess * excess > 9 * variance;
}

/* draft, 5.5.9: how much more is acknowledged than the bandwidth would have. */
static void update_extra(struct bbr *b, u32 cwnd, const struct rdg_cc_ack *ack)
{
	u64 ns = min_t(u64, ack->now - b->extra_at, NSEC_PER_SEC);
	u64 expected = div_u64(bbr_bw(b) * ns, NSEC_PER_SEC);

	if (b->extra_sum <= expected || ns == NSEC_PER_SEC) {
		b->extra_sum = 0;
		b->extra_at = ack->now;
		expected = 0;
	}
	b->extra_sum += ack->bytes;
	b->extra[1] = max_t(u32, b->extra[1], min_t(u64, b->extra_sum - expected, cwnd));
}

static void update_bw(struct bbr *b, const struct rdg_cc_ack *ack)
{
	u64 bw;

	if (!ack->interval || !ack->sample)
		return;
	bw = div64_u64((u64)ack->sample * NSEC_PER_SEC, ack->interval);
	bw = min_t(u64, bw, BBR_BW_MAX);
	b->bw_latest = max(b->bw_latest, bw);
	b->inflight_latest = max(b->inflight_latest, ack->sample);
	/* What had too little to send shows too little, but not too much. */
	if (!ack->app_limited || bw > bbr_max_bw(b))
		b->bw[1] = max(b->bw[1], bw);
}

/* A packet that was sent in this round trip is acknowledged, and as much as was
 * in flight when it began has left. Where some packets overtake all others the
 * first alone would make a round trip of a small part of the window.
 */
static bool is_round(const struct bbr *b, const struct rdg_cc_ack *ack)
{
	return (s32)((u32)ack->prior_delivered - b->delivered) >= 0 &&
	       b->acked + b->lost >= b->flight;
}

/**
 * bbr_model_ack - take what an ack shows
 * @b: BBR
 * @cwnd: the window; bytes
 * @ack: the ack
 */
void bbr_model_ack(struct bbr *b, u32 cwnd, const struct rdg_cc_ack *ack)
{
	u64 from = b->at;

	/* All was acknowledged before this was sent: nothing was in flight. */
	if (ack->prior_flight == ack->bytes)
		from = max(from, ack->sent);
	b->area += min_t(u64, ack->now - from, AREA_MAX) *
		   (ack->prior_flight - min(ack->prior_flight, ack->waiting));
	b->at = ack->now;
	b->acked += ack->bytes;
	if (ack->rtt)
		b->quickest = min_t(u64, b->quickest, div_u64(ack->rtt, NSEC_PER_USEC));
	update_bw(b, ack);
	update_extra(b, cwnd, ack);
	/* The link may have delivered much before it was ours. */
	if (!b->begun)
		b->delivered = ack->prior_delivered;
	b->begun = true;
	b->round = is_round(b, ack);
}

/* Little's law: for how long a byte is in flight. What came and what left is
 * not the same where the window grows: take the mean.
 */
static u64 mean_time(const struct bbr *b, u32 flight)
{
	u64 twice = 2 * (u64)b->left + flight;

	return div64_u64(2 * b->area, max_t(u64, twice > b->from ? twice - b->from : b->left, 1));
}

static u32 smooth(u32 old, u32 new, u32 packets)
{
	return div_u64((u64)old * (SMOOTH_PACKETS - packets) + (u64)new * packets,
		       SMOOTH_PACKETS);
}

static void update_rtt(struct bbr *b, u32 mtu, const struct rdg_cc_ack *ack)
{
	u32 rtt, least;

	b->left += b->acked;
	if (b->left < RTT_PACKETS * mtu)
		return;
	least = clamp_t(u64, div_u64(ack->min_rtt, NSEC_PER_USEC), 1, RTT_MAX);
	/* Where the window grew by leaps the mean is a rough one. */
	rtt = clamp_t(u64, div_u64(mean_time(b, ack->flight), NSEC_PER_USEC), least, RTT_MAX);
	if (!b->rtt_smoothed)
		b->rtt_smoothed = rtt;
	b->rtt_smoothed = smooth(b->rtt_smoothed, rtt, min(b->left / mtu, SMOOTH_PACKETS));
	/* A queue delays all of them. What some were spared is not a queue, but
	 * jitter, or the time that acks and losses take.
	 */
	b->queue = b->rtt_smoothed > (u64)b->rtt_least * 6 / 5 &&
		   b->quickest >= (u64)b->rtt_least * 2 / 3 &&
		   b->quickest > (u64)least * 17 / 16;
	/* A mean over a time in which the window shrank is of before. */
	if (!b->rtt || ack->flight + b->left / 8 >= b->from) {
		if (b->full)
			b->rtt_least = min(b->rtt_least, b->rtt_smoothed);
		if (b->phase == BBR_PROBE_RTT && b->phase_rounds)
			b->rtt_probed = min(b->rtt_probed, rtt);
		if (!b->rtt || rtt <= b->rtt)
			b->rtt = rtt;
		/* As good as the least: there is no queue to be emptied. */
		if (rtt <= b->rtt + b->rtt / 64)
			b->rtt_at = ack->now;
	}
	b->area = 0;
	b->left = 0;
	b->quickest = U32_MAX;
	b->from = ack->flight;
}

/* Is this the time to look for loss that is not ours? */
static bool is_calm(const struct bbr *b)
{
	/* Beside a queue some of it may be ours. To take it where it is little would
	 * make the mean too low.
	 */
	if (b->queue)
		return false;
	switch (b->phase) {
	case BBR_DOWN:
	case BBR_PROBE_RTT:
		/* The first round trip tells of packets sent before. */
		return b->phase_rounds;
	case BBR_CRUISE:
		return b->bw_low < bbr_max_bw(b) - bbr_max_bw(b) / 10;
	}
	return false;
}

static void update_loss(struct bbr *b)
{
	if (!is_calm(b))
		return;
	b->calm_lost += b->lost;
	b->calm_all += b->acked + b->lost;
	/* What comes to be known later must not weigh less and less. */
	if (b->calm_all > BASE_LOSS_WINDOW * RDG_PACKET_SIZE) {
		b->calm_lost /= 2;
		b->calm_all /= 2;
	}
}

/**
 * bbr_model_round - a round trip is over
 * @b: BBR
 * @mtu: bytes in a full packet
 * @ack: the ack that ended it; bbr_model_ack() has taken it
 *
 * bbr_model_next_round() is to follow.
 * Return: true if it met congestion: excessive loss, or a mark.
 */
bool bbr_model_round(struct bbr *b, u32 mtu, const struct rdg_cc_ack *ack)
{
	bool congested;

	update_rtt(b, mtu, ack);
	update_loss(b);
	b->pool_lost += b->lost;
	b->pool_all += b->acked + b->lost;
	congested = b->marked || bbr_is_excessive(b, mtu, b->pool_lost, b->pool_all);
	if (congested || b->pool_all > LOSS_WINDOW * mtu) {
		b->pool_lost = 0;
		b->pool_all = 0;
	}
	if (!(++b->rounds % EXTRA_ROUNDS)) {
		b->extra[0] = b->extra[1];
		b->extra[1] = 0;
	}
	return congested;
}

/**
 * bbr_model_next_round - the next round trip begins
 * @b: BBR
 * @ack: the ack that ended the last one
 */
void bbr_model_next_round(struct bbr *b, const struct rdg_cc_ack *ack)
{
	b->flight = ack->flight;
	b->delivered = ack->delivered;
	b->acked = 0;
	b->lost = 0;
	b->bw_latest = 0;
	b->inflight_latest = 0;
	b->marked = false;
}

/**
 * bbr_model_next_cycle - what a probe could show has been seen
 * @b: BBR
 *
 * The bandwidth is the most of two cycles: one probe may fail by bad luck.
 */
void bbr_model_next_cycle(struct bbr *b)
{
	/* What is not confirmed fades. */
	b->calm_lost /= 2;
	b->calm_all /= 2;
	if (!b->bw[1])
		return;
	b->bw[0] = b->bw[1];
	b->bw[1] = 0;
}
