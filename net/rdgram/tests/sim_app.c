// SPDX-License-Identifier: GPL-2.0-only
/*
 * Simulated applications: they send, read or do not, close, crash and come
 * again, see sim.h.
 */
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/slab.h>
#include "sim.h"

/* At most so many messages wait to be sent to one peer. */
#define PENDING_MAX	64

/**
 * sim_say - send a message
 * @ep: from where
 * @peer: to which host
 * @len: bytes
 */
void sim_say(struct sim_endpoint *ep, u8 peer, u32 len)
{
	struct sim_world *w = ep->host->w;
	struct sim_link *sl = sim_link_get(ep, peer);
	struct sim_msg *m = sim_accept(ep, peer, len);

	sim_trace(w, ep->host->nr, peer, "is asked to send message %llu, %llu bytes",
		  m->rec->number, len, 0);
	/* As every sixteenth does in the simulation, and nothing may hang for it. */
	m->msg.more = ep->more || (!w->manual && m->rec->number % 16 == 3);
	if (rdg_link_queue(&sl->link, &m->msg, sim_now(ep->host)))
		sim_pump(sl);
	else
		sim_arm(sl);
}

/**
 * sim_read - read a message
 * @ep: where
 *
 * Return: false if there is none.
 */
bool sim_read(struct sim_endpoint *ep)
{
	struct sim_item *item = list_first_entry_or_null(&ep->queue, struct sim_item, node);
	struct sim_world *w = ep->host->w;

	if (!item)
		return false;
	list_del(&item->node);
	while (item->chain) {
		struct rdg_buf *b = item->chain;

		item->chain = b->next;
		sim_buf_free(w, b);
	}
	sim_trace(w, ep->host->nr, item->link->peer, "message %llu is read", item->seq, 0, 0);
	if (rdg_link_read(&item->link->link, item->seq, 1, item->len, sim_now(ep->host)))
		sim_pump(item->link);
	else
		sim_arm(item->link);
	kfree(item);
	return true;
}

/* Mostly small, now and then as large as they get. */
static u32 some_length(struct sim_world *w)
{
	u32 dice = sim_below(w, 100);

	if (dice < 40)
		return sim_below(w, 64);
	if (dice < 80 || w->plan.sizes <= 1500)
		return sim_below(w, min(w->plan.sizes, 1500u) + 1);
	return sim_below(w, (w->plan.sizes >> sim_below(w, ilog2(w->plan.sizes) - 9)) + 1);
}

static u8 some_peer(struct sim_host *h)
{
	struct sim_world *w = h->w;
	u8 other = (h->nr + 1 + sim_below(w, w->plan.hosts - 1)) % w->plan.hosts;

	return sim_chance(w, w->plan.to_self) ? h->nr : other;
}

static void send_some(struct sim_host *h)
{
	struct sim_world *w = h->w;
	u8 peer = some_peer(h);
	struct sim_stream *st = &h->open->life->to[peer];
	u32 n = 1 + sim_below(w, 8);

	while (n-- && h->budget) {
		u32 len = some_length(w);

		if (st->pending && (st->pending >= PENDING_MAX || st->bytes + len > w->plan.bytes))
			return;
		h->budget--;
		sim_say(h->open, peer, len);
	}
}

static void read_some(struct sim_host *h)
{
	u32 n = 1 + sim_below(h->w, 16);

	if (sim_chance(h->w, h->w->plan.lazy))
		return;
	while (n-- && sim_read(h->open))
		;
}

static void change_something(struct sim_host *h)
{
	struct sim_world *w = h->w;
	struct sim_link *sl = h->open->link[sim_below(w, w->plan.hosts)];

	if (!sl)
		return;
	if (sim_chance(w, 800)) {
		if (w->plan.mtus)
			sim_set_limit(sl, sim_some_mtu(w));
	} else {
		rdg_link_set_window(&sl->link, 1 + sim_below(w, 2 * w->plan.window),
				    1 + sim_below(w, 2 * w->plan.window));
		sim_pump(sl);
	}
}

static void die(struct sim_host *h)
{
	struct sim_world *w = h->w;
	u32 crashes = w->plan.may & SIM_MAY_CLOSE ? 200 : 1000;

	if ((w->plan.may & SIM_MAY_CRASH) && sim_chance(w, crashes)) {
		w->harm |= BIT(SIM_HARM_CRASH);
		sim_crash(h);
	} else if (w->plan.may & SIM_MAY_CLOSE) {
		w->harm |= BIT(SIM_HARM_CLOSE);
		sim_close(h->open, sim_now(h) + w->plan.orphan);
	}
}

/**
 * sim_app - an application does something
 * @h: where
 */
void sim_app(struct sim_host *h)
{
	struct sim_world *w = h->w;
	struct sim_event *e;
	u32 dice = sim_below(w, 1000);

	if (w->draining)
		return;
	e = sim_event(w, SIM_EV_APP, w->now + sim_about(w, w->plan.app_every));
	e->host = h->nr;
	sim_event_add(w, e);
	if (!h->open) {
		/* Killed and started again at once, or some time later. */
		if (sim_chance(w, 500))
			sim_open(h);
	} else if (dice < 400) {
		send_some(h);
	} else if (dice < 800) {
		read_some(h);
	} else if (dice < 985) {
		change_something(h);
	} else {
		die(h);
	}
}
