/* SPDX-License-Identifier: GPL-2.0-only */
/* The receiving side of rdgram perf: a thread for each socket, and what they count. */
#ifndef PERF_RECEIVER_H
#define PERF_RECEIVER_H

#include <stdatomic.h>

#include "perf_channel.h"
#include "perf_control.h"
#include "perf_job.h"
#include "perf_usage.h"

/* Of one flow; written by the thread of its receiver. */
struct tally {
	bool greeted;
	u64 messages;
	u64 next;	/* one more than the highest number seen */
};

struct receiver;

struct receiving {
	struct job job;
	struct receiver *receivers;
	u64 count;
	struct tally *tallies;
	atomic_bool give_up;
};

/* @local: the host's address, and the port before the first receiver's. */
void receiving_open(struct receiving *r, const struct address *local);

/* Take the connections that the client has made, and begin to read. */
void receiving_start(struct receiving *r, int stop);

/* Whether a greeting of every flow has come; never asked for where nothing streams. */
bool receiving_greeted(const struct receiving *r);

/* How many messages those that read have received so far. */
u64 receiving_messages(const struct receiving *r);

void receiving_stop(struct receiving *r);

/* All but the processor time; @total is what was sent. */
void receiving_result(const struct receiving *r, u64 total, struct perf_result *result);

#endif /* PERF_RECEIVER_H */
