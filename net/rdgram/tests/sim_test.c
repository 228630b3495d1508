// SPDX-License-Identifier: GPL-2.0-only
/*
 * Thousands of schedules of the simulation, each made from its seed, see sim.h.
 *
 * A schedule that breaks a promise prints its seed and what happened last;
 * seed=S schedules=1 runs that one again.
 */
#include <kunit/test.h>
#include <linux/ktime.h>
#include <linux/log2.h>
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
#define DRAIN_MAX	(3600 * NSEC_PER_SEC)

/* One in so many schedules may have messages of any size. */
#define LARGE_ONE_IN	16

/* From low to high, each order of magnitude as likely as another. */
static u64 between(struct sim_world *w, u64 low, u64 high)
{
	u64 n = low << sim_below(w, ilog2(div64_u64(high, low)) + 1);

	return min(n + sim_below(w, n), high);
}

static void plan_paths(struct sim_world *w)
{
	bool losses = sim_chance(w, 700), calm = !w->plan.may;
	bool slow = sim_chance(w, 300), late = sim_chance(w, 300);
	u64 delay = between(w, 50 * NSEC_PER_USEC, 200 * NSEC_PER_MSEC);
	u8 i, j;

	for (i = 0; i < SIM_HOSTS; i++) {
		for (j = 0; j < SIM_HOSTS; j++) {
			struct sim_path *p = &w->path[i][j];

			p->delay = i == j ? NSEC_PER_USEC : delay / 2 + sim_below(w, delay);
			p->jitter = sim_below(w, 2) * sim_below(w, 12 * p->delay);
			p->ns_per_byte = slow ? between(w, 80, 8000) : 0;
			p->loss = losses ? sim_below(w, calm ? 200 : 350) : 0;
			p->twice = losses ? sim_below(w, 100) : 0;
			p->late = late ? sim_below(w, 50) : 0;
		}
	}
}

static void plan_harm(struct sim_world *w)
{
	struct sim_plan *p = &w->plan;

	p->may = sim_chance(w, 400) ? 0 : sim_below(w, 32);
	p->refuse = sim_chance(w, 300) ? sim_below(w, 100) : 0;
	p->resets = sim_chance(w, 700) ? 1000 : sim_below(w, 1000);
	p->attack_every = sim_chance(w, 300) ? between(w, NSEC_PER_MSEC, NSEC_PER_SEC) : 0;
	p->rebind_every = sim_chance(w, 300) ?
			  between(w, 100 * NSEC_PER_MSEC, 10 * NSEC_PER_SEC) : 0;
	p->lateness = sim_chance(w, 300) ? between(w, NSEC_PER_USEC, 50 * NSEC_PER_MSEC) : 0;
	p->user_timeout = p->may & SIM_MAY_TIME_OUT ?
			  between(w, 100 * NSEC_PER_MSEC, 30 * NSEC_PER_SEC) : 0;
	p->share = sim_chance(w, 300) ? between(w, 10 * NSEC_PER_MSEC, 20 * NSEC_PER_SEC) : 0;
	p->orphan = 3600 * NSEC_PER_SEC;
	if (p->may & SIM_MAY_TIME_OUT)
		p->orphan = sim_below(w, 2) * between(w, NSEC_PER_MSEC, 60 * NSEC_PER_SEC);
	if (sim_chance(w, 500)) {
		p->cut_every = between(w, 4 * NSEC_PER_SEC, 30 * NSEC_PER_SEC);
		p->cut_long = p->may & SIM_MAY_CUT_LONG ? 60 * NSEC_PER_SEC : 3 * NSEC_PER_SEC;
		p->cut_long = between(w, 5 * NSEC_PER_MSEC, p->cut_long);
	}
}

static void plan_mtus(struct sim_world *w)
{
	struct sim_plan *p = &w->plan;
	u8 i, j;

	p->mtus = sim_chance(w, 700);
	if (!p->mtus)
		return;
	p->hints = sim_chance(w, 500) ? sim_below(w, 1001) : 0;
	p->mtu_every = sim_chance(w, 600) ? between(w, 100 * NSEC_PER_MSEC, 30 * NSEC_PER_SEC) : 0;
	for (i = 0; i < SIM_HOSTS; i++) {
		for (j = 0; j < SIM_HOSTS; j++)
			w->path[i][j].mtu = sim_some_mtu(w);
	}
}

static void plan(struct sim_world *w)
{
	struct sim_plan *p = &w->plan;
	u8 i;

	plan_harm(w);
	plan_paths(w);
	plan_mtus(w);
	p->hosts = sim_chance(w, 700) ? 2 : 3;
	p->to_self = sim_chance(w, 300) ? 150 : 0;
	p->app_every = between(w, 50 * NSEC_PER_USEC, 500 * NSEC_PER_MSEC);
	p->sizes = sim_below(w, LARGE_ONE_IN) ? between(w, 1000, 64 * 1024) : RDG_MAX_MESSAGE;
	p->bytes = between(w, 4096, 2 * RDG_MAX_MESSAGE);
	p->rcvbuf = between(w, 2048, 1024 * 1024);
	p->window = between(w, 1024, 256 * 1024);
	p->lazy = sim_chance(w, 300) ? 1000 : sim_below(w, 1000);
	p->behind_nat = sim_below(w, p->hosts);
	p->timed = sim_chance(w, 400);
	p->hasty = sim_chance(w, 300);
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

/* All cuts heal, everybody reads: now all has to come to an end. */
static void drain(struct sim_world *w)
{
	u64 until = w->now + DRAIN_MAX;
	bool idle = false;
	u8 i;

	w->draining = true;
	sim_calm(w);
	while (!w->failed && !idle) {
		sim_run(w, w->now + 100 * NSEC_PER_MSEC, STEPS_MAX);
		idle = rests(w);
		for (i = 0; i < w->plan.hosts; i++) {
			if (!w->host[i].open)
				sim_open(&w->host[i]);
			while (!w->failed && sim_read(w->host[i].open))
				idle = false;
		}
		if (w->now > until || w->steps > STEPS_MAX)
			sim_fail(w, "it does not come to rest");
	}
}

static void close_all(struct sim_world *w)
{
	u8 i;

	for (i = 0; i < w->plan.hosts; i++)
		sim_close(w->host[i].open, w->now + 60 * NSEC_PER_SEC);
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
	unsigned int i;

	for (i = 0; i < schedules; i++) {
		struct sim_world *w = sim_begin(first + i);
		bool failed;

		KUNIT_ASSERT_NOT_NULL(test, w);
		schedule_run(w);
		steps += w->steps;
		accepted += w->accepted;
		delivered += w->delivered;
		moves += w->moves;
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
