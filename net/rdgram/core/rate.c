// SPDX-License-Identifier: GPL-2.0-only
/*
 * Delivery rate, see rate.h.
 *
 * A packet remembers how much was delivered when it was sent. When it is
 * acknowledged, the difference was delivered in the longer of two times: in
 * which that much was sent, and in which it was acknowledged. The shorter one
 * may be a burst that says nothing about the path.
 */
#include <linux/math64.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include "rate.h"

/* Times before a packet, as its ledger entry keeps them: 64 ns in 32 bits. */
#define UNIT_SHIFT	6

/**
 * rdg_rate_init - nothing was sent
 * @r: the estimator
 */
void rdg_rate_init(struct rdg_rate *r)
{
	memset(r, 0, sizeof(*r));
}

static u32 to_units(u64 ns)
{
	return min_t(u64, ns >> UNIT_SHIFT, U32_MAX);
}

/**
 * rdg_rate_sent - a packet is sent
 * @r: the estimator
 * @g: the ledger, with the packet
 * @s: the packet's entry: its time and size are set
 */
void rdg_rate_sent(struct rdg_rate *r, const struct rdg_ledger *g, struct rdg_sent *s)
{
	/* 4.1.2.2: nothing else is in flight, so both intervals begin now. */
	if (g->bytes == s->size) {
		r->first_sent = s->time;
		r->delivered_at = s->time;
	}
	s->delivered = r->delivered;
	s->since_delivered = to_units(s->time - r->delivered_at);
	s->since_first = to_units(s->time - r->first_sent);
	s->flight = g->bytes;
	s->lost = r->lost;
	s->app_limited = !!r->app_limited;
}

/**
 * rdg_rate_acked - a packet was acknowledged
 * @r: the estimator
 * @bytes: its size
 * @now: ns
 */
void rdg_rate_acked(struct rdg_rate *r, u32 bytes, u64 now)
{
	r->delivered += bytes;
	r->delivered_at = now;
}

/**
 * rdg_rate_sample - what an ack says about the rate
 * @r: the estimator; all packets that the ack brings were counted
 * @s: the newest of these packets
 * @min_rtt: the least round-trip time so far; ns
 * @ack: gets the sample; its @now is set
 */
void rdg_rate_sample(struct rdg_rate *r, const struct rdg_sent *s, u64 min_rtt,
		     struct rdg_cc_ack *ack)
{
	u64 send = (u64)s->since_first << UNIT_SHIFT;
	u64 acked = ack->now - s->time + ((u64)s->since_delivered << UNIT_SHIFT);

	if (r->app_limited && r->delivered > r->app_limited)
		r->app_limited = 0;
	ack->delivered = r->delivered;
	/* 32 bits are enough for what can have been delivered meanwhile. */
	ack->prior_delivered = r->delivered - (u32)((u32)r->delivered - s->delivered);
	ack->sample = r->delivered - ack->prior_delivered;
	/* Less where what was counted lost arrived after all. */
	ack->sample_lost = max_t(s32, (u32)r->lost - s->lost, 0);
	ack->sample_flight = s->flight;
	ack->app_limited = s->app_limited;
	ack->interval = max(send, acked);
	/* 4.1.2.3: faster than light is a flaw of the measurement. */
	if (ack->interval < min_rtt || s->since_delivered == U32_MAX)
		ack->interval = 0;
	ack->round = ack->prior_delivered >= r->round_end;
	if (ack->round)
		r->round_end = r->delivered;
	r->first_sent = max(r->first_sent, s->time);
}

/**
 * rdg_rate_app_limited - there is room in the window, and nothing to send
 * @r: the estimator
 * @flight: bytes in flight
 */
void rdg_rate_app_limited(struct rdg_rate *r, u32 flight)
{
	r->app_limited = max_t(u64, r->delivered + flight, 1);
}
