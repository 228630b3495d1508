// SPDX-License-Identifier: GPL-2.0-only
#include "fail.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define NTH		"/proc/thread-self/fail-nth"
#define SLAB		"/sys/kernel/debug/failslab"
#define PAGES		"/sys/kernel/debug/fail_page_alloc"
#define COPIES		"/sys/kernel/debug/fail_usercopy"
#define KSFT_SKIP	4

static char *path_of(const char *folder, const char *file)
{
	char *path;

	if (asprintf(&path, "%s/%s", folder, file) < 0)
		err(1, "memory");
	return path;
}

static void set(const char *folder, const char *file, const char *value)
{
	char *path = path_of(folder, file);
	const int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || dprintf(fd, "%s", value) < 0)
		err(1, "%s", path);
	close(fd);
	free(path);
}

static void set_number(const char *folder, const char *file, long long value)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", value);
	set(folder, file, text);
}

static long long get_number(const char *folder, const char *file)
{
	char *path = path_of(folder, file);
	FILE *f = fopen(path, "r");
	long long value;

	if (!f || fscanf(f, "%lld", &value) != 1)
		err(1, "%s", path);
	fclose(f);
	free(path);
	return value;
}

static bool can_fail(const char *folder)
{
	char *path = path_of(folder, "probability");
	const bool can = !access(path, W_OK);

	free(path);
	return can;
}

/* The kernel would say of each failure where it was. */
static void begin_quietly(const char *folder)
{
	set(folder, "verbose", "0");
	set(folder, "probability", "0");
	set(folder, "task-filter", "N");
}

bool fail_prepare(void)
{
	if (access(NTH, W_OK) || !can_fail(SLAB) || !can_fail(PAGES) || !can_fail(COPIES))
		return false;
	begin_quietly(SLAB);
	begin_quietly(PAGES);
	begin_quietly(COPIES);
	set(PAGES, "min-order", "0");
	return true;
}

void fail_skip_if_it_cannot(void)
{
	if (fail_prepare())
		return;
	printf("TAP version 13\n1..0 # SKIP this kernel lets nothing fail\n");
	fflush(stdout);
	_exit(KSFT_SKIP);
}

/* A file of the thread that opened it, which stays open: to open it takes memory. */
static __thread int nth = -1;

static void write_nth(u64 n)
{
	if (dprintf(nth, "%llu", n) < 0)
		err(1, NTH);
}

void fail_nth(u64 n)
{
	set(SLAB, "ignore-gfp-wait", "N");
	set(PAGES, "ignore-gfp-wait", "N");
	nth = open(NTH, O_RDWR | O_CLOEXEC);
	if (nth < 0)
		err(1, NTH);
	write_nth(n);
}

/* To say what is left takes a copy, which can fail itself, and so does to end it. */
static u64 end(void)
{
	char text[24] = "1";

	/* If not that, then this: nothing is left to fail, either way. */
	if (pread(nth, text, sizeof(text) - 1, 0) > 0 && dprintf(nth, "0") < 0 && errno != EFAULT)
		err(1, NTH);
	close(nth);
	return strtoull(text, NULL, 10);
}

bool fail_ended(void)
{
	return !end();
}

u64 fail_counted(void)
{
	return FAIL_NONE - end();
}

/* Only what cannot wait: others would be programs that have nothing to do with it. */
static void begin_atomic(const char *folder, int percent, long long times, u64 after)
{
	set(folder, "ignore-gfp-wait", "Y");
	set_number(folder, "times", times);
	set_number(folder, "space", after);
	set_number(folder, "probability", percent);
}

void fail_atomic_after(u64 bytes)
{
	begin_atomic(SLAB, 100, 1, bytes);
}

bool fail_atomic_ended(void)
{
	set(SLAB, "probability", "0");
	return !get_number(SLAB, "times");
}

u64 fail_atomic_often(int percent)
{
	static bool begun;
	u64 failed = 0;

	/* Each that fails is one less. */
	if (begun)
		failed = 2ULL * FAIL_NONE - get_number(SLAB, "times") - get_number(PAGES, "times");
	begun = true;
	begin_atomic(SLAB, percent, FAIL_NONE, 0);
	begin_atomic(PAGES, percent, FAIL_NONE, 0);
	return failed;
}
