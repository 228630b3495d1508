// SPDX-License-Identifier: GPL-2.0-only
/*
 * Thousands of schedules of the simulation, each made from its seed, see sim.h.
 *
 * A schedule that breaks a promise prints its seed and what happened last;
 * seed=S schedules=1 runs that one again.
 */
#include <kunit/test.h>
#include <linux/bits.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/random.h>
#include "sim.h"
#include "suites.h"

static unsigned long seed;
module_param(seed, ulong, 0444);
MODULE_PARM_DESC(seed, "seed of the first schedule, 0: a random one");

static unsigned int schedules = 2000;
module_param(schedules, uint, 0444);
MODULE_PARM_DESC(schedules, "number of schedules, with seeds in a row");

/* A schedule is over before it has so many steps, or so much time has passed. */
#define STEPS_MAX	1000000
#define DRAIN_MAX	(1200 * NSEC_PER_SEC)

/* One in so many schedules may have messages of any size. */
#define LARGE_ONE_IN	16

/* In so many schedules no kind of harm is missing by chance. */
#define ENOUGH		2000

static void plan_paths(struct sim_world *w)
{
	bool losses = sim_chance(w, 700), calm = !w->plan.may;
	bool slow = sim_chance(w, 300), late = sim_chance(w, 300);
	bool marks = sim_chance(w, 300);
	u8 i, j;

	for (i = 0; i < SIM_HOSTS; i++) {
		for (j = 0; j < SIM_HOSTS; j++) {
			struct sim_path *p = &w->path[i][j];

			if (i == j)
				p->delay = NSEC_PER_USEC;
			else if (i < j)
				sim_some_delay(w, i, j);
			p->ns_per_byte = slow ? sim_between(w, 80, 8000) : 0;
			p->loss = losses ? sim_below(w, calm ? 200 : 350) : 0;
			p->twice = losses ? sim_below(w, 100) : 0;
			p->late = late ? sim_below(w, 50) : 0;
			p->marks = marks ? sim_below(w, sim_chance(w, 300) ? 1001 : 300) : 0;
		}
	}
}

static void plan_harm(struct sim_world *w)
{
	struct sim_plan *p = &w->plan;

	p->may = sim_chance(w, 400) ? 0 : sim_below(w, 32);
	p->refuse = sim_chance(w, 300) ? sim_below(w, 100) : 0;
	p->starve = sim_chance(w, 300) ? sim_below(w, 500) : 0;
	p->resets = sim_chance(w, 700) ? 1000 : sim_below(w, 1000);
	p->attack_every = sim_chance(w, 300) ? sim_between(w, NSEC_PER_MSEC, NSEC_PER_SEC) : 0;
	p->rebind_every = sim_chance(w, 300) ?
			  sim_between(w, 100 * NSEC_PER_MSEC, 10 * NSEC_PER_SEC) : 0;
	p->lateness = sim_chance(w, 300) ? sim_between(w, NSEC_PER_USEC, 50 * NSEC_PER_MSEC) : 0;
	p->user_timeout = p->may & SIM_MAY_TIME_OUT ?
			  sim_between(w, 100 * NSEC_PER_MSEC, 30 * NSEC_PER_SEC) : 0;
	p->share = sim_chance(w, 300) ? sim_between(w, 10 * NSEC_PER_MSEC, 20 * NSEC_PER_SEC) : 0;
	p->orphan = 3600 * NSEC_PER_SEC;
	if (p->may & SIM_MAY_TIME_OUT)
		p->orphan = sim_below(w, 2) * sim_between(w, NSEC_PER_MSEC, 60 * NSEC_PER_SEC);
	if (sim_chance(w, 500)) {
		p->cut_every = sim_between(w, 4 * NSEC_PER_SEC, 30 * NSEC_PER_SEC);
		p->cut_long = p->may & SIM_MAY_CUT_LONG ? 60 * NSEC_PER_SEC : 3 * NSEC_PER_SEC;
		p->cut_long = sim_between(w, 5 * NSEC_PER_MSEC, p->cut_long);
	}
}

/* Nobody's clock begins with the others', and the time of cookies may wrap soon. */
static u64 first_clock(struct sim_world *w)
{
	if (sim_chance(w, 300))
		return SIM_COOKIE_WRAP - w->now - sim_below(w, 500 * NSEC_PER_MSEC);
	return sim_below(w, 1000 * 3600 * NSEC_PER_SEC);
}

/* Paths whose delay changes, and clocks. */
static void plan_time(struct sim_world *w)
{
	struct sim_plan *p = &w->plan;
	u8 i;

	for (i = 0; i < SIM_HOSTS; i++)
		w->host[i].clock = first_clock(w);
	if (sim_chance(w, 300))
		p->route_every = sim_between(w, 100 * NSEC_PER_MSEC, 30 * NSEC_PER_SEC);
	if (sim_chance(w, 400))
		p->clock_every = sim_between(w, 100 * NSEC_PER_MSEC, 60 * NSEC_PER_SEC);
}

static void plan_mtus(struct sim_world *w)
{
	struct sim_plan *p = &w->plan;
	u8 i, j;

	p->mtus = sim_chance(w, 700);
	if (!p->mtus)
		return;
	p->hints = sim_chance(w, 500) ? sim_below(w, 1001) : 0;
	if (sim_chance(w, 600))
		p->mtu_every = sim_between(w, 100 * NSEC_PER_MSEC, 30 * NSEC_PER_SEC);
	for (i = 0; i < SIM_HOSTS; i++) {
		for (j = 0; j < SIM_HOSTS; j++)
			w->path[i][j].mtu = sim_some_mtu(w);
	}
}

/* A number, @most or less before those on the wire wrap, or have the other half of all
 * before them.
 */
static u64 first_number(struct sim_world *w, u64 most)
{
	if (sim_chance(w, 700))
		return 0;
	return (sim_chance(w, 700) ? BIT_ULL(32) : BIT_ULL(31)) - sim_below(w, most);
}

static void plan(struct sim_world *w)
{
	struct sim_plan *p = &w->plan;
	u8 i;

	p->hosts = sim_chance(w, 700) ? 2 : 3;
	p->lopsided = sim_chance(w, 300) ? 1000 : 0;
	plan_harm(w);
	plan_paths(w);
	plan_mtus(w);
	plan_time(w);
	p->to_self = sim_chance(w, 300) ? 150 : 0;
	p->app_every = sim_between(w, 50 * NSEC_PER_USEC, 500 * NSEC_PER_MSEC);
	p->sizes = sim_below(w, LARGE_ONE_IN) ? sim_between(w, 1000, 64 * 1024) : RDG_MAX_MESSAGE;
	p->bytes = sim_between(w, 4096, 2 * RDG_MAX_MESSAGE);
	p->rcvbuf = sim_between(w, 2048, 1024 * 1024);
	p->window = sim_between(w, 1024, 256 * 1024);
	p->lazy = sim_chance(w, 300) ? 1000 : sim_below(w, 1000);
	p->behind_nat = sim_below(w, p->hosts);
	p->timed = sim_chance(w, 400);
	p->hasty = sim_chance(w, 300);
	p->filter = sim_chance(w, 300) ? sim_between(w, 1, 1000) : 0;
	p->first_pn = first_number(w, 100);
	p->first_seq = first_number(w, 100) ?: 1;
	/* A hundred messages cost as much, so that reports from before it wraps come late. */
	p->first_credit = first_number(w, 256 * 1024);
	p->first_marks = first_number(w, 10);
	for (i = 0; i < p->hosts; i++) {
		w->host[i].budget = p->sizes > 64 * 1024 ? sim_below(w, 30) : sim_below(w, 200);
		if (p->may & SIM_MAY_BE_FULL)
			w->host[i].max_ids = 4 + sim_below(w, 12);
	}
}

static void start(struct sim_world *w)
{
	u8 i;

	for (i = 0; i < w->plan.hosts; i++) {
		struct sim_event *e = sim_event(w, SIM_EV_APP, w->now + 1);

		e->host = i;
		sim_event_add(w, e);
		sim_open(&w->host[i]);
	}
	if (w->plan.cut_every)
		sim_event_add(w, sim_event(w, SIM_EV_CUT, w->now + w->plan.cut_every));
	if (w->plan.mtu_every)
		sim_event_add(w, sim_event(w, SIM_EV_MTU, w->now + w->plan.mtu_every));
	if (w->plan.attack_every)
		sim_event_add(w, sim_event(w, SIM_EV_ATTACK, w->now + 1));
	if (w->plan.route_every)
		sim_event_add(w, sim_event(w, SIM_EV_ROUTE, w->now + w->plan.route_every));
	if (w->plan.clock_every)
		sim_event_add(w, sim_event(w, SIM_EV_CLOCK, w->now + w->plan.clock_every));
	if (w->plan.rebind_every)
		sim_event_add(w, sim_event(w, SIM_EV_REBIND, w->now + 1));
}

static bool has_budget(struct sim_world *w)
{
	return w->host[0].budget || w->host[1].budget || w->host[2].budget;
}

/* Until all that applications wanted to send was sent, or was tried for long. */
static void act(struct sim_world *w)
{
	u64 until = w->now + 300 * NSEC_PER_SEC;

	while (!w->failed && has_budget(w) && w->now < until && w->steps < 5000)
		sim_run(w, w->now + w->plan.app_every, STEPS_MAX);
	/* Some are caught in the middle, some when all was said long ago. */
	until = w->now + sim_below(w, 2) * sim_below(w, 60 * NSEC_PER_SEC);
	while (!w->failed && w->now < until && w->steps < 8000)
		sim_run(w, w->now + w->plan.app_every, STEPS_MAX);
}

static bool rests(struct sim_world *w)
{
	struct sim_endpoint *ep;
	u32 i, peer;

	if (rb_first_cached(&w->events))
		return false;
	for (i = 0; i < SIM_HOSTS; i++) {
		list_for_each_entry(ep, &w->host[i].endpoints, node) {
			for (peer = 0; peer < SIM_HOSTS; peer++)
				if (ep->link[peer] && ep->link[peer]->fire != RDG_NEVER)
					return false;
		}
	}
	return true;
}

/* What is not stopped reads all there is, and is opened if it was closed. */
static bool read_all(struct sim_world *w)
{
	bool some = false;
	u8 i;

	for (i = 0; i < w->plan.hosts; i++) {
		if (w->host[i].wakes)
			continue;
		if (!w->host[i].open)
			sim_open(&w->host[i]);
		while (!w->failed && sim_read(w->host[i].open))
			some = true;
	}
	return some;
}

static void look_at_readers(struct sim_world *w)
{
	u8 i;

	for (i = 0; i < w->plan.hosts; i++)
		if (w->plan.lazy == 1000 && w->host[i].open && !list_empty(&w->host[i].open->queue))
			w->harm |= BIT(SIM_HARM_UNREAD);
}

/* All cuts heal, everybody reads: now all has to come to an end. */
static void drain(struct sim_world *w)
{
	u64 until = w->now + DRAIN_MAX;
	bool idle = false;

	look_at_readers(w);
	w->draining = true;
	sim_calm(w);
	while (!w->failed && !idle) {
		sim_run(w, w->now + 100 * NSEC_PER_MSEC, STEPS_MAX);
		idle = rests(w);
		if (read_all(w))
			idle = false;
		if (w->now > until || w->steps > STEPS_MAX)
			sim_fail(w, "it does not come to rest");
	}
}

static void close_all(struct sim_world *w)
{
	u8 i;

	for (i = 0; i < w->plan.hosts; i++)
		sim_close(w->host[i].open, sim_now(&w->host[i]) + 60 * NSEC_PER_SEC);
	sim_reap(w);
	sim_run(w, RDG_NEVER, STEPS_MAX);
}

static void schedule_run(struct sim_world *w)
{
	plan(w);
	start(w);
	act(w);
	drain(w);
	if (!w->failed)
		sim_check_rest(w);
	if (!w->failed)
		close_all(w);
	if (!w->failed)
		sim_check_end(w);
}

static void print_line(void *test, const char *text)
{
	kunit_info((struct kunit *)test, "%s", text);
}

static const char * const harms[] = {
	[SIM_HARM_LOSS]	    = "loss",
	[SIM_HARM_MARK]	    = "marks",
	[SIM_HARM_CUT]	    = "cuts",
	[SIM_HARM_LOPSIDED] = "lopsided paths",
	[SIM_HARM_ROUTE]    = "new routes",
	[SIM_HARM_MTU]	    = "new MTUs",
	[SIM_HARM_REBIND]   = "new addresses",
	[SIM_HARM_UNREAD]   = "receivers that stop",
	[SIM_HARM_JUMP]	    = "clocks that jump",
	[SIM_HARM_STOP]	    = "hosts that stop",
	[SIM_HARM_STAND]    = "clocks that stop",
	[SIM_HARM_STALE]    = "cookies that grow old",
	[SIM_HARM_TIMEOUT]  = "timeouts",
	[SIM_HARM_CLOSE]    = "closes",
	[SIM_HARM_CRASH]    = "crashes",
	[SIM_HARM_FORGERY]  = "forgeries",
	[SIM_HARM_MEMORY]   = "links without memory",
	[SIM_HARM_FILTER]   = "filters",
	[SIM_HARM_NUMBER]   = "packet numbers that wrap",
	[SIM_HARM_SEQUENCE] = "message sequences that wrap",
	[SIM_HARM_CREDIT]   = "credit that wraps",
	[SIM_HARM_MARKS]    = "counts of marks that wrap",
	[SIM_HARM_TIME]	    = "times of cookies that wrap",
};

/* How many schedules have seen which harm. Of many, each has to be in some. */
static void print_harm(struct kunit *test, const u32 *count, u32 of)
{
	u32 i;

	for (i = 0; i < SIM_HARMS; i++) {
		kunit_info(test, "%s: in %u of %u schedules\n", harms[i], count[i], of);
		if (of >= ENOUGH)
			KUNIT_EXPECT_GE_MSG(test, count[i], of / 200, "%s", harms[i]);
	}
}

static void print_failure(struct kunit *test, struct sim_world *w, u64 nr)
{
	sim_print(w, print_line, test);
	kunit_err(test, "%s\n", w->failure);
	kunit_err(test, "to see it again: seed=%llu schedules=1\n", nr);
}

static void simulation__keeps_the_promise(struct kunit *test)
{
	u64 first = seed ?: get_random_u32();
	u64 began = ktime_get_ns();
	u64 steps = 0, accepted = 0, delivered = 0, moves = 0;
	u32 harm[SIM_HARMS] = {};
	unsigned int i, j;

	for (i = 0; i < schedules; i++) {
		struct sim_world *w = sim_begin(first + i);
		bool failed;

		KUNIT_ASSERT_NOT_NULL(test, w);
		schedule_run(w);
		steps += w->steps;
		accepted += w->accepted;
		delivered += w->delivered;
		moves += w->moves;
		for (j = 0; j < SIM_HARMS; j++)
			harm[j] += w->harm >> j & 1;
		failed = w->failed;
		if (failed)
			print_failure(test, w, first + i);
		sim_end(w);
		cond_resched();
		if (failed) {
			KUNIT_FAIL(test, "a promise is broken");
			break;
		}
	}
	print_harm(test, harm, i);
	kunit_info(test, "%u schedules from seed %llu: %llu steps, %llu of %llu messages delivered, %llu changes of path, %llu ms\n",
		   i, first, steps, delivered, accepted, moves,
		   div_u64(ktime_get_ns() - began, NSEC_PER_MSEC));
}

static struct kunit_case sim_cases[] = {
	KUNIT_CASE(simulation__keeps_the_promise),
	{}
};

struct kunit_suite rdg_sim_suite = {
	.name = "rdgram_sim",
	.test_cases = sim_cases,
};
