/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One cell of the report: a protocol on a path under a workload, once. What comes of
 * it is one line on standard output: words NAME=VALUE, those that were given first.
 */
#ifndef TIMING_CELL_H
#define TIMING_CELL_H

#include "channel.h"
#include "hosts.h"
#include "types.h"

#define CELL_PORT	7000
#define CELL_SENDER	1	/* the sender that messages name (message.h) */

struct cell {
	struct hosts hosts;
	struct flavour flavour;
	struct flavour beside;	/* workload "beside": the other one */
	const char *path;	/* netem's words */
	u64 size;		/* of a message, bytes */
	u64 seconds;		/* that a stream lasts; of a cut: the cut's length */
	u64 count;		/* round trips, peers */
	u64 rate;		/* messages per second; 0: as many as can be */
	u64 every;		/* the receiver reads so often, us; 0: at once */
	u64 seed;		/* shifts starts and cuts against each other */
};

/* The workloads. They end the process where one of its steps cannot be done. */
void stream_run(const struct cell *c);		/* one way, goodput */
void beside_run(const struct cell *c);		/* two streams, the first one's share */
void rounds_run(const struct cell *c);		/* round trips */
void cut_run(const struct cell *c);		/* the path is cut for a while */
void silent_run(const struct cell *c);		/* many peers whose path is cut */
void idle_run(const struct cell *c);		/* many peers who have nothing to say */

/* One more word of the result. */
void __attribute__((format(printf, 2, 3))) result(const char *name, const char *format, ...);

/* A result where there is none: the reason becomes its status. Does not return. */
void __attribute__((noreturn, format(printf, 1, 2))) no_result(const char *format, ...);

#endif /* TIMING_CELL_H */
