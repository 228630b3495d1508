// SPDX-License-Identifier: GPL-2.0-only
/*
 * The simulated hosts: which packet goes to which link, and how endpoints come
 * and go, see sim.h.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "sim.h"

#define SIM_PORT	7000

/**
 * sim_flow - the addresses of a link
 * @f: filled in
 * @local: host
 * @remote: address
 */
void sim_flow(struct rdg_flow *f, u8 local, u32 remote)
{
	memset(f, 0, sizeof(*f));
	f->local.s6_addr[15] = 1 + local;
	f->remote.s6_addr32[3] = htonl(1 + remote);
	f->lport = htons(SIM_PORT);
	f->rport = htons(SIM_PORT);
}

/**
 * sim_id_find - look an id up
 * @h: the host
 * @id: the id
 *
 * Return: its entry, maybe a tombstone; NULL: there is none.
 */
struct sim_id *sim_id_find(struct sim_host *h, u64 id)
{
	u32 i;

	for (i = 0; i < h->ids; i++) {
		if (!h->id[i].link && h->id[i].expires <= sim_now(h))
			h->id[i--] = h->id[--h->ids];
		else if (h->id[i].id == id)
			return &h->id[i];
	}
	return NULL;
}

static struct sim_link *link_by_id(struct sim_host *h, u64 id)
{
	struct sim_id *entry = sim_id_find(h, id);

	return entry ? entry->link : NULL;
}

/* Does an endpoint that came before this one still deliver to that host? What
 * it has left to say comes first.
 */
static bool is_preceded(struct sim_endpoint *ep, u8 peer)
{
	struct sim_endpoint *older;

	list_for_each_entry(older, &ep->host->endpoints, node) {
		if (older == ep)
			return false;
		if (older->link[peer] && !rdg_link_finished(&older->link[peer]->link))
			return true;
	}
	return false;
}

/**
 * sim_set_limit - the local interface carries packets of another size
 * @sl: the link
 * @limit: bytes
 */
void sim_set_limit(struct sim_link *sl, u32 limit)
{
	sim_trace(sim_world_of(sl), sl->ep->host->nr, sl->peer, "the interface carries %llu bytes",
		  limit, 0, 0);
	sl->limit_mtu = limit;
	rdg_link_set_limit(&sl->link, limit);
}

static const struct rdg_cc_ops *congestion(struct sim_world *w)
{
	static const struct rdg_cc_ops * const some[] = {
		&rdg_cc_cubic, &rdg_cc_cubic, &rdg_cc_bbr, &rdg_cc_reno,
	};

	return some[sim_below(w, ARRAY_SIZE(some))];
}

/**
 * sim_link_get - an endpoint's peer
 * @ep: the endpoint
 * @peer: host
 *
 * Return: the link to it, made if there was none.
 */
struct sim_link *sim_link_get(struct sim_endpoint *ep, u8 peer)
{
	struct sim_world *w = ep->host->w;
	struct sim_link *sl = ep->link[peer];

	if (sl)
		return sl;
	sl = kzalloc(sizeof(*sl), GFP_KERNEL | __GFP_NOFAIL);
	sl->ep = ep;
	sl->peer = peer;
	sl->armed = RDG_NEVER;
	sl->fire = RDG_NEVER;
	sl->heard = sim_now(ep->host);
	sl->begun = w->plan.first_credit;
	sl->limit = w->plan.first_credit;
	sim_find(sl);
	ep->link[peer] = sl;
	rdg_link_init(&sl->link, &sim_ops, &ep->self, sim_random(&w->rnd), sim_now(ep->host));
	rdg_link_number(&sl->link, w->plan.first_seq);
	if (!w->manual)
		rdg_link_set_congestion(&sl->link, congestion(w), sim_now(ep->host));
	if (w->plan.mtus)
		sim_set_limit(sl, sim_some_mtu(w));
	rdg_link_set_window(&sl->link, ep->window, 8 * ep->window);
	rdg_link_hold(&sl->link, is_preceded(ep, peer), sim_now(ep->host));
	return sl;
}

/**
 * sim_open - a socket is opened and bound
 * @h: where; has none open
 *
 * Return: the endpoint.
 */
struct sim_endpoint *sim_open(struct sim_host *h)
{
	struct sim_endpoint *ep = kzalloc(sizeof(*ep), GFP_KERNEL | __GFP_NOFAIL);
	struct sim_world *w = h->w;

	ep->host = h;
	ep->self.secret.key[0] = sim_random(&w->rnd);
	ep->self.secret.key[1] = sim_random(&w->rnd);
	ep->self.incarnation = sim_random(&w->rnd) | 1;
	ep->self.user_timeout = w->plan.user_timeout;
	ep->self.first_pn = w->plan.first_pn;
	ep->self.first_credit = w->plan.first_credit;
	ep->self.first_marks = w->plan.first_marks;
	ep->life = sim_life_add(w, ep->self.incarnation, h->nr);
	ep->rcvbuf = w->plan.rcvbuf;
	ep->window = w->plan.window;
	INIT_LIST_HEAD(&ep->queue);
	list_add_tail(&ep->node, &h->endpoints);
	h->open = ep;
	sim_trace(w, h->nr, h->nr, "opens endpoint %llu, incarnation %llx", ep->life->nr,
		  ep->self.incarnation, 0);
	return ep;
}

static void discard_queue(struct sim_endpoint *ep)
{
	struct sim_item *item, *next;

	list_for_each_entry_safe(item, next, &ep->queue, node) {
		while (item->chain) {
			struct rdg_buf *b = item->chain;

			item->chain = b->next;
			sim_buf_free(ep->host->w, b);
		}
		list_del(&item->node);
		kfree(item);
	}
}

/**
 * sim_close - a socket is closed; an orphan stays until all is delivered
 * @ep: the endpoint
 * @orphan_at: when it gives up, by its host's clock; ns
 */
void sim_close(struct sim_endpoint *ep, u64 orphan_at)
{
	struct sim_world *w = ep->host->w;
	u8 peer;

	sim_trace(w, ep->host->nr, ep->host->nr, "closes endpoint %llu", ep->life->nr, 0, 0);
	ep->closed = true;
	ep->orphan_at = orphan_at;
	ep->host->open = NULL;
	discard_queue(ep);
	for (peer = 0; peer < SIM_HOSTS; peer++) {
		if (!ep->link[peer])
			continue;
		rdg_link_close(&ep->link[peer]->link, orphan_at, sim_now(ep->host));
		sim_pump(ep->link[peer]);
	}
}

static void free_endpoint(struct sim_endpoint *ep)
{
	struct sim_host *h = ep->host;
	u32 i, peer;

	discard_queue(ep);
	for (peer = 0; peer < SIM_HOSTS; peer++) {
		if (!ep->link[peer])
			continue;
		rdg_link_free(&ep->link[peer]->link);
		for (i = 0; i < h->ids; i++) {
			if (h->id[i].link == ep->link[peer])
				sim_fail(h->w, "id %llx outlives its link", h->id[i].id);
		}
		kfree(ep->link[peer]);
	}
	if (ep->charged)
		sim_fail(h->w, "%u bytes stay charged", ep->charged);
	list_del(&ep->node);
	kfree(ep);
}

/**
 * sim_crash - a host loses all that it knows, without a word
 * @h: the host
 */
void sim_crash(struct sim_host *h)
{
	struct sim_endpoint *ep, *next;

	sim_trace(h->w, h->nr, h->nr, "crashes", 0, 0, 0);
	list_for_each_entry_safe(ep, next, &h->endpoints, node) {
		ep->life->crashed = true;
		free_endpoint(ep);
	}
	h->open = NULL;
	h->ids = 0;
}

static bool is_finished(struct sim_endpoint *ep)
{
	u8 peer;

	for (peer = 0; peer < SIM_HOSTS; peer++) {
		if (ep->link[peer] && !rdg_link_finished(&ep->link[peer]->link))
			return false;
	}
	return ep->closed;
}

static void stop_holding(struct sim_endpoint *ep)
{
	u8 peer;

	for (peer = 0; peer < SIM_HOSTS; peer++) {
		struct sim_link *sl = ep->link[peer];

		if (sl && sl->link.held && !is_preceded(ep, peer)) {
			rdg_link_hold(&sl->link, false, sim_now(ep->host));
			sim_pump(sl);
		}
	}
}

/**
 * sim_reap - let go of orphans that have delivered all
 * @w: the world
 */
void sim_reap(struct sim_world *w)
{
	struct sim_endpoint *ep, *next;
	u8 i;

	for (i = 0; i < SIM_HOSTS; i++) {
		list_for_each_entry_safe(ep, next, &w->host[i].endpoints, node) {
			stop_holding(ep);
			if (is_finished(ep))
				free_endpoint(ep);
		}
	}
}

static void answer(struct sim_world *w, struct sim_packet *p, const u8 *data, u32 len)
{
	/* No answer is longer than its question, and some are never given. */
	if (len > p->len && !w->failed) {
		if (data[0] != RDG_PKT_RESET)
			sim_fail(w, "%u bytes are sent back for %u", len, p->len);
		return;
	}
	sim_send(w, p->to, p->source, data, len, NULL);
}

static struct sim_endpoint *endpoint_by_inc(struct sim_host *h, u64 inc)
{
	struct sim_endpoint *ep;

	list_for_each_entry(ep, &h->endpoints, node) {
		if (ep->self.incarnation == inc)
			return ep;
	}
	return NULL;
}

/* Is there no room for another id? */
static bool is_full(struct sim_host *h)
{
	/* It is nobody's; but tombstones whose time is over go. */
	sim_id_find(h, 0);
	return h->ids >= h->max_ids;
}

static void input_init(struct sim_world *w, struct sim_packet *p, const struct rdg_header *h)
{
	struct sim_endpoint *ep = w->host[p->to].open;
	u8 data[RDG_INIT_MIN];
	struct rdg_flow flow;
	struct sim_link *sl;
	u32 len;

	if (!ep)
		return;
	sl = ep->link[p->from];
	/* To the driver, who comes from elsewhere is somebody else. */
	if (sl && sl->remote != p->source)
		sl = NULL;
	sim_flow(&flow, p->to, p->source);
	len = rdg_cookie_answer(&ep->self, &flow, h, sl ? &sl->link : NULL, ep->window,
				is_full(ep->host), sim_now(ep->host), data);
	if (len)
		answer(w, p, data, len);
	if (sl && sl->link.state >= RDG_CONFIRMING) {
		rdg_link_asked(&sl->link, h, sim_now(ep->host));
		sim_pump(sl);
	}
}

static void input_reset(struct sim_world *w, struct sim_packet *p, const struct rdg_header *h)
{
	struct sim_endpoint *ep;

	list_for_each_entry(ep, &w->host[p->to].endpoints, node) {
		struct sim_link *sl = ep->link[p->from];

		/* See sim_reaches(): that one answers by the mapping it was asked by. */
		if (sl && (sl->remote == p->source || w->draining) &&
		    sl->link.remote_id == h->reflected) {
			rdg_link_reset(&sl->link, h, sim_now(ep->host));
			sim_pump(sl);
		}
	}
}

/* A link of this host to that other one, by the id that its packets have. */
static struct sim_link *link_by_remote_id(struct sim_host *h, u8 peer, u64 id)
{
	struct sim_endpoint *ep;

	list_for_each_entry(ep, &h->endpoints, node) {
		struct sim_link *sl = ep->link[peer];

		if (sl && sl->link.remote_id == id)
			return sl;
	}
	return NULL;
}

/**
 * sim_hint - a router says that a packet was too large, or somebody forges that
 * @w: the world
 * @p: the packet
 * @size: the largest that could pass
 */
void sim_hint(struct sim_world *w, const struct sim_packet *p, u32 size)
{
	struct sim_link *sl;
	struct rdg_quote q;
	u32 mtu;

	if (!rdg_wire_quote(p->data, p->len, &q) || !q.dst_id)
		return;
	sl = link_by_remote_id(&w->host[p->from], p->to, q.dst_id);
	if (!sl)
		return;
	mtu = sl->link.mtu;
	sim_trace(w, p->from, p->to, "hears that %llu bytes are too large for %llu", p->len, size,
		  0);
	if (rdg_link_too_big(&sl->link, q.pn, size)) {
		if (p->forged || size < RDG_MTU_MIN)
			sim_fail(w, "a forged hint of %u bytes is believed", size);
	} else if (sl->link.mtu != mtu) {
		sim_fail(w, "a hint that is not believed changes the size of packets");
	}
	sim_pump(sl);
}

static void reset(struct sim_world *w, struct sim_packet *p, u64 id, enum rdg_reset_reason why)
{
	u8 data[RDG_RESET_LEN];

	if (sim_chance(w, w->plan.resets))
		answer(w, p, data, rdg_wire_reset(data, id, why));
}

/* A CONFIRM for an id that is not in use: the link that it may open. */
static struct sim_link *confirm(struct sim_world *w, struct sim_packet *p,
				const struct rdg_header *h)
{
	const struct rdg_cookie_frame *c = &w->frames.cookie;
	struct sim_endpoint *ep = endpoint_by_inc(&w->host[p->to], c->dst_inc);
	struct rdg_flow flow;
	struct sim_link *sl;
	int err;

	sim_flow(&flow, p->to, p->source);
	if (!ep || (ep->closed && !ep->link[p->from]) || sim_id_find(ep->host, h->dst_id) ||
	    !rdg_cookie_good(&ep->self, &flow, h->dst_id, c, sim_now(ep->host))) {
		reset(w, p, h->dst_id, RDG_RESET_STALE);
		return NULL;
	}
	sl = sim_link_get(ep, p->from);
	err = rdg_link_confirm(&sl->link, h, &w->frames, sim_now(ep->host));
	if (!err) {
		sl->remote = p->source;
		if (rdg_cookie_time(sim_now(ep->host)) < c->time)
			w->harm |= BIT(SIM_HARM_TIME);
		return sl;
	}
	if (err == -ESTALE)
		reset(w, p, h->dst_id, RDG_RESET_STALE);
	sim_pump(sl);
	return NULL;
}

static void input_data(struct sim_world *w, struct sim_packet *p, const struct rdg_header *h)
{
	struct sim_link *sl = link_by_id(&w->host[p->to], h->dst_id);
	bool heard;

	if (rdg_wire_parse_frames(p->data, h, &w->frames) != RDG_PARSE_OK) {
		if (!p->forged)
			sim_fail(w, "malformed frames arrive at host %u", p->to);
		return;
	}
	if (!sl && h->type == RDG_PKT_CONFIRM)
		sl = confirm(w, p, h);
	else if (!sl)
		reset(w, p, h->dst_id, RDG_RESET_UNKNOWN);
	if (!sl)
		return;
	if (p->forged)
		sim_fail(w, "the attacker's packet finds a link");
	sim_check_credit(sl, h);
	heard = sl->link.state >= RDG_CONFIRMING && !w->frames.has_cookie;
	if (!sim_packet_in(sl, p, h)) {
		if (h->type == RDG_PKT_CONFIRM)
			reset(w, p, h->dst_id, RDG_RESET_STALE);
	} else if (heard) {
		sl->heard = sim_now(sl->ep->host);
	}
	sl->recounted = false;
	sim_pump(sl);
}

static void input_challenge(struct sim_world *w, struct sim_packet *p, const struct rdg_header *h)
{
	struct sim_link *sl = link_by_id(&w->host[p->to], h->dst_id);
	bool opening;

	if (!sl || p->source != sl->remote)
		return;
	sim_check_credit(sl, h);
	opening = sl->link.state == RDG_OPENING;
	rdg_link_challenge(&sl->link, h, sim_now(sl->ep->host));
	if (opening && sl->link.state != RDG_OPENING)
		sim_check_challenged(sl, h);
	sim_pump(sl);
}

static void input_version(struct sim_world *w, struct sim_packet *p, const struct rdg_header *h)
{
	struct sim_link *sl = link_by_id(&w->host[p->to], h->reflected);

	if (!sl || p->source != sl->remote)
		return;
	rdg_link_version(&sl->link, h);
	sim_pump(sl);
}

static void answer_version(struct sim_world *w, struct sim_packet *p, const struct rdg_header *h)
{
	u8 data[RDG_VERSION_LEN];

	answer(w, p, data, rdg_wire_version(data, h->src_id));
}

static const char * const gets[] = {
	[RDG_PKT_INIT]	    = "gets INIT from id %llx",
	[RDG_PKT_CHALLENGE] = "gets CHALLENGE for id %llx",
	[RDG_PKT_CONFIRM]   = "gets CONFIRM for id %llx, number %llu",
	[RDG_PKT_DATA]	    = "gets DATA for id %llx, number %llu",
	[RDG_PKT_RESET]	    = "gets RESET of id %llx, reason %llu",
	[RDG_PKT_VERSION]   = "gets VERSION of id %llx",
};

/**
 * sim_input - a packet arrives at a host
 * @w: the world
 * @p: the packet
 */
void sim_input(struct sim_world *w, struct sim_packet *p)
{
	struct rdg_header h;
	enum rdg_parse result;

	/* The NAT has forgotten where to send it. */
	if (!sim_reaches(w, p))
		return;
	if (p->len < RDG_COMMON_LEN)
		return;
	result = rdg_wire_parse(p->data, p->len, &h);
	if (result == RDG_PARSE_VERSION) {
		answer_version(w, p, &h);
		return;
	}
	if (result != RDG_PARSE_OK) {
		if (!p->forged)
			sim_fail(w, "a malformed packet arrives at host %u", p->to);
		return;
	}
	sim_trace(w, p->to, p->from, gets[h.type],
		  h.type == RDG_PKT_INIT ? h.src_id : h.dst_id ? h.dst_id : h.reflected,
		  h.type == RDG_PKT_RESET ? h.reason : h.pn, 0);
	switch (h.type) {
	case RDG_PKT_INIT:
		return input_init(w, p, &h);
	case RDG_PKT_CHALLENGE:
		return input_challenge(w, p, &h);
	case RDG_PKT_RESET:
		return input_reset(w, p, &h);
	case RDG_PKT_VERSION:
		return input_version(w, p, &h);
	}
	input_data(w, p, &h);
}

/**
 * sim_timer - the timer of a link fires
 * @sl: the link
 */
void sim_timer(struct sim_link *sl)
{
	struct sim_world *w = sim_world_of(sl);

	sl->armed = RDG_NEVER;
	sl->fire = RDG_NEVER;
	sim_trace(w, sl->ep->host->nr, sl->peer, "the timer fires", 0, 0, 0);
	rdg_link_timeout(&sl->link, sim_now(sl->ep->host));
	sim_pump(sl);
	/* A deadline that stays in the past would keep a processor busy for ever. */
	if (sl->armed <= sim_now(sl->ep->host))
		sim_fail(w, "the deadline stays in the past after its timeout");
}
