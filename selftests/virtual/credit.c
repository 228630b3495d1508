// SPDX-License-Identifier: GPL-2.0-only
/*
 * Flow control in virtual time: windows that follow the path and the reader.
 *
 * timeout: 300
 * soak: a minute and a half
 */
#include <time.h>

#include "kselftest_harness.h"
#include "flow.h"
#include "hosts.h"
#include "message.h"
#include "sock.h"
#include "worker.h"

RDGRAM_ONLY;

#define PORT		7000
#define SMALL		1200

static u64 now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000ULL + t.tv_nsec / 1000;
}

static void pass_ms(u64 ms)
{
	const struct timespec span = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&span, NULL);
}

static size_t small_len(u64 sender, u64 index)
{
	(void)sender;
	(void)index;
	return SMALL;
}

FIXTURE(credit) {
	struct hosts hosts;
	int sender, receiver;
	struct flow flow;
	struct flow_check check;
};

FIXTURE_VARIANT(credit) {
	int family;
};

FIXTURE_VARIANT_ADD(credit, v4) { .family = AF_INET };
FIXTURE_VARIANT_ADD(credit, v6) { .family = AF_INET6 };

FIXTURE_SETUP(credit)
{
	hosts_open(&self->hosts, "delay 25ms rate 100mbit");
	self->sender = hosts_socket(&self->hosts, 0, variant->family, FLOW_PORT);
	self->receiver = hosts_socket(&self->hosts, 1, variant->family, PORT);
	self->flow = (struct flow){
		.fd = self->sender,
		.to = hosts_addr(1, variant->family, PORT),
		.count = 20000,
		.len = small_len,
	};
	self->check.len = small_len;
}

FIXTURE_TEARDOWN(credit)
{
	close(self->sender);
	close(self->receiver);
}

static bool send_all(void *arg)
{
	return flow_send(arg);
}

/* 100 Mbit/s and 50 ms there and back: 625 KB on their way, with default buffers. */
TEST_F_TIMEOUT(credit, fills_a_long_path, 100000)
{
	pid_t sender = worker_start(send_all, &self->flow);
	u64 began, rate;

	/* Once it is up to speed. */
	ASSERT_TRUE(flow_receive(self->receiver, &self->check, 8000));
	began = now_us();
	ASSERT_TRUE(flow_receive(self->receiver, &self->check, 20000));
	rate = 12000ULL * SMALL * 1000000 / (now_us() - began);
	ASSERT_TRUE(worker_join(sender));
	printf("# %.2f MB/s of messages; receive buffer %d, send buffer %d bytes\n", rate / 1e6,
	       sock_get(self->receiver, SO_RCVBUF), sock_get(self->sender, SO_SNDBUF));
	/* 12.5 MB/s, less headers of two packets for each message. */
	EXPECT_LE(10500000, (long)rate);
}

/* A size that the user has set is the limit, and nothing is lost by it. */
TEST_F_TIMEOUT(credit, keeps_to_a_size_that_was_set, 100000)
{
	struct rdgram_stats stats;
	u64 began, rate;
	pid_t sender;
	int size;

	sock_set(self->receiver, SO_RCVBUF, 50000);
	size = sock_get(self->receiver, SO_RCVBUF);
	self->flow.count = 3000;
	sender = worker_start(send_all, &self->flow);
	ASSERT_TRUE(flow_receive(self->receiver, &self->check, 1000));
	began = now_us();
	ASSERT_TRUE(flow_receive(self->receiver, &self->check, 3000));
	rate = 2000ULL * SMALL * 1000000 / (now_us() - began);
	ASSERT_TRUE(worker_join(sender));
	sock_stats(self->receiver, &stats);
	printf("# %.2f MB/s of messages; receive buffer %d bytes, %llu packets not admitted\n",
	       rate / 1e6, size, stats.packets_unadmitted);
	EXPECT_EQ(size, sock_get(self->receiver, SO_RCVBUF));
	EXPECT_GE(20ULL * size, rate);
	EXPECT_EQ(0, stats.packets_unadmitted);
}

/* A receiver that stops for a minute, and reads: no more than a round trip. */
TEST_F_TIMEOUT(credit, reopens_without_a_stall, 100000)
{
	struct rdgram_stats before, after;
	pid_t sender;
	u64 n, began;

	self->flow.count = 2000;
	sender = worker_start(send_all, &self->flow);
	for (int round = 0; round < 3; round++) {
		pass_ms(30000);
		sock_stats(self->receiver, &before);
		n = before.messages_received;
		/* It asks, once a second, and no more. */
		pass_ms(10000);
		sock_stats(self->receiver, &after);
		EXPECT_EQ(n, after.messages_received);
		EXPECT_GE(24, after.packets_received - before.packets_received);
		EXPECT_LE(8, after.packets_received - before.packets_received);
		/* All that is there, and then the next one. */
		ASSERT_TRUE(flow_receive(self->receiver, &self->check, n));
		began = now_us();
		ASSERT_TRUE(flow_receive(self->receiver, &self->check, n + 1));
		printf("# %llu messages were there, the next one after %.1f ms\n", n,
		       (now_us() - began) / 1e3);
		EXPECT_GE(52000, now_us() - began);
	}
	ASSERT_TRUE(flow_receive(self->receiver, &self->check, 2000));
	EXPECT_TRUE(worker_join(sender));
}

TEST_HARNESS_MAIN
