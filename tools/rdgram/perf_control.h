/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The connection on which client and server of rdgram perf agree; lines of text, over
 * TCP whatever is measured:
 *
 *	client	what is to be done, see job_print()
 *	server	ready		its sockets are open
 *	client	connected	so are the client's
 *	server	go		every receiver has heard its sender
 *	client	sent N N ...	messages of each flow
 *	server	result ...	see perf_result
 *
 * or "error" and what is wrong, instead of any of the server's.
 */
#ifndef PERF_CONTROL_H
#define PERF_CONTROL_H

#include "types.h"

/* The longest line is that of the flows' counts. */
#define CONTROL_LINE 32768

struct control {
	int fd, stop;
	char buffer[CONTROL_LINE];
	size_t have, taken;
};

void control_open(struct control *c, int fd, int stop);
void control_close(struct control *c);

bool control_write(struct control *c, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

enum control_wake {
	CONTROL_LINE_READ,
	CONTROL_TIME,		/* the deadline has come */
	CONTROL_STOP,		/* the user wants an end */
	CONTROL_GONE,		/* the other side is no longer there */
};

/* The next line without its newline, which stays until the next call. */
enum control_wake control_read(struct control *c, const char **line, u64 deadline);

/* What follows @word in a line of @who, who has nothing else to say. */
const char *control_after(const char *word, const char *line, const char *who);

/* What the server found. */
struct perf_result {
	u64 messages, bytes;	/* received by those that read */
	u64 ns;			/* from the first message to the last */
	u64 lost, late, damaged;
	u64 user, system, busy;	/* processor time, in nanoseconds */
	u64 least;		/* messages of the flow that had the fewest */
};

#endif /* PERF_CONTROL_H */
