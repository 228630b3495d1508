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

ssize_t control_send_from(int fd, const void *message, size_t len, const struct addr *to,
			  const struct addr *from)
{
	const bool v4 = to->sa.sa_family == AF_INET;
	const struct in_pktinfo info4 = { .ipi_spec_dst = from->v4.sin_addr };
	const struct in6_pktinfo info6 = { .ipi6_addr = from->v6.sin6_addr };
	char room[CMSG_SPACE(sizeof(info6))] = {};
	struct iovec iov = { .iov_base = (void *)message, .iov_len = len };
	struct msghdr msg = {
		.msg_name = (void *)&to->sa, .msg_namelen = to->len, .msg_iov = &iov,
		.msg_iovlen = 1, .msg_control = room,
		.msg_controllen = CMSG_SPACE(v4 ? sizeof(info4) : sizeof(info6)),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = v4 ? IPPROTO_IP : IPPROTO_IPV6;
	c->cmsg_type = v4 ? IP_PKTINFO : IPV6_PKTINFO;
	c->cmsg_len = CMSG_LEN(v4 ? sizeof(info4) : sizeof(info6));
	memcpy(CMSG_DATA(c), v4 ? (const void *)&info4 : &info6,
	       v4 ? sizeof(info4) : sizeof(info6));
	return sendmsg(fd, &msg, MSG_NOSIGNAL);
}
