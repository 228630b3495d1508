/* SPDX-License-Identifier: GPL-2.0-only */
/* What rdgram recv is asked to do, and its two ways to do it. */
#ifndef RECEIVE_H
#define RECEIVE_H

#include "types.h"

struct receive_options {
	const char *bind;
	const char *port;
	const char *output;	/* NULL: report messages */
	int family;
	bool udp, json, quiet, progress, echo;
	u64 count;		/* messages to receive, 0 for no limit */
	u64 timeout;	/* nanoseconds without a message that end it, 0 for none */
};

/* Both return the exit status. @stop is of wait_open(). */
int receive_file(const struct receive_options *options, int fd, int stop);
int receive_messages(const struct receive_options *options, int fd, int stop);

#endif /* RECEIVE_H */
