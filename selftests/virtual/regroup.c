// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sockets that share a port: who has had a peer has it again when the link between them
 * was idle, and ended; also where a program, the size of the group, or the order in which
 * they were bound would choose another one by then.
 */
#include <linux/filter.h>

#include "kselftest_harness.h"
#include "sock.h"

RDGRAM_ONLY;

#define SERVERS	4
#define CLIENTS	20

/* Longer than a link is kept that is idle; s. */
#define IDLE	60

FIXTURE(regroup) {
	struct addr at;
	int servers[SERVERS], clients[CLIENTS];
};

FIXTURE_VARIANT(regroup) {
	int family;
};

FIXTURE_VARIANT_ADD(regroup, v4) { .family = AF_INET };
FIXTURE_VARIANT_ADD(regroup, v6) { .family = AF_INET6 };

FIXTURE_SETUP(regroup)
{
	net_isolate();
	self->at = addr_loopback(variant->family, 7000);
	for (int i = 0; i < SERVERS; i++)
		self->servers[i] = sock_bind_with(SO_REUSEPORT, &self->at);
	for (int i = 0; i < CLIENTS; i++)
		self->clients[i] = sock_on_loopback(variant->family, NULL);
}

FIXTURE_TEARDOWN(regroup)
{
}

static void choose(struct __test_metadata *_metadata, int fd, int which)
{
	struct sock_filter code = BPF_STMT(BPF_RET | BPF_K, which);
	const struct sock_fprog program = { .len = 1, .filter = &code };

	ASSERT_EQ(0, setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program,
				sizeof(program)));
}

/* Which of the first of the servers hears this client? */
static int who_of(const int *servers, int n, int client, const struct addr *at)
{
	char byte;

	if (sock_sendto(client, "x", 1, 0, at) != 1)
		return -1;
	sock_wait_settled(client);
	for (int i = 0; i < n; i++)
		if (recv(servers[i], &byte, 1, MSG_DONTWAIT) == 1)
			return i;
	return -1;
}

static int who_hears(const int *servers, int client, const struct addr *at)
{
	return who_of(servers, SERVERS, client, at);
}

TEST_F_TIMEOUT(regroup, stays_with_its_socket, 300)
{
	struct rdgram_stats stats;

	for (int i = 0; i < SERVERS; i++) {
		choose(_metadata, self->servers[0], i);
		EXPECT_EQ(i, who_hears(self->servers, self->clients[i], &self->at));
	}
	sleep(IDLE);
	for (int i = 0; i < SERVERS; i++)
		EXPECT_EQ(i, who_hears(self->servers, self->clients[i], &self->at));
	sock_stats(self->clients[0], &stats);
	EXPECT_EQ(2, stats.links_opened);
	EXPECT_EQ(0, stats.messages_in_doubt);
}

/* Without a program, and with others that came. */
TEST_F_TIMEOUT(regroup, stays_when_others_come, 300)
{
	int who[CLIENTS];

	for (int i = 0; i < CLIENTS; i++) {
		who[i] = who_hears(self->servers, self->clients[i], &self->at);
		EXPECT_LE(0, who[i]);
	}
	sleep(IDLE);
	for (int i = 0; i < 3 * SERVERS; i++)
		ASSERT_LE(0, sock_bind_with(SO_REUSEPORT, &self->at));
	for (int i = 0; i < CLIENTS; i++)
		EXPECT_EQ(who[i], who_hears(self->servers, self->clients[i], &self->at));
}

/* Who is new is heard by the last (SO_REUSEADDR). */
TEST_F_TIMEOUT(regroup, stays_when_another_is_bound, 300)
{
	const struct addr at = addr_loopback(variant->family, 7001);
	struct rdgram_stats stats;
	int servers[SERVERS];

	for (int i = 0; i < SERVERS; i++) {
		servers[i] = sock_bind_with(SO_REUSEADDR, &at);
		ASSERT_LE(0, servers[i]);
		EXPECT_EQ(i, who_of(servers, i + 1, self->clients[i], &at));
	}
	sleep(IDLE);
	for (int i = 0; i < SERVERS; i++)
		EXPECT_EQ(i, who_of(servers, SERVERS, self->clients[i], &at));
	sock_stats(self->clients[0], &stats);
	EXPECT_EQ(2, stats.links_opened);
	EXPECT_EQ(0, stats.messages_in_doubt);
}

TEST_HARNESS_MAIN
