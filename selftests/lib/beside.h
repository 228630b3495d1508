/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is attacked, and a pair that does nothing wrong beside it: a sender in host 0,
 * and, in host 1, the socket that the attacker is after as well. Packets come in where
 * they are sent, and the pair takes turns with the attacker in one thread: so all of an
 * attack has happened when a function returns, on one processor as on two.
 */
#ifndef TEST_BESIDE_H
#define TEST_BESIDE_H

#include "attacker.h"
#include "flow.h"
#include "hosts.h"

/* It is sender 1 where it sends, see flow.h. */
#define BESIDE_PORT	(FLOW_PORT + 1)

struct beside {
	int family;
	struct hosts hosts;
	struct attacker attacker;
	int victim;		/* at BESIDE_PORT of host 1 */
	int sender;		/* at FLOW_PORT of host 0 */
	int klog;
	u64 sent;
	struct flow_check check;
	struct attacker_traffic before;
	u64 peers, ids, peer_slab;
};

/* @path is that of the pair, see hosts.h. */
void beside_open(struct beside *b, int family, const char *path);
void beside_close(struct beside *b);

/* Where the victim is, and where the pair's sender. */
struct addr beside_addr(const struct beside *b);
struct addr beside_sender(const struct beside *b);

/* The pair transfers so many messages; false, after saying what is wrong, if it cannot. */
bool beside_transfer(struct beside *b, u64 count);

/* What the victim's host has by now: is called when the attack begins. */
void beside_begin(struct beside *b);

/* There are as many peers and ids as then. False, after saying what is wrong. */
bool beside_nobody_is_new(struct beside *b);

/*
 * After an attack by who has no link: nothing was ever kept for it, and the answers to it
 * were neither more than the questions nor longer. Likewise.
 */
bool beside_left_nothing(struct beside *b);
bool beside_not_amplified(struct beside *b);

/* The kernel has said nothing, and all that the pair has sent has come, once, and little of
 * it had to be sent again.
 */
bool beside_unharmed(struct beside *b);

/* A counter of the victim's host. */
u64 beside_counter(const struct beside *b, const char *name);

#endif /* TEST_BESIDE_H */
