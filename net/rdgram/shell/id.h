/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ids of links, and their tombstones.
 */
#ifndef _RDGRAM_SHELL_ID_H
#define _RDGRAM_SHELL_ID_H

#include "net.h"

struct rdg_peer;

/**
 * struct rdg_id - an id that packets may be addressed to
 *
 * @node: in rdg_net.ids.
 * @id: 64 bits.
 * @peer: whose it is; NULL: a tombstone. Valid under RCU, without a reference.
 * @tomb: in rdg_net.tombs, if it is a tombstone.
 * @expires: when a tombstone is forgotten; ns.
 * @rcu: frees it.
 */
struct rdg_id {
	struct rhash_head node;
	u64 id;
	struct rdg_peer __rcu *peer;
	struct list_head tomb;
	u64 expires;
	struct rcu_head rcu;
};

int rdg_id_init(struct rdg_net *rn);
void rdg_id_exit(struct rdg_net *rn);
bool rdg_id_is_scarce(const struct rdg_net *rn);
int rdg_id_add(struct rdg_net *rn, u64 id, struct rdg_peer *p);
void rdg_id_end(struct rdg_net *rn, u64 id);
struct rdg_peer *rdg_id_find(struct rdg_net *rn, u64 id, bool *tombstone);

#endif /* _RDGRAM_SHELL_ID_H */
