/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers of the command line, read strictly; and numbers for people. */
#ifndef NUMBER_H
#define NUMBER_H

#include "types.h"

/* The whole of @text is a number, with one of K, M, G (powers of 1024) or none. */
bool number_parse(const char *text, u64 *value);

/* The whole of @text is a number of seconds, such as 5 or 0.25; @ns gets nanoseconds. */
bool number_parse_seconds(const char *text, u64 *ns);

/* The same for the argument of @option; ends the program with status 2 if it is wrong. */
u64 number_option(const char *option, const char *text, u64 min, u64 max);
u64 number_option_seconds(const char *option, const char *text);

/* 1536 -> "1.5 KiB"; the text stands in @to, which is returned. */
#define NUMBER_TEXT 32
char *number_bytes(char to[NUMBER_TEXT], double bytes);

/* 75 s -> "1:15" */
char *number_clock(char to[NUMBER_TEXT], double seconds);

#endif /* NUMBER_H */
