// SPDX-License-Identifier: GPL-2.0-only
#include "wait.h"

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>

#include "clock.h"
#include "command.h"
#include "endpoint.h"

/* How often the counters of the socket are read while deliveries are awaited. */
#define LOOK_NS (5 * NS_PER_MS)

int wait_open(void)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		err(EXIT_RUN, "signalfd");
	return fd;
}

static const struct timespec *time_left(u64 deadline, struct timespec *left)
{
	u64 now, ns;

	if (deadline == NEVER)
		return NULL;
	now = now_ns();
	ns = deadline > now ? deadline - now : 0;
	left->tv_sec = ns / NS_PER_S;
	left->tv_nsec = ns % NS_PER_S;
	return left;
}

enum wake wait_for(int stop, int fd, short events, u64 deadline)
{
	struct pollfd fds[] = { { .fd = stop, .events = POLLIN }, { .fd = fd, .events = events } };
	struct timespec left;

	if (ppoll(fds, 2, time_left(deadline, &left), NULL) < 0 && errno != EINTR)
		err(EXIT_RUN, "poll");
	if (fds[0].revents)
		return WAKE_STOP;
	return fds[1].revents ? WAKE_READY : WAKE_TIME;
}

bool wait_stopped(int stop)
{
	return wait_for(stop, -1, 0, 0) == WAKE_STOP;
}

bool wait_send(int stop, int fd, const void *message, size_t len)
{
	while (endpoint_send(fd, message, len) < 0) {
		if (errno != EAGAIN)
			return false;
		if (wait_for(stop, fd, POLLOUT, NEVER) == WAKE_STOP) {
			errno = EINTR;
			return false;
		}
	}
	return true;
}

bool wait_settled(int stop, int fd)
{
	struct rdgram_stats stats;

	while (endpoint_stats(fd, &stats) && !endpoint_settled(&stats))
		if (wait_for(stop, -1, 0, now_ns() + LOOK_NS) == WAKE_STOP)
			return false;
	return true;
}
