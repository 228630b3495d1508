// SPDX-License-Identifier: GPL-2.0-only
/*
 * Serial arithmetic.
 */
#include "../core/seq.h"
#include "suites.h"

static void expand__takes_the_closest_number(struct kunit *test)
{
	static const struct {
		u64 near;
		u32 wire;
		u64 number;
	} row[] = {
		{ 0, 0, 0 },
		{ 0, 1, 1 },
		{ 0, 0x7fffffff, 0x7fffffff },
		{ 100, 100, 100 },
		{ 100, 99, 99 },
		{ 100, 0, 0 },
		/* Across 2^32, upward and downward. */
		{ 0xffffffff, 0, 0x100000000ULL },
		{ 0xfffffff0, 0x10, 0x100000010ULL },
		{ 0x100000000ULL, 0xffffffff, 0xffffffff },
		{ 0x100000005ULL, 0xfffffffe, 0xfffffffe },
		{ 0x300000000ULL, 0xffffffff, 0x2ffffffffULL },
		{ 0x3ffffffffULL, 3, 0x400000003ULL },
		/* As far away as can be told: 2^31 - 1 upward, 2^31 downward. */
		{ 0x500000000ULL, 0x7fffffff, 0x57fffffffULL },
		{ 0x500000000ULL, 0x80000000, 0x480000000ULL },
		/* Nothing is below 0. */
		{ 0, 0x80000000, 0x80000000 },
		{ 0, 0xffffffff, 0xffffffff },
		{ 5, 0xffffffff, 0xffffffff },
		{ 0x7fffffff, 0xffffffff, 0xffffffff },
		{ 0x80000000, 0, 0 },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(row); i++)
		KUNIT_EXPECT_EQ_MSG(test, rdg_seq_expand(row[i].near, row[i].wire), row[i].number,
				    "row %u", i);
}

static void expand__undoes_truncation(struct kunit *test)
{
	u64 near;

	/* Steps that are no power of two, through several wraps. */
	for (near = 0; near < 0x500000000ULL; near += 0x1234567) {
		KUNIT_EXPECT_EQ(test, rdg_seq_expand(near, near), near);
		KUNIT_EXPECT_EQ(test, rdg_seq_expand(near, near + 0x7000), near + 0x7000);
		if (near >= 0x7000)
			KUNIT_EXPECT_EQ(test, rdg_seq_expand(near, near - 0x7000), near - 0x7000);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(expand__takes_the_closest_number),
	KUNIT_CASE(expand__undoes_truncation),
	{}
};

struct kunit_suite rdg_seq_suite = {
	.name = "rdgram_seq",
	.test_cases = cases,
};
