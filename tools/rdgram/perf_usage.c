// SPDX-License-Identifier: GPL-2.0-only
#include "perf_usage.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "clock.h"

static u64 nanoseconds(const struct timeval *tv)
{
	return tv->tv_sec * NS_PER_S + tv->tv_usec * 1000ULL;
}

/*
 * What processor 0 has been idle, to the nanosecond; false where that may not be read.
 * The figure is brought up to date when the processor stops being idle: only the one
 * that reads has a right one.
 */
static bool idle_exactly(u64 *idle)
{
	FILE *file = fopen("/proc/timer_list", "re");
	unsigned long long ns;
	bool found = false;
	char line[256];

	if (!file)
		return false;
	*idle = 0;
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, " .idle_sleeptime : %llu nsecs", &ns) == 1 ||
		    sscanf(line, " .iowait_sleeptime : %llu nsecs", &ns) == 1) {
			*idle += ns;
			found = true;
		}
	fclose(file);
	return found;
}

/* What all processors have been idle, to a hundredth of a second each. */
static u64 idle_roughly(void)
{
	unsigned long long idle = 0, wait = 0;
	FILE *file = fopen("/proc/stat", "re");

	if (!file)
		return 0;
	if (fscanf(file, "cpu %*u %*u %*u %llu %llu", &idle, &wait) != 2)
		idle = 0;
	fclose(file);
	return (idle + wait) * (NS_PER_S / sysconf(_SC_CLK_TCK));
}

void usage_now(struct usage *u)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	struct rusage r;
	u64 idle;

	getrusage(RUSAGE_SELF, &r);
	u->user = nanoseconds(&r.ru_utime);
	u->system = nanoseconds(&r.ru_stime);
	if (processors != 1 || !idle_exactly(&idle))
		idle = idle_roughly();
	u->wall = now_ns();
	u->busy = processors * u->wall - idle;
}

struct usage usage_since(const struct usage *start)
{
	struct usage now;

	usage_now(&now);
	return (struct usage){
		.wall = now.wall - start->wall,
		.user = now.user - start->user,
		.system = now.system - start->system,
		.busy = now.busy - start->busy,
	};
}
