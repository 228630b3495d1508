/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Turns: who may ask first, where many are not heard of.
 */
#ifndef _RDGRAM_SHELL_TURN_H
#define _RDGRAM_SHELL_TURN_H

#include "peer.h"

u64 rdg_turn_take(struct rdg_peer *p);
void rdg_turn_unanswered(struct rdg_peer *p);
void rdg_turn_account(struct rdg_peer *p);
void rdg_turn_init(struct rdg_net *rn);
void rdg_turn_exit(struct rdg_net *rn);

#endif /* _RDGRAM_SHELL_TURN_H */
