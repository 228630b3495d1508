// SPDX-License-Identifier: GPL-2.0-only
#include "klog.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LEVEL_WARNING 4

int klog_open(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 || lseek(fd, 0, SEEK_END) < 0)
		err(1, "/dev/kmsg");
	return fd;
}

/* A report of KCSAN stands between two lines of these; who reads the log says whether it is
 * about us (tools/vm/complaints).
 */
static bool of_kcsan(const char *record)
{
	static bool inside;
	const bool line = strstr(record, ";=========="), begins = strstr(record, "BUG: KCSAN");
	const bool was = inside;

	inside = begins || (inside && !line);
	return was || line || begins;
}

/* A record is "PRIORITY,NUMBER,TIME,FLAGS;TEXT"; the priority is 8 * facility + level. */
static bool harmless(const char *record)
{
	const char *text = strchr(record, ';');
	long priority = strtol(record, NULL, 10);

	/* Facilities above 0 are words of user space. */
	if (priority >= 8)
		return true;
	/* An emulated machine that had to wait for a real one. */
	if (text && (strstr(text, "hrtimer: interrupt took") ||
		     strstr(text, "clocksource: Watchdog remote CPU")))
		return true;
	/* What the kernel says where a call of ours finds no memory, as it is made to. */
	if (text && (strstr(text, "socket: no more sockets") || strstr(text, "net_ratelimit: ")))
		return true;
	/* What it says to who asks for a clock of a device (SO_TIMESTAMPING), and names none. */
	if (text && strstr(text, "sock_timestamping_bind_phc: "))
		return true;
	return priority > LEVEL_WARNING && !(text && strstr(text, "rdgram"));
}

bool klog_silent(int fd)
{
	char record[8192];
	bool silent = true;
	ssize_t len;

	for (;;) {
		len = read(fd, record, sizeof(record) - 1);
		if (len < 0 && errno == EPIPE)
			continue;	/* overwritten before we read it */
		if (len <= 0)
			return silent;
		record[len] = '\0';
		if (of_kcsan(record) || harmless(record))
			continue;
		printf("# kernel: %s", record);
		silent = false;
	}
}
