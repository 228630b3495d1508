// SPDX-License-Identifier: GPL-2.0-only
/*
 * NewReno's window as RFC 9002, section 7, has it: the simplest that is fair.
 */
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/time64.h>
#include "cc.h"

/**
 * struct reno - what it remembers of a link
 *
 * @recovery: losses of packets sent before this were answered; ns.
 * @cwnd: the window before that.
 * @ssthresh: likewise.
 */
struct reno {
	u64 recovery;
	u32 cwnd;
	u32 ssthresh;
};

static struct reno *priv(struct rdg_cc *cc)
{
	BUILD_BUG_ON(sizeof(struct reno) > RDG_CC_PRIV);
	return (struct reno *)cc->priv;
}

static void reno_init(struct rdg_cc *cc, u64 now)
{
	memset(priv(cc), 0, sizeof(struct reno));
}

static void reno_ack(struct rdg_cc *cc, const struct rdg_cc_ack *ack)
{
	u64 cwnd = cc->cwnd;

	rdg_cc_pace(cc, ack->srtt);
	/* 7.8: a window that was not used says nothing about the path. */
	if (!ack->limited || ack->sent <= priv(cc)->recovery)
		return;
	if (cwnd < cc->ssthresh)
		cwnd += ack->bytes;
	else
		cwnd += div_u64((u64)cc->mtu * ack->bytes, cc->cwnd);
	cc->cwnd = min_t(u64, cwnd, RDG_CWND_MAX);
}

static void reduce(struct rdg_cc *cc, u64 now)
{
	struct reno *r = priv(cc);

	r->recovery = now;
	r->cwnd = cc->cwnd;
	r->ssthresh = cc->ssthresh;
	cc->cwnd = max(cc->cwnd / 2, rdg_cwnd_min(cc));
	cc->ssthresh = cc->cwnd;
}

static void reno_loss(struct rdg_cc *cc, const struct rdg_cc_loss *loss)
{
	/* 7.3.2: one answer for all the losses of one round trip. */
	if (loss->sent > priv(cc)->recovery)
		reduce(cc, loss->now);
}

/* RFC 3168, 6.1.2: a mark is answered as a loss. */
static void reno_ecn(struct rdg_cc *cc, u64 sent, u64 now)
{
	if (sent <= priv(cc)->recovery)
		return;
	reduce(cc, now);
	/* No packet that comes late takes that back. */
	priv(cc)->cwnd = 0;
}

static void reno_silence(struct rdg_cc *cc, u64 now)
{
	reduce(cc, now);
	/* 7.6: the window of a path of which nothing is known any more. */
	cc->cwnd = rdg_cwnd_min(cc);
}

static void reno_undo(struct rdg_cc *cc)
{
	struct reno *r = priv(cc);

	if (!r->cwnd)
		return;
	cc->cwnd = max(cc->cwnd, r->cwnd);
	cc->ssthresh = max(cc->ssthresh, r->ssthresh);
	r->cwnd = 0;
	r->recovery = 0;
}

const struct rdg_cc_ops rdg_cc_reno = {
	.name	 = "reno",
	.init	 = reno_init,
	.ack	 = reno_ack,
	.loss	 = reno_loss,
	.ecn	 = reno_ecn,
	.silence = reno_silence,
	.undo	 = reno_undo,
};
