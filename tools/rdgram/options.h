/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A command's options, as a table: what is parsed and what --help says of it are the
 * same rows.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "types.h"

enum option_kind {
	OPTION_FLAG,	/* bool: becomes true */
	OPTION_FAMILY,	/* int: -4 makes it AF_INET, -6 AF_INET6 */
	OPTION_TEXT,	/* const char * */
	OPTION_INT,	/* int, size_t, u64: a number between @min and @max */
	OPTION_SIZE,
	OPTION_NUMBER,
	OPTION_SECONDS,	/* u64: nanoseconds */
};

struct option_row {
	enum option_kind kind;
	char letter;		/* 0: the name only */
	const char *name;	/* NULL: the letter only */
	const char *argument;	/* what --help calls it */
	const char *help;	/* in lines */
	size_t field;		/* where it goes to: offsetof() */
	u64 min, max;
};

struct command_line {
	const char *usage;	/* what --help says before the options */
	const char *remarks;	/* and after them, or NULL */
	const struct option_row *rows;
	size_t count;
};

/*
 * Read the options of @argv into the struct @to; optind is then the first argument
 * that is none. False if all that was asked for is the help text, which has been
 * printed. Ends the program with status 2 where an option makes no sense.
 */
bool options_parse(const struct command_line *line, void *to, int argc, char **argv);

#endif /* OPTIONS_H */
