/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Streams of messages (message.h), and the receiver's check that each arrives
 * once, whole, in order. A sender is known by the port it sends from: sender s
 * has port FLOW_PORT + s.
 */
#ifndef TEST_FLOW_H
#define TEST_FLOW_H

#include "addr.h"
#include "types.h"

#define FLOW_PORT	5000
#define FLOW_SENDERS	64

typedef size_t (*flow_len)(u64 sender, u64 index);

struct flow {
	int fd;
	struct addr to;
	u64 sender;
	u64 first, count;
	flow_len len;
	bool patient;	/* waits where net.rdgram.mem is used up, which sendto() does not */
};

/* Blocking sends; false, after saying what failed, if one does. */
bool flow_send(const struct flow *f);

struct flow_check {
	flow_len len;
	u64 next[FLOW_SENDERS];		/* the index of each sender's next message */
	u64 received;			/* in all */
};

/* False, after saying what is wrong, if this is not the next message of its sender. */
bool flow_take(struct flow_check *c, const void *message, size_t len, const struct addr *from);

/* Receive until @total messages have come; false as soon as one is wrong. */
bool flow_receive(int fd, struct flow_check *c, u64 total);

/* True if nothing more is there; otherwise says what is. */
bool flow_nothing_more(int fd);

#endif /* TEST_FLOW_H */
