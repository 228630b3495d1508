// SPDX-License-Identifier: GPL-2.0-only
/* rdgram send: a file, in messages, to a receiver (rdgram recv -o FILE). */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "address.h"
#include "clock.h"
#include "command.h"
#include "digest.h"
#include "endpoint.h"
#include "json.h"
#include "options.h"
#include "progress.h"
#include "report.h"
#include "transfer.h"
#include "wait.h"

#define SIZE_DEFAULT_RDGRAM	65536
#define SIZE_DEFAULT_UDP	1200
#define SIZE_LEAST		(TRANSFER_HEADER + DIGEST_SIZE)

/* Over UDP the end may be lost like anything else. */
#define UDP_ENDS		8
#define UDP_END_GAP		(50 * NS_PER_MS)

struct options {
	const char *path;
	const char *to;
	int family;
	bool udp, json, quiet, progress;
	size_t size;		/* of a message, its header included */
	u64 rate;		/* bytes of the file per second; 0: as fast as it goes */
};

struct sending {
	const struct options *options;
	int in, fd, stop;
	u8 *message;
	struct transfer_header header;
	struct sha256_ctx sha;
	struct progress bar;
	u64 start, end;
};

static const struct option_row rows[] = {
	{ OPTION_FAMILY, '4', NULL, NULL, "use IPv4 or IPv6 only",
	  .field = offsetof(struct options, family) },
	{ OPTION_FLAG, 0, "udp", NULL, "over plain UDP, for comparison: nothing is sent twice",
	  .field = offsetof(struct options, udp) },
	{ OPTION_SIZE, 0, "size", "BYTES",
	  "of each message, with a header of 40 bytes\n(default 64K, with --udp 1200)",
	  .field = offsetof(struct options, size), SIZE_LEAST, RDGRAM_MAX_MESSAGE },
	{ OPTION_NUMBER, 0, "rate", "BYTES",
	  "of the file per second (default: as fast as it goes)",
	  .field = offsetof(struct options, rate), 1, INT64_MAX },
	{ OPTION_FLAG, 0, "progress", NULL,
	  "show progress even where standard error is no terminal",
	  .field = offsetof(struct options, progress) },
	{ OPTION_FLAG, 'q', "quiet", NULL, "no progress, no summary",
	  .field = offsetof(struct options, quiet) },
	{ OPTION_FLAG, 0, "json", NULL, "the summary as a JSON object",
	  .field = offsetof(struct options, json) },
};

static const struct command_line line = {
	.usage =
		"usage: rdgram send [OPTION]... FILE|- HOST:PORT\n"
		"Send a file (- for standard input) to rdgram recv -o FILE at HOST:PORT, and\n"
		"wait until all of it is delivered.",
	.remarks = "IPv6 addresses stand in brackets: [::1]:7000.",
	.rows = rows,
	.count = ARRAY_SIZE(rows),
};

static void parse_positional(struct options *o, int argc, char **argv)
{
	if (argc - optind != 2)
		errx(EXIT_USAGE, "needs a file (or -) and HOST:PORT; see --help");
	o->path = argv[optind];
	o->to = argv[optind + 1];
	if (!o->size)
		o->size = o->udp ? SIZE_DEFAULT_UDP : SIZE_DEFAULT_RDGRAM;
	if (o->size > endpoint_max(o->udp))
		errx(EXIT_USAGE, "--size: a message has at most %zu bytes%s", endpoint_max(o->udp),
		     o->udp ? " over UDP" : "");
}

static void open_input(struct sending *s)
{
	const char *path = s->options->path;
	struct stat st;

	s->in = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
	if (s->in < 0 || fstat(s->in, &st))
		err(EXIT_RUN, "%s", path);
	if (S_ISDIR(st.st_mode))
		errx(EXIT_RUN, "%s is a directory: send a file, or tar -c %s | rdgram send - ...",
		     path, path);
	s->header.total = S_ISREG(st.st_mode) ? (u64)st.st_size : TRANSFER_UNKNOWN;
}

static void open_all(struct sending *s, const struct options *o)
{
	struct address peer;

	address_parse(&peer, o->to, o->family);
	s->options = o;
	open_input(s);
	s->stop = wait_open();
	s->fd = endpoint_connect(&peer, o->udp);
	s->message = malloc(o->size);
	if (!s->message || getrandom(&s->header.id, sizeof(s->header.id), GRND_INSECURE) < 0)
		err(EXIT_RUN, "cannot begin");
	s->header.type = TRANSFER_DATA;
	sha256_init(&s->sha);
	progress_open(&s->bar, s->header.total, o->progress, o->quiet);
	s->start = now_ns();
}

/* Fill a message from the input, whatever pieces that comes in; 0 at its end, -1 if stopped. */
static ssize_t read_block(struct sending *s)
{
	const size_t room = s->options->size - TRANSFER_HEADER;
	size_t have = 0;
	ssize_t got;

	while (have < room) {
		if (wait_for(s->stop, s->in, POLLIN, NEVER) == WAKE_STOP)
			return -1;
		got = read(s->in, s->message + TRANSFER_HEADER + have, room - have);
		if (got < 0)
			err(EXIT_RUN, "cannot read %s", s->options->path);
		if (!got)
			break;
		have += got;
	}
	return have;
}

static bool send_message(struct sending *s, size_t payload)
{
	transfer_write_header(s->message, &s->header);
	if (wait_send(s->stop, s->fd, s->message, TRANSFER_HEADER + payload))
		return true;
	if (errno == EINTR)
		return false;
	if (errno == ECONNREFUSED)
		errx(EXIT_RUN, "nobody listens at %s: start rdgram recv there", s->options->to);
	err(EXIT_RUN, "cannot send to %s", s->options->to);
}

/* Wait until the next message is due; false if stopped. */
static bool pace(const struct sending *s)
{
	u64 due;

	if (!s->options->rate)
		return !wait_stopped(s->stop);
	due = s->start + (double)s->header.offset / s->options->rate * NS_PER_S;
	return wait_for(s->stop, -1, 0, due) != WAKE_STOP;
}

static bool send_data(struct sending *s)
{
	ssize_t len;

	while (pace(s) && (len = read_block(s)) >= 0) {
		if (!len)
			return true;
		if (!send_message(s, len))
			break;
		sha256_update(&s->sha, len, s->message + TRANSFER_HEADER);
		s->header.index++;
		s->header.offset += len;
		progress_update(&s->bar, s->header.offset);
	}
	return false;
}

static bool send_end(struct sending *s, const u8 digest[DIGEST_SIZE])
{
	int times = s->options->udp ? UDP_ENDS : 1;

	s->header.type = TRANSFER_END;
	s->header.total = s->header.offset;
	memcpy(s->message + TRANSFER_HEADER, digest, DIGEST_SIZE);
	while (times--) {
		if (!send_message(s, DIGEST_SIZE))
			return false;
		if (times && wait_for(s->stop, -1, 0, now_ns() + UDP_END_GAP) == WAKE_STOP)
			return false;
	}
	return true;
}

static void summary_json(const struct sending *s, bool whole, const char *digest)
{
	const u64 ns = s->end - s->start;
	struct rdgram_stats stats;
	struct json j;

	json_open(&j, stdout);
	json_text(&j, "to", s->options->to);
	json_text(&j, "protocol", s->options->udp ? "udp" : "rdgram");
	json_bool(&j, "whole", whole);
	json_whole(&j, "bytes", s->header.offset);
	json_whole(&j, "messages", s->header.index);
	json_real(&j, "seconds", seconds(ns));
	json_real(&j, "bytes_per_second", report_rate(s->header.offset, ns));
	json_text(&j, "sha256", digest);
	if (endpoint_stats(s->fd, &stats))
		json_stats(&j, &stats);
	json_close(&j);
}

static void summary(const struct sending *s, bool whole, const char *digest)
{
	struct rdgram_stats stats;
	char towards[ADDRESS_TEXT + 300];

	if (s->options->json) {
		summary_json(s, whole, digest);
		return;
	}
	if (s->options->quiet)
		return;
	snprintf(towards, sizeof(towards), "to %s", s->options->to);
	report_amount(stdout, "sent", s->header.offset, s->header.index, towards,
		      s->end - s->start);
	if (endpoint_stats(s->fd, &stats))
		report_sender(stdout, &stats);
	printf("sha256 %s\n", digest);
}

/* Whether every message came to a good end, as far as anybody can know. */
static bool delivered(const struct sending *s)
{
	struct rdgram_stats stats;

	return !endpoint_stats(s->fd, &stats) || stats.messages_delivered == stats.messages_sent;
}

static bool send_all(struct sending *s, u8 digest[DIGEST_SIZE])
{
	bool whole = send_data(s);

	s->end = now_ns();
	sha256_digest(&s->sha, DIGEST_SIZE, digest);
	whole = whole && send_end(s, digest) && wait_settled(s->stop, s->fd);
	/* Reliable sending is done when all is delivered, UDP with the last call. */
	if (!s->options->udp)
		s->end = now_ns();
	progress_close(&s->bar, s->header.offset);
	return whole && delivered(s);
}

int cmd_send(int argc, char **argv)
{
	struct options options = { .family = AF_UNSPEC };
	u8 digest[DIGEST_SIZE];
	struct sending sending = { };
	char text[DIGEST_TEXT];
	bool whole;

	if (!options_parse(&line, &options, argc, argv))
		return EXIT_DONE;
	parse_positional(&options, argc, argv);
	open_all(&sending, &options);
	whole = send_all(&sending, digest);
	summary(&sending, whole, digest_text(text, digest));
	if (!whole)
		warnx(wait_stopped(sending.stop) ? "stopped: the receiver has not all of it" :
						   "not all was delivered: send it again");
	free(sending.message);
	return whole ? EXIT_DONE : EXIT_RUN;
}
