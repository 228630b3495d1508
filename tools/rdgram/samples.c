// SPDX-License-Identifier: GPL-2.0-only
#include "samples.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "command.h"

void samples_add(struct samples *s, u64 ns)
{
	if (s->count == s->room) {
		s->room = s->room ? 2 * s->room : 1024;
		s->ns = reallocarray(s->ns, s->room, sizeof(*s->ns));
		if (!s->ns)
			err(EXIT_RUN, "no memory for measured times");
	}
	s->ns[s->count++] = ns;
}

static int compare(const void *a, const void *b)
{
	const u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return (x > y) - (x < y);
}

/* Nearest rank: the smallest value that @percent of all do not exceed. */
static double percentile(const struct samples *s, unsigned int percent)
{
	return (double)s->ns[(s->count * percent + 99) / 100 - 1] / NS_PER_MS;
}

void samples_summarize(struct samples *s, struct samples_summary *to)
{
	double sum = 0;

	memset(to, 0, sizeof(*to));
	if (!s->count)
		return;
	qsort(s->ns, s->count, sizeof(*s->ns), compare);
	for (size_t i = 0; i < s->count; i++)
		sum += s->ns[i];
	to->min = (double)s->ns[0] / NS_PER_MS;
	to->avg = sum / s->count / NS_PER_MS;
	to->p50 = percentile(s, 50);
	to->p99 = percentile(s, 99);
	to->max = percentile(s, 100);
}

void samples_free(struct samples *s)
{
	free(s->ns);
	memset(s, 0, sizeof(*s));
}
