// SPDX-License-Identifier: GPL-2.0-only
#include "pingpong.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "message.h"
#include "sock.h"
#include "worker.h"

static bool echo(void *arg)
{
	const int fd = *(int *)arg;
	u8 message[PINGPONG_SIZE + 1];
	struct addr from;
	ssize_t len;

	for (;;) {
		len = sock_recvfrom(fd, message, sizeof(message), 0, &from);
		if (len != PINGPONG_SIZE || sock_sendto(fd, message, len, 0, &from) != len)
			return false;
	}
}

pid_t pingpong_start_echo(int fd)
{
	return worker_start(echo, &fd);
}

bool pingpong_run(int fd, u64 *ns, size_t count)
{
	u8 out[PINGPONG_SIZE], in[PINGPONG_SIZE + 1];
	ssize_t len;
	u64 start;

	for (size_t i = 0; i < count; i++) {
		message_make(out, PINGPONG_SIZE, 1, i);
		start = clock_now();
		if (send(fd, out, PINGPONG_SIZE, 0) != PINGPONG_SIZE)
			return false;
		len = recv(fd, in, sizeof(in), 0);
		ns[i] = clock_now() - start;
		if (len != PINGPONG_SIZE || memcmp(in, out, PINGPONG_SIZE)) {
			printf("# round %zu: %s\n", i, len < 0 ? strerror(errno) : "another one");
			return false;
		}
	}
	return true;
}

static int compare(const void *a, const void *b)
{
	const u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return (x > y) - (x < y);
}

u64 pingpong_permille(u64 *ns, size_t count, unsigned int permille)
{
	qsort(ns, count, sizeof(*ns), compare);
	return ns[(count * permille + 999) / 1000 - 1];
}

u64 pingpong_percentile(u64 *ns, size_t count, unsigned int percent)
{
	return pingpong_permille(ns, count, percent * 10);
}
