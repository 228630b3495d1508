// SPDX-License-Identifier: GPL-2.0-only
/*
 * NewReno's window as RFC 9002, section 7, has it: the simplest that is fair.
 */
#include <linux/math64.h>
#include <linux/minmax.h>
#include "cc.h"

/* A window that no path needs, against overflow. */
#define CWND_MAX	(256 * 1024 * 1024)

static void reno_init(struct rdg_cc *cc)
{
	cc->cwnd = RDG_CWND_INITIAL;
	cc->ssthresh = U32_MAX;
	cc->recovery = 0;
}

static void reno_ack(struct rdg_cc *cc, const struct rdg_cc_ack *ack)
{
	u64 cwnd = cc->cwnd;

	/* 7.8: a window that was not used says nothing about the path. */
	if (!ack->limited || ack->sent <= cc->recovery)
		return;
	if (cwnd < cc->ssthresh)
		cwnd += ack->bytes;
	else
		cwnd += div_u64((u64)RDG_PACKET_SIZE * ack->bytes, cc->cwnd);
	cc->cwnd = min_t(u64, cwnd, CWND_MAX);
}

static void reno_loss(struct rdg_cc *cc, u64 sent, u64 now)
{
	/* 7.3.2: one answer for all the losses of one round trip. */
	if (sent <= cc->recovery)
		return;
	cc->recovery = now;
	cc->cwnd = max_t(u32, cc->cwnd / 2, RDG_CWND_MIN);
	cc->ssthresh = cc->cwnd;
}

static void reno_silence(struct rdg_cc *cc)
{
	/* 7.6: the window of a path of which nothing is known any more. */
	cc->ssthresh = max_t(u32, cc->cwnd / 2, RDG_CWND_MIN);
	cc->cwnd = RDG_CWND_MIN;
}

const struct rdg_cc_ops rdg_cc_reno = {
	.name	 = "reno",
	.init	 = reno_init,
	.ack	 = reno_ack,
	.loss	 = reno_loss,
	.silence = reno_silence,
};
