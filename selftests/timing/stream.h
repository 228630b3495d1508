/* SPDX-License-Identifier: GPL-2.0-only */
/* A process that sends messages one way, one that receives and checks them. */
#ifndef TIMING_STREAM_H
#define TIMING_STREAM_H

#include <sys/types.h>

#include "cell.h"

/* What both processes and the one that started them see. */
struct stream_shared {
	u64 start;		/* when to begin to send, ns */
	u64 over;		/* set when no more is to be sent */
	u64 size;
	u64 rate;		/* messages per second; 0: as many as can be */
	u64 every;		/* the receiver reads so often, ns; 0: at once */
	u64 sent, received;	/* messages */
	u64 wrong;		/* of those received: not the next one, or not whole */
	u64 done;		/* the sender has come to its end */
	u64 failed;		/* errno of the sender, or of the receiver */
	u64 awaited, came;	/* the first arrival from then on, ns, once awaited is set */
};

struct stream {
	struct channel ends[HOSTS];
	struct stream_shared *shared;
	pid_t sender, receiver;
};

void stream_start(struct stream *s, const struct cell *c, const struct flavour *f, u16 port,
		  u64 start);

/* Sends no more. What was sent is awaited until @until at most; then the processes end. */
void stream_finish(struct stream *s, u64 until);

#endif /* TIMING_STREAM_H */
