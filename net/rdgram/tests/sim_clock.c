// SPDX-License-Identifier: GPL-2.0-only
/*
 * Simulated clocks: every host has one of its own, and time is not what it
 * seems. Between two calls of the core, a clock goes forward by milliseconds
 * to days; or a host stops, as a virtual machine does that is paused or moved,
 * while its clock goes on, or does not. Timers are late then, and packets that
 * came meanwhile are there all at once, or lost. See sim.h.
 *
 * No clock ever goes back.
 */
#include <linux/bits.h>
#include <linux/kernel.h>
#include "sim.h"

/* How far a clock jumps, and how long a host stops. */
#define JUMP_MIN	NSEC_PER_MSEC
#define JUMP_MAX	(48 * 3600 * NSEC_PER_SEC)
#define STOP_MIN	NSEC_PER_MSEC
#define STOP_MAX	(100 * NSEC_PER_SEC)

/* How late timers are after that, beyond what they missed. */
#define LATE_AFTERWARDS	(10 * NSEC_PER_MSEC)

/**
 * sim_now - what time it is at a host
 * @h: the host
 *
 * Return: ns of its own clock.
 */
u64 sim_now(const struct sim_host *h)
{
	return (h->stands ? h->stopped : h->w->now) + h->clock;
}

/**
 * sim_fires - when the timer of a link fires
 * @sl: the link
 *
 * Return: ns of the world's time; RDG_NEVER.
 */
u64 sim_fires(const struct sim_link *sl)
{
	const struct sim_host *h = sl->ep->host;
	u64 now = sim_now(h);

	if (sl->fire == RDG_NEVER)
		return RDG_NEVER;
	return max(h->wakes, h->w->now + (sl->fire > now ? sl->fire - now : 0));
}

/* Time has passed and nobody was called: timers fire now, or a little later than
 * what else has waited.
 */
static void be_late(struct sim_host *h)
{
	struct sim_endpoint *ep;
	u64 now = sim_now(h);
	u8 peer;

	list_for_each_entry(ep, &h->endpoints, node) {
		for (peer = 0; peer < SIM_HOSTS; peer++) {
			struct sim_link *sl = ep->link[peer];

			if (sl && sl->fire <= now && sim_chance(h->w, 500))
				sl->fire = now + sim_below(h->w, LATE_AFTERWARDS);
		}
	}
}

/* Nothing ran, and no time passed for the others. */
static void jump(struct sim_host *h)
{
	u64 ns = sim_between(h->w, JUMP_MIN, JUMP_MAX);

	h->clock += ns;
	h->w->harm |= BIT(SIM_HARM_JUMP);
	sim_trace(h->w, h->nr, h->nr, "has a clock that jumps forward by %llu us",
		  ns / NSEC_PER_USEC, 0, 0);
	be_late(h);
}

static void stop(struct sim_host *h)
{
	u64 ns = sim_between(h->w, STOP_MIN, STOP_MAX);
	struct sim_event *e;

	h->stands = sim_chance(h->w, 300);
	h->stopped = h->w->now;
	h->wakes = h->w->now + ns;
	h->keeps = sim_chance(h->w, 700) ? 1000 : sim_below(h->w, 1000);
	h->w->harm |= BIT(h->stands ? SIM_HARM_STAND : SIM_HARM_STOP);
	sim_trace(h->w, h->nr, h->nr, "stops for %llu us", ns / NSEC_PER_USEC, 0, 0);
	e = sim_event(h->w, SIM_EV_WAKE, h->wakes);
	e->host = h->nr;
	sim_event_add(h->w, e);
}

/**
 * sim_clock - something happens to the clock of a host
 * @w: the world
 */
void sim_clock(struct sim_world *w)
{
	struct sim_host *h = &w->host[sim_below(w, w->plan.hosts)];

	if (w->draining)
		return;
	sim_event_add(w, sim_event(w, SIM_EV_CLOCK, w->now + sim_about(w, w->plan.clock_every)));
	if (h->wakes)
		return;
	if (sim_chance(w, 500))
		jump(h);
	else
		stop(h);
}

/**
 * sim_wake - a host that was stopped goes on
 * @h: the host
 */
void sim_wake(struct sim_host *h)
{
	if (h->stands)
		h->clock -= h->w->now - h->stopped;
	h->stands = false;
	h->wakes = 0;
	sim_trace(h->w, h->nr, h->nr, "goes on", 0, 0, 0);
	be_late(h);
}

/* Where an event happens, or NULL. */
static struct sim_host *host_of(struct sim_world *w, const struct sim_event *e)
{
	switch (e->kind) {
	case SIM_EV_PACKET:
		return &w->host[e->packet->to];
	case SIM_EV_HINT:
		return &w->host[e->packet->from];
	case SIM_EV_APP:
		return &w->host[e->host];
	default:
		return NULL;
	}
}

/**
 * sim_put_off - does an event have to wait for a host that is stopped?
 * @w: the world
 * @e: the event, which happens now
 *
 * Return: true if it does: it happens later, or never if it is a packet.
 */
bool sim_put_off(struct sim_world *w, struct sim_event *e)
{
	struct sim_host *h = host_of(w, e);

	if (!h || !h->wakes)
		return false;
	e->time = h->wakes;
	e->order = w->order++;
	if (e->packet && !sim_chance(w, h->keeps)) {
		sim_trace(w, h->nr, h->nr, "  nobody is there to take it", 0, 0, 0);
		sim_event_free(w, e);
	} else {
		sim_event_add(w, e);
	}
	return true;
}
