// SPDX-License-Identifier: GPL-2.0-only
/*
 * Floods by somebody who has a link, as anybody may who can be answered: what he says
 * cannot be, what he sends never becomes a message, what he is sent he does not take. What
 * he can pin is bounded, and a pair that uses the same socket loses nothing.
 *
 * timeout: 300
 */
#include <errno.h>
#include <linux/sock_diag.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "beside.h"
#include "forge.h"
#include "message.h"
#include "sock.h"

RDGRAM_ONLY;

#define PACKETS		10000
#define BURST		50
#define BESIDE		4	/* messages of the pair, for each burst */
#define PORT		6666
#define CREDIT		60000	/* what everybody has to begin with is a little more */
#define MESSAGE_COST	512

/* What the token lets one peer have beyond the receive buffer, see protocol.rst. */
#define TOKEN_EXTRA	(8 * MESSAGE_MAX)

typedef FIXTURE_DATA(flood_peer) flood_peer_t;

FIXTURE(flood_peer) {
	struct beside b;
	int fd;			/* the attacker's */
	struct forge_link link;
	u32 heard;		/* number of the newest packet that came from the victim */
	u64 said;		/* packets of the flood so far */
};

FIXTURE_SETUP(flood_peer)
{
	const struct addr mine = attacker_addr(PORT), to = beside_addr();
	struct beside *b = &self->b;

	beside_open(b);
	ASSERT_TRUE(beside_transfer(b, 100));
	attacker_enter(&b->attacker);
	self->fd = socket(AF_INET, SOCK_DGRAM, 0);
	ASSERT_EQ(0, bind(self->fd, &mine.sa, mine.len));
	ASSERT_EQ(0, connect(self->fd, &to.sa, to.len));
	forge_open(&self->link, self->fd, CREDIT);
	beside_begin(b);
}

FIXTURE_TEARDOWN(flood_peer)
{
	close(self->fd);
	beside_close(&self->b);
}

static u64 any(u64 i, u64 what)
{
	return message_hash(i, what);
}

static void hear(flood_peer_t *self)
{
	s64 pn;

	while ((pn = forge_heard(&self->link)) >= 0)
		self->heard = pn;
}

typedef void (*make_packet)(flood_peer_t *self, struct forge *f, u64 i);

static bool flood_by(flood_peer_t *self, u64 packets, make_packet make)
{
	struct forge f;

	for (u64 i = 0; i < packets; i++, self->said++) {
		forge_next(&self->link, &f);
		make(self, &f, self->said);
		forge_send(&self->link, &f);
		if (i % BURST)
			continue;
		hear(self);
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

	forge_next(&self->link, &f);
	forge_piece(&f, FORGE_LAST | FORGE_ACK_NOW, 1, seq, 0);
	forge_send(&self->link, &f);
	EXPECT_EQ(1, sock_recvfrom(self->b.victim, &byte, 1, 0, &from));
	EXPECT_EQ(PORT, addr_port(&from));
}

static void ack_what_was_never_sent(flood_peer_t *self, struct forge *f, u64 i)
{
	(void)self;
	forge_ack(f, 1000 + any(i, 1) % (1U << 30), 1 + any(i, 2) % 1000);
}

TEST_F_TIMEOUT(flood_peer, acks_of_what_was_never_sent, 100)
{
	const u64 malformed = stats_of(self->b.victim).packets_malformed;

	ASSERT_TRUE(flood_by(self, PACKETS, ack_what_was_never_sent));
	EXPECT_EQ(malformed + PACKETS, stats_of(self->b.victim).packets_malformed);
	still_works(_metadata, self, 1);
	EXPECT_TRUE(beside_unharmed(&self->b));
}

/* All up to a number that will be sent soon: none of them has come. */
static void ack_ahead(flood_peer_t *self, struct forge *f, u64 i)
{
	const u32 ahead = self->heard + 1 + i % 16;

	forge_ack(f, ahead, 1 + i % 16);
}

/* Who acknowledges what he has not received is found out by the numbers that are not sent:
 * of what was to come faster in that way none is told as delivered.
 */
TEST_F_TIMEOUT(flood_peer, optimistic_acks, 100)
{
	const struct addr to = attacker_addr(PORT);
	const u64 malformed = stats_of(self->b.victim).packets_malformed;
	static const u8 message[1000];
	u64 before = stats_of(self->b.victim).messages_delivered;
	int sent = 0;

	while (sock_sendto(self->b.victim, message, sizeof(message), MSG_DONTWAIT, &to) > 0)
		sent++;
	EXPECT_EQ(EAGAIN, errno);
	ASSERT_TRUE(flood_by(self, PACKETS, ack_ahead));
	EXPECT_LT(malformed, stats_of(self->b.victim).packets_malformed);
	EXPECT_EQ(before, stats_of(self->b.victim).messages_delivered);
	EXPECT_LT(CREDIT / MESSAGE_COST / 4, sent);
	EXPECT_TRUE(beside_unharmed(&self->b));
}

/* Pieces of one byte, with a hole of one byte between any two. */
static void tiny_piece(flood_peer_t *self, struct forge *f, u64 i)
{
	(void)self;
	forge_piece(f, FORGE_OFFSET, 1, 1, 1 + 2 * i);
}

/* The first piece of each of as many messages as there is credit for, again and again. */
static void first_piece(flood_peer_t *self, struct forge *f, u64 i)
{
	const u32 messages = 100;

	(void)self;
	forge_piece(f, FORGE_OFFSET, 1000, 2 + i % messages, 2000 * (i / messages));
}

static void piece_far_ahead(flood_peer_t *self, struct forge *f, u64 i)
{
	(void)self;
	forge_piece(f, FORGE_OFFSET, 1000, 1, 2 + any(i, 1) % (MESSAGE_MAX - 1002));
}

static void bounded(struct __test_metadata *_metadata, flood_peer_t *self, make_packet make)
{
	u32 limit, most = 0;

	for (int i = 0; i < PACKETS; i += BURST) {
		ASSERT_TRUE(flood_by(self, BURST, make));
		most = pinned(self) > most ? pinned(self) : most;
	}
	/* The buffer grows by itself, for the pair. */
	limit = sock_get(self->b.victim, SO_RCVBUF) + TOKEN_EXTRA;
	printf("# at most %u bytes of %u were pinned\n", most, limit);
	EXPECT_LT(0, most);
	EXPECT_GE(limit, most);
	EXPECT_TRUE(beside_unharmed(&self->b));
	/* With the link all of it is over. */
	close(self->fd);
	self->fd = -1;
}

TEST_F_TIMEOUT(flood_peer, tiny_fragments, 100)
{
	bounded(_metadata, self, tiny_piece);
}

TEST_F_TIMEOUT(flood_peer, messages_that_are_never_whole, 100)
{
	bounded(_metadata, self, first_piece);
}

TEST_F_TIMEOUT(flood_peer, pieces_far_ahead, 100)
{
	bounded(_metadata, self, piece_far_ahead);
}

/* Messages for which there is no credit, and others that were long ago. */
static void wrapped_sequence(flood_peer_t *self, struct forge *f, u64 i)
{
	static const u32 corners[] = {
		0, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff, 0x00010000,
		0x00020001,
	};

	(void)self;
	forge_piece(f, FORGE_LAST, 1, corners[i % ARRAY_SIZE(corners)], 0);
}

TEST_F_TIMEOUT(flood_peer, message_sequences_at_the_wrap, 100)
{
	ASSERT_TRUE(flood_by(self, PACKETS, wrapped_sequence));
	still_works(_metadata, self, 1);
	EXPECT_TRUE(beside_unharmed(&self->b));
}

/* Each a quarter of all numbers further on than the last: after four it has been there. */
static void wrapped_number(flood_peer_t *self, struct forge *f, u64 i)
{
	(void)i;
	self->link.pn += 0x3fffffff;
	forge_begin(f, FORGE_DATA, self->link.dst_id, self->link.pn++);
	forge_ping(f);
}

TEST_F_TIMEOUT(flood_peer, packet_numbers_at_the_wrap, 100)
{
	ASSERT_TRUE(flood_by(self, PACKETS, wrapped_number));
	still_works(_metadata, self, 1);
	EXPECT_TRUE(beside_unharmed(&self->b));
}

static void report_of_what_was_never_sent(flood_peer_t *self, struct forge *f, u64 i)
{
	(void)self;
	forge_report(f, 2 + any(i, 1) % (1U << 30), CREDIT, 0);
}

TEST_F_TIMEOUT(flood_peer, reports_of_what_was_never_sent, 100)
{
	const struct rdgram_stats before = stats_of(self->b.victim);

	ASSERT_TRUE(flood_by(self, PACKETS, report_of_what_was_never_sent));
	EXPECT_EQ(before.packets_malformed + PACKETS,
		  stats_of(self->b.victim).packets_malformed);
	EXPECT_EQ(before.messages_delivered, stats_of(self->b.victim).messages_delivered);
	still_works(_metadata, self, 1);
	EXPECT_TRUE(beside_unharmed(&self->b));
}

/* Fill what the victim may have on its way to the attacker, who takes nothing. */
static int fill(struct __test_metadata *_metadata, flood_peer_t *self)
{
	const struct addr to = attacker_addr(PORT);
	static const u8 message[1000];
	int sent = 0;

	while (sock_sendto(self->b.victim, message, sizeof(message), MSG_DONTWAIT, &to) > 0)
		sent++;
	EXPECT_EQ(EAGAIN, errno);
	return sent;
}

/* No credit was ever given: the victim asks, and each time is told that there is none. */
static void no_credit(flood_peer_t *self, struct forge *f, u64 i)
{
	(void)i;
	forge_ack(f, self->heard, 1);
	forge_report(f, 1, 0, 0);
}

/* Less each time: it counts as nothing. */
static void less_credit(flood_peer_t *self, struct forge *f, u64 i)
{
	forge_ack(f, self->heard, 1);
	forge_report(f, 1, CREDIT - i % CREDIT, 0);
}

/* The victim's messages to the attacker wait; those of the pair go on, in both directions. */
static void waits(struct __test_metadata *_metadata, flood_peer_t *self, make_packet make)
{
	const struct addr sender = hosts_addr(0, AF_INET, FLOW_PORT);
	u8 answer[100];

	EXPECT_LT(0, fill(_metadata, self));
	ASSERT_TRUE(flood_by(self, PACKETS, make));
	ASSERT_EQ(100, sock_sendto(self->b.victim, answer, 100, 0, &sender));
	EXPECT_EQ(100, recv(self->b.sender, answer, 100, 0));
	EXPECT_TRUE(beside_unharmed(&self->b));
}

TEST_F_TIMEOUT(flood_peer, windows_of_zero, 100)
{
	waits(_metadata, self, no_credit);
}

TEST_F_TIMEOUT(flood_peer, credits_that_shrink, 100)
{
	waits(_metadata, self, less_credit);
}

TEST_HARNESS_MAIN
