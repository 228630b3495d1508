/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's harness, in whose place this is included: a test that it ends because
 * its time is over is looked at before, see stuck.h.
 */
#ifndef TEST_KSELFTEST_HARNESS_H
#define TEST_KSELFTEST_HARNESS_H

#include <signal.h>

#include "stuck.h"

/* All that the harness kills is such a test. */
#define kill stuck_kill
#include_next <kselftest_harness.h>
#undef kill

#endif /* TEST_KSELFTEST_HARNESS_H */
