// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory accounting: what is charged is given back, and what is queued is
 * charged.
 *
 * timeout: 300
 */
#include <linux/sock_diag.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>

#include "kselftest_harness.h"
#include "limit.h"
#include "message.h"
#include "shell.h"
#include "sock.h"

RDGRAM_ONLY;

FIXTURE(memory) {
	int a, b;
	struct addr addr_b;
	u8 *message;
};

FIXTURE_VARIANT(memory) {
	int family;
};

FIXTURE_VARIANT_ADD(memory, v4) { .family = AF_INET };
FIXTURE_VARIANT_ADD(memory, v6) { .family = AF_INET6 };

FIXTURE_SETUP(memory)
{
	net_isolate();
	self->a = sock_on_loopback(variant->family, NULL);
	self->b = sock_on_loopback(variant->family, &self->addr_b);
	sock_connect(self->a, &self->addr_b);
	self->message = calloc(1, MESSAGE_MAX);
}

FIXTURE_TEARDOWN(memory)
{
	/* What its peer never took a closed socket would go on offering. */
	sock_set_linger(self->a, 0);
	free(self->message);
	close(self->a);
	close(self->b);
}

static u32 meminfo(int fd, int what)
{
	u32 values[SK_MEMINFO_VARS] = { };
	socklen_t len = sizeof(values);

	if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, values, &len))
		abort();
	return values[what];
}

/* The last packets and their memory are given back a moment after they are used. */
static void await_zero(int fd)
{
	while (sock_queued(fd, SIOCOUTQ) || meminfo(fd, SK_MEMINFO_RMEM_ALLOC) ||
	       meminfo(fd, SK_MEMINFO_WMEM_ALLOC) || meminfo(fd, SK_MEMINFO_WMEM_QUEUED))
		poll(NULL, 0, 1);
}

TEST_F(memory, all_returned_when_all_is_read)
{
	const size_t sizes[] = { 0, 1, 100, 1200, 5000, 65536, 300000, MESSAGE_MAX };

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		ASSERT_EQ(sizes[i], send(self->a, self->message, sizes[i], 0));
		ASSERT_EQ(sizes[i], recv(self->b, self->message, MESSAGE_MAX, 0));
	}
	sock_wait_settled(self->a);
	await_zero(self->a);
	await_zero(self->b);
	EXPECT_EQ(0, sock_queued(self->b, SIOCINQ));
}

TEST_F(memory, unread_is_charged)
{
	for (int i = 0; i < 10; i++)
		ASSERT_EQ(1000, send(self->a, self->message, 1000, 0));
	sock_wait_settled(self->a);
	EXPECT_LE(10 * 1000, meminfo(self->b, SK_MEMINFO_RMEM_ALLOC));
	EXPECT_EQ(1000, sock_queued(self->b, SIOCINQ));
	for (int i = 0; i < 10; i++)
		ASSERT_EQ(1000, recv(self->b, self->message, 1000, 0));
	await_zero(self->b);
}

TEST_F(memory, unsent_is_charged)
{
	int sent = 0;

	while (send(self->a, self->message, 1000, MSG_DONTWAIT) == 1000)
		sent++;
	ASSERT_EQ(EAGAIN, errno);
	EXPECT_LT(0, sock_queued(self->a, SIOCOUTQ));
	for (int i = 0; i < sent; i++)
		ASSERT_EQ(1000, recv(self->b, self->message, 1000, 0));
	sock_wait_settled(self->a);
	await_zero(self->a);
	await_zero(self->b);
}

/* The largest packets that a link of this namespace has found to pass. */
static u32 largest_mtu(void)
{
	FILE *f = fopen("/proc/thread-self/net/rdgram", "r");
	char row[256];
	u32 mtu, largest = 0;

	if (!f)
		abort();
	while (fgets(row, sizeof(row), f))
		if (sscanf(row, "%*s %*s %*s %*s %*s %*s %*s %*s %u", &mtu) == 1 && mtu > largest)
			largest = mtu;
	fclose(f);
	return largest;
}

/* One byte that is left of a packet keeps all of it, and that is charged. */
TEST_F(memory, what_is_left_is_charged)
{
	const u32 large = 20000;

	while (largest_mtu() < 2 * large) {
		ASSERT_EQ(1000, send(self->a, self->message, 1000, 0));
		ASSERT_EQ(1000, recv(self->b, self->message, 1000, 0));
		poll(NULL, 0, 1);
	}
	sock_wait_settled(self->a);
	ASSERT_EQ(large, send(self->a, self->message, large, MSG_MORE));
	ASSERT_EQ(1, send(self->a, self->message, 1, 0));
	sock_wait_settled(self->a);
	ASSERT_EQ(large, recv(self->b, self->message, MESSAGE_MAX, 0));
	EXPECT_LE(large, meminfo(self->b, SK_MEMINFO_RMEM_ALLOC));
	ASSERT_EQ(1, recv(self->b, self->message, MESSAGE_MAX, 0));
	await_zero(self->b);
	/* Alone it does not. */
	ASSERT_EQ(1, send(self->a, self->message, 1, 0));
	sock_wait_settled(self->a);
	EXPECT_GE(4096, meminfo(self->b, SK_MEMINFO_RMEM_ALLOC));
	ASSERT_EQ(1, recv(self->b, self->message, MESSAGE_MAX, 0));
}

/* The buffer of a receiver that does not read bounds what it holds. */
TEST_F(memory, receive_buffer_is_a_limit)
{
	u32 rcvbuf = sock_get(self->b, SO_RCVBUF);

	while (send(self->a, self->message, 200, MSG_DONTWAIT) == 200)
		;
	ASSERT_EQ(EAGAIN, errno);
	/* As far as it goes. */
	while (meminfo(self->b, SK_MEMINFO_RMEM_ALLOC) < rcvbuf / 16)
		poll(NULL, 0, 1);
	/* One message may stand over the limit, and a packet's worth of slack. */
	for (int i = 0; i < 50; i++) {
		EXPECT_GE(rcvbuf + 65536, meminfo(self->b, SK_MEMINFO_RMEM_ALLOC));
		poll(NULL, 0, 10);
	}
}

/* What all sockets together may have (net.rdgram.mem), which is the machine's. */
FIXTURE(memory_of_all) {
	struct limit limit;
};

FIXTURE_SETUP(memory_of_all)
{
	if (!limit_open(&self->limit))
		SKIP(_exit(255), "is the first network namespace's to set");
	net_isolate();
}

FIXTURE_TEARDOWN(memory_of_all)
{
	limit_close(&self->limit);
}

/* They may have more than that already: the next message of one peer at a time comes all the same,
 * or nothing would ever be given back.
 */
TEST_F(memory_of_all, next_message_comes)
{
	static u8 message[50000], got[sizeof(message)];
	const int a = sock_on_loopback(AF_INET, NULL);
	struct addr to;
	const int b = sock_on_loopback(AF_INET, &to);

	message_make(message, sizeof(message), 0, 0);
	shell("tc qdisc add dev lo root netem delay 20ms limit 10000");
	for (int i = 0; i < 3; i++)
		ASSERT_EQ(sizeof(message), sock_sendto(a, message, sizeof(message), 0, &to));
	limit_set(&self->limit, "0 0 0");
	for (int i = 0; i < 3; i++) {
		memset(got, 0, sizeof(got));
		ASSERT_EQ(sizeof(got), recv(b, got, sizeof(got), 0));
		ASSERT_EQ(0, memcmp(got, message, sizeof(got)));
	}
	sock_wait_settled(a);
	close(a);
	close(b);
}

/* Sockets that have sent and received, and do neither now, keep it from nobody. */
TEST_F(memory_of_all, is_not_for_the_idle)
{
	enum { IDLE = 500, LEN = 20000 };
	static u8 message[LEN];
	struct addr to;
	const int server = sock_on_loopback(AF_INET, &to);
	int fd[IDLE];

	/* 4, 4 and 6 MiB. */
	limit_set_beyond(&self->limit, 1024, 1024, 1536);
	for (int i = 0; i < IDLE; i++) {
		fd[i] = sock_on_loopback(AF_INET, NULL);
		ASSERT_EQ(LEN, sock_sendto(fd[i], message, LEN, MSG_DONTWAIT, &to))
			TH_LOG("socket %d", i);
		ASSERT_EQ(LEN, recv(server, message, LEN, 0));
	}
	for (int i = 0; i < IDLE; i++) {
		sock_wait_settled(fd[i]);
		close(fd[i]);
	}
	close(server);
}

TEST_HARNESS_MAIN
