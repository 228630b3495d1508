/* SPDX-License-Identifier: GPL-2.0-only */
/* Messages with control messages beside them. */
#ifndef TEST_CONTROL_H
#define TEST_CONTROL_H

#include <sys/types.h>

#include "addr.h"
#include "types.h"

/* A message that was received, with all that came beside it. */
struct control {
	struct addr from;
	char payload[256];
	char room[1024];
	struct msghdr msg;
};

/* As recvmsg(); for control_get(). */
ssize_t control_recv(int fd, struct control *c, int flags);

/* Copies a control message; false: there is none, or it has another length. */
bool control_get(const struct control *c, int level, int type, void *to, size_t len);

/* One whose value is an int, or -1. */
int control_get_int(const struct control *c, int level, int type);

/* As sendmsg() of one byte, with a control message. @to: NULL: connected. */
ssize_t control_send(int fd, char byte, const struct addr *to, int level, int type,
		     const void *value, size_t len);

/* As sendto(), from one of our addresses. */
ssize_t control_send_from(int fd, const void *message, size_t len, const struct addr *to,
			  const struct addr *from);

#endif /* TEST_CONTROL_H */
