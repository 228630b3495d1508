/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Round-trip time, the probe timeout made of it, and its backoff.
 */
#ifndef _RDGRAM_CORE_RTT_H
#define _RDGRAM_CORE_RTT_H

#include <linux/prandom.h>
#include <linux/time64.h>
#include <linux/types.h>

/* The probe timeout while nothing has been measured. */
#define RDG_PTO_INITIAL		(250 * NSEC_PER_MSEC)

/* A silent peer is asked at least this often where few peers are silent: what a
 * cut costs once it heals.
 */
#define RDG_PTO_MAX		(900 * NSEC_PER_MSEC)

/* RFC 9002, 6.1.2, kGranularity. */
#define RDG_GRANULARITY		NSEC_PER_MSEC

/**
 * struct rdg_rtt - what is known of the round-trip time; all times in ns
 *
 * @latest: the latest sample.
 * @adjusted: the latest sample, without the time that the ack was held back.
 * @smoothed: RFC 6298's SRTT; 0 before the first sample.
 * @variance: RFC 6298's RTTVAR.
 * @min: the least sample.
 */
struct rdg_rtt {
	u64 latest;
	u64 adjusted;
	u64 smoothed;
	u64 variance;
	u64 min;
};

void rdg_rtt_init(struct rdg_rtt *r);
void rdg_rtt_sample(struct rdg_rtt *r, u64 sample, u64 delay);
u64 rdg_rtt_ack_delay(const struct rdg_rtt *r);
u64 rdg_rtt_pto(const struct rdg_rtt *r);
u64 rdg_rtt_lately(const struct rdg_rtt *r);
u64 rdg_rtt_backoff(const struct rdg_rtt *r, u32 times, u64 least, struct rnd_state *rnd);

#endif /* _RDGRAM_CORE_RTT_H */
