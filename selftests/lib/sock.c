// SPDX-License-Identifier: GPL-2.0-only
#include "sock.h"

#include <err.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include <unistd.h>

#define KSFT_SKIP 4

bool sock_is_udp(void)
{
	return getenv("RDGRAM_TEST_UDP");
}

static void skip_all(const char *why)
{
	printf("TAP version 13\n1..0 # SKIP %s\n", why);
	fflush(stdout);
	_exit(KSFT_SKIP);
}

void sock_skip_if_udp(void)
{
	if (sock_is_udp())
		skip_all("UDP promises nothing of this");
}

/*
 * Asks for the module and not for a socket: a module that gives none must
 * fail, not skip.
 */
static void __attribute__((constructor)) need_rdgram(void)
{
	/* The harness ends its children with _exit(), which forgets what is buffered. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (sock_is_udp() || !access("/sys/module/rdgram", F_OK))
		return;
	skip_all("the rdgram module is not loaded");
}

int sock_type(void)
{
	return sock_is_udp() ? SOCK_DGRAM : SOCK_RDM;
}

int sock_protocol(void)
{
	return sock_is_udp() ? IPPROTO_UDP : IPPROTO_RDGRAM;
}

int sock_new(int family)
{
	int fd = socket(family, sock_type(), sock_protocol());

	if (fd < 0)
		err(1, "socket");
	return fd;
}

int sock_bound(const struct addr *to, struct addr *name)
{
	int fd = sock_new(to->sa.sa_family);

	if (bind(fd, &to->sa, to->len))
		err(1, "bind to port %u", addr_port(to));
	if (name)
		*name = sock_name(fd);
	return fd;
}

int sock_bind_with(int option, const struct addr *at)
{
	int fd = sock_new(at->sa.sa_family);

	if (option)
		sock_set(fd, option, 1);
	if (!bind(fd, &at->sa, at->len))
		return fd;
	close(fd);
	return -1;
}

int sock_on_loopback(int family, struct addr *name)
{
	const struct addr any_port = addr_loopback(family, 0);

	return sock_bound(&any_port, name);
}

void sock_connect(int fd, const struct addr *to)
{
	if (connect(fd, &to->sa, to->len))
		err(1, "connect");
}

struct addr sock_name(int fd)
{
	struct addr name = { .len = sizeof(name.all) };

	if (getsockname(fd, &name.sa, &name.len))
		err(1, "getsockname");
	return name;
}

ssize_t sock_sendto(int fd, const void *message, size_t len, int flags, const struct addr *to)
{
	return sendto(fd, message, len, flags | MSG_NOSIGNAL, to ? &to->sa : NULL,
		      to ? to->len : 0);
}

ssize_t sock_recvfrom(int fd, void *to, size_t size, int flags, struct addr *from)
{
	if (!from)
		return recv(fd, to, size, flags);
	memset(from, 0, sizeof(*from));
	from->len = sizeof(from->all);
	return recvfrom(fd, to, size, flags, &from->sa, &from->len);
}

void sock_wait(int fd, short events)
{
	struct pollfd pollfd = { .fd = fd, .events = events };

	if (poll(&pollfd, 1, -1) < 0)
		err(1, "poll");
}

void sock_set(int fd, int option, int value)
{
	if (setsockopt(fd, SOL_SOCKET, option, &value, sizeof(value)))
		err(1, "setsockopt %d", option);
}

void sock_set_linger(int fd, int seconds)
{
	const struct linger linger = { .l_onoff = 1, .l_linger = seconds };

	if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)))
		err(1, "SO_LINGER");
}

int sock_get(int fd, int option)
{
	socklen_t len = sizeof(int);
	int value;

	if (getsockopt(fd, SOL_SOCKET, option, &value, &len))
		err(1, "getsockopt %d", option);
	return value;
}

void sock_set_timeout(int fd, int option, int ms)
{
	const struct timeval tv = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };

	if (setsockopt(fd, SOL_SOCKET, option, &tv, sizeof(tv)))
		err(1, "setsockopt %d", option);
}

int sock_queued(int fd, int request)
{
	int value;

	if (ioctl(fd, request, &value))
		err(1, "ioctl");
	return value;
}

void sock_stats(int fd, struct rdgram_stats *stats)
{
	socklen_t len = sizeof(*stats);

	memset(stats, 0, sizeof(*stats));
	if (getsockopt(fd, SOL_RDGRAM, RDGRAM_STATS, stats, &len))
		err(1, "RDGRAM_STATS");
}

void sock_wait_settled(int fd)
{
	struct rdgram_stats s;

	if (sock_is_udp())
		return;
	do {
		poll(NULL, 0, 1);
		sock_stats(fd, &s);
	} while (s.messages_delivered + s.messages_not_delivered + s.messages_in_doubt <
		 s.messages_sent);
}

void net_isolate(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd;

	if (unshare(CLONE_NEWNET))
		err(1, "unshare: tests need root");
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &lo))
		err(1, "loopback device");
	close(fd);
}

void stay_on_one(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		err(1, "sched_setaffinity");
}

void net_drain_loopback(void)
{
	const struct addr to = addr_loopback(AF_INET, 0);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct addr name;
	char c = 0;

	if (fd < 0 || bind(fd, &to.sa, to.len))
		err(1, "a socket of UDP");
	name = sock_name(fd);
	if (sendto(fd, &c, 1, 0, &name.sa, name.len) != 1 || recv(fd, &c, 1, 0) != 1)
		err(1, "the loopback device");
	close(fd);
}
