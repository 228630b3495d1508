// SPDX-License-Identifier: GPL-2.0-only
/* rdgram perf --server: the control connections, and who answers them. */
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "address.h"
#include "clock.h"
#include "command.h"
#include "perf.h"
#include "perf_control.h"
#include "perf_receiver.h"
#include "wait.h"

#define PORT_DEFAULT "7100"

/* What a client may take to say the next thing it has to say. */
#define PATIENCE	(20 * NS_PER_S)

static int listen_for_clients(const struct perf_options *o)
{
	const char *port = o->port ? o->port : PORT_DEFAULT;
	int family = o->family, fd;
	const int on = 1, off = 0;
	struct address local;
	char text[ADDRESS_TEXT];

	/* An IPv6 socket hears IPv4 as well; a kernel without IPv6 has IPv4 only. */
	if (family == AF_UNSPEC && !o->bind) {
		fd = socket(AF_INET6, SOCK_STREAM, 0);
		family = fd < 0 ? AF_INET : AF_INET6;
		close(fd);
	}
	address_local(&local, o->bind, port, family);
	fd = socket(local.sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		err(EXIT_RUN, "cannot open a socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (local.sa.ss_family == AF_INET6 && o->family != AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	if (bind(fd, (struct sockaddr *)&local.sa, local.len) || listen(fd, 16))
		err(EXIT_RUN, "cannot listen on %s", address_text(text, &local));
	return fd;
}

/* The next line of the client, who says nothing else than what begins with @word. */
static const char *expect(struct control *control, const char *word, u64 deadline)
{
	const char *line;

	switch (control_read(control, &line, deadline)) {
	case CONTROL_LINE_READ:
		return control_after(word, line, "client");
	case CONTROL_STOP:
		exit(EXIT_RUN);
	case CONTROL_TIME:
		errx(EXIT_RUN, "the client does not go on");
	case CONTROL_GONE:
		break;
	}
	errx(EXIT_RUN, "the client went away in the middle");
}

static void say(struct control *control, const char *word)
{
	if (!control_write(control, "%s", word))
		errx(EXIT_RUN, "the client went away in the middle");
}

/* Let @moment pass; the client has nothing to say meanwhile. */
static void pass(struct control *control, u64 moment)
{
	const char *line;

	switch (control_read(control, &line, now_ns() + moment)) {
	case CONTROL_TIME:
		return;
	case CONTROL_STOP:
		exit(EXIT_RUN);
	default:
		errx(EXIT_RUN, "the client went away in the middle");
	}
}

#define LOOK_NS		(2 * NS_PER_MS)

static void await_greetings(struct control *control, struct receiving *r)
{
	const u64 deadline = now_ns() + PATIENCE;

	while (!receiving_greeted(r)) {
		if (now_ns() > deadline)
			errx(EXIT_RUN, "the first messages of some senders did not come");
		pass(control, LOOK_NS);
	}
}

/* Until all has come, or nothing any more. */
static void await_rest(struct control *control, struct receiving *r, u64 total)
{
	const u64 patience = r->job.protocol->reliable ? PATIENCE : NS_PER_S / 2;
	u64 since = now_ns(), seen = receiving_messages(r), now;

	while (receiving_messages(r) < total) {
		pass(control, LOOK_NS);
		now = receiving_messages(r);
		if (now != seen)
			since = now_ns();
		else if (now_ns() - since > patience)
			return;
		seen = now;
	}
}

/* What the flows have sent whose receivers read. */
static u64 parse_counts(const char *line, const struct job *job)
{
	u64 total = 0;
	char *end;

	for (u64 i = 0; i < job->peers - job->stalled; i++, line = end) {
		total += strtoull(line, &end, 10);
		if (end == line)
			errx(EXIT_RUN, "the client does not say what it has sent");
	}
	return total;
}

static void say_result(struct control *control, const struct perf_result *r)
{
	if (!control_write(control, "result %llu %llu %llu %llu %llu %llu %llu %llu %llu %llu",
			   r->messages, r->bytes, r->ns, r->lost, r->late, r->damaged, r->user,
			   r->system, r->busy, r->least))
		errx(EXIT_RUN, "the client went away before the end");
}

static void local_address(struct address *to, int fd)
{
	to->len = sizeof(to->sa);
	if (getsockname(fd, (struct sockaddr *)&to->sa, &to->len))
		err(EXIT_RUN, "getsockname");
	address_unmap(to);
}

/* In a process of its own: whatever becomes of it, the next client finds a server. */
static int answer(int fd, int stop)
{
	static struct control control;
	struct receiving receiving = { };
	struct perf_result result = { };
	struct usage start, used;
	struct address local;
	const char *line;
	u64 total;

	control_open(&control, fd, stop);
	line = expect(&control, "", now_ns() + PATIENCE);
	if (!job_parse(&receiving.job, line))
		errx(EXIT_RUN, "the client asks for what this version does not know");
	perf_pin(receiving.job.cpu);
	local_address(&local, fd);
	receiving_open(&receiving, &local);
	say(&control, "ready");
	expect(&control, "connected", now_ns() + PATIENCE);
	receiving_start(&receiving, stop);
	await_greetings(&control, &receiving);
	usage_now(&start);
	say(&control, "go");
	total = parse_counts(expect(&control, "sent", NEVER), &receiving.job);
	await_rest(&control, &receiving, total);
	used = usage_since(&start);
	receiving_stop(&receiving);
	receiving_result(&receiving, total, &result);
	result.user = used.user;
	result.system = used.system;
	result.busy = used.busy;
	say_result(&control, &result);
	/* Sockets that vanish now might take what the client still waits for with them. */
	control_read(&control, &line, now_ns() + PATIENCE);
	return EXIT_DONE;
}

/* The status of the process that answers, or -1 if the user wants an end. */
static int await_answer(pid_t child, int stop)
{
	int fd = pidfd_open(child, 0), status;
	bool stopped;

	if (fd < 0)
		err(EXIT_RUN, "pidfd_open");
	stopped = wait_for(stop, fd, POLLIN, NEVER) == WAKE_STOP;
	if (stopped)
		kill(child, SIGTERM);
	waitpid(child, &status, 0);
	close(fd);
	if (stopped)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_RUN;
}

int perf_serve(const struct perf_options *options)
{
	int listener = listen_for_clients(options), stop, fd, status;
	struct address local = { .len = sizeof(local.sa) };
	char text[ADDRESS_TEXT];
	pid_t child;

	perf_pin(options->cpu);
	perf_prepare_kick();
	stop = wait_open();
	getsockname(listener, (struct sockaddr *)&local.sa, &local.len);
	/* Scripts wait for this line. */
	fprintf(stderr, "listening on %s\n", address_text(text, &local));
	for (;;) {
		if (wait_for(stop, listener, POLLIN, NEVER) == WAKE_STOP)
			return EXIT_DONE;
		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
			continue;
		child = fork();
		if (child < 0)
			err(EXIT_RUN, "fork");
		if (!child) {
			close(listener);
			exit(answer(fd, stop));
		}
		close(fd);
		status = await_answer(child, stop);
		if (status < 0)
			return EXIT_DONE;
		if (options->once)
			return status;
	}
}
