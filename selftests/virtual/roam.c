// SPDX-License-Identifier: GPL-2.0-only
/*
 * The address that a host had is gone, and it has another one, as where it comes into another
 * network: its sockets that are bound to none go on, as those of UDP do.
 *
 * timeout: 300
 * coverage: addresses of ours that go
 */
#include <poll.h>

#include "kselftest_harness.h"
#include "hosts.h"
#include "shell.h"
#include "sock.h"

RDGRAM_ONLY;

#define PATH	"delay 5ms"
#define PORT	7000

FIXTURE(roam) {
	struct hosts h;
	int client, server;
	struct addr to, from;	/* the server; the client, as it is seen there */
};

FIXTURE_VARIANT(roam) {
	int family;
	const char *old, *other, *flags;
	const char *all, *one, *router;		/* ours by a route, one of them, where they are */
};

FIXTURE_VARIANT_ADD(roam, v4) {
	.family = AF_INET, .old = "10.77.0.1/24", .other = "10.77.0.11/24", .flags = "",
	.all = "10.78.0.0/16", .one = "10.78.0.5", .router = "10.77.0.1",
};

FIXTURE_VARIANT_ADD(roam, v6) {
	.family = AF_INET6, .old = "fd77::1/64", .other = "fd77::11/64", .flags = "nodad",
	.all = "fd78::/64", .one = "fd78::5", .router = "fd77::1",
};

FIXTURE_SETUP(roam)
{
	hosts_open(&self->h, PATH);
	self->to = hosts_addr(1, variant->family, PORT);
	self->server = hosts_socket(&self->h, 1, variant->family, PORT);
	hosts_enter(&self->h, 0);
	self->client = sock_new(variant->family);
	sock_set_timeout(self->server, SO_RCVTIMEO, 20000);
	sock_set_timeout(self->client, SO_RCVTIMEO, 20000);
}

FIXTURE_TEARDOWN(roam)
{
	close(self->client);
	close(self->server);
}

static bool says(int from, const struct addr *to, int at, char what, struct addr *source)
{
	char got;

	return sock_sendto(from, &what, 1, 0, to) == 1 &&
	       sock_recvfrom(at, &got, 1, 0, source) == 1 && got == what;
}

typedef FIXTURE_VARIANT(roam) roam_variant_t;

static void change_address(const roam_variant_t *v)
{
	shell("ip address del %s dev eth0 && ip address add %s dev eth0 %s", v->old, v->other,
	      v->flags);
}

TEST_F_TIMEOUT(roam, beside_an_idle_link, 1000)
{
	ASSERT_TRUE(says(self->client, &self->to, self->server, '?', &self->from));
	ASSERT_TRUE(says(self->server, &self->from, self->client, '!', NULL));
	/* It ends, and the peer stays. */
	poll(NULL, 0, 60000);
	change_address(variant);
	ASSERT_TRUE(says(self->client, &self->to, self->server, '?', &self->from));
	EXPECT_TRUE(says(self->server, &self->from, self->client, '!', NULL));
}

/* To the other side the link is the one that it has: nothing is lost or comes twice, and the
 * peer has the name that it had.
 */
TEST_F_TIMEOUT(roam, beside_a_link, 1000)
{
	struct rdgram_stats stats;
	struct addr again;

	ASSERT_TRUE(says(self->client, &self->to, self->server, '?', &self->from));
	change_address(variant);
	for (int i = 0; i < 3; i++) {
		ASSERT_TRUE(says(self->client, &self->to, self->server, '?', &again));
		EXPECT_TRUE(addr_equal(&again, &self->from));
		EXPECT_TRUE(says(self->server, &again, self->client, '!', NULL));
	}
	sock_wait_settled(self->client);
	sock_stats(self->client, &stats);
	EXPECT_EQ(4, stats.messages_delivered);
	EXPECT_EQ(1, stats.links_opened);
}

/* What closed sockets of one port have left, each before the next one's, by addresses that
 * change meanwhile: whoever is last has his turn when all of them have given up.
 */
TEST_F_TIMEOUT(roam, behind_two_that_are_closed, 1000)
{
	const struct addr any = addr_any(variant->family, PORT + 2);
	struct addr from;
	int fds[3];
	char got;

	for (int i = 0; i < 3; i++) {
		fds[i] = sock_bind_with(SO_REUSEPORT, &any);
		ASSERT_LE(0, fds[i]);
	}
	hosts_set_both_paths(&self->h, "loss 100%");
	ASSERT_EQ(1, sock_sendto(fds[0], "0", 1, 0, &self->to));
	close(fds[0]);
	ASSERT_EQ(1, sock_sendto(fds[2], "2", 1, 0, &self->to));
	poll(NULL, 0, 3000);
	change_address(variant);
	poll(NULL, 0, 10000);
	ASSERT_EQ(1, sock_sendto(fds[1], "1", 1, 0, &self->to));
	close(fds[1]);
	/* A minute each. */
	poll(NULL, 0, 150000);
	hosts_set_both_paths(&self->h, PATH);
	ASSERT_EQ(1, sock_recvfrom(self->server, &got, 1, 0, &from));
	EXPECT_EQ('2', got);
	close(fds[2]);
}

/* Whose address is there stays, whatever the path does and whichever the route would have: the
 * other side may hear nobody else.
 */
TEST_F_TIMEOUT(roam, not_for_a_loss, 1000)
{
	const struct addr any = addr_any(variant->family, PORT + 1);
	const struct addr at = addr_make(variant->family, variant->one, PORT + 1);
	struct rdgram_stats stats;
	struct addr from;
	int server;

	shell("ip route add local %s dev lo", variant->all);
	server = sock_bound(&any, NULL);
	sock_set_timeout(server, SO_RCVTIMEO, 20000);
	ASSERT_EQ(0, setsockopt(server, SOL_SOCKET, SO_BINDTODEVICE, "eth0", 5));
	hosts_enter(&self->h, 1);
	shell("ip route add %s via %s", variant->all, variant->router);
	hosts_enter(&self->h, 0);
	ASSERT_TRUE(says(self->server, &at, server, '?', &from));
	ASSERT_TRUE(says(server, &from, self->server, '!', NULL));
	hosts_set_both_paths(&self->h, "loss 100%");
	ASSERT_EQ(1, sock_sendto(server, "!", 1, 0, &from));
	poll(NULL, 0, 3000);
	hosts_set_both_paths(&self->h, PATH);
	ASSERT_EQ(1, sock_recvfrom(self->server, &(char){ 0 }, 1, 0, &from));
	EXPECT_TRUE(addr_equal(&from, &at));
	ASSERT_TRUE(says(self->server, &at, server, '?', NULL));
	poll(NULL, 0, 1000);
	sock_stats(self->server, &stats);
	EXPECT_EQ(0, stats.paths_changed);
	close(server);
}

TEST_HARNESS_MAIN
