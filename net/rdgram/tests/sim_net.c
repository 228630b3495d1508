// SPDX-License-Identifier: GPL-2.0-only
/*
 * The simulated network: it loses, doubles, delays and reorders packets, is cut
 * and heals; and an attacker beside the path, who can send in anybody's name
 * but has seen no id. See sim.h.
 *
 * A packet that is altered on its way is lost: that is what the UDP checksum
 * is for.
 */
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "../core/bytes.h"
#include "sim.h"

/* How much the bottleneck queues before it drops. */
#define QUEUE_NS	(100 * NSEC_PER_MSEC)

/* The delay of the slower direction of a path, and how many times the delay of
 * the other one it may be.
 */
#define DELAY_MIN	(50 * NSEC_PER_USEC)
#define DELAY_MAX	(400 * NSEC_PER_MSEC)
#define LOPSIDED_MAX	100

/* That many times is worth counting. */
#define LOPSIDED	10

static const char * const sends[] = {
	[RDG_PKT_INIT]	    = "sends INIT from id %llx, %llu bytes",
	[RDG_PKT_CHALLENGE] = "sends CHALLENGE to id %llx, %llu bytes",
	[RDG_PKT_CONFIRM]   = "sends CONFIRM to id %llx, %llu bytes, number %llu",
	[RDG_PKT_DATA]	    = "sends DATA to id %llx, %llu bytes, number %llu",
	[RDG_PKT_RESET]	    = "sends RESET of id %llx, %llu bytes",
	[RDG_PKT_VERSION]   = "sends VERSION of id %llx, %llu bytes",
};

static struct sim_packet *packet_alloc(struct sim_world *w, u8 from, u8 to, u32 len)
{
	struct sim_packet *p = kvmalloc(sizeof(*p) + len, GFP_KERNEL | __GFP_NOFAIL);

	p->refs = 1;
	p->len = len;
	p->from = from;
	p->to = to;
	p->source = sim_address(w, from, to);
	p->dest = sim_address(w, to, from);
	p->forged = false;
	p->ect = false;
	p->ce = false;
	w->packets++;
	return p;
}

/**
 * sim_packet_put - somebody does not hold a packet any more
 * @w: the world
 * @p: the packet
 */
void sim_packet_put(struct sim_world *w, struct sim_packet *p)
{
	if (--p->refs)
		return;
	w->packets--;
	kvfree(p);
}

static void fly(struct sim_world *w, struct sim_packet *p, u64 time)
{
	struct sim_event *e = sim_event(w, SIM_EV_PACKET, time);

	p->refs++;
	e->packet = p;
	sim_event_add(w, e);
}

static u64 arrival(struct sim_world *w, struct sim_path *path, u32 len, u64 departs)
{
	u64 time = departs + path->delay + sim_below(w, path->jitter + 1);

	if (path->ns_per_byte) {
		path->busy = max(path->busy, departs) + (u64)len * path->ns_per_byte;
		time += path->busy - departs;
	}
	if (path->late && sim_below(w, 10000) < path->late)
		time += sim_below(w, 60 * NSEC_PER_SEC);
	return time;
}

static bool lose(struct sim_world *w, struct sim_path *path)
{
	return path->cuts || sim_chance(w, path->loss) ||
	       (path->ns_per_byte && path->busy > w->now + QUEUE_NS);
}

static void on_the_way(struct sim_world *w, struct sim_packet *p, u64 departs)
{
	struct sim_path *path = &w->path[p->from][p->to];

	if (lose(w, path)) {
		w->harm |= BIT(SIM_HARM_LOSS);
		sim_trace(w, p->from, p->to, "  the network loses it", 0, 0, 0);
		return;
	}
	if (p->ect && sim_chance(w, path->marks)) {
		w->harm |= BIT(SIM_HARM_MARK);
		p->ce = true;
	}
	fly(w, p, arrival(w, path, p->len, departs));
	if (sim_chance(w, path->twice))
		fly(w, p, arrival(w, path, p->len, departs));
}

static void hold(struct sim_world *w, struct sim_packet *p)
{
	struct sim_event *e = sim_event(w, SIM_EV_PACKET, w->now);

	p->refs++;
	e->packet = p;
	list_add_tail(&e->held, &w->held);
}

/* It vanishes where the path gets narrow; perhaps a router there says so, and
 * not every router knows what it says.
 */
static bool too_large(struct sim_world *w, struct sim_packet *p)
{
	struct sim_path *path = &w->path[p->from][p->to];
	struct sim_event *e;

	if (p->len <= path->mtu)
		return false;
	if (!path->cuts && sim_chance(w, w->plan.hints)) {
		e = sim_event(w, SIM_EV_HINT, w->now + sim_below(w, 2 * path->delay + 1));
		p->refs++;
		e->packet = p;
		e->size = sim_chance(w, 900) ? path->mtu : sim_below(w, RDG_MTU_MIN);
		sim_event_add(w, e);
	}
	return true;
}

/**
 * sim_some_mtu - a size of packets that an interface or a path may carry
 * @w: the world
 *
 * Return: bytes.
 */
u32 sim_some_mtu(struct sim_world *w)
{
	u32 dice = sim_below(w, 100);

	if (dice < 25)
		return RDG_MTU_MIN + sim_below(w, RDG_PACKET_SIZE - RDG_MTU_MIN);
	if (dice < 50)
		return RDG_PACKET_SIZE + sim_below(w, 300);
	if (dice < 75)
		return 1472;
	if (dice < 95)
		return 1472 + sim_below(w, 7501);
	return 8972 + sim_below(w, RDG_MTU_MAX - 8972 + 1);
}

/**
 * sim_change_mtu - a path carries packets of another size from now on
 * @w: the world
 */
void sim_change_mtu(struct sim_world *w)
{
	u8 from = sim_below(w, w->plan.hosts), to = sim_below(w, w->plan.hosts);

	if (w->draining)
		return;
	sim_event_add(w, sim_event(w, SIM_EV_MTU, w->now + sim_about(w, w->plan.mtu_every)));
	w->path[from][to].mtu = sim_some_mtu(w);
	w->harm |= BIT(SIM_HARM_MTU);
	sim_trace(w, from, to, "the path carries %llu bytes", w->path[from][to].mtu, 0, 0);
}

static void set_delay(struct sim_world *w, u8 from, u8 to, u64 delay)
{
	struct sim_path *path = &w->path[from][to];

	path->delay = delay;
	path->jitter = sim_below(w, 2) * sim_below(w, 12 * delay);
	sim_trace(w, from, to, "the path takes %llu us, up to %llu us more",
		  delay / NSEC_PER_USEC, path->jitter / NSEC_PER_USEC, 0);
}

/**
 * sim_some_delay - how long packets take, each way
 * @w: the world
 * @a: host
 * @b: another one
 */
void sim_some_delay(struct sim_world *w, u8 a, u8 b)
{
	u64 slow = sim_between(w, DELAY_MIN, DELAY_MAX);
	u64 fast = slow - sim_below(w, slow / 2);
	bool back = sim_chance(w, 500);

	if (sim_chance(w, w->plan.lopsided))
		fast = div64_u64(slow, sim_between(w, 1, LOPSIDED_MAX));
	if (slow >= LOPSIDED * fast && a < w->plan.hosts && b < w->plan.hosts)
		w->harm |= BIT(SIM_HARM_LOPSIDED);
	set_delay(w, a, b, back ? fast : slow);
	set_delay(w, b, a, back ? slow : fast);
}

/**
 * sim_change_route - packets go another way from now on
 * @w: the world
 *
 * Where that is shorter they overtake those that went the old one.
 */
void sim_change_route(struct sim_world *w)
{
	u8 a = sim_below(w, w->plan.hosts);
	u8 b = (a + 1 + sim_below(w, w->plan.hosts - 1)) % w->plan.hosts;

	if (w->draining)
		return;
	sim_event_add(w, sim_event(w, SIM_EV_ROUTE, w->now + sim_about(w, w->plan.route_every)));
	w->harm |= BIT(SIM_HARM_ROUTE);
	sim_some_delay(w, a, b);
}

/* What an honest host sends is well formed, every time. */
static void check_form(struct sim_world *w, struct sim_packet *p)
{
	struct rdg_header h;

	if (rdg_wire_parse(p->data, p->len, &h) != RDG_PARSE_OK) {
		sim_fail(w, "host %u sends a malformed packet of type %u", p->from, p->data[0]);
		return;
	}
	sim_trace(w, p->from, p->to, sends[h.type],
		  h.type == RDG_PKT_INIT ? h.src_id : h.dst_id ? h.dst_id : h.reflected,
		  p->len, h.pn);
	if (h.type != RDG_PKT_CONFIRM && h.type != RDG_PKT_DATA)
		return;
	if (rdg_wire_parse_frames(p->data, &h, &w->check) != RDG_PARSE_OK)
		sim_fail(w, "host %u sends malformed frames", p->from);
}

/**
 * sim_send - an honest host sends a packet
 * @w: the world
 * @from: host
 * @to: address
 * @head: the packet, or what stands before its payload
 * @head_len: bytes
 * @out: its payload; NULL: has none
 */
void sim_send(struct sim_world *w, u8 from, u32 to, const u8 *head, u32 head_len,
	      const struct rdg_out *out)
{
	u32 len = head_len + (out ? out->payload + out->padding : 0);
	struct sim_packet *p = packet_alloc(w, from, to % SIM_ADDRESS_STEP, len);
	u32 i, at = head_len;

	p->dest = to;
	p->ect = out && out->ect;
	memcpy(p->data, head, head_len);
	for (i = 0; out && i < out->slices; i++) {
		const struct rdg_slice *s = &out->slice[i];
		struct sim_msg *m = container_of(s->msg, struct sim_msg, msg);

		if (s->len > p->len - at) {
			sim_fail(w, "slices are longer than the payload");
			break;
		}
		sim_fill(m->rec->key, s->off, s->len, p->data + at);
		at += s->len;
	}
	if (at + (out ? out->padding : 0) != p->len)
		sim_fail(w, "slices are %u bytes of %u", at, p->len);
	memset(p->data + at, 0x5a, p->len - at);

	check_form(w, p);
	if (too_large(w, p))
		sim_trace(w, from, to, "  it is too large", 0, 0, 0);
	else if (w->manual)
		hold(w, p);
	else
		on_the_way(w, p, w->now + (out && !w->plan.hasty ?
					   out->depart - sim_now(&w->host[from]) : 0));
	if (w->plan.attack_every && sim_chance(w, 100)) {
		if (w->sample)
			sim_packet_put(w, w->sample);
		w->sample = p;
	} else {
		sim_packet_put(w, p);
	}
}

/**
 * sim_cut - a path is cut, one way or both, and will heal
 * @w: the world
 */
void sim_cut(struct sim_world *w)
{
	u8 from = sim_below(w, w->plan.hosts), to = sim_below(w, w->plan.hosts);
	u64 heals = w->now + sim_below(w, w->plan.cut_long);
	bool both = sim_chance(w, 700);
	int i;

	if (w->draining)
		return;
	sim_event_add(w, sim_event(w, SIM_EV_CUT, w->now + sim_about(w, w->plan.cut_every)));
	for (i = 0; i < (both && from != to ? 2 : 1); i++) {
		struct sim_event *e = sim_event(w, SIM_EV_HEAL, heals);

		e->host = i ? to : from;
		e->peer = i ? from : to;
		w->path[e->host][e->peer].cuts++;
		w->harm |= BIT(SIM_HARM_CUT);
		sim_trace(w, e->host, e->peer, "the path is cut", 0, 0, 0);
		sim_event_add(w, e);
	}
}

/**
 * sim_heal - a cut heals
 * @w: the world
 * @from: host
 * @to: host
 */
void sim_heal(struct sim_world *w, u8 from, u8 to)
{
	w->path[from][to].cuts--;
	sim_trace(w, from, to, "a cut heals", 0, 0, 0);
}

/**
 * sim_calm - from now on the network does little harm, nor do limits of rate
 * @w: the world
 */
void sim_calm(struct sim_world *w)
{
	u8 i, j;

	w->plan.resets = 1000;
	for (i = 0; i < SIM_HOSTS; i++) {
		for (j = 0; j < SIM_HOSTS; j++) {
			w->path[i][j].loss = min(w->path[i][j].loss, 20u);
			w->path[i][j].late = 0;
		}
	}
}

static void random_u64(struct sim_world *w, u8 *to)
{
	rdg_put_be64(sim_random(&w->rnd), to);
}

/* Every number in it that is a secret becomes another one. Incarnations are
 * none: an endpoint tells its own to everybody who asks.
 */
static void forget_secrets(struct sim_world *w, struct sim_packet *p)
{
	switch (p->data[0]) {
	case RDG_PKT_INIT:
	case RDG_PKT_CHALLENGE:
		random_u64(w, p->data + 12);
		break;
	case RDG_PKT_RESET:
	case RDG_PKT_VERSION:
		random_u64(w, p->data + 12);
		return;
	case RDG_PKT_CONFIRM:
		random_u64(w, p->data + RDG_DATA_LEN + 4);
		random_u64(w, p->data + RDG_DATA_LEN + 32);
		break;
	}
	if (p->data[0] == RDG_PKT_CHALLENGE)
		random_u64(w, p->data + 48);
	if (p->data[0] != RDG_PKT_INIT)
		random_u64(w, p->data + 4);
}

static void spoil(struct sim_world *w, struct sim_packet *p)
{
	u32 n = sim_below(w, 4);

	/* The ids are not touched: a random one is no better than another. */
	while (n--) {
		u32 at = sim_below(w, p->len);

		if (at < 4 || at >= RDG_INIT_LEN)
			p->data[at] = sim_random(&w->rnd);
	}
}

/* A hint that a packet was too large, from one who knows the id of a link but
 * not which packets are on their way: the number is a guess.
 */
static void forge_hint(struct sim_world *w, const struct sim_packet *sample)
{
	struct sim_packet *p = packet_alloc(w, sample->from, sample->to, sample->len);

	p->forged = true;
	memcpy(p->data, sample->data, sample->len);
	rdg_put_be32(sim_random(&w->rnd), p->data + 12);
	sim_hint(w, p, sim_below(w, 2000));
	sim_packet_put(w, p);
}

/**
 * sim_attack - a packet arrives that no honest host has sent
 * @w: the world
 */
void sim_attack(struct sim_world *w)
{
	u8 from = sim_below(w, w->plan.hosts), to = sim_below(w, w->plan.hosts);
	struct sim_packet *p, *sample = w->sample;
	u32 i, len = sample ? sample->len : 12 + sim_below(w, 200);

	if (w->draining)
		return;
	sim_event_add(w, sim_event(w, SIM_EV_ATTACK, w->now + sim_about(w, w->plan.attack_every)));
	if (sample && sample->data[0] == RDG_PKT_DATA && sim_chance(w, 100)) {
		forge_hint(w, sample);
		return;
	}
	p = packet_alloc(w, from, to, len);
	p->forged = true;
	if (sample && sim_chance(w, 300)) {
		memcpy(p->data, sample->data, len);
		p->forged = false;
		sim_copy(w, p, sample);
	} else if (sample) {
		memcpy(p->data, sample->data, len);
		forget_secrets(w, p);
		spoil(w, p);
	} else {
		for (i = 0; i < len; i++)
			p->data[i] = sim_random(&w->rnd);
		p->data[0] &= 7;
	}
	w->harm |= BIT(SIM_HARM_FORGERY);
	sim_trace(w, from, to, "the attacker forges type %llu, %llu bytes", p->data[0], len, 0);
	fly(w, p, w->now);
	sim_packet_put(w, p);
}
