/* SPDX-License-Identifier: GPL-2.0-only */
/* One way to carry messages of one length, over any of the protocols. */
#ifndef PERF_CHANNEL_H
#define PERF_CHANNEL_H

#include <stdatomic.h>

#include "address.h"
#include "perf_frames.h"
#include "perf_job.h"

struct message {
	u8 *data;
	size_t len;
};

struct channel {
	const struct protocol *protocol;
	int fd;
	const atomic_bool *give_up;	/* calls that are interrupted end only then */
	struct address to;		/* where messages go; unused where there are connections */
	struct address from;		/* where the last one came from */
	size_t size, batch;
	u8 *buffer;			/* what was received, a message after the other */
	struct mmsghdr *headers;
	struct iovec *iov;
	struct address *names;
	struct frames_out out;
	struct frames_in in;
};

/*
 * A socket for @job, at @local; listening where that is the custom. These end the
 * program with status 1, and a line that says what to do, where they fail.
 */
int channel_socket(const struct job *job, const struct address *local, bool listening);
void channel_connect(int fd, const struct address *to);

/* @port of the host of @host, as the protocol writes it. */
void channel_address(struct address *to, const struct protocol *protocol,
		     const struct address *host, u16 port);

void channel_open(struct channel *c, const struct job *job, int fd, const atomic_bool *give_up);

/*
 * Send @count messages, which lie in @messages one after the other, blocking; as many
 * as are returned were taken: fewer with errno.
 */
size_t channel_send(struct channel *c, const void *messages, size_t count);

/* What was taken is on its way at the latest then. */
bool channel_flush(struct channel *c);

/*
 * Receive at least one message, blocking, and at most the batch of the job. 0 with
 * errno, which is EINTR where giving up was the reason, and 0 at the end of a
 * connection. Valid until the next call.
 */
size_t channel_receive(struct channel *c, struct message *messages);

/* The same after one call of the kernel, which may have brought none: 0 with EAGAIN. */
size_t channel_receive_once(struct channel *c, struct message *messages);

/* Those that are there already, of a framed protocol, without a call. */
size_t channel_take(struct channel *c, struct message *messages);

#endif /* PERF_CHANNEL_H */
