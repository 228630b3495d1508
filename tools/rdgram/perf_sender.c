// SPDX-License-Identifier: GPL-2.0-only
#include "perf_sender.h"

#include <err.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "clock.h"
#include "command.h"
#include "perf.h"

/* Round trips that do not count: addresses are resolved, caches filled. */
#define WARM_UP		20

/* In tenths of a second: how long an answer may take over UDP, and anything at all. */
#define ANSWER_LOOKS	10
#define MOST_LOOKS	300

struct flow {
	struct sending *all;
	u64 index;
	struct channel channel;
	u8 *messages;
	pthread_t thread;
	atomic_ullong sent;	/* by this thread alone; the main one looks at it */
	u64 unanswered;
	int error;
	atomic_bool give_up, ended;
};

static void *allocate(size_t count, size_t size)
{
	void *memory = calloc(count, size);

	if (!memory)
		err(EXIT_RUN, "no memory for %zu senders", count);
	return memory;
}

/* --- one flow ------------------------------------------------------------------ */

static void number_messages(struct flow *f, u64 first, size_t count)
{
	struct message_header header = { .run = f->all->job.run, .flow = f->index };

	for (size_t i = 0; i < count; i++) {
		header.number = first + i;
		message_write(f->messages + i * f->all->job.size, f->all->job.size, &header);
	}
}

static u64 sent(const struct flow *f)
{
	return atomic_load_explicit(&f->sent, memory_order_relaxed);
}

static void add_sent(struct flow *f, u64 messages)
{
	atomic_store_explicit(&f->sent, sent(f) + messages, memory_order_relaxed);
}

static bool enough(const struct flow *f)
{
	return atomic_load_explicit(&f->all->stop, memory_order_relaxed) ||
	       (f->all->each && sent(f) >= f->all->each);
}

static bool stream(struct flow *f)
{
	const u64 batch = f->all->job.batch, each = f->all->each;
	u64 wanted, taken;

	while (!enough(f)) {
		wanted = each && each - sent(f) < batch ? each - sent(f) : batch;
		number_messages(f, sent(f), wanted);
		taken = channel_send(&f->channel, f->messages, wanted);
		add_sent(f, taken);
		if (taken < wanted)
			return false;
	}
	return channel_flush(&f->channel);
}

/* Until the answer to message @number is there; false if it is no longer waited for. */
static bool await_answer(struct flow *f, u64 number)
{
	struct message_header header;
	struct message message;

	do {
		if (!channel_receive(&f->channel, &message))
			return false;
	} while (!message_read(&header, message.data, message.len) ||
		 message.len != f->all->job.size || header.run != f->all->job.run ||
		 header.number != number);
	return true;
}

/* A round trip; false with errno, 0 if its answer was lost. */
static bool ask(struct flow *f)
{
	const u64 number = sent(f);

	number_messages(f, number, 1);
	if (!channel_send(&f->channel, f->messages, 1) || !channel_flush(&f->channel))
		return false;
	add_sent(f, 1);
	if (await_answer(f, number))
		return true;
	if (errno == EINTR && !f->channel.protocol->reliable &&
	    atomic_exchange(&f->give_up, false))
		errno = 0;
	else if (!errno)
		errno = ECONNRESET;
	return false;
}

static bool round_trips(struct flow *f)
{
	u64 from = now_ns(), to;
	bool answered;

	while (!enough(f)) {
		answered = ask(f);
		if (!answered && errno)
			return false;
		to = now_ns();
		if (!answered)
			f->unanswered++;
		else if (sent(f) > WARM_UP)
			histogram_add(f->all->round_trips, to - from);
		from = to;
	}
	return true;
}

static void *run(void *flow)
{
	const u64 one = 1;
	struct flow *f = flow;
	bool good = f->all->job.workload == ROUND_TRIPS ? round_trips(f) : stream(f);

	/* Who was told to give up has not failed. */
	if (!good && !atomic_load(&f->give_up))
		f->error = errno;
	atomic_store(&f->ended, true);
	if (write(f->all->wake, &one, sizeof(one)) < 0)
		abort();
	return NULL;
}

/* --- all of them --------------------------------------------------------------- */

void sending_open(struct sending *s, const struct address *local, const struct address *server)
{
	const u64 sockets = job_senders(&s->job), receivers = job_receivers(&s->job);
	const u16 port = address_port(server);
	struct address own = *local;
	int fd = -1;

	s->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->wake < 0)
		err(EXIT_RUN, "eventfd");
	s->flows = allocate(s->job.peers, sizeof(*s->flows));
	s->round_trips = allocate(1, sizeof(*s->round_trips));
	address_set_port(&own, 0);
	for (u64 i = 0; i < s->job.peers; i++) {
		struct flow *f = &s->flows[i];
		struct address to;

		f->all = s;
		f->index = i;
		f->messages = allocate(s->job.batch, s->job.size);
		if (i < sockets)
			fd = channel_socket(&s->job, &own, false);
		channel_address(&to, s->job.protocol, server,
				job_port(&s->job, port, i % receivers));
		if (s->job.protocol->framed)
			channel_connect(fd, &to);
		channel_open(&f->channel, &s->job, fd, &f->give_up);
		f->channel.to = to;
	}
}

void sending_greet(struct sending *s)
{
	struct flow *f;

	for (u64 i = 0; i < s->job.peers; i++) {
		f = &s->flows[i];
		number_messages(f, MESSAGE_GREETING, 1);
		if (!channel_send(&f->channel, f->messages, 1) || !channel_flush(&f->channel))
			err(EXIT_RUN, "cannot send");
	}
}

void sending_start(struct sending *s)
{
	for (u64 i = 0; i < s->job.peers; i++)
		if (pthread_create(&s->flows[i].thread, NULL, run, &s->flows[i]))
			errx(EXIT_RUN, "cannot start a thread");
}

static void give_up(struct flow *f)
{
	atomic_store(&f->give_up, true);
	if (!atomic_load(&f->ended))
		pthread_kill(f->thread, PERF_KICK);
}

bool sending_ended(struct sending *s, u64 flows)
{
	u64 events;

	if (read(s->wake, &events, sizeof(events)) < 0 && errno != EAGAIN)
		err(EXIT_RUN, "eventfd");
	for (u64 i = 0; i < flows; i++)
		if (!atomic_load(&s->flows[i].ended))
			return false;
	return true;
}

bool sending_watch(struct sending *s)
{
	const u64 seen = s->seen;

	s->seen = 0;
	for (u64 i = 0; i < s->job.peers - s->job.stalled; i++)
		s->seen += sent(&s->flows[i]);
	s->looks = s->seen == seen ? s->looks + 1 : 0;
	if (s->job.workload == ROUND_TRIPS && !s->job.protocol->reliable &&
	    s->looks >= ANSWER_LOOKS)
		give_up(s->flows);
	return s->looks < MOST_LOOKS;
}

void sending_stop(struct sending *s)
{
	atomic_store(&s->stop, true);
	for (u64 i = s->job.peers - s->job.stalled; i < s->job.peers; i++)
		give_up(&s->flows[i]);
}

void sending_join(struct sending *s)
{
	for (u64 i = 0; i < s->job.peers; i++) {
		pthread_join(s->flows[i].thread, NULL);
		if (!s->flows[i].error)
			continue;
		errno = s->flows[i].error;
		err(EXIT_RUN, "sending failed after %llu messages", sent(&s->flows[i]));
	}
}

u64 sending_unanswered(const struct sending *s)
{
	return s->flows[0].unanswered;
}

u64 sending_sent(const struct sending *s, u64 flow)
{
	return sent(&s->flows[flow]);
}
