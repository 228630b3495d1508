// SPDX-License-Identifier: GPL-2.0-only
#include "options.h"

#include <err.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "number.h"

#define ROWS_MOST	40
#define HEAD		64
#define COLUMN		18	/* where the explanations begin */

/* What getopt_long() returns for row i that has no letter: above all characters. */
#define KEY(i)		(256 + (int)(i))
#define KEY_HELP	'h'

static bool takes_argument(const struct option_row *row)
{
	return row->kind >= OPTION_TEXT;
}

/* "-l, --listen PORT" */
static int head(char to[HEAD], const struct option_row *row, const struct option_row *next)
{
	char letters[16] = "";

	if (row->letter && next && !next->help)
		snprintf(letters, sizeof(letters), "-%c, -%c", row->letter, next->letter);
	else if (row->letter)
		snprintf(letters, sizeof(letters), "-%c", row->letter);
	return snprintf(to, HEAD, "  %s%s%s%s%s%s", letters, row->letter && row->name ? ", " : "",
			row->name ? "--" : "", row->name ? row->name : "",
			row->argument ? " " : "", row->argument ? row->argument : "");
}

static void print_row(const struct option_row *row, const struct option_row *next)
{
	const char *line = row->help, *end;
	char text[HEAD];
	int len = head(text, row, next);

	fputs(text, stdout);
	if (len + 1 > COLUMN)
		putchar('\n');
	for (len = len + 1 > COLUMN ? 0 : len; line; line = *end ? end + 1 : NULL, len = 0) {
		end = strchrnul(line, '\n');
		printf("%*s%.*s\n", COLUMN - len, "", (int)(end - line), line);
	}
}

static void print_help(const struct command_line *line)
{
	static const struct option_row help = {
		.letter = 'h', .name = "help", .help = "this text"
	};
	const struct option_row *end = line->rows + line->count;

	printf("%s\n\n", line->usage);
	for (const struct option_row *row = line->rows; row < end; row++)
		if (row->help)
			print_row(row, row + 1 < end ? row + 1 : NULL);
	print_row(&help, NULL);
	if (line->remarks)
		printf("\n%s\n", line->remarks);
}

/* What getopt_long(3) wants to know. */
static void describe(const struct command_line *line, char *letters, struct option *names)
{
	for (size_t i = 0; i < line->count; i++) {
		const struct option_row *row = &line->rows[i];

		if (row->letter) {
			*letters++ = row->letter;
			if (takes_argument(row))
				*letters++ = ':';
		}
		if (row->name)
			*names++ = (struct option){
				.name = row->name,
				.has_arg = takes_argument(row) ? required_argument : no_argument,
				.val = row->letter ? row->letter : KEY(i),
			};
	}
	strcpy(letters, "h");
	*names++ = (struct option){ .name = "help", .val = KEY_HELP };
	*names = (struct option){ };
}

static void store(void *field, size_t width, u64 value)
{
	if (width == sizeof(u64))
		*(u64 *)field = value;
	else
		*(unsigned int *)field = value;
}

static void take(const struct option_row *row, void *to)
{
	void *field = (char *)to + row->offset;
	char label[HEAD];

	snprintf(label, sizeof(label), row->name ? "--%s" : "-%.1s",
		 row->name ? row->name : &row->letter);
	switch (row->kind) {
	case OPTION_FLAG:
		*(bool *)field = true;
		break;
	case OPTION_SET:
		store(field, row->width, row->min);
		break;
	case OPTION_TEXT:
		*(const char **)field = optarg;
		break;
	case OPTION_NUMBER:
		store(field, row->width, number_option(label, optarg, row->min, row->max));
		break;
	case OPTION_SECONDS:
		store(field, row->width, number_option_seconds(label, optarg));
		break;
	}
}

static const struct option_row *find(const struct command_line *line, int key)
{
	for (size_t i = 0; i < line->count; i++)
		if (key == KEY(i) || (line->rows[i].letter && key == line->rows[i].letter))
			return &line->rows[i];
	return NULL;
}

bool options_parse(const struct command_line *line, void *to, int argc, char **argv)
{
	struct option names[ROWS_MOST + 2];
	const struct option_row *row;
	char letters[2 * ROWS_MOST + 2];
	int key;

	if (line->count > ROWS_MOST)
		abort();
	describe(line, letters, names);
	while ((key = getopt_long(argc, argv, letters, names, NULL)) != -1) {
		if (key == KEY_HELP) {
			print_help(line);
			return false;
		}
		row = find(line, key);
		if (!row)
			exit(EXIT_USAGE);
		take(row, to);
	}
	return true;
}
