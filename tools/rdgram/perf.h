/* SPDX-License-Identifier: GPL-2.0-only */
/* rdgram perf: its options, and what is behind them. */
#ifndef PERF_H
#define PERF_H

#include <signal.h>
#include <sys/socket.h>

#include "perf_job.h"

struct perf_options {
	bool server, once;
	const char *bind, *port;	/* of the server */
	const char *to;			/* of the client */
	int family;
	const char *protocol, *workload, *congestion;
	struct job job;
	u64 count;			/* messages of each flow; 0: as many as there is time for */
	u64 time;			/* nanoseconds */
	int cpu;			/* the client's; -1: any */
	bool json;
};

int perf_serve(const struct perf_options *options);
int perf_run(const struct perf_options *options);

/* Keep this process on one processor, if @cpu is not negative. */
void perf_pin(int cpu);

/*
 * A signal that does nothing but interrupt the call in which a thread waits. It may
 * come just before that call: send it again until it has been heard.
 */
#define PERF_KICK SIGUSR1
void perf_prepare_kick(void);

#endif /* PERF_H */
