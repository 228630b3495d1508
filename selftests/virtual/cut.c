// SPDX-License-Identifier: GPL-2.0-only
/*
 * The path is cut for a minute in mid-stream, then for an hour: all arrives.
 *
 * timeout: 300
 */
#include <time.h>

#include "kselftest_harness.h"
#include "flow.h"
#include "hosts.h"
#include "message.h"
#include "sock.h"
#include "worker.h"

RDGRAM_ONLY;

#define MESSAGES	5000
#define PORT		7000
#define PATH		"delay 5ms loss 1%"

FIXTURE(cut) {
	struct hosts hosts;
	int sender, receiver;
	struct flow flow;
	struct flow_check check;
};

FIXTURE_VARIANT(cut) {
	int family;
	int seconds;
	u32 user_timeout;	/* of the sender, ms; 0: for ever */
};

FIXTURE_VARIANT_ADD(cut, minute) { .family = AF_INET, .seconds = 60, .user_timeout = 300000 };
FIXTURE_VARIANT_ADD(cut, minute_v6) { .family = AF_INET6, .seconds = 60, .user_timeout = 300000 };
FIXTURE_VARIANT_ADD(cut, hour) { .family = AF_INET, .seconds = 3600 };

FIXTURE_SETUP(cut)
{
	hosts_open(&self->hosts, PATH);
	self->sender = hosts_socket(&self->hosts, 0, variant->family, FLOW_PORT);
	self->receiver = hosts_socket(&self->hosts, 1, variant->family, PORT);
	for (int i = 0; i < 2; i++)
		ASSERT_EQ(0, setsockopt(i ? self->receiver : self->sender, SOL_RDGRAM,
					RDGRAM_USER_TIMEOUT, &variant->user_timeout,
					sizeof(variant->user_timeout)));
	self->flow = (struct flow){
		.fd = self->sender,
		.to = hosts_addr(1, variant->family, PORT),
		.count = MESSAGES,
		.len = message_mixed_len,
	};
	self->check.len = message_mixed_len;
}

FIXTURE_TEARDOWN(cut)
{
	close(self->sender);
	close(self->receiver);
}

static bool send_all(void *arg)
{
	return flow_send(arg);
}

static void pass_time(int seconds)
{
	const struct timespec span = { .tv_sec = seconds };

	nanosleep(&span, NULL);
}

TEST_F_TIMEOUT(cut, mid_stream, 100000)
{
	pid_t sender = worker_start(send_all, &self->flow);

	ASSERT_TRUE(flow_receive(self->receiver, &self->check, MESSAGES / 3));
	hosts_set_both_paths(&self->hosts, "loss 100%");
	pass_time(variant->seconds);
	hosts_set_both_paths(&self->hosts, PATH);
	ASSERT_TRUE(flow_receive(self->receiver, &self->check, MESSAGES));
	EXPECT_TRUE(worker_join(sender));
	sock_wait_settled(self->sender);
	EXPECT_TRUE(flow_nothing_more(self->receiver));
}

/* Before anything was said: the first contact meets a cut path. */
TEST_F_TIMEOUT(cut, first_contact, 100000)
{
	pid_t sender;

	hosts_set_both_paths(&self->hosts, "loss 100%");
	sender = worker_start(send_all, &self->flow);
	pass_time(variant->seconds);
	hosts_set_both_paths(&self->hosts, PATH);
	ASSERT_TRUE(flow_receive(self->receiver, &self->check, MESSAGES));
	EXPECT_TRUE(worker_join(sender));
	EXPECT_TRUE(flow_nothing_more(self->receiver));
}

TEST_HARNESS_MAIN
