// SPDX-License-Identifier: GPL-2.0-only
/*
 * Silent peers, one of them: when it is asked, and what the driver has to say about
 * that.
 */
#include "steps.h"

#define MS	NSEC_PER_MSEC

/* The timer is set anew, as after every call of the core. */
static void let_turn(struct duo *d)
{
	rdg_link_turn(duo_a(d), d->w->now + 1);
	sim_pump(d->a->link[1]);
	duo_wait(d, 2);
}

static void turn__is_waited_for_by_an_init(struct kunit *test)
{
	struct duo *d = test->priv;

	d->w->plan.wait = NSEC_PER_SEC;
	sim_say(d->a, 1, 10);
	duo_wait(d, 3 * (u64)NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_drop_all(d), 0u);
	KUNIT_EXPECT_EQ(test, (int)duo_a(d)->state, (int)RDG_IDLE);
	KUNIT_EXPECT_TRUE(test, duo_a(d)->waits);
	KUNIT_EXPECT_FALSE(test, rdg_link_is_silent(duo_a(d)));
	d->w->plan.wait = 0;
	let_turn(d);
	KUNIT_EXPECT_FALSE(test, duo_a(d)->waits);
	KUNIT_EXPECT_EQ(test, (int)duo_a(d)->state, (int)RDG_OPENING);
	duo_run(d, NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), 1u);
}

/* An address that was not asked was not silent: that begins with the INIT. */
static void turn__of_an_init_is_no_silence(struct kunit *test)
{
	struct duo *d = test->priv;

	d->w->plan.wait = NSEC_PER_SEC;
	d->a->self.user_timeout = NSEC_PER_SEC;
	d->w->plan.may = SIM_MAY_TIME_OUT;
	sim_say(d->a, 1, 10);
	duo_wait(d, 5 * (u64)NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_NOT_DELIVERED), 0u);
	d->w->plan.wait = 0;
	let_turn(d);
	KUNIT_EXPECT_EQ(test, (int)duo_a(d)->state, (int)RDG_OPENING);
	duo_wait(d, 990 * MS);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_NOT_DELIVERED), 0u);
	duo_wait(d, 20 * MS);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_NOT_DELIVERED), 1u);
	KUNIT_EXPECT_GT(test, duo_drop_all(d), 0u);
	KUNIT_EXPECT_EQ(test, rdg_link_deadline(duo_a(d)), RDG_NEVER);
}

/* A message was lost: what counts is the time before the wait, and after it. A sleep
 * meanwhile is a part of the wait.
 */
static void turn__of_the_first_probe_is_no_silence(struct kunit *test)
{
	struct duo *d = test->priv;
	u64 silent, began;

	duo_up(test);
	d->w->plan.wait = NSEC_PER_SEC;
	d->a->self.user_timeout = 2 * (u64)NSEC_PER_SEC;
	sim_say(d->a, 1, 10);
	duo_drop_all(d);
	while (!duo_a(d)->waits)
		duo_wait(d, MS);
	silent = duo_a(d)->silent;
	began = duo_a(d)->waits_since;
	duo_wait(d, 5 * (u64)NSEC_PER_SEC);
	d->a->host->clock += 7 * (u64)NSEC_PER_SEC;
	duo_wait(d, 5 * (u64)NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_IN_DOUBT), 0u);
	KUNIT_EXPECT_TRUE(test, duo_a(d)->waits);
	d->w->plan.wait = 0;
	rdg_link_turn(duo_a(d), sim_now(d->a->host) + 1);
	sim_pump(d->a->link[1]);
	duo_wait(d, 2);
	KUNIT_EXPECT_FALSE(test, duo_a(d)->waits);
	KUNIT_EXPECT_EQ(test, duo_drop_all(d), 1u);
	/* As much before the first probe as if it had not waited. */
	KUNIT_EXPECT_LE(test, sim_now(d->a->host) - duo_a(d)->silent, began - silent + 2);
	KUNIT_EXPECT_GE(test, sim_now(d->a->host) - duo_a(d)->silent, began - silent);
	duo_wait(d, 2 * (u64)NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_IN_DOUBT), 1u);
}

static void turn__is_waited_for_by_the_first_probe(struct kunit *test)
{
	struct duo *d = test->priv;

	duo_up(test);
	d->w->plan.wait = NSEC_PER_SEC;
	sim_say(d->a, 1, 10);
	KUNIT_ASSERT_EQ(test, duo_drop_all(d), 1u);
	duo_wait(d, 3 * (u64)NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_drop_all(d), 0u);
	KUNIT_EXPECT_TRUE(test, duo_a(d)->waits);
	KUNIT_EXPECT_FALSE(test, rdg_link_is_silent(duo_a(d)));
	d->w->plan.wait = 0;
	let_turn(d);
	KUNIT_EXPECT_FALSE(test, duo_a(d)->waits);
	KUNIT_EXPECT_TRUE(test, rdg_link_is_silent(duo_a(d)));
	duo_run(d, NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), 2u);
}

/* An answer comes meanwhile: there is nothing to ask. */
static void turn__is_not_needed_after_an_answer(struct kunit *test)
{
	struct duo *d = test->priv;
	u64 sent;

	duo_up(test);
	d->w->plan.wait = NSEC_PER_SEC;
	sim_say(d->a, 1, 10);
	duo_wait(d, NSEC_PER_SEC / 2);
	KUNIT_EXPECT_TRUE(test, duo_a(d)->waits);
	duo_settle(d);
	duo_run(d, 100 * MS);
	KUNIT_EXPECT_FALSE(test, duo_a(d)->waits);
	sent = duo_a(d)->count[RDG_CT_PACKETS_SENT];
	let_turn(d);
	duo_run(d, NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_a(d)->count[RDG_CT_PACKETS_SENT], sent);
}

/* How long until the next packet of a; it is lost. */
static u64 next_in(struct kunit *test)
{
	struct duo *d = test->priv;
	u64 sent = duo_a(d)->count[RDG_CT_PACKETS_SENT], began = d->w->now;

	while (duo_a(d)->count[RDG_CT_PACKETS_SENT] == sent &&
	       d->w->now < began + 100 * (u64)NSEC_PER_SEC)
		duo_wait(d, MS);
	duo_drop_all(d);
	return d->w->now - began;
}

/* It is decided again when the time has come: there may be more of them by then. */
static void share__is_that_of_the_moment(struct kunit *test)
{
	struct duo *d = test->priv;
	struct sim_link *sl;
	u64 wait;

	/* An INIT is out. */
	sim_say(d->a, 1, 10);
	sl = d->a->link[1];
	duo_drop_all(d);
	KUNIT_EXPECT_TRUE(test, rdg_link_is_silent(duo_a(d)));
	sl->share = 8 * (u64)NSEC_PER_SEC;
	wait = next_in(test);
	KUNIT_EXPECT_GE(test, wait, 7 * (u64)NSEC_PER_SEC);
	KUNIT_EXPECT_LE(test, wait, 8 * (u64)NSEC_PER_SEC + MS);
	/* The way may be open again. */
	sl->share = 80 * (u64)NSEC_PER_SEC;
	rdg_link_rouse(duo_a(d), d->w->now + 10 * MS);
	sim_pump(sl);
	KUNIT_EXPECT_LE(test, next_in(test), 11 * MS);
	KUNIT_EXPECT_GE(test, next_in(test), 70 * (u64)NSEC_PER_SEC);
}

/* However many others are silent, a message that waits is not left alone for longer than
 * its peer has been silent.
 */
static void share__of_a_message_is_no_longer_than_the_silence(struct kunit *test)
{
	struct duo *d = test->priv;
	u64 began, silence, wait;
	u32 i;

	duo_up(test);
	d->a->self.user_timeout = 300 * (u64)NSEC_PER_SEC;
	began = d->w->now;
	sim_say(d->a, 1, 10);
	duo_drop_all(d);
	d->a->link[1]->share = 400 * (u64)NSEC_PER_SEC;
	next_in(test);
	for (i = 0; i < 6; i++) {
		silence = max_t(u64, d->w->now - began, 2 * (u64)NSEC_PER_SEC);
		wait = next_in(test);
		KUNIT_EXPECT_GE_MSG(test, wait, silence / 8 * 7 - MS, "after probe %u", i + 1);
		KUNIT_EXPECT_LE_MSG(test, wait, silence + MS, "after probe %u", i + 1);
	}
	duo_run(d, 200 * (u64)NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), 2u);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_IN_DOUBT), 0u);
}

/* Nobody waits for the answer to an END: it takes its share and no more. */
static void share__of_an_end_is_that_of_all(struct kunit *test)
{
	struct duo *d = test->priv;

	duo_up(test);
	d->a->link[1]->share = 80 * (u64)NSEC_PER_SEC;
	/* The END, and a first probe. */
	next_in(test);
	next_in(test);
	KUNIT_EXPECT_EQ(test, (int)duo_a(d)->state, (int)RDG_ENDING);
	KUNIT_EXPECT_GE(test, next_in(test), 70 * (u64)NSEC_PER_SEC);
}

/* Also soon after the machine was started, when the share is longer than that ago. */
static void share__is_not_waited_for_where_roused(struct kunit *test)
{
	struct duo *d = test->priv;
	struct sim_link *sl;

	sim_say(d->a, 1, 10);
	sl = d->a->link[1];
	duo_drop_all(d);
	sl->share = 2 * sim_now(d->a->host);
	rdg_link_rouse(duo_a(d), sim_now(d->a->host) + 10 * MS);
	sim_pump(sl);
	KUNIT_EXPECT_LE(test, next_in(test), 11 * MS);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(turn__is_waited_for_by_an_init),
	KUNIT_CASE(turn__of_an_init_is_no_silence),
	KUNIT_CASE(turn__of_the_first_probe_is_no_silence),
	KUNIT_CASE(turn__is_waited_for_by_the_first_probe),
	KUNIT_CASE(turn__is_not_needed_after_an_answer),
	KUNIT_CASE(share__is_that_of_the_moment),
	KUNIT_CASE(share__of_a_message_is_no_longer_than_the_silence),
	KUNIT_CASE(share__of_an_end_is_that_of_all),
	KUNIT_CASE(share__is_not_waited_for_where_roused),
	{}
};

struct kunit_suite rdg_silent_suite = {
	.name = "rdgram_silent",
	.init = duo_init,
	.exit = duo_exit,
	.test_cases = cases,
};
