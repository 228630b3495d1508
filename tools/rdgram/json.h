/* SPDX-License-Identifier: GPL-2.0-only */
/* One flat JSON object on one line, written as it is made. */
#ifndef JSON_H
#define JSON_H

#include <stdio.h>

#include <linux/rdgram.h>

#include "types.h"

struct json {
	FILE *out;
	bool first;
};

void json_open(struct json *j, FILE *out);
void json_text(struct json *j, const char *name, const char *value);
void json_whole(struct json *j, const char *name, u64 value);
void json_real(struct json *j, const char *name, double value);
void json_bool(struct json *j, const char *name, bool value);
void json_stats(struct json *j, const struct rdgram_stats *stats);
void json_close(struct json *j);

#endif /* JSON_H */
