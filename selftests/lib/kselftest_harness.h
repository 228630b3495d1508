/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's harness, in whose place this is included: a test that it ends because
 * its time is over is looked at before, see stuck.h; that time is longer where everything
 * takes longer, see slow.h; and what has failed before is not skipped.
 */
#ifndef TEST_KSELFTEST_HARNESS_H
#define TEST_KSELFTEST_HARNESS_H

#include <signal.h>
#include <stdarg.h>
#include <unistd.h>

#include "slow.h"
#include "stuck.h"

/* All that the harness kills is such a test. */
#define kill stuck_kill
#define alarm slow_alarm
#include_next <kselftest_harness.h>
#undef alarm
#undef kill

static inline void __attribute__((format(printf, 2, 3)))
say_skipped(struct __test_metadata *m, const char *fmt, ...)
{
	va_list args;

	if (!m->passed)
		_exit(m->step);
	va_start(args, fmt);
	vsnprintf(m->results->reason, sizeof(m->results->reason), fmt, args);
	va_end(args);
	printf("#      SKIP      %s\n", m->results->reason);
	fflush(stdout);
	m->skip = 1;
	m->trigger = 0;
}

/* In a fixture's setup @statement has to be _exit(255): after `return` the test would run. */
#undef SKIP
#define SKIP(statement, ...)				\
	do {						\
		say_skipped(_metadata, __VA_ARGS__);	\
		statement;				\
	} while (0)

#endif /* TEST_KSELFTEST_HARNESS_H */
