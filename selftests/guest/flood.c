// SPDX-License-Identifier: GPL-2.0-only
/*
 * Floods of packets by somebody who has no link, from addresses that are not his: nothing
 * is kept for him, no answer is longer than its question, and a pair that uses the same
 * socket loses nothing. And floods of sockets by who has an account here.
 *
 * timeout: 300
 */
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "beside.h"
#include "flood.h"
#include "klog.h"
#include "shell.h"
#include "sock.h"

RDGRAM_ONLY;

#define PACKETS		3000
#define BURST		50
#define BESIDE		4	/* messages of the pair, for each burst */

FIXTURE(flood) {
	struct beside b;
};

/* Kinds from @first on, by turns. */
FIXTURE_VARIANT(flood) {
	int family, first, kinds;
};

FIXTURE_VARIANT_ADD(flood, inits) { AF_INET, FLOOD_INITS, 1 };
FIXTURE_VARIANT_ADD(flood, inits_of_another_version) {
	AF_INET, FLOOD_INITS_OF_ANOTHER_VERSION, 1,
};

FIXTURE_VARIANT_ADD(flood, short_inits) { AF_INET, FLOOD_SHORT_INITS, 1 };
FIXTURE_VARIANT_ADD(flood, forged_cookies) { AF_INET, FLOOD_FORGED_COOKIES, 1 };
FIXTURE_VARIANT_ADD(flood, forged_cookies_that_fit) { AF_INET, FLOOD_FITTING_COOKIES, 1 };
FIXTURE_VARIANT_ADD(flood, data_of_no_link) { AF_INET, FLOOD_DATA_OF_NO_LINK, 1 };
FIXTURE_VARIANT_ADD(flood, short_data_of_no_link) { AF_INET, FLOOD_SHORT_DATA_OF_NO_LINK, 1 };
FIXTURE_VARIANT_ADD(flood, resets) { AF_INET, FLOOD_RESETS, 1 };
FIXTURE_VARIANT_ADD(flood, versions) { AF_INET, FLOOD_VERSIONS, 1 };
FIXTURE_VARIANT_ADD(flood, challenges) { AF_INET, FLOOD_CHALLENGES, 1 };
FIXTURE_VARIANT_ADD(flood, nonsense) { AF_INET, FLOOD_NONSENSE, 1 };
/* One for all: each time two hosts and a third have to be made. */
FIXTURE_VARIANT_ADD(flood, all_v6) { AF_INET6, 0, FLOOD_KINDS };

typedef FIXTURE_DATA(flood) flood_t;
typedef FIXTURE_VARIANT(flood) flood_variant;

FIXTURE_SETUP(flood)
{
	beside_open(&self->b, variant->family, NULL);
	ASSERT_TRUE(beside_transfer(&self->b, 100));
}

FIXTURE_TEARDOWN(flood)
{
	beside_close(&self->b);
}

static const struct flood_kind *kind_of(const flood_variant *variant, u64 i)
{
	return &flood_kinds[variant->first + i % variant->kinds];
}

/* All of it, and the pair goes on meanwhile; false, after saying what is wrong, if not. */
static bool send_all(flood_t *self, const flood_variant *variant, const struct addr *from)
{
	struct beside *b = &self->b;
	const struct addr to = beside_addr(b);

	flood_learn(&b->attacker, &to);
	beside_begin(b);
	for (u64 i = 0; i < PACKETS; i++) {
		flood_send(&b->attacker, kind_of(variant, i), i, from, &to);
		if (i % BURST == BURST - 1 && !beside_transfer(b, BESIDE))
			return false;
	}
	return true;
}

/* How many of the packets does this counter have? NULL: how many have to be answered? */
static u64 expected(const flood_variant *variant, const char *counter)
{
	const struct flood_kind *kind;
	u64 n = 0;

	for (u64 i = 0; i < PACKETS; i++) {
		kind = kind_of(variant, i);
		n += counter ? kind->counter && !strcmp(kind->counter, counter) : kind->answered;
	}
	return n;
}

TEST_F_TIMEOUT(flood, from_invented_addresses, 100)
{
	struct beside *b = &self->b;
	const u64 limited = beside_counter(b, "limited"), resets = beside_counter(b, "resets");
	struct attacker_traffic t;
	u64 before[FLOOD_KINDS] = {};
	const char *counter;

	for (int k = 0; k < FLOOD_KINDS; k++)
		if (flood_kinds[k].counter)
			before[k] = beside_counter(b, flood_kinds[k].counter);
	ASSERT_TRUE(send_all(self, variant, NULL));
	t = attacker_since(&b->attacker, &b->before);
	EXPECT_EQ(PACKETS, t.sent);
	EXPECT_TRUE(beside_left_nothing(b));
	EXPECT_TRUE(beside_not_amplified(b));
	/* What is limited in rate is what else was answered. */
	EXPECT_EQ(expected(variant, NULL) + beside_counter(b, "resets") - resets, t.heard);
	for (int k = 0; k < FLOOD_KINDS; k++) {
		counter = flood_kinds[k].counter;
		if (!counter)
			continue;
		EXPECT_EQ(before[k] + expected(variant, counter), beside_counter(b, counter));
	}
	printf("# %llu answers were sent, %llu were not: too many\n", t.heard,
	       beside_counter(b, "limited") - limited);
	EXPECT_TRUE(beside_unharmed(b));
}

/* The address of the pair's sender is known, and its port; the ids of its link are not. */
TEST_F_TIMEOUT(flood, from_the_address_of_the_pair, 100)
{
	struct beside *b = &self->b;
	const struct addr sender = beside_sender(b);
	struct rdgram_stats before, after;

	sock_stats(b->sender, &before);
	ASSERT_TRUE(send_all(self, variant, &sender));
	sock_stats(b->sender, &after);
	EXPECT_TRUE(beside_left_nothing(b));
	EXPECT_TRUE(beside_unharmed(b));
	EXPECT_EQ(before.links_opened, after.links_opened);
	EXPECT_EQ(0, after.links_died);
	EXPECT_EQ(0, after.messages_in_doubt);
	EXPECT_EQ(0, after.messages_not_delivered);
	EXPECT_EQ(0, after.paths_changed);
}

/* A socket of the victim's host that packets to all of a group come to, too. */
FIXTURE(groups) {
	struct beside b;
	int fd, raw;
};

FIXTURE_VARIANT(groups) {
	int family;
	const char *one, *all[3];
};

FIXTURE_VARIANT_ADD(groups, v4) {
	AF_INET, "10.77.0.2", { "255.255.255.255", "10.77.0.255", "224.0.0.1" },
};

FIXTURE_VARIANT_ADD(groups, v6) { AF_INET6, "fd77::2", { "ff02::1" } };

#define GROUP_PORT	7100
#define TO_A_GROUP	100

FIXTURE_SETUP(groups)
{
	const struct addr any = addr_any(variant->family, GROUP_PORT);
	const int on = 1;

	beside_open(&self->b, variant->family, NULL);
	hosts_enter(&self->b.hosts, 1);
	self->fd = sock_bound(&any, NULL);
	attacker_enter(&self->b.attacker);
	/* The kernel sends nothing to a group by a link where it has no address. */
	if (variant->family == AF_INET6)
		shell("ip address add fd78::9/128 dev eth0 nodad");
	self->raw = raw_open(variant->family);
	ASSERT_EQ(0, setsockopt(self->raw, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on)));
	ASSERT_EQ(0, setsockopt(self->raw, SOL_SOCKET, SO_BINDTODEVICE, "eth0", 5));
}

FIXTURE_TEARDOWN(groups)
{
	close(self->fd);
	close(self->raw);
	beside_close(&self->b);
}

static void send_inits(const struct attacker *a, const char *text, u64 count)
{
	const struct addr to = addr_make(a->family, text, GROUP_PORT);

	for (u64 i = 0; i < count; i++)
		flood_send(a, &flood_kinds[FLOOD_INITS], i, NULL, &to);
}

/* Soon: what was sent may wait for ksoftirqd. */
static bool are_dropped(const struct beside *b, u64 dropped)
{
	for (int ms = 0; ms < 1000 && beside_counter(b, "not_unicast") < dropped; ms++)
		usleep(1000);
	return beside_counter(b, "not_unicast") == dropped;
}

/* All hosts of a network would answer at once. */
TEST_F_TIMEOUT(groups, draw_no_answer, 100)
{
	struct beside *b = &self->b;
	struct attacker all = b->attacker;
	u64 dropped = beside_counter(b, "not_unicast");

	all.raw = self->raw;
	beside_begin(b);
	send_inits(&b->attacker, variant->one, 1);
	while (!attacker_since(&b->attacker, &b->before).heard)
		usleep(1000);
	for (int i = 0; i < 3 && variant->all[i]; i++) {
		send_inits(&all, variant->all[i], TO_A_GROUP);
		dropped += TO_A_GROUP;
		EXPECT_TRUE(are_dropped(b, dropped));
	}
	EXPECT_EQ(1, attacker_since(&b->attacker, &b->before).heard);
	EXPECT_TRUE(beside_left_nothing(b));
	EXPECT_TRUE(klog_silent(b->klog));
}

FIXTURE(orphans) {
	struct beside b;
};

FIXTURE_SETUP(orphans)
{
	beside_open(&self->b, AF_INET, NULL);
	ASSERT_TRUE(beside_transfer(&self->b, 100));
}

FIXTURE_TEARDOWN(orphans)
{
	beside_close(&self->b);
}

#define ORPHANS		1000

/* Each has something to deliver that cannot be, and is given up when its time is over. */
TEST_F_TIMEOUT(orphans, are_counted_and_end, 150)
{
	struct beside *b = &self->b;

	beside_begin(b);
	for (u64 i = 0; i < ORPHANS; i++) {
		hosts_enter(&b->hosts, 1);
		ASSERT_TRUE(flood_leave_orphan(&b->attacker, i));
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
