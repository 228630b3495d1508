// SPDX-License-Identifier: GPL-2.0-only
/* rdgram recv: its options; receive_file.c and receive_messages.c do the work. */
#include <err.h>
#include <unistd.h>
#include <stdio.h>
#include <stdlib.h>

#include "command.h"
#include "endpoint.h"
#include "options.h"
#include "receive.h"
#include "wait.h"

static const struct option_row rows[] = {
	{ OPTION_FAMILY, '4', NULL, NULL, "IPv4 or IPv6 only (default: both)",
	  .field = offsetof(struct receive_options, family) },
	{ OPTION_TEXT, 'p', NULL, "PORT",
	  "the port to receive on, 0 for any free one (default 7000)",
	  .field = offsetof(struct receive_options, port) },
	{ OPTION_TEXT, 'b', NULL, "ADDRESS", "the local address (default: all)",
	  .field = offsetof(struct receive_options, bind) },
	{ OPTION_TEXT, 'o', NULL, "FILE", "receive one file, and end; - is standard output",
	  .field = offsetof(struct receive_options, output) },
	{ OPTION_FLAG, 0, "echo", NULL, "send each message back, for rdgram ping",
	  .field = offsetof(struct receive_options, echo) },
	{ OPTION_NUMBER, 0, "count", "N", "end after N messages",
	  .field = offsetof(struct receive_options, count), 1, UINT64_MAX },
	{ OPTION_SECONDS, 0, "timeout", "S", "end when nothing came for S seconds",
	  .field = offsetof(struct receive_options, timeout) },
	{ OPTION_FLAG, 0, "udp", NULL, "over plain UDP, for comparison",
	  .field = offsetof(struct receive_options, udp) },
	{ OPTION_FLAG, 0, "progress", NULL,
	  "show progress even where standard error is no terminal",
	  .field = offsetof(struct receive_options, progress) },
	{ OPTION_FLAG, 'q', "quiet", NULL,
	  "no line for each message, no progress, no summary of a file",
	  .field = offsetof(struct receive_options, quiet) },
	{ OPTION_FLAG, 0, "json", NULL, "lines and summary as JSON objects",
	  .field = offsetof(struct receive_options, json) },
};

static const struct command_line line = {
	.usage =
		"usage: rdgram recv [OPTION]...\n"
		"Receive one file from rdgram send (-o), or report every message that comes.",
	.remarks =
		"With -o the status is 0 only if the file is whole and its digest is the sender's.\n"
		"A summary follows in any case, after Ctrl-C too.",
	.rows = rows,
	.count = ARRAY_SIZE(rows),
};

static void check(const struct receive_options *o, int argc, char **argv)
{
	if (optind < argc)
		errx(EXIT_USAGE, "'%s' is one argument too many; see --help", argv[optind]);
	if (o->output && (o->echo || o->count))
		errx(EXIT_USAGE, "-o receives one file: it does not go with --echo or --count");
}

int cmd_recv(int argc, char **argv)
{
	struct receive_options options = { .port = "7000", .family = AF_UNSPEC };
	char name[ADDRESS_TEXT];
	int fd, stop;

	if (!options_parse(&line, &options, argc, argv))
		return EXIT_DONE;
	check(&options, argc, argv);
	stop = wait_open();
	fd = endpoint_listen(options.bind, options.port, options.family, options.udp);
	/* Scripts wait for this line: from now on nothing is missed. */
	fprintf(stderr, "listening on %s\n", endpoint_name(name, fd));
	return options.output ? receive_file(&options, fd, stop) :
				receive_messages(&options, fd, stop);
}
