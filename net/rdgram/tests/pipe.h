/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Flows over one bottleneck, in virtual time: what congestion control is
 * measured with.
 *
 * Real cores at both ends of each flow, as in the simulation (sim.h), whose
 * chance it shares; but what is asked is how much arrives when, not what: the
 * payload is not there, only its lengths, so that ten thousands of packets cost
 * little. All that happens follows from the seed.
 *
 *	pipe.c		the bottleneck, time
 *	pipe_end.c	the two ends of a flow
 *	pipe_test.c	what is asked of the algorithms
 */
#ifndef _RDGRAM_TESTS_PIPE_H
#define _RDGRAM_TESTS_PIPE_H

#include <linux/rbtree.h>
#include <linux/types.h>
#include "../core/link.h"
#include "sim.h"

#define PIPE_FLOWS	8

/* Bytes of a message: with its header it fills a packet. */
#define PIPE_MESSAGE	1176

/**
 * struct pipe_plan - what the path is like
 *
 * @rate: of the bottleneck, in bytes of UDP payload a second; 0: none.
 * @queue: packets that wait at the bottleneck before it drops.
 * @mark: packets that wait before it marks those that come, in the place of
 *	a drop; 0: never.
 * @police: it does not queue, but drops what exceeds @rate and, at once,
 *	@queue packets.
 * @delay: of each way; ns.
 * @jitter: by which that varies at most, to either side; ns.
 * @loss: of 10000 packets, both ways, before the bottleneck.
 * @twice: likewise, are doubled.
 * @early: likewise, overtake all those that are on their way.
 * @timed: packets leave at their departure times; else as they are made.
 */
struct pipe_plan {
	u64 rate;
	u32 queue;
	u32 mark;
	bool police;
	u64 delay;
	u64 jitter;
	u32 loss;
	u32 twice;
	u32 early;
	bool timed;
};

/**
 * struct pipe_end - one end of a flow
 *
 * @link: the core.
 * @flow: the flow.
 * @fire: when the timer fires; ns.
 * @receives: the data goes here.
 */
struct pipe_end {
	struct rdg_link link;
	struct pipe_flow *flow;
	u64 fire;
	bool receives;
};

/**
 * struct pipe_flow - a sender and a receiver
 *
 * @path: where.
 * @self: of both ends.
 * @end: the sender, the receiver.
 * @starts: when it begins; ns.
 * @every: time between two messages, where the application is what limits it;
 *	0: there is always more to send; ns.
 * @next: when the next message comes; ns; RDG_NEVER: when there is room.
 * @pending: messages that are not over.
 * @arrived: bytes delivered.
 * @first: the first message delivered that was not read.
 * @unread: messages delivered and not read.
 */
struct pipe_flow {
	struct pipe *path;
	struct rdg_self self[2];
	struct pipe_end end[2];
	u64 starts;
	u64 every;
	u64 next;
	u32 pending;
	u64 arrived;
	u64 first;
	u32 unread;
};

/**
 * struct pipe - all of it
 *
 * @plan: what it is like.
 * @now: virtual time; ns.
 * @rnd: chance.
 * @events: packets on their way.
 * @order: of the next event.
 * @busy: until when the bottleneck serialises what it has; ns.
 * @offered: packets that came to the bottleneck.
 * @dropped: those of them that it dropped.
 * @marked: those that it marked.
 * @flows: how many there are.
 * @flow: the flows.
 * @out: scratch: too large for the stack.
 * @frames: likewise.
 */
struct pipe {
	struct pipe_plan plan;
	u64 now;
	struct sim_rnd rnd;
	struct rb_root_cached events;
	u64 order;
	u64 busy;
	u64 offered;
	u64 dropped;
	u64 marked;
	u32 flows;
	struct pipe_flow flow[PIPE_FLOWS];
	struct rdg_out out;
	struct rdg_frames frames;
};

/* pipe.c */
struct pipe *pipe_begin(const struct pipe_plan *plan, u64 seed);
void pipe_end(struct pipe *p);
struct pipe_flow *pipe_add(struct pipe *p, const struct rdg_cc_ops *cc, u64 starts);
void pipe_run(struct pipe *p, u64 ns);
void pipe_send(struct pipe_end *from, const u8 *head, u32 head_len, u32 len, u64 departs);
u64 pipe_below(struct pipe *p, u64 n);

/* pipe_end.c */
void pipe_end_init(struct pipe_flow *f, const struct rdg_cc_ops *cc);
void pipe_end_free(struct pipe_flow *f);
void pipe_flow_wake(struct pipe_flow *f);
void pipe_input(struct pipe_end *to, const u8 *data, u32 len, bool marked);
void pipe_timer(struct pipe_end *e);

#endif /* _RDGRAM_TESTS_PIPE_H */
