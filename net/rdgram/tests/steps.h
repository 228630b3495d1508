/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two hosts without a network between them: a directed test hands each packet
 * on by itself, or drops it. The promise is checked as in the simulation.
 */
#ifndef _RDGRAM_TESTS_STEPS_H
#define _RDGRAM_TESTS_STEPS_H

#include "sim.h"
#include "suites.h"

/**
 * struct duo - what a test works on
 *
 * @w: the world, manual.
 * @a: endpoint on host 0.
 * @b: endpoint on host 1.
 * @pn: packet number of the next packet of b, where its link does not live.
 */
struct duo {
	struct sim_world *w;
	struct sim_endpoint *a;
	struct sim_endpoint *b;
	u32 pn;
};

int duo_init(struct kunit *test);
void duo_exit(struct kunit *test);
struct rdg_link *duo_a(struct duo *d);
struct rdg_link *duo_b(struct duo *d);
bool duo_pass(struct duo *d, u8 from, u8 type);
bool duo_copy(struct duo *d, u8 from, u8 type);
bool duo_drop(struct duo *d, u8 from, u8 type);
u32 duo_drop_all(struct duo *d);
struct sim_event *duo_keep(struct kunit *test, u8 from, u8 type);
void duo_pass_late(struct duo *d, struct sim_event *e);
void duo_drop_late(struct duo *d, struct sim_event *e);
u32 duo_feed(struct duo *d, u8 from);
const struct rdg_frames *duo_look(struct kunit *test, u8 from);
void duo_settle(struct duo *d);
void duo_wait(struct duo *d, u64 ns);
void duo_run(struct duo *d, u64 ns);
void duo_name(struct sim_endpoint *ep, u64 incarnation);
void duo_cross(struct duo *d, bool two_pairs);
void duo_up(struct kunit *test);
void duo_reach(struct kunit *test, enum rdg_state state);
void duo_raise(struct duo *d, enum rdg_event event);
void duo_acknowledge(struct duo *d);
void duo_report(struct duo *d, u32 delivered);
void duo_reset(struct duo *d, u64 id, enum rdg_reset_reason reason);
u32 duo_outcomes(struct sim_endpoint *ep, u8 peer, int outcome);

#endif /* _RDGRAM_TESTS_STEPS_H */
