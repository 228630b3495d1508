// SPDX-License-Identifier: GPL-2.0-only
/*
 * Floods by somebody who has a link, as anybody may who can be answered: what he says
 * cannot be, what he sends never becomes a message, what he is sent he does not take. What
 * he can pin is bounded, and a pair that uses the same socket loses nothing.
 *
 * timeout: 300
 */
#include <linux/sock_diag.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "beside.h"
#include "flood_peer.h"
#include "limit.h"
#include "message.h"
#include "sock.h"

RDGRAM_ONLY;

#define BURST		50
#define BESIDE		4	/* messages of the pair, for each burst */
#define PORT		6666
#define MESSAGE_COST	512
#define UNSEEN		10000	/* acks, at the most, of what was not seen */

/* What the token lets one peer have beyond the receive buffer, see protocol.rst. */
#define TOKEN_EXTRA	(8 * MESSAGE_MAX)

typedef FIXTURE_DATA(flood_peer) flood_peer_t;

FIXTURE(flood_peer) {
	struct limit limit;
	struct beside b;
	struct flood_peer peer;	/* the attacker */
};

FIXTURE_VARIANT(flood_peer) {
	int family;
	int packets;
};

FIXTURE_VARIANT_ADD(flood_peer, v4) { AF_INET, 10000 };
/* What is in the packets is the same. */
FIXTURE_VARIANT_ADD(flood_peer, v6) { AF_INET6, 2000 };

FIXTURE_SETUP(flood_peer)
{
	struct beside *b = &self->b;

	limit_open(&self->limit);
	beside_open(b, variant->family, NULL);
	ASSERT_TRUE(beside_transfer(b, 100));
	flood_peer_open(&self->peer, b, PORT);
	beside_begin(b);
}

FIXTURE_TEARDOWN(flood_peer)
{
	flood_peer_close(&self->peer);
	beside_close(&self->b);
	limit_close(&self->limit);
}

/* False, after saying what is wrong, if the pair cannot go on meanwhile. */
static bool flood_by(flood_peer_t *self, int packets, int kind)
{
	for (int i = 0; i < packets; i += BURST) {
		flood_peer_send(&self->peer, kind, BURST);
		if (!beside_transfer(&self->b, BESIDE))
			return false;
	}
	return true;
}

static u32 pinned(flood_peer_t *self)
{
	u32 info[SK_MEMINFO_VARS];
	socklen_t len = sizeof(info);

	if (getsockopt(self->b.victim, SOL_SOCKET, SO_MEMINFO, info, &len))
		abort();
	return info[SK_MEMINFO_RMEM_ALLOC];
}

static struct rdgram_stats stats_of(int fd)
{
	struct rdgram_stats s;

	sock_stats(fd, &s);
	return s;
}

/* The link is what it was before: an honest message is delivered. @seq is its number. */
static void still_works(struct __test_metadata *_metadata, flood_peer_t *self, u32 seq)
{
	struct addr from;
	struct forge f;
	u8 byte;

	forge_next(&self->peer.link, &f);
	forge_piece(&f, FORGE_LAST | FORGE_ACK_NOW, 1, seq, 0);
	forge_send(&self->peer.link, &f);
	EXPECT_EQ(1, sock_recvfrom(self->b.victim, &byte, 1, 0, &from));
	EXPECT_EQ(PORT, addr_port(&from));
}

TEST_F_TIMEOUT(flood_peer, acks_of_what_was_never_sent, 100)
{
	const u64 malformed = stats_of(self->b.victim).packets_malformed;

	ASSERT_TRUE(flood_by(self, variant->packets, FLOOD_PEER_ACKS));
	EXPECT_EQ(malformed + variant->packets, stats_of(self->b.victim).packets_malformed);
	still_works(_metadata, self, 1);
	EXPECT_TRUE(beside_unharmed(&self->b));
}

/* Who acknowledges what he has not received is found out by the numbers that are not sent, of
 * which there is one in a thousand at the least, and has no link any more; of what was to
 * come faster in that way none is told as delivered.
 */
TEST_F_TIMEOUT(flood_peer, optimistic_acks, 100)
{
	const struct rdgram_stats before = stats_of(self->b.victim);

	sock_set(self->b.victim, SO_SNDBUFFORCE, 2 * MESSAGE_MAX);
	EXPECT_LT(1, flood_peer_fill(&self->peer, FLOOD_PEER_OPTIMISTIC_ACKS));
	for (int i = 0; i < UNSEEN && !stats_of(self->b.victim).links_died; i += BURST)
		ASSERT_TRUE(flood_by(self, BURST, FLOOD_PEER_OPTIMISTIC_ACKS));
	printf("# found out after %llu packets\n", self->peer.said);
	EXPECT_EQ(1, stats_of(self->b.victim).links_died);
	EXPECT_EQ(before.messages_delivered, stats_of(self->b.victim).messages_delivered);
	EXPECT_TRUE(beside_unharmed(&self->b));
}

static void bounded(struct __test_metadata *_metadata, flood_peer_t *self, int packets, int kind)
{
	u32 limit, most = 0;

	for (int i = 0; i < packets; i += BURST) {
		ASSERT_TRUE(flood_by(self, BURST, kind));
		most = pinned(self) > most ? pinned(self) : most;
	}
	/* The buffer grows by itself, for the pair. */
	limit = sock_get(self->b.victim, SO_RCVBUF) + TOKEN_EXTRA;
	printf("# at most %u bytes of %u were pinned\n", most, limit);
	EXPECT_LT(0, most);
	EXPECT_GE(limit, most);
	EXPECT_TRUE(beside_unharmed(&self->b));
	/* With the link all of it is over. */
	flood_peer_close(&self->peer);
}

TEST_F_TIMEOUT(flood_peer, tiny_fragments, 100)
{
	bounded(_metadata, self, variant->packets, FLOOD_PEER_TINY_FRAGMENTS);
}

/* What is let in beyond the receive buffer is not at the cost of all others. */
TEST_F_TIMEOUT(flood_peer, tiny_fragments_when_memory_is_scarce, 100)
{
	if (self->limit.file < 0)
		SKIP(return, "net.rdgram.mem is the first namespace's");
	/* 4, 6.2 and 6.6 MiB more than there is in use: less than he may have pinned. */
	limit_set_beyond(&self->limit, 1024, 1600, 1700);
	EXPECT_TRUE(flood_by(self, 9000, FLOOD_PEER_TINY_FRAGMENTS));
	EXPECT_LT(1700 * 4096, pinned(self));
}

TEST_F_TIMEOUT(flood_peer, messages_that_are_never_whole, 100)
{
	bounded(_metadata, self, variant->packets, FLOOD_PEER_NEVER_WHOLE);
}

TEST_F_TIMEOUT(flood_peer, pieces_far_ahead, 100)
{
	bounded(_metadata, self, variant->packets, FLOOD_PEER_FAR_AHEAD);
}

TEST_F_TIMEOUT(flood_peer, message_sequences_at_the_wrap, 100)
{
	ASSERT_TRUE(flood_by(self, variant->packets, FLOOD_PEER_SEQUENCES));
	still_works(_metadata, self, 1);
	EXPECT_TRUE(beside_unharmed(&self->b));
}

TEST_F_TIMEOUT(flood_peer, packet_numbers_at_the_wrap, 100)
{
	ASSERT_TRUE(flood_by(self, variant->packets, FLOOD_PEER_NUMBERS));
	still_works(_metadata, self, 1);
	EXPECT_TRUE(beside_unharmed(&self->b));
}

TEST_F_TIMEOUT(flood_peer, reports_of_what_was_never_sent, 100)
{
	const struct rdgram_stats before = stats_of(self->b.victim);

	ASSERT_TRUE(flood_by(self, variant->packets, FLOOD_PEER_REPORTS));
	EXPECT_EQ(before.packets_malformed + variant->packets,
		  stats_of(self->b.victim).packets_malformed);
	EXPECT_EQ(before.messages_delivered, stats_of(self->b.victim).messages_delivered);
	still_works(_metadata, self, 1);
	EXPECT_TRUE(beside_unharmed(&self->b));
}

/* The victim's messages to the attacker wait; those of the pair go on, in both directions. */
static void waits(struct __test_metadata *_metadata, flood_peer_t *self, int packets, int kind)
{
	const struct addr sender = beside_sender(&self->b);
	u8 answer[100];

	EXPECT_LT(FLOOD_PEER_CREDIT / MESSAGE_COST / 4, flood_peer_fill(&self->peer, kind));
	ASSERT_TRUE(flood_by(self, packets, kind));
	ASSERT_EQ(100, sock_sendto(self->b.victim, answer, 100, 0, &sender));
	EXPECT_EQ(100, recv(self->b.sender, answer, 100, 0));
	EXPECT_TRUE(beside_unharmed(&self->b));
}

TEST_F_TIMEOUT(flood_peer, windows_of_zero, 100)
{
	waits(_metadata, self, variant->packets, FLOOD_PEER_NO_CREDIT);
}

TEST_F_TIMEOUT(flood_peer, credits_that_shrink, 100)
{
	waits(_metadata, self, variant->packets, FLOOD_PEER_LESS_CREDIT);
}

TEST_HARNESS_MAIN
