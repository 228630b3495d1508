/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Congestion control: the interface, and the algorithms that there are.
 */
#ifndef _RDGRAM_CORE_CC_H
#define _RDGRAM_CORE_CC_H

#include <linux/build_bug.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/time64.h>
#include <linux/types.h>
#include "rtt.h"
#include "wire.h"

/* A window that no path needs, against overflow. */
#define RDG_CWND_MAX		(256 * 1024 * 1024)

/* Bytes of an algorithm's name, its end included: as TCP_CA_NAME_MAX. */
#define RDG_CC_NAME_MAX		16

/* Room for what an algorithm remembers of a link. */
#define RDG_CC_PRIV		192

struct rdg_cc;

/**
 * struct rdg_cc_ack - what an ack brought, and the delivery rate it shows
 *
 * The rate sample is the one of draft-ietf-ccwg-bbr, section 4.1 ("delivery
 * rate estimation"), of the newest packet that was newly acknowledged.
 *
 * @now: ns.
 * @sent: when that packet was sent; ns.
 * @rtt: its round-trip time without the ack delay; ns; 0: no sample.
 * @bytes: newly acknowledged.
 * @lost: newly counted lost with this ack.
 * @prior_flight: bytes in flight before the ack.
 * @waiting: those of them that have not left yet, about.
 * @flight: bytes in flight after it, but for those.
 * @delivered: bytes acknowledged on this link so far.
 * @prior_delivered: likewise, when that packet was sent.
 * @interval: the longer of send and ack interval of the sample; ns; 0: none.
 * @sample: bytes delivered in @interval.
 * @sample_lost: bytes lost between the sending of that packet and now.
 * @sample_flight: bytes in flight when that packet was sent, itself included.
 * @app_limited: the sample is of a time when there was too little to send.
 * @limited: the window, and nothing else, kept the sender from sending more.
 * @round: a packet-timed round trip ended with this ack.
 * @srtt: smoothed round-trip time, as rdg_rtt_lately() bounds it; ns.
 * @min_rtt: the least round-trip time so far, ns.
 */
struct rdg_cc_ack {
	u64 now;
	u64 sent;
	u64 rtt;
	u32 bytes;
	u32 lost;
	u32 prior_flight;
	u32 waiting;
	u32 flight;
	u64 delivered;
	u64 prior_delivered;
	u64 interval;
	u32 sample;
	u32 sample_lost;
	u32 sample_flight;
	bool app_limited;
	bool limited;
	bool round;
	u64 srtt;
	u64 min_rtt;
};

/**
 * struct rdg_cc_loss - packets were counted lost
 *
 * @now: ns; or when the newest packet will be sent, where that is later: what is
 *	lost of those up to then needs no other answer.
 * @sent: when the newest of them was sent; ns.
 * @bytes: how much.
 * @flight: bytes in flight, without them.
 * @largest: the largest of: bytes in flight when one of them was sent.
 * @limited: the window, and nothing else, keeps the sender from sending more.
 */
struct rdg_cc_loss {
	u64 now;
	u64 sent;
	u32 bytes;
	u32 flight;
	u32 largest;
	bool limited;
};

/**
 * struct rdg_cc_ops - an algorithm
 *
 * Called under the link's lock. Those that may be NULL say so.
 *
 * @name: for RDGRAM_CONGESTION and reports; lower case; shorter than
 *	RDG_CC_NAME_MAX.
 * @init: a link begins, or the algorithm was changed: cwnd and mtu are set.
 * @ack: packets were acknowledged; after @loss of the same ack.
 * @loss: packets were lost.
 * @ecn: the network marked packets, the newest sent at @sent; RFC 8511. @now as in
 *	struct rdg_cc_loss.
 * @silence: probes go unanswered: all that is in flight may be lost. @now likewise.
 * @undo: the last @loss or @silence was wrong: what was counted lost arrived.
 * @resume: the first packet after idle time is about to leave; @idle in ns.
 *	May be NULL.
 */
struct rdg_cc_ops {
	const char *name;
	void (*init)(struct rdg_cc *cc, u64 now);
	void (*ack)(struct rdg_cc *cc, const struct rdg_cc_ack *ack);
	void (*loss)(struct rdg_cc *cc, const struct rdg_cc_loss *loss);
	void (*ecn)(struct rdg_cc *cc, u64 sent, u64 now);
	void (*silence)(struct rdg_cc *cc, u64 now);
	void (*undo)(struct rdg_cc *cc);
	void (*resume)(struct rdg_cc *cc, u64 idle, u64 now);
};

/**
 * struct rdg_cc - congestion control of one link
 *
 * @ops: the algorithm.
 * @cwnd: bytes of UDP payload that may be in flight; written by the algorithm.
 * @ssthresh: slow start threshold in bytes; written by the algorithm.
 * @mtu: bytes of UDP payload in a full packet; written by the core.
 * @pacing: bytes of UDP payload a second; 0: not known yet, the initial
 *	window leaves at once. Written by the algorithm.
 * @rnd: randomness, for algorithms whose phases must not run in step.
 * @priv: the algorithm's.
 */
struct rdg_cc {
	const struct rdg_cc_ops *ops;
	u32 cwnd;
	u32 ssthresh;
	u32 mtu;
	u64 pacing;
	struct rnd_state *rnd;
	u64 priv[RDG_CC_PRIV / sizeof(u64)];
};

/* RFC 6928's initial window. */
static inline u32 rdg_cwnd_initial(const struct rdg_cc *cc)
{
	return 10 * cc->mtu;
}

/* The least window keeps three acks coming. */
static inline u32 rdg_cwnd_min(const struct rdg_cc *cc)
{
	return 4 * cc->mtu;
}

/* The pace of a window-based algorithm: fast enough for the window to be the
 * limit (RFC 9002, 7.7), and twice as fast where it is to double.
 */
static inline void rdg_cc_pace(struct rdg_cc *cc, u64 srtt)
{
	u64 rate = div64_u64(cc->cwnd * (u64)NSEC_PER_SEC, max_t(u64, srtt, 1));

	cc->pacing = max_t(u64, cc->cwnd < cc->ssthresh ? 2 * rate : rate + rate / 4, 1);
}

extern const struct rdg_cc_ops rdg_cc_reno;
extern const struct rdg_cc_ops rdg_cc_cubic;
extern const struct rdg_cc_ops rdg_cc_bbr;

/* cc.c */
const struct rdg_cc_ops *rdg_cc_nth(unsigned int n);
const struct rdg_cc_ops *rdg_cc_find(const char *name);
void rdg_cc_change(struct rdg_cc *cc, const struct rdg_cc_ops *ops, u64 now);

#endif /* _RDGRAM_CORE_CC_H */
