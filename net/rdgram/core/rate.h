/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Delivery rate: how fast the path carries what we send
 * (draft-ietf-ccwg-bbr, section 4.1).
 */
#ifndef _RDGRAM_CORE_RATE_H
#define _RDGRAM_CORE_RATE_H

#include <linux/types.h>
#include "cc.h"
#include "ledger.h"

/**
 * struct rdg_rate - what is known of the delivery rate
 *
 * @delivered: bytes acknowledged on this link.
 * @delivered_at: when that was counted last; ns.
 * @first_sent: when the packet was sent with which the next sample begins; ns.
 * @lost: bytes counted lost on this link.
 * @app_limited: once @delivered has passed it, samples are of a full pipe
 *	again; 0: they are.
 * @round_end: once a packet is acknowledged that was sent when so much was
 *	delivered, a round trip is over.
 */
struct rdg_rate {
	u64 delivered;
	u64 delivered_at;
	u64 first_sent;
	u64 lost;
	u64 app_limited;
	u64 round_end;
};

void rdg_rate_init(struct rdg_rate *r);
void rdg_rate_sent(struct rdg_rate *r, const struct rdg_ledger *g, struct rdg_sent *s);
void rdg_rate_acked(struct rdg_rate *r, u32 bytes, u64 now);
void rdg_rate_sample(struct rdg_rate *r, const struct rdg_sent *s, u64 min_rtt,
		     struct rdg_cc_ack *ack);
void rdg_rate_app_limited(struct rdg_rate *r, u32 flight);

#endif /* _RDGRAM_CORE_RATE_H */
