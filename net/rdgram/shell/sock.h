/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An endpoint: one socket of ours.
 */
#ifndef _RDGRAM_SHELL_SOCK_H
#define _RDGRAM_SHELL_SOCK_H

#include <linux/ipv6.h>
#include <net/ip.h>
#include "../core/cookie.h"
#include "../core/link.h"
#include "address.h"
#include "net.h"

struct rdg_local;
struct rdg_peer;

/* Peers per socket. */
#define RDG_PEERS_MAX		131072

/* A socket with more peers forgets those that have not been used for so long;
 * ns. Longer, if there is an error that nobody was told yet.
 */
#define RDG_FORGET_ABOVE	1024
#define RDG_FORGET_AFTER	(60 * NSEC_PER_SEC)
#define RDG_FORGET_ERROR_AFTER	(600 * NSEC_PER_SEC)

/* A peer that has not been used for so long is forgotten where another one turns out to
 * be at its address; ns. By then no cookie opens a link that was made before it was used.
 */
#define RDG_YIELD_AFTER		RDG_TOMBSTONE_LIFE

/* How long a closed socket goes on delivering; ns. */
#define RDG_ORPHAN_LIFE		(60 * NSEC_PER_SEC)

/**
 * enum rdg_sock_flag - bits of struct rdg_sock.flags
 *
 * @RDG_SOCK_NOSPACE: somebody waits until a message can be accepted.
 * @RDG_SOCK_WISHES: a message had wishes, see struct rdg_wishes. It stays.
 */
enum rdg_sock_flag {
	RDG_SOCK_NOSPACE,
	RDG_SOCK_WISHES,
};

/**
 * struct rdg_told - messages of one peer that were read, to be told to it
 *
 * @peer: the peer; a reference. NULL: there are none.
 * @seq: message sequence of the last one.
 * @n: how many they are.
 * @bytes: the sum of their lengths.
 */
struct rdg_told {
	struct rdg_peer *peer;
	u64 seq;
	u32 n;
	u32 bytes;
};

/**
 * struct rdg_sock - an endpoint
 *
 * @inet: the socket; must be first.
 * @self: what the core must know of the endpoint. Constant but for
 *	user_timeout.
 * @rn: its namespace.
 * @born: the how manieth of its namespace that was bound. Written as @local is.
 * @local: its address and port; NULL until it is bound. Written under the socket's lock,
 *	before any peer; taken back only while it is not @bound, and nobody can find it.
 * @bound: bind() is over: @local and the port stay. Set under the socket's lock; who has
 *	not come by @local asks for it before he looks at @local.
 * @destruct: the family's sk_destruct.
 * @flags: enum rdg_sock_flag; atomic bits.
 * @numbered: all messages to peers that were forgotten have lower numbers.
 * @congestion: RDGRAM_CONGESTION; written under @lock, read anywhere.
 * @mark: sk_mark, by which routes were chosen.
 * @notices: RDGRAM_NOTICES; written under the socket's lock, read anywhere.
 *
 * @lock: the endpoint's lock: protects all down to @oldest.
 * @closed: no new peers.
 * @connected: @only is in force.
 * @only: where a connected socket is connected to.
 * @only_seq: of @connected and @only, for who reads both without the lock.
 * @peers: struct rdg_peer; entries are freed by RCU.
 * @n_peers: entries in @peers.
 * @oldest: which of @peers is the next one that may be forgotten; the head of
 *	the list: its first one.
 * @closing: which of @peers close() is at; the head of the list: it is through, or not
 *	begun.
 *
 * @counts: what peers have counted that does not stand in them: of those that are
 *	gone, and what was carried, see rdg_link_ops.carry; enum rdg_count.
 * @moved: how often something was moved there from a peer.
 *
 * @quota_lock: protects all down to @hinted, and the same in the peers.
 *	A leaf.
 * @wmem: cost of the messages that are not over, and @receipts; bytes.
 * @receipts: what receipts that were not read have kept of theirs; bytes.
 * @blocked: peers to which a message was refused, and would be still.
 * @unblocked: one of them would take a message since.
 * @hinted: poll() has said so.
 *
 * @mem_lock: protects sk_forward_alloc, which nobody else may write. A leaf.
 * @delivered: part of sk_rmem_alloc that is complete messages.
 * @lent: part of it that is pieces which only the token let in.
 * @readers: peers that have messages in the inbox.
 * @overhead: memory that messages take per unit of cost, see rdg_rmem_learn().
 * @token: the peer that holds the completion token; only to be compared.
 * @token_at: when it was last used; ns.
 * @token_since: when that peer got it; ns.
 *
 * @inbox_lock: protects all down to @told. A leaf.
 * @inbox: struct rdg_rbuf: messages to be read, in order.
 * @arrivals: messages that were put there.
 * @told: what was read, and the peer not told yet.
 *
 * @egress_lock: protects @egresses. A leaf, taken anywhere.
 * @egresses: struct rdg_egress: devices by which peers send.
 *
 * @notice_lock: protects @notice_list and all in it. A leaf.
 * @notice_list: struct rdg_notice, oldest first.
 * @n_notices: entries in @notice_list; read without the lock.
 */
struct rdg_sock {
	struct inet_sock inet;
	struct rdg_self self;
	struct rdg_net *rn;
	u64 born;
	struct rdg_local *local;
	bool bound;
	void (*destruct)(struct sock *sk);
	unsigned long flags;
	atomic64_t numbered;
	const struct rdg_cc_ops *congestion;
	u32 mark;
	u32 notices;

	spinlock_t lock;	/* see above */
	bool closed;
	bool connected;
	struct rdg_remote only;
	seqcount_spinlock_t only_seq;
	struct list_head peers;
	u32 n_peers;
	struct list_head *oldest;
	struct list_head *closing;

	atomic64_t counts[RDG_COUNTS];
	atomic_t moved;

	spinlock_t quota_lock;	/* see above */
	long wmem;
	long receipts;
	u32 blocked;
	bool unblocked;
	bool hinted;

	spinlock_t mem_lock;	/* see above */
	atomic_t delivered;
	atomic_t lent;
	atomic_t readers;
	u32 overhead;
	struct rdg_peer *token;
	u64 token_at;
	u64 token_since;

	spinlock_t inbox_lock;	/* see above */
	struct list_head inbox;
	u64 arrivals;
	struct rdg_told told;

	spinlock_t egress_lock;	/* see above */
	struct list_head egresses;

	spinlock_t notice_lock;	/* see above */
	struct list_head notice_list;
	u32 n_notices;
};

/**
 * struct rdg6_sock - an AF_INET6 endpoint
 *
 * @ep: the endpoint.
 * @inet6: must be last: up to 6.4 the kernel looks for it there.
 */
struct rdg6_sock {
	struct rdg_sock ep;
	struct ipv6_pinfo inet6;
};

static inline struct rdg_sock *rdg_sk(const struct sock *sk)
{
	return (struct rdg_sock *)sk;
}

static inline struct sock *rdg_to_sk(const struct rdg_sock *ep)
{
	return (struct sock *)&ep->inet.sk;
}

/* The whole socket */
int rdg_sock_init(struct sock *sk);
void rdg_sock_destroy(struct sock *sk);
int rdg_sock_suits(struct rdg_sock *ep, const struct rdg_remote *from);
void rdg_sock_counts(struct rdg_sock *ep, u64 *counts, u32 *peers);

/* bind() and connect() */
int rdg_sock_get_port(struct sock *sk, unsigned short port);
void rdg_sock_unhash(struct sock *sk);
void rdg_sock_put_port(struct sock *sk);
void rdg_sock_rehash(struct sock *sk);
void rdg_sock_reroute(struct rdg_sock *ep);
int rdg_sock_connect(struct sock *sk, struct rdg_sockaddr *addr, int len);
int rdg_sock_disconnect(struct sock *sk, int flags);

/* close() */
void rdg_sock_close(struct sock *sk, long linger);

/* sendmsg() */
int rdg_sock_sendmsg(struct sock *sk, struct msghdr *msg, size_t len);

/* poll() */
__poll_t rdg_sock_poll(struct file *file, struct socket *sock, poll_table *wait);

/* Options */
int rdg_sock_setsockopt(struct sock *sk, int level, int name, sockptr_t val, unsigned int len);
int rdg_sock_getsockopt(struct sock *sk, int level, int name, char __user *val, int __user *len);

/* Is the size of a buffer the user's, by SO_SNDBUF (SOCK_SNDBUF_LOCK) or SO_RCVBUF
 * (SOCK_RCVBUF_LOCK)?
 */
static inline bool rdg_sock_is_fixed(const struct sock *sk, int lock)
{
	/* Who sets it at this moment is seen or not: it grows by cmpxchg(). */
	return data_race(sk->sk_userlocks & lock);
}

/* rdg_sock_recvmsg(), rdg_sock_ioctl(): see compat.h */

#endif /* _RDGRAM_SHELL_SOCK_H */
