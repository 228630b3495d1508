// SPDX-License-Identifier: GPL-2.0-only
/* Sockets and descriptors, from socket() to close(), see calls.h. */
#include "calls.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <unistd.h>

#include <linux/rdgram.h>

#define LIVES 65536

struct calls_slot calls_slots[CALLS_SLOTS];

/* How often connect() was called for each life, modulo LIVES. */
static u32 connections[LIVES];

u32 calls_connections(u32 life)
{
	return __atomic_load_n(&connections[life % LIVES], __ATOMIC_RELAXED);
}

static void count_connection(const struct calls_slot *s)
{
	__atomic_fetch_add(&connections[s->life % LIVES], 1, __ATOMIC_RELAXED);
}

/* Another descriptor is in the slot from now on. */
static void replace(struct calls_slot *s, int fd, u32 life)
{
	int old = __atomic_exchange_n(&s->fd, -1, __ATOMIC_ACQ_REL);

	if (old >= 0)
		close(old);
	__atomic_store_n(&s->life, life, __ATOMIC_RELAXED);
	old = __atomic_exchange_n(&s->fd, fd, __ATOMIC_ACQ_REL);
	/* Somebody else had the same idea. */
	if (old >= 0)
		close(old);
}

static u32 new_life(void)
{
	return __atomic_add_fetch(&calls_world->lives, 1, __ATOMIC_RELAXED);
}

/* Mostly an empty one. */
static struct calls_slot *slot_to_fill(struct calls_caller *c)
{
	u64 k = calls_draw(c, CALLS_SLOTS);

	for (u64 i = 0; i < CALLS_SLOTS; i++)
		if (calls_slots[(k + i) % CALLS_SLOTS].fd < 0)
			return &calls_slots[(k + i) % CALLS_SLOTS];
	return calls_one_in(c, 8) ? &calls_slots[k] : NULL;
}

/* A socket at home, for others to find. */
long calls_open(struct calls_caller *c)
{
	struct calls_slot *s = slot_to_fill(c);
	struct addr home;
	int one = 1, fd;

	if (!s)
		return 0;
	calls_enter(s);
	if (calls_one_in(c, 4))
		fd = socket(calls_family(s), SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_RDGRAM);
	else
		fd = socket(calls_family(s), SOCK_RDM, calls_pick(c, 0, IPPROTO_RDGRAM));
	if (fd < 0)
		return fd;
	if (calls_one_in(c, 4))
		setsockopt(fd, SOL_SOCKET, calls_pick(c, SO_REUSEADDR, SO_REUSEPORT), &one,
			   sizeof(one));
	home = calls_home(c, s);
	if (calls_draw(c, 8))
		bind(fd, &home.sa, home.len);
	replace(s, fd, new_life());
	return 0;
}

/* Mostly one that there is not. */
/* Raw sockets are there for all protocols, and have their own ideas of all calls. */
static bool is_ours(int fd)
{
	socklen_t len = sizeof(int);
	int type = 0;

	return !getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) && type == SOCK_RDM;
}

long calls_open_odd(struct calls_caller *c)
{
	int fd = socket(calls_pick(c, AF_INET, AF_INET6, AF_UNSPEC, AF_PACKET, AF_MAX, -1),
			calls_pick(c, SOCK_RDM, SOCK_RDM, SOCK_DGRAM, SOCK_STREAM, SOCK_RAW,
				   SOCK_SEQPACKET, 0, 15) |
			calls_pick(c, 0, SOCK_NONBLOCK, SOCK_CLOEXEC, 1 << 20),
			calls_pick(c, IPPROTO_RDGRAM, IPPROTO_RDGRAM, 255, 263, -1));
	struct calls_slot *s;

	if (fd < 0)
		return fd;
	s = is_ours(fd) ? slot_to_fill(c) : NULL;
	if (s)
		replace(s, fd, new_life());
	else
		close(fd);
	return 0;
}

/* A good address, mostly; @given: a pointer to it, or a bad one. */
static void some_address(struct calls_caller *c, struct addr *a, const struct sockaddr **given)
{
	if (calls_one_in(c, 8))
		calls_spoil_address(c, a);
	*given = calls_one_in(c, 64) ? calls_bad_pointer(c) : &a->sa;
}

long calls_bind(struct calls_caller *c)
{
	struct calls_slot *s = calls_slot(c);
	struct addr home = calls_home(c, s);
	const struct sockaddr *given;

	some_address(c, &home, &given);
	return bind(s->fd, given, home.len);
}

/* Every other pair of slots: who is connected is deaf to all others. */
static struct calls_slot *slot_to_connect(struct calls_caller *c)
{
	u64 k = calls_draw(c, CALLS_SLOTS);

	return &calls_slots[calls_one_in(c, 16) ? k : k | CALLS_CONNECTED];
}

long calls_connect(struct calls_caller *c)
{
	struct calls_slot *s = slot_to_connect(c);
	struct addr to = calls_target(c, s);
	const struct sockaddr *given;

	some_address(c, &to, &given);
	count_connection(s);
	return connect(s->fd, given, to.len);
}

struct calls_slot *calls_connected(struct calls_caller *c)
{
	struct calls_slot *s = slot_to_connect(c);
	struct addr to = calls_target(c, s), is = { .len = sizeof(is.all) };

	if (calls_one_in(c, 8) || s->fd < 0 || !getpeername(s->fd, &is.sa, &is.len))
		return s;
	count_connection(s);
	connect(s->fd, &to.sa, to.len);
	return s;
}

long calls_disconnect(struct calls_caller *c)
{
	struct calls_slot *s = calls_slot(c);
	const struct sockaddr none = { .sa_family = AF_UNSPEC };

	count_connection(s);
	return connect(s->fd, &none, sizeof(none));
}

static long get_name(struct calls_caller *c, int (*get)(int, struct sockaddr *, socklen_t *))
{
	struct calls_slot *s = calls_slot(c);
	struct addr a = { .len = sizeof(a.all) };
	void *at = &a.all, *len = &a.len;

	if (calls_one_in(c, 4))
		a.len = calls_pick(c, 0, 1, 2, 8, 16, 27, 28, -1);
	if (calls_one_in(c, 16))
		at = calls_bad_pointer(c);
	if (calls_one_in(c, 16))
		len = calls_one_in(c, 2) ? calls_bad_pointer(c) : calls_world->readonly;
	return get(s->fd, at, len);
}

static int sockname(int fd, struct sockaddr *at, socklen_t *len)
{
	return getsockname(fd, at, len);
}

static int peername(int fd, struct sockaddr *at, socklen_t *len)
{
	return getpeername(fd, at, len);
}

long calls_getsockname(struct calls_caller *c)
{
	return get_name(c, sockname);
}

long calls_getpeername(struct calls_caller *c)
{
	return get_name(c, peername);
}

long calls_shutdown(struct calls_caller *c)
{
	return shutdown(calls_slot(c)->fd, calls_pick(c, SHUT_RD, SHUT_WR, SHUT_RDWR, -1, 3));
}

long calls_close(struct calls_caller *c)
{
	int fd = __atomic_exchange_n(&calls_slot(c)->fd, -1, __ATOMIC_ACQ_REL);

	return close(fd);
}

void calls_close_all(void)
{
	for (u32 i = 0; i < CALLS_SLOTS; i++)
		replace(&calls_slots[i], -1, 0);
}

long calls_dup(struct calls_caller *c)
{
	struct calls_slot *from = calls_slot(c), *to = slot_to_fill(c);
	u32 life = from->life;
	int fd = dup(from->fd);

	if (fd < 0)
		return fd;
	if (to)
		replace(to, fd, life);
	else
		close(fd);
	return 0;
}

/* Over one that others may be using. */
long calls_dup_over(struct calls_caller *c)
{
	struct calls_slot *from = calls_slot(c), *to = calls_slot(c);
	const int old = to->fd;
	u32 life = from->life;
	int fd;

	if (old < 0 || from == to)
		return 0;
	fd = dup3(from->fd, old, calls_pick(c, 0, O_CLOEXEC));
	if (fd >= 0)
		to->life = life;
	return fd;
}

static struct msghdr passing(struct iovec *iov, void *room, size_t len)
{
	return (struct msghdr){
		.msg_iov = iov, .msg_iovlen = 1, .msg_control = room, .msg_controllen = len,
	};
}

static int passed(int from)
{
	char room[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8))) = {}, byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr m = passing(&iov, room, sizeof(room));
	int fd = -1;

	if (recvmsg(from, &m, MSG_DONTWAIT) == 1 && CMSG_FIRSTHDR(&m))
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(fd));
	return fd;
}

/* By SCM_RIGHTS, and closed while it is on its way, sometimes. */
long calls_pass(struct calls_caller *c)
{
	char room[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8))) = {}, byte = 0;
	struct calls_slot *s = calls_slot(c), *to;
	struct iovec iov = { &byte, 1 };
	struct msghdr m = passing(&iov, room, sizeof(room));
	struct cmsghdr *h = CMSG_FIRSTHDR(&m);
	u32 life = s->life;
	long result;
	int fd;

	*h = (struct cmsghdr){
		.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS,
		.cmsg_len = CMSG_LEN(sizeof(int)),
	};
	fd = s->fd;
	memcpy(CMSG_DATA(h), &fd, sizeof(fd));
	result = sendmsg(calls_world->pair[0], &m, MSG_DONTWAIT);
	if (result < 0)
		return result;
	if (calls_one_in(c, 4))
		replace(s, -1, 0);
	fd = passed(calls_world->pair[1]);
	to = slot_to_fill(c);
	if (to)
		replace(to, fd, life);
	else if (fd >= 0)
		close(fd);
	return result;
}

long calls_fcntl(struct calls_caller *c)
{
	const int fd = calls_slot(c)->fd;

	switch (calls_draw(c, 4)) {
	case 0:
		return fcntl(fd, F_SETFL, calls_pick(c, 0, 0, O_NONBLOCK, O_ASYNC, O_DIRECT));
	case 1:
		return fcntl(fd, F_SETOWN, calls_pick(c, 0, getpid(), -getpid(), 1 << 30));
	case 2:
		return fcntl(fd, F_SETSIG, calls_pick(c, 0, SIGUSR2, 65));
	}
	return fcntl(fd, F_GETFL);
}

long calls_listen(struct calls_caller *c)
{
	return listen(calls_slot(c)->fd, calls_pick(c, 0, 1, -1));
}

long calls_accept(struct calls_caller *c)
{
	return accept4(calls_slot(c)->fd, NULL, NULL, SOCK_NONBLOCK);
}

long calls_socketpair(struct calls_caller *c)
{
	int fds[2];

	return socketpair(calls_pick(c, AF_INET, AF_INET6), SOCK_RDM, IPPROTO_RDGRAM, fds);
}

long calls_mmap(struct calls_caller *c)
{
	void *p = mmap(NULL, 4096, PROT_READ, calls_pick(c, MAP_SHARED, MAP_PRIVATE),
		       calls_slot(c)->fd, 0);

	return p == MAP_FAILED ? -1 : 0;
}

long calls_lseek(struct calls_caller *c)
{
	return lseek(calls_slot(c)->fd, 0, SEEK_CUR);
}

/* --- waiting --------------------------------------------------------------------- */

long calls_poll(struct calls_caller *c)
{
	struct pollfd p[4];

	for (int i = 0; i < 4; i++)
		p[i] = (struct pollfd){ .fd = calls_slot(c)->fd, .events = calls_draw(c, 0x800) };
	return poll(calls_one_in(c, 64) ? calls_bad_pointer(c) : p, calls_draw(c, 5),
		    calls_one_in(c, 64) ? 5 : 0);
}

long calls_select(struct calls_caller *c)
{
	fd_set in, out, bad;
	struct timeval none = {};

	FD_ZERO(&in);
	FD_ZERO(&out);
	FD_ZERO(&bad);
	for (int i = 0; i < 3; i++) {
		const int fd = calls_slot(c)->fd;

		if (fd < 0 || fd >= FD_SETSIZE)
			continue;
		FD_SET(fd, &in);
		FD_SET(fd, &out);
		FD_SET(fd, &bad);
	}
	return select(FD_SETSIZE, &in, &out, &bad, &none);
}

long calls_epoll_ctl(struct calls_caller *c)
{
	struct epoll_event e = { .events = EPOLLIN | calls_draw(c, 0x800) };

	if (calls_one_in(c, 2))
		e.events |= calls_pick(c, EPOLLET, EPOLLONESHOT, EPOLLEXCLUSIVE);
	return epoll_ctl(calls_world->epoll,
			 calls_pick(c, EPOLL_CTL_ADD, EPOLL_CTL_ADD, EPOLL_CTL_MOD, EPOLL_CTL_DEL),
			 calls_slot(c)->fd, &e);
}

long calls_epoll_wait(struct calls_caller *c)
{
	struct epoll_event e[4];

	return epoll_wait(calls_world->epoll, e, 1 + calls_draw(c, 4), calls_one_in(c, 64) ? 5 : 0);
}

/* Packets arrive, and timers fire. */
long calls_pause(struct calls_caller *c)
{
	return poll(NULL, 0, calls_draw(c, 4));
}
