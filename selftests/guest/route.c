// SPDX-License-Identifier: GPL-2.0-only
/*
 * Routes that are kept, and do not lead to the peer any more, or not yet: the kernel
 * does not say so in each case.
 */
#include "kselftest_harness.h"
#include "shell.h"
#include "sock.h"

RDGRAM_ONLY;

#define PORT	7000

/*
 * An address of ours has a route of its own that makes it one, which comes a little after
 * the address where somebody adds that. Who asked for a route between the two got one by
 * which packets leave, and come back to a host that is no router. A route in one table
 * does not end those that were taken from another: nor is it heard of later.
 */
TEST(address_that_becomes_ours)
{
	const struct addr any = addr_any(AF_INET6, PORT);
	const struct addr to = addr_make(AF_INET6, "fd00::5", PORT);
	int server, client;
	char in[2];

	net_isolate();
	shell("ip address add fd00::1/128 dev lo nodad && ip -6 route add fd00::5/128 dev lo");
	server = sock_bound(&any, NULL);
	client = sock_new(AF_INET6);
	ASSERT_EQ(1, sock_sendto(client, "?", 1, 0, &to));
	shell("ip -6 route add local fd00::5/128 dev lo table local");
	EXPECT_EQ(1, sock_recvfrom(server, in, sizeof(in), 0, NULL));
	close(client);
	close(server);
}

TEST_HARNESS_MAIN
