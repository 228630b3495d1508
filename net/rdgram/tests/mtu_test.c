// SPDX-License-Identifier: GPL-2.0-only
/*
 * The size of packets: the phases of the search, black holes, hints.
 *
 * Two hosts 5 ms apart; host 0 sends, and path(d) is its way to host 1. That
 * all arrives, once and unaltered, is checked as in the simulation.
 */
#include <linux/string.h>
#include "steps.h"

#define DELAY	(5 * NSEC_PER_MSEC)
#define RTT	(2 * DELAY)

static struct sim_path *path(struct duo *d)
{
	return &d->w->path[0][1];
}

static int mtu_init(struct kunit *test)
{
	int err = duo_init(test);
	struct duo *d = test->priv;

	if (err)
		return err;
	/* It is to be seen that nothing is in doubt. */
	d->w->plan.may = SIM_MAY_CLOSE;
	d->w->manual = false;
	d->w->path[0][1].delay = DELAY;
	d->w->path[1][0].delay = DELAY;
	return 0;
}

static void run(struct duo *d, u64 ns)
{
	sim_run(d->w, d->w->now + ns, 1000000);
	while (sim_read(d->b))
		;
}

/* Messages of @len bytes every so often, for a time. */
static void talk(struct duo *d, u32 len, u64 every, u64 ns)
{
	u64 until = d->w->now + ns;

	while (!d->w->failed && d->w->now < until) {
		if (d->a->life->to[1].pending < 20)
			sim_say(d->a, 1, len);
		run(d, every);
	}
}

static void stream(struct duo *d, u32 len, u64 ns)
{
	talk(d, len, 2 * NSEC_PER_MSEC, ns);
}

/* Until it is time to search again, and a little longer. */
static void outlast_raise_timer(struct duo *d)
{
	talk(d, 100, 50 * NSEC_PER_MSEC, RDG_MTU_RAISE + NSEC_PER_SEC);
}

static void expect_all_delivered(struct kunit *test)
{
	struct duo *d = test->priv;

	u32 i;

	for (i = 0; i < 2000 && d->a->life->to[1].pending; i++)
		run(d, RTT);
	KUNIT_EXPECT_EQ(test, d->w->delivered, d->w->accepted);
	KUNIT_EXPECT_EQ(test, d->a->life->to[1].pending, 0u);
}

/* The link of a, with an interface that carries so much. */
static struct rdg_link *begin(struct duo *d, u32 limit)
{
	struct rdg_link *l = duo_a(d);

	sim_set_limit(sim_of(l), limit);
	return l;
}

/* Another socket takes the place of a. */
static void begin_again(struct duo *d)
{
	sim_close(d->a, d->w->now + 60 * NSEC_PER_SEC);
	sim_reap(d->w);
	run(d, 2 * NSEC_PER_SEC);
	d->a = sim_open(&d->w->host[0]);
}

static void expect_state(struct kunit *test, struct rdg_link *l, enum rdg_mtu_state state)
{
	KUNIT_EXPECT_STREQ(test, rdg_mtu_state_name(l->live->search.state),
			   rdg_mtu_state_name(state));
}

static void disabled__packets_have_the_base_size(struct kunit *test)
{
	struct duo *d = test->priv;
	struct rdg_link *l = duo_a(d);

	stream(d, 5000, NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, l->mtu, (u32)RDG_PACKET_SIZE);
	KUNIT_EXPECT_EQ(test, l->count[RDG_CT_MTU_PROBES], 0ULL);
	expect_state(test, l, RDG_MTU_DISABLED);
	expect_all_delivered(test);
}

/* What the interface carries the path mostly does, too: one probe, or two. */
static void search__takes_few_round_trips(struct kunit *test)
{
	static const u16 limit[] = { 300, 1200, 1201, 1232, 1452, 1472, 8972, RDG_MTU_MAX };
	struct duo *d = test->priv;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(limit) && !d->w->failed; i++) {
		struct rdg_link *l = begin(d, limit[i]);

		/* The handshake takes two, base and limit one each. */
		stream(d, 3000, 4 * RTT + 5 * NSEC_PER_MSEC);
		KUNIT_EXPECT_EQ_MSG(test, l->mtu, (u32)limit[i], "limit %u", limit[i]);
		expect_state(test, l, RDG_MTU_COMPLETE);
		KUNIT_EXPECT_EQ(test, l->count[RDG_CT_MTU_PROBES_LOST], 0ULL);
		KUNIT_EXPECT_LE(test, l->count[RDG_CT_MTU_PROBES], 2ULL);
		expect_all_delivered(test);
		begin_again(d);
	}
}

/* A narrow place in the middle that says nothing. */
static void search__finds_what_the_path_carries(struct kunit *test)
{
	static const struct {
		u16 limit, path, least;
	} row[] = {
		{ 1472, 1232, 1232 }, { 1472, 1300, 1261 }, { 1472, 1392, 1392 },
		{ 1472, 1464, 1452 }, { 8972, 1472, 1472 }, { 8972, 1452, 1452 },
		{ 8972, 4000, 3876 }, { 8972, 8868, 8600 }, { RDG_MTU_MAX, 1472, 1472 },
		{ RDG_MTU_MAX, 8952, 8952 }, { RDG_MTU_MAX, 30000, 29060 },
	};
	struct duo *d = test->priv;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(row) && !d->w->failed; i++) {
		struct rdg_link *l = begin(d, row[i].limit);

		path(d)->mtu = row[i].path;
		stream(d, 3000, 2 * NSEC_PER_SEC);
		KUNIT_EXPECT_LE_MSG(test, l->mtu, (u32)row[i].path, "row %u", i);
		KUNIT_EXPECT_GE_MSG(test, l->mtu, (u32)row[i].least, "row %u", i);
		expect_state(test, l, RDG_MTU_COMPLETE);
		KUNIT_EXPECT_EQ(test, l->count[RDG_CT_MTU_BLACK_HOLES], 0ULL);
		expect_all_delivered(test);
		begin_again(d);
	}
}

/* RFC 8899, 5.2: ERROR. */
static void error__below_the_base(struct kunit *test)
{
	struct duo *d = test->priv;
	struct rdg_link *l = begin(d, 1472);

	path(d)->mtu = 700;
	stream(d, 3000, 5 * NSEC_PER_SEC);
	KUNIT_EXPECT_LE(test, l->mtu, 700u);
	KUNIT_EXPECT_GE(test, l->mtu, 678u);
	expect_state(test, l, RDG_MTU_ERROR);
	path(d)->mtu = 1472;
	outlast_raise_timer(d);
	KUNIT_EXPECT_EQ(test, l->mtu, 1472u);
	expect_state(test, l, RDG_MTU_COMPLETE);
	expect_all_delivered(test);
}

/* A probe that is lost costs nothing but itself. */
static void probe__loss_is_no_congestion(struct kunit *test)
{
	struct duo *d = test->priv;
	struct rdg_link *l = begin(d, 8972);

	/* Its window falls by loss alone. */
	rdg_link_set_congestion(l, &rdg_cc_reno, d->w->now);
	path(d)->mtu = 1231;
	stream(d, 3000, 3 * NSEC_PER_SEC);
	/* The limit once, 1232 as often as it takes to give it up; payload has
	 * confirmed the base.
	 */
	KUNIT_EXPECT_EQ(test, l->count[RDG_CT_MTU_PROBES], 4ULL);
	KUNIT_EXPECT_EQ(test, l->count[RDG_CT_MTU_PROBES_LOST], 4ULL);
	KUNIT_EXPECT_EQ(test, l->count[RDG_CT_PACKETS_RETRANSMITTED], 0ULL);
	KUNIT_EXPECT_GE(test, l->live->cc.cwnd, (u32)rdg_cwnd_initial(&l->live->cc));
	KUNIT_EXPECT_EQ(test, l->unanswered, 0u);
	expect_state(test, l, RDG_MTU_COMPLETE);
	KUNIT_EXPECT_EQ(test, l->mtu, (u32)RDG_PACKET_SIZE);
}

/* An idle link neither sends probes nor waits for any: no timer is for that. */
static void probe__only_while_the_link_is_used(struct kunit *test)
{
	struct duo *d = test->priv;
	struct rdg_link *l = begin(d, 8972);
	u64 sent;

	path(d)->mtu = 1200;
	stream(d, 100, 4 * RTT);
	run(d, 4 * RTT);
	sent = l->count[RDG_CT_PACKETS_SENT];
	KUNIT_EXPECT_TRUE(test, l->live->search.out);
	KUNIT_EXPECT_EQ(test, rdg_link_deadline(l), l->used + RDG_IDLE_TIMEOUT);
	run(d, RDG_IDLE_TIMEOUT - 5 * RTT);
	KUNIT_EXPECT_EQ(test, l->count[RDG_CT_PACKETS_SENT], sent);
	KUNIT_EXPECT_EQ(test, (int)l->state, (int)RDG_UP);
}

/* The path carries more, later: RFC 8899's PMTU_RAISE_TIMER. */
static void raise__after_ten_minutes_of_use(struct kunit *test)
{
	struct duo *d = test->priv;
	struct rdg_link *l = begin(d, 8972);
	u64 probes;

	path(d)->mtu = 1472;
	stream(d, 3000, 5 * NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, l->mtu, 1472u);
	probes = l->count[RDG_CT_MTU_PROBES];
	path(d)->mtu = RDG_MTU_MAX;
	talk(d, 100, 50 * NSEC_PER_MSEC, RDG_MTU_RAISE - 10 * NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, l->mtu, 1472u);
	KUNIT_EXPECT_EQ(test, l->count[RDG_CT_MTU_PROBES], probes);
	talk(d, 100, 50 * NSEC_PER_MSEC, 10 * NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, l->mtu, 8972u);
	expect_all_delivered(test);
}

/* The MTU falls in mid-stream, without a word. */
static void black_hole__is_left(struct kunit *test)
{
	static const u16 to[] = { 1471, 1300, 1200 };
	struct duo *d = test->priv;
	u64 delivered;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(to) && !d->w->failed; i++) {
		struct rdg_link *l = begin(d, 1472);

		path(d)->mtu = 1472;
		stream(d, 20000, NSEC_PER_SEC);
		KUNIT_ASSERT_EQ(test, l->mtu, 1472u);
		path(d)->mtu = to[i];
		delivered = d->w->delivered;
		stream(d, 20000, NSEC_PER_SEC);
		KUNIT_EXPECT_LE(test, l->mtu, (u32)to[i]);
		KUNIT_EXPECT_EQ(test, l->count[RDG_CT_MTU_BLACK_HOLES], 1ULL);
		KUNIT_EXPECT_GE(test, d->w->delivered, delivered + 20);
		expect_all_delivered(test);
		begin_again(d);
	}
}

/* Small messages get through all the time; large ones must not wait for ever. */
static void black_hole__beside_small_messages(struct kunit *test)
{
	struct duo *d = test->priv;
	struct rdg_link *l = begin(d, 1472);
	u32 i;

	stream(d, 1440, NSEC_PER_SEC);
	KUNIT_ASSERT_EQ(test, l->mtu, 1472u);
	path(d)->mtu = 1300;
	for (i = 0; i < 30 && !d->w->failed; i++) {
		sim_say(d->a, 1, i % 3 ? 1250 : 1440);
		run(d, 30 * NSEC_PER_MSEC);
	}
	KUNIT_EXPECT_LE(test, l->mtu, 1300u);
	KUNIT_EXPECT_EQ(test, l->count[RDG_CT_MTU_BLACK_HOLES], 1ULL);
	expect_all_delivered(test);
}

/* One large message at a time: its loss is seen by the probe timeout alone. */
static void black_hole__of_single_messages(struct kunit *test)
{
	struct duo *d = test->priv;
	struct rdg_link *l = begin(d, 8972);
	u32 i;

	stream(d, 8000, NSEC_PER_SEC);
	KUNIT_ASSERT_EQ(test, l->mtu, 8972u);
	path(d)->mtu = 1472;
	for (i = 0; i < 20 && !d->w->failed; i++) {
		sim_say(d->a, 1, 8000);
		run(d, 300 * NSEC_PER_MSEC);
	}
	KUNIT_EXPECT_LE(test, l->mtu, 1472u);
	KUNIT_EXPECT_EQ(test, l->count[RDG_CT_MTU_BLACK_HOLES], 1ULL);
	expect_all_delivered(test);
}

static void black_hole__below_the_base(struct kunit *test)
{
	struct duo *d = test->priv;
	struct rdg_link *l = begin(d, 1472);

	stream(d, 3000, NSEC_PER_SEC);
	path(d)->mtu = 600;
	stream(d, 3000, 10 * NSEC_PER_SEC);
	KUNIT_EXPECT_LE(test, l->mtu, 600u);
	KUNIT_EXPECT_GE(test, l->mtu, 548u);
	expect_state(test, l, RDG_MTU_ERROR);
	expect_all_delivered(test);
}

/* No packet is larger than the base, though they might be: messages that fill one
 * are sent whole.
 */
static void black_hole__below_the_base_of_smaller_packets(struct kunit *test)
{
	struct duo *d = test->priv;
	struct rdg_link *l = begin(d, 1472);

	stream(d, 3000, NSEC_PER_SEC);
	KUNIT_ASSERT_EQ(test, l->mtu, 1472u);
	stream(d, 1100, NSEC_PER_SEC);
	path(d)->mtu = 600;
	stream(d, 1100, 20 * NSEC_PER_SEC);
	KUNIT_EXPECT_LE(test, l->mtu, 600u);
	expect_all_delivered(test);
}

/* The CONFIRM has to arrive before its cookie is too old, also where many others
 * are silent.
 */
static void black_hole__of_a_confirm_on_a_long_path(struct kunit *test)
{
	struct duo *d = test->priv;
	struct rdg_link *l = begin(d, 1472);

	d->w->plan.share = 30 * NSEC_PER_SEC;
	path(d)->mtu = 600;
	path(d)->delay = NSEC_PER_SEC;
	d->w->path[1][0].delay = NSEC_PER_SEC;
	sim_say(d->a, 1, 5000);
	run(d, 600 * NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, l->count[RDG_CT_LINKS_DIED], 0ULL);
	expect_all_delivered(test);
}

/* Nothing gets through, whatever its size. */
static void black_hole__is_not_a_cut(struct kunit *test)
{
	struct duo *d = test->priv;
	struct rdg_link *l = begin(d, 8972);

	stream(d, 20000, NSEC_PER_SEC);
	KUNIT_ASSERT_EQ(test, l->mtu, 8972u);
	path(d)->cuts = 1;
	stream(d, 20000, 30 * NSEC_PER_SEC);
	path(d)->cuts = 0;
	stream(d, 20000, 5 * NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, l->mtu, 8972u);
	KUNIT_EXPECT_EQ(test, l->count[RDG_CT_MTU_BLACK_HOLES], 0ULL);
	expect_all_delivered(test);
}

/* Packets of all sizes are lost at random: no black hole. */
static void black_hole__is_not_congestion(struct kunit *test)
{
	struct duo *d = test->priv;
	struct rdg_link *l = begin(d, 1472);

	stream(d, 20000, NSEC_PER_SEC);
	path(d)->loss = 100;
	stream(d, 20000, 30 * NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, l->mtu, 1472u);
	KUNIT_EXPECT_EQ(test, l->count[RDG_CT_MTU_BLACK_HOLES], 0ULL);
	KUNIT_EXPECT_GE(test, l->count[RDG_CT_PACKETS_RETRANSMITTED], 100ULL);
	expect_all_delivered(test);
}

/* What was on its way when the interface's MTU fell is cut anew. */
static void limit__falls_with_payload_on_its_way(struct kunit *test)
{
	struct duo *d = test->priv;
	struct rdg_link *l = begin(d, 8972);

	stream(d, 8000, NSEC_PER_SEC);
	KUNIT_ASSERT_EQ(test, l->mtu, 8972u);
	run(d, NSEC_PER_SEC);
	d->a->self.nodelay = true;
	sim_say(d->a, 1, 8000);
	sim_say(d->a, 1, 8000);
	KUNIT_ASSERT_EQ(test, l->live->ledger.flight, 2u);
	path(d)->mtu = 1472;
	sim_set_limit(sim_of(l), 1472);
	KUNIT_EXPECT_EQ(test, l->mtu, 1472u);
	sim_pump(sim_of(l));
	expect_all_delivered(test);
	KUNIT_EXPECT_EQ(test, l->mtu, 1472u);
	KUNIT_EXPECT_EQ(test, l->count[RDG_CT_MTU_BLACK_HOLES], 0ULL);
}

static void limit__rises_and_is_searched(struct kunit *test)
{
	struct duo *d = test->priv;
	struct rdg_link *l = begin(d, 600);

	stream(d, 3000, NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, l->mtu, 600u);
	sim_set_limit(sim_of(l), 1472);
	stream(d, 3000, NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, l->mtu, 1472u);
	sim_set_limit(sim_of(l), 8972);
	stream(d, 3000, NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, l->mtu, 8972u);
	expect_state(test, l, RDG_MTU_COMPLETE);
	expect_all_delivered(test);
}

/* A router that says what it carries is believed at once. */
static void hint__ends_the_search(struct kunit *test)
{
	struct duo *d = test->priv;
	struct rdg_link *l = begin(d, 8972);

	d->w->plan.hints = 1000;
	path(d)->mtu = 1372;
	stream(d, 3000, 100 * NSEC_PER_MSEC);
	/* The driver draws the hints' sizes; some say too little. */
	KUNIT_EXPECT_LE(test, l->mtu, 1372u);
	stream(d, 3000, NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, l->mtu, 1372u);
	expect_state(test, l, RDG_MTU_COMPLETE);
	expect_all_delivered(test);
}

/* A hint is believed for what is on its way, if it is possible. */
static void hint__truth_table(struct kunit *test)
{
	static const struct {
		s8 pn;		/* from the oldest packet on its way on */
		u16 size;
		bool believed;
		u16 mtu;
	} row[] = {
		{ 0, 1400, true, 1400 }, { 1, 1400, true, 1400 }, { 0, 1200, true, 1200 },
		{ 0, 1199, false, 1472 }, { 0, 0, false, 1472 }, { 0, 68, false, 1472 },
		{ 0, 1471, true, 1471 }, { 0, 1472, false, 1472 }, { 0, 9000, false, 1472 },
		{ -1, 1400, false, 1472 }, { -100, 1400, false, 1472 }, { 2, 1400, false, 1472 },
		{ 100, 1400, false, 1472 },
	};
	struct duo *d = test->priv;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(row) && !d->w->failed; i++) {
		struct rdg_link *l = begin(d, 1472);
		u64 pn;

		stream(d, 3000, NSEC_PER_SEC);
		run(d, NSEC_PER_SEC);
		KUNIT_ASSERT_EQ(test, l->mtu, 1472u);
		KUNIT_ASSERT_EQ(test, l->live->ledger.flight, 0u);
		sim_say(d->a, 1, 1448);
		sim_say(d->a, 1, 1448);
		KUNIT_ASSERT_EQ(test, l->live->ledger.flight, 2u);
		pn = rdg_ledger_at(&l->live->ledger, l->live->ledger.head - 1)->pn - 1;
		KUNIT_EXPECT_EQ_MSG(test, rdg_link_too_big(l, pn + row[i].pn, row[i].size),
				    row[i].believed, "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, l->mtu, (u32)row[i].mtu, "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, l->live->ledger.lost, (u32)row[i].believed, "row %u", i);
		sim_pump(sim_of(l));
		expect_all_delivered(test);
		begin_again(d);
	}
}

/* The same for a probe, which has no entry in the ledger. */
static void hint__for_a_probe(struct kunit *test)
{
	static const struct {
		u16 size;
		bool believed;
		u16 mtu, next;
	} row[] = {
		{ 9000, false, 1200, 8972 }, { 8972, false, 1200, 8972 },
		{ 1199, false, 1200, 8972 }, { 4000, true, 1200, 4000 },
		{ 1201, true, 1200, 1201 }, { 1200, true, 1200, 0 },
	};
	struct duo *d = test->priv;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(row) && !d->w->failed; i++) {
		struct rdg_link *l = begin(d, 8972);

		path(d)->mtu = 1200;
		while (!l->live || l->live->search.probe != 8972 || !l->live->search.out)
			stream(d, 1000, NSEC_PER_MSEC);
		KUNIT_EXPECT_FALSE(test, rdg_link_too_big(l, l->live->search.pn + 1, 4000));
		KUNIT_EXPECT_EQ_MSG(test, rdg_link_too_big(l, l->live->search.pn, row[i].size),
				    row[i].believed, "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, l->mtu, (u32)row[i].mtu, "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, (u32)l->live->search.probe, (u32)row[i].next,
				    "row %u", i);
		begin_again(d);
	}
}

/* It was on its way for longer than the link lived. */
static void hint__after_the_end(struct kunit *test)
{
	struct duo *d = test->priv;
	struct rdg_link *l = begin(d, 9000);

	KUNIT_EXPECT_FALSE(test, rdg_link_too_big(l, 0, RDG_PACKET_SIZE));
	stream(d, 5000, NSEC_PER_SEC);
	run(d, RDG_IDLE_TIMEOUT + NSEC_PER_SEC);
	KUNIT_ASSERT_EQ(test, (int)l->state, (int)RDG_IDLE);
	KUNIT_EXPECT_FALSE(test, rdg_link_too_big(l, 0, RDG_PACKET_SIZE));
	expect_all_delivered(test);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(disabled__packets_have_the_base_size),
	KUNIT_CASE(search__takes_few_round_trips),
	KUNIT_CASE(search__finds_what_the_path_carries),
	KUNIT_CASE(error__below_the_base),
	KUNIT_CASE(probe__loss_is_no_congestion),
	KUNIT_CASE(probe__only_while_the_link_is_used),
	KUNIT_CASE(raise__after_ten_minutes_of_use),
	KUNIT_CASE(black_hole__is_left),
	KUNIT_CASE(black_hole__beside_small_messages),
	KUNIT_CASE(black_hole__of_single_messages),
	KUNIT_CASE(black_hole__below_the_base),
	KUNIT_CASE(black_hole__below_the_base_of_smaller_packets),
	KUNIT_CASE(black_hole__of_a_confirm_on_a_long_path),
	KUNIT_CASE(black_hole__is_not_a_cut),
	KUNIT_CASE(black_hole__is_not_congestion),
	KUNIT_CASE(limit__falls_with_payload_on_its_way),
	KUNIT_CASE(limit__rises_and_is_searched),
	KUNIT_CASE(hint__ends_the_search),
	KUNIT_CASE(hint__truth_table),
	KUNIT_CASE(hint__for_a_probe),
	KUNIT_CASE(hint__after_the_end),
	{}
};

struct kunit_suite rdg_mtu_suite = {
	.name = "rdgram_mtu",
	.init = mtu_init,
	.exit = duo_exit,
	.test_cases = cases,
};
