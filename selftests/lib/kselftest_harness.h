/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's harness, in whose place this is included: a test that it ends because
 * its time is over is looked at before, see stuck.h; and that time is longer where
 * everything takes longer, see slow.h.
 */
#ifndef TEST_KSELFTEST_HARNESS_H
#define TEST_KSELFTEST_HARNESS_H

#include <signal.h>
#include <unistd.h>

#include "slow.h"
#include "stuck.h"

/* All that the harness kills is such a test. */
#define kill stuck_kill
#define alarm slow_alarm
#include_next <kselftest_harness.h>
#undef alarm
#undef kill

#endif /* TEST_KSELFTEST_HARNESS_H */
