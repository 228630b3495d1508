/* SPDX-License-Identifier: GPL-2.0-only */
/* How often timers and work run, of the module or of anybody. */
#ifndef TEST_TRACE_H
#define TEST_TRACE_H

#include <stddef.h>

#include "types.h"

/* What the module's own functions have in their names, in a trace. */
#define TRACE_OURS	"[rdgram]"

struct trace_count {
	const char *of;		/* events that name this: a function, a module */
	u64 n;
};

/* From here on timers that fire, and work that is begun, are noted. */
void trace_start(void);

/* Until here. */
void trace_stop(struct trace_count *counts, size_t n);

#endif /* TEST_TRACE_H */
