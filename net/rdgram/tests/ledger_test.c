// SPDX-License-Identifier: GPL-2.0-only
/*
 * The in-flight ledger.
 */
#include "../core/ledger.h"
#include "sim.h"
#include "suites.h"

static struct rdg_sent *add(struct kunit *test, struct rdg_ledger *g, u32 size)
{
	KUNIT_ASSERT_TRUE(test, rdg_ledger_room(g, 2));
	return rdg_ledger_add(g, size, 1000 + g->next);
}

static void add__counts_what_is_in_flight(struct kunit *test)
{
	struct rdg_ledger g;
	struct rdg_sent *s;

	rdg_ledger_init(&g);
	s = add(test, &g, 100);
	KUNIT_EXPECT_EQ(test, s->pn, 0ULL);
	KUNIT_EXPECT_EQ(test, s->time, 1000ULL);
	KUNIT_EXPECT_EQ(test, (int)s->state, (int)RDG_SENT_FLIGHT);
	/* A packet that asks for no ack takes a number and no entry. */
	g.next++;
	s = add(test, &g, 50);
	KUNIT_EXPECT_EQ(test, s->pn, 2ULL);
	KUNIT_EXPECT_EQ(test, g.flight, 2u);
	KUNIT_EXPECT_EQ(test, g.bytes, 150u);
	KUNIT_EXPECT_EQ(test, g.eliciting, 1002ULL);
	rdg_ledger_free(&g);
	KUNIT_EXPECT_EQ(test, g.flight, 0u);
	KUNIT_EXPECT_EQ(test, g.next, 0ULL);
}

static void find__skips_numbers_without_an_entry(struct kunit *test)
{
	static const struct {
		u64 pn, pos;
	} row[] = {
		{ 0, 0 }, { 1, 0 }, { 2, 0 }, { 3, 1 }, { 4, 1 }, { 5, 2 }, { 6, 2 }, { 7, 3 },
		{ 1000, 3 },
	};
	struct rdg_ledger g;
	u32 i;

	rdg_ledger_init(&g);
	for (i = 0; i < 3; i++) {
		g.next += i ? 1 : 2;
		add(test, &g, 10);
	}
	/* Entries are 2, 4 and 6. */
	for (i = 0; i < ARRAY_SIZE(row); i++)
		KUNIT_EXPECT_EQ_MSG(test, rdg_ledger_find(&g, row[i].pn), row[i].pos, "row %u", i);
	rdg_ledger_free(&g);
}

static void set__moves_between_the_counts(struct kunit *test)
{
	struct rdg_ledger g;
	struct rdg_sent *a, *b;

	rdg_ledger_init(&g);
	add(test, &g, 10);
	add(test, &g, 20);
	a = rdg_ledger_at(&g, 0);
	b = rdg_ledger_at(&g, 1);
	rdg_ledger_set(&g, b, RDG_SENT_LOST);
	KUNIT_EXPECT_EQ(test, g.flight, 1u);
	KUNIT_EXPECT_EQ(test, g.lost, 1u);
	KUNIT_EXPECT_EQ(test, g.bytes, 10u);
	KUNIT_EXPECT_PTR_EQ(test, rdg_ledger_lost(&g), b);
	/* An older one that is lost later goes first. */
	rdg_ledger_set(&g, a, RDG_SENT_LOST);
	KUNIT_EXPECT_PTR_EQ(test, rdg_ledger_lost(&g), a);
	KUNIT_EXPECT_EQ(test, g.bytes, 0u);
	rdg_ledger_set(&g, a, RDG_SENT_ACKED);
	KUNIT_EXPECT_PTR_EQ(test, rdg_ledger_lost(&g), b);
	rdg_ledger_set(&g, b, RDG_SENT_ACKED);
	KUNIT_EXPECT_PTR_EQ(test, rdg_ledger_lost(&g), NULL);
	KUNIT_EXPECT_EQ(test, g.lost, 0u);
	rdg_ledger_free(&g);
}

static void trim__stops_at_what_is_waited_for(struct kunit *test)
{
	struct rdg_ledger g;
	u32 i;

	rdg_ledger_init(&g);
	for (i = 0; i < 5; i++)
		add(test, &g, 10);
	rdg_ledger_set(&g, rdg_ledger_at(&g, 1), RDG_SENT_ACKED);
	rdg_ledger_trim(&g);
	KUNIT_EXPECT_EQ(test, g.tail, 0ULL);
	rdg_ledger_set(&g, rdg_ledger_at(&g, 0), RDG_SENT_ACKED);
	rdg_ledger_set(&g, rdg_ledger_at(&g, 2), RDG_SENT_LOST);
	rdg_ledger_trim(&g);
	KUNIT_EXPECT_EQ(test, g.tail, 2ULL);
	rdg_ledger_set(&g, rdg_ledger_at(&g, 2), RDG_SENT_ACKED);
	rdg_ledger_set(&g, rdg_ledger_at(&g, 3), RDG_SENT_ACKED);
	rdg_ledger_set(&g, rdg_ledger_at(&g, 4), RDG_SENT_ACKED);
	rdg_ledger_trim(&g);
	KUNIT_EXPECT_EQ(test, g.tail, g.head);
	rdg_ledger_free(&g);
}

static void set__counts_what_overtook_the_oldest(struct kunit *test)
{
	struct rdg_ledger g;
	u32 i;

	rdg_ledger_init(&g);
	for (i = 0; i < 5; i++)
		add(test, &g, 10);
	rdg_ledger_skip(&g);
	rdg_ledger_set(&g, rdg_ledger_at(&g, 2), RDG_SENT_ACKED);
	rdg_ledger_set(&g, rdg_ledger_at(&g, 4), RDG_SENT_ACKED);
	KUNIT_EXPECT_EQ(test, g.first, 0ULL);
	KUNIT_EXPECT_EQ(test, g.sacked, 2u);
	rdg_ledger_set(&g, rdg_ledger_at(&g, 0), RDG_SENT_LOST);
	rdg_ledger_set(&g, rdg_ledger_at(&g, 1), RDG_SENT_ACKED);
	KUNIT_EXPECT_EQ(test, g.first, 3ULL);
	KUNIT_EXPECT_EQ(test, g.sacked, 1u);
	/* An older one that arrives late overtook nothing. */
	rdg_ledger_set(&g, rdg_ledger_at(&g, 0), RDG_SENT_ACKED);
	KUNIT_EXPECT_EQ(test, g.sacked, 1u);
	rdg_ledger_set(&g, rdg_ledger_at(&g, 3), RDG_SENT_ACKED);
	KUNIT_EXPECT_EQ(test, g.first, g.head);
	KUNIT_EXPECT_EQ(test, g.sacked, 0u);
	add(test, &g, 10);
	KUNIT_EXPECT_EQ(test, rdg_ledger_at(&g, g.first)->pn, 6ULL);
	rdg_ledger_free(&g);
}

static void trim__keeps_what_was_sent_again_for_a_while(struct kunit *test)
{
	struct rdg_ledger g;
	u32 i;

	rdg_ledger_init(&g);
	for (i = 0; i < 3; i++)
		add(test, &g, 10);
	for (i = 0; i < 3; i++)
		rdg_ledger_set(&g, rdg_ledger_at(&g, i), i == 1 ? RDG_SENT_ACKED : RDG_SENT_RESENT);
	rdg_ledger_trim(&g);
	KUNIT_EXPECT_EQ(test, g.tail, 0ULL);
	g.forget = 1001;
	rdg_ledger_trim(&g);
	KUNIT_EXPECT_EQ(test, g.tail, 2ULL);
	g.forget = 1003;
	rdg_ledger_trim(&g);
	KUNIT_EXPECT_EQ(test, g.tail, 3ULL);
	rdg_ledger_free(&g);
}

static void room__ends_at_the_limit(struct kunit *test)
{
	struct rdg_ledger g;
	u32 n = 0;

	rdg_ledger_init(&g);
	while (n <= RDG_LEDGER_MAX && rdg_ledger_room(&g, 1)) {
		rdg_ledger_add(&g, 1, n);
		n++;
	}
	KUNIT_EXPECT_EQ(test, n, (u32)RDG_LEDGER_MAX);
	rdg_ledger_set(&g, rdg_ledger_at(&g, 0), RDG_SENT_ACKED);
	rdg_ledger_trim(&g);
	KUNIT_EXPECT_TRUE(test, rdg_ledger_room(&g, 1));
	KUNIT_EXPECT_FALSE(test, rdg_ledger_room(&g, 2));
	/* What is only kept in case that it was late makes room. */
	rdg_ledger_set(&g, rdg_ledger_at(&g, 1), RDG_SENT_RESENT);
	rdg_ledger_trim(&g);
	KUNIT_EXPECT_EQ(test, g.tail, 1ULL);
	KUNIT_EXPECT_TRUE(test, rdg_ledger_room(&g, 2));
	KUNIT_EXPECT_EQ(test, g.tail, 2ULL);
	rdg_ledger_free(&g);
}

static bool was_skipped(const struct rdg_ledger *g, u64 low, u64 high)
{
	u32 older = 0;

	return rdg_ledger_skipped(g, low, high, &older);
}

static void skip__leaves_a_number_out(struct kunit *test)
{
	struct rdg_ledger g;

	rdg_ledger_init(&g);
	add(test, &g, 10);
	rdg_ledger_skip(&g);
	KUNIT_EXPECT_EQ(test, add(test, &g, 10)->pn, 2ULL);
	KUNIT_EXPECT_EQ(test, g.flight, 2u);
	KUNIT_EXPECT_TRUE(test, was_skipped(&g, 1, 1));
	KUNIT_EXPECT_TRUE(test, was_skipped(&g, 0, 2));
	KUNIT_EXPECT_FALSE(test, was_skipped(&g, 0, 0));
	KUNIT_EXPECT_FALSE(test, was_skipped(&g, 2, 5));
	rdg_ledger_free(&g);
}

static void skip__is_known_for_a_while(struct kunit *test)
{
	struct rdg_ledger g;
	u32 i;

	rdg_ledger_init(&g);
	/* Every third number. */
	for (i = 0; i < RDG_SKIPPED_KEPT + 2; i++) {
		add(test, &g, 10);
		add(test, &g, 10);
		rdg_ledger_skip(&g);
		rdg_ledger_set(&g, rdg_ledger_at(&g, 2 * i), RDG_SENT_ACKED);
		rdg_ledger_set(&g, rdg_ledger_at(&g, 2 * i + 1), RDG_SENT_ACKED);
		rdg_ledger_trim(&g);
	}
	KUNIT_EXPECT_EQ(test, g.tail, g.head);
	for (i = 0; i < g.next; i++)
		KUNIT_EXPECT_EQ_MSG(test, was_skipped(&g, i, i), i >= 8 && i % 3 == 2, "%u",
				    i);
	rdg_ledger_free(&g);
}

static void rest__gives_back_what_is_out_of_use(struct kunit *test)
{
	struct rdg_ledger g;
	u64 pos;

	rdg_ledger_init(&g);
	while (g.head < 200)
		add(test, &g, 10);
	KUNIT_EXPECT_EQ(test, g.size, 256u);
	for (pos = 1; pos < g.head; pos++)
		rdg_ledger_set(&g, rdg_ledger_at(&g, pos), RDG_SENT_ACKED);
	rdg_ledger_trim(&g);
	rdg_ledger_rest(&g, U64_MAX);
	KUNIT_EXPECT_EQ(test, g.size, 256u);
	rdg_ledger_set(&g, rdg_ledger_at(&g, 0), RDG_SENT_ACKED);
	rdg_ledger_trim(&g);
	/* The next ones may follow at once. */
	rdg_ledger_rest(&g, g.eliciting);
	KUNIT_EXPECT_EQ(test, g.size, 256u);
	rdg_ledger_rest(&g, g.eliciting + 1);
	KUNIT_EXPECT_EQ(test, g.size, (u32)RDG_LEDGER_MIN);
	while (g.head < 400) {
		KUNIT_ASSERT_EQ(test, add(test, &g, 10)->pn, g.head - 1);
		KUNIT_ASSERT_EQ(test, rdg_ledger_at(&g, g.first)->pn, 200ULL);
	}
	KUNIT_EXPECT_EQ(test, rdg_ledger_find(&g, 300), 300ULL);
	rdg_ledger_free(&g);
}

/* How many entries an ack of these looks at. */
static u32 look_at(struct rdg_ledger *g, u64 from, u64 end)
{
	u32 looks = 0;
	u64 pos;

	for (pos = from; pos < end; pos = rdg_ledger_pass(g, pos, end)) {
		struct rdg_sent *s = rdg_ledger_at(g, pos);

		if (s->state != RDG_SENT_ACKED)
			rdg_ledger_set(g, s, RDG_SENT_ACKED);
		looks++;
	}
	return looks;
}

/* Whoever acknowledges all but the oldest one by one, and then all of them again and
 * again, from anywhere.
 */
static void pass__looks_at_what_is_acknowledged_once(struct kunit *test)
{
	struct rdg_ledger g;
	u32 i, looks = 0;

	rdg_ledger_init(&g);
	for (i = 0; i < 8000; i++)
		add(test, &g, 10);
	for (i = 1; i < 7000; i++)
		KUNIT_ASSERT_EQ(test, look_at(&g, i, i + 1), 1u);
	KUNIT_EXPECT_EQ(test, look_at(&g, 1, 7000), 6999u);
	for (i = 1; i < 7000; i++)
		looks += look_at(&g, i, 7000);
	KUNIT_EXPECT_EQ(test, looks, 6999u);
	/* More that are acknowledged behind them. */
	KUNIT_EXPECT_EQ(test, look_at(&g, 1, 7500), 501u);
	for (i = 1; i < 7500; i++)
		KUNIT_EXPECT_LE(test, look_at(&g, i, 7500), 2u);
	/* It ends before what is not. */
	KUNIT_EXPECT_EQ(test, look_at(&g, 100, 200), 1u);
	KUNIT_EXPECT_EQ(test, g.flight, 501u);
	KUNIT_EXPECT_EQ(test, look_at(&g, 0, 8000), 502u);
	KUNIT_EXPECT_EQ(test, g.flight, 0u);
	rdg_ledger_free(&g);
}

/* Growing while the ring is wrapped around must not mix entries up. */
static void room__grows_in_any_position(struct kunit *test)
{
	struct sim_world *w = sim_begin(3);
	struct rdg_ledger g;
	u32 i, done = 0;
	u64 pos;

	KUNIT_ASSERT_NOT_NULL(test, w);
	rdg_ledger_init(&g);
	for (i = 0; i < 3000; i++) {
		g.next += sim_below(w, 3);
		add(test, &g, 1 + g.next % 1000);
		if (!sim_chance(w, 800) || done >= g.head)
			continue;
		rdg_ledger_set(&g, rdg_ledger_at(&g, done++), RDG_SENT_ACKED);
		rdg_ledger_trim(&g);
	}
	KUNIT_EXPECT_EQ(test, g.tail, (u64)done);
	KUNIT_EXPECT_EQ(test, g.flight, i - done);
	for (pos = g.tail; pos < g.head; pos++) {
		struct rdg_sent *s = rdg_ledger_at(&g, pos);

		KUNIT_ASSERT_EQ(test, (u64)s->size, 1 + s->pn % 1000);
		KUNIT_ASSERT_EQ(test, s->time, 1000 + s->pn);
		KUNIT_ASSERT_EQ(test, rdg_ledger_find(&g, s->pn), pos);
	}
	rdg_ledger_free(&g);
	sim_end(w);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(add__counts_what_is_in_flight),
	KUNIT_CASE(find__skips_numbers_without_an_entry),
	KUNIT_CASE(set__moves_between_the_counts),
	KUNIT_CASE(trim__stops_at_what_is_waited_for),
	KUNIT_CASE(set__counts_what_overtook_the_oldest),
	KUNIT_CASE(trim__keeps_what_was_sent_again_for_a_while),
	KUNIT_CASE(room__ends_at_the_limit),
	KUNIT_CASE(skip__leaves_a_number_out),
	KUNIT_CASE(skip__is_known_for_a_while),
	KUNIT_CASE(rest__gives_back_what_is_out_of_use),
	KUNIT_CASE(pass__looks_at_what_is_acknowledged_once),
	KUNIT_CASE(room__grows_in_any_position),
	{}
};

struct kunit_suite rdg_ledger_suite = {
	.name = "rdgram_ledger",
	.test_cases = cases,
};
