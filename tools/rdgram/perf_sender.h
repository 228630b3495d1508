/* SPDX-License-Identifier: GPL-2.0-only */
/* The sending side of rdgram perf: a thread for each flow. */
#ifndef PERF_SENDER_H
#define PERF_SENDER_H

#include "histogram.h"
#include "perf_channel.h"
#include "perf_job.h"

struct flow;

struct sending {
	struct job job;
	u64 each;		/* messages of each flow; 0: until it is stopped */
	struct flow *flows;
	int wake;		/* readable when a flow has ended */
	atomic_bool stop;	/* no further messages */
	struct histogram *round_trips;
	u64 seen;		/* messages sent when last looked at, */
	unsigned int looks;	/* and how many looks ago that was */
};

/* @local: the address of this host; @server: the server's, and the port before the first. */
void sending_open(struct sending *s, const struct address *local, const struct address *server);

/* Say hello on every flow. */
void sending_greet(struct sending *s);

void sending_start(struct sending *s);

/*
 * To be called ten times a second: an answer that UDP has lost is no longer waited for.
 * False if nothing gets on for half a minute.
 */
bool sending_watch(struct sending *s);

/* Whether the first @flows have ended, as far as is known. */
bool sending_ended(struct sending *s, u64 flows);

/*
 * No further messages; who waits for a receiver that does not read waits no longer: to
 * be called until all have ended.
 */
void sending_stop(struct sending *s);

/* After the end; ends the program with status 1 if something went wrong. */
void sending_join(struct sending *s);

/* What a flow has sent. */
u64 sending_sent(const struct sending *s, u64 flow);

/* Round trips whose answer did not come, whatever way it was lost. */
u64 sending_unanswered(const struct sending *s);

#endif /* PERF_SENDER_H */
