// SPDX-License-Identifier: GPL-2.0-only
#include "flow.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "sock.h"

static bool send_one(const struct flow *f, const u8 *message, size_t len)
{
	ssize_t n;

	do {
		n = sock_sendto(f->fd, message, len, 0, &f->to);
	} while (n < 0 && errno == ENOBUFS && f->patient && !poll(NULL, 0, 10));
	return n == (ssize_t)len;
}

bool flow_send(const struct flow *f)
{
	u8 *message = malloc(MESSAGE_MAX);
	bool good = true;
	size_t len;

	for (u64 i = f->first; good && i < f->first + f->count; i++) {
		len = f->len(f->sender, i);
		message_make(message, len, f->sender, i);
		good = send_one(f, message, len);
		if (!good)
			printf("# sender %llu: message %llu of %zu bytes: %s\n", f->sender, i, len,
			       strerror(errno));
	}
	free(message);
	return good;
}

static void complain(const struct flow_check *c, const void *message, size_t len, u64 sender)
{
	printf("# wanted message %llu of sender %llu (%zu bytes), got %zu bytes",
	       c->next[sender], sender, c->len(sender, c->next[sender]), len);
	if (len >= MESSAGE_HEADER)
		printf(", which say: message %llu of sender %llu", message_index(message),
		       message_sender(message));
	printf("\n");
}

bool flow_take(struct flow_check *c, const void *message, size_t len, const struct addr *from)
{
	u64 sender = addr_port(from) - FLOW_PORT;

	if (sender >= FLOW_SENDERS) {
		printf("# a message of %zu bytes from port %u\n", len, addr_port(from));
		return false;
	}
	if (len != c->len(sender, c->next[sender]) ||
	    !message_check(message, len, sender, c->next[sender])) {
		complain(c, message, len, sender);
		return false;
	}
	c->next[sender]++;
	c->received++;
	return true;
}

bool flow_receive(int fd, struct flow_check *c, u64 total)
{
	u8 *message = malloc(MESSAGE_MAX);
	struct addr from;
	bool good = true;
	ssize_t len;

	while (good && c->received < total) {
		len = sock_recvfrom(fd, message, MESSAGE_MAX, 0, &from);
		if (len < 0)
			printf("# recvfrom: %s\n", strerror(errno));
		good = len >= 0 && flow_take(c, message, len, &from);
	}
	free(message);
	return good;
}

bool flow_nothing_more(int fd)
{
	struct addr from;
	u8 byte;
	ssize_t len = sock_recvfrom(fd, &byte, 1, MSG_DONTWAIT | MSG_TRUNC, &from);

	if (len >= 0)
		printf("# one message too many: %zd bytes from port %u\n", len, addr_port(&from));
	return len < 0 && errno == EAGAIN;
}
