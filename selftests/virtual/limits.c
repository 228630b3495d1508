// SPDX-License-Identifier: GPL-2.0-only
/*
 * As many peers as a socket may have, and as many of them as may outlive it: what is more is
 * refused by a clear error, or given up at once.
 *
 * timeout: 600
 * soak: a minute, and 400 MB
 */
#include <poll.h>

#include "kselftest_harness.h"
#include "counter.h"
#include "limit.h"
#include "shell.h"
#include "sock.h"

RDGRAM_ONLY;

#define PORT		7000
#define PEERS		131072	/* RDG_PEERS_MAX */
#define ORPHANS		65536	/* RDG_ORPHANS_MAX */
#define BUFFER		(1024 * 1024 * 1024)
#define TIMEOUT		60000	/* RDG_ORPHAN_LIFE; ms */

FIXTURE(limits) {
	struct limit limit;
	int fd;
};

FIXTURE_SETUP(limits)
{
	const struct addr any = addr_any(AF_INET, PORT);

	ASSERT_TRUE(limit_open(&self->limit));
	limit_set(&self->limit, "1000000 1000000 1000000");
	net_isolate();
	/* A device that everything gets lost in. */
	shell("ip link add nowhere up type dummy && ip address add 10.0.0.1/8 dev nowhere");
	self->fd = sock_bound(&any, NULL);
	sock_set(self->fd, SO_SNDBUFFORCE, BUFFER);
}

FIXTURE_TEARDOWN(limits)
{
	limit_close(&self->limit);
}

static ssize_t send_to_nth(int fd, u32 n)
{
	const struct addr to = addr_nth("10.1.0.0", PORT, n);

	return sock_sendto(fd, "?", 1, MSG_DONTWAIT, &to);
}

TEST_F_TIMEOUT(limits, of_peers_and_of_orphans, 100000)
{
	const u64 refused = counter_ours("no_peer"), given_up = counter_ours("orphans");

	for (u32 i = 0; i < PEERS; i++)
		ASSERT_EQ(1, send_to_nth(self->fd, i));
	EXPECT_EQ(refused, counter_ours("no_peer"));
	EXPECT_EQ(-1, send_to_nth(self->fd, PEERS));
	EXPECT_EQ(ENOBUFS, errno);
	EXPECT_EQ(refused + 1, counter_ours("no_peer"));
	/* Who is known can be sent to. */
	EXPECT_EQ(1, send_to_nth(self->fd, PEERS / 2));
	EXPECT_EQ(0, close(self->fd));
	EXPECT_EQ(ORPHANS, counter_ours("orphan_peers"));
	EXPECT_EQ(given_up + PEERS - ORPHANS, counter_ours("orphans"));
	poll(NULL, 0, TIMEOUT + 1000);
	EXPECT_EQ(0, counter_ours("orphan_peers"));
}

TEST_HARNESS_MAIN
