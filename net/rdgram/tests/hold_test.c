// SPDX-License-Identifier: GPL-2.0-only
/*
 * When messages wait for others to share a packet with, and how long.
 */
#include "steps.h"

#define RTT	(2 * NSEC_PER_MSEC)

/* A link that was quiet for a while, and knows its round trip. */
static struct rdg_link *begin(struct kunit *test)
{
	struct duo *d = test->priv;
	struct rdg_link *l;

	duo_up(test);
	duo_run(d, NSEC_PER_SEC);
	l = duo_a(d);
	l->rtt.smoothed = RTT;
	l->live->cc.cwnd = 100 * l->mtu;
	l->live->cc.pacing = 0;
	return l;
}

static void first__leaves_at_once(struct kunit *test)
{
	struct rdg_link *l = begin(test);
	struct duo *d = test->priv;

	sim_say(d->a, 1, 64);
	KUNIT_EXPECT_EQ(test, l->live->ledger.flight, 1u);
	KUNIT_EXPECT_EQ(test, l->tx.waiting, 0u);
}

/* All of it: its end is no message that could wait for others. */
static void first__leaves_at_once_with_its_end(struct kunit *test)
{
	struct rdg_link *l = begin(test);
	struct duo *d = test->priv;

	sim_say(d->a, 1, 2 * l->mtu + 100);
	KUNIT_EXPECT_EQ(test, l->tx.waiting, 0u);
	KUNIT_EXPECT_EQ(test, l->live->ledger.flight, 3u);
	/* What comes next does wait. */
	sim_say(d->a, 1, 100);
	KUNIT_EXPECT_EQ(test, l->tx.waiting, 1u);
}

static void others__wait_for_a_part_of_the_round_trip(struct kunit *test)
{
	struct rdg_link *l = begin(test);
	struct duo *d = test->priv;
	u32 i;

	sim_say(d->a, 1, 64);
	for (i = 0; i < 5; i++)
		sim_say(d->a, 1, 64);
	KUNIT_EXPECT_EQ(test, l->tx.waiting, 5u);
	duo_wait(d, RTT / 4 - 1);
	KUNIT_EXPECT_EQ(test, l->tx.waiting, 5u);
	duo_wait(d, 1);
	KUNIT_EXPECT_EQ(test, l->tx.waiting, 0u);
	/* All in one. */
	KUNIT_EXPECT_EQ(test, l->live->ledger.flight, 2u);
}

static void others__fill_a_packet_and_leave(struct kunit *test)
{
	struct rdg_link *l = begin(test);
	struct duo *d = test->priv;

	sim_say(d->a, 1, 64);
	while (l->tx.unsent + 64 + RDG_MSG_NEXT_LEN + RDG_DATA_LEN + RDG_MSG_LEN < l->mtu)
		sim_say(d->a, 1, 64);
	KUNIT_EXPECT_EQ(test, l->live->ledger.flight, 1u);
	sim_say(d->a, 1, 64);
	KUNIT_EXPECT_EQ(test, l->live->ledger.flight, 2u);
}

static void others__leave_when_nothing_is_on_its_way(struct kunit *test)
{
	struct rdg_link *l = begin(test);
	struct duo *d = test->priv;

	sim_say(d->a, 1, 64);
	duo_wait(d, RTT / 2);
	sim_say(d->a, 1, 64);
	KUNIT_EXPECT_EQ(test, l->tx.waiting, 1u);
	KUNIT_ASSERT_EQ(test, l->live->ledger.flight, 1u);
	/* Far apart: the link is not busy but for what is on its way. */
	duo_acknowledge(d);
	KUNIT_EXPECT_EQ(test, l->tx.waiting, 0u);
}

static void close__followers_wait_without_anything_on_its_way(struct kunit *test)
{
	struct rdg_link *l = begin(test);
	struct duo *d = test->priv;

	sim_say(d->a, 1, 64);
	duo_acknowledge(d);
	KUNIT_ASSERT_EQ(test, l->live->ledger.flight, 0u);
	l->rtt.smoothed = RTT;
	sim_say(d->a, 1, 64);
	KUNIT_EXPECT_EQ(test, l->tx.waiting, 1u);
	duo_wait(d, RTT / 4);
	KUNIT_EXPECT_EQ(test, l->tx.waiting, 0u);
}

static void answers__do_not_wait(struct kunit *test)
{
	struct rdg_link *l = begin(test);
	struct duo *d = test->priv;
	u32 i;

	for (i = 0; i < 4; i++) {
		sim_say(d->a, 1, 64);
		KUNIT_EXPECT_EQ_MSG(test, l->tx.waiting, 0u, "question %u", i);
		duo_feed(d, 0);
		sim_say(d->b, 0, 64);
		KUNIT_EXPECT_EQ_MSG(test, duo_b(d)->tx.waiting, 0u, "answer %u", i);
		duo_feed(d, 1);
		KUNIT_EXPECT_EQ_MSG(test, l->live->ledger.flight, 0u, "answer %u", i);
	}
}

static void nodelay__turns_it_off(struct kunit *test)
{
	struct rdg_link *l = begin(test);
	struct duo *d = test->priv;
	u32 i;

	d->a->self.nodelay = true;
	for (i = 0; i < 5; i++)
		sim_say(d->a, 1, 64);
	KUNIT_EXPECT_EQ(test, l->live->ledger.flight, 5u);
}

/* Where it takes long to send, for as long as a few packets take. */
static void others__wait_for_the_price_of_a_few(struct kunit *test)
{
	const u64 price = 50 * NSEC_PER_USEC;
	struct rdg_link *l = begin(test);
	struct duo *d = test->priv;

	l->rtt.smoothed = 0;
	rdg_link_set_price(l, price);
	sim_say(d->a, 1, 64);
	sim_say(d->a, 1, 64);
	KUNIT_EXPECT_EQ(test, l->tx.waiting, 1u);
	duo_wait(d, 4 * price - 1);
	KUNIT_EXPECT_EQ(test, l->tx.waiting, 1u);
	duo_wait(d, 1);
	KUNIT_EXPECT_EQ(test, l->tx.waiting, 0u);
	/* A clock that jumped says nothing of the price. */
	rdg_link_set_price(l, NSEC_PER_SEC);
	KUNIT_EXPECT_LE(test, l->live->follow.price, price + (u64)NSEC_PER_MSEC / 8);
}

static void more__waits_on_an_idle_link_but_not_for_ever(struct kunit *test)
{
	struct rdg_link *l = begin(test);
	struct duo *d = test->priv;

	d->a->more = true;
	sim_say(d->a, 1, 64);
	sim_say(d->a, 1, 64);
	KUNIT_EXPECT_EQ(test, l->tx.waiting, 2u);
	duo_wait(d, 5 * NSEC_PER_MSEC);
	KUNIT_EXPECT_EQ(test, l->tx.waiting, 0u);
	KUNIT_EXPECT_EQ(test, l->live->ledger.flight, 1u);
}

static void more__ends_with_the_last(struct kunit *test)
{
	struct rdg_link *l = begin(test);
	struct duo *d = test->priv;

	d->a->self.nodelay = true;
	d->a->more = true;
	sim_say(d->a, 1, 64);
	KUNIT_EXPECT_EQ(test, l->tx.waiting, 1u);
	d->a->more = false;
	sim_say(d->a, 1, 64);
	KUNIT_EXPECT_EQ(test, l->tx.waiting, 0u);
	KUNIT_EXPECT_EQ(test, l->live->ledger.flight, 1u);
}

static void trains__are_worth_waiting_for(struct kunit *test)
{
	struct rdg_link *l = begin(test);
	struct duo *d = test->priv;

	rdg_link_set_train(l, 65000);
	sim_say(d->a, 1, 64);
	/* The window closed while the link was idle, and there is a pace now. */
	l->live->cc.cwnd = 100 * l->mtu;
	l->live->cc.pacing = 0;
	duo_wait(d, 1);
	sim_say(d->a, 1, 3 * l->mtu);
	KUNIT_EXPECT_EQ(test, l->live->ledger.flight, 1u);
	sim_say(d->a, 1, 6 * l->mtu);
	KUNIT_EXPECT_GE(test, l->live->ledger.flight, 9u);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(first__leaves_at_once),
	KUNIT_CASE(first__leaves_at_once_with_its_end),
	KUNIT_CASE(others__wait_for_a_part_of_the_round_trip),
	KUNIT_CASE(others__fill_a_packet_and_leave),
	KUNIT_CASE(others__leave_when_nothing_is_on_its_way),
	KUNIT_CASE(close__followers_wait_without_anything_on_its_way),
	KUNIT_CASE(answers__do_not_wait),
	KUNIT_CASE(others__wait_for_the_price_of_a_few),
	KUNIT_CASE(nodelay__turns_it_off),
	KUNIT_CASE(more__waits_on_an_idle_link_but_not_for_ever),
	KUNIT_CASE(more__ends_with_the_last),
	KUNIT_CASE(trains__are_worth_waiting_for),
	{}
};

struct kunit_suite rdg_hold_suite = {
	.name = "rdgram_hold",
	.init = duo_init,
	.exit = duo_exit,
	.test_cases = cases,
};
