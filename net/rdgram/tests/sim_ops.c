// SPDX-License-Identifier: GPL-2.0-only
/*
 * The simulated driver: what the core asks of it, and handing out its packets,
 * see sim.h and struct rdg_link_ops.
 */
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/slab.h>
#include "sim.h"

/* Nobody waits for longer than this with a message that is not over: four times
 * what a packet takes that is late, to a host that is stopped, and some more.
 */
#define WAIT_MAX	(1000 * NSEC_PER_SEC)

/* More packets than this out of one call can only be an endless loop. */
#define PUMP_MAX	20000

static int op_id_add(struct rdg_link *l, u64 id)
{
	struct sim_link *sl = sim_of(l);
	struct sim_world *w = sim_world_of(sl);
	struct sim_host *h = sl->ep->host;

	if (!id)
		sim_fail(w, "0 is added as an id");
	if (sim_id_find(h, id))
		return -EEXIST;
	if (sim_chance(w, w->plan.refuse))
		return sim_chance(w, 500) ? -ENOMEM : -ENOSPC;
	if (h->ids >= h->max_ids)
		return -ENOSPC;
	h->id[h->ids++] = (struct sim_id){ .id = id, .link = sl, .expires = RDG_NEVER };
	return 0;
}

static void op_id_end(struct rdg_link *l, u64 id)
{
	struct sim_link *sl = sim_of(l);
	struct sim_world *w = sim_world_of(sl);
	struct sim_id *entry = sim_id_find(sl->ep->host, id);

	if (!entry || entry->link != sl) {
		sim_fail(w, "id %llx ends that is not the link's", id);
		return;
	}
	entry->link = NULL;
	entry->expires = sim_now(sl->ep->host) + RDG_TOMBSTONE_LIFE;
}

static struct rdg_live *op_alloc(struct rdg_link *l)
{
	struct sim_link *sl = sim_of(l);
	struct sim_world *w = sim_world_of(sl);

	if (l->live)
		sim_fail(w, "link %u-%u begins twice", sl->ep->host->nr, sl->peer);
	if (sim_chance(w, w->plan.starve)) {
		w->harm |= BIT(SIM_HARM_MEMORY);
		return NULL;
	}
	w->live++;
	return kmalloc(sizeof(struct rdg_live), GFP_KERNEL | __GFP_NOFAIL);
}

static void op_free(struct rdg_link *l, struct rdg_live *live)
{
	sim_world_of(sim_of(l))->live--;
	/* Now, and not later: if the core had not forgotten it KASAN would see. */
	kfree(live);
}

/* Room for one more buffer: the limit holds for all but the token's holder. */
static bool admit(struct sim_link *sl, u32 charge, bool head)
{
	struct sim_endpoint *ep = sl->ep;

	if (ep->charged + charge <= ep->rcvbuf)
		return true;
	if (!head || (ep->token && ep->token != sl))
		return false;
	ep->token = sl;
	return true;
}

static struct rdg_buf *op_take(struct rdg_link *l, void *packet, u32 at, u32 len, bool head,
			       bool single)
{
	struct sim_link *sl = sim_of(l);
	struct sim_world *w = sim_world_of(sl);
	struct sim_packet *p = packet;
	struct sim_buf *b;

	if (at > p->len || len > p->len - at)
		sim_fail(w, "bytes %u+%u are taken of a packet of %u", at, len, p->len);
	if (sl->ep->closed)
		sim_fail(w, "a closed endpoint takes a piece");
	/* First memory, then the token: who takes that and fails would keep it. */
	if (sim_chance(w, w->plan.refuse) || !admit(sl, len + SIM_OVERHEAD, head))
		return NULL;
	b = kzalloc(sizeof(*b), GFP_KERNEL | __GFP_NOFAIL);
	b->link = sl;
	b->packet = p;
	b->at = at;
	b->len = len;
	b->charge = len + SIM_OVERHEAD;
	p->refs++;
	w->buffers++;
	sl->buffers++;
	sl->ep->charged += b->charge;
	return &b->buf;
}

static void op_trim(struct rdg_link *l, struct rdg_buf *buf, u32 n)
{
	struct sim_buf *b = container_of(buf, struct sim_buf, buf);

	if (!n || n >= b->len)
		sim_fail(sim_world_of(sim_of(l)), "%u of %u bytes are trimmed", n, b->len);
	b->at += n;
	b->len -= n;
}

/**
 * sim_buf_free - a buffer goes
 * @w: the world
 * @buf: the buffer
 */
void sim_buf_free(struct sim_world *w, struct rdg_buf *buf)
{
	struct sim_buf *b = container_of(buf, struct sim_buf, buf);

	b->link->ep->charged -= b->charge;
	w->buffers--;
	sim_packet_put(w, b->packet);
	kfree(b);
}

static void release_token(struct sim_link *sl)
{
	if (sl->ep->token == sl)
		sl->ep->token = NULL;
}

static void op_put(struct rdg_link *l, struct rdg_buf *b)
{
	struct sim_link *sl = sim_of(l);

	sim_buf_free(sim_world_of(sl), b);
	if (!--sl->buffers)
		release_token(sl);
}

static void op_arrived(struct rdg_link *l, void *packet)
{
}

static enum rdg_verdict op_filter(struct rdg_link *l, struct rdg_buf *chain, u64 seq, u32 len)
{
	struct sim_link *sl = sim_of(l);

	/* There was no memory to find out. */
	if (sim_chance(sim_world_of(sl), sim_world_of(sl)->plan.refuse))
		return RDG_UNDECIDED;
	return sim_check_filter(sl, chain, seq, len) ? RDG_ACCEPTED : RDG_REFUSED;
}

static void op_deliver(struct rdg_link *l, struct rdg_buf *chain, u64 seq, u32 len)
{
	struct sim_link *sl = sim_of(l);
	struct sim_item *item = kzalloc(sizeof(*item), GFP_KERNEL | __GFP_NOFAIL);
	struct rdg_buf *b;

	sim_check_delivery(sl, chain, seq, len);
	release_token(sl);
	for (b = chain; b; b = b->next)
		sl->buffers--;
	item->link = sl;
	item->inc = l->remote_inc;
	item->seq = seq;
	item->len = len;
	item->chain = chain;
	list_add_tail(&item->node, &sl->ep->queue);
}

static void op_over(struct rdg_link *l, struct rdg_msg *msg, enum rdg_outcome outcome)
{
	struct sim_msg *m = container_of(msg, struct sim_msg, msg);
	struct sim_link *sl = sim_of(l);

	sim_check_over(sl, m, outcome);
	sim_world_of(sl)->messages--;
	/* Freed now, and not later: if the core had not forgotten it KASAN would see. */
	kfree(m);
}

static void op_note(struct rdg_link *l, enum rdg_note note, u64 first, u64 last)
{
	sim_check_note(sim_of(l), note, first, last);
}

static void op_moved(struct rdg_link *l, enum rdg_state from, enum rdg_event event)
{
	sim_check_moved(sim_of(l), from, event);
}

static void op_carry(struct rdg_link *l, enum rdg_count count)
{
	sim_of(l)->carried[count]++;
}

static u64 op_share(struct rdg_link *l)
{
	struct sim_link *sl = sim_of(l);
	struct sim_world *w = sim_world_of(sl);

	/* It changes as others fall silent, and are heard of again. */
	if (w->plan.share && sim_chance(w, 200))
		sl->share = sim_below(w, w->plan.share);
	return sl->share;
}

/* For so long a link waits for its turn at the most. */
#define TURN_MAX	(2 * NSEC_PER_SEC)

static u64 op_turn(struct rdg_link *l)
{
	struct sim_world *w = sim_world_of(sim_of(l));

	if (w->plan.wait)
		return w->plan.wait;
	/* Not again where it has waited. */
	if (l->waits || !w->plan.share)
		return 0;
	return sim_below(w, min_t(u64, w->plan.share, TURN_MAX));
}

const struct rdg_link_ops sim_ops = {
	.id_add	 = op_id_add,
	.id_end	 = op_id_end,
	.alloc	 = op_alloc,
	.free	 = op_free,
	.take	 = op_take,
	.trim	 = op_trim,
	.put	 = op_put,
	.filter	 = op_filter,
	.deliver = op_deliver,
	.arrived = op_arrived,
	.over	 = op_over,
	.note	 = op_note,
	.moved	 = op_moved,
	.carry	 = op_carry,
	.share	 = op_share,
	.turn	 = op_turn,
};

/* Waits for what the other side says of its own accord, or for its predecessor. */
static bool may_wait(const struct rdg_link *l)
{
	return list_empty(&l->tx.queue) || l->tx.refused || l->held;
}

static void check_deadline(struct sim_link *sl, u64 deadline, u64 now)
{
	struct sim_world *w = sim_world_of(sl);

	if (!w->manual && !may_wait(&sl->link) && deadline > now + WAIT_MAX)
		sim_fail(w, "link %u-%u does nothing for %llu s, and has messages to send",
			 sl->ep->host->nr, sl->peer, div_u64(deadline - now, NSEC_PER_SEC));
}

/**
 * sim_arm - arm the timer of a link anew
 * @sl: the link
 */
void sim_arm(struct sim_link *sl)
{
	struct sim_world *w = sim_world_of(sl);
	u64 deadline = rdg_link_deadline(&sl->link);
	u64 now = sim_now(sl->ep->host);

	check_deadline(sl, deadline, now);
	if (deadline == sl->armed)
		return;
	sl->armed = deadline;
	sl->fire = deadline;
	if (deadline != RDG_NEVER && w->plan.lateness)
		sl->fire = max(deadline, now) + sim_below(w, w->plan.lateness);
}

/* A probe may be larger than what is known to arrive, and carries nothing. */
static void check_size(struct sim_link *sl, const struct rdg_out *out)
{
	u32 size = out->head_len + out->payload + out->padding;
	struct sim_world *w = sim_world_of(sl);

	if (out->padding ? out->payload : size > sl->link.mtu)
		sim_fail(w, "%u bytes in a packet, %u of them padding, %u is the MTU", size,
			 out->padding, sl->link.mtu);
	if (sl->limit_mtu && size > sl->limit_mtu)
		sim_fail(w, "%u bytes in a packet, the interface carries %u", size, sl->limit_mtu);
}

/* How far ahead packets may be handed over: small queues stay small. */
#define AHEAD_MAX	(4 * NSEC_PER_MSEC)

/* None departs before its time, nor before one with a smaller number. */
static void check_departure(struct sim_link *sl, const struct rdg_out *out)
{
	struct sim_world *w = sim_world_of(sl);
	u64 now = sim_now(sl->ep->host);

	if (out->depart < now || out->depart > now + AHEAD_MAX)
		sim_fail(w, "a packet departs %lld ns from now", out->depart - now);
	if (out->via != RDG_VIA_PEER)
		return;
	if (out->depart < sl->departs)
		sim_fail(w, "a packet overtakes others");
	sl->departs = out->depart;
	sl->ahead = max(sl->ahead, out->depart - now);
}

static void note_wraps(struct sim_link *sl)
{
	const struct rdg_live *live = sl->link.live;
	struct sim_world *w = sim_world_of(sl);

	if (live && w->plan.first_pn <= U32_MAX && live->ledger.next > U32_MAX)
		w->harm |= BIT(SIM_HARM_NUMBER);
	if (w->plan.first_seq <= U32_MAX && sl->link.tx.delivered > U32_MAX)
		w->harm |= BIT(SIM_HARM_SEQUENCE);
	if (live && w->plan.first_credit <= U32_MAX &&
	    max(sl->link.tx.credit_used, live->rx.delivered_cost) > U32_MAX)
		w->harm |= BIT(SIM_HARM_CREDIT);
	if (live && live->ecn.heard < w->plan.first_marks)
		w->harm |= BIT(SIM_HARM_MARKS);
}

/**
 * sim_pump - what the driver does after every call of the core
 * @sl: the link
 *
 * Hands all its packets to the network, and sets its timer.
 */
void sim_pump(struct sim_link *sl)
{
	struct sim_world *w = sim_world_of(sl);
	struct rdg_out *out = &w->out;
	bool quiet;
	u32 i, n = 0;

	sim_find(sl);
	if (w->plan.timed && sim_chance(w, 20))
		rdg_link_set_timed(&sl->link, sim_chance(w, 700));
	if (sl->link.waits && sim_chance(w, 100))
		rdg_link_turn(&sl->link, sim_now(sl->ep->host) + 1 + sim_below(w, NSEC_PER_MSEC));
	/* The driver need not poll then; if it does, nothing comes of it. */
	quiet = rdg_link_is_quiet(&sl->link, sim_now(sl->ep->host));
	out->goes_on = false;
	while (!w->failed && !(quiet && sim_chance(w, 500)) &&
	       rdg_link_poll(&sl->link, sim_now(sl->ep->host), out)) {
		if (quiet)
			sim_fail(w, "a packet of a quiet link");
		if (out->head_len > RDG_HEAD_MAX || out->slices > RDG_PIECES_OUT)
			sim_fail(w, "%u bytes of head, %u slices", out->head_len, out->slices);
		check_size(sl, out);
		check_departure(sl, out);
		note_wraps(sl);
		for (i = 0; i < out->slices; i++)
			sim_check_slice(sl, &out->slice[i]);
		if (w->failed)
			return;
		sim_send(w, sl->ep->host->nr, sim_dest(sl, out), out->head, out->head_len, out);
		if (++n == PUMP_MAX)
			sim_fail(w, "packets without end from one call");
	}
	if (sl->link.live ? sl->link.state < RDG_CONFIRMING : sl->link.state >= RDG_CONFIRMING)
		sim_fail(w, "a link in %s %s", rdg_state_name(sl->link.state),
			 sl->link.live ? "keeps its memory" : "has no memory");
	if (sl->link.count[RDG_CT_ILLEGAL_EDGES])
		sim_fail(w, "an illegal edge");
	if (sl->link.count[RDG_CT_PACKETS_MALFORMED] && !w->plan.doubts)
		sim_fail(w, "an honest packet is taken for a lie");
	sim_arm(sl);
	sim_check_state(sl, !quiet);
}
