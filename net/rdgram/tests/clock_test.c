// SPDX-License-Identifier: GPL-2.0-only
/*
 * Clocks that jump: a machine that did not run for a while knows nothing of
 * what happened meanwhile, and concludes nothing.
 */
#include "../core/cookie.h"
#include "../core/internal.h"
#include "steps.h"

#define MS	NSEC_PER_MSEC
#define HOUR	(3600 * (u64)NSEC_PER_SEC)

static void jump(struct duo *d, u8 host, u64 ns)
{
	d->w->host[host].clock += ns;
}

/* Both are UP, and a knows that b is 10 ms away. */
static struct rdg_link *ten_ms_away(struct kunit *test)
{
	struct duo *d = test->priv;
	struct rdg_link *l = duo_a(d);
	u32 i;

	duo_up(test);
	rdg_rtt_init(&l->rtt);
	for (i = 0; i < 20; i++)
		rdg_rtt_sample(&l->rtt, 10 * MS, 0);
	return l;
}

/* A link that was not used for hours may have ended. */
static void expect_ten_ms(struct kunit *test, const struct rdg_link *l)
{
	KUNIT_EXPECT_LE(test, l->rtt.smoothed, 11 * (u64)MS);
	if (!l->live)
		return;
	KUNIT_EXPECT_LE(test, l->live->rack.rtt, 11 * (u64)MS);
	KUNIT_EXPECT_LE(test, l->live->rack.late, 11 * (u64)MS);
}

static void jump__before_the_ack_measures_nothing(struct kunit *test)
{
	struct duo *d = test->priv;
	struct rdg_link *l = ten_ms_away(test);
	bool timer;

	d->a->self.nodelay = true;
	for (timer = false; !d->w->failed; timer = true) {
		/* Every second packet is acknowledged at once. */
		sim_say(d->a, 1, 1000);
		sim_say(d->a, 1, 1000);
		jump(d, 0, 10 * HOUR);
		/* What comes first, the ack or the timer, is chance. */
		if (timer)
			duo_wait(d, 0);
		duo_settle(d);
		KUNIT_EXPECT_EQ(test, l->live->ledger.flight, 0u);
		expect_ten_ms(test, l);
		duo_run(d, NSEC_PER_SEC);
		expect_ten_ms(test, l);
		if (timer)
			break;
	}
	/* The next loss costs what it would have cost. */
	sim_say(d->a, 1, 1000);
	duo_drop_all(d);
	KUNIT_EXPECT_LE(test, l->probe_at - sim_now(&d->w->host[0]), 100 * (u64)MS);
}

/* Counted lost too early, and then on its way for hours. */
static void jump__before_a_late_ack_widens_nothing(struct kunit *test)
{
	struct duo *d = test->priv;
	struct rdg_link *l = ten_ms_away(test);
	struct sim_event *first;

	l->live->cc.pacing = 0;
	sim_say(d->a, 1, 1000);
	first = duo_keep(test, 0, RDG_PKT_DATA);
	sim_say(d->a, 1, 1000);
	sim_say(d->a, 1, 1000);
	sim_say(d->a, 1, 1000);
	duo_run(d, 20 * MS);
	KUNIT_ASSERT_TRUE(test, l->live->rack.losses);
	duo_drop_all(d);
	sim_say(d->a, 1, 1000);
	jump(d, 0, HOUR);
	duo_pass_late(d, first);
	duo_settle(d);
	KUNIT_EXPECT_LE(test, l->live->rack.late, 100 * (u64)MS);
	duo_run(d, NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), 6u);
}

static void jump__while_opening_measures_nothing(struct kunit *test)
{
	struct duo *d = test->priv;
	struct rdg_link *l = duo_a(d);

	sim_say(d->a, 1, 1000);
	jump(d, 0, HOUR);
	duo_settle(d);
	KUNIT_EXPECT_EQ(test, l->state, RDG_UP);
	KUNIT_EXPECT_LE(test, l->rtt.smoothed, (u64)NSEC_PER_SEC);
}

/* Who did not listen does not know that nobody spoke. */
static void jump__is_no_silence(struct kunit *test)
{
	struct duo *d = test->priv;

	d->a->self.user_timeout = 60 * NSEC_PER_SEC;
	duo_up(test);
	sim_say(d->a, 1, 1000);
	jump(d, 0, HOUR);
	duo_wait(d, 0);
	KUNIT_EXPECT_EQ(test, duo_a(d)->state, RDG_UP);
	/* From now on it does. */
	duo_wait(d, 55 * NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_a(d)->state, RDG_UP);
	duo_wait(d, 10 * NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_a(d)->state, RDG_IDLE);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_IN_DOUBT), 1u);
}

/* Its time is 32 bits on the wire, which come again after three days. */
static void cookie__is_good_once_and_not_again(struct kunit *test)
{
	const struct rdg_self self = { .secret.key[0] = 1, .incarnation = 2 };
	const struct rdg_header init = { .src_id = 3, .src_inc = 4 };
	struct rdg_cookie_frame c = { .src_id = 3, .src_inc = 4, .dst_inc = 2 };
	u64 now = 5 * NSEC_PER_SEC;
	struct rdg_header h;
	u8 data[RDG_INIT_MIN];
	struct rdg_flow flow;
	u32 len;

	sim_flow(&flow, 0, 1);
	len = rdg_cookie_answer(&self, &flow, &init, NULL, 0, false, now, data);
	KUNIT_ASSERT_EQ(test, (int)rdg_wire_parse(data, len, &h), (int)RDG_PARSE_OK);
	c.cookie = h.cookie;
	c.time = h.cookie_time;
	KUNIT_EXPECT_TRUE(test, rdg_cookie_good(&self, &flow, h.src_id, &c, now));
	KUNIT_EXPECT_TRUE(test, rdg_cookie_good(&self, &flow, h.src_id, &c,
						now + RDG_COOKIE_LIFE - MS));
	KUNIT_EXPECT_FALSE(test, rdg_cookie_good(&self, &flow, h.src_id, &c,
						 now + RDG_COOKIE_LIFE + MS));
	KUNIT_EXPECT_FALSE(test, rdg_cookie_good(&self, &flow, h.src_id, &c, now + HOUR));
	KUNIT_EXPECT_FALSE(test, rdg_cookie_good(&self, &flow, h.src_id, &c,
						 now + SIM_COOKIE_WRAP));
}

static struct kunit_case clock_cases[] = {
	KUNIT_CASE(cookie__is_good_once_and_not_again),
	KUNIT_CASE(jump__before_the_ack_measures_nothing),
	KUNIT_CASE(jump__before_a_late_ack_widens_nothing),
	KUNIT_CASE(jump__while_opening_measures_nothing),
	KUNIT_CASE(jump__is_no_silence),
	{}
};

struct kunit_suite rdg_clock_suite = {
	.name = "rdgram_clock",
	.init = duo_init,
	.exit = duo_exit,
	.test_cases = clock_cases,
};
