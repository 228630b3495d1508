// SPDX-License-Identifier: GPL-2.0-only
/*
 * The largest messages, on a path that loses packets, into a receive buffer that has
 * room for many: what came of the later ones must not keep the next one out.
 *
 * timeout: 300
 */
#include "kselftest_harness.h"
#include "flow.h"
#include "hosts.h"
#include "message.h"
#include "shell.h"
#include "sock.h"
#include "worker.h"

RDGRAM_ONLY;

#define MESSAGES	60
#define PORT		7000

static size_t largest(u64 sender, u64 index)
{
	return sender + index < FLOW_SENDERS + MESSAGES ? MESSAGE_MAX : 0;
}

static bool send_all(void *arg)
{
	return flow_send(arg);
}

static void enlarge(int fd, int size)
{
	sock_set(fd, SO_RCVBUFFORCE, size);
	sock_set(fd, SO_SNDBUFFORCE, size);
}

FIXTURE(large) {
	struct hosts hosts;
};

FIXTURE_VARIANT(large) {
	int buffer;	/* twice as much is set, see socket(7) */
};

/* More than one peer may have in pieces, and more than the protocol may have in all. */
FIXTURE_VARIANT_ADD(large, buffer) { .buffer = 6 << 20 };
FIXTURE_VARIANT_ADD(large, memory) { .buffer = 16 << 20 };

FIXTURE_SETUP(large)
{
	hosts_open(&self->hosts, "delay 20ms loss 3% limit 100000");
}

FIXTURE_TEARDOWN(large)
{
}

TEST_F_TIMEOUT(large, all_of_them_arrive, 1000)
{
	static const char bbr[] = "bbr";
	struct flow_check check = { .len = largest };
	struct flow flow = { .count = MESSAGES, .len = largest, .patient = true };
	int receiver;
	pid_t sender;

	flow.fd = hosts_socket(&self->hosts, 0, AF_INET, FLOW_PORT);
	flow.to = hosts_addr(1, AF_INET, PORT);
	receiver = hosts_socket(&self->hosts, 1, AF_INET, PORT);
	enlarge(flow.fd, variant->buffer);
	enlarge(receiver, variant->buffer);
	/* It fills the window in spite of the losses. */
	ASSERT_EQ(0, setsockopt(flow.fd, SOL_RDGRAM, RDGRAM_CONGESTION, bbr, sizeof(bbr)));
	sender = worker_start(send_all, &flow);
	ASSERT_TRUE(flow_receive(receiver, &check, MESSAGES));
	EXPECT_TRUE(worker_join(sender));
}

static bool send_ten(void *arg)
{
	static u8 message[70000];
	const struct flow *flow = arg;

	for (int i = 0; i < 10; i++)
		if (sock_sendto(flow->fd, message, sizeof(message), 0, &flow->to) < 0)
			return false;
	return true;
}

/* Each is more than a new peer has credit for, and little beside what the buffer has grown
 * to: that it was read is told all the same, by a reader who waits for the next one.
 */
TEST(of_a_new_peer)
{
	static u8 message[MESSAGE_MAX];
	struct flow_check check = { .len = largest };
	struct flow flow = { .count = MESSAGES / 3, .len = largest };
	struct hosts hosts;
	pid_t sender;
	int receiver;

	hosts_open(&hosts, "delay 20ms limit 100000");
	flow.fd = hosts_socket(&hosts, 0, AF_INET, FLOW_PORT);
	flow.to = hosts_addr(1, AF_INET, PORT);
	receiver = hosts_socket(&hosts, 1, AF_INET, PORT);
	sender = worker_start(send_all, &flow);
	ASSERT_TRUE(flow_receive(receiver, &check, flow.count));
	EXPECT_TRUE(worker_join(sender));
	EXPECT_LT(1000000, sock_get(receiver, SO_RCVBUF));
	flow.fd = hosts_socket(&hosts, 0, AF_INET, FLOW_PORT + 1);
	sock_set_timeout(receiver, SO_RCVTIMEO, 20000);
	sender = worker_start(send_ten, &flow);
	for (int i = 0; i < 10; i++)
		ASSERT_EQ(70000, recv(receiver, message, sizeof(message), 0));
	EXPECT_TRUE(worker_join(sender));
}

/* In the smallest packets that there are, each in a buffer of its own: they take several
 * times the memory of what is in them, and more than the buffer has.
 */
TEST(by_a_narrow_path)
{
	struct flow_check check = { .len = largest };
	struct flow flow = { .count = 1, .len = largest };
	struct hosts hosts;
	pid_t sender;
	int receiver;

	hosts_open(&hosts, "delay 5ms limit 100000");
	for (int i = HOSTS - 1; i >= 0; i--) {
		hosts_enter(&hosts, i);
		shell("ip link set eth0 mtu 284");
	}
	flow.fd = hosts_socket(&hosts, 0, AF_INET, FLOW_PORT);
	flow.to = hosts_addr(1, AF_INET, PORT);
	receiver = hosts_socket(&hosts, 1, AF_INET, PORT);
	sock_set_timeout(receiver, SO_RCVTIMEO, 20000);
	sender = worker_start(send_all, &flow);
	ASSERT_TRUE(flow_receive(receiver, &check, 1));
	EXPECT_TRUE(worker_join(sender));
}

TEST_HARNESS_MAIN
