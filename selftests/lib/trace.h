/* SPDX-License-Identifier: GPL-2.0-only */
/* How often timers and work of the module run. */
#ifndef TIMING_TRACE_H
#define TIMING_TRACE_H

#include "types.h"

void trace_start(void);
u64 trace_stop(void);

#endif /* TIMING_TRACE_H */
