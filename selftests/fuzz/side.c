// SPDX-License-Identifier: GPL-2.0-only
/*
 * One side: drives the core as the shell does, and looks at what it does, see fuzz.h
 * and struct rdg_link_ops.
 */
#include "fuzz.h"

#define PORT		7000

/* Nobody waits for longer than this with a message that is not over, or than so many
 * times what packets may have taken so far: who measures hours waits for hours.
 */
#define WAIT_MAX	(1000 * NSEC_PER_SEC)
#define WAIT_TIMES	8

/* More packets than this out of one call can only be an endless loop. */
#define PUMP_MAX	20000

/* How far ahead packets may be handed over. */
#define AHEAD_MAX	(4 * NSEC_PER_MSEC)

static struct fuzz_side *side_of(struct rdg_link *l)
{
	return container_of(l, struct fuzz_side, link);
}

static struct fuzz_id *id_find(struct fuzz_side *s, u64 id)
{
	u32 i;

	for (i = 0; i < s->ids; i++) {
		if (s->id[i].expires <= s->f->now)
			s->id[i--] = s->id[--s->ids];
		else if (s->id[i].id == id)
			return &s->id[i];
	}
	return NULL;
}

static int op_id_add(struct rdg_link *l, u64 id)
{
	struct fuzz_side *s = side_of(l);

	fuzz_check(id, "0 is added as an id");
	if (id_find(s, id))
		return -EEXIST;
	if (s->ids == FUZZ_IDS)
		return -ENOSPC;
	if (fuzz_fails(s->f))
		return -ENOMEM;
	s->id[s->ids++] = (struct fuzz_id){ .id = id, .expires = RDG_NEVER };
	return 0;
}

static void op_id_end(struct rdg_link *l, u64 id)
{
	struct fuzz_side *s = side_of(l);
	struct fuzz_id *entry = id_find(s, id);

	fuzz_check(entry && entry->expires == RDG_NEVER, "an id ends that is not in use");
	entry->expires = s->f->now + RDG_TOMBSTONE_LIFE;
}

static struct rdg_live *op_alloc(struct rdg_link *l)
{
	struct fuzz_side *s = side_of(l);

	fuzz_check(!s->live, "a link begins twice");
	if (fuzz_fails(s->f))
		return NULL;
	s->live++;
	return kmalloc(sizeof(struct rdg_live), GFP_KERNEL | __GFP_NOFAIL);
}

static void op_free(struct rdg_link *l, struct rdg_live *live)
{
	side_of(l)->live--;
	kfree(live);
}

/* Room for one more buffer: the limit holds but for the token. */
static bool admit(struct fuzz_side *s, u32 charge, bool head)
{
	if (s->charged + charge <= s->rcvbuf)
		return true;
	if (!head)
		return false;
	s->token = true;
	return true;
}

static struct rdg_buf *op_take(struct rdg_link *l, void *packet, u32 at, u32 len, bool head,
			       bool single)
{
	struct fuzz_side *s = side_of(l);
	struct fuzz_packet *p = packet;
	struct fuzz_buf *b;

	fuzz_check(at <= p->len && len <= p->len - at, "%u+%u bytes are taken of %u", at, len,
		   p->len);
	fuzz_check(!l->closing, "a closed endpoint takes a piece");
	if (fuzz_fails(s->f) || !admit(s, len + FUZZ_OVERHEAD, head))
		return NULL;
	b = kzalloc(sizeof(*b), GFP_KERNEL | __GFP_NOFAIL);
	b->side = s;
	b->packet = p;
	b->at = at;
	b->len = len;
	b->charge = len + FUZZ_OVERHEAD;
	p->refs++;
	s->buffers++;
	s->charged += b->charge;
	return &b->buf;
}

static void op_trim(struct rdg_link *l, struct rdg_buf *buf, u32 n)
{
	struct fuzz_buf *b = container_of(buf, struct fuzz_buf, buf);

	fuzz_check(n && n < b->len, "%u of %u bytes are trimmed", n, b->len);
	b->at += n;
	b->len -= n;
}

static void free_buf(struct rdg_buf *buf)
{
	struct fuzz_buf *b = container_of(buf, struct fuzz_buf, buf);

	b->side->charged -= b->charge;
	fuzz_packet_put(b->packet);
	kfree(b);
}

static void op_put(struct rdg_link *l, struct rdg_buf *buf)
{
	struct fuzz_side *s = side_of(l);

	free_buf(buf);
	if (!--s->buffers)
		s->token = false;
}

static void op_arrived(struct rdg_link *l, void *packet)
{
}

/* A whole message, the one that is due. Returns of how many buffers. */
static u32 check_message(struct rdg_link *l, struct rdg_buf *chain, u64 seq, u32 len)
{
	const struct fuzz_side *s = side_of(l);
	struct rdg_buf *buf;
	u32 have = 0, n = 0;

	for (buf = chain; buf; buf = buf->next) {
		fuzz_check(container_of(buf, struct fuzz_buf, buf)->len == buf->len,
			   "a buffer has another length than its piece");
		have += buf->len;
		n++;
	}
	fuzz_check(have == len && len <= RDG_MAX_MESSAGE, "%u bytes of a message of %u", have, len);
	fuzz_check(!l->closing, "a closed endpoint gets a message");
	fuzz_check(seq && (!s->next || seq == s->next), "message %llu where %llu was due",
		   (unsigned long long)seq, (unsigned long long)s->next);
	return n;
}

static enum rdg_verdict op_filter(struct rdg_link *l, struct rdg_buf *chain, u64 seq, u32 len)
{
	struct fuzz_side *s = side_of(l);

	check_message(l, chain, seq, len);
	if (fuzz_fails(s->f))
		return RDG_UNDECIDED;
	if (!(s->unwanted & BIT(seq % 8)))
		return RDG_ACCEPTED;
	s->next = seq + 1;
	fuzz_refused++;
	return RDG_REFUSED;
}

static void op_deliver(struct rdg_link *l, struct rdg_buf *chain, u64 seq, u32 len)
{
	struct fuzz_item *item = kzalloc(sizeof(*item), GFP_KERNEL | __GFP_NOFAIL);
	struct fuzz_side *s = side_of(l);

	s->buffers -= check_message(l, chain, seq, len);
	s->next = seq + 1;
	s->token = false;
	item->seq = seq;
	item->len = len;
	item->chain = chain;
	list_add_tail(&item->node, &s->queue);
}

static void op_over(struct rdg_link *l, struct rdg_msg *m, enum rdg_outcome outcome)
{
	struct fuzz_side *s = side_of(l);

	fuzz_check(s->pending, "a message is over twice");
	s->pending--;
	/* Now, and not later: if the core had not forgotten it the sanitizer would see. */
	kfree(m);
}

static void op_note(struct rdg_link *l, enum rdg_note note, u64 first, u64 last)
{
	struct fuzz_side *s = side_of(l);

	if (note == RDG_NOTE_RESTART)
		s->next = 0;
	if (note != RDG_NOTE_JUMP)
		return;
	fuzz_check(first && first <= last && (!s->next || first == s->next),
		   "a jump over %llu to %llu where %llu was due", (unsigned long long)first,
		   (unsigned long long)last, (unsigned long long)s->next);
	s->next = last + 1;
}

static void op_moved(struct rdg_link *l, enum rdg_state from, enum rdg_event event)
{
	/* On a link that the other side opens its numbers may be lower, and are not on the next. */
	if (event == RDG_EV_CONFIRM || l->state == RDG_IDLE)
		side_of(l)->next = 0;
	fuzz_check(rdg_state_next(from, event) == (int)l->state, "%s is no answer to %s in %s",
		   rdg_state_name(l->state), rdg_event_name(event), rdg_state_name(from));
}

static void op_carry(struct rdg_link *l, enum rdg_count count)
{
}

static u64 op_share(struct rdg_link *l)
{
	return 0;
}

static u64 op_turn(struct rdg_link *l)
{
	/* Sometimes; not again where it has waited. */
	return !l->waits && fuzz_fails(side_of(l)->f) ? NSEC_PER_SEC : 0;
}

static const struct rdg_link_ops fuzz_ops = {
	.id_add	 = op_id_add,
	.id_end	 = op_id_end,
	.alloc	 = op_alloc,
	.free	 = op_free,
	.take	 = op_take,
	.trim	 = op_trim,
	.put	 = op_put,
	.filter	 = op_filter,
	.deliver = op_deliver,
	.arrived = op_arrived,
	.over	 = op_over,
	.note	 = op_note,
	.moved	 = op_moved,
	.carry	 = op_carry,
	.share	 = op_share,
	.turn	 = op_turn,
};

void fuzz_flow(const struct fuzz_side *s, struct rdg_flow *flow)
{
	memset(flow, 0, sizeof(*flow));
	flow->local.s6_addr[15] = 1 + s->nr;
	flow->remote.s6_addr[15] = 2 - s->nr;
	flow->lport = htons(PORT);
	flow->rport = htons(PORT);
}

/* An endpoint that knows nothing; tombstones stay. */
void fuzz_side_begin(struct fuzz *f, u8 nr, u32 rcvbuf, u32 window)
{
	struct fuzz_side *s = &f->side[nr];

	s->f = f;
	s->nr = nr;
	s->self = (struct rdg_self){ .incarnation = fuzz_random(f) | 1 };
	s->self.secret.key[0] = fuzz_random(f);
	s->self.secret.key[1] = fuzz_random(f);
	s->fire = RDG_NEVER;
	INIT_LIST_HEAD(&s->queue);
	s->rcvbuf = rcvbuf;
	s->token = false;
	s->next = 0;
	s->unwanted = 0;
	s->limit = 0;
	s->departs = 0;
	rdg_link_init(&s->link, &fuzz_ops, &s->self, fuzz_random(f), f->now);
	rdg_link_set_window(&s->link, window, 8 * window);
}

static void free_item(struct fuzz_item *item)
{
	while (item->chain) {
		struct rdg_buf *b = item->chain;

		item->chain = b->next;
		free_buf(b);
	}
	list_del(&item->node);
	kfree(item);
}

static void discard_queue(struct fuzz_side *s)
{
	while (!list_empty(&s->queue))
		free_item(list_first_entry(&s->queue, struct fuzz_item, node));
}

/* It is gone, and so is all that it had. */
void fuzz_side_end(struct fuzz_side *s)
{
	u32 i;

	discard_queue(s);
	rdg_link_free(&s->link);
	fuzz_check(!s->pending, "%u messages never end", s->pending);
	fuzz_check(!s->buffers && !s->charged && !s->live, "memory is left");
	for (i = 0; i < s->ids; i++)
		fuzz_check(s->id[i].expires != RDG_NEVER, "an id outlives its link");
}

static void arm(struct fuzz_side *s)
{
	const struct rdg_link *l = &s->link;
	u64 deadline = rdg_link_deadline(l);

	fuzz_check(list_empty(&l->tx.queue) || l->tx.refused || l->held ||
		   deadline - s->f->now <= WAIT_MAX + WAIT_TIMES * s->f->now ||
		   deadline < s->f->now, "messages wait for %llu ns in %s",
		   (unsigned long long)(deadline - s->f->now), rdg_state_name(l->state));
	s->fire = deadline;
}

/* A probe may be larger than what is known to arrive, and carries nothing. */
static void check_out(struct fuzz_side *s, const struct rdg_out *out)
{
	u32 size = out->head_len + out->payload + out->padding, payload = 0, i;
	u64 now = s->f->now;

	fuzz_check(out->head_len <= RDG_HEAD_MAX && out->slices <= RDG_PIECES_OUT,
		   "%u bytes of head, %u slices", out->head_len, out->slices);
	for (i = 0; i < out->slices; i++) {
		const struct rdg_slice *slice = &out->slice[i];

		fuzz_check(slice->off <= slice->msg->len &&
			   slice->len <= slice->msg->len - slice->off,
			   "%u+%u bytes are sent of a message of %u", slice->off, slice->len,
			   slice->msg->len);
		payload += slice->len;
	}
	fuzz_check(payload == out->payload, "slices of %u bytes for %u", payload, out->payload);
	fuzz_check(out->padding ? !out->payload : size <= s->link.mtu,
		   "%u bytes in a packet, %u is the MTU", size, s->link.mtu);
	fuzz_check(!s->limit || size <= s->limit, "%u bytes in a packet, the interface carries %u",
		   size, s->limit);
	fuzz_check(out->depart >= now && out->depart <= now + AHEAD_MAX,
		   "a packet departs %lld ns from now", (long long)(out->depart - now));
	if (out->via == RDG_VIA_CANDIDATE) {
		s->gave += size;
		fuzz_check(s->gave <= s->got, "%llu bytes for %llu are sent elsewhere",
			   (unsigned long long)s->gave, (unsigned long long)s->got);
		return;
	}
	fuzz_check(out->depart >= s->departs, "a packet overtakes others");
	s->departs = out->depart;
}

/* What the driver does after every call of the core. */
void fuzz_pump(struct fuzz_side *s)
{
	struct rdg_link *l = &s->link;
	struct fuzz *f = s->f;
	bool quiet = rdg_link_is_quiet(l, f->now);
	u32 n = 0;

	f->out.goes_on = false;
	while (rdg_link_poll(l, f->now, &f->out)) {
		struct fuzz_packet *p;

		fuzz_check(!quiet, "a packet of a quiet link");
		check_out(s, &f->out);
		p = fuzz_packet(!s->nr, f->out.head, f->out.head_len,
				f->out.head_len + f->out.payload + f->out.padding);
		fuzz_fly(f, p);
		fuzz_check(++n < PUMP_MAX, "packets without end from one call");
	}
	fuzz_check(!!l->live == (l->state >= RDG_CONFIRMING), "a link in %s %s memory",
		   rdg_state_name(l->state), l->live ? "with" : "without");
	fuzz_check(!l->count[RDG_CT_ILLEGAL_EDGES], "an illegal edge");
	arm(s);
}

void fuzz_timer(struct fuzz_side *s)
{
	s->fire = RDG_NEVER;
	rdg_link_timeout(&s->link, s->f->now);
	fuzz_pump(s);
}

void fuzz_send(struct fuzz_side *s, u32 len, bool more)
{
	struct rdg_msg *m = kzalloc(sizeof(*m), GFP_KERNEL | __GFP_NOFAIL);

	m->len = len;
	m->more = more;
	s->pending++;
	rdg_link_queue(&s->link, m, s->f->now);
	fuzz_pump(s);
}

bool fuzz_read(struct fuzz_side *s)
{
	struct fuzz_item *item = list_first_entry_or_null(&s->queue, struct fuzz_item, node);
	u64 seq;
	u32 len;

	if (!item)
		return false;
	seq = item->seq;
	len = item->len;
	free_item(item);
	rdg_link_read(&s->link, seq, 1, len, s->f->now);
	fuzz_pump(s);
	return true;
}

void fuzz_close(struct fuzz_side *s, u64 orphan)
{
	discard_queue(s);
	rdg_link_close(&s->link, s->f->now + orphan, s->f->now);
	fuzz_pump(s);
}

/* The endpoint gets a filter, or another one; 0: none. */
void fuzz_filter(struct fuzz_side *s, u8 unwanted)
{
	s->unwanted = unwanted;
	s->link.filtered = unwanted;
	fuzz_pump(s);
}

/* --- packets in ------------------------------------------------------------------ */

/* No answer is longer than its question, but for RESETs that are not sent then. */
static void answer(struct fuzz_side *s, const struct fuzz_packet *p, const u8 *data, u32 len)
{
	if (len > p->len && data[0] == RDG_PKT_RESET)
		return;
	fuzz_check(len <= p->len, "%u bytes are sent back for %u", len, p->len);
	fuzz_fly(s->f, fuzz_packet(!s->nr, data, len, len));
}

static void reset(struct fuzz_side *s, const struct fuzz_packet *p, u64 id,
		  enum rdg_reset_reason why)
{
	u8 data[RDG_RESET_LEN];

	answer(s, p, data, rdg_wire_reset(data, id, why));
}

static void input_init(struct fuzz_side *s, const struct fuzz_packet *p,
		       const struct rdg_header *h)
{
	struct rdg_link *l = &s->link;
	u8 data[RDG_INIT_MIN];
	struct rdg_flow flow;
	u32 len;

	if (l->closing)
		return;
	fuzz_flow(s, &flow);
	len = rdg_cookie_answer(&s->self, &flow, h, l, l->taken.most, false, s->f->now, data);
	if (len)
		answer(s, p, data, len);
	rdg_link_asked(l, h, s->f->now);
}

/* A CONFIRM for an id that is not in use: does it open the link? */
static bool confirm(struct fuzz_side *s, const struct fuzz_packet *p, const struct rdg_header *h)
{
	struct rdg_frames *frames = &s->f->frames;
	struct rdg_flow flow;
	int err = -ESTALE;

	fuzz_flow(s, &flow);
	if (!id_find(s, h->dst_id) &&
	    rdg_cookie_good(&s->self, &flow, h->dst_id, &frames->cookie, s->f->now))
		err = rdg_link_confirm(&s->link, h, frames, s->f->now);
	if (err == -ESTALE)
		reset(s, p, h->dst_id, RDG_RESET_STALE);
	return !err;
}

static void input_data(struct fuzz_side *s, struct fuzz_packet *p, const u8 *head,
		       const struct rdg_header *h, enum rdg_via via, bool moves)
{
	struct rdg_frames *frames = &s->f->frames;
	struct fuzz_id *id;

	if (rdg_wire_parse_frames(head, h, frames) != RDG_PARSE_OK)
		return;
	id = id_find(s, h->dst_id);
	if (!id || id->expires != RDG_NEVER) {
		if (h->type != RDG_PKT_CONFIRM) {
			reset(s, p, h->dst_id, RDG_RESET_UNKNOWN);
			return;
		}
		if (!confirm(s, p, h))
			return;
	}
	if (via == RDG_VIA_PEER && rdg_wire_is_plain(h, frames) && (h->pn & 1) &&
	    rdg_link_goes_on(&s->link, h, frames, p, p->ce, s->f->now))
		return;
	switch (rdg_link_packet_via(&s->link, h, frames, p, p->ce, via, s->f->now)) {
	case RDG_PATH_NOTHING:
		if (via == RDG_VIA_CANDIDATE)
			s->got += p->len;
		break;
	case RDG_PATH_STRANGER:
		break;
	case RDG_PATH_CANDIDATE:
		if (via != RDG_VIA_CANDIDATE) {
			s->got = 0;
			s->gave = 0;
		}
		s->got += p->len;
		if (moves)
			rdg_link_path_barred(&s->link);
		break;
	case RDG_PATH_PROVED:
		s->got += p->len;
		rdg_link_path_moved(&s->link, moves, s->f->now);
		break;
	}
}

/*
 * A packet arrives. Of it the core sees what the shell would show it, in memory of its
 * own: what it says is needed, and not a byte more.
 */
void fuzz_packet_in(struct fuzz *f, struct fuzz_packet *p, enum rdg_via via, bool moves)
{
	struct fuzz_side *s = &f->side[p->to];
	u8 start[RDG_COMMON_LEN] = {}, version[RDG_VERSION_LEN], *head;
	enum rdg_parse result;
	struct rdg_header h;
	u32 need;

	fuzz_packets++;
	if (p->len < RDG_COMMON_LEN)
		return;
	memcpy(start, p->data, min_t(u32, p->have, RDG_COMMON_LEN));
	need = max_t(u32, min(rdg_wire_need(start), p->len), RDG_COMMON_LEN);
	head = kzalloc(need, GFP_KERNEL | __GFP_NOFAIL);
	memcpy(head, p->data, min(need, p->have));
	result = rdg_wire_parse(head, p->len, &h);
	if (result == RDG_PARSE_VERSION)
		answer(s, p, version, rdg_wire_version(version, h.src_id));
	if (result != RDG_PARSE_OK) {
		kfree(head);
		return;
	}
	switch (h.type) {
	case RDG_PKT_INIT:
		input_init(s, p, &h);
		break;
	case RDG_PKT_CHALLENGE:
		if (h.dst_id == s->link.own_id && via == RDG_VIA_PEER)
			rdg_link_challenge(&s->link, &h, f->now);
		break;
	case RDG_PKT_RESET:
		if (via == RDG_VIA_PEER)
			rdg_link_reset(&s->link, &h, f->now);
		break;
	case RDG_PKT_VERSION:
		if (via == RDG_VIA_PEER)
			rdg_link_version(&s->link, &h);
		break;
	default:
		input_data(s, p, head, &h, via, moves);
	}
	kfree(head);
	fuzz_pump(s);
}
