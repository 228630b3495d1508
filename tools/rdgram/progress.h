/* SPDX-License-Identifier: GPL-2.0-only */
/* A bar on standard error: how much, how fast, how long to go. */
#ifndef PROGRESS_H
#define PROGRESS_H

#include "types.h"

/* For a total that is not known. */
#define PROGRESS_UNKNOWN UINT64_MAX

struct progress {
	bool shown;
	u64 total;
	u64 start;		/* when, in nanoseconds */
	u64 drawn;		/* when the line was last drawn */
	u64 drawn_done;	/* and how much it said */
	double rate;		/* bytes per second, smoothed */
};

/* Shown if standard error is a terminal, or @forced; never if @quiet. */
void progress_open(struct progress *p, u64 total, bool forced, bool quiet);

/* Cheap: draws ten times a second, however often it is called. */
void progress_update(struct progress *p, u64 done);

/* Draws the last state and leaves the line. */
void progress_close(struct progress *p, u64 done);

#endif /* PROGRESS_H */
