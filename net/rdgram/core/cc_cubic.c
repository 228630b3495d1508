// SPDX-License-Identifier: GPL-2.0-only
/*
 * CUBIC (RFC 9438), with HyStart++.
 *
 * The window in bytes, where the RFC counts segments; times since the epoch in
 * units of 2^-14 s, so that the cube of two minutes fits into 63 bits.
 */
#include <linux/bits.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include "cc.h"
#include "cubic.h"
#include "hystart.h"

/* beta_cubic, and what a mark is answered with (RFC 8511, 3; RFC 9438, 4.6). */
#define BETA		70
#define BETA_ECN	85

/* Fractions of a byte, so that small growth is not lost. */
#define FRACTION	10

/* More than any ack brings, against overflow. */
#define BYTES_MAX	(16 * 1024 * 1024)

/* The window is halved for each such time that nothing was sent; ns. */
#define IDLE_HALVES	(10 * NSEC_PER_SEC)

/**
 * struct curve - all that a spurious loss must not change (RFC 9438, 4.9)
 *
 * @epoch: t_epoch: when congestion avoidance began, without the times in which
 *	the window was not the limit; ns; 0: it begins with the next ack.
 * @est: W_est, in 2^-10 bytes.
 * @cwnd: the window.
 * @ssthresh: the threshold.
 * @w_max: W_max; 0: there is none.
 * @prior: cwnd_prior.
 * @k: K, in 2^-14 s.
 */
struct curve {
	u64 epoch;
	u64 est;
	u32 cwnd;
	u32 ssthresh;
	u32 w_max;
	u32 prior;
	u32 k;
};

/**
 * struct cubic - what it remembers of a link
 *
 * @now: the curve; its @cwnd and @ssthresh are not used.
 * @saved: the curve before the last loss; its @cwnd is 0 where none is left to
 *	be undone.
 * @hystart: slow start.
 * @recovery: losses of packets sent before this were answered; ns.
 * @seen: when the last ack came; ns.
 * @rest: of the window, in 2^-10 bytes.
 * @stood: since @seen nothing could be sent.
 */
struct cubic {
	struct curve now;
	struct curve saved;
	struct rdg_hystart hystart;
	u64 recovery;
	u64 seen;
	u32 rest;
	bool stood;
};

static struct cubic *priv(struct rdg_cc *cc)
{
	BUILD_BUG_ON(sizeof(struct cubic) > RDG_CC_PRIV);
	return (struct cubic *)cc->priv;
}

static void cubic_init(struct rdg_cc *cc, u64 now)
{
	struct cubic *c = priv(cc);

	memset(c, 0, sizeof(*c));
	rdg_hystart_init(&c->hystart);
	c->seen = now;
}

static void slow_start(struct rdg_cc *cc, const struct rdg_cc_ack *ack)
{
	struct cubic *c = priv(cc);
	u32 growth = ack->bytes;

	/* Who does not fill the window makes no queue that would say anything of it. */
	if (!ack->limited)
		return;
	/* RFC 9406, 4.3: only before the first loss. */
	if (cc->ssthresh == U32_MAX) {
		if (rdg_hystart_ack(&c->hystart, ack->rtt, ack->round) == RDG_HYSTART_DONE)
			cc->ssthresh = cc->cwnd;
		growth = rdg_hystart_growth(&c->hystart, growth);
	}
	if (cc->cwnd < cc->ssthresh)
		cc->cwnd = min_t(u64, (u64)cc->cwnd + growth, RDG_CWND_MAX);
}

/* 4.2: congestion avoidance begins. */
static void begin_epoch(struct rdg_cc *cc, u64 now)
{
	struct curve *v = &priv(cc)->now;

	v->epoch = now;
	v->est = (u64)cc->cwnd << FRACTION;
	if (v->w_max > cc->cwnd) {
		v->k = rdg_cubic_k(v->w_max - cc->cwnd, cc->mtu);
	} else {
		v->w_max = cc->cwnd;
		v->k = 0;
	}
}

/* 4.3: what Reno would have. */
static void estimate(struct rdg_cc *cc, u32 bytes)
{
	struct curve *v = &priv(cc)->now;
	u64 step = div_u64((u64)cc->mtu * bytes << FRACTION, cc->cwnd);

	/* alpha = 3 (1 - beta) / (1 + beta) until the loss has been made up for. */
	if (v->est < (u64)v->prior << FRACTION)
		step = step * 9 / 17;
	v->est = min_t(u64, v->est + step, (u64)RDG_CWND_MAX << FRACTION);
}

/* 4.4, 4.5: (target - cwnd) / cwnd for each segment acknowledged. */
static void grow_to(struct rdg_cc *cc, u32 target, u32 bytes)
{
	struct cubic *c = priv(cc);
	u32 part = min3(bytes, cc->cwnd, (u32)BYTES_MAX);
	u64 step = div_u64((u64)(target - cc->cwnd) * part << FRACTION, cc->cwnd);

	step += c->rest;
	c->rest = step & (BIT(FRACTION) - 1);
	cc->cwnd += step >> FRACTION;
}

static void avoid_congestion(struct rdg_cc *cc, const struct rdg_cc_ack *ack)
{
	struct curve *v = &priv(cc)->now;
	u32 target;
	u64 t;

	if (!v->epoch)
		begin_epoch(cc, ack->now);
	t = ack->now - v->epoch;
	estimate(cc, ack->bytes);
	if (rdg_cubic_window(t, v->k, v->w_max, cc->mtu) < v->est >> FRACTION) {
		cc->cwnd = max_t(u64, cc->cwnd, v->est >> FRACTION);
		return;
	}
	target = rdg_cubic_window(t + ack->srtt, v->k, v->w_max, cc->mtu);
	target = min_t(u64, target, cc->cwnd + cc->cwnd / 2);
	if (target > cc->cwnd)
		grow_to(cc, target, ack->bytes);
}

/* 4.2: time in which the window was not the limit does not count. */
static void pause(struct rdg_cc *cc, u64 now)
{
	struct cubic *c = priv(cc);

	if (c->now.epoch)
		c->now.epoch += now - c->seen;
	c->seen = now;
}

static void grow(struct rdg_cc *cc, const struct rdg_cc_ack *ack)
{
	if (cc->cwnd < cc->ssthresh)
		slow_start(cc, ack);
	else if (ack->limited)
		avoid_congestion(cc, ack);
}

static void cubic_ack(struct rdg_cc *cc, const struct rdg_cc_ack *ack)
{
	struct cubic *c = priv(cc);

	if (!ack->limited || c->stood)
		pause(cc, ack->now);
	c->stood = false;
	c->seen = ack->now;
	/* Not in the round trip in which a loss was noticed. */
	if (ack->sent > c->recovery)
		grow(cc, ack);
	rdg_cc_pace(cc, ack->srtt);
}

static void reduce(struct rdg_cc *cc, u32 used, u32 percent, u64 now)
{
	struct cubic *c = priv(cc);

	c->saved = c->now;
	c->saved.cwnd = cc->cwnd;
	c->saved.ssthresh = cc->ssthresh;
	/* 4.6, RFC 7661, 4.4.1: what was not used was not tested. */
	used = clamp(used, rdg_cwnd_min(cc), max(cc->cwnd, rdg_cwnd_min(cc)));
	/* 4.7: leave room to those who have just come. */
	c->now.w_max = used < c->now.w_max ? used / 200 * (100 + BETA) : used;
	c->now.prior = used;
	c->now.epoch = 0;
	c->rest = 0;
	c->recovery = now;
	cc->cwnd = max(used / 100 * percent, rdg_cwnd_min(cc));
	cc->ssthresh = cc->cwnd;
}

/* 4.6: what is in flight is what was tested, or all of a window that was the limit; and not
 * less than when the packet left that was lost. In slow start that has doubled since, and was
 * not tested; later it has grown as the path allowed.
 */
static u32 tested(const struct rdg_cc *cc, const struct rdg_cc_loss *loss)
{
	u32 flight = loss->flight + loss->bytes;

	if (cc->cwnd < cc->ssthresh)
		return max(loss->largest, flight / 2);
	return loss->limited ? cc->cwnd : max(loss->largest, flight);
}

static void cubic_loss(struct rdg_cc *cc, const struct rdg_cc_loss *loss)
{
	if (loss->sent > priv(cc)->recovery)
		reduce(cc, tested(cc, loss), BETA, loss->now);
}

static void cubic_ecn(struct rdg_cc *cc, u64 sent, u64 now)
{
	if (sent <= priv(cc)->recovery)
		return;
	reduce(cc, cc->cwnd, BETA_ECN, now);
	/* No packet that comes late takes that back. */
	priv(cc)->saved.cwnd = 0;
}

/* 4.8 */
static void cubic_silence(struct rdg_cc *cc, u64 now)
{
	reduce(cc, cc->cwnd, BETA, now);
	cc->cwnd = rdg_cwnd_min(cc);
	priv(cc)->now.w_max = 0;
}

/* 4.9 */
static void cubic_undo(struct rdg_cc *cc)
{
	struct cubic *c = priv(cc);

	if (!c->saved.cwnd)
		return;
	c->now = c->saved;
	cc->cwnd = max(cc->cwnd, c->saved.cwnd);
	cc->ssthresh = max(cc->ssthresh, c->saved.ssthresh);
	c->saved.cwnd = 0;
	c->recovery = 0;
	c->stood = true;
}

static void cubic_resume(struct rdg_cc *cc, u64 idle, u64 now)
{
	u64 halves = min_t(u64, div64_u64(idle, IDLE_HALVES), 31);

	pause(cc, now);
	if (!halves || cc->cwnd <= rdg_cwnd_initial(cc))
		return;
	/* RFC 2861: the way back up is slow start's. */
	cc->ssthresh = max(cc->ssthresh, cc->cwnd / 4 * 3);
	cc->cwnd = max(cc->cwnd >> halves, rdg_cwnd_initial(cc));
	priv(cc)->now.epoch = 0;
}

const struct rdg_cc_ops rdg_cc_cubic = {
	.name	 = "cubic",
	.init	 = cubic_init,
	.ack	 = cubic_ack,
	.loss	 = cubic_loss,
	.ecn	 = cubic_ecn,
	.silence = cubic_silence,
	.undo	 = cubic_undo,
	.resume	 = cubic_resume,
};
