// SPDX-License-Identifier: GPL-2.0-only
/* rdgram recv: its options; receive_file.c and receive_messages.c do the work. */
#include <err.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "command.h"
#include "endpoint.h"
#include "number.h"
#include "receive.h"
#include "wait.h"

static void print_help(void)
{
	puts("usage: rdgram recv [OPTION]...\n"
	     "Receive one file from rdgram send (-o), or report every message that comes.\n\n"
	     "  -4, -6          IPv4 or IPv6 only (default: both)\n"
	     "  -p PORT         the port to receive on, 0 for any free one (default 7000)\n"
	     "  -b ADDRESS      the local address (default: all)\n"
	     "  -o FILE         receive one file, and end; - is standard output\n"
	     "  --echo          send each message back, for rdgram ping\n"
	     "  --count N       end after N messages\n"
	     "  --timeout S     end when nothing came for S seconds\n"
	     "  --udp           over plain UDP, for comparison\n"
	     "  --progress      show progress even where standard error is no terminal\n"
	     "  -q, --quiet     no line for each message, no progress, no summary of a file\n"
	     "  --json          lines and summary as JSON objects\n"
	     "  -h, --help      this text\n\n"
	     "With -o the status is 0 only if the file is whole and its digest is the sender's.\n"
	     "A summary follows in any case, after Ctrl-C too.");
}

static void check(const struct receive_options *o, int argc, char **argv)
{
	if (optind < argc)
		errx(EXIT_USAGE, "'%s' is one argument too many; see --help", argv[optind]);
	if (o->output && (o->echo || o->count))
		errx(EXIT_USAGE, "-o receives one file: it does not go with --echo or --count");
}

/* False if all that was asked for is the help text. */
static bool parse(struct receive_options *o, int argc, char **argv)
{
	static const struct option names[] = {
		{ "echo", no_argument, NULL, 'e' },
		{ "count", required_argument, NULL, 'c' },
		{ "timeout", required_argument, NULL, 't' },
		{ "udp", no_argument, NULL, 'u' },
		{ "progress", no_argument, NULL, 'P' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	int c;

	while ((c = getopt_long(argc, argv, "46p:b:o:qh", names, NULL)) != -1) {
		switch (c) {
		case '4':
			o->family = AF_INET;
			break;
		case '6':
			o->family = AF_INET6;
			break;
		case 'p':
			o->port = optarg;
			break;
		case 'b':
			o->bind = optarg;
			break;
		case 'o':
			o->output = optarg;
			break;
		case 'e':
			o->echo = true;
			break;
		case 'c':
			o->count = number_option("--count", optarg, 1, UINT64_MAX);
			break;
		case 't':
			o->timeout = number_option_seconds("--timeout", optarg);
			break;
		case 'u':
			o->udp = true;
			break;
		case 'P':
			o->progress = true;
			break;
		case 'q':
			o->quiet = true;
			break;
		case 'j':
			o->json = true;
			break;
		case 'h':
			print_help();
			return false;
		default:
			exit(EXIT_USAGE);
		}
	}
	check(o, argc, argv);
	return true;
}

int cmd_recv(int argc, char **argv)
{
	struct receive_options options = { .port = "7000", .family = AF_UNSPEC };
	char name[ADDRESS_TEXT];
	int fd, stop;

	if (!parse(&options, argc, argv))
		return EXIT_DONE;
	stop = wait_open();
	fd = endpoint_listen(options.bind, options.port, options.family, options.udp);
	/* Scripts wait for this line: from now on nothing is missed. */
	fprintf(stderr, "listening on %s\n", endpoint_name(name, fd));
	return options.output ? receive_file(&options, fd, stop) :
				receive_messages(&options, fd, stop);
}
