/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Open sockets: made by the program as UDP sockets, and rdgram sockets so far. Whether
 * they stay that is known when it is known who they talk to. If they do not, a UDP socket
 * takes their place: with the same number, options, and place in epoll sets.
 */
#ifndef OPEN_H
#define OPEN_H

#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "rules.h"

/* A line on standard error, with --verbose. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Is @fd an rdgram socket, whoever made it? */
bool is_rdgram(int fd);

/* @fd was just made. */
void open_add(int fd);

/* @fd is about to be closed. */
void open_drop(int fd);

/*
 * The following do nothing where @fd is not open. False: errno says why a UDP socket
 * could not take its place.
 */
bool open_to_local(int fd, const struct sockaddr *a, socklen_t len);
bool open_to_remote(int fd, const struct sockaddr *a, socklen_t len);

/* An option is about to be set: it becomes a UDP socket if that joins a group. */
bool open_joins(int fd, int level, int name);

/* An option was set. */
void open_option(int fd, int level, int name, const void *value, socklen_t len);

/* epoll_ctl(2) was called. */
void open_epoll(int fd, int ep, int op, const struct epoll_event *event);

#endif /* OPEN_H */
