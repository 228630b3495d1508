// SPDX-License-Identifier: GPL-2.0-only
#include "control.h"

#include <string.h>

ssize_t control_recv(int fd, struct control *c, int flags)
{
	struct iovec iov = { .iov_base = c->payload, .iov_len = sizeof(c->payload) };
	ssize_t n;

	memset(c, 0, sizeof(*c));
	c->msg = (struct msghdr){
		.msg_name = &c->from.sa,
		.msg_namelen = sizeof(c->from.all),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = c->room,
		.msg_controllen = sizeof(c->room),
	};
	n = recvmsg(fd, &c->msg, flags);
	if (n < 0)
		c->msg.msg_controllen = 0;
	c->from.len = c->msg.msg_namelen;
	c->msg.msg_iov = NULL;
	return n;
}

bool control_get(const struct control *c, int level, int type, void *to, size_t len)
{
	struct msghdr msg = c->msg;
	struct cmsghdr *head;

	for (head = CMSG_FIRSTHDR(&msg); head; head = CMSG_NXTHDR(&msg, head)) {
		if (head->cmsg_level != level || head->cmsg_type != type)
			continue;
		if (head->cmsg_len != CMSG_LEN(len))
			return false;
		memcpy(to, CMSG_DATA(head), len);
		return true;
	}
	return false;
}

int control_get_int(const struct control *c, int level, int type)
{
	int value;

	return control_get(c, level, type, &value, sizeof(value)) ? value : -1;
}

ssize_t control_send(int fd, char byte, const struct addr *to, int level, int type,
		     const void *value, size_t len)
{
	union {
		struct cmsghdr head;
		char room[256];
	} control = {
		.head = { .cmsg_len = CMSG_LEN(len), .cmsg_level = level, .cmsg_type = type },
	};
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	const struct msghdr msg = {
		.msg_name = to ? (void *)&to->sa : NULL,
		.msg_namelen = to ? to->len : 0,
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = CMSG_SPACE(len),
	};

	memcpy(CMSG_DATA(&control.head), value, len);
	return sendmsg(fd, &msg, MSG_NOSIGNAL);
}
