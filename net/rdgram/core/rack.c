// SPDX-License-Identifier: GPL-2.0-only
/*
 * RACK, see rack.h. The functions bear the names of the steps in RFC 8985,
 * section 6.2.
 *
 * The RFC has to work with sequence numbers that a retransmission shares with
 * its original, and with what a receiver's DSACK may say later. Here each
 * packet has a number of its own: an ack always says which of them arrived,
 * and one for a packet that was counted lost says exactly by how much that was
 * rash.
 */
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include "rack.h"

/* RACK.DupThresh */
#define DUP_THRESH	3

/* RFC 8985, 6.2, step 4: recoveries for which a wider window is kept. */
#define PERSIST		16

/* Who comes later than this, in probe timeouts, was not just overtaken. */
#define LATE_PTOS	4

/**
 * rdg_rack_init - nothing was acknowledged
 * @r: what is known
 */
void rdg_rack_init(struct rdg_rack *r)
{
	memset(r, 0, sizeof(*r));
	r->episode = 1;
}

/**
 * rdg_rack_new_path - another path from now on: its order is its own
 * @r: what is known
 */
void rdg_rack_new_path(struct rdg_rack *r)
{
	r->late = 0;
	r->persist = 0;
	r->reordering_seen = false;
}

/**
 * rdg_rack_update - step 2: a packet was acknowledged: is it the newest?
 * @r: what is known
 * @s: the packet
 * @now: ns
 */
void rdg_rack_update(struct rdg_rack *r, const struct rdg_sent *s, u64 now)
{
	if (s->pn < r->end)
		return;
	r->end = s->pn + 1;
	r->time = s->time;
	r->rtt = now - s->time;
}

/**
 * rdg_rack_detect_reordering - step 3: did a packet overtake this one?
 * @r: what is known
 * @s: a packet that was acknowledged
 * @acked: number after the largest that had been acknowledged before this ack
 */
void rdg_rack_detect_reordering(struct rdg_rack *r, const struct rdg_sent *s, u64 acked)
{
	if (s->pn + 1 < acked)
		r->reordering_seen = true;
}

static bool in_recovery(const struct rdg_rack *r)
{
	return r->end && r->end <= r->recovery;
}

/**
 * rdg_rack_reo_wnd - step 4: how long to wait for a packet that was overtaken
 * @r: what is known
 * @g: the ledger
 * @rtt: round-trip time
 *
 * Return: ns.
 */
u64 rdg_rack_reo_wnd(const struct rdg_rack *r, const struct rdg_ledger *g,
		     const struct rdg_rtt *rtt)
{
	if (!r->reordering_seen && (in_recovery(r) || g->sacked >= DUP_THRESH))
		return 0;
	/* It may be from worse times. */
	return max(rtt->min / 4, min(r->late, LATE_PTOS * rdg_rtt_pto(rtt)));
}

/**
 * rdg_rack_detect_loss - step 5: the oldest packet, if it is lost
 * @r: what is known
 * @g: the ledger
 * @reo_wnd: rdg_rack_reo_wnd() before the first loss of this ack was noticed
 * @now: ns
 * @at: when the oldest packet will be lost, where it is not yet and was
 *	overtaken; else not written
 *
 * Packets stand in the order in which they were sent: where the oldest is not
 * lost, none is.
 *
 * Return: the packet; NULL: none is lost.
 */
struct rdg_sent *rdg_rack_detect_loss(const struct rdg_rack *r, const struct rdg_ledger *g,
				      u64 reo_wnd, u64 now, u64 *at)
{
	struct rdg_sent *s;
	u64 lost_at;

	if (g->first == g->head)
		return NULL;
	s = rdg_ledger_at(g, g->first);
	if (s->pn >= r->end)
		return NULL;
	lost_at = s->time + r->rtt + reo_wnd;
	if (lost_at <= now)
		return s;
	*at = lost_at;
	return NULL;
}

/**
 * rdg_rack_lost - a packet is counted lost
 * @r: what is known
 * @s: the packet
 * @next: number of the next packet to be sent
 */
void rdg_rack_lost(struct rdg_rack *r, struct rdg_sent *s, u64 next)
{
	/* All that is lost of what was sent before the first loss was noticed is
	 * one episode: congestion control answers it once.
	 */
	if (s->pn >= r->recovery) {
		r->recovery = next;
		r->losses = 0;
		r->episode = r->episode == U8_MAX ? 1 : r->episode + 1;
		if (r->persist && !--r->persist)
			r->late = 0;
	}
	r->losses++;
	s->episode = r->episode;
}

/* Step 4, where the RFC learns by DSACK that the window was too narrow and has to
 * grope for how wide it should be, up to SRTT. We know: wide enough for this
 * packet, however fast the one is that overtakes it. But one that an outage held up, and
 * that may be later by a minute, must not have all others waited for that long.
 */
static void rdg_rack_update_reo_wnd(struct rdg_rack *r, const struct rdg_sent *s,
				    const struct rdg_rtt *rtt, u64 now)
{
	u64 took = now - s->time;
	u64 late = min(took - min(took, rtt->min), LATE_PTOS * rdg_rtt_pto(rtt));

	r->reordering_seen = true;
	r->late = max(r->late, late);
	r->persist = PERSIST;
}

/**
 * rdg_rack_spurious - a packet that was counted lost arrived
 * @r: what is known, before rdg_rack_update()
 * @s: the packet; rdg_rack_lost() was told
 * @rtt: round-trip time
 * @now: ns
 *
 * Return: true if all losses of its episode have proved wrong by now.
 */
bool rdg_rack_spurious(struct rdg_rack *r, const struct rdg_sent *s, const struct rdg_rtt *rtt,
		       u64 now)
{
	rdg_rack_update_reo_wnd(r, s, rtt, now);
	if (s->episode != r->episode || --r->losses)
		return false;
	/* Further losses are an episode of their own. */
	r->recovery = 0;
	return true;
}
