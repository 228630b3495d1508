// SPDX-License-Identifier: GPL-2.0-only
/*
 * The calls of libc that come here first. What is no UDP socket, or is one of which it is
 * known already what it is, goes straight on.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <linux/rdgram.h>

#include "libc.h"
#include "open.h"

#define EXPORT __attribute__((visibility("default")))

static bool is_udp(int domain, int type, int protocol)
{
	return (domain == AF_INET || domain == AF_INET6) &&
	       (type & ~(SOCK_CLOEXEC | SOCK_NONBLOCK)) == SOCK_DGRAM &&
	       (!protocol || protocol == IPPROTO_UDP);
}

EXPORT int socket(int domain, int type, int protocol)
{
	int fd;

	libc_find();
	if (!is_udp(domain, type, protocol))
		return libc.socket(domain, type, protocol);
	fd = libc.socket(domain, SOCK_RDM | (type & (SOCK_CLOEXEC | SOCK_NONBLOCK)),
			 IPPROTO_RDGRAM);
	if (fd >= 0) {
		open_add(fd);
		return fd;
	}
	if (errno != EPROTONOSUPPORT && errno != ESOCKTNOSUPPORT)
		return fd;
	fd = libc.socket(domain, type, protocol);
	say("descriptor %d: UDP, since this kernel has no rdgram", fd);
	return fd;
}

EXPORT int bind(int fd, const struct sockaddr *a, socklen_t len)
{
	libc_find();
	return open_to_local(fd, a, len) ? libc.bind(fd, a, len) : -1;
}

EXPORT int connect(int fd, const struct sockaddr *a, socklen_t len)
{
	libc_find();
	return open_to_remote(fd, a, len) ? libc.connect(fd, a, len) : -1;
}

EXPORT ssize_t sendto(int fd, const void *data, size_t size, int flags,
		      const struct sockaddr *a, socklen_t len)
{
	libc_find();
	return open_to_remote(fd, a, len) ? libc.sendto(fd, data, size, flags, a, len) : -1;
}

EXPORT ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
	libc_find();
	return !msg || open_to_remote(fd, msg->msg_name, msg->msg_namelen) ?
	       libc.sendmsg(fd, msg, flags) : -1;
}

EXPORT int sendmmsg(int fd, struct mmsghdr *msgs, unsigned int n, int flags)
{
	const struct msghdr *first = n && msgs ? &msgs->msg_hdr : NULL;

	libc_find();
	return !first || open_to_remote(fd, first->msg_name, first->msg_namelen) ?
	       libc.sendmmsg(fd, msgs, n, flags) : -1;
}

EXPORT int setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
	int err;

	libc_find();
	if (!open_joins(fd, level, name))
		return -1;
	err = libc.setsockopt(fd, level, name, value, len);
	if (!err)
		open_option(fd, level, name, value, len);
	return err;
}

/* A program that asks finds the socket that it has made. */
EXPORT int getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
	int err;

	libc_find();
	err = libc.getsockopt(fd, level, name, value, len);
	if (err || level != SOL_SOCKET || (name != SO_TYPE && name != SO_PROTOCOL) ||
	    *len < sizeof(int) || !is_rdgram(fd))
		return err;
	*(int *)value = name == SO_TYPE ? SOCK_DGRAM : IPPROTO_UDP;
	return 0;
}

EXPORT int epoll_ctl(int ep, int op, int fd, struct epoll_event *event)
{
	int err;

	libc_find();
	err = libc.epoll_ctl(ep, op, fd, event);
	if (!err)
		open_epoll(fd, ep, op, event);
	return err;
}

EXPORT int close(int fd)
{
	libc_find();
	open_drop(fd);
	return libc.close(fd);
}
