// SPDX-License-Identifier: GPL-2.0-only
/*
 * Many to one, and one to many.
 *
 * timeout: 400
 */
#include <poll.h>

#include "kselftest_harness.h"
#include "flow.h"
#include "hosts.h"
#include "message.h"
#include "sock.h"
#include "worker.h"

#define MANY		16
#define MESSAGES	500
#define PORT		7000

FIXTURE(fan) {
	struct hosts hosts;
	int one;
	int many[MANY];
	struct flow flows[MANY];
};

FIXTURE_VARIANT(fan) {
	int family;
	const char *path;
};

FIXTURE_VARIANT_ADD(fan, v4) { .family = AF_INET };
FIXTURE_VARIANT_ADD(fan, v6) { .family = AF_INET6 };
FIXTURE_VARIANT_ADD(fan, v4_lossy) { .family = AF_INET, .path = "delay 1ms loss 3% duplicate 3%" };

FIXTURE_SETUP(fan)
{
	hosts_open(&self->hosts, variant->path);
}

FIXTURE_TEARDOWN(fan)
{
	close(self->one);
	for (int i = 0; i < MANY; i++)
		close(self->many[i]);
}

static bool send_all(void *arg)
{
	return flow_send(arg);
}

TEST_F_TIMEOUT(fan, many_to_one, 90)
{
	struct flow_check check = { .len = message_mixed_len };
	pid_t senders[MANY];

	self->one = hosts_socket(&self->hosts, 1, variant->family, PORT);
	for (int i = 0; i < MANY; i++) {
		self->many[i] = hosts_socket(&self->hosts, 0, variant->family, FLOW_PORT + i);
		self->flows[i] = (struct flow){
			.fd = self->many[i],
			.to = hosts_addr(1, variant->family, PORT),
			.sender = i,
			.count = MESSAGES,
			.len = message_mixed_len,
		};
	}
	for (int i = 0; i < MANY; i++)
		senders[i] = worker_start(send_all, &self->flows[i]);
	EXPECT_TRUE(flow_receive(self->one, &check, MANY * MESSAGES));
	for (int i = 0; i < MANY; i++) {
		EXPECT_TRUE(worker_join(senders[i]));
		EXPECT_EQ(MESSAGES, check.next[i]);
	}
	EXPECT_TRUE(flow_nothing_more(self->one));
}

static bool receive_all(void *arg)
{
	struct flow_check check = { .len = message_mixed_len };
	const int *fd = arg;

	return flow_receive(*fd, &check, MESSAGES) && flow_nothing_more(*fd);
}

TEST_F_TIMEOUT(fan, one_to_many, 90)
{
	static u8 message[MESSAGE_MAX];
	pid_t receivers[MANY];
	struct addr to;
	size_t len;

	self->one = hosts_socket(&self->hosts, 0, variant->family, FLOW_PORT);
	for (int i = 0; i < MANY; i++) {
		self->many[i] = hosts_socket(&self->hosts, 1, variant->family, PORT + i);
		receivers[i] = worker_start(receive_all, &self->many[i]);
	}
	for (int m = 0; m < MESSAGES; m++) {
		len = message_mixed_len(0, m);
		message_make(message, len, 0, m);
		for (int i = 0; i < MANY; i++) {
			to = hosts_addr(1, variant->family, PORT + i);
			ASSERT_EQ(len, sock_sendto(self->one, message, len, 0, &to));
		}
	}
	for (int i = 0; i < MANY; i++)
		EXPECT_TRUE(worker_join(receivers[i]));
}

TEST_HARNESS_MAIN
