/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages over a byte stream, as a good program carries them: a length of four bytes
 * before each, small ones gathered into one write() and taken out of one read(), large
 * ones neither copied nor read a piece at a time.
 */
#ifndef PERF_FRAMES_H
#define PERF_FRAMES_H

#include <stdatomic.h>
#include <sys/types.h>

#include "types.h"

struct frames_out {
	int fd;
	const atomic_bool *give_up;
	u8 *buffer;
	size_t have;
};

struct frames_in {
	int fd;
	u8 *buffer;
	size_t start, have;	/* what of the buffer is not taken yet */
	u8 *large;		/* the message that is not for the buffer, */
	size_t length, got;	/* its length, 0 for none, and what of it is there */
};

void frames_out_open(struct frames_out *f, int fd, const atomic_bool *give_up);

/*
 * Blocking; interrupted by signals they go on, until @give_up. False with errno. What
 * frames_put() has taken is on its way after frames_flush() at the latest.
 */
bool frames_put(struct frames_out *f, const void *message, size_t len);
bool frames_flush(struct frames_out *f);

/* @max: of a message. */
void frames_in_open(struct frames_in *f, int fd, size_t max);

/* The next message, if it is there whole; valid until the next call of any kind. */
bool frames_next(struct frames_in *f, u8 **message, size_t *len);

/* One call of the kernel; as recv(), with EMSGSIZE for a length above @max. */
ssize_t frames_fill(struct frames_in *f, size_t max);

#endif /* PERF_FRAMES_H */
