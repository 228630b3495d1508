// SPDX-License-Identifier: GPL-2.0-only
#include "trace.h"

#include <err.h>
#include <stdio.h>
#include <string.h>

#define TRACING "/sys/kernel/tracing/"
#define COUNTS "# entries-in-buffer/entries-written: %llu/%llu"

static const char * const events[] = {
	"events/timer/timer_expire_entry/enable",
	"events/timer/hrtimer_expire_entry/enable",
	"events/workqueue/workqueue_execute_start/enable",
};

static void write_to(const char *name, const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), TRACING "%s", name);
	f = fopen(path, "w");
	if (!f || fputs(text, f) < 0 || fclose(f))
		err(1, "%s", path);
}

static void enable(const char *text)
{
	for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++)
		write_to(events[i], text);
}

void trace_start(void)
{
	write_to("buffer_size_kb", "65536");
	write_to("trace", "");
	enable("1");
	write_to("tracing_on", "1");
}

static void count(struct trace_count *counts, size_t n, const char *line)
{
	for (size_t i = 0; i < n; i++)
		counts[i].n += !!strstr(line, counts[i].of);
}

void trace_stop(struct trace_count *counts, size_t n)
{
	u64 kept = 0, written = 1;
	char line[512];
	FILE *f;

	write_to("tracing_on", "0");
	enable("0");
	f = fopen(TRACING "trace", "r");
	if (!f)
		err(1, "trace");
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, COUNTS, &kept, &written) == 2)
			continue;
		if (*line != '#')
			count(counts, n, line);
	}
	fclose(f);
	if (kept != written)
		errx(1, "the trace is not whole: %llu of %llu events", kept, written);
}
