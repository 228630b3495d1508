/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * BBR: what its two halves know of each other. cc_bbr_model.c measures the
 * path, cc_bbr.c decides what to send.
 */
#ifndef _RDGRAM_CORE_CC_BBR_H
#define _RDGRAM_CORE_CC_BBR_H

#include <linux/types.h>
#include "cc.h"

/* Shares are numbers of 1024. */
#define BBR_ONE			1024

/* What no path delivers, against overflow: 100 Gbit/s. */
#define BBR_BW_MAX		12500000000ULL

/* The least measured round trip is believed for so long; ns. */
#define BBR_RTT_LIFE		(5 * NSEC_PER_SEC)

/**
 * enum bbr_phase - what the rate is for at the moment (draft-ietf-ccwg-bbr, 5.3)
 *
 * @BBR_STARTUP: find the bandwidth, doubling.
 * @BBR_DRAIN: send off the queue that this made.
 * @BBR_DOWN: a little slower than the path: its queue empties, and the loss
 *	that is left is not ours.
 * @BBR_CRUISE: as fast as the path.
 * @BBR_REFILL: likewise, so that the pipe is full before it is probed.
 * @BBR_UP: faster: is there more?
 * @BBR_PROBE_RTT: little in flight: how long is the way without a queue?
 */
enum bbr_phase {
	BBR_STARTUP,
	BBR_DRAIN,
	BBR_DOWN,
	BBR_CRUISE,
	BBR_REFILL,
	BBR_UP,
	BBR_PROBE_RTT,
};

/**
 * struct bbr - what BBR remembers of a link
 *
 * The model
 * @bw: the most that was delivered in this cycle of probing, and in the one
 *	before it; bytes/s.
 * @bw_latest: the most in this round trip.
 * @bw_low: what congestion has taken the bandwidth down to; U64_MAX: nothing.
 * @area: bytes in flight, summed over the nanoseconds of this round trip, or
 *	of more where they are small.
 * @at: up to when @area goes: the last ack; ns.
 * @rtt_at: when @rtt was confirmed; ns.
 * @extra_at: since when @extra_sum is summed up; ns.
 * @left: bytes that were acknowledged or lost meanwhile.
 * @from: bytes in flight when that began.
 * @quickest: the least round-trip time of a packet meanwhile; us.
 * @rtt: how long a byte is in flight where there is no queue; us; 0: unknown.
 * @rtt_probed: the least that was seen in BBR_PROBE_RTT; us.
 * @rtt_smoothed: what it is with the queue that there is, smoothed; us.
 * @rtt_least: the least of @rtt_smoothed, of long; us.
 * @extra_sum: bytes acknowledged since @extra_at.
 * @extra: the most that acks ran ahead of the bandwidth, in this and the last
 *	five round trips; bytes.
 * @flight: bytes in flight when this round trip began.
 * @delivered: bytes delivered until then, modulo 2^32.
 * @acked: bytes acknowledged in this round trip.
 * @lost: bytes lost in it.
 * @pool_lost: bytes lost lately, up to a number that means something.
 * @pool_all: bytes acknowledged or lost meanwhile.
 * @calm_lost: bytes lost in calm round trips.
 * @calm_all: bytes acknowledged or lost in them.
 * @rounds: round trips, for what is done every so often.
 *
 * What to send
 * @until: when the next probe begins, or BBR_PROBE_RTT may end; ns; 0: flight
 *	has yet to fall.
 * @full_bw: the bandwidth that has to be exceeded to be growing; bytes/s.
 * @inflight_high: more in flight than this meets congestion; U32_MAX: unknown.
 * @inflight_low: likewise, for the time until the next probe.
 * @inflight_latest: the most that was delivered by one sample of this round.
 * @saved_cwnd: cwnd before it was cut for a while.
 * @undo_high: @inflight_high before the last answer to congestion.
 * @phase_rounds: round trips that ended in this phase.
 * @cycle_rounds: likewise in this cycle.
 * @phase: enum bbr_phase.
 * @full_rounds: round trips in a row in which the bandwidth did not grow.
 * @grow: @inflight_high grows by so many doubled packets with the next round.
 * @full: the bandwidth was found.
 * @probing: acks tell of packets that were sent to probe.
 * @marked: a mark came in this round trip.
 * @round: this ack ends a round trip.
 * @queue: in the last round trip there was a queue.
 * @cut: the window was cut by silence and grows back.
 * @begun: @delivered is known.
 * @cut_short: BBR_PROBE_RTT came before the probe for bandwidth was over.
 */
struct bbr {
	u64 bw[2];
	u64 bw_latest;
	u64 bw_low;
	u64 area;
	u64 at;
	u64 rtt_at;
	u64 extra_at;
	u32 left;
	u32 from;
	u32 quickest;
	u32 rtt;
	u32 rtt_probed;
	u32 rtt_least;
	u32 rtt_smoothed;
	u32 extra_sum;
	u32 extra[2];
	u32 flight;
	u32 delivered;
	u32 acked;
	u32 lost;
	u32 pool_lost;
	u32 pool_all;
	u32 calm_lost;
	u32 calm_all;
	u8 rounds;

	u8 phase;
	u8 full_rounds;
	u8 grow;
	u64 until;
	u64 full_bw;
	u32 inflight_high;
	u32 inflight_low;
	u32 inflight_latest;
	u32 saved_cwnd;
	u32 undo_high;
	u8 phase_rounds;
	u8 cycle_rounds;
	bool full : 1;
	bool probing : 1;
	bool marked : 1;
	bool cut : 1;
	bool queue : 1;
	bool round : 1;
	bool begun : 1;
	bool cut_short : 1;
};

static inline struct bbr *bbr_priv(struct rdg_cc *cc)
{
	BUILD_BUG_ON(sizeof(struct bbr) > RDG_CC_PRIV);
	return (struct bbr *)cc->priv;
}

void bbr_model_init(struct bbr *b, u64 now);
u64 bbr_bw(const struct bbr *b);
u64 bbr_max_bw(const struct bbr *b);
u32 bbr_base_loss(const struct bbr *b);
u32 bbr_bdp(const struct bbr *b, u32 gain);
u32 bbr_extra(const struct bbr *b);
bool bbr_is_excessive(const struct bbr *b, u32 mtu, u64 lost, u64 all);
void bbr_model_ack(struct bbr *b, u32 cwnd, const struct rdg_cc_ack *ack);
bool bbr_model_round(struct bbr *b, u32 mtu, const struct rdg_cc_ack *ack);
void bbr_model_next_round(struct bbr *b, const struct rdg_cc_ack *ack);
void bbr_model_next_cycle(struct bbr *b);

#endif /* _RDGRAM_CORE_CC_BBR_H */
