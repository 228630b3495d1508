// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets of the fuzzer's making, see fuzz.h: such as the format has them, whose numbers
 * are near to what the link that they go to would believe, or not; any bytes; and packets
 * of the other side that were changed.
 */
#include "fuzz.h"

/* In that order in a packet, as far as the input asks for them. */
enum frame {
	F_COOKIE,
	F_BASE,
	F_PING,
	F_ACK,
	F_ECN,
	F_REPORT,
	F_END,
	F_END_ACK,
	F_PATH_CHECK,
	F_PATH_ANSWER,
	F_PADDING,
};

/* Who it claims to be. */
static u64 some_inc(struct fuzz *f, u8 to, struct fuzz_input *in)
{
	switch (fuzz_u8(in) % 4) {
	case 0:
		return f->side[!to].self.incarnation;
	case 1:
		return 1;
	case 2:
		return f->side[to].link.remote_inc;
	}
	return fuzz_u64(in);
}

static u64 some_id(struct fuzz *f, u8 to, struct fuzz_input *in)
{
	const struct rdg_link *l = &f->side[to].link;

	switch (fuzz_u8(in) % 4) {
	case 0:
		return l->own_id;
	case 1:
		return l->remote_id;
	case 2:
		return f->side[!to].link.own_id;
	}
	return fuzz_near(in, 1);
}

static u32 init(struct fuzz *f, u8 to, struct fuzz_input *in, u8 *data)
{
	u64 id = some_id(f, to, in), inc = some_inc(f, to, in);

	return rdg_wire_init(data, id, inc, fuzz_u8(in) % 2 ? 0 : f->side[to].self.incarnation);
}

static u32 challenge(struct fuzz *f, u8 to, struct fuzz_input *in, u8 *data)
{
	const struct fuzz_side *s = &f->side[to];
	struct rdg_header h = { .dst_id = s->link.own_id, .dst_inc = s->self.incarnation };

	h.src_id = some_id(f, to, in);
	h.src_inc = some_inc(f, to, in);
	h.cookie = fuzz_near(in, 0);
	h.cookie_time = fuzz_near(in, rdg_cookie_time(f->now));
	h.credit = fuzz_near(in, RDG_CREDIT_INITIAL);
	return rdg_wire_challenge(data, &h);
}

/* A cookie that is good: anybody gets one who asks. */
static u64 fetch_cookie(struct fuzz *f, u8 to, struct fuzz_input *in, struct rdg_cookie_frame *c)
{
	const struct fuzz_side *s = &f->side[to];
	struct rdg_header h = { .type = RDG_PKT_INIT };
	u8 data[RDG_CHALLENGE_LEN];
	struct rdg_flow flow;
	u32 len;

	h.src_id = some_id(f, to, in);
	h.src_inc = some_inc(f, to, in);
	fuzz_flow(s, &flow);
	*c = (struct rdg_cookie_frame){
		.src_id = h.src_id, .src_inc = h.src_inc, .dst_inc = s->self.incarnation,
	};
	len = rdg_cookie_answer(&s->self, &flow, &h, NULL, 0, false, f->now, data);
	if (rdg_wire_parse(data, len, &h) != RDG_PARSE_OK)
		return s->link.own_id;
	c->cookie = h.cookie;
	c->time = h.cookie_time;
	return h.src_id;
}

static void put_ack(struct rdg_writer *w, const struct rdg_link *l, struct fuzz_input *in)
{
	struct rdg_ack_frame a = { .delay = fuzz_u8(in) };
	u32 i;

	a.largest = fuzz_near(in, l->live ? l->live->ledger.next - 1 : 0);
	a.first = fuzz_near(in, 1);
	a.n = fuzz_u8(in) % 4;
	for (i = 0; i < a.n; i++) {
		a.gap[i] = fuzz_near(in, 1);
		a.len[i] = fuzz_near(in, 1);
	}
	rdg_wire_ack(w, &a);
}

static void put_report(struct rdg_writer *w, const struct rdg_link *l, struct fuzz_input *in)
{
	u8 what = fuzz_u8(in);
	struct rdg_report_frame r = { .closed = what % 8 == 1, .refused = what >> 3 };

	if (what == U8_MAX)
		r.refused = U16_MAX;
	r.delivered = fuzz_near(in, l->tx.delivered);
	r.read = fuzz_near(in, l->tx.delivered);
	r.credit = fuzz_near(in, l->tx.credit_limit);
	rdg_wire_report(w, &r);
}

static void put_frame(struct rdg_writer *w, enum frame frame, const struct rdg_link *l,
		      struct fuzz_input *in)
{
	switch (frame) {
	case F_COOKIE:
		break;		/* was put already */
	case F_BASE:
		return rdg_wire_base(w, fuzz_near(in, l->taken.next));
	case F_PING:
		return rdg_wire_ping(w);
	case F_ACK:
		return put_ack(w, l, in);
	case F_ECN:
		return rdg_wire_ecn(w, fuzz_near(in, 0));
	case F_REPORT:
		return put_report(w, l, in);
	case F_END:
		return rdg_wire_end(w, RDG_FRAME_END, fuzz_near(in, l->taken.next));
	case F_END_ACK:
		return rdg_wire_end(w, RDG_FRAME_END_ACK, fuzz_near(in, l->tx.next_seq));
	case F_PATH_CHECK:
		return rdg_wire_path(w, RDG_FRAME_PATH_CHECK, fuzz_u8(in));
	case F_PATH_ANSWER:
		return rdg_wire_path(w, RDG_FRAME_PATH_ANSWER,
				     fuzz_near(in, l->live ? l->live->path.value : 0));
	case F_PADDING:
		return rdg_wire_padding(w, 0);
	}
}

static u32 put_piece(struct rdg_writer *w, const struct rdg_link *l, struct fuzz_input *in)
{
	struct rdg_piece p = { .flags = fuzz_u8(in) };

	p.flags &= RDG_MSG_OFFSET | RDG_MSG_LAST | RDG_MSG_ACK_NOW | RDG_MSG_NEXT;
	p.len = fuzz_u8(in) < 0xf0 ? fuzz_u8(in) : fuzz_u16(in) % 2000;
	if (!(p.flags & RDG_MSG_NEXT))
		p.seq = fuzz_near(in, l->taken.next);
	if (p.flags & RDG_MSG_OFFSET)
		p.off = fuzz_u8(in) % 2 ? fuzz_near(in, RDG_MAX_MESSAGE) : fuzz_u16(in);
	rdg_wire_piece(w, &p);
	return p.len;
}

/* A CONFIRM or DATA; returns the length of its head. */
static u32 data(struct fuzz *f, u8 to, struct fuzz_input *in, u8 *head, u32 *payload)
{
	const struct rdg_link *l = &f->side[to].link;
	u32 frames = fuzz_u16(in), pieces = fuzz_u8(in) % 4, i;
	struct rdg_cookie_frame c;
	u64 id = l->own_id, pn = 0;
	struct rdg_writer w;

	if (frames & BIT(F_COOKIE))
		id = fetch_cookie(f, to, in, &c);
	if (l->live && l->live->rx.seen.n)
		pn = rdg_ranges_largest(&l->live->rx.seen) + 1;
	rdg_wire_begin(&w, head, id, fuzz_near(in, pn));
	if (frames & BIT(F_COOKIE))
		rdg_wire_cookie(&w, &c);
	for (i = F_BASE; i <= F_PADDING; i++)
		if (frames & BIT(i))
			put_frame(&w, i, l, in);
	for (i = 0; i < pieces; i++)
		*payload += put_piece(&w, l, in);
	rdg_wire_finish(&w, frames & BIT(F_COOKIE) ? RDG_PKT_CONFIRM : RDG_PKT_DATA);
	return w.len;
}

/* Such as the format has them; now and then with other bytes in between. */
struct fuzz_packet *fuzz_forge(struct fuzz *f, u8 to, struct fuzz_input *in)
{
	struct fuzz_packet *p, *spoilt;
	u8 head[RDG_HEAD_MAX] = {};
	u32 payload = 0, len;
	u8 kind = fuzz_u8(in);

	switch (kind % 16) {
	case 0:
		len = init(f, to, in, head);
		break;
	case 1:
		len = challenge(f, to, in, head);
		break;
	case 2:
		len = rdg_wire_reset(head, some_id(f, to, in), 1 + fuzz_u8(in) % 2);
		break;
	case 3:
		len = rdg_wire_version(head, some_id(f, to, in));
		break;
	default:
		len = data(f, to, in, head, &payload);
	}
	p = fuzz_packet(to, head, len, len + payload);
	p->ce = kind & 0x40;
	if (!(kind & 0x80))
		return p;
	spoilt = fuzz_spoil(p, in);
	fuzz_packet_put(p);
	return spoilt;
}

/* Any bytes. */
struct fuzz_packet *fuzz_raw(u8 to, struct fuzz_input *in)
{
	u32 len = min_t(u32, fuzz_u8(in), in->end - in->at);

	in->at += len;
	return fuzz_packet(to, in->at - len, len, len);
}

/* The same, but for a few bytes, and perhaps the length. */
struct fuzz_packet *fuzz_spoil(const struct fuzz_packet *p, struct fuzz_input *in)
{
	u32 n = fuzz_u8(in), len = p->len;
	struct fuzz_packet *spoilt;

	if (n & 0x10)
		len = min_t(u64, fuzz_near(in, len), FUZZ_PACKET);
	spoilt = fuzz_packet(p->to, p->data, p->have, len);
	spoilt->ce = n & 0x20;
	for (n %= 8; n && spoilt->have; n--) {
		u32 at = fuzz_u16(in) % spoilt->have;

		spoilt->data[at] = fuzz_u8(in) ^ (fuzz_u8(in) % 2 ? spoilt->data[at] : 0);
	}
	return spoilt;
}
