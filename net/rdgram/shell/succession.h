/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Succession: a socket that is closed, and still delivers, comes before the one that is bound
 * after it. To the other side both are one address: the order is that of the sockets.
 */
#ifndef _RDGRAM_SHELL_SUCCESSION_H
#define _RDGRAM_SHELL_SUCCESSION_H

#include "peer.h"

u32 rdg_peer_orphans_at(const struct rdg_peer *p);
bool rdg_peer_urge_before(struct rdg_sock *ep, const struct rdg_peer_key *key,
			  const struct in6_addr *local, u64 id);
void rdg_peer_hold(struct rdg_peer *p);
void rdg_peer_let_go(struct rdg_net *rn, const struct rdg_peer *gone,
		     const struct rdg_peer_key *key);

#endif /* _RDGRAM_SHELL_SUCCESSION_H */
