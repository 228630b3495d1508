/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The addresses of peers.
 *
 * A peer is known by the address of its first contact: its name. That is what
 * recvfrom() says and sendto() takes, wherever the peer is by now: an
 * application that keeps something for each peer keeps it by address. Once a
 * peer has moved it has a second entry in the table, the address where it is,
 * by which sendto() reaches it as well.
 *
 * Of the peers of one endpoint at most one is at an address, for each address of
 * ours by which it knows us: who sends to two addresses of a socket that has both
 * has two peers, as far as he knows, and numbers their messages apart. Nobody
 * takes the address where another one is. A name that its peer has moved away
 * from goes to whoever proves to be there, by a cookie or by the answer to a
 * check: a NAT may have given the mapping to somebody else. The one that moved
 * is known by where it is from then on.
 */
#ifndef _RDGRAM_SHELL_NAME_H
#define _RDGRAM_SHELL_NAME_H

#include <linux/rhashtable.h>
#include "address.h"
#include "net.h"

struct rdg_peer;
struct rdg_sock;

/**
 * struct rdg_peer_key - how peers are found, besides their ids
 *
 * @remote: address of the remote endpoint.
 * @rport: its port.
 * @lport: our port.
 * @scope: struct rdg_remote.scope.
 *
 * Has no holes: it is hashed as bytes. Peers of different endpoints may have
 * the same: an open one and closed ones on the same local.
 */
struct rdg_peer_key {
	struct in6_addr remote;
	__be16 rport;
	__be16 lport;
	int scope;
};

/**
 * struct rdg_name - an address of a peer
 *
 * @node: in rdg_net.names.
 * @key: the address; constant.
 * @peer: whose it is; valid under RCU, without a reference.
 * @rcu: frees it; rdg_peer.home with the peer.
 */
struct rdg_name {
	struct rhlist_head node;
	struct rdg_peer_key key;
	struct rdg_peer *peer;
	struct rcu_head rcu;
};

static inline void rdg_name_remote(const struct rdg_name *n, struct rdg_remote *r)
{
	r->addr = n->key.remote;
	r->port = n->key.rport;
	r->scope = n->key.scope;
}

int rdg_name_table_init(struct rdg_net *rn);
void rdg_name_table_exit(struct rdg_net *rn);
void rdg_name_key(const struct rdg_sock *ep, const struct rdg_remote *r,
		  struct rdg_peer_key *key);
struct rhlist_head *rdg_name_list(struct rdg_net *rn, const struct rdg_peer_key *key);
struct rdg_name *rdg_name_find(struct rdg_sock *ep, const struct rdg_remote *r,
			       const struct in6_addr *local);
bool rdg_name_is_current(const struct rdg_name *n);
struct rdg_name *rdg_name_make(struct rdg_peer *p, const struct rdg_remote *r);
int rdg_name_enter(struct rdg_sock *ep, struct rdg_name *n, bool *taken);
int rdg_name_change(struct rdg_sock *ep, struct rdg_peer *p, struct rdg_name *n,
		    struct rdg_peer_key *left);
void rdg_name_leave(struct rdg_sock *ep, struct rdg_peer *p);

#endif /* _RDGRAM_SHELL_NAME_H */
