// SPDX-License-Identifier: GPL-2.0-only
/*
 * Twenty thousand messages over a path that loses, doubles, reorders and
 * damages packets: each arrives once, whole, in order.
 *
 * timeout: 600
 */
#include "kselftest_harness.h"
#include "flow.h"
#include "hosts.h"
#include "message.h"
#include "sock.h"
#include "worker.h"

#define MESSAGES	20000
#define PORT		(FLOW_PORT + 1)
#define PATH		"delay 2ms reorder 25% 25% loss 5% duplicate 5% corrupt 1%"

FIXTURE(lossy) {
	struct hosts hosts;
	int sender, receiver;
	struct addr to;
};

FIXTURE_VARIANT(lossy) {
	int family;
};

FIXTURE_VARIANT_ADD(lossy, v4) { .family = AF_INET };
FIXTURE_VARIANT_ADD(lossy, v6) { .family = AF_INET6 };

FIXTURE_SETUP(lossy)
{
	hosts_open(&self->hosts, PATH);
	self->sender = hosts_socket(&self->hosts, 0, variant->family, FLOW_PORT);
	self->receiver = hosts_socket(&self->hosts, 1, variant->family, PORT);
	self->to = hosts_addr(1, variant->family, PORT);
}

FIXTURE_TEARDOWN(lossy)
{
	EXPECT_EQ(0, close(self->sender));
	EXPECT_EQ(0, close(self->receiver));
}

static bool send_all(void *arg)
{
	return flow_send(arg);
}

TEST_F_TIMEOUT(lossy, once_whole_in_order, 140)
{
	struct flow flow = {
		.fd = self->sender,
		.to = self->to,
		.count = MESSAGES,
		.len = message_mixed_len,
	};
	struct flow_check check = { .len = message_mixed_len };
	struct rdgram_stats stats;
	pid_t sender = worker_start(send_all, &flow);

	ASSERT_TRUE(flow_receive(self->receiver, &check, MESSAGES));
	EXPECT_TRUE(worker_join(sender));
	sock_wait_settled(self->sender);
	EXPECT_TRUE(flow_nothing_more(self->receiver));
	sock_stats(self->sender, &stats);
	EXPECT_EQ(MESSAGES, stats.messages_delivered);
	/* Else the path was not what it should be, and this has shown nothing. */
	EXPECT_LT(0, stats.packets_retransmitted);
	sock_stats(self->receiver, &stats);
	EXPECT_EQ(MESSAGES, stats.messages_received);
	EXPECT_LT(0, stats.packets_duplicate);
	/* Damaged packets die of their UDP checksum. */
	EXPECT_EQ(0, stats.packets_malformed);
}

/* The same in both directions at once, so that acknowledgements ride on data. */
TEST_F_TIMEOUT(lossy, both_ways, 140)
{
	const int messages = MESSAGES / 10;
	struct flow there = {
		.fd = self->sender, .to = self->to, .count = messages, .len = message_mixed_len,
	};
	struct flow back = {
		.fd = self->receiver, .to = hosts_addr(0, variant->family, FLOW_PORT),
		.sender = PORT - FLOW_PORT, .count = messages, .len = message_mixed_len,
	};
	struct flow_check check_there = { .len = message_mixed_len };
	struct flow_check check_back = { .len = message_mixed_len };
	pid_t one = worker_start(send_all, &there), two = worker_start(send_all, &back);

	ASSERT_TRUE(flow_receive(self->receiver, &check_there, messages));
	ASSERT_TRUE(flow_receive(self->sender, &check_back, messages));
	EXPECT_TRUE(worker_join(one));
	EXPECT_TRUE(worker_join(two));
	EXPECT_TRUE(flow_nothing_more(self->receiver));
	EXPECT_TRUE(flow_nothing_more(self->sender));
}

TEST_HARNESS_MAIN
