/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of the core know of each other. The arrows go one way:
 * link*.c call tx.c, hold.c, rx.c, ack.c, loss.c and mtu.c, those call ledger, ranges,
 * rtt, rack, rate, pace, cc; loss.c and mtu.c tell each other of packets that
 * were lost.
 */
#ifndef _RDGRAM_CORE_INTERNAL_H
#define _RDGRAM_CORE_INTERNAL_H

#include "link.h"

/* How far ahead of its turn a message is looked at. */
#define RDG_MAX_AHEAD		65536

/* How soon to try again where no id could be had; ns. */
#define RDG_OPEN_RETRY		(100 * NSEC_PER_MSEC)

/* A peer that restarted meets all that it had before: each of them asks for a
 * new link within this time; ns.
 */
#define RDG_REOPEN_SPREAD	(100 * NSEC_PER_MSEC)

/* How often an END that nobody answers is repeated at the least; ns. */
#define RDG_END_PERSIST		(16 * NSEC_PER_SEC)

/* How often a receiver without credit to give is asked for some; ns. */
#define RDG_PERSIST		NSEC_PER_SEC

/* One packet number in so many is left out. */
#define RDG_SKIP_ONE_IN		512

static inline u64 rdg_cost(u32 len)
{
	return (u64)len + RDG_MESSAGE_COST;
}

static inline struct rdg_msg *rdg_tx_first(struct rdg_tx *tx)
{
	return list_first_entry_or_null(&tx->queue, struct rdg_msg, node);
}

/* A link whose other side may have messages of ours. It has rdg_link.live. */
static inline bool rdg_link_live(const struct rdg_link *l)
{
	return l->state >= RDG_CONFIRMING;
}

/* Half of a count is kept here: there may be very many links, and most of them have
 * counted little.
 */
static inline void rdg_count_add(struct rdg_link *l, enum rdg_count count, u32 n)
{
	l->count[count] += n;
	if (unlikely(l->count[count] < n))
		l->ops->carry(l, count);
}

/* When the newest packet was sent, or will be: packets that the driver still holds
 * are on their way, as far as it goes for what is concluded from losses and marks.
 */
static inline u64 rdg_link_sent_until(const struct rdg_link *l, u64 now)
{
	return max(now, l->pace.last);
}

/* live.c */
bool rdg_live_begin(struct rdg_link *l);
void rdg_live_end(struct rdg_link *l);

/* tx.c */
void rdg_tx_init(struct rdg_tx *tx);
void rdg_tx_begin(struct rdg_link *l, u64 credit);
void rdg_tx_end(struct rdg_link *l);
void rdg_tx_return_all(struct rdg_link *l, int why);
bool rdg_tx_report_lies(const struct rdg_link *l, const struct rdg_report_frame *r);
void rdg_tx_report(struct rdg_link *l, const struct rdg_report_frame *r, bool receipts);
void rdg_tx_catch_up(struct rdg_link *l, const struct rdg_report_frame *r);
bool rdg_tx_has_new(const struct rdg_link *l);
void rdg_tx_fill_new(struct rdg_link *l, struct rdg_writer *w, struct rdg_out *out,
		     struct rdg_sent *s);
bool rdg_tx_wants(struct rdg_link *l, struct rdg_sent *s);
bool rdg_tx_fits(const struct rdg_link *l, const struct rdg_sent *s);
u64 rdg_tx_lost(struct rdg_link *l);
void rdg_tx_fill_again(struct rdg_link *l, struct rdg_writer *w, struct rdg_out *out,
		       struct rdg_sent *s, u64 pos, u64 pn);

/* hold.c */
void rdg_hold_queued(struct rdg_link *l, struct rdg_msg *m, u64 now);
u64 rdg_hold_until(const struct rdg_link *l);
bool rdg_hold(struct rdg_link *l, u64 now);

/* ack.c */

/**
 * enum rdg_ack_verdict - can it be what an ack says?
 *
 * @RDG_ACK_GOOD: it can.
 * @RDG_ACK_BAD: it covers numbers that were not reached yet, or is none.
 * @RDG_ACK_INVENTED: it covers a number that was left out.
 */
enum rdg_ack_verdict {
	RDG_ACK_GOOD,
	RDG_ACK_BAD,
	RDG_ACK_INVENTED,
};

enum rdg_ack_verdict rdg_ack_verdict(const struct rdg_link *l, const struct rdg_ack_frame *a);
void rdg_ack_input(struct rdg_link *l, const struct rdg_frames *f, bool newest, u64 now);

/* loss.c */
void rdg_loss_detect(struct rdg_link *l, u64 now);
void rdg_loss_copied(struct rdg_link *l, struct rdg_sent *s, u64 pn);
void rdg_loss_cancel(struct rdg_link *l, struct rdg_sent *s);
u64 rdg_loss_probe(struct rdg_link *l);
void rdg_loss_give_up(struct rdg_link *l);
u64 rdg_loss_urge(struct rdg_link *l);
void rdg_loss_dropped(struct rdg_link *l, struct rdg_sent *s);

/* mtu.c */
void rdg_link_set_mtu(struct rdg_link *l, u32 size);
void rdg_mtu_begin(struct rdg_link *l);
bool rdg_mtu_poll(struct rdg_link *l, u64 now, struct rdg_out *out);
void rdg_mtu_input(struct rdg_link *l, const struct rdg_ack_frame *a);
void rdg_mtu_acked(struct rdg_link *l, u32 size);
void rdg_mtu_lost(struct rdg_link *l, const struct rdg_sent *s);
u32 rdg_mtu_cautious(const struct rdg_link *l);

/* rx.c */
void rdg_rx_init(struct rdg_link *l);
void rdg_rx_begin(struct rdg_link *l);
void rdg_rx_end(struct rdg_link *l);
void rdg_rx_forget(struct rdg_link *l);
bool rdg_rx_base_lies(const struct rdg_link *l, u64 base);
void rdg_rx_base(struct rdg_link *l, u64 base);
bool rdg_rx_pieces(struct rdg_link *l, const struct rdg_frames *f, void *packet, bool *fresh);
bool rdg_rx_waits(const struct rdg_link *l);
u64 rdg_rx_expected(const struct rdg_link *l);
void rdg_rx_told(struct rdg_link *l);
void rdg_rx_tell_again(struct rdg_link *l);
bool rdg_rx_pieces_lie(const struct rdg_link *l, const struct rdg_frames *f);
u32 rdg_rx_window(const struct rdg_link *l);
u64 rdg_rx_limit(const struct rdg_link *l);
void rdg_rx_read(struct rdg_link *l, u64 seq, u64 cost, u64 now);
void rdg_rx_update_credit(struct rdg_link *l);

/* link.c */
bool rdg_link_move(struct rdg_link *l, enum rdg_event event);
bool rdg_link_open(struct rdg_link *l, u64 now);
void rdg_link_begin(struct rdg_link *l, u64 remote_id, u64 remote_inc, u64 credit, u64 now);
void rdg_link_new_path(struct rdg_link *l, u64 now);
void rdg_link_end(struct rdg_link *l, enum rdg_event event, int why);
bool rdg_link_may_end(const struct rdg_link *l);
void rdg_link_propose(struct rdg_link *l, u64 now);

/* link_input.c */
bool rdg_link_is_of(const struct rdg_link *l, const struct rdg_cookie_frame *c);

/* path.c */
void rdg_path_reset(struct rdg_link *l);
bool rdg_path_poll(struct rdg_link *l, u64 now, struct rdg_out *out);
u64 rdg_path_deadline(const struct rdg_link *l);
void rdg_path_awake(struct rdg_link *l, u64 now, u64 slept);
void rdg_path_timeout(struct rdg_link *l, u64 now);

/* RFC 9000, 9.4: packets that took another path say nothing about this one, nor
 * do those during which we slept.
 */
static inline bool rdg_path_took(const struct rdg_link *l, u64 sent)
{
	return sent >= l->path_since;
}

/* link_timer.c */
void rdg_link_awake(struct rdg_link *l, u64 now);
u64 rdg_link_backoff(struct rdg_link *l, u64 asked);
bool rdg_link_has_turn(struct rdg_link *l, u64 now);
void rdg_link_arm_probe(struct rdg_link *l, u64 now);
u64 rdg_link_propose_at(const struct rdg_link *l);

/* In CONFIRMING: does the same incarnation ask by another id than the one that it gave to the
 * link that we ask for? See must_wait() in cookie.c.
 */
static inline bool rdg_link_asks_anew(const struct rdg_link *l, const struct rdg_header *init)
{
	return l->state == RDG_CONFIRMING && l->remote_inc == init->src_inc &&
	       l->remote_id != init->src_id;
}

#endif /* _RDGRAM_CORE_INTERNAL_H */
