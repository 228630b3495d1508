/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Locals: an address and a port, with the kernel's UDP socket there.
 */
#ifndef _RDGRAM_SHELL_LOCAL_H
#define _RDGRAM_SHELL_LOCAL_H

#include <linux/net.h>
#include <linux/refcount.h>
#include <linux/workqueue.h>
#include "../core/link.h"
#include "net.h"
#include "sock.h"

/**
 * struct rdg_local_key - what makes two locals the same
 *
 * @addr: the address; IPv4 addresses are mapped, except 0.0.0.0.
 * @ifindex: the device it is bound to; 0: any.
 * @family: AF_INET, AF_INET6.
 * @v6only: of AF_INET6: it takes no IPv4.
 * @shared: others of the same user may be open on the same address (SO_REUSEPORT).
 * @reuse: likewise (SO_REUSEADDR), and who opened it last takes new peers.
 * @transparent: the address need not be ours (IP_FREEBIND, IP_TRANSPARENT).
 *	Not compared.
 * @uid: the user. Compared only if @shared or @reuse.
 */
struct rdg_local_key {
	struct in6_addr addr;
	int ifindex;
	sa_family_t family;
	bool v6only;
	bool shared;
	bool reuse;
	bool transparent;
	kuid_t uid;
};

/**
 * struct rdg_local - an address and a port, with its inner UDP socket
 *
 * @node: in rdg_net.locals.
 * @users: one for each endpoint on it, open or closed; 0 takes it out of the
 *	table, under rdg_net.local_lock.
 * @rn: the namespace.
 * @key: the address.
 * @port: the port.
 * @sock: the inner socket: a kernel socket, which does not hold the namespace.
 * @lock: protects @open. Under it rdg_sock.lock.
 * @open: the open endpoint; NULL: all are closed. Its close() takes it away,
 *	before the socket can go.
 * @receiving: processors that input packets of @sock.
 * @release: releases @sock, which sleeps, and frees.
 */
struct rdg_local {
	struct hlist_node node;
	refcount_t users;
	struct rdg_net *rn;
	struct rdg_local_key key;
	__be16 port;
	struct socket *sock;
	spinlock_t lock;	/* see above */
	struct rdg_sock *open;
	atomic_t receiving;
	struct work_struct release;
};

int rdg_local_open(struct rdg_sock *ep, const struct rdg_local_key *key, __be16 port);
void rdg_local_set_device(struct rdg_sock *ep, int ifindex);
void rdg_local_close(struct rdg_local *local, struct rdg_sock *ep);
void rdg_local_put(struct rdg_local *local);
struct rdg_sock *rdg_local_endpoint(struct rdg_local *local, const struct rdg_flow *flow,
				    const struct rdg_remote *from, u64 inc, struct sk_buff *skb);

#endif /* _RDGRAM_SHELL_LOCAL_H */
