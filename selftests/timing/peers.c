// SPDX-License-Identifier: GPL-2.0-only
/* Many peers of one socket, who are cut off or have nothing to say. */
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "cell.h"
#include "clock.h"
#include "message.h"
#include "trace.h"

#define MESSAGE		64
/* Until the first words of all are acknowledged, and those of the network itself said. */
#define SETTLE		(10 * SECOND)
/* Until links that have nothing to do have ended, if they do. */
#define PART		(60 * SECOND)
#define AT_ONCE		(5 * MS)
#define STEP		(100 * MS)
#define STEPS_PER_SECOND (SECOND / STEP)
#define PATIENCE	(600 * SECOND)

struct peers {
	size_t count;
	struct channel (*ends)[HOSTS];
};

static void open_peers(struct peers *p, const struct cell *c)
{
	const struct rlimit files = { .rlim_cur = 3 * c->count + 100,
				      .rlim_max = 3 * c->count + 100 };

	if (setrlimit(RLIMIT_NOFILE, &files))
		err(1, "RLIMIT_NOFILE");
	p->count = c->count;
	p->ends = calloc(p->count, sizeof(*p->ends));
	channel_open(&c->flavour, &c->hosts, CELL_PORT, p->ends[0]);
	for (size_t i = 1; i < p->count; i++)
		channel_open_more(p->ends[0], &c->hosts, CELL_PORT + i, p->ends[i]);
}

/* A message to each; the first ones open the links. */
static void send_to_all(const struct peers *p, u64 index)
{
	u8 message[MESSAGE];

	message_make(message, sizeof(message), CELL_SENDER, index);
	for (size_t i = 0; i < p->count; i++)
		if (!channel_send(&p->ends[i][0], message, sizeof(message)))
			no_result("failed: %s", strerror(errno));
}

static void receive_from(const struct channel *end, u64 index)
{
	u8 message[MESSAGE];

	if (!channel_recv(end, message, sizeof(message)))
		no_result("failed: %s", strerror(errno));
	if (!message_check(message, sizeof(message), CELL_SENDER, index))
		no_result("wrong message");
}

static void greet(const struct peers *p)
{
	send_to_all(p, 0);
	for (size_t i = 0; i < p->count; i++)
		receive_from(&p->ends[i][1], 0);
	clock_sleep_until(clock_now() + SETTLE);
}

/* The most packets of host 0 in any second, and the sum, from now on until @until. */
static void watch(const struct cell *c, u64 until, u64 *peak, u64 *sum)
{
	u64 seen[STEPS_PER_SECOND + 1] = {};
	u64 now, first, steps = 0;

	first = hosts_routed(&c->hosts, 0);
	for (size_t i = 0; i <= STEPS_PER_SECOND; i++)
		seen[i] = first;
	*peak = 0;
	for (u64 t = clock_now(); t < until; t += STEP) {
		clock_sleep_until(t + STEP);
		now = hosts_routed(&c->hosts, 0);
		steps++;
		/* The slot that is overwritten next is a second old. */
		seen[steps % (STEPS_PER_SECOND + 1)] = now;
		now -= seen[(steps + 1) % (STEPS_PER_SECOND + 1)];
		*peak = now > *peak ? now : *peak;
	}
	*sum = hosts_routed(&c->hosts, 0) - first;
}

/* When the last of the messages number @index has come, looking every 10 ms. */
static u64 receive_all(const struct peers *p, u64 index)
{
	const u64 until = clock_now() + PATIENCE;
	struct pollfd *fds = calloc(p->count, sizeof(*fds));
	size_t left = p->count;

	for (size_t i = 0; i < p->count; i++)
		fds[i] = (struct pollfd){ .fd = p->ends[i][1].fd, .events = POLLIN };
	while (left && clock_now() < until) {
		poll(NULL, 0, 10);
		poll(fds, p->count, 0);
		for (size_t i = 0; i < p->count; i++) {
			if (fds[i].fd < 0 || !fds[i].revents)
				continue;
			receive_from(&p->ends[i][1], index);
			fds[i].fd = -1;
			left--;
		}
	}
	free(fds);
	if (left)
		no_result("%zu silent for ever", left);
	return clock_now();
}

void silent_run(const struct cell *c)
{
	u64 first, sum, peak, heal;
	struct peers p;

	open_peers(&p, c);
	greet(&p);
	hosts_set_both_paths(&c->hosts, "loss 100%");
	clock_sleep_until(clock_now() + SECOND);
	first = hosts_routed(&c->hosts, 0);
	send_to_all(&p, 1);
	/* The messages themselves: nothing is sent again sooner than half a round trip. */
	clock_sleep_until(clock_now() + AT_ONCE);
	result("first", "%llu", hosts_routed(&c->hosts, 0) - first);
	watch(c, clock_now() + c->seconds * SECOND, &peak, &sum);
	result("peak", "%llu", peak);
	result("mean", "%.1f", (double)sum / c->seconds);
	heal = clock_now();
	hosts_set_both_paths(&c->hosts, c->path);
	result("silence", "%.4f", (receive_all(&p, 1) - heal) / 1e9);
}

static u64 packets(const struct cell *c)
{
	return hosts_routed(&c->hosts, 0) + hosts_routed(&c->hosts, 1);
}

void idle_run(const struct cell *c)
{
	struct trace_count ours = { .of = TRACE_OURS };
	struct peers p;
	u64 before;

	open_peers(&p, c);
	greet(&p);
	before = packets(c);
	clock_sleep_until(clock_now() + PART);
	result("parting", "%llu", packets(c) - before);
	before = packets(c);
	trace_start();
	clock_sleep_until(clock_now() + c->seconds * SECOND);
	trace_stop(&ours, 1);
	result("firings", "%llu", ours.n);
	result("packets", "%llu", packets(c) - before);
}
