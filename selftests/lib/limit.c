// SPDX-License-Identifier: GPL-2.0-only
#include "limit.h"

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "counter.h"

bool limit_open(struct limit *l)
{
	l->file = open("/proc/sys/net/rdgram/mem", O_RDWR | O_CLOEXEC);
	if (l->file < 0)
		return false;
	l->len = pread(l->file, l->before, sizeof(l->before), 0);
	return true;
}

static void write_all(const struct limit *l, const char *text, ssize_t len)
{
	if (pwrite(l->file, text, len, 0) != len)
		err(1, "net.rdgram.mem");
}

void limit_set(const struct limit *l, const char *pages)
{
	write_all(l, pages, strlen(pages));
}

void limit_set_beyond(const struct limit *l, u64 first, u64 second, u64 third)
{
	const u64 used = counter_in("/proc/net/protocols", "RDGRAM %*u %*u %llu");
	char pages[64];

	snprintf(pages, sizeof(pages), "%llu %llu %llu", used + first, used + second,
		 used + third);
	limit_set(l, pages);
}

void limit_close(const struct limit *l)
{
	if (l->file < 0)
		return;
	write_all(l, l->before, l->len);
	close(l->file);
}
