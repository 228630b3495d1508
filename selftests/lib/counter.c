// SPDX-License-Identifier: GPL-2.0-only
#include <err.h>
#include <stdio.h>

#include "counter.h"

u64 counter_in(const char *path, const char *format)
{
	FILE *f = fopen(path, "r");
	unsigned long long value;
	char line[256];

	if (!f)
		err(1, "%s", path);
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, format, &value) == 1) {
			fclose(f);
			return value;
		}
	}
	errx(1, "%s has no line '%s'", path, format);
}

u64 counter_ours(const char *name)
{
	char format[64];

	snprintf(format, sizeof(format), "%s %%llu", name);
	return counter_in("/proc/thread-self/net/rdgram_stat", format);
}
