// SPDX-License-Identifier: GPL-2.0-only
#include "stream.h"

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "message.h"
#include "worker.h"

/* How long what was sent may take to arrive when the stream is over. */
#define DRAIN (300 * SECOND)
#define BATCH_BYTES 65536

static u64 read_u64(const u64 *p)
{
	return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

static void write_u64(u64 *p, u64 value)
{
	__atomic_store_n(p, value, __ATOMIC_RELEASE);
}

/* So many at once that it takes few system calls, and that none waits for its turn. */
static size_t batch(const struct stream_shared *shared)
{
	const size_t count = BATCH_BYTES / shared->size;

	if (shared->rate || !count)
		return 1;
	return count < CHANNEL_BATCH ? count : CHANNEL_BATCH;
}

static bool send_all(void *arg)
{
	const struct stream *s = arg;
	struct stream_shared *shared = s->shared;
	const size_t count = batch(shared);
	u8 *messages = malloc(count * shared->size);
	u64 next = 0;
	size_t sent;

	clock_sleep_until(shared->start);
	while (!read_u64(&shared->over)) {
		if (shared->rate)
			clock_sleep_until(shared->start + next * SECOND / shared->rate);
		for (size_t i = 0; i < count; i++)
			message_make(messages + i * shared->size, shared->size, CELL_SENDER,
				     next + i);
		sent = channel_send_many(&s->ends[0], messages, shared->size, count);
		if (!sent) {
			write_u64(&shared->failed, errno);
			break;
		}
		next += sent;
		write_u64(&shared->sent, next);
	}
	write_u64(&shared->done, 1);
	return true;
}

/* A message that is not the next one is taken for the one that it says it is. */
static void take(struct stream_shared *shared, const void *message, u64 *next)
{
	if (message_check(message, shared->size, CELL_SENDER, *next)) {
		(*next)++;
		return;
	}
	shared->wrong++;
	if (shared->size >= MESSAGE_HEADER)
		*next = message_index(message) + 1;
}

static bool receive_all(void *arg)
{
	struct stream *s = arg;
	struct stream_shared *shared = s->shared;
	const size_t most = batch(shared);
	u8 *messages = malloc(most * shared->size);
	u64 next = 0, awaited, now;
	size_t count;

	while ((count = channel_recv_many(&s->ends[1], messages, shared->size, most))) {
		for (size_t i = 0; i < count; i++)
			take(shared, messages + i * shared->size, &next);
		awaited = read_u64(&shared->awaited);
		if (awaited && !shared->came)
			write_u64(&shared->came, clock_now());
		write_u64(&shared->received, shared->received + count);
		/* What has come is read; the next look is at the end of the interval. */
		if (shared->every && count < most) {
			now = clock_now();
			clock_sleep_until(now + shared->every - now % shared->every);
		}
	}
	write_u64(&shared->failed, errno ?: EPIPE);
	return true;
}

void stream_start(struct stream *s, const struct cell *c, const struct flavour *f, u16 port,
		  u64 start)
{
	channel_open(f, &c->hosts, port, s->ends);
	s->shared = worker_shared(sizeof(*s->shared));
	s->shared->start = start;
	s->shared->size = c->size;
	s->shared->rate = c->rate;
	s->shared->every = c->every * 1000;
	s->receiver = worker_start(receive_all, s);
	s->sender = worker_start(send_all, s);
}

void stream_finish(struct stream *s, u64 until)
{
	struct stream_shared *shared = s->shared;

	write_u64(&shared->over, 1);
	while (clock_now() < until && !read_u64(&shared->failed) &&
	       !(read_u64(&shared->done) &&
		 read_u64(&shared->received) >= read_u64(&shared->sent)))
		poll(NULL, 0, 10);
	worker_kill(s->sender);
	worker_kill(s->receiver);
}

static void print_packets(const struct stream *s)
{
	char name[32];
	u64 sent, again;

	result("congestion", "%s", channel_congestion(&s->ends[0], name, sizeof(name)));
	if (channel_packets(&s->ends[0], &sent, &again)) {
		result("packets", "%llu", sent);
		result("again", "%llu", again);
	}
}

void stream_run(const struct cell *c)
{
	const u64 start = clock_now() + SECOND, end = start + c->seconds * SECOND;
	struct stream s;
	u64 received;

	stream_start(&s, c, &c->flavour, CELL_PORT, start);
	clock_sleep_until(end);
	received = read_u64(&s.shared->received);
	stream_finish(&s, end + DRAIN);
	if (s.shared->failed)
		no_result("failed: %s", strerror(s.shared->failed));
	result("MBps", "%.4f", received * c->size / (c->seconds * 1e6));
	result("lost", "%lld", (long long)(s.shared->sent - s.shared->received));
	result("wrong", "%llu", s.shared->wrong);
	print_packets(&s);
}

/*
 * Both begin within a second of each other, the seed says how; the share is that of
 * the bytes which arrive in the second half of the time.
 */
void beside_run(const struct cell *c)
{
	const u64 start = clock_now() + SECOND, end = start + c->seconds * SECOND;
	const u64 shift = c->seed * 137 % 1000 * MS;
	struct stream ours, other;
	u64 half[2], all[2];

	stream_start(&other, c, &c->beside, CELL_PORT + 1, start + SECOND - shift);
	stream_start(&ours, c, &c->flavour, CELL_PORT, start + shift);
	clock_sleep_until(start + c->seconds * SECOND / 2);
	half[0] = read_u64(&ours.shared->received);
	half[1] = read_u64(&other.shared->received);
	clock_sleep_until(end);
	all[0] = read_u64(&ours.shared->received) - half[0];
	all[1] = read_u64(&other.shared->received) - half[1];
	stream_finish(&ours, 0);
	stream_finish(&other, 0);
	if (ours.shared->failed || other.shared->failed)
		no_result("failed: %s", strerror(ours.shared->failed ?: other.shared->failed));
	result("share", "%.4f", (double)all[0] / (all[0] + all[1]));
	result("MBps", "%.4f", all[0] * c->size / (c->seconds / 2 * 1e6));
	result("others", "%.4f", all[1] * c->size / (c->seconds / 2 * 1e6));
	print_packets(&ours);
}
