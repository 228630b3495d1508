/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * RACK: which packets are lost, judged by when they were sent (RFC 8985).
 */
#ifndef _RDGRAM_CORE_RACK_H
#define _RDGRAM_CORE_RACK_H

#include <linux/types.h>
#include "ledger.h"
#include "rtt.h"

/**
 * struct rdg_rack - what acks have taught about order and loss
 *
 * @end: number after the newest packet that was acknowledged; 0: none was.
 * @time: RACK.xmit_ts: when that packet was sent; ns.
 * @rtt: RACK.rtt: its round-trip time; ns.
 * @recovery: packets below this number were sent before the current episode
 *	of losses was noticed.
 * @late: in place of RACK.reo_wnd_mult: the longest that a packet which was
 *	counted lost and arrived took beyond min_RTT; ns.
 * @persist: RACK.reo_wnd_persist: episodes until that is forgotten.
 * @reordering_seen: RACK.reordering_seen.
 * @episode: number of the current episode, as in rdg_sent.episode; never 0.
 * @losses: packets counted lost in this episode that did not arrive late.
 * @probe_from: number of the first packet sent since probes go unanswered.
 * @silenced: congestion control was told of silence, and no ack came since.
 */
struct rdg_rack {
	u64 end;
	u64 time;
	u64 rtt;
	u64 recovery;
	u64 late;
	u8 persist;
	bool reordering_seen;
	u8 episode;
	u32 losses;
	u64 probe_from;
	bool silenced;
};

void rdg_rack_init(struct rdg_rack *r);
void rdg_rack_new_path(struct rdg_rack *r);
void rdg_rack_update(struct rdg_rack *r, const struct rdg_sent *s, u64 now);
void rdg_rack_detect_reordering(struct rdg_rack *r, const struct rdg_sent *s, u64 acked);
u64 rdg_rack_reo_wnd(const struct rdg_rack *r, const struct rdg_ledger *g,
		     const struct rdg_rtt *rtt);
struct rdg_sent *rdg_rack_detect_loss(const struct rdg_rack *r, const struct rdg_ledger *g,
				      u64 reo_wnd, u64 now, u64 *at);
void rdg_rack_lost(struct rdg_rack *r, struct rdg_sent *s, u64 next);
bool rdg_rack_spurious(struct rdg_rack *r, const struct rdg_sent *s, const struct rdg_rtt *rtt,
		       u64 now);

#endif /* _RDGRAM_CORE_RACK_H */
