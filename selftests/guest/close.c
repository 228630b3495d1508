// SPDX-License-Identifier: GPL-2.0-only
/*
 * close() drops nothing that was accepted, nor does being killed; SO_LINGER
 * waits, or aborts.
 *
 * timeout: 300
 */
#include <signal.h>
#include <sys/wait.h>

#include "kselftest_harness.h"
#include "counter.h"
#include "flow.h"
#include "hosts.h"
#include "message.h"
#include "sock.h"
#include "worker.h"

RDGRAM_ONLY;

#define MESSAGES	1000
#define SIZE		1049	/* more than a megabyte in all */
#define PORT		7000
#define CUT		"loss 100%"
#define PATH		"delay 1ms loss 2%"

FIXTURE(close) {
	struct hosts hosts;
	int sender, receiver;
	struct flow flow;
};

FIXTURE_VARIANT(close) {
	int family;
};

FIXTURE_VARIANT_ADD(close, v4) { .family = AF_INET };
FIXTURE_VARIANT_ADD(close, v6) { .family = AF_INET6 };

static size_t fixed_len(u64 sender, u64 index)
{
	(void)sender;
	(void)index;
	return SIZE;
}

FIXTURE_SETUP(close)
{
	hosts_open(&self->hosts, PATH);
	self->sender = hosts_socket(&self->hosts, 0, variant->family, FLOW_PORT);
	self->receiver = hosts_socket(&self->hosts, 1, variant->family, PORT);
	self->flow = (struct flow){
		.fd = self->sender,
		.to = hosts_addr(1, variant->family, PORT),
		.count = MESSAGES,
		.len = fixed_len,
	};
	/* Room for everything, so that no call waits. */
	sock_set(self->sender, SO_SNDBUFFORCE, 8 * 1024 * 1024);
}

FIXTURE_TEARDOWN(close)
{
	close(self->receiver);
}

/* All that was sent arrives, and nothing else. */
static bool all_arrives(int fd)
{
	struct flow_check check = { .len = fixed_len };

	return flow_receive(fd, &check, MESSAGES) && flow_nothing_more(fd);
}

/* Not one packet can leave before the socket is closed. */
TEST_F_TIMEOUT(close, with_a_megabyte_unsent, 50)
{
	hosts_set_path(&self->hosts, 0, CUT);
	ASSERT_TRUE(flow_send(&self->flow));
	ASSERT_EQ(0, close(self->sender));
	hosts_set_path(&self->hosts, 0, PATH);
	EXPECT_TRUE(all_arrives(self->receiver));
}

/* In mid-stream: some is delivered, some on its way, some waits. */
TEST_F_TIMEOUT(close, in_mid_stream, 50)
{
	ASSERT_TRUE(flow_send(&self->flow));
	ASSERT_EQ(0, close(self->sender));
	EXPECT_TRUE(all_arrives(self->receiver));
}

static bool send_and_die(void *arg)
{
	if (flow_send(arg))
		raise(SIGKILL);
	return false;
}

TEST_F_TIMEOUT(close, by_sigkill, 50)
{
	pid_t sender;
	int status;

	hosts_set_path(&self->hosts, 0, CUT);
	sender = worker_start(send_and_die, &self->flow);
	/* The child's is then the last hand that holds it. */
	ASSERT_EQ(0, close(self->sender));
	ASSERT_EQ(sender, waitpid(sender, &status, 0));
	ASSERT_TRUE(WIFSIGNALED(status));
	hosts_set_path(&self->hosts, 0, PATH);
	EXPECT_TRUE(all_arrives(self->receiver));
}

/*
 * The messages of the closed socket, and message number MESSAGES of the one
 * that followed it on its port. Neither was heard of before the other, so that
 * they may come in either order.
 */
static bool two_lives_arrive(int fd)
{
	struct flow_check check = { .len = fixed_len };
	u8 message[SIZE + 1];
	struct addr from;
	bool new_life = false, good = true;

	while (good && !(new_life && check.received == MESSAGES)) {
		if (sock_recvfrom(fd, message, sizeof(message), 0, &from) != SIZE)
			return false;
		if (!new_life && message_index(message) == MESSAGES)
			new_life = message_check(message, SIZE, 0, MESSAGES);
		else
			good = flow_take(&check, message, SIZE, &from);
	}
	return good && flow_nothing_more(fd);
}

/* The port is free although its old owner still sends. */
TEST_F_TIMEOUT(close, frees_the_port, 50)
{
	struct flow more = self->flow;

	hosts_set_path(&self->hosts, 0, CUT);
	ASSERT_TRUE(flow_send(&self->flow));
	ASSERT_EQ(0, close(self->sender));
	more.fd = hosts_socket(&self->hosts, 0, variant->family, FLOW_PORT);
	more.first = MESSAGES;
	more.count = 1;
	ASSERT_TRUE(flow_send(&more));
	hosts_set_path(&self->hosts, 0, PATH);
	EXPECT_TRUE(two_lives_arrive(self->receiver));
	EXPECT_EQ(0, close(more.fd));
}

/* However it was closed, and whatever it still had: the port is free at once. */
TEST_F_TIMEOUT(close, bind_again_at_once, 50)
{
	const struct addr local = hosts_addr(0, variant->family, FLOW_PORT);
	struct flow some = self->flow;

	hosts_enter(&self->hosts, 0);
	some.count = 3;
	for (int i = 0; i < 60; i++) {
		if (i % 3 == 0)
			sock_set_linger(self->sender, 0);
		/* What is for nobody is aborted: else it would be tried for a minute. */
		some.to = hosts_addr(1, variant->family, i % 3 ? PORT : PORT + 1);
		ASSERT_TRUE(flow_send(&some));
		ASSERT_EQ(0, close(self->sender));
		self->sender = sock_new(variant->family);
		some.fd = self->sender;
		ASSERT_EQ(0, bind(self->sender, &local.sa, local.len));
	}
	sock_set_linger(self->sender, 0);
	EXPECT_EQ(0, close(self->sender));
}

TEST_F_TIMEOUT(close, linger_waits_until_delivered, 50)
{
	u8 message[SIZE];

	/* Few enough for the receiver to take them unread. */
	self->flow.count = 40;
	sock_set_linger(self->sender, 40);
	ASSERT_TRUE(flow_send(&self->flow));
	ASSERT_EQ(0, close(self->sender));
	for (int i = 0; i < 40; i++)
		ASSERT_EQ(SIZE, recv(self->receiver, message, SIZE, MSG_DONTWAIT));
	EXPECT_TRUE(flow_nothing_more(self->receiver));
}

TEST_F_TIMEOUT(close, linger_0_aborts, 50)
{
	const struct addr from = hosts_addr(0, variant->family, FLOW_PORT);
	struct flow more = self->flow;
	u8 message[SIZE];

	hosts_set_path(&self->hosts, 0, CUT);
	sock_set_linger(self->sender, 0);
	ASSERT_TRUE(flow_send(&self->flow));
	ASSERT_EQ(0, close(self->sender));
	hosts_set_path(&self->hosts, 0, PATH);
	/* None of these comes: the first that does is the next socket's. */
	hosts_enter(&self->hosts, 0);
	more.fd = sock_bound(&from, NULL);
	more.first = MESSAGES;
	more.count = 1;
	ASSERT_TRUE(flow_send(&more));
	ASSERT_EQ(SIZE, recv(self->receiver, message, SIZE, 0));
	EXPECT_EQ(MESSAGES, message_index(message));
	EXPECT_EQ(0, close(more.fd));
}

FIXTURE(successors) {
	int nobody;
};

FIXTURE_SETUP(successors)
{
	const struct addr at = addr_loopback(AF_INET, PORT);

	net_isolate();
	/* Something is there, but speaks another protocol, and never. */
	self->nobody = socket(AF_INET, SOCK_DGRAM, 0);
	ASSERT_EQ(0, bind(self->nobody, &at.sa, at.len));
}

FIXTURE_TEARDOWN(successors)
{
	close(self->nobody);
}

/* What so many leave behind, all from one port to one address, waits; what others leave after
 * them does not.
 */
TEST_F_TIMEOUT(successors, are_not_too_many, 100)
{
	enum { MOST = 1024, MORE = 50 };
	const struct addr to = addr_loopback(AF_INET, PORT);
	struct addr from = addr_loopback(AF_INET, FLOW_PORT);
	/* They would be there for a minute else, and keep the module. Longer than all of this. */
	const u32 timeout = slow_factor() > 1 ? 60000 : 30000;
	int fd;

	for (int i = 0; i < MOST + MORE; i++) {
		fd = sock_bound(&from, NULL);
		ASSERT_EQ(0, setsockopt(fd, SOL_RDGRAM, RDGRAM_USER_TIMEOUT, &timeout,
					sizeof(timeout)));
		ASSERT_EQ(1, sock_sendto(fd, "x", 1, 0, &to));
		ASSERT_EQ(0, close(fd));
	}
	EXPECT_EQ(MOST, counter_ours("orphan_peers"));
	EXPECT_EQ(MORE, counter_ours("orphans"));
	/* From another port there is room. */
	from = addr_loopback(AF_INET, FLOW_PORT + 1);
	fd = sock_bound(&from, NULL);
	ASSERT_EQ(1, sock_sendto(fd, "x", 1, 0, &to));
	ASSERT_EQ(0, close(fd));
	EXPECT_EQ(MOST + 1, counter_ours("orphan_peers"));
	EXPECT_EQ(MORE, counter_ours("orphans"));
}

TEST_HARNESS_MAIN
