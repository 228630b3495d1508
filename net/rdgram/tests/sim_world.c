// SPDX-License-Identifier: GPL-2.0-only
/*
 * The simulated world: chance, time, and what happened lately, see sim.h.
 */
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/slab.h>
#include "sim.h"

/**
 * sim_random - 64 random bits
 * @r: their source
 *
 * Return: the bits.
 */
u64 sim_random(struct sim_rnd *r)
{
	u64 z = r->state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/**
 * sim_below - a number below another
 * @w: the world
 * @n: not 0
 *
 * Return: 0 to @n - 1.
 */
u64 sim_below(struct sim_world *w, u64 n)
{
	u64 rest;

	div64_u64_rem(sim_random(&w->rnd), n, &rest);
	return rest;
}

/**
 * sim_chance - it happens, or it does not
 * @w: the world
 * @of_1000: how often it does
 *
 * Return: true if it does.
 */
bool sim_chance(struct sim_world *w, u32 of_1000)
{
	return of_1000 && sim_below(w, 1000) < of_1000;
}

/**
 * sim_about - a time around another
 * @w: the world
 * @mean: ns
 *
 * Return: 1 to twice @mean.
 */
u64 sim_about(struct sim_world *w, u64 mean)
{
	return 1 + sim_below(w, 2 * mean);
}

/**
 * sim_between - a number of any order of magnitude, each as likely as another
 * @w: the world
 * @low: not 0
 * @high: not less
 *
 * Return: @low to @high.
 */
u64 sim_between(struct sim_world *w, u64 low, u64 high)
{
	u64 n = low << sim_below(w, ilog2(div64_u64(high, low)) + 1);

	return min(n + sim_below(w, n), high);
}

/**
 * sim_begin - a world in which nothing happens yet
 * @seed: of all chance in it
 *
 * Return: the world, for sim_end(); NULL: no memory.
 */
struct sim_world *sim_begin(u64 seed)
{
	struct sim_world *w = kvzalloc(sizeof(*w), GFP_KERNEL);
	u8 i, j;

	if (!w)
		return NULL;
	w->rnd.state = seed;
	/* Not 0: a time of 0 that means "never" by mistake would show. */
	w->now = NSEC_PER_SEC + sim_below(w, 1000 * NSEC_PER_SEC);
	w->events = RB_ROOT_CACHED;
	INIT_LIST_HEAD(&w->held);
	INIT_LIST_HEAD(&w->lives);
	w->plan.hosts = 2;
	w->plan.resets = 1000;
	w->plan.first_seq = 1;
	w->plan.rcvbuf = 256 * 1024;
	w->plan.window = 64 * 1024;
	w->plan.bytes = U32_MAX;
	for (i = 0; i < SIM_HOSTS; i++) {
		w->host[i].w = w;
		w->host[i].nr = i;
		w->host[i].address = i;
		w->host[i].max_ids = SIM_IDS;
		INIT_LIST_HEAD(&w->host[i].endpoints);
		for (j = 0; j < SIM_HOSTS; j++)
			w->path[i][j].mtu = RDG_MTU_MAX;
	}
	return w;
}

/**
 * sim_end - a world ends
 * @w: the world
 */
void sim_end(struct sim_world *w)
{
	struct rb_node *node;
	u8 i;

	for (i = 0; i < SIM_HOSTS; i++)
		sim_crash(&w->host[i]);
	while ((node = rb_first_cached(&w->events))) {
		struct sim_event *e = rb_entry(node, struct sim_event, node);

		rb_erase_cached(node, &w->events);
		sim_event_free(w, e);
	}
	while (!list_empty(&w->held)) {
		struct sim_event *e = list_first_entry(&w->held, struct sim_event, held);

		list_del(&e->held);
		sim_event_free(w, e);
	}
	if (w->sample)
		sim_packet_put(w, w->sample);
	sim_lives_free(w);
	kvfree(w);
}

/**
 * sim_fail - a promise is broken
 * @w: the world
 * @what: which, in the words of printf
 *
 * Only the first one counts: what follows may follow from it.
 */
void sim_fail(struct sim_world *w, const char *what, ...)
{
	va_list args;

	if (w->failed)
		return;
	w->failed = true;
	va_start(args, what);
	vsnprintf(w->failure, sizeof(w->failure), what, args);
	va_end(args);
}

/**
 * sim_trace - something happens
 * @w: the world
 * @host: where
 * @peer: with whom
 * @what: a constant, the format of @a, @b and @c: formatted if it is printed
 * @a: see @what
 * @b: likewise
 * @c: likewise
 */
void sim_trace(struct sim_world *w, u8 host, u8 peer, const char *what, u64 a, u64 b, u64 c)
{
	struct sim_entry *e = &w->trace[w->traced++ % SIM_TRACE];

	e->time = w->now;
	e->host = host;
	e->peer = peer;
	e->what = what;
	e->a = a;
	e->b = b;
	e->c = c;
}

/**
 * sim_print - what happened lately, the oldest first
 * @w: the world
 * @line: called with each line
 * @to: given to @line
 */
void sim_print(struct sim_world *w, void (*line)(void *to, const char *text), void *to)
{
	u64 i = w->traced > SIM_TRACE ? w->traced - SIM_TRACE : 0;
	char text[160];

	for (; i < w->traced; i++) {
		struct sim_entry *e = &w->trace[i % SIM_TRACE];
		int n = scnprintf(text, sizeof(text), "%6llu.%06llu  %u-%u  ",
				  div_u64(e->time, NSEC_PER_SEC),
				  div_u64(e->time, NSEC_PER_USEC) % USEC_PER_SEC,
				  e->host, e->peer);

		scnprintf(text + n, sizeof(text) - n, e->what, e->a, e->b, e->c);
		line(to, text);
	}
}

/**
 * sim_event - make an event
 * @w: the world
 * @kind: of which kind
 * @time: when it will happen; ns
 *
 * Return: the event, for sim_event_add().
 */
struct sim_event *sim_event(struct sim_world *w, enum sim_event_kind kind, u64 time)
{
	struct sim_event *e = kzalloc(sizeof(*e), GFP_KERNEL | __GFP_NOFAIL);

	e->kind = kind;
	e->time = time;
	e->order = w->order++;
	return e;
}

static bool event_less(struct rb_node *a, const struct rb_node *b)
{
	const struct sim_event *x = rb_entry(a, struct sim_event, node);
	const struct sim_event *y = rb_entry(b, struct sim_event, node);

	return x->time < y->time || (x->time == y->time && x->order < y->order);
}

/**
 * sim_event_add - an event will happen
 * @w: the world
 * @e: the event; freed when it has happened
 */
void sim_event_add(struct sim_world *w, struct sim_event *e)
{
	rb_add_cached(&e->node, &w->events, event_less);
}

/**
 * sim_event_free - an event has happened, or never will
 * @w: the world
 * @e: the event
 */
void sim_event_free(struct sim_world *w, struct sim_event *e)
{
	if (e->packet)
		sim_packet_put(w, e->packet);
	kfree(e);
}

static void happen(struct sim_world *w, struct sim_event *e)
{
	switch (e->kind) {
	case SIM_EV_PACKET:
		sim_input(w, e->packet);
		break;
	case SIM_EV_APP:
		sim_app(&w->host[e->host]);
		break;
	case SIM_EV_CUT:
		sim_cut(w);
		break;
	case SIM_EV_HEAL:
		sim_heal(w, e->host, e->peer);
		break;
	case SIM_EV_ATTACK:
		sim_attack(w);
		break;
	case SIM_EV_MTU:
		sim_change_mtu(w);
		break;
	case SIM_EV_HINT:
		sim_hint(w, e->packet, e->size);
		break;
	case SIM_EV_REBIND:
		sim_rebind(w);
		break;
	case SIM_EV_ROUTE:
		sim_change_route(w);
		break;
	case SIM_EV_CLOCK:
		sim_clock(w);
		break;
	case SIM_EV_WAKE:
		sim_wake(&w->host[e->host]);
		break;
	}
	sim_event_free(w, e);
}

/* The link whose timer fires first; there are few: looking is good enough. */
static struct sim_link *first_timer(struct sim_world *w)
{
	struct sim_link *first = NULL;
	struct sim_endpoint *ep;
	u32 i, peer;

	for (i = 0; i < SIM_HOSTS; i++) {
		list_for_each_entry(ep, &w->host[i].endpoints, node) {
			for (peer = 0; peer < SIM_HOSTS; peer++) {
				struct sim_link *sl = ep->link[peer];

				if (sl && (!first || sim_fires(sl) < sim_fires(first)))
					first = sl;
			}
		}
	}
	return first;
}

/**
 * sim_step - let the next thing happen
 * @w: the world
 *
 * Return: false: nothing will ever happen again, or a promise was broken.
 */
bool sim_step(struct sim_world *w)
{
	struct rb_node *node = rb_first_cached(&w->events);
	struct sim_event *e = rb_entry_safe(node, struct sim_event, node);
	struct sim_link *sl = first_timer(w);
	u64 fires = sl ? sim_fires(sl) : RDG_NEVER;

	if (w->failed || (!e && fires == RDG_NEVER))
		return false;
	w->steps++;
	if (e && e->time <= fires) {
		rb_erase_cached(node, &w->events);
		w->now = max(w->now, e->time);
		if (!sim_put_off(w, e))
			happen(w, e);
	} else {
		w->now = max(w->now, fires);
		sim_timer(sl);
	}
	sim_reap(w);
	return !w->failed;
}

static u64 next_time(struct sim_world *w)
{
	struct rb_node *node = rb_first_cached(&w->events);
	struct sim_event *e = rb_entry_safe(node, struct sim_event, node);
	struct sim_link *sl = first_timer(w);

	return min(e ? e->time : RDG_NEVER, sl ? sim_fires(sl) : RDG_NEVER);
}

/**
 * sim_run - let happen what happens
 * @w: the world
 * @until: stop before the first thing that happens later; ns
 * @max_steps: more than this is a promise broken: it has to come to rest
 */
void sim_run(struct sim_world *w, u64 until, u64 max_steps)
{
	u64 stop = w->steps + max_steps;

	while (!w->failed && next_time(w) <= until && next_time(w) != RDG_NEVER) {
		if (w->steps == stop) {
			sim_fail(w, "no rest after %llu steps", max_steps);
			return;
		}
		sim_step(w);
	}
	if (until != RDG_NEVER)
		w->now = max(w->now, until);
}
