// SPDX-License-Identifier: GPL-2.0-only
#include "perf_frames.h"

#include <endian.h>
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "command.h"

#define BUFFER	65536
#define PREFIX	4

/* Messages from this length on go past the buffers. */
#define LARGE	16384

static u8 *allocate(size_t size)
{
	u8 *memory = malloc(size);

	if (!memory)
		err(EXIT_RUN, "no memory for buffers");
	return memory;
}

void frames_out_open(struct frames_out *f, int fd, const atomic_bool *give_up)
{
	*f = (struct frames_out){ .fd = fd, .give_up = give_up, .buffer = allocate(BUFFER) };
}

/* All of @iov, which is changed. */
static bool write_all(const struct frames_out *f, struct iovec *iov, size_t count)
{
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = count };
	ssize_t sent;

	while (msg.msg_iovlen) {
		sent = sendmsg(f->fd, &msg, MSG_NOSIGNAL);
		if (sent < 0) {
			if (errno == EINTR && !atomic_load(f->give_up))
				continue;
			return false;
		}
		while (msg.msg_iovlen && (size_t)sent >= msg.msg_iov->iov_len) {
			sent -= msg.msg_iov->iov_len;
			msg.msg_iov++;
			msg.msg_iovlen--;
		}
		if (msg.msg_iovlen) {
			msg.msg_iov->iov_base = (u8 *)msg.msg_iov->iov_base + sent;
			msg.msg_iov->iov_len -= sent;
		}
	}
	return true;
}

bool frames_flush(struct frames_out *f)
{
	struct iovec iov = { .iov_base = f->buffer, .iov_len = f->have };

	if (!f->have)
		return true;
	f->have = 0;
	return write_all(f, &iov, 1);
}

static void put_prefix(struct frames_out *f, size_t len)
{
	const u32 prefix = htobe32(len);

	memcpy(f->buffer + f->have, &prefix, PREFIX);
	f->have += PREFIX;
}

bool frames_put(struct frames_out *f, const void *message, size_t len)
{
	struct iovec iov[2];
	bool large = len >= LARGE;

	if (f->have + PREFIX + (large ? 0 : len) > BUFFER && !frames_flush(f))
		return false;
	put_prefix(f, len);
	if (!large) {
		memcpy(f->buffer + f->have, message, len);
		f->have += len;
		return true;
	}
	iov[0] = (struct iovec){ .iov_base = f->buffer, .iov_len = f->have };
	iov[1] = (struct iovec){ .iov_base = (void *)message, .iov_len = len };
	f->have = 0;
	return write_all(f, iov, 2);
}

void frames_in_open(struct frames_in *f, int fd, size_t max)
{
	*f = (struct frames_in){
		.fd = fd,
		.buffer = allocate(BUFFER),
		.large = max >= LARGE ? allocate(max) : NULL,
	};
}

static size_t prefix(const struct frames_in *f)
{
	u32 len;

	memcpy(&len, f->buffer + f->start, PREFIX);
	return be32toh(len);
}

bool frames_next(struct frames_in *f, u8 **message, size_t *len)
{
	if (f->length) {
		if (f->got < f->length)
			return false;
		*message = f->large;
		*len = f->length;
		f->length = 0;
		return true;
	}
	if (f->have < PREFIX || f->have < PREFIX + prefix(f))
		return false;
	*len = prefix(f);
	*message = f->buffer + f->start + PREFIX;
	f->start += PREFIX + *len;
	f->have -= PREFIX + *len;
	return true;
}

/* A large message has begun: what there is of it moves to its own place. */
static bool begin_large(struct frames_in *f, size_t max)
{
	size_t len = prefix(f);

	if (len > max) {
		errno = EMSGSIZE;
		return false;
	}
	if (len < LARGE)
		return true;
	f->length = len;
	f->got = f->have - PREFIX;
	memcpy(f->large, f->buffer + f->start + PREFIX, f->got);
	f->start = 0;
	f->have = 0;
	return true;
}

ssize_t frames_fill(struct frames_in *f, size_t max)
{
	struct iovec iov[2];
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };
	size_t rest;
	ssize_t got;

	if (!f->length && f->have >= PREFIX && !begin_large(f, max))
		return -1;
	if (f->start) {
		memmove(f->buffer, f->buffer + f->start, f->have);
		f->start = 0;
	}
	rest = f->length - f->got;
	/* After a large message usually comes another: of that only the length. */
	iov[0] = (struct iovec){ .iov_base = f->large + f->got, .iov_len = f->length ? rest : 0 };
	iov[1] = (struct iovec){
		.iov_base = f->buffer + f->have,
		.iov_len = f->length ? PREFIX : BUFFER - f->have,
	};
	got = recvmsg(f->fd, &msg, 0);
	if (got <= 0)
		return got;
	if (!f->length) {
		f->have += got;
	} else if ((size_t)got <= rest) {
		f->got += got;
	} else {
		f->got += rest;
		f->have += got - rest;
	}
	return got;
}
