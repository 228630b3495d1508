// SPDX-License-Identifier: GPL-2.0-only
/*
 * The receiver half: dedup, order, reassembly, credit.
 *
 * Pieces that continue message l->taken.next are chained at once; all others wait
 * in a tree, ordered by message sequence and offset, until their turn comes.
 */
#include <linux/minmax.h>
#include "internal.h"
#include "seq.h"

enum piece {
	PIECE_TAKEN,
	PIECE_DUPLICATE,
	PIECE_NOT_ADMITTED,
};

/**
 * rdg_rx_init - nothing was received
 * @l: the link
 */
void rdg_rx_init(struct rdg_link *l)
{
	l->taken.next = 1;
	l->taken.read = 1;
}

/**
 * rdg_rx_begin - a link begins
 * @l: the link; its memory is zeroed
 */
void rdg_rx_begin(struct rdg_link *l)
{
	struct rdg_rx *rx = &l->live->rx;

	rdg_ranges_init(&rx->seen);
	rx->ahead = RB_ROOT;
	rx->ack_at = RDG_NEVER;
	rx->tell_pn = RDG_NEVER;
	rx->refused_pn = RDG_NEVER;
	rx->spacing = NSEC_PER_SEC;
	rx->report = l->closing;
	rx->delivered_cost = l->self->first_credit;
	rx->advertised = l->self->first_credit;
}

/**
 * rdg_rx_expected - the next packet number, from which those on the wire are expanded
 * @l: the link
 *
 * Return: the number after the largest that was received.
 */
u64 rdg_rx_expected(const struct rdg_link *l)
{
	const struct rdg_ranges *seen = l->live ? &l->live->rx.seen : NULL;

	return seen && seen->n ? rdg_ranges_largest(seen) + 1 : l->self->first_pn;
}

static struct rdg_buf *first_ahead(const struct rdg_rx *rx)
{
	return rb_entry_safe(rb_first(&rx->ahead), struct rdg_buf, node);
}

static void drop_ahead(struct rdg_link *l, struct rdg_buf *b)
{
	rb_erase(&b->node, &l->live->rx.ahead);
	l->ops->put(l, b);
}

/* The pieces that are chained of message l->taken.next go. */
static void drop_chain(struct rdg_link *l)
{
	struct rdg_rx *rx = &l->live->rx;
	struct rdg_buf *b;

	while ((b = rx->first)) {
		rx->first = b->next;
		l->ops->put(l, b);
	}
	rx->final = NULL;
	rx->have = 0;
}

/**
 * rdg_rx_end - a link ends
 * @l: the link, live until now
 *
 * The next one may be of that peer again whose numbers are the higher ones, or be asked
 * for by us: our CONFIRM says what was delivered.
 */
void rdg_rx_end(struct rdg_link *l)
{
	rdg_rx_forget(l);
	l->taken.next = max(l->taken.next, l->live->rx.restore);
}

/**
 * rdg_rx_forget - let go of all pieces that were not delivered
 * @l: the link, live
 */
void rdg_rx_forget(struct rdg_link *l)
{
	struct rdg_rx *rx = &l->live->rx;
	struct rdg_buf *b;

	drop_chain(l);
	rx->verdict = RDG_UNDECIDED;
	while ((b = first_ahead(rx)))
		drop_ahead(l, b);
}

/**
 * rdg_rx_base_lies - does a BASE contradict what was received?
 * @l: the link
 * @base: first message sequence of the link; 0: there was no BASE
 *
 * Return: true if it takes back a message that was delivered, or if there is
 * none and there has to be one.
 */
bool rdg_rx_base_lies(const struct rdg_link *l, u64 base)
{
	const struct rdg_rx *rx = &l->live->rx;

	if (rx->based)
		return false;
	return base < (rx->fresh ? 1 : l->taken.next);
}

/**
 * rdg_rx_base - learn where the link begins
 * @l: the link
 * @base: first message sequence; rdg_rx_base_lies() said that it does not
 */
void rdg_rx_base(struct rdg_link *l, u64 base)
{
	struct rdg_rx *rx = &l->live->rx;

	if (rx->based)
		return;
	rx->based = true;
	/* The other side has two peers of us, which to us are one: it knows us by two
	 * addresses, and numbers apart. On this link its numbers are those of the other peer.
	 */
	if (base < l->taken.next) {
		rx->restore = l->taken.next;
		l->taken.read = min(l->taken.read, base);
	}
	/* Where nothing was received yet there is nothing to jump from. */
	if (base > l->taken.next && l->taken.next > 1)
		l->ops->note(l, RDG_NOTE_JUMP, l->taken.next, base - 1);
	l->taken.next = base;
}

/**
 * rdg_rx_window - how much may be delivered and unread
 * @l: the link, live
 *
 * Return: the sum of its costs.
 */
u32 rdg_rx_window(const struct rdg_link *l)
{
	return min(max(l->live->rx.space, l->taken.least), l->taken.most);
}

/**
 * rdg_rx_limit - the credit limit
 * @l: the link, live
 *
 * Return: the sum of costs below which a message may be begun.
 */
u64 rdg_rx_limit(const struct rdg_link *l)
{
	u32 window = rdg_rx_window(l);

	return l->live->rx.delivered_cost + window - min_t(u64, window, l->taken.unread);
}

/**
 * rdg_rx_update_credit - tell the sender, if there is enough to tell
 * @l: the link
 */
void rdg_rx_update_credit(struct rdg_link *l)
{
	struct rdg_rx *rx;

	if (!rdg_link_live(l))
		return;
	rx = &l->live->rx;
	/* RFC 1122, 4.2.3.3: not for a little, which would double the acks. */
	if (rdg_rx_limit(l) >= rx->advertised + rdg_rx_window(l) / 4 &&
	    rdg_rx_limit(l) > rx->advertised)
		rx->report = true;
}

/* The window is worth twice what is read in a round trip: a sender that the
 * network lets go faster doubles its rate in that time at the most, and one that
 * is kept by the window alone shows so by filling it.
 */
static void tune(struct rdg_link *l, u64 now)
{
	struct rdg_rx *rx = &l->live->rx;

	if (!l->rtt.smoothed || now - rx->round_at < l->rtt.smoothed)
		return;
	rx->space = max_t(u64, rx->space, min_t(u64, 2 * rx->round_read, U32_MAX));
	rx->round_at = now;
	rx->round_read = 0;
}

/**
 * rdg_rx_read - the application has read messages
 * @l: the link
 * @seq: sequence of the last one
 * @cost: the sum of their costs
 * @now: ns
 */
void rdg_rx_read(struct rdg_link *l, u64 seq, u64 cost, u64 now)
{
	struct rdg_rx *rx;

	l->taken.unread -= cost;
	/* A message of an earlier incarnation may have any number. */
	if (seq >= l->taken.read && seq < l->taken.next)
		l->taken.read = seq + 1;
	if (!rdg_link_live(l))
		return;
	rx = &l->live->rx;
	rx->round_read += cost;
	tune(l, now);
	/* The sender takes what was not admitted for lost, and waits longer and
	 * longer: a little room is worth telling.
	 */
	if (l->unadmitted)
		rx->report = true;
	WRITE_ONCE(l->unadmitted, false);
	rdg_rx_update_credit(l);
}

static void deliver(struct rdg_link *l)
{
	struct rdg_rx *rx = &l->live->rx;
	struct rdg_buf *chain = rx->first;
	u32 len = rx->have;

	rx->final->next = NULL;
	rx->first = NULL;
	rx->final = NULL;
	rx->have = 0;
	rx->delivered_cost += rdg_cost(len);
	l->taken.unread += rdg_cost(len);
	rdg_count_add(l, RDG_CT_MESSAGES_RECEIVED, 1);
	rdg_count_add(l, RDG_CT_BYTES_RECEIVED, len);
	/* From now on an older incarnation would be out of order. */
	l->latest = l->live->begun;
	l->ops->deliver(l, chain, l->taken.next++, len);
}

/* It ends as if it had been delivered, and read: but the other side is told so. */
static void refuse(struct rdg_link *l)
{
	struct rdg_rx *rx = &l->live->rx;

	rx->delivered_cost += rdg_cost(rx->have);
	drop_chain(l);
	l->latest = l->live->begun;
	if (l->taken.read == l->taken.next)
		l->taken.read++;
	l->taken.next++;
	rx->refused++;
	rx->refused_pn = RDG_NEVER;
	rx->report = true;
}

/* Is message l->taken.next whole, and waits? */
static bool is_whole(const struct rdg_rx *rx)
{
	return rx->final && rx->final->last;
}

/* What was refused is told by the number of messages right below those delivered: so the
 * next one that is not waits until that was heard.
 */
static void finish(struct rdg_link *l)
{
	struct rdg_rx *rx = &l->live->rx;
	enum rdg_verdict verdict = rx->verdict;

	if (!l->filtered && verdict == RDG_UNDECIDED)
		verdict = RDG_ACCEPTED;
	if (verdict == RDG_UNDECIDED)
		verdict = l->ops->filter(l, rx->first, l->taken.next, rx->have);
	rx->verdict = verdict;
	if (verdict == RDG_UNDECIDED ||
	    (verdict == RDG_ACCEPTED ? rx->refused : rx->refused == U16_MAX))
		return;
	rx->verdict = RDG_UNDECIDED;
	if (verdict == RDG_ACCEPTED)
		deliver(l);
	else
		refuse(l);
}

/* A piece that begins at or before rx->have, and reaches beyond it. */
static void chain_piece(struct rdg_link *l, struct rdg_buf *b)
{
	struct rdg_rx *rx = &l->live->rx;
	bool last = b->last;

	if (b->off < rx->have) {
		u32 n = rx->have - b->off;

		l->ops->trim(l, b, n);
		b->off += n;
		b->len -= n;
	}
	rx->have += b->len;
	b->next = NULL;
	if (rx->final)
		rx->final->next = b;
	else
		rx->first = b;
	rx->final = b;
	if (last)
		finish(l);
}

/* Does a piece bring nothing beyond what is chained of message l->taken.next? */
static bool is_chained(const struct rdg_rx *rx, u32 off, u32 len)
{
	return off + len <= rx->have && (len || rx->first);
}

static void chain_ahead(struct rdg_link *l)
{
	struct rdg_rx *rx = &l->live->rx;
	struct rdg_buf *b;

	while (!is_whole(rx) && (b = first_ahead(rx))) {
		if (b->seq < l->taken.next ||
		    (b->seq == l->taken.next && is_chained(rx, b->off, b->len))) {
			drop_ahead(l, b);
			continue;
		}
		if (b->seq > l->taken.next || b->off > rx->have)
			return;
		rb_erase(&b->node, &rx->ahead);
		chain_piece(l, b);
	}
}

static bool comes_before(const struct rdg_buf *b, u64 seq, u32 off)
{
	return b->seq < seq || (b->seq == seq && b->off <= off);
}

/* Does the piece that stands before (seq, off) in the tree cover this one? */
static bool is_covered(const struct rdg_rx *rx, u64 seq, u32 off, u32 len)
{
	struct rb_node *n = rx->ahead.rb_node;
	struct rdg_buf *before = NULL;

	while (n) {
		struct rdg_buf *b = rb_entry(n, struct rdg_buf, node);

		if (comes_before(b, seq, off)) {
			before = b;
			n = n->rb_right;
		} else {
			n = n->rb_left;
		}
	}
	return before && before->seq == seq && before->off + before->len >= off + len;
}

static void insert_ahead(struct rdg_rx *rx, struct rdg_buf *b)
{
	struct rb_node **p = &rx->ahead.rb_node;
	struct rb_node *parent = NULL;

	while (*p) {
		parent = *p;
		if (comes_before(rb_entry(parent, struct rdg_buf, node), b->seq, b->off))
			p = &parent->rb_right;
		else
			p = &parent->rb_left;
	}
	rb_link_node(&b->node, parent, p);
	rb_insert_color(&b->node, &rx->ahead);
}

static enum piece take_piece(struct rdg_link *l, const struct rdg_piece *p, void *packet)
{
	struct rdg_rx *rx = &l->live->rx;
	u64 seq = rdg_seq_expand(l->taken.next, p->seq);
	bool head = seq == l->taken.next;
	struct rdg_buf *b;

	if (seq < l->taken.next || (head && (is_whole(rx) || is_chained(rx, p->off, p->len))))
		return PIECE_DUPLICATE;
	if (seq - l->taken.next > RDG_MAX_AHEAD)
		return PIECE_NOT_ADMITTED;
	if (is_covered(rx, seq, p->off, p->len))
		return PIECE_DUPLICATE;
	b = l->ops->take(l, packet, p->at, p->len, head, !(p->flags & RDG_MSG_OFFSET));
	if (!b)
		return PIECE_NOT_ADMITTED;
	b->seq = seq;
	b->off = p->off;
	b->len = p->len;
	b->last = !!(p->flags & RDG_MSG_LAST);
	if (head && b->off <= rx->have) {
		chain_piece(l, b);
		chain_ahead(l);
	} else {
		insert_ahead(rx, b);
	}
	return PIECE_TAKEN;
}

/**
 * rdg_rx_pieces_lie - were messages begun for which there was no credit?
 * @l: the link
 * @f: the packet's frames; rdg_rx_base_lies() said that its BASE does not
 *
 * The costs of the messages that were delivered are known, those of the ones
 * between them and a piece are RDG_MESSAGE_COST at the least.
 *
 * Return: true if one was.
 */
bool rdg_rx_pieces_lie(const struct rdg_link *l, const struct rdg_frames *f)
{
	const struct rdg_rx *rx = &l->live->rx;
	u64 limit = max(rx->advertised, l->self->first_credit + RDG_CREDIT_INITIAL);
	u64 next = rx->based ? l->taken.next : f->base;
	u32 i;

	for (i = 0; i < f->pieces; i++) {
		u64 seq = rdg_seq_expand(next, f->piece[i].seq);

		if (seq >= next && rx->delivered_cost + (seq - next) * RDG_MESSAGE_COST >= limit)
			return true;
	}
	return false;
}

/**
 * rdg_rx_waits - is a message whole, and not delivered?
 * @l: the link, live
 *
 * Return: true if one is: what the other side has heard by now is to be looked at before
 * rdg_rx_pieces().
 */
bool rdg_rx_waits(const struct rdg_link *l)
{
	return is_whole(&l->live->rx);
}

/**
 * rdg_rx_told - a packet of ours has arrived that tells of all that was refused
 * @l: the link, live
 */
void rdg_rx_told(struct rdg_link *l)
{
	l->live->rx.refused = 0;
	l->live->rx.refused_pn = RDG_NEVER;
}

/**
 * rdg_rx_tell_again - the other side does not answer: tell it once more what was refused
 * @l: the link, live
 */
void rdg_rx_tell_again(struct rdg_link *l)
{
	struct rdg_rx *rx = &l->live->rx;

	if (!rx->refused)
		return;
	rx->refused_pn = RDG_NEVER;
	rx->report = true;
}

/* No payload has come that would draw a report. */
static void go_on(struct rdg_link *l)
{
	u64 before = l->taken.next;

	finish(l);
	chain_ahead(l);
	if (l->taken.next != before)
		l->live->rx.report = true;
}

/**
 * rdg_rx_pieces - take the pieces of messages in a packet
 * @l: the link
 * @f: the packet's frames
 * @packet: the driver's handle of it
 * @fresh: set if there was a piece that had not been received before
 *
 * Return: false if one was not admitted: the packet must not be acknowledged.
 */
bool rdg_rx_pieces(struct rdg_link *l, const struct rdg_frames *f, void *packet, bool *fresh)
{
	bool duplicate = false;
	u32 i;

	*fresh = false;
	/* A closed socket refuses; the report that goes with the ack says so. */
	if (l->closing)
		return true;
	if (is_whole(&l->live->rx))
		go_on(l);
	for (i = 0; i < f->pieces; i++) {
		switch (take_piece(l, &f->piece[i], packet)) {
		case PIECE_TAKEN:
			*fresh = true;
			break;
		case PIECE_DUPLICATE:
			duplicate = true;
			break;
		case PIECE_NOT_ADMITTED:
			rdg_count_add(l, RDG_CT_PACKETS_UNADMITTED, 1);
			WRITE_ONCE(l->unadmitted, true);
			return false;
		}
	}
	if (duplicate)
		rdg_count_add(l, RDG_CT_PACKETS_DUPLICATE, 1);
	return true;
}
