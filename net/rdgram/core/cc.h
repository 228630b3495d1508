/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Congestion control: the interface, and the algorithms that there are.
 */
#ifndef _RDGRAM_CORE_CC_H
#define _RDGRAM_CORE_CC_H

#include <linux/types.h>
#include "rtt.h"
#include "wire.h"

/* RFC 6928's initial window; the least window keeps three acks coming. */
#define RDG_CWND_INITIAL	(10 * RDG_PACKET_SIZE)
#define RDG_CWND_MIN		(4 * RDG_PACKET_SIZE)

struct rdg_cc_ops;

/**
 * struct rdg_cc - congestion control of one link
 *
 * @ops: the algorithm.
 * @cwnd: congestion window in bytes of UDP payload; written by the algorithm.
 * @ssthresh: slow start threshold in bytes; written by the algorithm.
 * @recovery: packets sent before it belong to a loss that was answered; ns.
 * @priv: for the algorithm.
 */
struct rdg_cc {
	const struct rdg_cc_ops *ops;
	u32 cwnd;
	u32 ssthresh;
	u64 recovery;
	u64 priv[4];
};

/**
 * struct rdg_cc_ack - what an ack brought
 *
 * @now: ns.
 * @bytes: newly acknowledged.
 * @sent: when the newest packet among them was sent; ns.
 * @limited: the window was what kept the sender from sending more.
 * @rtt: with the newest sample.
 */
struct rdg_cc_ack {
	u64 now;
	u64 sent;
	u32 bytes;
	bool limited;
	const struct rdg_rtt *rtt;
};

/**
 * struct rdg_cc_ops - an algorithm
 *
 * @name: for options and reports.
 * @init: a link begins.
 * @ack: packets were acknowledged.
 * @loss: packets were lost, the newest of them sent at @sent.
 * @silence: probes go unanswered: all that is in flight may be lost.
 */
struct rdg_cc_ops {
	const char *name;
	void (*init)(struct rdg_cc *cc);
	void (*ack)(struct rdg_cc *cc, const struct rdg_cc_ack *ack);
	void (*loss)(struct rdg_cc *cc, u64 sent, u64 now);
	void (*silence)(struct rdg_cc *cc);
};

extern const struct rdg_cc_ops rdg_cc_reno;

#endif /* _RDGRAM_CORE_CC_H */
