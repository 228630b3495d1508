// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sender half: which bytes of which message go out next, what the reports
 * of the other side say of them, and how each message ends.
 *
 * The queue holds all messages that are not over, in a row: its first has the
 * sequence tx->delivered, and tx->head is the first that was not sent whole.
 */
#include <linux/errno.h>
#include <linux/minmax.h>
#include "internal.h"
#include "seq.h"

/* A fragment that ends a packet is not worth its header below this. */
#define FRAGMENT_MIN	64

/**
 * rdg_tx_init - nothing to send, nothing ever sent
 * @tx: the sender half
 */
void rdg_tx_init(struct rdg_tx *tx)
{
	INIT_LIST_HEAD(&tx->queue);
	tx->next_seq = 1;
	tx->delivered = 1;
}

/**
 * rdg_tx_begin - a link begins
 * @l: the link
 * @credit: credit to begin with
 */
void rdg_tx_begin(struct rdg_link *l, u64 credit)
{
	struct rdg_tx *tx = &l->tx;

	tx->base = tx->delivered;
	WRITE_ONCE(tx->credit_used, l->self->first_credit);
	WRITE_ONCE(tx->credit_limit, l->self->first_credit + credit);
	tx->probes = 0;
	tx->hurried = false;
	tx->refused = false;
	tx->limited = false;
	tx->paced = false;
	tx->based = false;
}

static void over(struct rdg_link *l, struct rdg_msg *m, enum rdg_outcome outcome)
{
	static const enum rdg_count count[] = {
		[RDG_OUT_DELIVERED]	= RDG_CT_MESSAGES_DELIVERED,
		[RDG_OUT_NOT_DELIVERED]	= RDG_CT_MESSAGES_NOT_DELIVERED,
		[RDG_OUT_IN_DOUBT]	= RDG_CT_MESSAGES_IN_DOUBT,
	};

	list_del(&m->node);
	if (!m->whole) {
		l->tx.unsent -= m->len - m->sent + RDG_MSG_NEXT_LEN;
		l->tx.waiting--;
	}
	l->tx.delivered = m->seq + 1;
	if (l->tx.head == m)
		l->tx.head = rdg_tx_first(&l->tx);
	if (!l->tx.head)
		l->tx.holding = false;
	rdg_count_add(l, count[outcome], 1);
	l->ops->over(l, m, outcome);
}

/* As if no part of it had been sent. */
static void take_back(struct rdg_tx *tx, struct rdg_msg *m)
{
	if (m->begun)
		WRITE_ONCE(tx->credit_used, tx->credit_used - rdg_cost(m->len));
	tx->unsent += m->sent;
	m->sent = 0;
	m->begun = false;
}

/**
 * rdg_tx_end - a link ended: what was sent whole is in doubt, the rest waits
 * @l: the link
 *
 * A message of which a part was never sent cannot have been delivered; it is
 * sent on the next link, from its start.
 */
void rdg_tx_end(struct rdg_link *l)
{
	struct rdg_tx *tx = &l->tx;
	struct rdg_msg *m;

	tx->paced = false;
	tx->holding = false;
	while ((m = rdg_tx_first(tx)) && m->whole)
		over(l, m, RDG_OUT_IN_DOUBT);
	if (m)
		take_back(tx, m);
}

/**
 * rdg_tx_return_all - give up: nothing more will be sent
 * @l: the link, in IDLE
 * @why: errno for the application
 */
void rdg_tx_return_all(struct rdg_link *l, int why)
{
	struct rdg_msg *m = rdg_tx_first(&l->tx);

	if (!m)
		return;
	while ((m = rdg_tx_first(&l->tx)))
		over(l, m, RDG_OUT_NOT_DELIVERED);
	l->ops->note(l, RDG_NOTE_DIED, why, 0);
}

/* The first message sequence that was not sent whole on this link. */
static u64 sent_below(const struct rdg_tx *tx)
{
	return tx->head ? tx->head->seq : tx->next_seq;
}

/**
 * rdg_tx_report_lies - does a report speak of what cannot be?
 * @l: the link
 * @r: the report
 *
 * Return: true if it says that a message was delivered that was not sent.
 */
bool rdg_tx_report_lies(const struct rdg_link *l, const struct rdg_report_frame *r)
{
	return rdg_seq_expand(l->tx.delivered, r->delivered) > sent_below(&l->tx);
}

/* What waits, of which nothing was sent, is numbered from here. */
static void number_from(struct rdg_tx *tx, u64 next)
{
	u64 gap = next - tx->delivered;
	struct rdg_msg *m;

	list_for_each_entry(m, &tx->queue, node)
		m->seq += gap;
	tx->next_seq += gap;
	tx->delivered = next;
}

/* The other side had taken our CONFIRM, and lost the link again before we heard
 * of it; now it opens another. What it expects no more was delivered on the one
 * that it lost, if it does not take us for another peer, see rdg_tx_catch_up():
 * that is in doubt. None of it ever will be on this one. Where it expects even what
 * was never sent it does take us for another one, and has dropped our packets, each of
 * which says where our numbers begin: or it would have acknowledged them by now. (What is
 * known of these packets is of lower numbers than all that waits then: see rdg_tx_wants().)
 */
static void passed_over(struct rdg_link *l, u64 next)
{
	struct rdg_tx *tx = &l->tx;
	struct rdg_msg *m;
	bool any = false;

	if (tx->based || (next > sent_below(tx) && !l->unanswered))
		return;
	while ((m = rdg_tx_first(tx)) && m->whole && m->seq < next) {
		WRITE_ONCE(tx->credit_used, tx->credit_used - rdg_cost(m->len));
		over(l, m, RDG_OUT_IN_DOUBT);
		any = true;
	}
	if (next > sent_below(tx)) {
		if (m)
			take_back(tx, m);
		number_from(tx, next);
		l->unanswered = 0;
	}
	tx->base = next;
	if (any)
		l->ops->note(l, RDG_NOTE_DIED, ECONNRESET, 0);
}

/**
 * rdg_tx_catch_up - number on from what the other side expects
 * @l: the link, of which the other side has acknowledged nothing yet
 * @r: a report of the other side's that may be of before it has taken any packet of ours
 *
 * The other side may know this endpoint by another peer of ours: it had another
 * address then, and we did not know it again. What it has received under a
 * number is taken for a duplicate when that number comes again.
 */
void rdg_tx_catch_up(struct rdg_link *l, const struct rdg_report_frame *r)
{
	struct rdg_tx *tx = &l->tx;
	u64 next = rdg_seq_expand(tx->delivered, r->delivered);

	/* Who has received nothing expects 1: that is no number near ours, which may be
	 * any by now, and be closest to one above it.
	 */
	if (r->delivered == 1 || next <= tx->delivered)
		return;
	if (l->live->ledger.next != l->self->first_pn) {
		passed_over(l, next);
		return;
	}
	number_from(tx, next);
	tx->base = next;
}

/* The other side is closed: what was begun was refused. */
static void refused(struct rdg_link *l)
{
	struct rdg_tx *tx = &l->tx;
	struct rdg_msg *m;
	bool any = false;

	tx->refused = true;
	while ((m = rdg_tx_first(tx)) && m->begun) {
		over(l, m, RDG_OUT_NOT_DELIVERED);
		any = true;
	}
	if (any)
		l->ops->note(l, RDG_NOTE_DIED, ECONNREFUSED, 0);
}

/* Those up to @refused were delivered, and those from there up to @delivered refused. */
static void receive(struct rdg_link *l, u64 refused, u64 delivered)
{
	struct rdg_msg *m;
	bool any = false;

	while ((m = rdg_tx_first(&l->tx)) && m->seq < delivered) {
		any |= m->seq >= refused;
		over(l, m, m->seq < refused ? RDG_OUT_DELIVERED : RDG_OUT_NOT_DELIVERED);
	}
	if (any)
		l->ops->note(l, RDG_NOTE_REFUSED, 0, 0);
}

/**
 * rdg_tx_report - messages were delivered, or read
 * @l: the link
 * @r: the report
 * @receipts: it tells of deliveries; rdg_tx_report_lies() said that it does
 *	not lie
 */
void rdg_tx_report(struct rdg_link *l, const struct rdg_report_frame *r, bool receipts)
{
	struct rdg_tx *tx = &l->tx;
	u64 delivered = rdg_seq_expand(tx->delivered, r->delivered);
	u64 credit = rdg_seq_expand(tx->credit_limit, r->credit);
	bool opened = tx->head && !tx->head->begun && tx->credit_used >= tx->credit_limit &&
		      tx->credit_used < credit;

	if (receipts)
		receive(l, delivered - min_t(u64, delivered, r->refused), delivered);
	if (credit > tx->credit_limit) {
		WRITE_ONCE(tx->credit_limit, credit);
		/* There is room where there was none: ask now. Where it was not credit that was
		 * missing, once for each time that we would have asked by ourselves, or each
		 * report of a peer that acknowledges nothing would draw a packet.
		 */
		if (l->unanswered && (opened || !tx->hurried))
			tx->probes = 1;
		tx->hurried = true;
	}
	if (r->closed && !tx->refused)
		refused(l);
}

/**
 * rdg_tx_has_new - is there payload to send for the first time?
 * @l: the link
 *
 * Return: true if there is, and the receiver gave credit for it.
 */
bool rdg_tx_has_new(const struct rdg_link *l)
{
	const struct rdg_tx *tx = &l->tx;

	if (!tx->head || tx->refused || l->held || l->state == RDG_ENDING)
		return false;
	return tx->head->begun || tx->credit_used < tx->credit_limit;
}

/* Bytes of payload that fit behind a frame header of this length. */
static u32 room(const struct rdg_writer *w, const struct rdg_out *out, u32 header)
{
	u32 used = w->len + out->payload + header;

	return used < w->max ? w->max - used : 0;
}

/* Does a piece begin the message after the one that ends before it? */
static bool is_next(const struct rdg_out *out, const struct rdg_msg *m, u32 off)
{
	const struct rdg_slice *before;

	if (!out->slices || off)
		return false;
	before = &out->slice[out->slices - 1];
	return before->msg->seq + 1 == m->seq && before->off + before->len == before->msg->len;
}

static u8 flags_of(const struct rdg_out *out, const struct rdg_msg *m, u32 off, u32 len)
{
	u8 flags = off + len == m->len ? RDG_MSG_LAST : 0;

	if (is_next(out, m, off))
		return flags | RDG_MSG_NEXT;
	return !off && len == m->len ? flags : flags | RDG_MSG_OFFSET;
}

static void put_piece(struct rdg_writer *w, struct rdg_out *out, struct rdg_msg *m, u32 off,
		      u32 len)
{
	struct rdg_piece p = {
		.seq = m->seq,
		.off = off,
		.len = len,
		.flags = flags_of(out, m, off, len),
	};

	rdg_wire_piece(w, &p);
	out->slice[out->slices++] = (struct rdg_slice){ .msg = m, .off = off, .len = len };
	out->payload += len;
}

/* Is there more than a packet's worth to send, from message m on? */
static bool has_backlog(const struct rdg_link *l, const struct rdg_msg *m)
{
	u32 sum = 0;

	list_for_each_entry_from(m, &l->tx.queue, node) {
		sum += m->len + RDG_MSG_NEXT_LEN;
		if (sum > l->mtu)
			return true;
	}
	return false;
}

/* Is it worth while to put the first part of message m into a packet that has
 * room for so much of it? What has to be cut anyway is, and what fills a packet
 * while others wait. A message that the next packet takes whole is not.
 */
static bool may_cut(const struct rdg_link *l, const struct rdg_out *out,
		    const struct rdg_msg *m, u32 fits)
{
	if (!fits)
		return false;
	if (!out->slices || has_backlog(l, m))
		return true;
	return fits >= FRAGMENT_MIN && m->len + RDG_DATA_LEN + RDG_MSG_LEN > l->mtu;
}

/* Put as much of message m from off up to end into the packet as fits.
 * Return how many bytes; -1 if the packet is full.
 */
static int put_part(struct rdg_link *l, struct rdg_writer *w, struct rdg_out *out,
		    struct rdg_msg *m, u32 off, u32 end)
{
	u32 header = is_next(out, m, off) ? RDG_MSG_NEXT_LEN : RDG_MSG_LEN;
	u32 len = end - off;
	u32 fits;

	if (out->slices == RDG_PIECES_OUT)
		return -1;
	if (w->len + out->payload + header <= w->max && len == m->len &&
	    len <= room(w, out, header)) {
		put_piece(w, out, m, off, len);
		return len;
	}
	if (header == RDG_MSG_LEN)
		header = RDG_MSG_OFFSET_LEN;
	fits = room(w, out, header);
	if (!len || !may_cut(l, out, m, fits))
		return -1;
	len = min(len, fits);
	put_piece(w, out, m, off, len);
	return len;
}

static void record(struct rdg_sent *s, struct rdg_msg *m, u32 off, u32 end)
{
	if (!s->count) {
		s->msg = m;
		s->seq = m->seq;
		s->off = off;
	}
	s->count++;
	s->end = end;
}

/**
 * rdg_tx_fill_new - fill a packet with payload that was not sent before
 * @l: the link
 * @w: the packet
 * @out: gets the slices
 * @s: gets what the packet carries
 */
void rdg_tx_fill_new(struct rdg_link *l, struct rdg_writer *w, struct rdg_out *out,
		     struct rdg_sent *s)
{
	struct rdg_tx *tx = &l->tx;

	/* It leaves, after all. */
	tx->holding = false;
	while (rdg_tx_has_new(l)) {
		struct rdg_msg *m = tx->head;
		int len = put_part(l, w, out, m, m->sent, m->len);

		if (len < 0)
			return;
		if (!m->begun) {
			m->begun = true;
			WRITE_ONCE(tx->credit_used, tx->credit_used + rdg_cost(m->len));
		}
		record(s, m, m->sent, m->sent + len);
		m->sent += len;
		tx->unsent -= len;
		if (m->sent < m->len)
			return;
		m->whole = true;
		tx->unsent -= RDG_MSG_NEXT_LEN;
		tx->waiting--;
		tx->head = list_is_last(&m->node, &tx->queue) ? NULL : list_next_entry(m, node);
	}
}

/**
 * rdg_tx_wants - is payload that a packet carried still to be delivered?
 * @l: the link
 * @s: the packet; what is over by now is skipped
 *
 * Return: true if some is.
 */
bool rdg_tx_wants(struct rdg_link *l, struct rdg_sent *s)
{
	u64 done = l->tx.delivered;

	if (!s->count || s->seq >= done)
		return s->count;
	if (s->seq + s->count <= done)
		return false;
	s->count -= done - s->seq;
	s->seq = done;
	s->msg = rdg_tx_first(&l->tx);
	s->off = 0;
	return true;
}

/**
 * rdg_tx_lost - is there payload that was lost?
 * @l: the link
 *
 * Return: position in the ledger; RDG_NEVER: there is none.
 */
u64 rdg_tx_lost(struct rdg_link *l)
{
	struct rdg_sent *s;

	while ((s = rdg_ledger_lost(&l->live->ledger))) {
		if (rdg_tx_wants(l, s))
			return rdg_ledger_find(&l->live->ledger, s->pn);
		rdg_ledger_set(&l->live->ledger, s, RDG_SENT_RESENT);
	}
	return RDG_NEVER;
}

/**
 * rdg_tx_fits - can one packet carry again what another one carried?
 * @l: the link
 * @s: the other one; rdg_tx_wants() it
 *
 * Return: false if it may take more, since packets are smaller now.
 */
bool rdg_tx_fits(const struct rdg_link *l, const struct rdg_sent *s)
{
	u32 sum = RDG_DATA_LEN + RDG_COOKIE_LEN + RDG_BASE_LEN + RDG_REPORT_LEN - s->off;
	struct rdg_msg *m = s->msg;
	u32 i;

	if (s->size <= l->mtu)
		return true;
	for (i = 1; i < s->count; i++, m = list_next_entry(m, node))
		sum += RDG_MSG_OFFSET_LEN + m->len;
	return sum + RDG_MSG_OFFSET_LEN + s->end <= l->mtu;
}

/**
 * rdg_tx_fill_again - fill a packet with payload that was sent before
 * @l: the link
 * @w: the packet
 * @out: gets the slices
 * @s: gets what the packet carries
 * @pos: position of who carried it, rdg_tx_wants() it
 * @pn: number of the packet
 *
 * One packet carries again what one other carried, or a part of that where
 * the MTU has fallen since.
 */
void rdg_tx_fill_again(struct rdg_link *l, struct rdg_writer *w, struct rdg_out *out,
		       struct rdg_sent *s, u64 pos, u64 pn)
{
	struct rdg_sent *lost = rdg_ledger_at(&l->live->ledger, pos);

	while (lost->count) {
		struct rdg_msg *m = lost->msg;
		u32 end = lost->count == 1 ? lost->end : m->len;
		int len = put_part(l, w, out, m, lost->off, end);

		if (len < 0)
			return;
		record(s, m, lost->off, lost->off + len);
		lost->off += len;
		if (lost->off < end)
			return;
		lost->count--;
		lost->seq++;
		lost->off = 0;
		if (lost->count)
			lost->msg = list_next_entry(m, node);
	}
	rdg_loss_copied(l, lost, pn);
}
