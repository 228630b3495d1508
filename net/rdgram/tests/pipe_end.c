// SPDX-License-Identifier: GPL-2.0-only
/*
 * The two ends of a flow: the core's driver at its simplest, see path.h. The
 * sender's application always has more to send, or sends at its own pace; the
 * receiver's reads all at once.
 */
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "pipe.h"

/* Messages that a sender has queued: more than any path here holds. */
#define BACKLOG		4000

/* So much may be on its way to the receiver; bytes. */
#define WINDOW		(16 * 1024 * 1024)

static struct pipe_end *end_of(struct rdg_link *l)
{
	return container_of(l, struct pipe_end, link);
}

static int op_id_add(struct rdg_link *l, u64 id)
{
	return 0;
}

static void op_id_end(struct rdg_link *l, u64 id)
{
}

static struct rdg_live *op_alloc(struct rdg_link *l)
{
	return kmalloc(sizeof(struct rdg_live), GFP_KERNEL | __GFP_NOFAIL);
}

static void op_free(struct rdg_link *l, struct rdg_live *live)
{
	kfree(live);
}

static struct rdg_buf *op_take(struct rdg_link *l, void *packet, u32 at, u32 len, bool head,
			       bool single)
{
	return kzalloc(sizeof(struct rdg_buf), GFP_KERNEL | __GFP_NOFAIL);
}

static void op_trim(struct rdg_link *l, struct rdg_buf *b, u32 n)
{
}

static void op_put(struct rdg_link *l, struct rdg_buf *b)
{
	kfree(b);
}

static void op_arrived(struct rdg_link *l, void *packet)
{
}

static void op_deliver(struct rdg_link *l, struct rdg_buf *chain, u64 seq, u32 len)
{
	struct pipe_flow *f = end_of(l)->flow;

	while (chain) {
		struct rdg_buf *b = chain;

		chain = b->next;
		kfree(b);
	}
	if (!f->unread++)
		f->first = seq;
	f->arrived += len;
}

static void op_over(struct rdg_link *l, struct rdg_msg *m, enum rdg_outcome outcome)
{
	end_of(l)->flow->pending--;
	kfree(m);
}

static void op_note(struct rdg_link *l, enum rdg_note note, u64 first, u64 last)
{
}

static void op_carry(struct rdg_link *l, enum rdg_count count)
{
}

static void op_moved(struct rdg_link *l, enum rdg_state from, enum rdg_event event)
{
}

static u64 op_share(struct rdg_link *l)
{
	return 0;
}

static u64 op_turn(struct rdg_link *l)
{
	return 0;
}

static const struct rdg_link_ops pipe_ops = {
	.id_add	 = op_id_add,
	.id_end	 = op_id_end,
	.alloc	 = op_alloc,
	.free	 = op_free,
	.take	 = op_take,
	.trim	 = op_trim,
	.put	 = op_put,
	.deliver = op_deliver,
	.arrived = op_arrived,
	.over	 = op_over,
	.note	 = op_note,
	.moved	 = op_moved,
	.carry	 = op_carry,
	.share	 = op_share,
	.turn	 = op_turn,
};

/**
 * pipe_end_init - both ends of a flow begin
 * @f: the flow
 * @cc: the sender's algorithm
 */
void pipe_end_init(struct pipe_flow *f, const struct rdg_cc_ops *cc)
{
	u32 i;

	for (i = 0; i < 2; i++) {
		struct rdg_self *self = &f->self[i];
		struct pipe_end *e = &f->end[i];

		self->incarnation = sim_random(&f->path->rnd) | 1;
		self->secret.key[0] = sim_random(&f->path->rnd);
		e->flow = f;
		e->fire = RDG_NEVER;
		e->receives = i;
		rdg_link_init(&e->link, &pipe_ops, self, sim_random(&f->path->rnd), f->path->now);
		rdg_link_set_window(&e->link, WINDOW, WINDOW);
		rdg_link_set_timed(&e->link, f->path->plan.timed);
	}
	rdg_link_set_congestion(&f->end[0].link, cc, f->path->now);
}

/**
 * pipe_end_free - both ends of a flow are forgotten
 * @f: the flow
 */
void pipe_end_free(struct pipe_flow *f)
{
	rdg_link_free(&f->end[0].link);
	rdg_link_free(&f->end[1].link);
}

static void queue_one(struct pipe_flow *f)
{
	struct rdg_msg *m = kzalloc(sizeof(*m), GFP_KERNEL | __GFP_NOFAIL);

	m->len = PIPE_MESSAGE;
	f->pending++;
	rdg_link_queue(&f->end[0].link, m, f->path->now);
}

/* What the applications do of their own accord: send more, and read. */
static void apply(struct pipe_end *e)
{
	struct pipe_flow *f = e->flow;

	while (e->receives && f->unread) {
		rdg_link_read(&e->link, f->first++, 1, PIPE_MESSAGE, f->path->now);
		f->unread--;
	}
	while (!e->receives && !f->every && f->next == RDG_NEVER && f->pending < BACKLOG)
		queue_one(f);
}

/* What a driver does after every call of the core. */
static void pump(struct pipe_end *e)
{
	struct pipe *p = e->flow->path;

	apply(e);
	p->out.goes_on = false;
	while (rdg_link_poll(&e->link, p->now, &p->out))
		pipe_send(e, p->out.head, p->out.head_len, p->out.head_len + p->out.payload,
			  p->plan.timed ? p->out.depart : p->now);
	e->fire = rdg_link_deadline(&e->link);
}

/**
 * pipe_flow_wake - the time has come for a sender's application
 * @f: the flow
 */
void pipe_flow_wake(struct pipe_flow *f)
{
	f->next = f->every ? f->path->now + f->every : RDG_NEVER;
	if (f->every)
		queue_one(f);
	pump(&f->end[0]);
}

static void answer_init(struct pipe_end *e, const struct rdg_header *h)
{
	struct pipe *p = e->flow->path;
	struct rdg_flow flow = {};
	u8 data[RDG_INIT_MIN];
	u32 len;

	len = rdg_cookie_answer(e->link.self, &flow, h, NULL, WINDOW, false, p->now, data);
	if (len)
		pipe_send(e, data, len, len, p->now);
}

/**
 * pipe_input - a packet arrives
 * @to: where
 * @data: its head
 * @len: its length, with the payload; bytes
 * @marked: Congestion Experienced
 */
void pipe_input(struct pipe_end *to, const u8 *data, u32 len, bool marked)
{
	struct rdg_frames *f = &to->flow->path->frames;
	u64 now = to->flow->path->now;
	struct rdg_header h;

	if (rdg_wire_parse(data, len, &h) != RDG_PARSE_OK)
		return;
	switch (h.type) {
	case RDG_PKT_INIT:
		return answer_init(to, &h);
	case RDG_PKT_CHALLENGE:
		rdg_link_challenge(&to->link, &h, now);
		break;
	case RDG_PKT_CONFIRM:
	case RDG_PKT_DATA:
		if (rdg_wire_parse_frames(data, &h, f) != RDG_PARSE_OK)
			return;
		if (to->link.state == RDG_IDLE &&
		    (h.type != RDG_PKT_CONFIRM || rdg_link_confirm(&to->link, &h, f, now)))
			return;
		rdg_link_packet(&to->link, &h, f, NULL, marked, now);
		break;
	default:
		return;
	}
	pump(to);
}

/**
 * pipe_timer - the timer of an end fires
 * @e: the end
 */
void pipe_timer(struct pipe_end *e)
{
	rdg_link_timeout(&e->link, e->flow->path->now);
	pump(e);
}
