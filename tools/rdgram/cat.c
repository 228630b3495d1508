// SPDX-License-Identifier: GPL-2.0-only
/* rdgram cat: messages from standard input, messages to standard output. */
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "command.h"
#include "endpoint.h"
#include "options.h"
#include "wait.h"

struct options {
	const char *listen;	/* a port; NULL: we send */
	const char *bind;
	const char *to;
	int family;
	bool udp;
	size_t block;		/* 0: a message is a line */
	u64 linger;	/* how long answers are awaited after the end of input */
};

struct cat {
	const struct options *options;
	int fd, stop;
	char *input;		/* what was read and not yet sent */
	size_t have, room;
	bool ended;		/* of the input */
	char *message;
};

static const struct option_row rows[] = {
	{ OPTION_FAMILY, '4', NULL, NULL, "use IPv4 or IPv6 only",
	  .field = offsetof(struct options, family) },
	{ OPTION_TEXT, 'l', "listen", "PORT", "receive on this port; sends nothing",
	  .field = offsetof(struct options, listen) },
	{ OPTION_TEXT, 'b', NULL, "ADDRESS", "the local address to receive on (default: all)",
	  .field = offsetof(struct options, bind) },
	{ OPTION_SIZE, 0, "block", "BYTES",
	  "a message is a block of so many bytes, not a line;\n"
	  "with -l no newline is put after each message",
	  .field = offsetof(struct options, block), 1, RDGRAM_MAX_MESSAGE },
	{ OPTION_SECONDS, 0, "linger", "S",
	  "after the end of input go on printing answers until none came\n"
	  "for S seconds (default 0.5)",
	  .field = offsetof(struct options, linger) },
	{ OPTION_FLAG, 0, "udp", NULL, "over plain UDP, for comparison",
	  .field = offsetof(struct options, udp) },
};

static const struct command_line line = {
	.usage =
		"usage: rdgram cat [OPTION]... HOST:PORT\n"
		"       rdgram cat [OPTION]... -l PORT\n"
		"Send each line of standard input as a message and print the answers; or (-l)\n"
		"print each message that comes as a line.",
	.rows = rows,
	.count = ARRAY_SIZE(rows),
};

static void check(struct options *o, int argc, char **argv)
{
	if (o->listen ? argc != optind : argc - optind != 1)
		errx(EXIT_USAGE, "needs either HOST:PORT or -l PORT; see --help");
	if (o->bind && !o->listen)
		errx(EXIT_USAGE, "-b goes with -l only");
	if (!o->listen)
		o->to = argv[optind];
	if (o->block > endpoint_max(o->udp))
		errx(EXIT_USAGE, "--block: a message has at most %zu bytes%s",
		     endpoint_max(o->udp), o->udp ? " over UDP" : "");
}

static void put(const void *data, size_t len)
{
	if (fwrite(data, 1, len, stdout) != len)
		err(EXIT_RUN, "cannot write");
}

/* Print all messages that are there. */
static void print(struct cat *c)
{
	struct address from;
	ssize_t len;

	while ((len = endpoint_recv(c->fd, c->message, RDGRAM_MAX_MESSAGE, &from)) >= 0) {
		put(c->message, len);
		if (!c->options->block)
			put("\n", 1);
	}
	if (errno == ECONNREFUSED)
		errx(EXIT_RUN, "nobody listens at %s: start rdgram cat -l there", c->options->to);
	if (errno != EAGAIN)
		err(EXIT_RUN, "cannot receive");
	if (fflush(stdout))
		err(EXIT_RUN, "cannot write");
}

static int listen_and_print(struct cat *c)
{
	while (wait_for(c->stop, c->fd, POLLIN, NEVER) == WAKE_READY)
		print(c);
	return EXIT_DONE;
}

static void read_input(struct cat *c)
{
	ssize_t got = read(STDIN_FILENO, c->input + c->have, c->room - c->have);

	if (got < 0)
		err(EXIT_RUN, "cannot read standard input");
	c->have += got;
	c->ended = !got;
}

/*
 * The length of the message that begins there in the input, and what it takes with
 * its newline; false if it is not there yet.
 */
static bool first_message(const struct cat *c, size_t begin, size_t *len, size_t *taken)
{
	const char *at = c->input + begin, *newline;
	size_t have = c->have - begin;

	if (c->options->block) {
		*len = have < c->options->block ? have : c->options->block;
		*taken = *len;
		return *len == c->options->block || (c->ended && *len);
	}
	newline = memchr(at, '\n', have);
	*len = newline ? (size_t)(newline - at) : have;
	*taken = *len + !!newline;
	if (*len > endpoint_max(c->options->udp))
		errx(EXIT_RUN, "a line is longer than a message may be (%zu bytes): use --block",
		     endpoint_max(c->options->udp));
	return newline || (c->ended && *len);
}

/* Send the messages of the input that are complete; false if stopped. */
static bool send_input(struct cat *c)
{
	size_t begin = 0, len, taken;

	while (first_message(c, begin, &len, &taken)) {
		if (!wait_send(c->stop, c->fd, c->input + begin, len)) {
			if (errno == EINTR)
				return false;
			err(EXIT_RUN, "cannot send to %s", c->options->to);
		}
		begin += taken;
	}
	c->have -= begin;
	memmove(c->input, c->input + begin, c->have);
	return true;
}

static bool send_all(struct cat *c)
{
	struct pollfd fds[] = {
		{ .fd = c->stop, .events = POLLIN },
		{ .fd = c->fd, .events = POLLIN },
		{ .fd = STDIN_FILENO, .events = POLLIN },
	};

	while (!c->ended) {
		if (poll(fds, 3, -1) < 0 && errno != EINTR)
			err(EXIT_RUN, "poll");
		if (fds[0].revents)
			return false;
		if (fds[1].revents)
			print(c);
		if (fds[2].revents) {
			read_input(c);
			if (!send_input(c))
				return false;
		}
	}
	return true;
}

/* Answers may come as long as somebody works on what we sent. */
static bool await_answers(struct cat *c)
{
	enum wake wake;

	do {
		wake = wait_for(c->stop, c->fd, POLLIN, now_ns() + c->options->linger);
		if (wake == WAKE_READY)
			print(c);
	} while (wake == WAKE_READY);
	return wake != WAKE_STOP;
}

static int send_and_print(struct cat *c)
{
	struct rdgram_stats stats;

	/* Room for a message of the largest size, its newline, and one byte that is too much. */
	c->room = RDGRAM_MAX_MESSAGE + 2;
	c->input = malloc(c->room);
	if (!c->input)
		err(EXIT_RUN, "cannot begin");
	if (!send_all(c) || !wait_settled(c->stop, c->fd) || !await_answers(c))
		return EXIT_RUN;
	if (endpoint_stats(c->fd, &stats) && stats.messages_delivered != stats.messages_sent) {
		warnx("delivered %llu of %llu messages", stats.messages_delivered,
		      stats.messages_sent);
		return EXIT_RUN;
	}
	return EXIT_DONE;
}

int cmd_cat(int argc, char **argv)
{
	struct options options = { .family = AF_UNSPEC, .linger = NS_PER_S / 2 };
	struct cat cat = { .options = &options };
	struct address peer;
	int status;

	if (!options_parse(&line, &options, argc, argv))
		return EXIT_DONE;
	check(&options, argc, argv);
	cat.stop = wait_open();
	cat.message = malloc(RDGRAM_MAX_MESSAGE);
	if (!cat.message)
		err(EXIT_RUN, "cannot begin");
	if (options.listen) {
		cat.fd = endpoint_listen(options.bind, options.listen, options.family,
					 options.udp);
		status = listen_and_print(&cat);
	} else {
		address_parse(&peer, options.to, options.family);
		cat.fd = endpoint_connect(&peer, options.udp);
		status = send_and_print(&cat);
	}
	free(cat.input);
	free(cat.message);
	return status;
}
