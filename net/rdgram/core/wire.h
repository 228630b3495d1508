/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The bytes of the wire: the layout of Documentation/protocol.rst, version 1.
 *
 * Only wire.c reads or writes them. Packets come from anybody: they are
 * checked here once, into structures that the rest of the core may believe as
 * to form (not as to truth).
 */
#ifndef _RDGRAM_CORE_WIRE_H
#define _RDGRAM_CORE_WIRE_H

#include <linux/time64.h>
#include <linux/types.h>

#define RDG_VERSION		1

/* UDP payload that every path carries (RFC 8899, BASE_PLPMTU). */
#define RDG_PACKET_SIZE		1200

#define RDG_MAX_MESSAGE		(1024 * 1024)

/* Fixed lengths of the packets, before their region. */
#define RDG_COMMON_LEN		12
#define RDG_INIT_LEN		40
#define RDG_INIT_MIN		128
#define RDG_CHALLENGE_LEN	56
#define RDG_DATA_LEN		16
#define RDG_RESET_LEN		24
#define RDG_VERSION_LEN		24

/* Lengths of frames. */
#define RDG_PING_LEN		2
#define RDG_ACK_LEN		10
#define RDG_ACK_RANGE_LEN	4
#define RDG_REPORT_LEN		16
#define RDG_MSG_NEXT_LEN	4
#define RDG_MSG_LEN		8
#define RDG_MSG_OFFSET_LEN	12
#define RDG_END_LEN		8
#define RDG_COOKIE_LEN		40
#define RDG_BASE_LEN		12
#define RDG_ECN_LEN		8
#define RDG_PADDING_LEN		4
#define RDG_PATH_LEN		12

/* Unit of the delay field of an ACK; ns. */
#define RDG_ACK_DELAY_UNIT	(16 * NSEC_PER_USEC)

/* Further ranges in an ACK: what we send, what we take. */
#define RDG_ACK_RANGES_OUT	31
#define RDG_ACK_RANGES_MAX	63

/* Pieces of messages in one packet: what we send, and what we take. */
#define RDG_PIECES_OUT		32
#define RDG_PIECES_MAX		64

/* What stands before the payload of a plain packet: one with a part of one message, which is
 * neither its start nor its end, and nothing else.
 */
#define RDG_PLAIN_LEN		(RDG_DATA_LEN + RDG_MSG_OFFSET_LEN)

/* Room for all that stands before the payload in a packet of ours. */
#define RDG_HEAD_MAX		(RDG_DATA_LEN + RDG_COOKIE_LEN + RDG_BASE_LEN + RDG_PING_LEN + \
				 RDG_ACK_LEN + RDG_ACK_RANGES_OUT * RDG_ACK_RANGE_LEN + \
				 RDG_ECN_LEN + RDG_REPORT_LEN + 2 * RDG_END_LEN + \
				 RDG_PIECES_OUT * RDG_MSG_OFFSET_LEN)

enum rdg_packet_type {
	RDG_PKT_INIT		= 1,
	RDG_PKT_CHALLENGE	= 2,
	RDG_PKT_CONFIRM		= 3,
	RDG_PKT_DATA		= 4,
	RDG_PKT_RESET		= 5,
	RDG_PKT_VERSION		= 6,
};

enum rdg_frame_type {
	RDG_FRAME_PING		= 1,
	RDG_FRAME_ACK		= 2,
	RDG_FRAME_REPORT	= 3,
	RDG_FRAME_MSG		= 4,
	RDG_FRAME_END		= 5,
	RDG_FRAME_END_ACK	= 6,
	RDG_FRAME_COOKIE	= 7,
	RDG_FRAME_BASE		= 8,
	RDG_FRAME_ECN		= 9,
	RDG_FRAME_PADDING	= 10,
	RDG_FRAME_PATH_CHECK	= 0x10,
	RDG_FRAME_PATH_ANSWER	= 0x11,
	RDG_FRAME_SKIPPABLE	= 0x80,
};

#define RDG_REPORT_CLOSED	0x01

#define RDG_MSG_OFFSET		0x01
#define RDG_MSG_LAST		0x02
#define RDG_MSG_ACK_NOW		0x04
#define RDG_MSG_NEXT		0x40

enum rdg_reset_reason {
	RDG_RESET_UNKNOWN	= 1,
	RDG_RESET_STALE		= 2,
};

/**
 * enum rdg_parse - what became of a packet that was parsed
 *
 * @RDG_PARSE_OK: the structure is filled in.
 * @RDG_PARSE_MALFORMED: breaks the format.
 * @RDG_PARSE_VERSION: an INIT of another version.
 * @RDG_PARSE_UNKNOWN_TLV: has a TLV that must be understood and is not.
 * @RDG_PARSE_NO_MEMORY: there was none to look at it; the driver's own.
 */
enum rdg_parse {
	RDG_PARSE_OK,
	RDG_PARSE_MALFORMED,
	RDG_PARSE_VERSION,
	RDG_PARSE_UNKNOWN_TLV,
	RDG_PARSE_NO_MEMORY,
};

/**
 * struct rdg_header - a packet, stage one: all but its frames
 *
 * @type: enum rdg_packet_type.
 * @reason: RESET: enum rdg_reset_reason.
 * @lowest: VERSION: lowest version its sender knows.
 * @highest: VERSION: highest version its sender knows.
 * @region: length of the frames or TLVs in bytes.
 * @length: length of the packet in bytes.
 * @dst_id: destination id.
 * @src_id: INIT, CHALLENGE: source id.
 * @src_inc: INIT, CHALLENGE: source incarnation.
 * @dst_inc: INIT, CHALLENGE: destination incarnation.
 * @reflected: RESET, VERSION: the id of the packet that provoked it.
 * @cookie: CHALLENGE.
 * @cookie_time: CHALLENGE.
 * @credit: CHALLENGE: initial credit, in units of cost.
 * @pn: CONFIRM, DATA: packet number, low 32 bits.
 */
struct rdg_header {
	u8  type;
	u8  reason;
	u8  lowest;
	u8  highest;
	u16 region;
	u32 length;
	u64 dst_id;
	u64 src_id;
	u64 src_inc;
	u64 dst_inc;
	u64 reflected;
	u64 cookie;
	u32 cookie_time;
	u32 credit;
	u32 pn;
};

/**
 * struct rdg_cookie_frame - COOKIE
 *
 * @src_id: id chosen by the initiator.
 * @src_inc: its incarnation.
 * @dst_inc: the responder's incarnation.
 * @cookie: as it stood in the CHALLENGE.
 * @time: as it stood in the CHALLENGE.
 */
struct rdg_cookie_frame {
	u64 src_id;
	u64 src_inc;
	u64 dst_inc;
	u64 cookie;
	u32 time;
};

/**
 * struct rdg_ack_frame - ACK
 *
 * @largest: largest packet number received, low 32 bits.
 * @delay: how long it waited, in units of 16 us.
 * @first: numbers received downward from @largest, at least 1.
 * @n: number of further ranges.
 * @gap: numbers not received, for each further range.
 * @len: numbers received below that gap.
 */
struct rdg_ack_frame {
	u32 largest;
	u16 delay;
	u16 first;
	u8  n;
	u16 gap[RDG_ACK_RANGES_MAX];
	u16 len[RDG_ACK_RANGES_MAX];
};

/**
 * struct rdg_report_frame - REPORT
 *
 * @delivered: low 32 bits of the first message sequence not delivered.
 * @read: low 32 bits of the first message sequence not read.
 * @credit: low 32 bits of the credit limit.
 * @refused: so many right below @delivered were refused, and not delivered.
 * @closed: the socket is closed.
 */
struct rdg_report_frame {
	u32 delivered;
	u32 read;
	u32 credit;
	u16 refused;
	bool closed;
};

/**
 * struct rdg_piece - MSG: a message, or a fragment of one
 *
 * @seq: message sequence, low 32 bits.
 * @off: where in the message it belongs, in bytes.
 * @len: its length in bytes.
 * @at: where in the packet it stands, in bytes from the packet's start.
 * @flags: RDG_MSG_*; never NEXT where it was parsed: OFFSET says whether it is
 *	a fragment.
 */
struct rdg_piece {
	u32 seq;
	u32 off;
	u32 at;
	u16 len;
	u8  flags;
};

/**
 * struct rdg_frames - a packet, stage two: the frames of a CONFIRM or DATA
 *
 * @cookie: COOKIE, where @has_cookie.
 * @ack: ACK, where @has_ack.
 * @report: REPORT, where @has_report.
 * @base: BASE: first message sequence of the link; 0: there was none.
 * @marks: count of ECN, where @has_ecn.
 * @check: value of PATH_CHECK, where @has_check.
 * @answer: value of PATH_ANSWER, where @has_answer.
 * @end: next of END, where @has_end.
 * @end_ack: next of END_ACK, where @has_end_ack.
 * @padding: bytes that PADDING stands for; 0: there was none.
 * @ping: there was a PING.
 * @pieces: number of MSG frames.
 * @piece: the MSG frames, in order.
 * @has_cookie: there was a COOKIE.
 * @has_ack: there was an ACK.
 * @has_report: there was a REPORT.
 * @has_ecn: there was an ECN.
 * @has_end: there was an END.
 * @has_end_ack: there was an END_ACK.
 * @has_check: there was a PATH_CHECK.
 * @has_answer: there was a PATH_ANSWER.
 *
 * Each kind of frame but MSG stands at most once in a packet.
 */
struct rdg_frames {
	struct rdg_cookie_frame cookie;
	struct rdg_ack_frame ack;
	struct rdg_report_frame report;
	u64 base;
	u64 check;
	u64 answer;
	u32 marks;
	u32 end;
	u32 end_ack;
	u16 padding;
	bool has_cookie;
	bool has_ack;
	bool has_report;
	bool has_ecn;
	bool has_end;
	bool has_end_ack;
	bool has_check;
	bool has_answer;
	bool ping;
	u16 pieces;
	struct rdg_piece piece[RDG_PIECES_MAX];
};

/**
 * struct rdg_source - a packet that is not in one place
 *
 * @copy: copy bytes of it; false if they are not there.
 * @more: memory for so many bytes; NULL if there is none.
 */
struct rdg_source {
	bool (*copy)(struct rdg_source *from, u32 at, u8 *to, u32 len);
	u8 *(*more)(struct rdg_source *from, u32 len);
};

/* So much of a packet says whose it is. */
#define RDG_QUOTE_LEN	20

/**
 * struct rdg_quote - what is known of a packet of ours that somebody quotes
 *
 * @src_id: of an INIT: the id that we chose; 0: it is none.
 * @dst_id: of all others: the id that the receiver chose; or 0.
 * @pn: of all others: packet number, low 32 bits.
 */
struct rdg_quote {
	u64 src_id;
	u64 dst_id;
	u32 pn;
};

u32 rdg_wire_need(const u8 *data);
const u8 *rdg_wire_gather(struct rdg_source *from, u32 length, u8 *to, u32 room);
enum rdg_parse rdg_wire_parse(const u8 *data, u32 length, struct rdg_header *h);
enum rdg_parse rdg_wire_parse_frames(const u8 *data, const struct rdg_header *h,
				     struct rdg_frames *f);

bool rdg_wire_quote(const u8 *data, u32 len, struct rdg_quote *q);

u32 rdg_wire_init(u8 *to, u64 src_id, u64 src_inc, u64 dst_inc);
u32 rdg_wire_challenge(u8 *to, const struct rdg_header *h);
u32 rdg_wire_reset(u8 *to, u64 reflected, enum rdg_reset_reason reason);
u32 rdg_wire_version(u8 *to, u64 reflected);

/**
 * struct rdg_writer - a CONFIRM or DATA that is being built
 *
 * @to: where it is built; RDG_HEAD_MAX bytes.
 * @len: bytes built so far.
 * @piece: where the MSG begins that was added last; 0: there is none.
 * @max: bytes that the whole packet may have, with its payload; the base
 *	unless whoever builds it says otherwise.
 */
struct rdg_writer {
	u8 *to;
	u32 len;
	u32 piece;
	u32 max;
};

void rdg_wire_begin(struct rdg_writer *w, u8 *to, u64 dst_id, u32 pn);
void rdg_wire_cookie(struct rdg_writer *w, const struct rdg_cookie_frame *c);
void rdg_wire_base(struct rdg_writer *w, u64 base);
void rdg_wire_ping(struct rdg_writer *w);
void rdg_wire_padding(struct rdg_writer *w, u16 len);
void rdg_wire_ack(struct rdg_writer *w, const struct rdg_ack_frame *a);
void rdg_wire_ecn(struct rdg_writer *w, u32 marks);
void rdg_wire_report(struct rdg_writer *w, const struct rdg_report_frame *r);
void rdg_wire_piece(struct rdg_writer *w, const struct rdg_piece *p);
void rdg_wire_ack_now(struct rdg_writer *w);
void rdg_wire_end(struct rdg_writer *w, enum rdg_frame_type type, u32 next);
void rdg_wire_path(struct rdg_writer *w, enum rdg_frame_type type, u64 value);
void rdg_wire_finish(struct rdg_writer *w, enum rdg_packet_type type);
void rdg_wire_go_on(u8 *head, u32 pn, u32 off);
bool rdg_wire_is_plain(const struct rdg_header *h, const struct rdg_frames *f);
bool rdg_wire_goes_on(const u8 *head, struct rdg_header *h, struct rdg_frames *f);

#endif /* _RDGRAM_CORE_WIRE_H */
