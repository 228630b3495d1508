// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stage two of the wire format: frames, by round trip and by truth table.
 */
#include <linux/slab.h>
#include <linux/string.h>
#include "../core/bytes.h"
#include "../core/wire.h"
#include "suites.h"

#define ID	0x1122334455667788ULL
#define INC	0x99aabbccddeeff01ULL

/* The packets of these tests are no longer than this. */
#define ROOM	2048

/* What a test works on: a packet, and what it was parsed to. */
struct frames_test {
	u8 data[ROOM];
	struct rdg_frames f;
};

static int frames_init(struct kunit *test)
{
	test->priv = kunit_kzalloc(test, sizeof(struct frames_test), GFP_KERNEL);
	return test->priv ? 0 : -ENOMEM;
}

/* Parse out of an allocation of just the packet's length, for KASAN. */
static enum rdg_parse parse(struct kunit *test, u32 len)
{
	struct frames_test *t = test->priv;
	u8 *copy = kmemdup(t->data, len, GFP_KERNEL);
	enum rdg_parse result;
	struct rdg_header h;

	KUNIT_ASSERT_NOT_NULL(test, copy);
	memset(&t->f, 0xa5, sizeof(t->f));
	result = rdg_wire_parse(copy, len, &h);
	if (result == RDG_PARSE_OK)
		result = rdg_wire_parse_frames(copy, &h, &t->f);
	kfree(copy);
	return result;
}

/* A DATA or CONFIRM of these frames, with so much payload behind them. */
static u32 make(struct kunit *test, const u8 *frames, u32 len, u32 payload)
{
	struct frames_test *t = test->priv;
	struct rdg_writer w;

	rdg_wire_begin(&w, t->data, ID, 1);
	memcpy(t->data + w.len, frames, len);
	w.len += len;
	rdg_wire_finish(&w, len && frames[0] == RDG_FRAME_COOKIE ? RDG_PKT_CONFIRM : RDG_PKT_DATA);
	memset(t->data + w.len, 0x5a, payload);
	return w.len + payload;
}

static void frames__round_trip(struct kunit *test)
{
	static const struct rdg_cookie_frame c = {
		.src_id = ID, .src_inc = INC, .dst_inc = INC + 1, .cookie = ID + 4,
		.time = 0xfeedbeef,
	};
	static const struct rdg_report_frame r = {
		.delivered = 0xffffffff, .read = 0x80000000, .credit = 0x12345678,
		.refused = 0x9876, .closed = true,
	};
	static const struct rdg_piece whole = {
		.seq = 0xfffffff0, .len = 5, .flags = RDG_MSG_LAST,
	};
	static const struct rdg_piece part = {
		.seq = 0xfffffff1, .off = 70000, .len = 7,
		.flags = RDG_MSG_OFFSET | RDG_MSG_LAST | RDG_MSG_ACK_NOW,
	};
	struct frames_test *t = test->priv;
	struct rdg_ack_frame a = {
		.largest = 0x87654321, .delay = 4711, .first = 3, .n = RDG_ACK_RANGES_OUT,
	};
	struct rdg_writer w;
	u32 i;

	for (i = 0; i < a.n; i++) {
		a.gap[i] = 1 + i;
		a.len[i] = 65535 - i;
	}
	rdg_wire_begin(&w, t->data, ID, 77);
	rdg_wire_cookie(&w, &c);
	rdg_wire_base(&w, 0x123456789abcdefULL);
	rdg_wire_ping(&w);
	rdg_wire_ack(&w, &a);
	rdg_wire_report(&w, &r);
	rdg_wire_ecn(&w, 0xfedcba98);
	rdg_wire_end(&w, RDG_FRAME_END, 0xabcdef01);
	rdg_wire_end(&w, RDG_FRAME_END_ACK, 0x10fedcba);
	rdg_wire_path(&w, RDG_FRAME_PATH_CHECK, 0xfedcba9876543210ULL);
	rdg_wire_path(&w, RDG_FRAME_PATH_ANSWER, 0x13579bdf02468aceULL);
	rdg_wire_piece(&w, &whole);
	rdg_wire_piece(&w, &part);
	rdg_wire_finish(&w, RDG_PKT_CONFIRM);
	KUNIT_EXPECT_LE(test, w.len, (u32)RDG_HEAD_MAX);

	KUNIT_ASSERT_EQ(test, (int)parse(test, w.len + 12), (int)RDG_PARSE_OK);
	KUNIT_EXPECT_TRUE(test, t->f.has_cookie);
	KUNIT_EXPECT_EQ(test, t->f.cookie.src_id, c.src_id);
	KUNIT_EXPECT_EQ(test, t->f.cookie.src_inc, c.src_inc);
	KUNIT_EXPECT_EQ(test, t->f.cookie.dst_inc, c.dst_inc);
	KUNIT_EXPECT_EQ(test, t->f.cookie.cookie, c.cookie);
	KUNIT_EXPECT_EQ(test, t->f.cookie.time, c.time);
	KUNIT_EXPECT_EQ(test, t->f.base, 0x123456789abcdefULL);
	KUNIT_EXPECT_TRUE(test, t->f.ping);
	KUNIT_ASSERT_TRUE(test, t->f.has_ack);
	KUNIT_EXPECT_EQ(test, t->f.ack.largest, a.largest);
	KUNIT_EXPECT_EQ(test, t->f.ack.delay, a.delay);
	KUNIT_EXPECT_EQ(test, t->f.ack.first, a.first);
	KUNIT_ASSERT_EQ(test, t->f.ack.n, a.n);
	for (i = 0; i < a.n; i++) {
		KUNIT_EXPECT_EQ(test, t->f.ack.gap[i], a.gap[i]);
		KUNIT_EXPECT_EQ(test, t->f.ack.len[i], a.len[i]);
	}
	KUNIT_EXPECT_TRUE(test, t->f.has_report);
	KUNIT_EXPECT_EQ(test, t->f.report.delivered, r.delivered);
	KUNIT_EXPECT_EQ(test, t->f.report.refused, r.refused);
	KUNIT_EXPECT_EQ(test, t->f.report.read, r.read);
	KUNIT_EXPECT_EQ(test, t->f.report.credit, r.credit);
	KUNIT_EXPECT_TRUE(test, t->f.report.closed);
	KUNIT_EXPECT_TRUE(test, t->f.has_ecn);
	KUNIT_EXPECT_EQ(test, t->f.marks, 0xfedcba98);
	KUNIT_EXPECT_TRUE(test, t->f.has_end);
	KUNIT_EXPECT_EQ(test, t->f.end, 0xabcdef01);
	KUNIT_EXPECT_TRUE(test, t->f.has_end_ack);
	KUNIT_EXPECT_EQ(test, t->f.end_ack, 0x10fedcba);
	KUNIT_EXPECT_TRUE(test, t->f.has_check);
	KUNIT_EXPECT_EQ(test, t->f.check, 0xfedcba9876543210ULL);
	KUNIT_EXPECT_TRUE(test, t->f.has_answer);
	KUNIT_EXPECT_EQ(test, t->f.answer, 0x13579bdf02468aceULL);
	KUNIT_ASSERT_EQ(test, (int)t->f.pieces, 2);
	KUNIT_EXPECT_EQ(test, t->f.piece[0].seq, whole.seq);
	KUNIT_EXPECT_EQ(test, t->f.piece[0].len, whole.len);
	KUNIT_EXPECT_EQ(test, t->f.piece[0].off, 0u);
	KUNIT_EXPECT_EQ(test, t->f.piece[0].flags, whole.flags);
	KUNIT_EXPECT_EQ(test, t->f.piece[0].at, w.len);
	KUNIT_EXPECT_EQ(test, t->f.piece[1].seq, part.seq);
	KUNIT_EXPECT_EQ(test, t->f.piece[1].len, part.len);
	KUNIT_EXPECT_EQ(test, t->f.piece[1].off, part.off);
	KUNIT_EXPECT_EQ(test, t->f.piece[1].flags, part.flags);
	KUNIT_EXPECT_EQ(test, t->f.piece[1].at, w.len + whole.len);
}

static void frames__header_and_one_message_are_short(struct kunit *test)
{
	static const struct rdg_piece whole = { .flags = RDG_MSG_LAST };
	static const struct rdg_piece part = { .len = 1, .flags = RDG_MSG_OFFSET };
	struct frames_test *t = test->priv;
	struct rdg_writer w;

	rdg_wire_begin(&w, t->data, ID, 1);
	rdg_wire_piece(&w, &whole);
	KUNIT_EXPECT_EQ(test, w.len, 24u);
	rdg_wire_begin(&w, t->data, ID, 1);
	rdg_wire_piece(&w, &part);
	KUNIT_EXPECT_EQ(test, w.len, 28u);
}

/* A COOKIE whose ids and incarnations are all 1. */
static const u8 cookie[RDG_COOKIE_LEN] = { RDG_FRAME_COOKIE, [11] = 1, [19] = 1, [27] = 1 };

struct row {
	enum rdg_parse result;
	u16 payload;
	u8 len;
	u8 frames[56];
};

static void expect_rows(struct kunit *test, const struct row *row, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++) {
		u32 len = make(test, row[i].frames, row[i].len, row[i].payload);

		KUNIT_EXPECT_EQ_MSG(test, (int)parse(test, len), (int)row[i].result, "row %u", i);
	}
}

static void parse__tells_good_frames_from_malformed(struct kunit *test)
{
	static const struct row row[] = {
		{ RDG_PARSE_OK, 0, 0, { 0 } },
		{ RDG_PARSE_OK, 0, 2, { 1, 0 } },
		{ RDG_PARSE_OK, 0, 4, { 1, 0, 1, 0 } },
		{ RDG_PARSE_MALFORMED, 0, 2, { 1, 1 } },
		{ RDG_PARSE_MALFORMED, 0, 1, { 1 } },
		/* payload without a frame that says whose it is */
		{ RDG_PARSE_MALFORMED, 1, 0, { 0 } },
		{ RDG_PARSE_MALFORMED, 1, 2, { 1, 0 } },
		/* unknown frames, and such as may be skipped */
		{ RDG_PARSE_MALFORMED, 0, 2, { 0, 0 } },
		{ RDG_PARSE_MALFORMED, 0, 4, { 10, 0, 0, 0 } },
		{ RDG_PARSE_MALFORMED, 0, 4, { 0x7f, 0, 0, 0 } },
		{ RDG_PARSE_OK, 0, 4, { 0x80, 0, 0, 0 } },
		{ RDG_PARSE_OK, 0, 8, { 0xff, 9, 0, 2, 7, 7, 1, 0 } },
		{ RDG_PARSE_MALFORMED, 0, 5, { 0x80, 0, 0, 2, 7 } },
		{ RDG_PARSE_MALFORMED, 0, 3, { 0x80, 0, 0 } },
		/* PATH_CHECK, PATH_ANSWER */
		{ RDG_PARSE_OK, 0, 12, { 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 } },
		{ RDG_PARSE_OK, 0, 12, { 0x11, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8 } },
		{ RDG_PARSE_MALFORMED, 0, 11, { 0x10, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7 } },
		{ RDG_PARSE_MALFORMED, 0, 12, { 0x11, 1, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8 } },
		{ RDG_PARSE_MALFORMED, 0, 24, { 0x10, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8,
						0x10, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8 } },
		/* ACK */
		{ RDG_PARSE_OK, 0, 10, { 2, 0, 0, 0, 0, 0, 0, 9, 0, 1 } },
		{ RDG_PARSE_MALFORMED, 0, 10, { 2, 0, 0, 0, 0, 0, 0, 9, 0, 0 } },
		{ RDG_PARSE_MALFORMED, 0, 10, { 2, 1, 0, 0, 0, 0, 0, 9, 0, 1 } },
		{ RDG_PARSE_MALFORMED, 0, 10, { 2, 255, 0, 0, 0, 0, 0, 9, 0, 1 } },
		{ RDG_PARSE_OK, 0, 14, { 2, 1, 0, 0, 0, 0, 0, 9, 0, 1, 0, 1, 0, 1 } },
		{ RDG_PARSE_MALFORMED, 0, 14, { 2, 1, 0, 0, 0, 0, 0, 9, 0, 1, 0, 0, 0, 1 } },
		{ RDG_PARSE_MALFORMED, 0, 14, { 2, 1, 0, 0, 0, 0, 0, 9, 0, 1, 0, 1, 0, 0 } },
		{ RDG_PARSE_MALFORMED, 0, 13, { 2, 1, 0, 0, 0, 0, 0, 9, 0, 1, 0, 1, 0 } },
		{ RDG_PARSE_MALFORMED, 0, 20, { 2, 0, 0, 0, 0, 0, 0, 9, 0, 1,
						2, 0, 0, 0, 0, 0, 0, 9, 0, 1 } },
		/* REPORT */
		{ RDG_PARSE_OK, 0, 16, { 3 } },
		{ RDG_PARSE_OK, 0, 16, { 3, 1 } },
		{ RDG_PARSE_MALFORMED, 0, 16, { 3, 2 } },
		{ RDG_PARSE_MALFORMED, 0, 16, { 3, 0x81 } },
		{ RDG_PARSE_MALFORMED, 0, 15, { 3 } },
		{ RDG_PARSE_MALFORMED, 0, 32, { 3, [16] = 3 } },
		/* END and END_ACK */
		{ RDG_PARSE_OK, 0, 8, { 5, 0 } },
		{ RDG_PARSE_OK, 0, 16, { 5, 0, 0, 0, 0, 0, 0, 0, 6, 0 } },
		{ RDG_PARSE_MALFORMED, 0, 16, { 5, 0, 0, 0, 0, 0, 0, 0, 5, 0 } },
		{ RDG_PARSE_MALFORMED, 0, 16, { 6, 0, 0, 0, 0, 0, 0, 0, 6, 0 } },
		{ RDG_PARSE_MALFORMED, 0, 8, { 5, 1 } },
		{ RDG_PARSE_MALFORMED, 0, 7, { 6, 0 } },
		/* ECN */
		{ RDG_PARSE_OK, 0, 8, { 9, 0, 0, 0, 0, 0, 0, 7 } },
		{ RDG_PARSE_MALFORMED, 0, 8, { 9, 1, 0, 0, 0, 0, 0, 7 } },
		{ RDG_PARSE_MALFORMED, 0, 7, { 9, 0, 0, 0, 0, 0, 0 } },
		{ RDG_PARSE_MALFORMED, 0, 16, { 9, 0, 0, 0, 0, 0, 0, 7, 9, 0, 0, 0, 0, 0, 0, 7 } },
		/* PADDING: at least one byte, in its turn among the payload */
		{ RDG_PARSE_OK, 1, 4, { 10, 0, 0, 1 } },
		{ RDG_PARSE_OK, 300, 4, { 10, 0, 1, 44 } },
		{ RDG_PARSE_OK, 7, 12, { 10, 0, 0, 2, 4, 2, 0, 5, 0, 0, 0, 1 } },
		{ RDG_PARSE_OK, 7, 12, { 4, 2, 0, 5, 0, 0, 0, 1, 10, 0, 0, 2 } },
		{ RDG_PARSE_MALFORMED, 0, 4, { 10, 0, 0, 0 } },
		{ RDG_PARSE_MALFORMED, 1, 4, { 10, 1, 0, 1 } },
		{ RDG_PARSE_MALFORMED, 1, 3, { 10, 0, 0 } },
		{ RDG_PARSE_MALFORMED, 1, 4, { 10, 0, 0, 2 } },
		{ RDG_PARSE_MALFORMED, 2, 4, { 10, 0, 0, 1 } },
		{ RDG_PARSE_MALFORMED, 0, 4, { 10, 0, 0xff, 0xff } },
		{ RDG_PARSE_MALFORMED, 2, 8, { 10, 0, 0, 1, 10, 0, 0, 1 } },
		/* BASE */
		{ RDG_PARSE_OK, 0, 12, { 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 } },
		{ RDG_PARSE_MALFORMED, 0, 12, { 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 } },
		{ RDG_PARSE_MALFORMED, 0, 12, { 8, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 } },
		{ RDG_PARSE_MALFORMED, 0, 11, { 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 } },
		{ RDG_PARSE_MALFORMED, 0, 24, { 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
						8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 } },
	};

	expect_rows(test, row, ARRAY_SIZE(row));
}

static void parse__tells_good_pieces_from_malformed(struct kunit *test)
{
	static const struct row row[] = {
		/* a whole message; LAST, and as much payload as it says */
		{ RDG_PARSE_OK, 5, 8, { 4, 2, 0, 5, 0, 0, 0, 1 } },
		{ RDG_PARSE_OK, 5, 8, { 4, 6, 0, 5, 0, 0, 0, 1 } },
		{ RDG_PARSE_OK, 0, 8, { 4, 2, 0, 0, 0, 0, 0, 1 } },
		{ RDG_PARSE_MALFORMED, 5, 8, { 4, 0, 0, 5, 0, 0, 0, 1 } },
		{ RDG_PARSE_MALFORMED, 5, 8, { 4, 4, 0, 5, 0, 0, 0, 1 } },
		{ RDG_PARSE_MALFORMED, 4, 8, { 4, 2, 0, 5, 0, 0, 0, 1 } },
		{ RDG_PARSE_MALFORMED, 6, 8, { 4, 2, 0, 5, 0, 0, 0, 1 } },
		{ RDG_PARSE_MALFORMED, 0, 8, { 4, 2, 0xff, 0xff, 0, 0, 0, 1 } },
		{ RDG_PARSE_MALFORMED, 0, 7, { 4, 2, 0, 0, 0, 0, 0 } },
		/* a fragment; not empty, and less than the message */
		{ RDG_PARSE_OK, 5, 12, { 4, 1, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0 } },
		{ RDG_PARSE_OK, 5, 12, { 4, 1, 0, 5, 0, 0, 0, 1, 0, 0, 0, 9 } },
		{ RDG_PARSE_OK, 5, 12, { 4, 3, 0, 5, 0, 0, 0, 1, 0, 0, 0, 9 } },
		{ RDG_PARSE_MALFORMED, 5, 12, { 4, 3, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0 } },
		{ RDG_PARSE_MALFORMED, 0, 12, { 4, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 9 } },
		{ RDG_PARSE_MALFORMED, 5, 11, { 4, 1, 0, 5, 0, 0, 0, 1, 0, 0, 0 } },
		/* up to 1 MiB, and not a byte more */
		{ RDG_PARSE_OK, 5, 12, { 4, 3, 0, 5, 0, 0, 0, 1, 0x00, 0x0f, 0xff, 0xfb } },
		{ RDG_PARSE_MALFORMED, 5, 12, { 4, 3, 0, 5, 0, 0, 0, 1, 0x00, 0x0f, 0xff, 0xfc } },
		{ RDG_PARSE_MALFORMED, 5, 12, { 4, 1, 0, 5, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff } },
		/* two of them share the payload */
		{ RDG_PARSE_OK, 3, 16, { 4, 2, 0, 1, 0, 0, 0, 1, 4, 2, 0, 2, 0, 0, 0, 2 } },
		{ RDG_PARSE_MALFORMED, 3, 16, { 4, 2, 0, 2, 0, 0, 0, 1, 4, 2, 0, 2, 0, 0, 0, 2 } },
		/* NEXT: only after a piece that ends its message */
		{ RDG_PARSE_OK, 3, 12, { 4, 2, 0, 1, 0, 0, 0, 1, 4, 0x42, 0, 2 } },
		{ RDG_PARSE_OK, 3, 12, { 4, 2, 0, 1, 0, 0, 0, 1, 4, 0x40, 0, 2 } },
		{ RDG_PARSE_OK, 3, 12, { 4, 2, 0, 1, 0, 0, 0, 1, 4, 0x46, 0, 2 } },
		{ RDG_PARSE_OK, 1, 12, { 4, 2, 0, 1, 0, 0, 0, 1, 4, 0x42, 0, 0 } },
		{ RDG_PARSE_OK, 6, 16, { 4, 2, 0, 1, 0, 0, 0, 1, 4, 0x42, 0, 2, 4, 0x40, 0, 3 } },
		{ RDG_PARSE_OK, 3, 16, { 4, 3, 0, 1, 0, 0, 0, 1, 0, 0, 0, 9, 4, 0x42, 0, 2 } },
		{ RDG_PARSE_OK, 3, 14, { 4, 2, 0, 1, 0, 0, 0, 1, 1, 0, 4, 0x42, 0, 2 } },
		{ RDG_PARSE_MALFORMED, 2, 4, { 4, 0x42, 0, 2 } },
		{ RDG_PARSE_MALFORMED, 2, 6, { 1, 0, 4, 0x42, 0, 2 } },
		{ RDG_PARSE_MALFORMED, 3, 16, { 4, 1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 9,
						4, 0x42, 0, 2 } },
		{ RDG_PARSE_MALFORMED, 6, 16, { 4, 2, 0, 1, 0, 0, 0, 1, 4, 0x40, 0, 2,
						4, 0x42, 0, 3 } },
		/* nor with OFFSET, nor with less than nothing, nor cut off */
		{ RDG_PARSE_MALFORMED, 3, 12, { 4, 2, 0, 1, 0, 0, 0, 1, 4, 0x43, 0, 2 } },
		{ RDG_PARSE_MALFORMED, 3, 20, { 4, 2, 0, 1, 0, 0, 0, 1,
						4, 0x41, 0, 2, 0, 0, 0, 2, 0, 0, 0, 0 } },
		{ RDG_PARSE_MALFORMED, 1, 12, { 4, 2, 0, 1, 0, 0, 0, 1, 4, 0x40, 0, 0 } },
		{ RDG_PARSE_MALFORMED, 1, 11, { 4, 2, 0, 1, 0, 0, 0, 1, 4, 0x42, 0 } },
		{ RDG_PARSE_MALFORMED, 2, 12, { 4, 2, 0, 1, 0, 0, 0, 1, 4, 0x42, 0, 2 } },
	};

	expect_rows(test, row, ARRAY_SIZE(row));
}

static void next__is_the_message_after_the_one_before(struct kunit *test)
{
	static const struct rdg_piece first = {
		.seq = 0xffffffff, .off = 9, .len = 3, .flags = RDG_MSG_OFFSET | RDG_MSG_LAST,
	};
	static const struct rdg_piece whole = { .len = 4, .flags = RDG_MSG_NEXT | RDG_MSG_LAST };
	static const struct rdg_piece part = { .len = 5, .flags = RDG_MSG_NEXT };
	struct frames_test *t = test->priv;
	struct rdg_writer w;

	rdg_wire_begin(&w, t->data, ID, 1);
	rdg_wire_ack_now(&w);
	rdg_wire_piece(&w, &first);
	rdg_wire_piece(&w, &whole);
	rdg_wire_piece(&w, &part);
	rdg_wire_ack_now(&w);
	rdg_wire_finish(&w, RDG_PKT_DATA);
	KUNIT_EXPECT_EQ(test, w.len, 16u + 12 + 4 + 4);
	KUNIT_ASSERT_EQ(test, (int)parse(test, w.len + 12), (int)RDG_PARSE_OK);
	KUNIT_ASSERT_EQ(test, (int)t->f.pieces, 3);
	KUNIT_EXPECT_EQ(test, t->f.piece[1].seq, 0u);
	KUNIT_EXPECT_EQ(test, t->f.piece[1].off, 0u);
	KUNIT_EXPECT_EQ(test, (int)t->f.piece[1].flags, RDG_MSG_LAST);
	KUNIT_EXPECT_EQ(test, t->f.piece[1].at, w.len + 3);
	KUNIT_EXPECT_EQ(test, t->f.piece[2].seq, 1u);
	KUNIT_EXPECT_EQ(test, t->f.piece[2].off, 0u);
	KUNIT_EXPECT_EQ(test, (int)t->f.piece[2].flags, RDG_MSG_OFFSET | RDG_MSG_ACK_NOW);
	KUNIT_EXPECT_EQ(test, t->f.piece[2].at, w.len + 7);
}

static void parse__knows_three_flags_of_msg(struct kunit *test)
{
	u8 frame[12] = { RDG_FRAME_MSG, 0, 0, 5, 0, 0, 0, 1, 0, 0, 0, 9 };
	u32 flags;

	for (flags = 0; flags < 256; flags++) {
		bool fragment = flags & RDG_MSG_OFFSET;
		bool good = !(flags & ~7) && (fragment || flags & RDG_MSG_LAST);
		u32 len;

		frame[1] = flags;
		len = make(test, frame, fragment ? 12 : 8, 5);
		KUNIT_EXPECT_EQ_MSG(test, parse(test, len) == RDG_PARSE_OK, good, "flags %x",
				    flags);
	}
}

static void parse__second_byte_has_no_other_flags(struct kunit *test)
{
	static const u8 type[] = { RDG_FRAME_PING, RDG_FRAME_REPORT, RDG_FRAME_END,
				   RDG_FRAME_END_ACK, RDG_FRAME_BASE, RDG_FRAME_ECN };
	static const u8 size[] = { 2, 16, 8, 8, 12, 8 };
	u32 i, value;

	for (i = 0; i < ARRAY_SIZE(type); i++) {
		for (value = 0; value < 256; value++) {
			u8 frame[16] = { type[i], value, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 };
			bool good = !value || (type[i] == RDG_FRAME_REPORT && value == 1);
			u32 len = make(test, frame, size[i], 0);

			KUNIT_EXPECT_EQ_MSG(test, parse(test, len) == RDG_PARSE_OK, good,
					    "type %u, %x", type[i], value);
		}
	}
}

static void parse__cookie_comes_first_in_confirm(struct kunit *test)
{
	struct frames_test *t = test->priv;
	u8 frames[RDG_COOKIE_LEN + 8];
	u32 len, i;

	len = make(test, cookie, sizeof(cookie), 0);
	KUNIT_EXPECT_EQ(test, (int)parse(test, len), (int)RDG_PARSE_OK);
	/* in DATA */
	t->data[0] = RDG_PKT_DATA;
	KUNIT_EXPECT_EQ(test, (int)parse(test, len), (int)RDG_PARSE_MALFORMED);
	/* not at all */
	len = make(test, (u8[]){ RDG_FRAME_PING, 0 }, 2, 0);
	t->data[0] = RDG_PKT_CONFIRM;
	KUNIT_EXPECT_EQ(test, (int)parse(test, len), (int)RDG_PARSE_MALFORMED);
	/* not first */
	memcpy(frames + 2, cookie, sizeof(cookie));
	frames[0] = RDG_FRAME_PING;
	frames[1] = 0;
	len = make(test, frames, 2 + sizeof(cookie), 0);
	t->data[0] = RDG_PKT_CONFIRM;
	KUNIT_EXPECT_EQ(test, (int)parse(test, len), (int)RDG_PARSE_MALFORMED);
	/* with each of its ids and incarnations 0, and with a flag */
	for (i = 0; i < 3; i++) {
		memcpy(frames, cookie, sizeof(cookie));
		memset(frames + 4 + 8 * i, 0, 8);
		len = make(test, frames, sizeof(cookie), 0);
		KUNIT_EXPECT_EQ(test, (int)parse(test, len), (int)RDG_PARSE_MALFORMED);
	}
	memcpy(frames, cookie, sizeof(cookie));
	frames[1] = 1;
	len = make(test, frames, sizeof(cookie), 0);
	KUNIT_EXPECT_EQ(test, (int)parse(test, len), (int)RDG_PARSE_MALFORMED);
}

static void parse__cookie_may_have_tlvs(struct kunit *test)
{
	u8 frames[RDG_COOKIE_LEN + 4] = {};
	u32 len;

	memcpy(frames, cookie, sizeof(cookie));
	frames[3] = 4;
	frames[RDG_COOKIE_LEN + 1] = 9;
	len = make(test, frames, sizeof(frames), 0);
	KUNIT_EXPECT_EQ(test, (int)parse(test, len), (int)RDG_PARSE_OK);
	frames[RDG_COOKIE_LEN] = 0x80;
	len = make(test, frames, sizeof(frames), 0);
	KUNIT_EXPECT_EQ(test, (int)parse(test, len), (int)RDG_PARSE_UNKNOWN_TLV);
	frames[3] = 5;
	len = make(test, frames, sizeof(frames), 0);
	KUNIT_EXPECT_EQ(test, (int)parse(test, len), (int)RDG_PARSE_MALFORMED);
}

static void parse__limits_the_number_of_pieces(struct kunit *test)
{
	struct frames_test *t = test->priv;
	u32 n;

	for (n = RDG_PIECES_MAX - 1; n <= RDG_PIECES_MAX + 1; n++) {
		struct rdg_writer w;
		u32 i;

		rdg_wire_begin(&w, t->data, ID, 1);
		for (i = 0; i < n; i++)
			rdg_wire_piece(&w, &(struct rdg_piece){ .seq = i, .flags = RDG_MSG_LAST });
		rdg_wire_finish(&w, RDG_PKT_DATA);
		KUNIT_EXPECT_EQ(test, parse(test, w.len) == RDG_PARSE_OK, n <= RDG_PIECES_MAX);
	}
}

static void parse__limits_the_number_of_ranges(struct kunit *test)
{
	struct frames_test *t = test->priv;
	struct rdg_ack_frame a = { .largest = 1000000, .first = 1 };
	struct rdg_writer w;
	u32 n;

	for (n = 0; n < RDG_ACK_RANGES_MAX; n++) {
		a.gap[n] = 1;
		a.len[n] = 1;
	}
	for (n = RDG_ACK_RANGES_MAX - 1; n <= RDG_ACK_RANGES_MAX; n++) {
		a.n = n;
		rdg_wire_begin(&w, t->data, ID, 1);
		rdg_wire_ack(&w, &a);
		rdg_wire_finish(&w, RDG_PKT_DATA);
		KUNIT_EXPECT_EQ(test, (int)parse(test, w.len), (int)RDG_PARSE_OK);
	}
	/* One more: there are bytes for it, but no room where they would go. */
	t->data[RDG_DATA_LEN + 1] = RDG_ACK_RANGES_MAX + 1;
	memset(t->data + w.len, 1, RDG_ACK_RANGE_LEN);
	w.len += RDG_ACK_RANGE_LEN;
	rdg_wire_finish(&w, RDG_PKT_DATA);
	KUNIT_EXPECT_EQ(test, (int)parse(test, w.len), (int)RDG_PARSE_MALFORMED);
}

/* A packet with one frame of each kind, cut at every length of region and packet. */
static void parse__reads_nothing_beyond_the_region(struct kunit *test)
{
	static const u8 frames[] = {
		RDG_FRAME_COOKIE, [11] = 1, [19] = 1, [27] = 1,
		[RDG_COOKIE_LEN] = RDG_FRAME_PING, 0,
		RDG_FRAME_ACK, 1, 0, 0, 0, 0, 0, 9, 0, 1, 0, 1, 0, 1,
		RDG_FRAME_REPORT, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 9,
		RDG_FRAME_END, 0, 0, 0, 0, 0, 0, 1,
		RDG_FRAME_BASE, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
		RDG_FRAME_ECN, 0, 0, 0, 0, 0, 0, 1,
		0x81, 0, 0, 2, 0, 0,
		RDG_FRAME_MSG, RDG_MSG_OFFSET, 0, 4, 0, 0, 0, 1, 0, 0, 0, 1,
		RDG_FRAME_MSG, RDG_MSG_LAST, 0, 4, 0, 0, 0, 2,
	};
	struct frames_test *t = test->priv;
	u32 full = make(test, frames, sizeof(frames), 8);
	u32 region, len;

	KUNIT_EXPECT_EQ(test, (int)parse(test, full), (int)RDG_PARSE_OK);
	for (region = 0; region <= sizeof(frames); region++) {
		rdg_put_be16(region, t->data + 2);
		for (len = RDG_DATA_LEN; len <= full; len++) {
			bool whole = region == sizeof(frames) && len == full;

			/* No part of it is a good packet, but the empty one has no COOKIE. */
			if (parse(test, len) == RDG_PARSE_OK && !whole && region < RDG_COOKIE_LEN)
				KUNIT_FAIL(test, "region %u, length %u", region, len);
		}
	}
}

#define PART	100

/* A plain packet, and what it says. */
static void make_plain(struct kunit *test, u32 off, struct rdg_header *h)
{
	const struct rdg_piece part = {
		.seq = 3, .off = off, .len = PART, .flags = RDG_MSG_OFFSET,
	};
	struct frames_test *t = test->priv;
	struct rdg_writer w;

	rdg_wire_begin(&w, t->data, ID, U32_MAX);
	rdg_wire_piece(&w, &part);
	rdg_wire_finish(&w, RDG_PKT_DATA);
	KUNIT_ASSERT_EQ(test, w.len, RDG_PLAIN_LEN);
	KUNIT_ASSERT_EQ(test, (int)parse(test, w.len + PART), (int)RDG_PARSE_OK);
	rdg_wire_parse(t->data, w.len + PART, h);
	KUNIT_ASSERT_TRUE(test, rdg_wire_is_plain(h, &t->f));
}

static void go_on__says_what_parsing_would(struct kunit *test)
{
	struct frames_test *t = test->priv;
	struct rdg_header first, h;
	struct rdg_piece piece;

	make_plain(test, 1000, &first);
	rdg_wire_go_on(t->data, 0, 1000 + PART);
	KUNIT_EXPECT_TRUE(test, rdg_wire_goes_on(t->data, &first, &t->f));
	piece = t->f.piece[0];
	KUNIT_EXPECT_EQ(test, (int)parse(test, RDG_PLAIN_LEN + PART), (int)RDG_PARSE_OK);
	rdg_wire_parse(t->data, RDG_PLAIN_LEN + PART, &h);
	KUNIT_EXPECT_EQ(test, first.pn, h.pn);
	KUNIT_EXPECT_EQ(test, first.dst_id, h.dst_id);
	KUNIT_EXPECT_EQ(test, first.length, h.length);
	KUNIT_EXPECT_EQ(test, piece.seq, t->f.piece[0].seq);
	KUNIT_EXPECT_EQ(test, piece.off, t->f.piece[0].off);
	KUNIT_EXPECT_EQ(test, piece.len, t->f.piece[0].len);
	KUNIT_EXPECT_EQ(test, piece.at, t->f.piece[0].at);
	KUNIT_EXPECT_EQ(test, piece.flags, t->f.piece[0].flags);
}

static void go_on__is_nothing_that_differs(struct kunit *test)
{
	struct frames_test *t = test->priv;
	struct rdg_header h;
	u32 bit;

	make_plain(test, 1000, &h);
	rdg_wire_go_on(t->data, 0, 1000 + PART);
	for (bit = 0; bit < RDG_PLAIN_LEN * 8; bit++) {
		t->data[bit / 8] ^= 1 << bit % 8;
		if (rdg_wire_goes_on(t->data, &h, &t->f))
			KUNIT_FAIL(test, "bit %u", bit);
		t->data[bit / 8] ^= 1 << bit % 8;
	}
	KUNIT_EXPECT_TRUE(test, rdg_wire_goes_on(t->data, &h, &t->f));
}

static void go_on__ends_where_messages_do(struct kunit *test)
{
	struct frames_test *t = test->priv;
	struct rdg_header h;

	make_plain(test, RDG_MAX_MESSAGE - PART - 1, &h);
	rdg_wire_go_on(t->data, 0, RDG_MAX_MESSAGE - 1);
	KUNIT_EXPECT_FALSE(test, rdg_wire_goes_on(t->data, &h, &t->f));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(frames__round_trip),
	KUNIT_CASE(frames__header_and_one_message_are_short),
	KUNIT_CASE(parse__tells_good_frames_from_malformed),
	KUNIT_CASE(parse__tells_good_pieces_from_malformed),
	KUNIT_CASE(next__is_the_message_after_the_one_before),
	KUNIT_CASE(parse__knows_three_flags_of_msg),
	KUNIT_CASE(parse__second_byte_has_no_other_flags),
	KUNIT_CASE(parse__cookie_comes_first_in_confirm),
	KUNIT_CASE(parse__cookie_may_have_tlvs),
	KUNIT_CASE(parse__limits_the_number_of_pieces),
	KUNIT_CASE(parse__limits_the_number_of_ranges),
	KUNIT_CASE(parse__reads_nothing_beyond_the_region),
	KUNIT_CASE(go_on__says_what_parsing_would),
	KUNIT_CASE(go_on__is_nothing_that_differs),
	KUNIT_CASE(go_on__ends_where_messages_do),
	{}
};

struct kunit_suite rdg_frames_suite = {
	.name = "rdgram_frames",
	.init = frames_init,
	.test_cases = cases,
};
