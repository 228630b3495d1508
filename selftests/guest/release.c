// SPDX-License-Identifier: GPL-2.0-only
/*
 * No socket outlives its purpose: the module's reference count, one for each
 * socket, comes back to zero. Only this test may use rdgram meanwhile.
 *
 * timeout: 500
 */
#include <poll.h>

#include "kselftest_harness.h"
#include "sock.h"
#include "worker.h"

RDGRAM_ONLY;

#define ROUNDS 800

static int references(void)
{
	FILE *f = fopen("/sys/module/rdgram/refcnt", "r");
	int n = -1;

	if (!f || fscanf(f, "%d", &n) != 1)
		abort();
	fclose(f);
	return n;
}

struct pair {
	int a, b;
	struct addr addr_a;
};

static bool answer_and_close(void *arg)
{
	const struct pair *p = arg;
	char byte;

	close(p->a);
	for (int i = 0; i < 3; i++)
		if (recv(p->b, &byte, 1, 0) != 1 ||
		    sock_sendto(p->b, &byte, 1, 0, &p->addr_a) != 1)
			return false;
	return true;
}

/* Two processes that converse and end at the same moment, each with its socket. */
static bool converse(int family)
{
	struct addr addr_b;
	struct pair p;
	char byte;
	pid_t other;

	p.a = sock_on_loopback(family, &p.addr_a);
	p.b = sock_on_loopback(family, &addr_b);
	other = worker_start(answer_and_close, &p);
	close(p.b);
	for (int i = 0; i < 3; i++)
		if (sock_sendto(p.a, "x", 1, 0, &addr_b) != 1 || recv(p.a, &byte, 1, 0) != 1)
			return false;
	close(p.a);
	return worker_join(other);
}

/* Sockets of earlier tests may have something to deliver, for a minute at most. */
static void await_none(void)
{
	while (references())
		poll(NULL, 0, 10);
}

FIXTURE(release) {
};

FIXTURE_VARIANT(release) {
	int family;
};

FIXTURE_VARIANT_ADD(release, v4) { .family = AF_INET };
FIXTURE_VARIANT_ADD(release, v6) { .family = AF_INET6 };

FIXTURE_SETUP(release)
{
	await_none();
	net_isolate();
}

FIXTURE_TEARDOWN(release)
{
	await_none();
}

TEST_F_TIMEOUT(release, both_close_at_once, 120)
{
	for (int i = 0; i < ROUNDS; i++)
		ASSERT_TRUE(converse(variant->family));
}

/* A long conversation before it, so that every timer has run. */
TEST_F_TIMEOUT(release, after_much_traffic, 120)
{
	static u8 message[1200];
	struct addr addr_b;
	int a, b;

	for (int i = 0; i < 5; i++) {
		a = sock_on_loopback(variant->family, NULL);
		b = sock_on_loopback(variant->family, &addr_b);
		for (int n = 0; n < 1000; n++) {
			ASSERT_EQ(1200, sock_sendto(a, message, 1200, 0, &addr_b));
			ASSERT_EQ(1200, recv(b, message, 1200, 0));
		}
		EXPECT_EQ(0, close(i % 2 ? a : b));
		EXPECT_EQ(0, close(i % 2 ? b : a));
	}
}

TEST_HARNESS_MAIN
