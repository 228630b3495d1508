// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sets of packet numbers: by table, and against a bitmap.
 */
#include <linux/bitmap.h>
#include "../core/ranges.h"
#include "sim.h"
#include "suites.h"

#define NUMBERS		2048

/* A set, in words: ranges from high to low, as an ACK has them. */
struct shape {
	u32 largest;
	u16 first;
	u8 n;
	u16 gap[3];
	u16 len[3];
};

static void expect_ack(struct kunit *test, const struct rdg_ranges *r, const struct shape *shape,
		       u32 row)
{
	struct rdg_ack_frame a;
	u32 i;

	KUNIT_ASSERT_TRUE(test, rdg_ranges_to_ack(r, &a));
	KUNIT_EXPECT_EQ_MSG(test, a.largest, shape->largest, "row %u", row);
	KUNIT_EXPECT_EQ_MSG(test, a.first, shape->first, "row %u", row);
	KUNIT_ASSERT_EQ_MSG(test, a.n, shape->n, "row %u", row);
	for (i = 0; i < a.n; i++) {
		KUNIT_EXPECT_EQ_MSG(test, a.gap[i], shape->gap[i], "row %u", row);
		KUNIT_EXPECT_EQ_MSG(test, a.len[i], shape->len[i], "row %u", row);
	}
}

static void add__joins_what_touches(struct kunit *test)
{
	static const struct {
		u32 count;
		u64 add[8];
		struct shape shape;
	} row[] = {
		{ 1, { 0 }, { 0, 1 } },
		{ 1, { 7 }, { 7, 1 } },
		{ 2, { 0, 1 }, { 1, 2 } },
		{ 2, { 1, 0 }, { 1, 2 } },
		{ 2, { 0, 2 }, { 2, 1, 1, { 1 }, { 1 } } },
		{ 3, { 0, 2, 1 }, { 2, 3 } },
		{ 3, { 2, 0, 1 }, { 2, 3 } },
		{ 4, { 0, 1, 5, 6 }, { 6, 2, 1, { 3 }, { 2 } } },
		{ 5, { 0, 1, 5, 6, 3 }, { 6, 2, 2, { 1, 1 }, { 1, 2 } } },
		{ 6, { 0, 1, 5, 6, 3, 2 }, { 6, 2, 1, { 1 }, { 4 } } },
		{ 6, { 0, 1, 5, 6, 3, 4 }, { 6, 4, 1, { 1 }, { 2 } } },
		{ 7, { 0, 1, 5, 6, 3, 4, 2 }, { 6, 7 } },
		{ 5, { 9, 7, 5, 3, 8 }, { 9, 3, 2, { 1, 1 }, { 1, 1 } } },
	};
	struct rdg_ranges r;
	u32 i, j;

	for (i = 0; i < ARRAY_SIZE(row); i++) {
		rdg_ranges_init(&r);
		for (j = 0; j < row[i].count; j++) {
			KUNIT_EXPECT_FALSE(test, rdg_ranges_has(&r, row[i].add[j]));
			rdg_ranges_add(&r, row[i].add[j]);
			KUNIT_EXPECT_TRUE(test, rdg_ranges_has(&r, row[i].add[j]));
		}
		expect_ack(test, &r, &row[i].shape, i);
	}
}

static void to_ack__says_nothing_of_the_empty_set(struct kunit *test)
{
	struct rdg_ack_frame a;
	struct rdg_ranges r;

	rdg_ranges_init(&r);
	KUNIT_EXPECT_FALSE(test, rdg_ranges_to_ack(&r, &a));
	KUNIT_EXPECT_FALSE(test, rdg_ranges_has(&r, 0));
}

static void to_ack__cuts_what_16_bits_cannot_say(struct kunit *test)
{
	static const struct {
		u32 n;
		struct rdg_range range[3];
		struct shape shape;
	} row[] = {
		/* A long first range: nothing may follow what is left out. */
		{ 1, { { 0, 65534 } }, { 65534, 65535 } },
		{ 1, { { 0, 65535 } }, { 65535, 65535 } },
		{ 2, { { 0, 5 }, { 10, 200000 } }, { 200000, 65535 } },
		/* A long second one. */
		{ 2, { { 0, 70000 }, { 70002, 70002 } }, { 70002, 1, 1, { 1 }, { 65535 } } },
		{ 3, { { 0, 5 }, { 10, 70010 }, { 70012, 70012 } },
		     { 70012, 1, 1, { 1 }, { 65535 } } },
		/* A gap of 65535 can be said, one of 65536 cannot. */
		{ 2, { { 0, 5 }, { 65541, 65541 } }, { 65541, 1, 1, { 65535 }, { 6 } } },
		{ 2, { { 0, 5 }, { 65542, 65542 } }, { 65542, 1 } },
		/* Only the low bits of large numbers go out. */
		{ 2, { { 0x1fffffff0ULL, 0x1fffffff8ULL }, { 0x200000000ULL, 0x200000001ULL } },
		     { 1, 2, 1, { 7 }, { 9 } } },
	};
	struct rdg_ranges r;
	u32 i, j;

	for (i = 0; i < ARRAY_SIZE(row); i++) {
		rdg_ranges_init(&r);
		r.n = row[i].n;
		for (j = 0; j < r.n; j++)
			r.range[j] = row[i].range[j];
		expect_ack(test, &r, &row[i].shape, i);
	}
}

static void add__forgets_the_lowest_when_full(struct kunit *test)
{
	struct rdg_ack_frame a;
	struct rdg_ranges r;
	u64 pn;

	rdg_ranges_init(&r);
	for (pn = 10; pn < 10 + 2 * RDG_RANGES_MAX; pn += 2)
		rdg_ranges_add(&r, pn);
	KUNIT_EXPECT_EQ(test, r.floor, 0ULL);
	KUNIT_EXPECT_FALSE(test, rdg_ranges_has(&r, 9));

	rdg_ranges_add(&r, pn);
	/* 10 went: nothing is known of it, and of all below it, any more. */
	KUNIT_EXPECT_EQ(test, r.n, (u32)RDG_RANGES_MAX);
	KUNIT_EXPECT_EQ(test, r.floor, 11ULL);
	KUNIT_EXPECT_FALSE(test, rdg_ranges_has(&r, 10));
	KUNIT_EXPECT_FALSE(test, rdg_ranges_has(&r, 11));
	KUNIT_EXPECT_TRUE(test, rdg_ranges_has(&r, 12));

	/* One below all ranges, with no room: it is said once, by itself. */
	KUNIT_EXPECT_FALSE(test, rdg_ranges_late_to_ack(&r, &a));
	rdg_ranges_add(&r, 5);
	KUNIT_EXPECT_EQ(test, r.n, (u32)RDG_RANGES_MAX);
	KUNIT_ASSERT_TRUE(test, rdg_ranges_late_to_ack(&r, &a));
	KUNIT_EXPECT_EQ(test, a.largest, 5u);
	KUNIT_EXPECT_EQ(test, (u32)a.first, 1u);
	KUNIT_EXPECT_EQ(test, (u32)a.n, 0u);
	KUNIT_EXPECT_FALSE(test, rdg_ranges_late_to_ack(&r, &a));
	KUNIT_ASSERT_TRUE(test, rdg_ranges_to_ack(&r, &a));
	KUNIT_EXPECT_EQ(test, (u32)a.n, (u32)RDG_ACK_RANGES_OUT);
}

static void to_ack__leaves_out_what_was_told(struct kunit *test)
{
	struct rdg_ack_frame a;
	struct rdg_ranges r;
	u64 pn;

	rdg_ranges_init(&r);
	for (pn = 10; pn <= 30; pn += 4)
		rdg_ranges_add(&r, pn);
	KUNIT_ASSERT_TRUE(test, rdg_ranges_to_ack(&r, &a));
	KUNIT_EXPECT_EQ(test, (u32)a.n, 5u);
	r.told = 23;
	KUNIT_ASSERT_TRUE(test, rdg_ranges_to_ack(&r, &a));
	KUNIT_EXPECT_EQ(test, (u32)a.n, 1u);
	/* Still known again, and what comes among them is said by itself. */
	KUNIT_EXPECT_TRUE(test, rdg_ranges_has(&r, 14));
	rdg_ranges_add(&r, 15);
	KUNIT_ASSERT_TRUE(test, rdg_ranges_late_to_ack(&r, &a));
	KUNIT_EXPECT_EQ(test, a.largest, 15u);
	rdg_ranges_add(&r, 25);
	KUNIT_EXPECT_FALSE(test, rdg_ranges_late_to_ack(&r, &a));
	/* The newest is always said. */
	r.told = 31;
	KUNIT_ASSERT_TRUE(test, rdg_ranges_to_ack(&r, &a));
	KUNIT_EXPECT_EQ(test, a.largest, 30u);
	KUNIT_EXPECT_EQ(test, (u32)a.n, 0u);
}

/* What the ACK says was received, and nothing else is: below the floor nothing
 * is known.
 */
static void expect_model(struct kunit *test, const struct rdg_ranges *r, const unsigned long *map)
{
	struct rdg_ack_frame a;
	u64 pn, low;
	u32 i;

	for (pn = 0; pn < NUMBERS; pn++) {
		bool has = rdg_ranges_has(r, pn);

		if (pn < r->floor)
			KUNIT_ASSERT_FALSE(test, has);
		else
			KUNIT_ASSERT_EQ(test, has, test_bit(pn, map));
	}
	if (!rdg_ranges_to_ack(r, &a))
		return;
	KUNIT_ASSERT_EQ(test, (u64)a.largest, rdg_ranges_largest(r));
	KUNIT_ASSERT_EQ(test, (unsigned long)a.largest, find_last_bit(map, NUMBERS));
	low = a.largest - a.first + 1;
	for (i = 0; i <= a.n; i++) {
		u64 high = i ? low - a.gap[i - 1] - 1 : a.largest;

		low = i ? high - a.len[i - 1] + 1 : low;
		for (pn = low; pn <= high; pn++)
			KUNIT_ASSERT_TRUE(test, test_bit(pn, map));
		if (low)
			KUNIT_ASSERT_FALSE(test, test_bit(low - 1, map));
	}
}

static void add__agrees_with_a_bitmap(struct kunit *test)
{
	struct sim_world *w = sim_begin(1);
	unsigned long *map = kunit_kzalloc(test, BITS_TO_LONGS(NUMBERS) * sizeof(*map), GFP_KERNEL);
	struct rdg_ranges r;
	u32 round, i;

	KUNIT_ASSERT_NOT_NULL(test, w);
	KUNIT_ASSERT_NOT_NULL(test, map);
	for (round = 0; round < 40; round++) {
		/* From a trickle in order to chaos. */
		u32 spread = 1 + sim_below(w, 1 << sim_below(w, 10));
		u64 at = 0;

		bitmap_zero(map, NUMBERS);
		rdg_ranges_init(&r);
		for (i = 0; i < 600 && at + spread < NUMBERS; i++) {
			u64 pn = at + sim_below(w, spread);

			at += sim_below(w, 4);
			if (rdg_ranges_has(&r, pn))
				continue;
			rdg_ranges_add(&r, pn);
			__set_bit(pn, map);
		}
		expect_model(test, &r, map);
	}
	sim_end(w);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(add__joins_what_touches),
	KUNIT_CASE(to_ack__says_nothing_of_the_empty_set),
	KUNIT_CASE(to_ack__cuts_what_16_bits_cannot_say),
	KUNIT_CASE(add__forgets_the_lowest_when_full),
	KUNIT_CASE(to_ack__leaves_out_what_was_told),
	KUNIT_CASE(add__agrees_with_a_bitmap),
	{}
};

struct kunit_suite rdg_ranges_suite = {
	.name = "rdgram_ranges",
	.test_cases = cases,
};
