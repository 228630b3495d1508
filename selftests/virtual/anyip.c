// SPDX-License-Identifier: GPL-2.0-only
/*
 * One that sends to as many of our addresses as it likes: all of its peers may be looked at for
 * each packet from there, and a socket has no more of them than a limit.
 *
 * timeout: 300
 */
#include <poll.h>

#include "kselftest_harness.h"
#include "counter.h"
#include "sock.h"

RDGRAM_ONLY;

#define PORT	7000
#define MOST	4096	/* RDG_PEERS_AT */

/* Any of 127.0.0.0/8 is ours. */
static struct addr nth(u32 n)
{
	return addr_nth("127.1.0.0", PORT, n);
}

FIXTURE(anyip) {
};

FIXTURE_SETUP(anyip)
{
	net_isolate();
}

FIXTURE_TEARDOWN(anyip)
{
}

TEST_F_TIMEOUT(anyip, limit_for_one_address, 1000)
{
	struct addr any = addr_any(AF_INET, PORT), to;
	int client, another, server;
	u64 refused;
	char got;

	client = sock_on_loopback(AF_INET, NULL);
	another = sock_on_loopback(AF_INET, NULL);
	server = sock_bound(&any, NULL);
	refused = counter_ours("no_peer");
	for (u32 i = 0; i < MOST; i++) {
		to = nth(i);
		ASSERT_EQ(1, sock_sendto(client, "?", 1, 0, &to));
		ASSERT_EQ(1, recv(server, &got, 1, 0));
	}
	EXPECT_EQ(refused, counter_ours("no_peer"));
	to = nth(MOST);
	ASSERT_EQ(1, sock_sendto(client, "?", 1, 0, &to));
	while (counter_ours("no_peer") == refused)
		poll(NULL, 0, 10);
	EXPECT_EQ(-1, recv(server, &got, 1, MSG_DONTWAIT));
	/* That is for itself alone. */
	ASSERT_EQ(1, sock_sendto(another, "?", 1, 0, &to));
	ASSERT_EQ(1, recv(server, &got, 1, 0));
	sock_set_linger(client, 0);
	close(client);
	close(another);
	close(server);
}

TEST_HARNESS_MAIN
