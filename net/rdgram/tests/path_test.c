// SPDX-License-Identifier: GPL-2.0-only
/*
 * A peer that changes its address, and those that only seem to.
 */
#include "../core/bytes.h"
#include "../core/internal.h"
#include "steps.h"

#define EXPECT_STATE(l, s)	KUNIT_EXPECT_EQ(test, (int)(l)->state, (int)(s))

/* An address that nobody has, though it seems to be a's. */
#define FORGED	(7 * SIM_ADDRESS_STEP)

static void rebind(struct duo *d)
{
	d->w->host[0].address += SIM_ADDRESS_STEP;
}

static u32 where_b_sends(struct duo *d)
{
	return sim_of(duo_b(d))->remote;
}

/* The oldest DATA of a host that is on its way; NULL: none is. */
static struct sim_packet *on_the_way(struct duo *d, u8 from)
{
	struct sim_event *e;

	list_for_each_entry(e, &d->w->held, held) {
		if (e->packet->from == from && e->packet->data[0] == RDG_PKT_DATA)
			return e->packet;
	}
	return NULL;
}

/* Where in a packet of ours a path frame stands; 0: nowhere. */
static u32 path_frame(const struct sim_packet *p, u8 type)
{
	u32 at = RDG_DATA_LEN;

	if (p->data[at] == RDG_FRAME_BASE)
		at += RDG_BASE_LEN;
	return at < p->len && p->data[at] == type ? at : 0;
}

/* The oldest packet with such a frame. */
static struct sim_packet *find_path(struct duo *d, u8 from, u8 type)
{
	struct sim_event *e;

	list_for_each_entry(e, &d->w->held, held) {
		if (e->packet->from == from && path_frame(e->packet, type))
			return e->packet;
	}
	return NULL;
}

/* All packets before this one are lost; it arrives. */
static void pass_path(struct kunit *test, u8 from, u8 type)
{
	struct duo *d = test->priv;
	struct sim_packet *p = find_path(d, from, type);

	KUNIT_ASSERT_NOT_NULL(test, p);
	while (on_the_way(d, from) != p)
		duo_drop(d, from, RDG_PKT_DATA);
	duo_pass(d, from, RDG_PKT_DATA);
}

/* Both are UP; a has another address, has sent from there, and b asks there. */
static void reach_check(struct kunit *test)
{
	struct duo *d = test->priv;

	duo_up(test);
	rebind(d);
	sim_say(d->a, 1, 100);
	KUNIT_ASSERT_TRUE(test, duo_pass(d, 0, RDG_PKT_DATA));
	KUNIT_ASSERT_NOT_NULL(test, find_path(d, 1, RDG_FRAME_PATH_CHECK));
}

static void path__rebound_peer_goes_on(struct kunit *test)
{
	struct duo *d = test->priv;

	duo_up(test);
	rebind(d);
	sim_say(d->a, 1, 100);
	duo_run(d, NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, where_b_sends(d), d->w->host[0].address);
	KUNIT_EXPECT_EQ(test, duo_b(d)->count[RDG_CT_PATHS_CHANGED], 1ULL);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), 2u);
	/* The other way, too; and he who moved has noticed nothing. */
	sim_say(d->b, 0, 100);
	duo_run(d, NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->b, 0, RDG_OUT_DELIVERED), 1u);
	KUNIT_EXPECT_EQ(test, duo_a(d)->count[RDG_CT_LINKS_OPENED], 1ULL);
	KUNIT_EXPECT_EQ(test, duo_a(d)->count[RDG_CT_PATHS_CHANGED], 0ULL);
	KUNIT_EXPECT_EQ(test, duo_b(d)->count[RDG_CT_PATHS_FAILED], 0ULL);
}

static void path__old_one_is_used_until_the_new_one_is_proved(struct kunit *test)
{
	struct duo *d = test->priv;
	struct sim_packet *check;

	reach_check(test);
	/* The payload counts at once. */
	KUNIT_EXPECT_EQ(test, duo_b(d)->count[RDG_CT_MESSAGES_RECEIVED], 2ULL);
	sim_say(d->b, 0, 100);
	KUNIT_EXPECT_EQ(test, where_b_sends(d), 0u);
	check = find_path(d, 1, RDG_FRAME_PATH_CHECK);
	KUNIT_EXPECT_EQ(test, check->dest, d->w->host[0].address);
	pass_path(test, 1, RDG_FRAME_PATH_CHECK);
	KUNIT_EXPECT_EQ(test, where_b_sends(d), 0u);
	pass_path(test, 0, RDG_FRAME_PATH_ANSWER);
	KUNIT_EXPECT_EQ(test, where_b_sends(d), d->w->host[0].address);
	duo_run(d, NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->b, 0, RDG_OUT_DELIVERED), 1u);
}

/* It may be that there will be none until the other side hears of us where it is now. */
static void path__changes_where_there_is_no_room(struct kunit *test)
{
	struct duo *d = test->priv;

	duo_up(test);
	d->w->plan.refuse = 1000;
	rebind(d);
	sim_say(d->a, 1, 100);
	duo_run(d, 5 * NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), 1u);
	KUNIT_EXPECT_EQ(test, where_b_sends(d), d->w->host[0].address);
	d->w->plan.refuse = 0;
	duo_run(d, 5 * NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), 2u);
}

static void path__forged_source_moves_nothing(struct kunit *test)
{
	struct duo *d = test->priv;

	duo_up(test);
	sim_say(d->a, 1, 100);
	KUNIT_ASSERT_NOT_NULL(test, on_the_way(d, 0));
	on_the_way(d, 0)->source = FORGED;
	duo_pass(d, 0, RDG_PKT_DATA);
	KUNIT_EXPECT_EQ(test, sim_of(duo_b(d))->candidate, (u32)FORGED);
	duo_run(d, 5 * NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, where_b_sends(d), 0u);
	KUNIT_EXPECT_EQ(test, duo_b(d)->count[RDG_CT_PATHS_CHANGED], 0ULL);
	KUNIT_EXPECT_EQ(test, duo_b(d)->count[RDG_CT_PATHS_FAILED], 1ULL);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), 2u);
}

static void path__replayed_packet_is_not_even_checked(struct kunit *test)
{
	struct duo *d = test->priv;

	duo_up(test);
	sim_say(d->a, 1, 100);
	KUNIT_ASSERT_TRUE(test, duo_copy(d, 0, RDG_PKT_DATA));
	on_the_way(d, 0)->source = FORGED;
	duo_settle(d);
	KUNIT_EXPECT_TRUE(test, !find_path(d, 1, RDG_FRAME_PATH_CHECK));
	KUNIT_EXPECT_EQ(test, duo_b(d)->live->path.give_up_at, RDG_NEVER);
	KUNIT_EXPECT_EQ(test, duo_b(d)->count[RDG_CT_PACKETS_DUPLICATE], 1ULL);
}

static void path__late_packet_is_not_even_checked(struct kunit *test)
{
	struct duo *d = test->priv;
	struct sim_packet *late;

	duo_up(test);
	sim_say(d->a, 1, 100);
	late = on_the_way(d, 0);
	sim_say(d->a, 1, 100);
	late->source = FORGED;
	/* The second one overtakes it. */
	list_rotate_left(&d->w->held);
	duo_settle(d);
	KUNIT_EXPECT_EQ(test, duo_b(d)->live->path.give_up_at, RDG_NEVER);
	KUNIT_EXPECT_EQ(test, duo_b(d)->count[RDG_CT_MESSAGES_RECEIVED], 3ULL);
}

static void path__answer_from_elsewhere_proves_nothing(struct kunit *test)
{
	struct duo *d = test->priv;

	reach_check(test);
	pass_path(test, 1, RDG_FRAME_PATH_CHECK);
	find_path(d, 0, RDG_FRAME_PATH_ANSWER)->source = FORGED;
	pass_path(test, 0, RDG_FRAME_PATH_ANSWER);
	KUNIT_EXPECT_EQ(test, where_b_sends(d), 0u);
	KUNIT_EXPECT_EQ(test, duo_b(d)->count[RDG_CT_PATHS_CHANGED], 0ULL);
}

static void path__wrong_answer_proves_nothing(struct kunit *test)
{
	struct duo *d = test->priv;
	struct sim_packet *p;

	reach_check(test);
	pass_path(test, 1, RDG_FRAME_PATH_CHECK);
	p = find_path(d, 0, RDG_FRAME_PATH_ANSWER);
	p->data[path_frame(p, RDG_FRAME_PATH_ANSWER) + 11] ^= 1;
	pass_path(test, 0, RDG_FRAME_PATH_ANSWER);
	KUNIT_EXPECT_EQ(test, where_b_sends(d), 0u);
}

static void path__late_answer_proves_nothing(struct kunit *test)
{
	struct duo *d = test->priv;
	struct sim_packet *p;
	u64 value;

	reach_check(test);
	pass_path(test, 1, RDG_FRAME_PATH_CHECK);
	p = find_path(d, 0, RDG_FRAME_PATH_ANSWER);
	KUNIT_ASSERT_NOT_NULL(test, p);
	value = rdg_get_be64(p->data + path_frame(p, RDG_FRAME_PATH_ANSWER) + 4);
	KUNIT_EXPECT_EQ(test, value, duo_b(d)->live->path.value);
	duo_wait(d, 4 * NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_b(d)->count[RDG_CT_PATHS_FAILED], 1ULL);
	duo_pass(d, 0, RDG_PKT_DATA);
	KUNIT_EXPECT_EQ(test, where_b_sends(d), 0u);
}

static void path__lost_check_is_repeated(struct kunit *test)
{
	struct duo *d = test->priv;

	reach_check(test);
	duo_drop_all(d);
	duo_wait(d, 500 * NSEC_PER_MSEC);
	pass_path(test, 1, RDG_FRAME_PATH_CHECK);
	pass_path(test, 0, RDG_FRAME_PATH_ANSWER);
	KUNIT_EXPECT_EQ(test, where_b_sends(d), d->w->host[0].address);
}

/* Who did not listen does not know that nobody answered. */
static void path__sleep_gives_nobody_up(struct kunit *test)
{
	struct duo *d = test->priv;

	reach_check(test);
	d->w->host[1].clock += 10 * NSEC_PER_SEC;
	duo_wait(d, 0);
	KUNIT_EXPECT_EQ(test, duo_b(d)->count[RDG_CT_PATHS_FAILED], 0ULL);
	pass_path(test, 1, RDG_FRAME_PATH_CHECK);
	pass_path(test, 0, RDG_FRAME_PATH_ANSWER);
	KUNIT_EXPECT_EQ(test, where_b_sends(d), d->w->host[0].address);
	KUNIT_EXPECT_EQ(test, duo_b(d)->count[RDG_CT_PATHS_FAILED], 0ULL);
}

/* A PING alone, that seems to come from where A is not; its length. */
static u32 ping_from_elsewhere(struct kunit *test)
{
	struct duo *d = test->priv;
	struct sim_packet *p;
	u32 len;

	duo_a(d)->ping_due = true;
	sim_pump(sim_of(duo_a(d)));
	p = on_the_way(d, 0);
	KUNIT_ASSERT_NOT_NULL(test, p);
	p->source = FORGED;
	len = p->len;
	duo_pass(d, 0, RDG_PKT_DATA);
	return len;
}

static void path__sends_no_more_than_what_came(struct kunit *test)
{
	struct duo *d = test->priv;
	struct sim_packet *p;
	u32 came = 0, went = 0, i;

	duo_up(test);
	/* It is shorter than a check: that waits for one more. */
	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_NULL(test, find_path(d, 1, RDG_FRAME_PATH_CHECK));
		came += ping_from_elsewhere(test);
		duo_wait(d, 100 * NSEC_PER_MSEC);
	}
	duo_wait(d, 2900 * NSEC_PER_MSEC);
	while ((p = find_path(d, 1, RDG_FRAME_PATH_CHECK))) {
		KUNIT_EXPECT_EQ(test, p->dest, (u32)FORGED);
		went += p->len;
		pass_path(test, 1, RDG_FRAME_PATH_CHECK);
	}
	KUNIT_EXPECT_LT(test, 0u, went);
	KUNIT_EXPECT_LE(test, went, came);
}

/* One that comes now and then is checked when enough has come. */
static void path__what_came_before_it_was_given_up_counts(struct kunit *test)
{
	struct duo *d = test->priv;
	u32 i;

	duo_up(test);
	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_NULL(test, find_path(d, 1, RDG_FRAME_PATH_CHECK));
		ping_from_elsewhere(test);
		duo_wait(d, i ? 100 * NSEC_PER_MSEC : 20 * NSEC_PER_SEC);
	}
	KUNIT_EXPECT_NOT_NULL(test, find_path(d, 1, RDG_FRAME_PATH_CHECK));
}

static void path__newest_packet_decides(struct kunit *test)
{
	struct duo *d = test->priv;
	u64 value;

	reach_check(test);
	value = duo_b(d)->live->path.value;
	sim_say(d->a, 1, 100);
	on_the_way(d, 0)->source = FORGED;
	duo_pass(d, 0, RDG_PKT_DATA);
	KUNIT_EXPECT_EQ(test, sim_of(duo_b(d))->candidate, (u32)FORGED);
	KUNIT_EXPECT_NE(test, duo_b(d)->live->path.value, value);
	/* One from where b thinks that a is: it is there still. */
	sim_say(d->a, 1, 100);
	on_the_way(d, 0)->source = where_b_sends(d);
	duo_pass(d, 0, RDG_PKT_DATA);
	KUNIT_EXPECT_EQ(test, duo_b(d)->live->path.give_up_at, RDG_NEVER);
	KUNIT_EXPECT_EQ(test, duo_b(d)->count[RDG_CT_PATHS_FAILED], 0ULL);
}

static void path__check_by_the_peer_is_answered_where_it_came_from(struct kunit *test)
{
	struct duo *d = test->priv;
	struct sim_packet *p;

	reach_check(test);
	/* The check itself seems to come from elsewhere. */
	p = find_path(d, 1, RDG_FRAME_PATH_CHECK);
	p->source = FORGED + 1;
	pass_path(test, 1, RDG_FRAME_PATH_CHECK);
	p = find_path(d, 0, RDG_FRAME_PATH_ANSWER);
	if (!p)
		p = find_path(d, 0, RDG_FRAME_PATH_CHECK);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_EQ(test, p->dest, FORGED + 1u);
	KUNIT_EXPECT_EQ(test, sim_of(duo_a(d))->remote, 1u);
}

/* a's CONFIRM has opened the link, and a cannot know yet. */
static void reach_unheard(struct kunit *test)
{
	struct duo *d = test->priv;

	duo_reach(test, RDG_CONFIRMING);
	duo_wait(d, NSEC_PER_SEC);
	KUNIT_ASSERT_TRUE(test, duo_copy(d, 0, RDG_PKT_CONFIRM));
	EXPECT_STATE(duo_b(d), RDG_UP);
	duo_drop_all(d);
	rebind(d);
	duo_wait(d, NSEC_PER_SEC);
}

/* Repeated, while b's answers go to where a was: the link moves and goes on. */
static void path__confirm_of_an_open_link_moves_it(struct kunit *test)
{
	struct duo *d = test->priv;

	reach_unheard(test);
	KUNIT_ASSERT_TRUE(test, duo_pass(d, 0, RDG_PKT_CONFIRM));
	KUNIT_EXPECT_NE(test, duo_b(d)->live->path.give_up_at, RDG_NEVER);
	KUNIT_EXPECT_EQ(test, where_b_sends(d), 0u);
	sim_say(d->b, 0, 100);
	duo_run(d, NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, where_b_sends(d), d->w->host[0].address);
	EXPECT_STATE(duo_a(d), RDG_UP);
	KUNIT_EXPECT_EQ(test, duo_a(d)->count[RDG_CT_LINKS_OPENED], 1ULL);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), 1u);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->b, 0, RDG_OUT_DELIVERED), 1u);
}

/* One that opened nothing: its cookie is for the address where a was. */
static void path__confirm_from_elsewhere_is_stale(struct kunit *test)
{
	struct duo *d = test->priv;

	duo_reach(test, RDG_CONFIRMING);
	duo_drop_all(d);
	rebind(d);
	duo_wait(d, NSEC_PER_SEC);
	KUNIT_ASSERT_TRUE(test, duo_pass(d, 0, RDG_PKT_CONFIRM));
	KUNIT_EXPECT_TRUE(test, duo_pass(d, 1, RDG_PKT_RESET));
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_IN_DOUBT), 1u);
	duo_drop_all(d);
	/* And goes on: a opens another link from where it is. */
	sim_say(d->a, 1, 100);
	duo_run(d, NSEC_PER_SEC);
	EXPECT_STATE(duo_a(d), RDG_UP);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), 1u);
}

/* The id of an open link, and a cookie that is not of it, move nothing. */
static void path__cookie_of_another_link_moves_nothing(struct kunit *test)
{
	struct duo *d = test->priv;
	u32 at = RDG_DATA_LEN + 4;
	struct sim_event *e;

	for (; at <= RDG_DATA_LEN + 20; at += 8) {
		if (at > RDG_DATA_LEN + 4) {
			duo_exit(test);
			KUNIT_ASSERT_EQ(test, duo_init(test), 0);
			d = test->priv;
		}
		reach_unheard(test);
		e = duo_keep(test, 0, RDG_PKT_CONFIRM);
		KUNIT_ASSERT_EQ(test, (int)e->packet->data[RDG_DATA_LEN], (int)RDG_FRAME_COOKIE);
		e->packet->data[at] ^= 1;
		duo_pass_late(d, e);
		KUNIT_EXPECT_EQ(test, duo_b(d)->live->path.give_up_at, RDG_NEVER);
	}
}

static void path__before_the_handshake_is_over_nothing_moves(struct kunit *test)
{
	struct duo *d = test->priv;

	duo_reach(test, RDG_CONFIRMING);
	duo_wait(d, NSEC_PER_SEC);
	duo_pass(d, 0, RDG_PKT_CONFIRM);
	KUNIT_ASSERT_NOT_NULL(test, on_the_way(d, 1));
	on_the_way(d, 1)->source = FORGED + 1;
	duo_pass(d, 1, RDG_PKT_DATA);
	EXPECT_STATE(duo_a(d), RDG_CONFIRMING);
	KUNIT_EXPECT_EQ(test, duo_a(d)->live->path.give_up_at, RDG_NEVER);
}

static void path__far_forgets_what_near_keeps(struct kunit *test)
{
	struct duo *d = test->priv;
	struct rdg_link *l = duo_b(d);

	duo_up(test);
	rdg_rtt_sample(&l->rtt, 5 * NSEC_PER_MSEC, 0);
	l->live->cc.cwnd = 12345;
	l->live->rack.late = 6789;
	rdg_link_path_moved(l, false, d->w->now);
	KUNIT_EXPECT_EQ(test, l->rtt.smoothed, 5ULL * NSEC_PER_MSEC);
	KUNIT_EXPECT_EQ(test, l->live->cc.cwnd, 12345u);
	KUNIT_EXPECT_EQ(test, l->live->rack.late, 6789ULL);
	rdg_link_path_moved(l, true, d->w->now);
	KUNIT_EXPECT_EQ(test, l->rtt.smoothed, 0ULL);
	KUNIT_EXPECT_NE(test, l->live->cc.cwnd, 12345u);
	KUNIT_EXPECT_EQ(test, l->live->rack.late, 0ULL);
}

static void path__packets_of_the_old_one_measure_nothing(struct kunit *test)
{
	struct duo *d = test->priv;
	struct rdg_link *l = duo_b(d);
	u64 delivered;

	duo_up(test);
	sim_say(d->b, 0, 100);
	duo_wait(d, NSEC_PER_MSEC);
	rdg_link_path_moved(l, true, d->w->now);
	delivered = l->live->rate.delivered;
	/* The ack of what was sent before comes now. */
	duo_settle(d);
	duo_wait(d, 30 * NSEC_PER_MSEC);
	duo_settle(d);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->b, 0, RDG_OUT_DELIVERED), 1u);
	KUNIT_EXPECT_EQ(test, l->rtt.smoothed, 0ULL);
	KUNIT_EXPECT_EQ(test, l->live->rate.delivered, delivered);
}

/* Nor what sizes the new one carries. */
static void path__packets_of_the_old_one_say_nothing_of_sizes(struct kunit *test)
{
	struct duo *d = test->priv;
	struct rdg_link *l = duo_b(d);

	duo_up(test);
	rdg_link_set_limit(l, 1472);
	sim_say(d->b, 0, RDG_PACKET_SIZE - RDG_DATA_LEN - RDG_MSG_LEN);
	while (duo_pass(d, 1, RDG_PKT_DATA))
		;
	duo_wait(d, 30 * NSEC_PER_MSEC);
	rdg_link_path_moved(l, true, d->w->now);
	while (duo_pass(d, 0, RDG_PKT_DATA))
		;
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->b, 0, RDG_OUT_DELIVERED), 1u);
	KUNIT_EXPECT_EQ(test, (int)l->live->search.state, (int)RDG_MTU_BASE);
}

static void numbers__go_on_where_the_other_side_knows_us(struct kunit *test)
{
	struct duo *d = test->priv;

	/* b has sent five messages to a, and has forgotten that: a had another
	 * address then, or was not used for long.
	 */
	duo_a(d)->remote_inc = d->b->self.incarnation;
	duo_a(d)->taken.next = 6;
	duo_a(d)->taken.read = 6;
	sim_of(duo_a(d))->next = 6;
	sim_say(d->a, 1, 10);
	duo_run(d, NSEC_PER_SEC);
	EXPECT_STATE(duo_a(d), RDG_UP);
	KUNIT_EXPECT_EQ(test, duo_b(d)->tx.next_seq, 6ULL);
	sim_say(d->b, 0, 10);
	duo_run(d, NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->b, 0, RDG_OUT_DELIVERED), 1u);
}

/* As before, but it is b that begins: all that a knows comes of another peer of b's, which
 * a takes for the same.
 */
static void know_a_part(struct rdg_link *l, const struct sim_endpoint *of, u64 next)
{
	l->remote_inc = of->self.incarnation;
	l->taken.next = next;
	l->taken.read = next;
}

static void know_a_part_of_b(struct duo *d, u64 next)
{
	know_a_part(duo_a(d), d->b, next);
}

static void know_a_part_of_a(struct duo *d, u64 next)
{
	know_a_part(duo_b(d), d->a, next);
}

static void numbers__may_be_lower_where_another_peer_of_ours_is_known(struct kunit *test)
{
	struct duo *d = test->priv;
	u32 i;

	know_a_part_of_b(d, 6);
	for (i = 0; i < 2; i++)
		sim_say(d->b, 0, 10);
	duo_run(d, 5 * NSEC_PER_SEC);
	EXPECT_STATE(duo_a(d), RDG_UP);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->b, 0, RDG_OUT_DELIVERED), 2u);
	KUNIT_EXPECT_EQ(test, duo_a(d)->taken.next, 3ULL);
	sim_say(d->a, 1, 10);
	duo_run(d, NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), 1u);
	KUNIT_EXPECT_EQ(test, duo_a(d)->count[RDG_CT_PACKETS_MALFORMED], 0u);
	KUNIT_EXPECT_EQ(test, duo_b(d)->count[RDG_CT_PACKETS_MALFORMED], 0u);
	/* Then it is the other peer again, and to a there was no gap, of which the driver
	 * would be told.
	 */
	duo_run(d, 2 * RDG_IDLE_TIMEOUT);
	EXPECT_STATE(duo_a(d), RDG_IDLE);
	KUNIT_EXPECT_EQ(test, duo_a(d)->taken.next, 6ULL);
	rdg_link_number(duo_b(d), 6);
	sim_of(duo_a(d))->next = 6;
	sim_say(d->b, 0, 10);
	duo_run(d, NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->b, 0, RDG_OUT_DELIVERED), 3u);
}

/* Nor where CONFIRMs cross: who numbers too low hears what is expected, and goes on there. */
static void numbers__go_on_where_confirms_cross(struct kunit *test)
{
	u32 i;

	for (i = 0; i < 16; i++) {
		struct duo *d;
		u64 malformed[2];

		if (i) {
			duo_exit(test);
			KUNIT_ASSERT_EQ(test, duo_init(test), 0);
		}
		d = test->priv;
		duo_name(d->a, i & 1 ? 5 : 9);
		duo_name(d->b, 7);
		/* Until b knows better, a drops what it says. */
		d->w->plan.doubts = true;
		know_a_part_of_b(d, 6);
		if (i & 8)
			know_a_part_of_a(d, 100);
		duo_cross(d, i & 2);
		duo_pass(d, i >> 2 & 1, RDG_PKT_CONFIRM);
		duo_pass(d, !(i >> 2 & 1), RDG_PKT_CONFIRM);
		duo_run(d, 2 * NSEC_PER_SEC);
		EXPECT_STATE(duo_a(d), RDG_UP);
		EXPECT_STATE(duo_b(d), RDG_UP);
		malformed[0] = duo_a(d)->count[RDG_CT_PACKETS_MALFORMED];
		malformed[1] = duo_b(d)->count[RDG_CT_PACKETS_MALFORMED];
		sim_say(d->b, 0, 10);
		sim_say(d->a, 1, 10);
		duo_run(d, 2 * NSEC_PER_SEC);
		/* The first may be in doubt: it was sent under a number that was expected once. */
		KUNIT_EXPECT_GE(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), i & 8 ? 1u : 2u);
		KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED) +
				      duo_outcomes(d->a, 1, RDG_OUT_IN_DOUBT), 2u);
		KUNIT_EXPECT_GE(test, duo_outcomes(d->b, 0, RDG_OUT_DELIVERED), 1u);
		KUNIT_EXPECT_EQ(test, duo_outcomes(d->b, 0, RDG_OUT_DELIVERED) +
				      duo_outcomes(d->b, 0, RDG_OUT_IN_DOUBT), 2u);
		KUNIT_EXPECT_EQ(test, duo_a(d)->count[RDG_CT_PACKETS_MALFORMED], malformed[0]);
		KUNIT_EXPECT_EQ(test, duo_b(d)->count[RDG_CT_PACKETS_MALFORMED], malformed[1]);
	}
}

/* Who says what he expects, and acknowledges nothing, is told what he likes; but that is no
 * receipt, and he is believed once for each time that he is asked.
 */
static void numbers__expected_are_no_receipts(struct kunit *test)
{
	static const u32 expected[] = { 0x7fffffff, 0xfffffff0 };
	struct duo *d = test->priv;
	u32 i;

	duo_reach(test, RDG_CONFIRMING);
	d->w->plan.doubts = true;
	/* Some of it waits. */
	for (i = 0; i < 5; i++)
		sim_say(d->a, 1, 100000);
	for (i = 0; i < ARRAY_SIZE(expected); i++) {
		u64 next;

		duo_wait(d, NSEC_PER_SEC);
		duo_drop_all(d);
		duo_report(d, expected[i]);
		next = duo_a(d)->tx.next_seq;
		duo_report(d, expected[i] + 5);
		KUNIT_EXPECT_EQ(test, duo_a(d)->tx.next_seq, next);
	}
	duo_report(d, 1);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->a, 1, RDG_OUT_DELIVERED), 0u);
	duo_drop_all(d);
}

/* The cookie is of the same moment as a link that has delivered: its order is not known. */
static void numbers__are_not_lower_where_the_order_is_not_known(struct kunit *test)
{
	struct duo *d = test->priv;
	struct rdg_frames *f = &d->w->frames;
	struct rdg_link *l = duo_a(d);
	struct rdg_header h;
	struct sim_event *e;

	know_a_part_of_b(d, 6);
	sim_say(d->b, 0, 10);
	duo_pass(d, 1, RDG_PKT_INIT);
	l->latest = d->w->now >> RDG_COOKIE_TIME_SHIFT;
	duo_pass(d, 0, RDG_PKT_CHALLENGE);
	e = duo_keep(test, 1, RDG_PKT_CONFIRM);
	rdg_wire_parse(e->packet->data, e->packet->len, &h);
	rdg_wire_parse_frames(e->packet->data, &h, f);
	KUNIT_EXPECT_EQ(test, rdg_link_confirm(l, &h, f, d->w->now), 0);
	rdg_link_packet(l, &h, f, e->packet, false, d->w->now);
	EXPECT_STATE(l, RDG_UP);
	KUNIT_EXPECT_EQ(test, l->count[RDG_CT_PACKETS_MALFORMED], 1u);
	KUNIT_EXPECT_EQ(test, l->taken.next, 6ULL);
	/* What the driver sees afterwards is none of its business. */
	l->count[RDG_CT_PACKETS_MALFORMED] = 0;
	duo_drop_late(d, e);
}

static void numbers__stay_where_the_other_side_knows_nothing(struct kunit *test)
{
	struct duo *d = test->priv;
	const u64 first = BIT_ULL(32) - 9;
	u32 i;

	/* a expects 1, which is close above. */
	rdg_link_number(duo_b(d), first);
	sim_say(d->a, 1, 10);
	duo_run(d, NSEC_PER_SEC);
	EXPECT_STATE(duo_b(d), RDG_UP);
	KUNIT_EXPECT_EQ(test, duo_b(d)->tx.next_seq, first);
	for (i = 0; i < 20; i++)
		sim_say(d->b, 0, 10);
	duo_run(d, NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, duo_outcomes(d->b, 0, RDG_OUT_DELIVERED), 20u);
	KUNIT_EXPECT_EQ(test, duo_b(d)->tx.next_seq, first + 20);
}

static struct kunit_case path_cases[] = {
	KUNIT_CASE(path__rebound_peer_goes_on),
	KUNIT_CASE(path__old_one_is_used_until_the_new_one_is_proved),
	KUNIT_CASE(path__changes_where_there_is_no_room),
	KUNIT_CASE(path__forged_source_moves_nothing),
	KUNIT_CASE(path__replayed_packet_is_not_even_checked),
	KUNIT_CASE(path__late_packet_is_not_even_checked),
	KUNIT_CASE(path__answer_from_elsewhere_proves_nothing),
	KUNIT_CASE(path__wrong_answer_proves_nothing),
	KUNIT_CASE(path__late_answer_proves_nothing),
	KUNIT_CASE(path__lost_check_is_repeated),
	KUNIT_CASE(path__sleep_gives_nobody_up),
	KUNIT_CASE(path__sends_no_more_than_what_came),
	KUNIT_CASE(path__what_came_before_it_was_given_up_counts),
	KUNIT_CASE(path__newest_packet_decides),
	KUNIT_CASE(path__check_by_the_peer_is_answered_where_it_came_from),
	KUNIT_CASE(path__confirm_of_an_open_link_moves_it),
	KUNIT_CASE(path__confirm_from_elsewhere_is_stale),
	KUNIT_CASE(path__cookie_of_another_link_moves_nothing),
	KUNIT_CASE(path__before_the_handshake_is_over_nothing_moves),
	KUNIT_CASE(path__far_forgets_what_near_keeps),
	KUNIT_CASE(path__packets_of_the_old_one_measure_nothing),
	KUNIT_CASE(path__packets_of_the_old_one_say_nothing_of_sizes),
	KUNIT_CASE(numbers__go_on_where_the_other_side_knows_us),
	KUNIT_CASE(numbers__may_be_lower_where_another_peer_of_ours_is_known),
	KUNIT_CASE(numbers__are_not_lower_where_the_order_is_not_known),
	KUNIT_CASE(numbers__go_on_where_confirms_cross),
	KUNIT_CASE(numbers__expected_are_no_receipts),
	KUNIT_CASE(numbers__stay_where_the_other_side_knows_nothing),
	{}
};

struct kunit_suite rdg_path_suite = {
	.name = "rdgram_path",
	.init = duo_init,
	.exit = duo_exit,
	.test_cases = path_cases,
};
