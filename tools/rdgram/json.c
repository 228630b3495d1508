// SPDX-License-Identifier: GPL-2.0-only
#include "json.h"

void json_open(struct json *j, FILE *out)
{
	j->out = out;
	j->first = true;
	fputc('{', out);
}

static void string(FILE *out, const char *s)
{
	fputc('"', out);
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			fputc('\\', out);
		if ((unsigned char)*s < ' ')
			fprintf(out, "\\u%04x", *s);
		else
			fputc(*s, out);
	}
	fputc('"', out);
}

static void name(struct json *j, const char *text)
{
	if (!j->first)
		fputs(", ", j->out);
	j->first = false;
	string(j->out, text);
	fputs(": ", j->out);
}

void json_text(struct json *j, const char *key, const char *value)
{
	name(j, key);
	string(j->out, value);
}

void json_whole(struct json *j, const char *key, u64 value)
{
	name(j, key);
	fprintf(j->out, "%llu", value);
}

void json_real(struct json *j, const char *key, double value)
{
	name(j, key);
	fprintf(j->out, "%.6f", value);
}

void json_bool(struct json *j, const char *key, bool value)
{
	name(j, key);
	fputs(value ? "true" : "false", j->out);
}

void json_stats(struct json *j, const struct rdgram_stats *stats)
{
	json_whole(j, "messages_sent", stats->messages_sent);
	json_whole(j, "messages_delivered", stats->messages_delivered);
	json_whole(j, "messages_not_delivered", stats->messages_not_delivered);
	json_whole(j, "messages_in_doubt", stats->messages_in_doubt);
	json_whole(j, "messages_received", stats->messages_received);
	json_whole(j, "packets_sent", stats->packets_sent);
	json_whole(j, "packets_retransmitted", stats->packets_retransmitted);
	json_whole(j, "packets_received", stats->packets_received);
	json_whole(j, "packets_duplicate", stats->packets_duplicate);
	json_whole(j, "packets_unadmitted", stats->packets_unadmitted);
	json_whole(j, "packets_malformed", stats->packets_malformed);
	json_whole(j, "packets_marked", stats->packets_marked);
	json_whole(j, "links_opened", stats->links_opened);
	json_whole(j, "links_died", stats->links_died);
	json_whole(j, "mtu_probes_sent", stats->mtu_probes_sent);
	json_whole(j, "mtu_probes_lost", stats->mtu_probes_lost);
	json_whole(j, "mtu_black_holes", stats->mtu_black_holes);
}

void json_close(struct json *j)
{
	fputs("}\n", j->out);
	fflush(j->out);
}
