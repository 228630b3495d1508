// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stage one of the wire format: packets, by round trip and by truth table.
 *
 * Every packet is parsed out of an allocation of just its length, so that
 * KASAN sees a read beyond its end.
 */
#include <linux/slab.h>
#include <linux/string.h>
#include "../core/wire.h"
#include "suites.h"

#define ID	0x1122334455667788ULL
#define INC	0x99aabbccddeeff01ULL
#define OTHER	0x0fedcba987654321ULL

static enum rdg_parse parse(struct kunit *test, const u8 *data, u32 len, struct rdg_header *h)
{
	u8 *copy = kmemdup(data, len, GFP_KERNEL);
	enum rdg_parse result;

	KUNIT_ASSERT_NOT_NULL(test, copy);
	result = rdg_wire_parse(copy, len, h);
	kfree(copy);
	return result;
}

static u32 make_challenge(u8 *to)
{
	struct rdg_header h = {
		.dst_id = ID, .src_id = OTHER, .src_inc = INC, .dst_inc = ID + 1,
		.credit = 0xcafe0123, .cookie_time = 0xfeed4567, .cookie = OTHER + 7,
	};

	return rdg_wire_challenge(to, &h);
}

static u32 make_data(u8 *to)
{
	struct rdg_writer w;

	rdg_wire_begin(&w, to, ID, 0xfffffffe);
	rdg_wire_ping(&w);
	rdg_wire_finish(&w, RDG_PKT_DATA);
	return w.len;
}

/* One good packet of each type; the length. */
static u32 make(u8 type, u8 *to)
{
	switch (type) {
	case RDG_PKT_INIT:
		return rdg_wire_init(to, ID, INC, OTHER);
	case RDG_PKT_CHALLENGE:
		return make_challenge(to);
	case RDG_PKT_RESET:
		return rdg_wire_reset(to, ID, RDG_RESET_STALE);
	case RDG_PKT_VERSION:
		return rdg_wire_version(to, ID);
	}
	return make_data(to);
}

static void init__round_trip(struct kunit *test)
{
	u8 data[RDG_INIT_MIN];
	struct rdg_header h;
	u32 len = rdg_wire_init(data, ID, INC, OTHER);

	KUNIT_EXPECT_EQ(test, len, (u32)RDG_INIT_MIN);
	KUNIT_ASSERT_EQ(test, (int)parse(test, data, len, &h), (int)RDG_PARSE_OK);
	KUNIT_EXPECT_EQ(test, (int)h.type, (int)RDG_PKT_INIT);
	KUNIT_EXPECT_EQ(test, h.dst_id, 0ULL);
	KUNIT_EXPECT_EQ(test, h.src_id, ID);
	KUNIT_EXPECT_EQ(test, h.src_inc, INC);
	KUNIT_EXPECT_EQ(test, h.dst_inc, OTHER);
	KUNIT_EXPECT_EQ(test, h.length, len);
}

static void challenge__round_trip(struct kunit *test)
{
	u8 data[RDG_INIT_MIN];
	struct rdg_header h;
	u32 len = make_challenge(data);

	/* No answer is longer than its question. */
	KUNIT_EXPECT_LE(test, len, (u32)RDG_INIT_MIN);
	KUNIT_ASSERT_EQ(test, (int)parse(test, data, len, &h), (int)RDG_PARSE_OK);
	KUNIT_EXPECT_EQ(test, h.dst_id, ID);
	KUNIT_EXPECT_EQ(test, h.src_id, OTHER);
	KUNIT_EXPECT_EQ(test, h.src_inc, INC);
	KUNIT_EXPECT_EQ(test, h.dst_inc, ID + 1);
	KUNIT_EXPECT_EQ(test, h.credit, 0xcafe0123);
	KUNIT_EXPECT_EQ(test, h.cookie_time, 0xfeed4567);
	KUNIT_EXPECT_EQ(test, h.cookie, OTHER + 7);
}

static void data__round_trip(struct kunit *test)
{
	u8 data[RDG_HEAD_MAX];
	struct rdg_header h;
	u32 len = make_data(data);

	KUNIT_ASSERT_EQ(test, (int)parse(test, data, len, &h), (int)RDG_PARSE_OK);
	KUNIT_EXPECT_EQ(test, (int)h.type, (int)RDG_PKT_DATA);
	KUNIT_EXPECT_EQ(test, h.dst_id, ID);
	KUNIT_EXPECT_EQ(test, h.pn, 0xfffffffe);
	KUNIT_EXPECT_EQ(test, (u32)h.region, (u32)RDG_PING_LEN);
}

static void reset__round_trip(struct kunit *test)
{
	u8 data[RDG_RESET_LEN];
	struct rdg_header h;
	int reason;

	for (reason = RDG_RESET_UNKNOWN; reason <= RDG_RESET_STALE; reason++) {
		u32 len = rdg_wire_reset(data, ID, reason);

		KUNIT_ASSERT_EQ(test, (int)parse(test, data, len, &h), (int)RDG_PARSE_OK);
		KUNIT_EXPECT_EQ(test, h.reflected, ID);
		KUNIT_EXPECT_EQ(test, (int)h.reason, reason);
	}
}

static void version__round_trip(struct kunit *test)
{
	u8 data[RDG_VERSION_LEN];
	struct rdg_header h;
	u32 len = rdg_wire_version(data, ID);

	KUNIT_ASSERT_EQ(test, (int)parse(test, data, len, &h), (int)RDG_PARSE_OK);
	KUNIT_EXPECT_EQ(test, h.reflected, ID);
	KUNIT_EXPECT_EQ(test, (int)h.lowest, RDG_VERSION);
	KUNIT_EXPECT_EQ(test, (int)h.highest, RDG_VERSION);
}

/* Bytes that are put into a good packet, and what is thought of it then. */
struct row {
	u8 type;
	u8 at;
	u8 count;
	u8 value;
	enum rdg_parse result;
};

static void quote__tells_whose_it_is(struct kunit *test)
{
	u8 packet[RDG_INIT_MIN];
	struct rdg_writer w;
	struct rdg_quote q;
	u32 len;

	rdg_wire_init(packet, 0x1122334455667788, 2, 3);
	KUNIT_EXPECT_TRUE(test, rdg_wire_quote(packet, RDG_QUOTE_LEN, &q));
	KUNIT_EXPECT_EQ(test, q.src_id, 0x1122334455667788ULL);
	KUNIT_EXPECT_EQ(test, q.dst_id, 0ULL);
	for (len = 0; len < RDG_QUOTE_LEN; len++)
		KUNIT_EXPECT_FALSE(test, rdg_wire_quote(packet, len, &q));

	rdg_wire_begin(&w, packet, 0x8877665544332211, 7);
	KUNIT_EXPECT_TRUE(test, rdg_wire_quote(packet, RDG_DATA_LEN, &q));
	KUNIT_EXPECT_EQ(test, q.src_id, 0ULL);
	KUNIT_EXPECT_EQ(test, q.dst_id, 0x8877665544332211ULL);
	KUNIT_EXPECT_EQ(test, q.pn, 7U);
	for (len = 0; len < RDG_DATA_LEN; len++)
		KUNIT_EXPECT_FALSE(test, rdg_wire_quote(packet, len, &q));
	packet[1]++;
	KUNIT_EXPECT_FALSE(test, rdg_wire_quote(packet, RDG_QUOTE_LEN, &q));
}

static void parse__tells_good_from_malformed(struct kunit *test)
{
	static const struct row row[] = {
		/* type */
		{ RDG_PKT_INIT, 0, 1, 0, RDG_PARSE_MALFORMED },
		{ RDG_PKT_INIT, 0, 1, 7, RDG_PARSE_MALFORMED },
		{ RDG_PKT_DATA, 0, 1, 0xff, RDG_PARSE_MALFORMED },
		/* version: only an INIT is answered */
		{ RDG_PKT_INIT, 1, 1, 0, RDG_PARSE_VERSION },
		{ RDG_PKT_INIT, 1, 1, 2, RDG_PARSE_VERSION },
		{ RDG_PKT_CHALLENGE, 1, 1, 2, RDG_PARSE_MALFORMED },
		{ RDG_PKT_DATA, 1, 1, 2, RDG_PARSE_MALFORMED },
		{ RDG_PKT_RESET, 1, 1, 2, RDG_PARSE_MALFORMED },
		{ RDG_PKT_VERSION, 1, 1, 2, RDG_PARSE_MALFORMED },
		/* a region longer than the packet */
		{ RDG_PKT_INIT, 2, 1, 0xff, RDG_PARSE_MALFORMED },
		{ RDG_PKT_INIT, 3, 1, RDG_INIT_MIN - RDG_INIT_LEN + 1, RDG_PARSE_MALFORMED },
		{ RDG_PKT_CHALLENGE, 3, 1, 1, RDG_PARSE_MALFORMED },
		{ RDG_PKT_DATA, 3, 1, 3, RDG_PARSE_MALFORMED },
		/* a region where there is none */
		{ RDG_PKT_RESET, 3, 1, 1, RDG_PARSE_MALFORMED },
		{ RDG_PKT_VERSION, 3, 1, 1, RDG_PARSE_MALFORMED },
		/* ids that have to be there, or not */
		{ RDG_PKT_INIT, 11, 1, 1, RDG_PARSE_MALFORMED },
		{ RDG_PKT_CHALLENGE, 4, 8, 0, RDG_PARSE_MALFORMED },
		{ RDG_PKT_DATA, 4, 8, 0, RDG_PARSE_MALFORMED },
		{ RDG_PKT_RESET, 4, 8, 1, RDG_PARSE_OK },
		{ RDG_PKT_INIT, 12, 8, 0, RDG_PARSE_MALFORMED },
		{ RDG_PKT_CHALLENGE, 12, 8, 0, RDG_PARSE_MALFORMED },
		{ RDG_PKT_RESET, 12, 8, 0, RDG_PARSE_MALFORMED },
		{ RDG_PKT_VERSION, 12, 8, 0, RDG_PARSE_MALFORMED },
		/* incarnations */
		{ RDG_PKT_INIT, 20, 8, 0, RDG_PARSE_MALFORMED },
		{ RDG_PKT_INIT, 28, 8, 0, RDG_PARSE_OK },
		{ RDG_PKT_CHALLENGE, 20, 8, 0, RDG_PARSE_MALFORMED },
		{ RDG_PKT_CHALLENGE, 28, 8, 0, RDG_PARSE_MALFORMED },
		/* flags and zeros of the future are not looked at */
		{ RDG_PKT_INIT, 36, 4, 0xff, RDG_PARSE_OK },
		{ RDG_PKT_CHALLENGE, 36, 4, 0xff, RDG_PARSE_OK },
		{ RDG_PKT_RESET, 21, 3, 0xff, RDG_PARSE_OK },
		/* reasons and versions */
		{ RDG_PKT_RESET, 20, 1, 0, RDG_PARSE_MALFORMED },
		{ RDG_PKT_RESET, 20, 1, 3, RDG_PARSE_MALFORMED },
		{ RDG_PKT_VERSION, 20, 1, 2, RDG_PARSE_MALFORMED },
		{ RDG_PKT_VERSION, 21, 1, 9, RDG_PARSE_OK },
		/* any packet number, any payload of an INIT behind its TLVs */
		{ RDG_PKT_DATA, 12, 4, 0xff, RDG_PARSE_OK },
		{ RDG_PKT_INIT, 40, 88, 0xff, RDG_PARSE_OK },
	};
	u8 data[RDG_HEAD_MAX];
	struct rdg_header h;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(row); i++) {
		u32 len = make(row[i].type, data);

		memset(data + row[i].at, row[i].value, row[i].count);
		KUNIT_EXPECT_EQ_MSG(test, (int)parse(test, data, len, &h), (int)row[i].result,
				    "row %u", i);
	}
}

static void parse__version_of_the_future_names_its_id(struct kunit *test)
{
	u8 data[RDG_INIT_MIN];
	struct rdg_header h;
	u32 len = rdg_wire_init(data, ID, INC, 0);

	data[1] = 9;
	/* Its region may be anything: nobody here knows what it says. */
	data[2] = 0xff;
	KUNIT_EXPECT_EQ(test, (int)parse(test, data, len, &h), (int)RDG_PARSE_VERSION);
	KUNIT_EXPECT_EQ(test, h.src_id, ID);
	/* An answer would be longer than the question, or without an address. */
	KUNIT_EXPECT_EQ(test, (int)parse(test, data, len - 1, &h), (int)RDG_PARSE_MALFORMED);
	memset(data + 12, 0, 8);
	KUNIT_EXPECT_EQ(test, (int)parse(test, data, len, &h), (int)RDG_PARSE_MALFORMED);
}

static void parse__refuses_every_truncation(struct kunit *test)
{
	u8 data[RDG_HEAD_MAX];
	struct rdg_header h;
	u8 type;
	u32 len;

	for (type = RDG_PKT_INIT; type <= RDG_PKT_VERSION; type++) {
		u32 full = make(type, data);

		data[0] = type;
		KUNIT_EXPECT_EQ(test, (int)parse(test, data, full, &h), (int)RDG_PARSE_OK);
		for (len = RDG_COMMON_LEN; len < full; len++)
			KUNIT_EXPECT_EQ_MSG(test, (int)parse(test, data, len, &h),
					    (int)RDG_PARSE_MALFORMED, "type %u, %u bytes", type,
					    len);
	}
}

/* Every type and version, at every length, in memory of just that length. */
static void parse__reads_nothing_beyond_the_end(struct kunit *test)
{
	u8 data[RDG_INIT_MIN + 2];
	struct rdg_header h;
	u32 type, version, len;

	memset(data, 0xff, sizeof(data));
	for (type = 0; type < 9; type++) {
		for (version = 0; version < 3; version++) {
			for (len = RDG_COMMON_LEN; len <= sizeof(data); len++) {
				data[0] = type;
				data[1] = version;
				data[2] = 0;
				data[3] = len;
				parse(test, data, len, &h);
				data[3] = 0;
				parse(test, data, len, &h);
			}
		}
	}
}

static void need__is_fixed_part_and_region(struct kunit *test)
{
	static const u8 fixed[] = { 0, 40, 56, 16, 16, 24, 24, 0 };
	u8 data[RDG_COMMON_LEN] = { 0, RDG_VERSION, 0x01, 0x02 };
	u32 type;

	for (type = 0; type < ARRAY_SIZE(fixed); type++) {
		u32 need = fixed[type] ? fixed[type] + 0x102 : 0;

		data[0] = type;
		KUNIT_EXPECT_EQ_MSG(test, rdg_wire_need(data), need, "type %u", type);
	}
}

static void tlv__critical_ones_must_be_known(struct kunit *test)
{
	static const struct {
		u8 len;
		u8 tlvs[12];
		enum rdg_parse result;
	} row[] = {
		{ 4, { 0, 1, 0, 0 }, RDG_PARSE_OK },
		{ 6, { 0x7f, 0xff, 0, 2, 9, 9 }, RDG_PARSE_OK },
		{ 10, { 0, 1, 0, 2, 9, 9, 0, 2, 0, 0 }, RDG_PARSE_OK },
		{ 4, { 0x80, 0, 0, 0 }, RDG_PARSE_UNKNOWN_TLV },
		{ 8, { 0, 1, 0, 0, 0x80, 1, 0, 0 }, RDG_PARSE_UNKNOWN_TLV },
		/* cut off */
		{ 3, { 0, 1, 0 }, RDG_PARSE_MALFORMED },
		{ 1, { 0 }, RDG_PARSE_MALFORMED },
		{ 5, { 0, 1, 0, 0, 0 }, RDG_PARSE_MALFORMED },
		{ 6, { 0, 1, 0, 3, 9, 9 }, RDG_PARSE_MALFORMED },
		{ 4, { 0, 1, 0xff, 0xff }, RDG_PARSE_MALFORMED },
		{ 4, { 0x80, 1, 0, 1 }, RDG_PARSE_MALFORMED },
	};
	u8 data[RDG_INIT_MIN];
	struct rdg_header h;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(row); i++) {
		rdg_wire_init(data, ID, INC, 0);
		data[3] = row[i].len;
		memcpy(data + RDG_INIT_LEN, row[i].tlvs, row[i].len);
		KUNIT_EXPECT_EQ_MSG(test, (int)parse(test, data, RDG_INIT_MIN, &h),
				    (int)row[i].result, "INIT, row %u", i);

		make_challenge(data);
		data[3] = row[i].len;
		memcpy(data + RDG_CHALLENGE_LEN, row[i].tlvs, row[i].len);
		KUNIT_EXPECT_EQ_MSG(test,
				    (int)parse(test, data, RDG_CHALLENGE_LEN + row[i].len, &h),
				    (int)row[i].result, "CHALLENGE, row %u", i);
	}
}

/* A packet in memory that somebody else writes: no byte is there a second time. */
struct moving {
	struct rdg_source from;
	u8 *data;
	u8 *more;
	u32 len;
	u32 reads;
};

static bool moving_copy(struct rdg_source *from, u32 at, u8 *to, u32 len)
{
	struct moving *m = container_of(from, struct moving, from);
	u32 i;

	if (at > m->len || len > m->len - at)
		return false;
	memcpy(to, m->data + at, len);
	for (i = at; i < at + len; i++)
		m->data[i] ^= 0xff;
	m->reads += len;
	return true;
}

static u8 *moving_more(struct rdg_source *from, u32 len)
{
	struct moving *m = container_of(from, struct moving, from);

	m->more = kmalloc(len, GFP_KERNEL);
	return m->more;
}

static u8 *no_more(struct rdg_source *from, u32 len)
{
	return NULL;
}

/* A DATA packet with so many bytes of frames that are to be skipped, and a payload. */
static void moving_make(struct kunit *test, struct moving *m, u32 frames, u32 payload)
{
	struct rdg_writer w;

	*m = (struct moving){
		.from = { .copy = moving_copy, .more = moving_more },
		.len = RDG_DATA_LEN + frames + payload,
	};
	m->data = kunit_kzalloc(test, m->len, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, m->data);
	rdg_wire_begin(&w, m->data, ID, 7);
	m->data[RDG_DATA_LEN] = RDG_FRAME_SKIPPABLE;
	m->data[RDG_DATA_LEN + 3] = frames - 4;
	w.len += frames;
	rdg_wire_finish(&w, RDG_PKT_DATA);
}

static void gather__reads_each_byte_once(struct kunit *test)
{
	static const u32 rooms[] = { RDG_COMMON_LEN, RDG_DATA_LEN + 99, RDG_DATA_LEN + 100, 512 };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rooms); i++) {
		u8 *room = kmalloc(rooms[i], GFP_KERNEL);
		const u8 *data;
		struct rdg_header h;
		struct moving m;

		KUNIT_ASSERT_NOT_NULL(test, room);
		moving_make(test, &m, 100, 50);
		data = rdg_wire_gather(&m.from, m.len, room, rooms[i]);
		KUNIT_ASSERT_NOT_NULL(test, data);
		KUNIT_EXPECT_TRUE(test, data == (m.more ?: room));
		KUNIT_EXPECT_EQ(test, m.reads, RDG_DATA_LEN + 100u);
		KUNIT_EXPECT_EQ(test, (int)rdg_wire_parse(data, m.len, &h), (int)RDG_PARSE_OK);
		KUNIT_EXPECT_EQ(test, h.region, (u16)100);
		kfree(m.more);
		kfree(room);
	}
}

static void gather__stops_at_the_end(struct kunit *test)
{
	struct rdg_header h;
	struct moving m;
	const u8 *data;
	u8 room[256];

	/* It says that it has more than it has. */
	moving_make(test, &m, 100, 0);
	m.len -= 40;
	data = rdg_wire_gather(&m.from, m.len, room, sizeof(room));
	KUNIT_ASSERT_NOT_NULL(test, data);
	KUNIT_EXPECT_EQ(test, m.reads, m.len);
	KUNIT_EXPECT_EQ(test, (int)rdg_wire_parse(data, m.len, &h), (int)RDG_PARSE_MALFORMED);

	moving_make(test, &m, 100, 0);
	KUNIT_EXPECT_NULL(test, rdg_wire_gather(&m.from, RDG_COMMON_LEN - 1, room, sizeof(room)));
	KUNIT_EXPECT_EQ(test, m.reads, 0u);
	m.from.more = no_more;
	KUNIT_EXPECT_NULL(test, rdg_wire_gather(&m.from, m.len, room, RDG_DATA_LEN));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(init__round_trip),
	KUNIT_CASE(challenge__round_trip),
	KUNIT_CASE(data__round_trip),
	KUNIT_CASE(reset__round_trip),
	KUNIT_CASE(version__round_trip),
	KUNIT_CASE(quote__tells_whose_it_is),
	KUNIT_CASE(parse__tells_good_from_malformed),
	KUNIT_CASE(parse__version_of_the_future_names_its_id),
	KUNIT_CASE(parse__refuses_every_truncation),
	KUNIT_CASE(parse__reads_nothing_beyond_the_end),
	KUNIT_CASE(need__is_fixed_part_and_region),
	KUNIT_CASE(tlv__critical_ones_must_be_known),
	KUNIT_CASE(gather__reads_each_byte_once),
	KUNIT_CASE(gather__stops_at_the_end),
	{}
};

struct kunit_suite rdg_wire_suite = {
	.name = "rdgram_wire",
	.test_cases = cases,
};
