// SPDX-License-Identifier: GPL-2.0-only
/*
 * A bottleneck with a queue, and time, see path.h.
 */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "pipe.h"

/**
 * struct pipe_event - a packet arrives, or departs
 *
 * @node: in path.events, by @time, then by @order.
 * @time: when; ns.
 * @order: which of those at the same time comes first.
 * @end: where.
 * @departs: from there.
 * @head_len: bytes of @head.
 * @len: of the packet, with the payload; bytes.
 * @marked: Congestion Experienced.
 * @head: the packet without the payload.
 */
struct pipe_event {
	struct rb_node node;
	u64 time;
	u64 order;
	struct pipe_end *end;
	bool departs;
	u32 head_len;
	u32 len;
	bool marked;
	u8 head[];
};

/**
 * pipe_below - a number below another
 * @p: the path
 * @n: not 0
 *
 * Return: 0 to @n - 1.
 */
u64 pipe_below(struct pipe *p, u64 n)
{
	u64 rest;

	div64_u64_rem(sim_random(&p->rnd), n, &rest);
	return rest;
}

static bool happens(struct pipe *p, u32 of_10000)
{
	return of_10000 && pipe_below(p, 10000) < of_10000;
}

static bool event_less(struct rb_node *a, const struct rb_node *b)
{
	const struct pipe_event *x = rb_entry(a, struct pipe_event, node);
	const struct pipe_event *y = rb_entry(b, struct pipe_event, node);

	return x->time < y->time || (x->time == y->time && x->order < y->order);
}

/* When a packet leaves the bottleneck; RDG_NEVER: it is dropped. */
static u64 departure(struct pipe *p, u32 len, bool *marked)
{
	u64 packet, busy = max(p->busy, p->now);

	if (!p->plan.rate)
		return p->now;
	p->offered++;
	packet = div64_u64(RDG_PACKET_SIZE * (u64)NSEC_PER_SEC, p->plan.rate);
	if (busy - p->now > p->plan.queue * packet) {
		p->dropped++;
		return RDG_NEVER;
	}
	*marked = p->plan.mark && busy - p->now > p->plan.mark * packet;
	p->marked += *marked;
	p->busy = busy + div64_u64(len * (u64)NSEC_PER_SEC, p->plan.rate);
	return p->plan.police ? p->now : p->busy;
}

static struct pipe_event *add_event(struct pipe_end *end, u64 time, const u8 *head, u32 head_len,
				    u32 len)
{
	struct pipe *p = end->flow->path;
	struct pipe_event *e;

	e = kzalloc(sizeof(*e) + head_len, GFP_KERNEL | __GFP_NOFAIL);
	e->time = time;
	e->order = p->order++;
	e->end = end;
	e->head_len = head_len;
	e->len = len;
	memcpy(e->head, head, head_len);
	rb_add_cached(&e->node, &p->events, event_less);
	return e;
}

static void fly(struct pipe *p, struct pipe_end *from, const u8 *head, u32 head_len, u32 len)
{
	struct pipe_flow *f = from->flow;
	bool marked = false;
	u64 time = from->receives ? p->now : departure(p, len, &marked);

	if (time == RDG_NEVER)
		return;
	if (!happens(p, p->plan.early))
		time += p->plan.delay - p->plan.jitter + pipe_below(p, 2 * p->plan.jitter + 1);
	add_event(&f->end[!from->receives], time, head, head_len, len)->marked = marked;
}

static void depart(struct pipe_end *from, const u8 *head, u32 head_len, u32 len)
{
	struct pipe *p = from->flow->path;

	if (!happens(p, p->plan.loss))
		fly(p, from, head, head_len, len);
	if (happens(p, p->plan.twice))
		fly(p, from, head, head_len, len);
}

/**
 * pipe_send - a packet is made by an end
 * @from: which
 * @head: the packet without the payload
 * @head_len: bytes
 * @len: bytes, with the payload
 * @departs: when it leaves; ns
 */
void pipe_send(struct pipe_end *from, const u8 *head, u32 head_len, u32 len, u64 departs)
{
	if (departs > from->flow->path->now)
		add_event(from, departs, head, head_len, len)->departs = true;
	else
		depart(from, head, head_len, len);
}

/**
 * pipe_begin - a path without flows
 * @plan: what it is like
 * @seed: of all chance
 *
 * Return: the path, for pipe_end(); NULL: no memory.
 */
struct pipe *pipe_begin(const struct pipe_plan *plan, u64 seed)
{
	struct pipe *p = kvzalloc(sizeof(*p), GFP_KERNEL);

	if (!p)
		return NULL;
	p->plan = *plan;
	p->rnd.state = seed;
	p->now = NSEC_PER_SEC;
	p->events = RB_ROOT_CACHED;
	return p;
}

/**
 * pipe_end - a path ends
 * @p: the path
 */
void pipe_end(struct pipe *p)
{
	struct rb_node *node;
	u32 i;

	for (i = 0; i < p->flows; i++)
		pipe_end_free(&p->flow[i]);
	while ((node = rb_first_cached(&p->events))) {
		rb_erase_cached(node, &p->events);
		kfree(rb_entry(node, struct pipe_event, node));
	}
	kvfree(p);
}

/**
 * pipe_add - add a flow
 * @p: the path, with less than PIPE_FLOWS of them
 * @cc: the sender's algorithm
 * @starts: when it begins, from now; ns
 *
 * Return: the flow.
 */
struct pipe_flow *pipe_add(struct pipe *p, const struct rdg_cc_ops *cc, u64 starts)
{
	struct pipe_flow *f = &p->flow[p->flows++];

	f->path = p;
	f->starts = p->now + starts;
	f->next = f->starts;
	pipe_end_init(f, cc);
	return f;
}

/* The one of flows' timers and applications that is next. */
static u64 next_timer(struct pipe *p, struct pipe_flow **flow, struct pipe_end **end)
{
	u64 first = RDG_NEVER;
	u32 i, j;

	for (i = 0; i < p->flows; i++) {
		struct pipe_flow *f = &p->flow[i];

		if (f->next < first) {
			first = f->next;
			*flow = f;
			*end = NULL;
		}
		for (j = 0; j < 2; j++) {
			if (f->end[j].fire < first) {
				first = f->end[j].fire;
				*end = &f->end[j];
			}
		}
	}
	return first;
}

static void arrive(struct pipe *p, struct pipe_event *e)
{
	rb_erase_cached(&e->node, &p->events);
	p->now = e->time;
	if (e->departs)
		depart(e->end, e->head, e->head_len, e->len);
	else
		pipe_input(e->end, e->head, e->len, e->marked);
	kfree(e);
}

/**
 * pipe_run - let time pass
 * @p: the path
 * @ns: how much
 */
void pipe_run(struct pipe *p, u64 ns)
{
	u64 until = p->now + ns;

	for (;;) {
		struct rb_node *node = rb_first_cached(&p->events);
		struct pipe_event *e = rb_entry_safe(node, struct pipe_event, node);
		struct pipe_flow *flow = NULL;
		struct pipe_end *end = NULL;
		u64 timer = next_timer(p, &flow, &end);

		if (min(timer, e ? e->time : RDG_NEVER) > until)
			break;
		if (e && e->time <= timer) {
			arrive(p, e);
			continue;
		}
		p->now = max(p->now, timer);
		if (end)
			pipe_timer(end);
		else
			pipe_flow_wake(flow);
	}
	p->now = until;
}
