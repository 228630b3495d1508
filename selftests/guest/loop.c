// SPDX-License-Identifier: GPL-2.0-only
/*
 * A classifier of tc's on the device takes packets that leave for packets that come in: they
 * are input deep in the call that sends them, and so is what they draw.
 *
 * modules: sch_ingress cls_matchall act_mirred
 */
#include "kselftest_harness.h"
#include "klog.h"
#include "message.h"
#include "shell.h"
#include "sock.h"

RDGRAM_ONLY;

#define PORT		7300
#define MESSAGES	30
#define LARGE		300000	/* acks draw more of it */

FIXTURE(loop) {
	int a, b, klog;
	struct addr addr_a, addr_b;
};

FIXTURE_VARIANT(loop) {
	int family;
};

FIXTURE_VARIANT_ADD(loop, v4) { .family = AF_INET };
FIXTURE_VARIANT_ADD(loop, v6) { .family = AF_INET6 };

FIXTURE_SETUP(loop)
{
	net_isolate();
	/* They come in as from outside, and would not be taken. */
	shell("echo 1 >/proc/sys/net/ipv4/conf/lo/route_localnet");
	shell("echo 1 >/proc/sys/net/ipv4/conf/lo/accept_local");
	shell("tc qdisc add dev lo clsact");
	shell("tc filter add dev lo egress matchall action mirred ingress redirect dev lo");
	self->klog = klog_open();
	self->a = sock_on_loopback(variant->family, &self->addr_a);
	self->b = sock_on_loopback(variant->family, &self->addr_b);
}

FIXTURE_TEARDOWN(loop)
{
	close(self->a);
	close(self->b);
	EXPECT_TRUE(klog_silent(self->klog));
	close(self->klog);
}

static void pass(struct __test_metadata *_metadata, int from, int to, const struct addr *addr,
		 size_t len, u64 i)
{
	static u8 sent[LARGE], got[LARGE];

	message_make(sent, len, 0, i);
	ASSERT_EQ(len, sock_sendto(from, sent, len, 0, addr));
	ASSERT_EQ(len, recv(to, got, sizeof(got), 0));
	ASSERT_EQ(0, memcmp(sent, got, len));
}

TEST_F(loop, all_arrives)
{
	for (u64 i = 0; i < MESSAGES; i++) {
		const size_t len = i % 3 ? LARGE : MESSAGE_HEADER;

		pass(_metadata, self->a, self->b, &self->addr_b, len, i);
		pass(_metadata, self->b, self->a, &self->addr_a, len, i);
	}
	sock_wait_settled(self->a);
	sock_wait_settled(self->b);
}

/* Nobody is there yet: it is the timer that asks once more. */
TEST_F(loop, asked_by_the_timer)
{
	const struct addr to = addr_loopback(variant->family, PORT);
	char byte = 0;
	int late;

	ASSERT_EQ(1, sock_sendto(self->a, "x", 1, 0, &to));
	late = sock_bound(&to, NULL);
	EXPECT_EQ(1, recv(late, &byte, 1, 0));
	EXPECT_EQ('x', byte);
	close(late);
}

TEST_HARNESS_MAIN
