/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a link has while it lives: from when both ids are known until it ends. A
 * peer that nobody uses has none of it: that is what keeps it small.
 *
 * rdg_link.live points to it in the states in which rdg_link_live() is true, and is
 * NULL in all others.
 */
#ifndef _RDGRAM_CORE_LIVE_H
#define _RDGRAM_CORE_LIVE_H

#include <linux/rbtree.h>
#include <linux/types.h>
#include "cc.h"
#include "ecn.h"
#include "ledger.h"
#include "mtu.h"
#include "rack.h"
#include "ranges.h"
#include "rate.h"

struct rdg_buf;

/**
 * struct rdg_rx - the receiver half: what makes the link a perfect one
 *
 * @ahead: pieces that are not yet in turn, by sequence and offset.
 * @first: pieces of message rdg_taken.next in a row from its start.
 * @final: the last of them.
 * @have: how many bytes they are.
 * @delivered_cost: sum of the costs of the messages delivered on this link.
 * @space: what reading shows that it is worth, see rdg_rx_read().
 * @round_at: when the round trip began in which @round_read is counted; ns.
 * @round_read: sum of the costs of the messages read in it.
 * @advertised: the credit limit in the last report.
 * @heard: largest packet number that came in on this link, admitted or not,
 *	+ 1; 0: none.
 * @largest_at: when the largest packet number arrived; ns.
 * @ack_at: when an ack is due; RDG_NEVER: none is.
 * @said: largest number in the ACK of the packet that is being built;
 *	RDG_NEVER: it has none, or not all ranges fit.
 * @tell_pn: number of a packet of ours that asks for an ack and has an ACK.
 *	RDG_NEVER: none is waited for.
 * @tell: the @said of that packet.
 * @spacing: mean time between packets that ask for an ack; ns.
 * @asked: when the last of them came; ns.
 * @restore: rdg_taken.next before this link took it back; 0: it did not.
 * @refused_pn: number of a packet of ours that tells of all that was refused;
 *	RDG_NEVER: none is on its way.
 * @refused: messages right below rdg_taken.next that were refused, and of which the
 *	other side is not known to know.
 * @verdict: enum rdg_verdict: of a message that is whole, and waits for that.
 * @eliciting: packets since the last ack that ask for one.
 * @report: a report is due that must arrive.
 * @based: the base of this link is known.
 * @fresh: nothing that was delivered before comes on this link, whatever its number.
 * @seen: packet numbers received on this link. Mostly there is one range: what is
 *	behind it is not touched.
 */
struct rdg_rx {
	struct rb_root ahead;
	struct rdg_buf *first;
	struct rdg_buf *final;
	u32 have;
	u32 space;
	u64 round_at;
	u64 round_read;
	u64 delivered_cost;
	u64 advertised;
	u64 heard;
	u64 largest_at;
	u64 ack_at;
	u64 said;
	u64 tell_pn;
	u64 tell;
	u64 spacing;
	u64 asked;
	u64 restore;
	u64 refused_pn;
	u16 refused;
	u8 verdict;
	u8 eliciting;
	bool report;
	bool based;
	bool fresh;
	struct rdg_ranges seen;
};

/**
 * struct rdg_path - the path that may be the next one in use
 *
 * @value: what a PATH_ANSWER has to repeat.
 * @check_at: when the next PATH_CHECK leaves; RDG_NEVER: none does.
 * @give_up_at: when the candidate has not answered; RDG_NEVER: there is none.
 * @checked: when a PATH_CHECK left last; ns.
 * @answer: what our PATH_ANSWER repeats.
 * @credit: bytes that may be sent to the candidate.
 * @tries: checks that were sent to it.
 * @answer_due: a PATH_ANSWER is to be sent...
 * @answer_via: ...by this path.
 */
struct rdg_path {
	u64 value;
	u64 check_at;
	u64 give_up_at;
	u64 checked;
	u64 answer;
	u32 credit;
	u8 tries;
	bool answer_due;
	u8 answer_via;
};

/**
 * struct rdg_follow - how closely messages follow one another, see hold.c
 *
 * @queued: when one was handed to us last; ns.
 * @train: bytes of UDP payload that the driver can send at the price of a packet;
 *	0: no more than a packet.
 * @price: how long it takes to send a train; ns.
 * @busy: the last one followed the one before closely.
 * @heard: payload came in since.
 */
struct rdg_follow {
	u64 queued;
	u32 train;
	u32 price;
	bool busy;
	bool heard;
};

/**
 * struct rdg_live - a link that lives
 *
 * @begun: when this link was agreed on, in units of cookie time: when the
 *	cookie that opened it was issued, or our INIT was answered.
 * @cookie: from the CHALLENGE, for COOKIE frames.
 * @cookie_time: likewise.
 * @end_heard: the newest END was acknowledged.
 * @end_pn: its packet number.
 * @loss_at: when the next packet counts as lost; RDG_NEVER: none.
 * @ledger: packets sent.
 * @rack: loss detection.
 * @rate: delivery rate.
 * @ecn: marks.
 * @search: of the path MTU.
 * @cc: congestion control.
 * @path: where the other side may be.
 * @follow: how closely messages follow one another.
 * @rx: receiver half.
 */
struct rdg_live {
	u64 begun;
	u64 cookie;
	u32 cookie_time;
	bool end_heard;
	u64 end_pn;
	u64 loss_at;
	struct rdg_ledger ledger;
	struct rdg_rack rack;
	struct rdg_rate rate;
	struct rdg_ecn ecn;
	struct rdg_mtu search;
	struct rdg_cc cc;
	struct rdg_path path;
	struct rdg_follow follow;
	struct rdg_rx rx;
};

#endif /* _RDGRAM_CORE_LIVE_H */
