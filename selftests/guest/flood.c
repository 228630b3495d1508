// SPDX-License-Identifier: GPL-2.0-only
/*
 * Floods of packets by somebody who has no link, from addresses that are not his: nothing
 * is kept for him, no answer is longer than its question, and a pair that uses the same
 * socket loses nothing. And floods of sockets by who has an account here.
 *
 * timeout: 300
 */
#include <unistd.h>

#include "kselftest_harness.h"
#include "beside.h"
#include "forge.h"
#include "message.h"
#include "sock.h"

RDGRAM_ONLY;

#define PACKETS		3000
#define BURST		50
#define BESIDE		4	/* messages of the pair, for each burst */

FIXTURE(flood) {
	struct beside b;
};

FIXTURE_VARIANT(flood) {
	void (*make)(struct forge *f, u64 i);
	const char *counter;	/* has all of them; NULL: none has */
	bool answered;		/* each of them is */
};

static u64 any(u64 i, u64 what)
{
	return message_hash(i, what);
}

static void make_init(struct forge *f, u64 i)
{
	forge_init(f, any(i, 1), any(i, 2));
}

static void make_init_of_another_version(struct forge *f, u64 i)
{
	forge_init(f, any(i, 1), any(i, 2));
	f->data[1] = 2 + i % 254;
}

/* The answer to one that is shorter could be too long. */
static void make_short_init(struct forge *f, u64 i)
{
	forge_init(f, any(i, 1), any(i, 2));
	f->data[1] = 1 + i % 2;
	f->len = 40 + i % 88;
}

static void make_confirm(struct forge *f, u64 i)
{
	const struct forge_cookie c = {
		.src_id = any(i, 1),
		.src_inc = any(i, 2),
		.dst_inc = any(i, 3),
		.cookie = any(i, 4),
		.time = any(i, 5),
	};

	forge_begin(f, FORGE_CONFIRM, any(i, 6), 0);
	forge_cookie(f, &c);
	forge_base(f, 1);
	forge_report(f, 1, 65536, 0);
	forge_piece(f, FORGE_LAST, i % 1000, 1, 0);
	forge_end(f);
}

static void make_data(struct forge *f, u64 i)
{
	forge_begin(f, FORGE_DATA, any(i, 1), any(i, 2));
	forge_piece(f, FORGE_LAST, 1 + i % 1000, any(i, 3), 0);
	forge_end(f);
}

/* 18 bytes: a RESET is longer. */
static void make_short_data(struct forge *f, u64 i)
{
	forge_begin(f, FORGE_DATA, any(i, 1), any(i, 2));
	forge_ping(f);
	forge_end(f);
}

static void make_reset(struct forge *f, u64 i)
{
	forge_reflect(f, FORGE_RESET, any(i, 1), (1 + i % 2) << 24);
}

static void make_version(struct forge *f, u64 i)
{
	forge_reflect(f, FORGE_VERSION, any(i, 1), 0x02020000);
}

static void make_challenge(struct forge *f, u64 i)
{
	forge_init(f, any(i, 1), any(i, 2));
	f->data[0] = FORGE_CHALLENGE;
	for (int n = 0; n < 8; n++) {
		f->data[4 + n] = any(i, 3) >> 8 * n;	/* destination id */
		f->data[28 + n] = any(i, 4) >> 8 * n;	/* destination incarnation */
	}
	f->len = 56;
}

static void make_nonsense(struct forge *f, u64 i)
{
	f->len = 1 + i % 1400;
	for (size_t n = 0; n < f->len; n++)
		f->data[n] = any(i, n / 8) >> n % 8 * 8;
	/* None of these is anything. */
	f->data[0] = 7 + i % 249;
}

FIXTURE_VARIANT_ADD(flood, inits) { make_init, NULL, true };
FIXTURE_VARIANT_ADD(flood, inits_of_another_version) {
	make_init_of_another_version, "unknown_version", false,
};

FIXTURE_VARIANT_ADD(flood, short_inits) { make_short_init, "malformed", false };
FIXTURE_VARIANT_ADD(flood, forged_cookies) { make_confirm, "bad_cookie", false };
FIXTURE_VARIANT_ADD(flood, data_of_no_link) { make_data, "unknown_id", false };
FIXTURE_VARIANT_ADD(flood, short_data_of_no_link) { make_short_data, "unknown_id", false };
FIXTURE_VARIANT_ADD(flood, resets) { make_reset, "unmatched", false };
FIXTURE_VARIANT_ADD(flood, versions) { make_version, "unmatched", false };
FIXTURE_VARIANT_ADD(flood, challenges) { make_challenge, "unknown_id", false };
FIXTURE_VARIANT_ADD(flood, nonsense) { make_nonsense, "malformed", false };

FIXTURE_SETUP(flood)
{
	beside_open(&self->b);
	ASSERT_TRUE(beside_transfer(&self->b, 100));
}

FIXTURE_TEARDOWN(flood)
{
	beside_close(&self->b);
}

static void send_burst(const struct attacker *a, void (*make)(struct forge *f, u64 i), u64 first,
		       bool as_the_pair)
{
	const struct addr to = beside_addr(), sender = hosts_addr(0, AF_INET, FLOW_PORT);
	struct addr from;
	struct forge f;

	attacker_enter(a);
	for (u64 i = first; i < first + BURST; i++) {
		make(&f, i);
		from = as_the_pair ? sender :
		       attacker_invented(any(i, 7) % 131072, 1 + any(i, 8) % 65535);
		raw_send(a->raw, &from, &to, f.data, f.len);
	}
}

TEST_F_TIMEOUT(flood, from_invented_addresses, 100)
{
	struct beside *b = &self->b;
	const u64 dropped = variant->counter ? beside_counter(b, variant->counter) : 0;
	const u64 limited = beside_counter(b, "limited"), resets = beside_counter(b, "resets");
	struct attacker_traffic t;

	beside_begin(b);
	for (u64 i = 0; i < PACKETS; i += BURST) {
		send_burst(&b->attacker, variant->make, i, false);
		ASSERT_TRUE(beside_transfer(b, BESIDE));
	}
	t = attacker_since(&b->attacker, &b->before);
	EXPECT_EQ(PACKETS, t.sent);
	EXPECT_TRUE(beside_left_nothing(b));
	EXPECT_TRUE(beside_not_amplified(b));
	/* What is limited in rate is what else was answered. */
	EXPECT_EQ(variant->answered ? PACKETS : beside_counter(b, "resets") - resets, t.heard);
	if (variant->counter)
		EXPECT_EQ(dropped + PACKETS, beside_counter(b, variant->counter));
	printf("# %llu answers were sent, %llu were not: too many\n", t.heard,
	       beside_counter(b, "limited") - limited);
	EXPECT_TRUE(beside_unharmed(b));
}

/* The address of the pair's sender is known, and its port; the ids of its link are not. */
TEST_F_TIMEOUT(flood, from_the_address_of_the_pair, 100)
{
	struct beside *b = &self->b;
	struct rdgram_stats before, after;

	sock_stats(b->sender, &before);
	beside_begin(b);
	for (u64 i = 0; i < PACKETS; i += BURST) {
		send_burst(&b->attacker, variant->make, i, true);
		ASSERT_TRUE(beside_transfer(b, BESIDE));
	}
	sock_stats(b->sender, &after);
	EXPECT_TRUE(beside_left_nothing(b));
	EXPECT_TRUE(beside_unharmed(b));
	EXPECT_EQ(before.links_opened, after.links_opened);
	EXPECT_EQ(0, after.links_died);
	EXPECT_EQ(0, after.messages_in_doubt);
	EXPECT_EQ(0, after.messages_not_delivered);
	EXPECT_EQ(0, after.paths_changed);
}

FIXTURE(orphans) {
	struct beside b;
};

FIXTURE_SETUP(orphans)
{
	beside_open(&self->b);
	ASSERT_TRUE(beside_transfer(&self->b, 100));
}

FIXTURE_TEARDOWN(orphans)
{
	beside_close(&self->b);
}

#define ORPHANS		1000
#define LEFT		100	/* bytes of what each leaves behind */

/* One that nobody will ever take; without waiting for long. */
static bool leave_one(u64 i)
{
	const struct addr nobody = attacker_invented(i % 131072, 7001);
	const u32 timeout = 2000;
	static const char left[LEFT];
	int fd = sock_new(AF_INET);
	bool good = !setsockopt(fd, SOL_RDGRAM, RDGRAM_USER_TIMEOUT, &timeout, sizeof(timeout)) &&
		    sock_sendto(fd, left, sizeof(left), 0, &nobody) == sizeof(left);

	close(fd);
	return good;
}

/* Each has something to deliver that cannot be, and is given up when its time is over. */
TEST_F_TIMEOUT(orphans, are_counted_and_end, 150)
{
	struct beside *b = &self->b;

	beside_begin(b);
	for (u64 i = 0; i < ORPHANS; i++) {
		hosts_enter(&b->hosts, 1);
		ASSERT_TRUE(leave_one(i));
		if (i % BURST == 0)
			ASSERT_TRUE(beside_transfer(b, BESIDE));
	}
	EXPECT_LT(0, beside_counter(b, "orphan_peers"));
	EXPECT_GE(ORPHANS, beside_counter(b, "orphan_peers"));
	while (beside_counter(b, "orphan_peers")) {
		ASSERT_TRUE(beside_transfer(b, BESIDE));
		usleep(100000);
	}
	/* Their ids are tombstones for a while. */
	while (beside_counter(b, "ids") > b->ids)
		usleep(100000);
	/* KASAN keeps what was freed for a while: that is in the slab still. */
	EXPECT_TRUE(beside_nobody_is_new(b));
	EXPECT_TRUE(beside_unharmed(b));
}

TEST_HARNESS_MAIN
