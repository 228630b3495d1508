/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * As much of KUnit as the suites use: KTAP on standard output, an assertion
 * that fails leaves its case.
 */
#ifndef _USER_KUNIT_TEST_H
#define _USER_KUNIT_TEST_H

#include <setjmp.h>
#include <string.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/types.h>

struct kunit;

/**
 * struct kunit_case - a test
 *
 * @run: the test.
 * @name: of the test.
 */
struct kunit_case {
	void (*run)(struct kunit *test);
	const char *name;
};

#define KUNIT_CASE(function)	{ .run = function, .name = #function }

/**
 * struct kunit_suite - tests that belong together
 *
 * @name: of the suite.
 * @init: called before each test; may be NULL.
 * @exit: called after each test; may be NULL.
 * @test_cases: the tests, up to one without a function.
 */
struct kunit_suite {
	const char *name;
	int (*init)(struct kunit *test);
	void (*exit)(struct kunit *test);
	struct kunit_case *test_cases;
};

/**
 * struct kunit - a test that runs
 *
 * @priv: the test's own.
 * @name: of the test.
 * @failed: an expectation was not met.
 * @memory: to be freed at the end.
 * @abort: where assertions go that fail.
 */
struct kunit {
	void *priv;
	const char *name;
	bool failed;
	struct kunit_memory *memory;
	jmp_buf abort;
};

int __kunit_test_suites_init(struct kunit_suite * const * const suites, int n);
void __kunit_test_suites_exit(struct kunit_suite **suites, int n);
void *kunit_kzalloc(struct kunit *test, size_t size, unsigned int gfp);
__printf(2, 3) void kunit_print(struct kunit *test, const char *format, ...);
__printf(4, 5) void kunit_fail(struct kunit *test, const char *file, int line,
			       const char *format, ...);

__printf(8, 9) void kunit_differ(struct kunit *test, const char *file, int line,
				 const char *what, long long left, long long right,
				 bool leave, const char *format, ...);

#define kunit_info	kunit_print
#define kunit_err	kunit_print

#define KUNIT_FAIL(test, ...)	kunit_fail(test, __FILE__, __LINE__, __VA_ARGS__)

#define KUNIT_COMPARE(test, left, op, right, leave, ...) do {			\
	__auto_type __left = (left);						\
	__auto_type __right = (right);						\
										\
	if (!(__left op __right))						\
		kunit_differ(test, __FILE__, __LINE__, #left " " #op " " #right, \
			     (long long)__left, (long long)__right, leave,	\
			     " " __VA_ARGS__);					\
} while (0)

#define KUNIT_EXPECT_EQ(test, a, b)	KUNIT_COMPARE(test, a, ==, b, false)
#define KUNIT_EXPECT_NE(test, a, b)	KUNIT_COMPARE(test, a, !=, b, false)
#define KUNIT_EXPECT_LT(test, a, b)	KUNIT_COMPARE(test, a, <, b, false)
#define KUNIT_EXPECT_LE(test, a, b)	KUNIT_COMPARE(test, a, <=, b, false)
#define KUNIT_EXPECT_GT(test, a, b)	KUNIT_COMPARE(test, a, >, b, false)
#define KUNIT_EXPECT_GE(test, a, b)	KUNIT_COMPARE(test, a, >=, b, false)
#define KUNIT_EXPECT_TRUE(test, a)	KUNIT_COMPARE(test, !!(a), ==, true, false)
#define KUNIT_EXPECT_FALSE(test, a)	KUNIT_COMPARE(test, !!(a), ==, false, false)
#define KUNIT_EXPECT_NULL(test, a)	KUNIT_COMPARE(test, !(a), ==, true, false)
#define KUNIT_EXPECT_NOT_NULL(test, a)	KUNIT_COMPARE(test, !(a), ==, false, false)
#define KUNIT_EXPECT_PTR_EQ(test, a, b)	KUNIT_COMPARE(test, (a) == (b), ==, true, false)
#define KUNIT_EXPECT_STREQ(test, a, b)	KUNIT_COMPARE(test, strcmp(a, b), ==, 0, false)

#define KUNIT_EXPECT_EQ_MSG(test, a, b, ...)	\
	KUNIT_COMPARE(test, a, ==, b, false, __VA_ARGS__)
#define KUNIT_EXPECT_LE_MSG(test, a, b, ...)	\
	KUNIT_COMPARE(test, a, <=, b, false, __VA_ARGS__)
#define KUNIT_EXPECT_GE_MSG(test, a, b, ...)	\
	KUNIT_COMPARE(test, a, >=, b, false, __VA_ARGS__)

#define KUNIT_ASSERT_EQ(test, a, b)	KUNIT_COMPARE(test, a, ==, b, true)
#define KUNIT_ASSERT_NE(test, a, b)	KUNIT_COMPARE(test, a, !=, b, true)
#define KUNIT_ASSERT_LT(test, a, b)	KUNIT_COMPARE(test, a, <, b, true)
#define KUNIT_ASSERT_GT(test, a, b)	KUNIT_COMPARE(test, a, >, b, true)
#define KUNIT_ASSERT_TRUE(test, a)	KUNIT_COMPARE(test, !!(a), ==, true, true)
#define KUNIT_ASSERT_FALSE(test, a)	KUNIT_COMPARE(test, !!(a), ==, false, true)
#define KUNIT_ASSERT_NOT_NULL(test, a)	KUNIT_COMPARE(test, !(a), ==, false, true)

#define KUNIT_ASSERT_EQ_MSG(test, a, b, ...)	\
	KUNIT_COMPARE(test, a, ==, b, true, __VA_ARGS__)
#define KUNIT_ASSERT_GE_MSG(test, a, b, ...)	\
	KUNIT_COMPARE(test, a, >=, b, true, __VA_ARGS__)

#endif /* _USER_KUNIT_TEST_H */
