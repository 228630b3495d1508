// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the core asks of its driver: struct rdg_link_ops.
 *
 * All of it is called under the peer's lock: nothing here wakes anybody, sends
 * anything, or looks at the socket's lock.
 */
#include <linux/slab.h>
#include "fault.h"
#include "filter.h"
#include "id.h"
#include "message.h"
#include "notice.h"
#include "peer.h"
#include "quota.h"
#include "rbuf.h"
#include "rmem.h"
#include "silence.h"
#include "trace.h"
#include "turn.h"

static int op_id_add(struct rdg_link *l, u64 id)
{
	struct rdg_peer *p = rdg_peer_of(l);

	return rdg_id_add(rdg_peer_ep(p)->rn, id, p);
}

static void op_id_end(struct rdg_link *l, u64 id)
{
	struct rdg_peer *p = rdg_peer_of(l);

	rdg_id_end(rdg_peer_ep(p)->rn, id);
	/* What it was used for is gone with the link. */
	rdg_rmem_token_put(p);
}

static struct rdg_live *op_alloc(struct rdg_link *l)
{
	return rdg_peer_alloc_live(rdg_peer_of(l));
}

static void op_free(struct rdg_link *l, struct rdg_live *live)
{
	rdg_peer_free_live(live);
}

static struct rdg_buf *op_take(struct rdg_link *l, void *packet, u32 at, u32 len, bool head,
			       bool single)
{
	return rdg_rbuf_take(rdg_peer_of(l), packet, at, len, head, single);
}

static void op_trim(struct rdg_link *l, struct rdg_buf *b, u32 n)
{
	rdg_rbuf_trim(b, n);
}

static void op_put(struct rdg_link *l, struct rdg_buf *b)
{
	rdg_rbuf_put(rdg_peer_of(l), b);
}

static enum rdg_verdict op_filter(struct rdg_link *l, struct rdg_buf *chain, u64 seq, u32 len)
{
	struct rdg_peer *p = rdg_peer_of(l);
	enum rdg_verdict verdict = rdg_filter_ask(p, chain, len);

	/* Over, as if it had been delivered. */
	if (verdict == RDG_REFUSED)
		rdg_rmem_token_put(p);
	return verdict;
}

static void op_deliver(struct rdg_link *l, struct rdg_buf *chain, u64 seq, u32 len)
{
	rdg_rbuf_deliver(rdg_peer_of(l), chain, seq, len);
}

static void op_arrived(struct rdg_link *l, void *packet)
{
	rdg_rbuf_arrived(rdg_peer_of(l), packet);
}

static enum rdgram_notice notice_of(enum rdg_outcome outcome)
{
	switch (outcome) {
	case RDG_OUT_DELIVERED:
		return RDGRAM_DELIVERED;
	case RDG_OUT_NOT_DELIVERED:
		return RDGRAM_NOT_DELIVERED;
	case RDG_OUT_IN_DOUBT:
		break;
	}
	return RDGRAM_IN_DOUBT;
}

static void op_over(struct rdg_link *l, struct rdg_msg *msg, enum rdg_outcome outcome)
{
	struct rdg_message *m = rdg_message_of(msg);
	struct rdg_peer *p = rdg_peer_of(l);
	u32 kept = 0;

	if (m->notice)
		kept = rdg_notice_add(p, m->notice, notice_of(outcome), msg->seq, msg->seq);
	m->notice = NULL;
	rdg_mem_give(rdg_peer_ep(p), m->cost - kept);
	rdg_quota_give(p, m->cost, kept);
	p->wake |= RDG_WAKE_WRITE;
	rdg_message_free(m);
}

/* So many notices may wait that remote endpoints, not messages, gave rise to. */
#define NOTICES_MAX	4096

static void note_peer(struct rdg_peer *p, enum rdgram_notice type, u64 first, u64 last)
{
	struct rdg_sock *ep = rdg_peer_ep(p);
	struct rdg_notice *n = NULL;

	if (!(READ_ONCE(ep->notices) & RDGRAM_NOTICE_PEER))
		return;
	if (READ_ONCE(ep->n_notices) < NOTICES_MAX)
		n = kzalloc(sizeof(*n), GFP_ATOMIC | __GFP_NOWARN);
	if (n)
		rdg_notice_add(p, n, type, first, last);
	else
		rdg_count(ep->rn, RDG_STAT_NO_NOTICE);
}

static void op_note(struct rdg_link *l, enum rdg_note note, u64 first, u64 last)
{
	struct rdg_peer *p = rdg_peer_of(l);

	switch (note) {
	case RDG_NOTE_RESTART:
		note_peer(p, RDGRAM_RESTART, first, last);
		break;
	case RDG_NOTE_JUMP:
		note_peer(p, RDGRAM_JUMP, first, last);
		break;
	case RDG_NOTE_DIED:
		rdg_fault_over(p, first);
		break;
	case RDG_NOTE_REFUSED:
		rdg_fault_refused(p);
		break;
	}
}

static void op_moved(struct rdg_link *l, enum rdg_state from, enum rdg_event event)
{
	trace_rdgram_state(rdg_peer_of(l), from, event);
	/* All others but OPEN, before which nothing is asked, come of an answer. */
	if (event == RDG_EV_EXPIRE || event == RDG_EV_PROPOSE)
		rdg_turn_unanswered(rdg_peer_of(l));
}

static void op_carry(struct rdg_link *l, enum rdg_count count)
{
	struct rdg_sock *ep = rdg_peer_ep(rdg_peer_of(l));

	atomic64_add(1ULL << 32, &ep->counts[count]);
	atomic_inc(&ep->moved);
}

static u64 op_share(struct rdg_link *l)
{
	return rdg_silence_share(rdg_peer_of(l));
}

static u64 op_turn(struct rdg_link *l)
{
	return rdg_turn_take(rdg_peer_of(l));
}

const struct rdg_link_ops rdg_peer_ops = {
	.id_add = op_id_add,
	.id_end = op_id_end,
	.alloc = op_alloc,
	.free = op_free,
	.take = op_take,
	.trim = op_trim,
	.put = op_put,
	.filter = op_filter,
	.deliver = op_deliver,
	.arrived = op_arrived,
	.over = op_over,
	.note = op_note,
	.moved = op_moved,
	.carry = op_carry,
	.share = op_share,
	.turn = op_turn,
};
