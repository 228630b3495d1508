/* SPDX-License-Identifier: GPL-2.0-only */
/* Waiting: for a socket, for a time, for Ctrl-C; nothing else may block. */
#ifndef WAIT_H
#define WAIT_H

#include "types.h"

enum wake {
	WAKE_READY,	/* the descriptor can be used, or has an error to tell */
	WAKE_TIME,	/* the deadline has come */
	WAKE_STOP,	/* the user wants an end; from now on this is the answer to every wait */
};

/*
 * SIGINT and SIGTERM no longer kill the program, they make the descriptor that
 * is returned readable. They are never read from it, so that one is enough.
 */
int wait_open(void);

/* @fd -1: wait for time only. @deadline is CLOCK_MONOTONIC nanoseconds, or NEVER. */
enum wake wait_for(int stop, int fd, short events, u64 deadline);

bool wait_stopped(int stop);

/*
 * Send one message on a connected socket, waiting for room. False with errno,
 * which is EINTR if the user wants an end.
 */
bool wait_send(int stop, int fd, const void *message, size_t len);

/*
 * Wait until all that was sent on @fd has come to an end; at once for UDP, of
 * which nobody knows.
 */
bool wait_settled(int stop, int fd);

#endif /* WAIT_H */
