// SPDX-License-Identifier: GPL-2.0-only
#include "options.h"

#include <err.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

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
static int head(char to[HEAD], const struct option_row *row)
{
	char letters[16] = "";

	if (row->letter)
		snprintf(letters, sizeof(letters),
			 row->kind == OPTION_FAMILY ? "-4, -6" : "-%c", row->letter);
	return snprintf(to, HEAD, "  %s%s%s%s%s%s", letters, row->letter && row->name ? ", " : "",
			row->name ? "--" : "", row->name ? row->name : "",
			row->argument ? " " : "", row->argument ? row->argument : "");
}

static void print_row(const struct option_row *row)
{
	const char *line = row->help, *end;
	char text[HEAD];
	int len = head(text, row);

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
		print_row(row);
	print_row(&help);
	if (line->remarks)
		printf("\n%s\n", line->remarks);
}

/* What getopt_long(3) wants to know. */
static void describe(const struct command_line *line, char *letters, struct option *names)
{
	for (size_t i = 0; i < line->count; i++) {
		const struct option_row *row = &line->rows[i];

		if (row->kind == OPTION_FAMILY)
			*letters++ = '6';
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

static void take(const struct option_row *row, int key, void *to)
{
	void *field = (char *)to + row->field;
	char label[HEAD];

	snprintf(label, sizeof(label), row->name ? "--%s" : "-%.1s",
		 row->name ? row->name : &row->letter);
	switch (row->kind) {
	case OPTION_FLAG:
		*(bool *)field = true;
		break;
	case OPTION_FAMILY:
		*(int *)field = key == '6' ? AF_INET6 : AF_INET;
		break;
	case OPTION_TEXT:
		*(const char **)field = optarg;
		break;
	case OPTION_INT:
		*(int *)field = number_option(label, optarg, row->min, row->max);
		break;
	case OPTION_SIZE:
		*(size_t *)field = number_option(label, optarg, row->min, row->max);
		break;
	case OPTION_NUMBER:
		*(u64 *)field = number_option(label, optarg, row->min, row->max);
		break;
	case OPTION_SECONDS:
		*(u64 *)field = number_option_seconds(label, optarg);
		break;
	}
}

static bool is_row(const struct option_row *row, int key)
{
	return row->letter == key || (row->kind == OPTION_FAMILY && key == '6');
}

static const struct option_row *find(const struct command_line *line, int key)
{
	for (size_t i = 0; i < line->count; i++)
		if (key == KEY(i) || is_row(&line->rows[i], key))
			return &line->rows[i];
	return NULL;
}

bool options_parse(const struct command_line *line, void *to, int argc, char **argv)
{
	struct option names[ROWS_MOST + 2];
	const struct option_row *row;
	char letters[2 * ROWS_MOST + 3];
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
		take(row, key, to);
	}
	return true;
}
