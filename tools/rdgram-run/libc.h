/* SPDX-License-Identifier: GPL-2.0-only */
/* The calls that are put before libc's, as libc has them. */
#ifndef LIBC_H
#define LIBC_H

#include <sys/epoll.h>
#include <sys/socket.h>

extern struct libc {
	int (*socket)(int domain, int type, int protocol);
	int (*bind)(int fd, const struct sockaddr *a, socklen_t len);
	int (*connect)(int fd, const struct sockaddr *a, socklen_t len);
	ssize_t (*sendto)(int fd, const void *data, size_t size, int flags,
			  const struct sockaddr *a, socklen_t len);
	ssize_t (*sendmsg)(int fd, const struct msghdr *msg, int flags);
	int (*sendmmsg)(int fd, struct mmsghdr *msgs, unsigned int n, int flags);
	int (*setsockopt)(int fd, int level, int name, const void *value, socklen_t len);
	int (*getsockopt)(int fd, int level, int name, void *value, socklen_t *len);
	int (*epoll_ctl)(int ep, int op, int fd, struct epoll_event *event);
	int (*close)(int fd);
} libc;

/* Whoever calls any of the above comes here first. */
void libc_find(void);

#endif /* LIBC_H */
