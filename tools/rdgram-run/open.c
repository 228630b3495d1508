// SPDX-License-Identifier: GPL-2.0-only
#include "open.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/rdgram.h>

#include "libc.h"

/* Of descriptors above this nothing is kept: they are rdgram's, whoever they talk to. */
#define DESCRIPTORS	65536

/* What was done to a socket, to be done to the one that takes its place. */
struct deed {
	struct deed *next;
	enum { SETSOCKOPT, EPOLL } what;
	int level, name;		/* of the option */
	int ep;				/* the epoll set */
	struct epoll_event event;
	socklen_t len;
	char value[];
};

struct open {
	struct deed *deeds, **end;
	int broadcast;		/* SO_BROADCAST */
};

/* Written under the lock; whoever finds nothing has nothing to do. */
static struct open *table[DESCRIPTORS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void say(const char *format, ...)
{
	char line[256];
	va_list list;
	int n;

	if (!rules_verbose())
		return;
	n = snprintf(line, sizeof(line), "rdgram-run: %d: ", getpid());
	va_start(list, format);
	vsnprintf(line + n, sizeof(line) - n - 1, format, list);
	va_end(list);
	dprintf(STDERR_FILENO, "%s\n", line);
}

bool is_rdgram(int fd)
{
	int saved = errno, protocol = 0;
	socklen_t len = sizeof(protocol);
	bool is = !libc.getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &len) &&
		  protocol == IPPROTO_RDGRAM;

	errno = saved;
	return is;
}

/* A handler of a signal may send, too. */
static void enter(sigset_t *before)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, before);
	pthread_mutex_lock(&lock);
}

static void leave(const sigset_t *before)
{
	pthread_mutex_unlock(&lock);
	pthread_sigmask(SIG_SETMASK, before, NULL);
}

static bool is_in_table(int fd)
{
	return fd >= 0 && fd < DESCRIPTORS && __atomic_load_n(&table[fd], __ATOMIC_RELAXED);
}

static void put(int fd, struct open *o)
{
	struct open *old = table[fd];
	struct deed *d, *next;

	__atomic_store_n(&table[fd], o, __ATOMIC_RELAXED);
	if (!old)
		return;
	for (d = old->deeds; d; d = next) {
		next = d->next;
		free(d);
	}
	free(old);
}

/* With the lock: NULL if it is decided, or the number is another file's by now. */
static struct open *find(int fd)
{
	if (!is_in_table(fd))
		return NULL;
	if (!is_rdgram(fd))
		put(fd, NULL);
	return table[fd];
}

void open_add(int fd)
{
	struct open *o = fd < DESCRIPTORS ? calloc(1, sizeof(*o)) : NULL;
	sigset_t before;

	if (!o)
		return;
	o->end = &o->deeds;
	enter(&before);
	put(fd, o);
	leave(&before);
}

void open_drop(int fd)
{
	sigset_t before;

	if (!is_in_table(fd))
		return;
	enter(&before);
	put(fd, NULL);
	leave(&before);
}

static void add(struct open *o, struct deed *d)
{
	d->next = NULL;
	*o->end = d;
	o->end = &d->next;
}

static void repeat(const struct deed *d, int fd)
{
	struct epoll_event event;

	switch (d->what) {
	case SETSOCKOPT:
		libc.setsockopt(fd, d->level, d->name, d->value, d->len);
		break;
	case EPOLL:
		event = d->event;
		libc.epoll_ctl(d->ep, EPOLL_CTL_ADD, fd, &event);
		break;
	}
}

/* Put the UDP socket @udp in the place of @fd, which is closed by that: its port is free. */
static bool take_place(int fd, int udp, const struct open *o)
{
	struct sockaddr_storage name;
	socklen_t len = sizeof(name);
	int flags = fcntl(fd, F_GETFL), close_on_exec = fcntl(fd, F_GETFD) & FD_CLOEXEC;
	bool bound;

	bound = !getsockname(fd, (struct sockaddr *)&name, &len) &&
		((struct sockaddr_in *)&name)->sin_port;
	if (dup3(udp, fd, close_on_exec ? O_CLOEXEC : 0) < 0)
		return false;
	fcntl(fd, F_SETFL, flags);
	for (const struct deed *d = o->deeds; d; d = d->next)
		repeat(d, fd);
	return !bound || !libc.bind(fd, (struct sockaddr *)&name, len);
}

static bool become_udp(int fd, struct open *o, const char *why)
{
	int domain, udp, saved;
	socklen_t len = sizeof(domain);
	bool good;

	say("descriptor %d: UDP, since %s", fd, why);
	if (libc.getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len))
		return false;
	udp = libc.socket(domain, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDP);
	if (udp < 0)
		return false;
	good = take_place(fd, udp, o);
	saved = errno;
	libc.close(udp);
	errno = saved;
	return good;
}

/* With the lock: it is decided, unless @to is WAY_OPEN. */
static bool decide(int fd, struct open *o, enum way to, const char *why)
{
	bool good = true;

	if (to == WAY_OPEN)
		return true;
	if (to == WAY_RDGRAM)
		say("descriptor %d: rdgram", fd);
	else
		good = become_udp(fd, o, why);
	put(fd, NULL);
	return good;
}

/* Who it talks to is known, or what it is bound to. */
static bool settle(int fd, const struct sockaddr *a, socklen_t len, bool local)
{
	const char *why = NULL;
	bool good = true;
	sigset_t before;
	struct open *o;
	enum way way;

	if (!a || !is_in_table(fd))
		return true;
	enter(&before);
	o = find(fd);
	if (o) {
		way = local ? rules_for_local(a, len, &why) :
			      rules_for_remote(a, len, o->broadcast, &why);
		good = decide(fd, o, way, why);
	}
	leave(&before);
	return good;
}

bool open_to_local(int fd, const struct sockaddr *a, socklen_t len)
{
	return settle(fd, a, len, true);
}

bool open_to_remote(int fd, const struct sockaddr *a, socklen_t len)
{
	return settle(fd, a, len, false);
}

static bool joins_group(int level, int name)
{
	if (level == IPPROTO_IP)
		return name == IP_ADD_MEMBERSHIP || name == IP_ADD_SOURCE_MEMBERSHIP ||
		       name == MCAST_JOIN_GROUP || name == MCAST_JOIN_SOURCE_GROUP;
	return level == IPPROTO_IPV6 &&
	       (name == IPV6_JOIN_GROUP || name == MCAST_JOIN_GROUP ||
		name == MCAST_JOIN_SOURCE_GROUP);
}

/* What was done to the same option, or epoll set, before counts no more. */
static void forget_same(struct open *o, const struct deed *new)
{
	struct deed **d = &o->deeds, *gone;

	while (*d && !((*d)->what == new->what && (*d)->level == new->level &&
		       (*d)->name == new->name && (*d)->ep == new->ep))
		d = &(*d)->next;
	gone = *d;
	if (!gone)
		return;
	*d = gone->next;
	if (!*d)
		o->end = d;
	free(gone);
}

static void remember_option(struct open *o, int level, int name, const void *value, socklen_t len)
{
	struct deed *d = calloc(1, sizeof(*d) + len);

	if (!d)
		return;
	d->what = SETSOCKOPT;
	d->level = level;
	d->name = name;
	d->len = len;
	memcpy(d->value, value, len);
	forget_same(o, d);
	add(o, d);
	if (level == SOL_SOCKET && name == SO_BROADCAST && len >= sizeof(o->broadcast))
		memcpy(&o->broadcast, value, sizeof(o->broadcast));
}

static void remember_epoll(struct open *o, int ep, int op, const struct epoll_event *event)
{
	struct deed *d = calloc(1, sizeof(*d));

	if (!d)
		return;
	d->what = EPOLL;
	d->ep = ep;
	forget_same(o, d);
	if (op == EPOLL_CTL_DEL) {
		free(d);
		return;
	}
	d->event = *event;
	add(o, d);
}

bool open_joins(int fd, int level, int name)
{
	bool good = true;
	sigset_t before;
	struct open *o;

	if (!joins_group(level, name) || !is_in_table(fd))
		return true;
	enter(&before);
	o = find(fd);
	if (o)
		good = decide(fd, o, WAY_UDP, "it joins a multicast group");
	leave(&before);
	return good;
}

void open_option(int fd, int level, int name, const void *value, socklen_t len)
{
	sigset_t before;
	struct open *o;

	if (!is_in_table(fd))
		return;
	enter(&before);
	o = find(fd);
	if (o)
		remember_option(o, level, name, value, len);
	leave(&before);
}

void open_epoll(int fd, int ep, int op, const struct epoll_event *event)
{
	sigset_t before;
	struct open *o;

	if (!is_in_table(fd))
		return;
	enter(&before);
	o = find(fd);
	if (o)
		remember_epoll(o, ep, op, event);
	leave(&before);
}

static void lock_before_fork(void)
{
	pthread_mutex_lock(&lock);
}

static void unlock_after_fork(void)
{
	pthread_mutex_unlock(&lock);
}

__attribute__((constructor)) static void begin(void)
{
	libc_find();
	rules_read();
	pthread_atfork(lock_before_fork, unlock_after_fork, unlock_after_fork);
}
