// SPDX-License-Identifier: GPL-2.0-only
/*
 * Simulated addresses: a NAT gives a host another one in mid-stream, and what
 * was sent to the old one is lost; an attacker sends copies of packets from
 * addresses of his choice, but cannot receive. See sim.h.
 *
 * An address that is needed to open a link is asked for where it can be had, as
 * from a name service: who is not known any more has to be found somehow.
 */
#include <linux/bits.h>
#include <linux/kernel.h>
#include "../core/bytes.h"
#include "sim.h"

/* Nobody ever has this address. */
#define NOWHERE(host)	(SIM_ADDRESS_STEP * 0xffff + (host))

/**
 * sim_address - where a host is
 * @w: the world
 * @host: of whom
 * @by: seen by whom; a host sees itself without the NAT
 *
 * Return: the address.
 */
u32 sim_address(struct sim_world *w, u8 host, u8 by)
{
	return host == by ? host : w->host[host].address;
}

/* Has the other side opened the link that we have asked for? Then it may move. */
static bool is_open(struct sim_host *other, const struct rdg_link *l)
{
	struct sim_id *id = sim_id_find(other, l->remote_id);

	return id && id->link && id->link->link.state >= RDG_UP;
}

static bool has_unopened(struct sim_endpoint *ep, u8 with)
{
	u8 peer;

	for (peer = 0; peer < SIM_HOSTS; peer++) {
		struct sim_link *sl = ep->link[peer];

		if (sl && sl->link.state == RDG_CONFIRMING &&
		    (ep->host->nr == with || peer == with) &&
		    !is_open(&ep->host->w->host[peer], &sl->link))
			return true;
	}
	return false;
}

/* Is a handshake under way that binds the address of this host, on either side? A
 * change then leaves messages in doubt.
 */
static bool confirms(struct sim_world *w, u8 nr)
{
	struct sim_endpoint *ep;
	u8 i;

	for (i = 0; i < SIM_HOSTS; i++) {
		list_for_each_entry(ep, &w->host[i].endpoints, node) {
			if (has_unopened(ep, nr))
				return true;
		}
	}
	return false;
}

/**
 * sim_rebind - a host has another address from now on
 * @w: the world
 *
 * Always the same one: two that change at the same time lose each other.
 */
void sim_rebind(struct sim_world *w)
{
	struct sim_host *h = &w->host[w->plan.behind_nat];

	if (w->draining)
		return;
	sim_event_add(w, sim_event(w, SIM_EV_REBIND,
				   w->now + sim_about(w, w->plan.rebind_every)));
	if (!(w->plan.may & ~SIM_MAY_CLOSE) && confirms(w, h->nr))
		return;
	h->address += SIM_ADDRESS_STEP;
	sim_trace(w, h->nr, h->nr, "has address %llx from now on", h->address, 0, 0);
}

/**
 * sim_reaches - does a packet still arrive at the address that it was sent to?
 * @w: the world
 * @p: the packet
 *
 * When all has to come to rest a mapping that was forgotten is somebody else's,
 * who knows of no link: or who asks for what is over would do so for ever.
 *
 * Return: true if it does.
 */
bool sim_reaches(struct sim_world *w, const struct sim_packet *p)
{
	struct sim_id *id;

	if (p->dest == sim_address(w, p->to, p->from))
		return true;
	if (!w->draining || p->len < RDG_DATA_LEN || p->data[0] != RDG_PKT_DATA)
		return false;
	id = sim_id_find(&w->host[p->to], rdg_get_be64(p->data + 4));
	return !id || !id->link;
}

/**
 * sim_find - before a link is there: where is its peer now?
 * @sl: the link
 */
void sim_find(struct sim_link *sl)
{
	if (sl->link.state >= RDG_UP)
		return;
	sl->remote = sim_address(sim_world_of(sl), sl->peer, sl->ep->host->nr);
	sl->candidate = NOWHERE(sl->peer);
}

/* Where a packet seems to be from that the attacker has copied: a host that is
 * known, or an address that nobody has.
 */
static u32 some_source(struct sim_world *w, u8 from)
{
	if (sim_chance(w, 500))
		return NOWHERE(from);
	return w->host[sim_below(w, w->plan.hosts)].address;
}

/**
 * sim_copy - make a packet a copy of one that was seen, from elsewhere
 * @w: the world
 * @p: the packet; its bytes are those of the other
 * @seen: the other one
 */
void sim_copy(struct sim_world *w, struct sim_packet *p, const struct sim_packet *seen)
{
	p->from = seen->from;
	p->to = seen->to;
	p->source = some_source(w, p->from);
	p->dest = seen->dest;
	p->ce = seen->ect;
	sim_trace(w, p->from, p->to, "the attacker copies type %llu, from address %llx",
		  p->data[0], p->source, 0);
}

static enum rdg_via via(const struct sim_link *sl, const struct sim_packet *p)
{
	if (p->source == sl->remote)
		return RDG_VIA_PEER;
	return p->source == sl->candidate ? RDG_VIA_CANDIDATE : RDG_VIA_ELSEWHERE;
}

static void propose(struct sim_link *sl, struct sim_packet *p)
{
	struct sim_world *w = sim_world_of(sl);

	/* It belongs to another peer; or, now and then, that one is not known. */
	if (p->source % SIM_ADDRESS_STEP != sl->peer && !w->manual && sim_chance(w, 500)) {
		rdg_link_path_barred(&sl->link);
		return;
	}
	if (p->source == sl->candidate)
		return;
	sl->candidate = p->source;
	sl->got = 0;
	sl->gave = 0;
}

static void move(struct sim_link *sl, struct sim_packet *p)
{
	struct sim_world *w = sim_world_of(sl);

	if (p->source % SIM_ADDRESS_STEP != sl->peer ||
	    p->source > w->host[sl->peer].address)
		sim_fail(w, "the link of %u to %u moves to %x, where %u never was",
			 sl->ep->host->nr, sl->peer, p->source, sl->peer);
	if (!w->manual && sim_chance(w, 100)) {
		rdg_link_path_barred(&sl->link);
		return;
	}
	sim_trace(w, sl->ep->host->nr, sl->peer, "moves the link from address %llx to %llx",
		  sl->remote, p->source, 0);
	sl->remote = p->source;
	w->moves++;
	w->harm |= BIT(SIM_HARM_REBIND);
	rdg_link_path_moved(&sl->link, !w->manual && sim_chance(w, 500), sim_now(sl->ep->host));
}

/* Whoever input the one before may know more about a plain packet; or not. */
static bool goes_on(struct sim_link *sl, struct sim_packet *p, const struct rdg_header *h)
{
	struct sim_world *w = sim_world_of(sl);

	return via(sl, p) == RDG_VIA_PEER && rdg_wire_is_plain(h, &w->frames) &&
	       sim_chance(w, 500) && rdg_link_goes_on(&sl->link, h, &w->frames, p, p->ce,
						      sim_now(sl->ep->host));
}

/**
 * sim_packet_in - a packet for a link
 * @sl: the link
 * @p: the packet
 * @h: what it is; its frames are in sim_world.frames
 *
 * Return: false if it was dropped for where it came from.
 */
bool sim_packet_in(struct sim_link *sl, struct sim_packet *p, const struct rdg_header *h)
{
	struct sim_world *w = sim_world_of(sl);
	enum rdg_path_step step;

	sl->link.filtered = w->plan.filter;
	if (goes_on(sl, p, h))
		return true;
	step = rdg_link_packet_via(&sl->link, h, &w->frames, p, p->ce, via(sl, p),
				   sim_now(sl->ep->host));
	if (step == RDG_PATH_STRANGER)
		return false;
	if (step == RDG_PATH_CANDIDATE)
		propose(sl, p);
	if (p->source == sl->candidate)
		sl->got += p->len;
	if (step == RDG_PATH_PROVED)
		move(sl, p);
	return true;
}

/**
 * sim_dest - where a packet of a link goes
 * @sl: the link
 * @out: the packet
 *
 * Return: the address.
 */
u32 sim_dest(struct sim_link *sl, const struct rdg_out *out)
{
	if (out->via == RDG_VIA_PEER)
		return sl->remote;
	sl->gave += out->head_len + out->payload;
	if (sl->gave > sl->got)
		sim_fail(sim_world_of(sl), "%llu bytes for %llu are sent to where nobody may be",
			 sl->gave, sl->got);
	return sl->candidate;
}
