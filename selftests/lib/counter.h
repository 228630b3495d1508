/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel counts, in the network namespace of the thread that asks. */
#ifndef TEST_COUNTER_H
#define TEST_COUNTER_H

#include "types.h"

/* The number in the first line of a file that @format, of scanf(), finds one in. A file
 * without such a line ends the test.
 */
u64 counter_in(const char *path, const char *format);

/* What the module counts by this name, see stat.h there. */
u64 counter_ours(const char *name);

#endif /* TEST_COUNTER_H */
