// SPDX-License-Identifier: GPL-2.0-only
/* rdgram: send, receive and measure reliable datagrams from the command line. */
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "types.h"

static const struct command {
	const char *name;
	char *title;
	const char *what;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "send", "rdgram send", "send a file to a receiver", cmd_send },
	{ "recv", "rdgram recv", "receive a file, or report or echo messages", cmd_recv },
	{ "ping", "rdgram ping", "measure round trips to an echoing receiver", cmd_ping },
	{ "cat", "rdgram cat", "messages from standard input and to standard output", cmd_cat },
	{ "perf", "rdgram perf", "measure rates and latencies, beside other protocols", cmd_perf },
};

static void print_help(FILE *out)
{
	fprintf(out, "usage: rdgram COMMAND [OPTION]... [ARGUMENT]...\n"
		"Send and receive reliable datagrams: each message arrives once, whole, in order.\n\n"
		"commands:\n");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(out, "  %-6s %s\n", commands[i].name, commands[i].what);
	fprintf(out, "\n"
		"  rdgram COMMAND --help   the options of a command\n"
		"  rdgram --version        the version of this program\n\n"
		"Numbers of bytes take K, M and G (powers of 1024): 1200, 64K, 1M.\n"
		"Exit status: 0 all is well, 1 it failed or something did not arrive,\n"
		"2 the command line makes no sense.\n");
}

static int run(const struct command *command, int argc, char **argv)
{
	argv[0] = command->title;
	program_invocation_name = command->title;
	program_invocation_short_name = command->title;
	return command->run(argc, argv);
}

static int choose(int argc, char **argv)
{
	if (argc < 2) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		print_help(stdout);
		return EXIT_DONE;
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		puts("rdgram " VERSION);
		return EXIT_DONE;
	}
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(argv[1], commands[i].name))
			return run(&commands[i], argc - 1, argv + 1);
	errx(EXIT_USAGE, "no command '%s'; see rdgram --help", argv[1]);
}

int main(int argc, char **argv)
{
	int status;

	program_invocation_short_name = "rdgram";
	status = choose(argc, argv);
	if (fflush(stdout) || ferror(stdout))
		err(EXIT_RUN, "cannot write");
	return status;
}
