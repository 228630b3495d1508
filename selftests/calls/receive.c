// SPDX-License-Identifier: GPL-2.0-only
/* Messages in, see calls.h. */
#include "calls.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define PIECES 8

static int some_flags(struct calls_caller *c)
{
	int flags = calls_one_in(c, 64) ? 0 : MSG_DONTWAIT;

	if (calls_one_in(c, 8))
		flags |= calls_pick(c, MSG_TRUNC, MSG_TRUNC, MSG_WAITALL, MSG_OOB, MSG_CMSG_CLOEXEC,
				    MSG_WAITFORONE, MSG_CTRUNC, MSG_EOR);
	if (calls_one_in(c, 256))
		flags = calls_some_int(c) | MSG_DONTWAIT;
	return flags;
}

/* Mostly there is room for all. */
static size_t some_room(struct calls_caller *c)
{
	return calls_one_in(c, 16) ? calls_size(c) : CALLS_ROOM;
}

/* What came, if it was a message: with MSG_TRUNC @result is its length, whatever @room
 * there is; without it may be longer. @cut: that is known.
 */
static void received(struct calls_caller *c, const struct calls_slot *s, long result, size_t room,
		     int flags, const struct addr *from, bool cut)
{
	size_t len = result, have;

	if (result < 0 || (flags & (MSG_PEEK | MSG_ERRQUEUE)))
		return;
	have = len < room ? len : room;
	if (cut && !(flags & MSG_TRUNC))
		return;
	calls_got(c, s, c->in, have, len, from);
}

long calls_recv(struct calls_caller *c)
{
	struct calls_slot *s = calls_slot_to_read(c);
	const size_t room = some_room(c);
	const int flags = some_flags(c);
	long result = recv(s->fd, c->in, room, flags);

	received(c, s, result, room, flags, NULL, result == (long)room);
	return result;
}

long calls_recvfrom(struct calls_caller *c)
{
	struct calls_slot *s = calls_slot_to_read(c);
	struct addr from = { .len = sizeof(from.all) };
	const size_t room = some_room(c);
	const int flags = some_flags(c);
	void *to = c->in, *name = &from.all, *len = &from.len;
	bool good;
	long result;

	if (calls_one_in(c, 32))
		to = calls_one_in(c, 2) ? calls_bad_pointer(c) : calls_world->readonly;
	else if (calls_one_in(c, 32))
		name = calls_bad_pointer(c);
	else if (calls_one_in(c, 32))
		len = calls_one_in(c, 2) ? calls_bad_pointer(c) : calls_world->readonly;
	else if (calls_one_in(c, 16))
		from.len = calls_pick(c, 0, 1, 2, 8, 16, 27, -1);
	good = from.len == sizeof(from.all) && name == &from.all && len == &from.len;
	result = recvfrom(s->fd, to, room, flags, name, len);
	if (to == c->in)
		received(c, s, result, room, flags, result > 0 && good ? &from : NULL,
			 result == (long)room);
	return result;
}

/* Pieces of the room, one after the other; the first that is bad ends what is good. */
static size_t cut(struct calls_caller *c, struct iovec *iov, size_t *n, size_t room)
{
	size_t good = 0, len;
	bool bad = false;

	*n = 1 + calls_draw(c, PIECES);
	for (size_t i = 0; i < *n; i++) {
		len = i + 1 < *n ? calls_draw(c, 2000) : room;
		if (good + len > room)
			len = room - good;
		iov[i] = (struct iovec){ c->in + good, len };
		if (calls_one_in(c, 128)) {
			iov[i].iov_base = calls_one_in(c, 2) ? calls_bad_pointer(c) :
							       calls_world->readonly;
			bad = true;
		}
		if (!bad)
			good += len;
	}
	return good;
}

/* Control messages stay within the room that was given. */
static void check_control(struct calls_caller *c, struct msghdr *m, size_t room)
{
	struct cmsghdr *h;
	size_t sum = 0;

	if (m->msg_controllen > room) {
		calls_fail(c, "%zu bytes of control messages where %zu were given",
			   m->msg_controllen, room);
		return;
	}
	for (h = CMSG_FIRSTHDR(m); h; h = CMSG_NXTHDR(m, h))
		sum += h->cmsg_len;
	if (sum > room)
		calls_fail(c, "control messages of %zu bytes in %zu", sum, room);
}

long calls_recvmsg(struct calls_caller *c)
{
	struct calls_slot *s = calls_slot_to_read(c);
	const int flags = some_flags(c);
	const size_t controls = calls_one_in(c, 4) ? calls_draw(c, 200) : sizeof(c->control);
	struct addr from = {};
	struct iovec iov[PIECES];
	struct msghdr m = { .msg_name = &from.all, .msg_namelen = sizeof(from.all), .msg_iov = iov,
			    .msg_control = c->control, .msg_controllen = controls }, *given = &m;
	size_t good = cut(c, iov, &m.msg_iovlen, some_room(c));
	long result;

	if (calls_one_in(c, 64))
		given = calls_bad_pointer(c);
	else if (calls_one_in(c, 64))
		m.msg_control = calls_bad_pointer(c);
	else if (calls_one_in(c, 128))
		m.msg_iovlen = calls_pick(c, 1025, 1 << 20, -1);
	result = syscall(__NR_recvmsg, s->fd, given, flags);
	if (result < 0 || given != &m)
		return result;
	if (m.msg_control == c->control)
		check_control(c, &m, controls);
	received(c, s, result, good, flags, result > 0 && !(flags & MSG_ERRQUEUE) ? &from : NULL,
		 m.msg_flags & MSG_TRUNC);
	return result;
}

long calls_recvmmsg(struct calls_caller *c)
{
	const int n = 1 + calls_draw(c, 16);
	struct calls_slot *s = calls_slot_to_read(c);
	struct timespec limit = { .tv_nsec = calls_pick(c, 0, 1000000, -1) };
	struct mmsghdr m[16] = {};
	struct iovec iov[16];
	struct addr from[16];
	int flags = some_flags(c) & ~MSG_ERRQUEUE;
	u8 *in = c->in;
	long result;

	/* Interrupted after the first message recvmmsg() keeps what interrupted it as the
	 * socket's error, ERESTARTSYS, for the next call to answer: of any kind of socket.
	 */
	if (!(flags & MSG_DONTWAIT))
		flags |= MSG_WAITFORONE;
	for (int i = 0; i < n; i++) {
		iov[i] = (struct iovec){ c->in + 65536 * i, 65536 };
		m[i].msg_hdr = (struct msghdr){
			.msg_name = &from[i].all, .msg_namelen = sizeof(from[i].all),
			.msg_iov = &iov[i], .msg_iovlen = 1,
		};
	}
	result = recvmmsg(s->fd, m, n, flags, calls_one_in(c, 4) ? &limit : NULL);
	for (int i = 0; i < result; i++) {
		c->in = iov[i].iov_base;
		received(c, s, m[i].msg_len, 65536, flags, m[i].msg_len ? &from[i] : NULL,
			 m[i].msg_hdr.msg_flags & MSG_TRUNC);
	}
	c->in = in;
	return result;
}

/* read() has no flags: what is not blocked is interrupted soon. */
static bool nobody_there(struct calls_caller *c, const struct calls_slot *s)
{
	char byte;

	return calls_draw(c, 64) && recv(s->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0;
}

long calls_read(struct calls_caller *c)
{
	struct calls_slot *s = calls_slot_to_read(c);
	long result;

	if (nobody_there(c, s))
		return -1;
	result = read(s->fd, c->in, CALLS_ROOM);
	received(c, s, result, CALLS_ROOM, 0, NULL, false);
	return result;
}

long calls_readv(struct calls_caller *c)
{
	struct calls_slot *s = calls_slot_to_read(c);
	struct iovec iov[PIECES];
	size_t n, room = some_room(c), good = cut(c, iov, &n, room), sum = 0;
	long result;

	if (nobody_there(c, s))
		return -1;
	for (size_t i = 0; i < n; i++)
		sum += iov[i].iov_len;
	result = readv(s->fd, iov, n);
	received(c, s, result, good, 0, NULL, result == (long)sum);
	return result;
}

static void drain(struct calls_caller *c, size_t *have)
{
	long n;

	for (*have = 0; (n = read(c->pipe[0], c->in + *have, CALLS_ROOM - *have)) > 0;)
		*have += n;
}

/* What does not fit into the pipe is gone: of a long message the rest. */
long calls_splice_in(struct calls_caller *c)
{
	struct calls_slot *s = calls_slot_to_read(c);
	const size_t most = 1 + calls_draw(c, 65536);
	size_t have;
	long result;
	int error;

	if (nobody_there(c, s))
		return -1;
	result = splice(s->fd, NULL, c->pipe[1], NULL, most, SPLICE_F_NONBLOCK);
	error = errno;
	drain(c, &have);
	errno = error;
	if (result >= 0 && (size_t)result != have)
		calls_fail(c, "%zu bytes come out of a pipe into which %ld went", have, result);
	/* Of how many messages these are the beginning is not known. */
	return result;
}

long calls_peek(struct calls_caller *c)
{
	return recv(calls_slot_to_read(c)->fd, c->in, some_room(c),
		    MSG_PEEK | MSG_DONTWAIT | calls_pick(c, 0, MSG_TRUNC));
}

/* The error queue, of a socket that may have something there. */
long calls_error(struct calls_caller *c)
{
	struct iovec iov = { c->in, calls_pick(c, 0, 1, 2000) };
	struct addr from;
	const size_t controls = calls_one_in(c, 4) ? calls_draw(c, 100) : sizeof(c->control);
	struct msghdr m = {
		.msg_name = &from.all, .msg_namelen = sizeof(from.all), .msg_iov = &iov,
		.msg_iovlen = 1, .msg_control = c->control, .msg_controllen = controls,
	};
	struct calls_slot *s = &calls_slots[calls_draw(c, CALLS_SLOTS)];
	long result = -1;

	errno = EAGAIN;
	for (u32 i = 0; i < CALLS_SLOTS && result < 0; i++)
		result = recvmsg(calls_slots[(s - calls_slots + i) % CALLS_SLOTS].fd, &m,
				 MSG_ERRQUEUE | MSG_DONTWAIT);
	if (result >= 0)
		check_control(c, &m, controls);
	return result;
}

static long answer(int result)
{
	if (result >= 0)
		return result;
	errno = -result;
	return -1;
}

long calls_uring_recv(struct calls_caller *c)
{
	struct calls_slot *s = calls_slot_to_read(c);
	struct io_uring_sqe e = {
		.opcode = IORING_OP_RECV, .fd = s->fd, .addr = (unsigned long)c->in,
		.len = CALLS_ROOM, .msg_flags = MSG_DONTWAIT,
	};
	long result;
	u64 which;

	if (!c->has_ring)
		return 0;
	uring_submit(&c->ring, &e, 1);
	result = uring_wait(&c->ring, &which);
	received(c, s, result, CALLS_ROOM, 0, NULL, false);
	return answer(result);
}

/* One that waits, and is called off; a message may come first. */
long calls_uring_cancel(struct calls_caller *c)
{
	struct calls_slot *s = calls_slot_to_read(c);
	struct io_uring_sqe wait = {
		.opcode = IORING_OP_RECV, .fd = s->fd, .addr = (unsigned long)c->in,
		.len = CALLS_ROOM,
	};
	struct io_uring_sqe cancel = { .opcode = IORING_OP_ASYNC_CANCEL, .addr = 1 };
	int result[2];
	u64 which;

	if (!c->has_ring)
		return 0;
	if (calls_one_in(c, 4))
		wait = (struct io_uring_sqe){
			.opcode = IORING_OP_POLL_ADD, .fd = s->fd, .poll32_events = 0x2000,
		};
	uring_submit(&c->ring, &wait, 1);
	uring_submit(&c->ring, &cancel, 2);
	for (int i = 0; i < 2; i++) {
		int n = uring_wait(&c->ring, &which);

		result[which == 2] = n;
	}
	if (wait.opcode == IORING_OP_RECV)
		received(c, s, result[0], CALLS_ROOM, 0, NULL, false);
	return answer(result[1]);
}
