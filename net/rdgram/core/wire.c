// SPDX-License-Identifier: GPL-2.0-only
/*
 * The bytes of the wire, see wire.h and Documentation/protocol.rst.
 */
#include <linux/minmax.h>
#include <linux/string.h>
#include "bytes.h"
#include "wire.h"

/* Types of the TLVs that a receiver must understand. */
#define RDG_TLV_CRITICAL	0x8000
#define RDG_TLV_LEN		4

/* Flags of MSG that need no feature: all others are malformed in version 1. */
#define RDG_MSG_KNOWN		(RDG_MSG_OFFSET | RDG_MSG_LAST | RDG_MSG_ACK_NOW | RDG_MSG_NEXT)

static enum rdg_parse parse_tlvs(const u8 *p, u32 len)
{
	while (len) {
		u32 value;

		if (len < RDG_TLV_LEN)
			return RDG_PARSE_MALFORMED;
		value = rdg_get_be16(p + 2);
		if (value > len - RDG_TLV_LEN)
			return RDG_PARSE_MALFORMED;
		if (rdg_get_be16(p) & RDG_TLV_CRITICAL)
			return RDG_PARSE_UNKNOWN_TLV;
		p += RDG_TLV_LEN + value;
		len -= RDG_TLV_LEN + value;
	}
	return RDG_PARSE_OK;
}

static void parse_ends(const u8 *data, struct rdg_header *h)
{
	h->src_id = rdg_get_be64(data + 12);
	h->src_inc = rdg_get_be64(data + 20);
	h->dst_inc = rdg_get_be64(data + 28);
}

static enum rdg_parse parse_init(const u8 *data, struct rdg_header *h)
{
	if (h->length < RDG_INIT_MIN)
		return RDG_PARSE_MALFORMED;
	parse_ends(data, h);
	if (h->dst_id || !h->src_id || !h->src_inc)
		return RDG_PARSE_MALFORMED;
	return parse_tlvs(data + RDG_INIT_LEN, h->region);
}

static enum rdg_parse parse_challenge(const u8 *data, struct rdg_header *h)
{
	parse_ends(data, h);
	if (!h->dst_id || !h->src_id || !h->src_inc || !h->dst_inc)
		return RDG_PARSE_MALFORMED;
	h->credit = rdg_get_be32(data + 40);
	h->cookie_time = rdg_get_be32(data + 44);
	h->cookie = rdg_get_be64(data + 48);
	return parse_tlvs(data + RDG_CHALLENGE_LEN, h->region);
}

static enum rdg_parse parse_reset(const u8 *data, struct rdg_header *h)
{
	h->reflected = rdg_get_be64(data + 12);
	h->reason = data[20];
	if (h->region || !h->reflected)
		return RDG_PARSE_MALFORMED;
	if (h->reason != RDG_RESET_UNKNOWN && h->reason != RDG_RESET_STALE)
		return RDG_PARSE_MALFORMED;
	return RDG_PARSE_OK;
}

static enum rdg_parse parse_version(const u8 *data, struct rdg_header *h)
{
	h->reflected = rdg_get_be64(data + 12);
	h->lowest = data[20];
	h->highest = data[21];
	if (h->region || !h->reflected || h->lowest > h->highest)
		return RDG_PARSE_MALFORMED;
	return RDG_PARSE_OK;
}

static u32 fixed_length(u8 type)
{
	switch (type) {
	case RDG_PKT_INIT:
		return RDG_INIT_LEN;
	case RDG_PKT_CHALLENGE:
		return RDG_CHALLENGE_LEN;
	case RDG_PKT_CONFIRM:
	case RDG_PKT_DATA:
		return RDG_DATA_LEN;
	case RDG_PKT_RESET:
		return RDG_RESET_LEN;
	case RDG_PKT_VERSION:
		return RDG_VERSION_LEN;
	}
	return 0;
}

/**
 * rdg_wire_need - how much of a packet has to be in one place to be parsed
 * @data: the packet's first RDG_COMMON_LEN bytes
 *
 * Context: any.
 * Return: length in bytes of the fixed part and the region; 0 if no packet
 * begins like this.
 */
u32 rdg_wire_need(const u8 *data)
{
	u32 fixed = fixed_length(data[0]);

	return fixed ? fixed + rdg_get_be16(data + 2) : 0;
}

/**
 * rdg_wire_gather - bring what is to be parsed of a packet into one place
 * @from: where the packet is
 * @length: length of the whole packet in bytes
 * @to: memory for it
 * @room: bytes of that; at least RDG_COMMON_LEN
 *
 * For packets in memory that others may still write: each byte is read once, so
 * that what was checked is what is used.
 *
 * Context: as that of @from's functions.
 * Return: the first min(rdg_wire_need(), @length) bytes: @to, or what @from->more()
 * gave; NULL if there are fewer than RDG_COMMON_LEN, or @from has failed.
 */
const u8 *rdg_wire_gather(struct rdg_source *from, u32 length, u8 *to, u32 room)
{
	u8 *start = to;
	u32 need;

	if (length < RDG_COMMON_LEN || !from->copy(from, 0, to, RDG_COMMON_LEN))
		return NULL;
	need = min(rdg_wire_need(to), length);
	if (need <= RDG_COMMON_LEN)
		return to;
	if (need > room) {
		to = from->more(from, need);
		if (!to)
			return NULL;
		memcpy(to, start, RDG_COMMON_LEN);
	}
	return from->copy(from, RDG_COMMON_LEN, to + RDG_COMMON_LEN, need - RDG_COMMON_LEN) ?
	       to : NULL;
}

/**
 * rdg_wire_parse - stage one: check a packet and take all but its frames
 * @data: the packet; its first rdg_wire_need() bytes must be readable
 * @length: length of the whole packet in bytes, at least RDG_COMMON_LEN
 * @h: filled in, valid if the answer is RDG_PARSE_OK; on RDG_PARSE_VERSION
 *	@length and @src_id are
 *
 * Context: any.
 * Return: enum rdg_parse.
 */
enum rdg_parse rdg_wire_parse(const u8 *data, u32 length, struct rdg_header *h)
{
	u32 fixed = fixed_length(data[0]);

	memset(h, 0, sizeof(*h));
	if (!fixed || length < fixed)
		return RDG_PARSE_MALFORMED;
	h->type = data[0];
	h->length = length;
	h->region = rdg_get_be16(data + 2);
	h->dst_id = rdg_get_be64(data + 4);
	if (data[1] != RDG_VERSION) {
		if (h->type != RDG_PKT_INIT || length < RDG_INIT_MIN)
			return RDG_PARSE_MALFORMED;
		/* The place of the ids never changes: RFC 8999's way. */
		h->src_id = rdg_get_be64(data + 12);
		return h->src_id ? RDG_PARSE_VERSION : RDG_PARSE_MALFORMED;
	}
	if (h->region > length - fixed)
		return RDG_PARSE_MALFORMED;

	switch (h->type) {
	case RDG_PKT_INIT:
		return parse_init(data, h);
	case RDG_PKT_CHALLENGE:
		return parse_challenge(data, h);
	case RDG_PKT_RESET:
		return parse_reset(data, h);
	case RDG_PKT_VERSION:
		return parse_version(data, h);
	}
	h->pn = rdg_get_be32(data + 12);
	return h->dst_id ? RDG_PARSE_OK : RDG_PARSE_MALFORMED;
}

/* The frames that are being read, and where in the packet they end. */
struct rdg_reader {
	const u8 *data;
	u32 at;
	u32 end;
	u32 payload;		/* where the payload of the next MSG begins */
	u32 length;
};

static bool has(const struct rdg_reader *r, u32 len)
{
	return r->end - r->at >= len;
}

static enum rdg_parse parse_cookie(struct rdg_reader *r, struct rdg_frames *f)
{
	const u8 *p = r->data + r->at;
	enum rdg_parse tlvs;
	u32 len;

	if (r->at != RDG_DATA_LEN || !has(r, RDG_COOKIE_LEN) || p[1])
		return RDG_PARSE_MALFORMED;
	len = rdg_get_be16(p + 2);
	if (!has(r, RDG_COOKIE_LEN + len))
		return RDG_PARSE_MALFORMED;
	f->cookie.src_id = rdg_get_be64(p + 4);
	f->cookie.src_inc = rdg_get_be64(p + 12);
	f->cookie.dst_inc = rdg_get_be64(p + 20);
	f->cookie.time = rdg_get_be32(p + 28);
	f->cookie.cookie = rdg_get_be64(p + 32);
	if (!f->cookie.src_id || !f->cookie.src_inc || !f->cookie.dst_inc)
		return RDG_PARSE_MALFORMED;
	tlvs = parse_tlvs(p + RDG_COOKIE_LEN, len);
	if (tlvs != RDG_PARSE_OK)
		return tlvs;
	f->has_cookie = true;
	r->at += RDG_COOKIE_LEN + len;
	return RDG_PARSE_OK;
}

static enum rdg_parse parse_base(struct rdg_reader *r, struct rdg_frames *f)
{
	const u8 *p = r->data + r->at;

	if (f->base || !has(r, RDG_BASE_LEN) || p[1])
		return RDG_PARSE_MALFORMED;
	f->base = rdg_get_be64(p + 4);
	r->at += RDG_BASE_LEN;
	return f->base ? RDG_PARSE_OK : RDG_PARSE_MALFORMED;
}

static enum rdg_parse parse_ping(struct rdg_reader *r, struct rdg_frames *f)
{
	if (!has(r, RDG_PING_LEN) || r->data[r->at + 1])
		return RDG_PARSE_MALFORMED;
	f->ping = true;
	r->at += RDG_PING_LEN;
	return RDG_PARSE_OK;
}

/* Bytes that mean nothing, in the place of payload: nobody looks at them. */
static enum rdg_parse parse_padding(struct rdg_reader *r, struct rdg_frames *f)
{
	const u8 *p = r->data + r->at;

	if (f->padding || !has(r, RDG_PADDING_LEN) || p[1])
		return RDG_PARSE_MALFORMED;
	f->padding = rdg_get_be16(p + 2);
	if (!f->padding || f->padding > r->length - r->payload)
		return RDG_PARSE_MALFORMED;
	r->payload += f->padding;
	r->at += RDG_PADDING_LEN;
	return RDG_PARSE_OK;
}

static enum rdg_parse parse_ack(struct rdg_reader *r, struct rdg_frames *f)
{
	struct rdg_ack_frame *a = &f->ack;
	const u8 *p = r->data + r->at;
	u32 i;

	if (f->has_ack || !has(r, RDG_ACK_LEN) || p[1] > RDG_ACK_RANGES_MAX ||
	    !has(r, RDG_ACK_LEN + p[1] * RDG_ACK_RANGE_LEN))
		return RDG_PARSE_MALFORMED;
	a->n = p[1];
	a->delay = rdg_get_be16(p + 2);
	a->largest = rdg_get_be32(p + 4);
	a->first = rdg_get_be16(p + 8);
	if (!a->first)
		return RDG_PARSE_MALFORMED;
	p += RDG_ACK_LEN;
	for (i = 0; i < a->n; i++, p += RDG_ACK_RANGE_LEN) {
		a->gap[i] = rdg_get_be16(p);
		a->len[i] = rdg_get_be16(p + 2);
		if (!a->gap[i] || !a->len[i])
			return RDG_PARSE_MALFORMED;
	}
	f->has_ack = true;
	r->at += RDG_ACK_LEN + a->n * RDG_ACK_RANGE_LEN;
	return RDG_PARSE_OK;
}

static enum rdg_parse parse_report(struct rdg_reader *r, struct rdg_frames *f)
{
	const u8 *p = r->data + r->at;

	if (f->has_report || !has(r, RDG_REPORT_LEN) || (p[1] & ~RDG_REPORT_CLOSED))
		return RDG_PARSE_MALFORMED;
	f->report.closed = p[1] & RDG_REPORT_CLOSED;
	f->report.refused = rdg_get_be16(p + 2);
	f->report.delivered = rdg_get_be32(p + 4);
	f->report.read = rdg_get_be32(p + 8);
	f->report.credit = rdg_get_be32(p + 12);
	f->has_report = true;
	r->at += RDG_REPORT_LEN;
	return RDG_PARSE_OK;
}

/* What a MSG says must be possible for one sender to say of one message. */
static bool piece_is_sane(const struct rdg_piece *m)
{
	if (!(m->flags & RDG_MSG_OFFSET))
		return m->flags & RDG_MSG_LAST;
	if (m->off > RDG_MAX_MESSAGE || m->len > RDG_MAX_MESSAGE - m->off)
		return false;
	if (!m->len)
		return false;
	/* A fragment is less than the message. */
	return m->off || !(m->flags & RDG_MSG_LAST);
}

static u32 piece_length(u8 flags)
{
	if (flags & RDG_MSG_NEXT)
		return RDG_MSG_NEXT_LEN;
	return flags & RDG_MSG_OFFSET ? RDG_MSG_OFFSET_LEN : RDG_MSG_LEN;
}

/* The short form: it begins the message after the one that ends before it. */
static bool parse_next(struct rdg_piece *m, const struct rdg_frames *f)
{
	const struct rdg_piece *before = m - 1;

	if ((m->flags & RDG_MSG_OFFSET) || f->pieces < 2 || !(before->flags & RDG_MSG_LAST))
		return false;
	m->seq = before->seq + 1;
	m->off = 0;
	m->flags &= ~RDG_MSG_NEXT;
	if (!(m->flags & RDG_MSG_LAST))
		m->flags |= RDG_MSG_OFFSET;
	return true;
}

static enum rdg_parse parse_piece(struct rdg_reader *r, struct rdg_frames *f)
{
	const u8 *p = r->data + r->at;
	struct rdg_piece *m;
	u32 len;

	if (f->pieces == RDG_PIECES_MAX || !has(r, RDG_MSG_NEXT_LEN) || (p[1] & ~RDG_MSG_KNOWN))
		return RDG_PARSE_MALFORMED;
	len = piece_length(p[1]);
	if (!has(r, len))
		return RDG_PARSE_MALFORMED;

	m = &f->piece[f->pieces++];
	m->flags = p[1];
	m->len = rdg_get_be16(p + 2);
	m->at = r->payload;
	if (!(m->flags & RDG_MSG_NEXT)) {
		m->seq = rdg_get_be32(p + 4);
		m->off = m->flags & RDG_MSG_OFFSET ? rdg_get_be32(p + 8) : 0;
	} else if (!parse_next(m, f)) {
		return RDG_PARSE_MALFORMED;
	}
	if (!piece_is_sane(m) || m->len > r->length - r->payload)
		return RDG_PARSE_MALFORMED;
	r->payload += m->len;
	r->at += len;
	return RDG_PARSE_OK;
}

/* ECN, END, END_ACK: 32 bits, once in a packet. */
static enum rdg_parse parse_count(struct rdg_reader *r, bool *has_it, u32 *count)
{
	const u8 *p = r->data + r->at;

	if (*has_it || !has(r, RDG_END_LEN) || p[1])
		return RDG_PARSE_MALFORMED;
	*count = rdg_get_be32(p + 4);
	*has_it = true;
	r->at += RDG_END_LEN;
	return RDG_PARSE_OK;
}

static enum rdg_parse parse_path(struct rdg_reader *r, bool *has_it, u64 *value)
{
	const u8 *p = r->data + r->at;

	if (*has_it || !has(r, RDG_PATH_LEN) || p[1])
		return RDG_PARSE_MALFORMED;
	*value = rdg_get_be64(p + 4);
	*has_it = true;
	r->at += RDG_PATH_LEN;
	return RDG_PARSE_OK;
}

static enum rdg_parse skip_frame(struct rdg_reader *r)
{
	u32 len;

	if (!has(r, 4))
		return RDG_PARSE_MALFORMED;
	len = 4 + rdg_get_be16(r->data + r->at + 2);
	if (!has(r, len))
		return RDG_PARSE_MALFORMED;
	r->at += len;
	return RDG_PARSE_OK;
}

static enum rdg_parse parse_frame(struct rdg_reader *r, struct rdg_frames *f)
{
	u8 type = r->data[r->at];

	switch (type) {
	case RDG_FRAME_PING:
		return parse_ping(r, f);
	case RDG_FRAME_ACK:
		return parse_ack(r, f);
	case RDG_FRAME_REPORT:
		return parse_report(r, f);
	case RDG_FRAME_MSG:
		return parse_piece(r, f);
	case RDG_FRAME_END:
		return parse_count(r, &f->has_end, &f->end);
	case RDG_FRAME_END_ACK:
		return parse_count(r, &f->has_end_ack, &f->end_ack);
	case RDG_FRAME_COOKIE:
		return parse_cookie(r, f);
	case RDG_FRAME_BASE:
		return parse_base(r, f);
	case RDG_FRAME_ECN:
		return parse_count(r, &f->has_ecn, &f->marks);
	case RDG_FRAME_PADDING:
		return parse_padding(r, f);
	case RDG_FRAME_PATH_CHECK:
		return parse_path(r, &f->has_check, &f->check);
	case RDG_FRAME_PATH_ANSWER:
		return parse_path(r, &f->has_answer, &f->answer);
	}
	return type >= RDG_FRAME_SKIPPABLE ? skip_frame(r) : RDG_PARSE_MALFORMED;
}

/**
 * rdg_wire_parse_frames - stage two: check and take the frames of a packet
 * @data: the packet, as given to rdg_wire_parse()
 * @h: what rdg_wire_parse() made of it: a CONFIRM or DATA
 * @f: filled in, valid if the answer is RDG_PARSE_OK
 *
 * Context: any.
 * Return: enum rdg_parse.
 */
enum rdg_parse rdg_wire_parse_frames(const u8 *data, const struct rdg_header *h,
				     struct rdg_frames *f)
{
	struct rdg_reader r = {
		.data = data,
		.at = RDG_DATA_LEN,
		.end = RDG_DATA_LEN + h->region,
		.payload = RDG_DATA_LEN + h->region,
		.length = h->length,
	};

	f->has_cookie = false;
	f->has_ack = false;
	f->has_report = false;
	f->has_ecn = false;
	f->has_end = false;
	f->has_end_ack = false;
	f->has_check = false;
	f->has_answer = false;
	f->base = 0;
	f->padding = 0;
	f->ping = false;
	f->pieces = 0;
	while (r.at < r.end) {
		enum rdg_parse result = parse_frame(&r, f);

		if (result != RDG_PARSE_OK)
			return result;
	}
	/* A CONFIRM is a packet with a COOKIE. */
	if (h->type == RDG_PKT_CONFIRM ? !f->has_cookie : f->has_cookie)
		return RDG_PARSE_MALFORMED;
	return r.payload == r.length ? RDG_PARSE_OK : RDG_PARSE_MALFORMED;
}

/**
 * rdg_wire_is_plain - is it a plain packet, see RDG_PLAIN_LEN?
 * @h: the packet
 * @f: its frames
 *
 * Context: any.
 * Return: true if it is.
 */
bool rdg_wire_is_plain(const struct rdg_header *h, const struct rdg_frames *f)
{
	return h->type == RDG_PKT_DATA && h->region == RDG_MSG_OFFSET_LEN && f->pieces == 1 &&
	       f->piece[0].flags == RDG_MSG_OFFSET;
}

/**
 * rdg_wire_goes_on - is it the packet that carries what follows?
 * @head: its first RDG_PLAIN_LEN bytes
 * @h: the packet before, a DATA of the same length; changed to this one, if it is
 * @f: likewise
 *
 * That is found out faster than what any other packet says.
 *
 * Context: any.
 * Return: true if both are plain, and this one has the next number, and a part of the same
 * message, which begins where the other one ends.
 */
bool rdg_wire_goes_on(const u8 *head, struct rdg_header *h, struct rdg_frames *f)
{
	struct rdg_piece m = f->piece[0];
	const u8 *p = head + RDG_DATA_LEN;

	m.off += m.len;
	if (!rdg_wire_is_plain(h, f) || !piece_is_sane(&m))
		return false;
	if (head[0] != RDG_PKT_DATA || head[1] != RDG_VERSION ||
	    rdg_get_be16(head + 2) != h->region || rdg_get_be64(head + 4) != h->dst_id ||
	    rdg_get_be32(head + 12) != h->pn + 1)
		return false;
	if (p[0] != RDG_FRAME_MSG || p[1] != m.flags || rdg_get_be16(p + 2) != m.len ||
	    rdg_get_be32(p + 4) != m.seq || rdg_get_be32(p + 8) != m.off)
		return false;
	h->pn++;
	f->piece[0].off = m.off;
	return true;
}

/**
 * rdg_wire_quote - whose packet somebody quotes who got it from us
 * @data: from the start of what we sent
 * @len: how much of it; bytes
 * @q: filled in
 *
 * Context: any.
 * Return: false if it is no INIT, CONFIRM or DATA, or too little of it.
 */
bool rdg_wire_quote(const u8 *data, u32 len, struct rdg_quote *q)
{
	*q = (struct rdg_quote){};
	if (len < RDG_DATA_LEN || data[1] != RDG_VERSION)
		return false;
	switch (data[0]) {
	case RDG_PKT_INIT:
		if (len < RDG_QUOTE_LEN)
			return false;
		q->src_id = rdg_get_be64(data + 12);
		return q->src_id;
	case RDG_PKT_CONFIRM:
	case RDG_PKT_DATA:
		q->dst_id = rdg_get_be64(data + 4);
		q->pn = rdg_get_be32(data + 12);
		return q->dst_id;
	}
	return false;
}

static void put_common(u8 *to, enum rdg_packet_type type, u16 region, u64 dst_id)
{
	to[0] = type;
	to[1] = RDG_VERSION;
	rdg_put_be16(region, to + 2);
	rdg_put_be64(dst_id, to + 4);
}

static void put_ends(u8 *to, u64 src_id, u64 src_inc, u64 dst_inc)
{
	rdg_put_be64(src_id, to + 12);
	rdg_put_be64(src_inc, to + 20);
	rdg_put_be64(dst_inc, to + 28);
	rdg_put_be32(0, to + 36);
}

/**
 * rdg_wire_init - write an INIT
 * @to: RDG_INIT_MIN bytes
 * @src_id: the id that its sender chose
 * @src_inc: its sender's incarnation
 * @dst_inc: the incarnation it expects, or 0
 *
 * Return: length in bytes.
 */
u32 rdg_wire_init(u8 *to, u64 src_id, u64 src_inc, u64 dst_inc)
{
	memset(to, 0, RDG_INIT_MIN);
	put_common(to, RDG_PKT_INIT, 0, 0);
	put_ends(to, src_id, src_inc, dst_inc);
	return RDG_INIT_MIN;
}

/**
 * rdg_wire_challenge - write a CHALLENGE
 * @to: RDG_CHALLENGE_LEN bytes
 * @h: ids, incarnations, credit and cookie
 *
 * Return: length in bytes.
 */
u32 rdg_wire_challenge(u8 *to, const struct rdg_header *h)
{
	put_common(to, RDG_PKT_CHALLENGE, 0, h->dst_id);
	put_ends(to, h->src_id, h->src_inc, h->dst_inc);
	rdg_put_be32(h->credit, to + 40);
	rdg_put_be32(h->cookie_time, to + 44);
	rdg_put_be64(h->cookie, to + 48);
	return RDG_CHALLENGE_LEN;
}

/**
 * rdg_wire_reset - write a RESET
 * @to: RDG_RESET_LEN bytes
 * @reflected: the destination id of the packet that provoked it
 * @reason: why
 *
 * Return: length in bytes.
 */
u32 rdg_wire_reset(u8 *to, u64 reflected, enum rdg_reset_reason reason)
{
	memset(to, 0, RDG_RESET_LEN);
	put_common(to, RDG_PKT_RESET, 0, 0);
	rdg_put_be64(reflected, to + 12);
	to[20] = reason;
	return RDG_RESET_LEN;
}

/**
 * rdg_wire_version - write a VERSION
 * @to: RDG_VERSION_LEN bytes
 * @reflected: the source id of the INIT that provoked it
 *
 * Return: length in bytes.
 */
u32 rdg_wire_version(u8 *to, u64 reflected)
{
	memset(to, 0, RDG_VERSION_LEN);
	put_common(to, RDG_PKT_VERSION, 0, 0);
	rdg_put_be64(reflected, to + 12);
	to[20] = RDG_VERSION;
	to[21] = RDG_VERSION;
	return RDG_VERSION_LEN;
}

/**
 * rdg_wire_begin - begin a CONFIRM or DATA
 * @w: the writer
 * @to: RDG_HEAD_MAX bytes
 * @dst_id: the id that the receiver chose
 * @pn: packet number, low 32 bits
 */
void rdg_wire_begin(struct rdg_writer *w, u8 *to, u64 dst_id, u32 pn)
{
	w->to = to;
	w->len = RDG_DATA_LEN;
	w->piece = 0;
	w->max = RDG_PACKET_SIZE;
	put_common(to, RDG_PKT_DATA, 0, dst_id);
	rdg_put_be32(pn, to + 12);
}

static u8 *put_frame(struct rdg_writer *w, enum rdg_frame_type type, u8 second, u32 len)
{
	u8 *p = w->to + w->len;

	p[0] = type;
	p[1] = second;
	w->len += len;
	return p;
}

/**
 * rdg_wire_cookie - add a COOKIE: only as the first frame
 * @w: the writer
 * @c: what it says
 */
void rdg_wire_cookie(struct rdg_writer *w, const struct rdg_cookie_frame *c)
{
	u8 *p = put_frame(w, RDG_FRAME_COOKIE, 0, RDG_COOKIE_LEN);

	rdg_put_be16(0, p + 2);
	rdg_put_be64(c->src_id, p + 4);
	rdg_put_be64(c->src_inc, p + 12);
	rdg_put_be64(c->dst_inc, p + 20);
	rdg_put_be32(c->time, p + 28);
	rdg_put_be64(c->cookie, p + 32);
}

/**
 * rdg_wire_base - add a BASE
 * @w: the writer
 * @base: first message sequence of the link
 */
void rdg_wire_base(struct rdg_writer *w, u64 base)
{
	u8 *p = put_frame(w, RDG_FRAME_BASE, 0, RDG_BASE_LEN);

	rdg_put_be16(0, p + 2);
	rdg_put_be64(base, p + 4);
}

/**
 * rdg_wire_ping - add a PING
 * @w: the writer
 */
void rdg_wire_ping(struct rdg_writer *w)
{
	put_frame(w, RDG_FRAME_PING, 0, RDG_PING_LEN);
}

/**
 * rdg_wire_padding - add PADDING; the bytes are for the caller to append
 * @w: the writer
 * @len: how many; not 0
 */
void rdg_wire_padding(struct rdg_writer *w, u16 len)
{
	rdg_put_be16(len, put_frame(w, RDG_FRAME_PADDING, 0, RDG_PADDING_LEN) + 2);
}

/**
 * rdg_wire_ack - add an ACK
 * @w: the writer
 * @a: what it says; at most RDG_ACK_RANGES_OUT further ranges
 */
void rdg_wire_ack(struct rdg_writer *w, const struct rdg_ack_frame *a)
{
	u8 *p = put_frame(w, RDG_FRAME_ACK, a->n, RDG_ACK_LEN + a->n * RDG_ACK_RANGE_LEN);
	u32 i;

	rdg_put_be16(a->delay, p + 2);
	rdg_put_be32(a->largest, p + 4);
	rdg_put_be16(a->first, p + 8);
	p += RDG_ACK_LEN;
	for (i = 0; i < a->n; i++, p += RDG_ACK_RANGE_LEN) {
		rdg_put_be16(a->gap[i], p);
		rdg_put_be16(a->len[i], p + 2);
	}
}

/**
 * rdg_wire_ecn - add an ECN
 * @w: the writer
 * @marks: packets received that were marked Congestion Experienced
 */
void rdg_wire_ecn(struct rdg_writer *w, u32 marks)
{
	u8 *p = put_frame(w, RDG_FRAME_ECN, 0, RDG_ECN_LEN);

	rdg_put_be16(0, p + 2);
	rdg_put_be32(marks, p + 4);
}

/**
 * rdg_wire_report - add a REPORT
 * @w: the writer
 * @r: what it says
 */
void rdg_wire_report(struct rdg_writer *w, const struct rdg_report_frame *r)
{
	u8 *p = put_frame(w, RDG_FRAME_REPORT, r->closed ? RDG_REPORT_CLOSED : 0, RDG_REPORT_LEN);

	rdg_put_be16(r->refused, p + 2);
	rdg_put_be32(r->delivered, p + 4);
	rdg_put_be32(r->read, p + 8);
	rdg_put_be32(r->credit, p + 12);
}

/**
 * rdg_wire_piece - add a MSG; its payload is for the caller to append
 * @w: the writer
 * @m: what it says (@at is not used). With NEXT it begins the message after the
 *	one that the MSG added before it ends.
 */
void rdg_wire_piece(struct rdg_writer *w, const struct rdg_piece *m)
{
	u8 *p;

	w->piece = w->len;
	p = put_frame(w, RDG_FRAME_MSG, m->flags, piece_length(m->flags));
	rdg_put_be16(m->len, p + 2);
	if (m->flags & RDG_MSG_NEXT)
		return;
	rdg_put_be32(m->seq, p + 4);
	if (m->flags & RDG_MSG_OFFSET)
		rdg_put_be32(m->off, p + 8);
}

/**
 * rdg_wire_ack_now - ask for an immediate ack of the packet
 * @w: the writer; nothing is changed where no MSG was added
 */
void rdg_wire_ack_now(struct rdg_writer *w)
{
	if (w->piece)
		w->to[w->piece + 1] |= RDG_MSG_ACK_NOW;
}

/**
 * rdg_wire_end - add an END or END_ACK
 * @w: the writer
 * @type: RDG_FRAME_END or RDG_FRAME_END_ACK
 * @next: sequence after the last message, low 32 bits
 */
void rdg_wire_end(struct rdg_writer *w, enum rdg_frame_type type, u32 next)
{
	u8 *p = put_frame(w, type, 0, RDG_END_LEN);

	rdg_put_be16(0, p + 2);
	rdg_put_be32(next, p + 4);
}

/**
 * rdg_wire_path - add a PATH_CHECK or PATH_ANSWER
 * @w: the writer
 * @type: RDG_FRAME_PATH_CHECK or RDG_FRAME_PATH_ANSWER
 * @value: 64 bits that only who receives the check can know
 */
void rdg_wire_path(struct rdg_writer *w, enum rdg_frame_type type, u64 value)
{
	u8 *p = put_frame(w, type, 0, RDG_PATH_LEN);

	rdg_put_be16(0, p + 2);
	rdg_put_be64(value, p + 4);
}

/**
 * rdg_wire_finish - close the packet: its type and the length of its frames
 * @w: the writer
 * @type: RDG_PKT_CONFIRM if the first frame is a COOKIE, else RDG_PKT_DATA
 */
void rdg_wire_finish(struct rdg_writer *w, enum rdg_packet_type type)
{
	w->to[0] = type;
	rdg_put_be16(w->len - RDG_DATA_LEN, w->to + 2);
}

/**
 * rdg_wire_go_on - write the packet that carries what follows
 * @head: RDG_PLAIN_LEN bytes: of the packet before; changed
 * @pn: packet number, low 32 bits
 * @off: where in the message its payload begins
 */
void rdg_wire_go_on(u8 *head, u32 pn, u32 off)
{
	rdg_put_be32(pn, head + 12);
	rdg_put_be32(off, head + RDG_DATA_LEN + 8);
}
