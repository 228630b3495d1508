// SPDX-License-Identifier: GPL-2.0-only
/*
 * A bottleneck with a queue, and time, see path.h.
 */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "path.h"

/**
 * struct path_event - a packet arrives
 *
 * @node: in path.events, by @time, then by @order.
 * @time: when; ns.
 * @order: which of those at the same time comes first.
 * @to: where.
 * @len: of the packet, with the payload; bytes.
 * @marked: Congestion Experienced.
 * @head: the packet without the payload.
 */
struct path_event {
	struct rb_node node;
	u64 time;
	u64 order;
	struct path_end *to;
	u32 len;
	bool marked;
	u8 head[];
};

/**
 * path_below - a number below another
 * @p: the path
 * @n: not 0
 *
 * Return: 0 to @n - 1.
 */
u64 path_below(struct path *p, u64 n)
{
	u64 rest;

	div64_u64_rem(sim_random(&p->rnd), n, &rest);
	return rest;
}

static bool happens(struct path *p, u32 of_10000)
{
	return of_10000 && path_below(p, 10000) < of_10000;
}

static bool event_less(struct rb_node *a, const struct rb_node *b)
{
	const struct path_event *x = rb_entry(a, struct path_event, node);
	const struct path_event *y = rb_entry(b, struct path_event, node);

	return x->time < y->time || (x->time == y->time && x->order < y->order);
}

/* When a packet leaves the bottleneck; RDG_NEVER: it is dropped. */
static u64 departure(struct path *p, u32 len, bool *marked)
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

static void fly(struct path *p, struct path_end *from, const u8 *head, u32 head_len, u32 len)
{
	struct path_flow *f = from->flow;
	bool marked = false;
	u64 time = from->receives ? p->now : departure(p, len, &marked);
	struct path_event *e;

	if (time == RDG_NEVER)
		return;
	if (!happens(p, p->plan.early))
		time += p->plan.delay - p->plan.jitter + path_below(p, 2 * p->plan.jitter + 1);
	e = kmalloc(sizeof(*e) + head_len, GFP_KERNEL | __GFP_NOFAIL);
	e->time = time;
	e->order = p->order++;
	e->to = &f->end[!from->receives];
	e->len = len;
	e->marked = marked;
	memcpy(e->head, head, head_len);
	rb_add_cached(&e->node, &p->events, event_less);
}

/**
 * path_send - a packet leaves an end
 * @from: which
 * @head: the packet without the payload
 * @head_len: bytes
 * @len: bytes, with the payload
 */
void path_send(struct path_end *from, const u8 *head, u32 head_len, u32 len)
{
	struct path *p = from->flow->path;

	if (!happens(p, p->plan.loss))
		fly(p, from, head, head_len, len);
	if (happens(p, p->plan.twice))
		fly(p, from, head, head_len, len);
}

/**
 * path_begin - a path without flows
 * @plan: what it is like
 * @seed: of all chance
 *
 * Return: the path, for path_end(); NULL: no memory.
 */
struct path *path_begin(const struct path_plan *plan, u64 seed)
{
	struct path *p = kvzalloc(sizeof(*p), GFP_KERNEL);

	if (!p)
		return NULL;
	p->plan = *plan;
	p->rnd.state = seed;
	p->now = NSEC_PER_SEC;
	p->events = RB_ROOT_CACHED;
	return p;
}

/**
 * path_end - a path ends
 * @p: the path
 */
void path_end(struct path *p)
{
	struct rb_node *node;
	u32 i;

	for (i = 0; i < p->flows; i++)
		path_end_free(&p->flow[i]);
	while ((node = rb_first_cached(&p->events))) {
		rb_erase_cached(node, &p->events);
		kfree(rb_entry(node, struct path_event, node));
	}
	kvfree(p);
}

/**
 * path_add - add a flow
 * @p: the path, with less than PATH_FLOWS of them
 * @cc: the sender's algorithm
 * @starts: when it begins, from now; ns
 *
 * Return: the flow.
 */
struct path_flow *path_add(struct path *p, const struct rdg_cc_ops *cc, u64 starts)
{
	struct path_flow *f = &p->flow[p->flows++];

	f->path = p;
	f->starts = p->now + starts;
	f->next = f->starts;
	path_end_init(f, cc);
	return f;
}

/* The one of flows' timers and applications that is next. */
static u64 next_timer(struct path *p, struct path_flow **flow, struct path_end **end)
{
	u64 first = RDG_NEVER;
	u32 i, j;

	for (i = 0; i < p->flows; i++) {
		struct path_flow *f = &p->flow[i];

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

static void arrive(struct path *p, struct path_event *e)
{
	rb_erase_cached(&e->node, &p->events);
	p->now = e->time;
	path_input(e->to, e->head, e->len, e->marked);
	kfree(e);
}

/**
 * path_run - let time pass
 * @p: the path
 * @ns: how much
 */
void path_run(struct path *p, u64 ns)
{
	u64 until = p->now + ns;

	for (;;) {
		struct rb_node *node = rb_first_cached(&p->events);
		struct path_event *e = rb_entry_safe(node, struct path_event, node);
		struct path_flow *flow = NULL;
		struct path_end *end = NULL;
		u64 timer = next_timer(p, &flow, &end);

		if (min(timer, e ? e->time : RDG_NEVER) > until)
			break;
		if (e && e->time <= timer) {
			arrive(p, e);
			continue;
		}
		p->now = max(p->now, timer);
		if (end)
			path_timer(end);
		else
			path_flow_wake(flow);
	}
	p->now = until;
}
