/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Allocations that fail, where the kernel was built for it (FAULT_INJECTION).
 *
 * In the calls of a thread: the n-th thing that can fail, be it an object, a page, or a
 * copy from or to its memory. What softirqs do meanwhile is left alone. In the whole
 * machine: allocations that cannot wait, those of softirqs among them.
 */
#ifndef TEST_FAIL_H
#define TEST_FAIL_H

#include "types.h"

/* Before anything else; false: this kernel cannot do it. */
bool fail_prepare(void);

/* Where the kernel cannot do it the whole program is skipped. */
#define FAIL_NEEDED								\
	static void __attribute__((constructor)) skip_if_nothing_fails(void)	\
	{									\
		fail_skip_if_it_cannot();					\
	}									\
	struct needs_a_semicolon
void fail_skip_if_it_cannot(void);

/*
 * From here on the @n-th thing fails that this thread asks for, from 1; until fail_ended(),
 * which says whether it came to that. Memory that is touched between the two should have
 * been touched before: pages of programs do not fail, but what leads to them may.
 */
void fail_nth(u64 n);
bool fail_ended(void);

/* How many things could fail since fail_nth(FAIL_NONE), which lets none fail. */
#define FAIL_NONE	1000000000
u64 fail_counted(void);

/*
 * From here on one allocation of the machine fails that cannot wait, of an object: the one
 * that comes after others of @bytes together. Until fail_atomic_ended(), which says whether
 * it came to that.
 */
void fail_atomic_after(u64 bytes);
bool fail_atomic_ended(void);

/*
 * From here on so many of a hundred of them do, of pages too; 0: none. How many have since it
 * was called the last time.
 */
u64 fail_atomic_often(int percent);

#endif /* TEST_FAIL_H */
