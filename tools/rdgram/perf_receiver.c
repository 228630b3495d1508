// SPDX-License-Identifier: GPL-2.0-only
#include "perf_receiver.h"

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "command.h"
#include "perf.h"
#include "wait.h"

#define EVENTS 64

struct receiver {
	struct receiving *all;
	pthread_t thread;
	int fd;
	bool stalled;
	struct channel *channels;	/* one, or one for each connection */
	u64 count;
	struct message messages[PERF_BATCH_MOST];
	u64 bytes, first, last, late, damaged;
	/* What the main thread looks at meanwhile. */
	atomic_ullong heard, greeted;
	atomic_bool ended;
};

/* To the tick of the kernel's clock: as good as any, and next to nothing of work. */
static u64 now_roughly(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

static void *allocate(size_t count, size_t size)
{
	void *memory = calloc(count, size);

	if (!memory)
		err(EXIT_RUN, "no memory for %zu receivers", count);
	return memory;
}

/* --- counting ------------------------------------------------------------------ */

static void greet(struct receiver *r, struct tally *tally)
{
	/* Over UDP it is said again until it is heard. */
	if (!tally->greeted)
		atomic_fetch_add(&r->greeted, 1);
	tally->greeted = true;
}

static void count(struct receiver *r, struct tally *tally, u64 number, size_t len)
{
	r->last = now_roughly();
	if (!r->bytes)
		r->first = r->last;
	r->bytes += len;
	tally->messages++;
	if (number < tally->next)
		r->late++;
	else
		tally->next = number + 1;
	/* Nobody else writes it. */
	atomic_store_explicit(&r->heard, r->heard + 1, memory_order_relaxed);
}

/* False if it is none of this run's, of which UDP may still have some. */
static bool take(struct receiver *r, const struct message *message)
{
	const struct job *job = &r->all->job;
	struct message_header header;

	if (!message_read(&header, message->data, message->len)) {
		r->damaged++;
		return false;
	}
	if (header.run != job->run)
		return false;
	if (message->len != job->size || header.flow >= job->peers)
		r->damaged++;
	else if (header.number == MESSAGE_GREETING)
		greet(r, &r->all->tallies[header.flow]);
	else
		count(r, &r->all->tallies[header.flow], header.number, message->len);
	return true;
}

/* --- reading ------------------------------------------------------------------- */

static bool echo(struct channel *c, const struct message *message)
{
	c->to = c->from;
	return channel_send(c, message->data, 1) && channel_flush(c);
}

static bool take_all(struct receiver *r, struct channel *c, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (take(r, &r->messages[i]) && r->all->job.workload == ROUND_TRIPS &&
		    !echo(c, &r->messages[i]))
			return false;
	return true;
}

static void read_one(struct receiver *r)
{
	size_t count;

	while (!atomic_load(&r->all->give_up)) {
		count = channel_receive(r->channels, r->messages);
		if (!count || !take_all(r, r->channels, count))
			return;
		if (r->stalled && r->greeted)
			return;
	}
}

/* What one read() brought, and all of it; false when the connection has ended. */
static bool read_ready(struct receiver *r, struct channel *c)
{
	size_t count = channel_receive_once(c, r->messages);

	if (!count)
		return errno == EAGAIN || errno == EINTR;
	do {
		take_all(r, c, count);
		count = channel_take(c, r->messages);
	} while (count);
	return true;
}

static void read_many(struct receiver *r)
{
	struct epoll_event events[EVENTS];
	int epoll = epoll_create1(EPOLL_CLOEXEC), ready;

	if (epoll < 0)
		err(EXIT_RUN, "epoll");
	for (u64 i = 0; i < r->count; i++) {
		events[0] = (struct epoll_event){
			.events = EPOLLIN, .data.ptr = &r->channels[i]
		};
		if (epoll_ctl(epoll, EPOLL_CTL_ADD, r->channels[i].fd, events))
			err(EXIT_RUN, "epoll");
	}
	while (!atomic_load(&r->all->give_up)) {
		ready = epoll_wait(epoll, events, EVENTS, -1);
		for (int i = 0; i < ready; i++) {
			struct channel *c = events[i].data.ptr;

			if (!read_ready(r, c))
				epoll_ctl(epoll, EPOLL_CTL_DEL, c->fd, NULL);
		}
	}
	close(epoll);
}

static void *receive(void *receiver)
{
	struct receiver *r = receiver;

	if (r->count > 1)
		read_many(r);
	else
		read_one(r);
	atomic_store(&r->ended, true);
	return NULL;
}

/* --- from the beginning to the end --------------------------------------------- */

void receiving_open(struct receiving *r, const struct address *local)
{
	const u16 port = address_port(local);
	struct address own;

	r->count = job_receivers(&r->job);
	r->receivers = allocate(r->count, sizeof(*r->receivers));
	r->tallies = allocate(r->job.peers, sizeof(*r->tallies));
	if (job_port(&r->job, port, r->count - 1) > UINT16_MAX)
		errx(EXIT_RUN, "there are not enough ports above %u", port);
	for (u64 i = 0; i < r->count; i++) {
		r->receivers[i].all = r;
		r->receivers[i].stalled = i >= r->count - r->job.stalled;
		channel_address(&own, r->job.protocol, local, job_port(&r->job, port, i));
		r->receivers[i].fd = channel_socket(&r->job, &own, true);
	}
}

static int accept_connection(int listener, int stop)
{
	int fd = -1;

	if (wait_for(stop, listener, POLLIN, now_ns() + 10 * NS_PER_S) == WAKE_READY)
		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0)
		errx(EXIT_RUN, "a connection of the client did not come");
	return fd;
}

static void open_channels(struct receiver *r, int stop)
{
	const struct job *job = &r->all->job;
	const bool framed = job->protocol->framed;

	r->count = framed ? job->peers / r->all->count : 1;
	r->channels = allocate(r->count, sizeof(*r->channels));
	for (u64 i = 0; i < r->count; i++) {
		int fd = framed ? accept_connection(r->fd, stop) : r->fd;

		channel_open(&r->channels[i], job, fd, &r->all->give_up);
	}
}

void receiving_start(struct receiving *r, int stop)
{
	for (u64 i = 0; i < r->count; i++)
		open_channels(&r->receivers[i], stop);
	for (u64 i = 0; i < r->count; i++)
		if (pthread_create(&r->receivers[i].thread, NULL, receive, &r->receivers[i]))
			errx(EXIT_RUN, "cannot start a thread");
}

bool receiving_greeted(const struct receiving *r)
{
	u64 greeted = 0;

	if (r->job.workload == ROUND_TRIPS)
		return true;
	for (u64 i = 0; i < r->count; i++)
		greeted += atomic_load(&r->receivers[i].greeted);
	return greeted == r->job.peers;
}

u64 receiving_messages(const struct receiving *r)
{
	u64 messages = 0;

	for (u64 i = 0; i < r->count; i++)
		messages += atomic_load_explicit(&r->receivers[i].heard, memory_order_relaxed);
	return messages;
}

void receiving_stop(struct receiving *r)
{
	atomic_store(&r->give_up, true);
	for (u64 i = 0; i < r->count; i++) {
		while (!atomic_load(&r->receivers[i].ended)) {
			pthread_kill(r->receivers[i].thread, PERF_KICK);
			usleep(1000);
		}
		pthread_join(r->receivers[i].thread, NULL);
	}
}

static u64 least(const struct receiving *r)
{
	u64 messages = UINT64_MAX;

	for (u64 i = 0; i < r->job.peers - r->job.stalled; i++)
		if (r->tallies[i].messages < messages)
			messages = r->tallies[i].messages;
	return messages;
}

void receiving_result(const struct receiving *r, u64 total, struct perf_result *result)
{
	u64 first = UINT64_MAX, last = 0;

	for (u64 i = 0; i < r->count; i++) {
		const struct receiver *receiver = &r->receivers[i];

		result->messages += receiver->heard;
		result->bytes += receiver->bytes;
		result->late += receiver->late;
		result->damaged += receiver->damaged;
		if (!receiver->bytes)
			continue;
		first = receiver->first < first ? receiver->first : first;
		last = receiver->last > last ? receiver->last : last;
	}
	result->ns = last > first ? last - first : 0;
	result->lost = total > result->messages ? total - result->messages : 0;
	result->least = least(r);
}
