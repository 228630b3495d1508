/* SPDX-License-Identifier: GPL-2.0-only */
/* The subcommands, each in the file of its name; and what they exit with. */
#ifndef COMMAND_H
#define COMMAND_H

enum {
	EXIT_DONE	= 0,
	EXIT_RUN	= 1,	/* it went wrong, or not all of it arrived */
	EXIT_USAGE	= 2,	/* the command line makes no sense */
};

/*
 * Called with argv[0] = "rdgram NAME", which is also what err(3) and getopt(3)
 * begin their lines with.
 */
int cmd_cat(int argc, char **argv);
int cmd_perf(int argc, char **argv);
int cmd_ping(int argc, char **argv);
int cmd_recv(int argc, char **argv);
int cmd_send(int argc, char **argv);

#endif /* COMMAND_H */
