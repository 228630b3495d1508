/* SPDX-License-Identifier: GPL-2.0-only */
/* Round trips of small messages between two processes. */
#ifndef TEST_PINGPONG_H
#define TEST_PINGPONG_H

#include <sys/types.h>

#include "types.h"

#define PINGPONG_SIZE 64

/*
 * A process that returns every message of PINGPONG_SIZE bytes that comes on
 * @fd to its sender, until it is killed.
 */
pid_t pingpong_start_echo(int fd);

/*
 * @count round trips on a connected socket, one after the other; their times in
 * nanoseconds go to @ns. False, after saying why, if an answer is not the
 * message that was sent.
 */
bool pingpong_run(int fd, u64 *ns, size_t count);

/* Sorts @ns; the smallest value that @percent of all do not exceed. */
u64 pingpong_percentile(u64 *ns, size_t count, unsigned int percent);
u64 pingpong_permille(u64 *ns, size_t count, unsigned int permille);

#endif /* TEST_PINGPONG_H */
