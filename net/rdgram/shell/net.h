/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a network namespace has: tables, counters, limits.
 */
#ifndef _RDGRAM_SHELL_NET_H
#define _RDGRAM_SHELL_NET_H

#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/rhashtable.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include "stat.h"

/* Ids of links and tombstones, per namespace. */
#define RDG_IDS_MAX		1048576

/* The last of them are for who has a CHALLENGE already, and for links of our own. */
#define RDG_IDS_SCARCE		(RDG_IDS_MAX / 8 * 7)

/* Peers of closed sockets, per namespace. */
#define RDG_ORPHANS_MAX		65536

/* ...and of those with one address and one port of ours: all of them may be looked at for a
 * packet from there. Peers of one open socket likewise: they differ in which address of ours
 * it is that they know.
 */
#define RDG_ORPHANS_AT		1024
#define RDG_PEERS_AT		4096

/* RESET and VERSION: so many a second, and so many at once. */
#define RDG_RESETS_PER_SECOND	1000
#define RDG_RESETS_BURST	200

#define RDG_LOCAL_SLOTS		64

struct rdg_cc_ops;

/**
 * enum rdg_silence - which of the silent peers is one?
 *
 * @RDG_SILENCE_NONE: none: it is not silent.
 * @RDG_SILENCE_KNOWN: one that was heard of once.
 * @RDG_SILENCE_STRANGE: an address that never answered.
 * @RDG_SILENCES: how many there are.
 */
enum rdg_silence {
	RDG_SILENCE_NONE,
	RDG_SILENCE_KNOWN,
	RDG_SILENCE_STRANGE,
	RDG_SILENCES
};

/**
 * struct rdg_line - those who wait for their turn to ask, see turn.c
 *
 * @lock: protects the rest, and the same in the peers of this line. A leaf.
 * @debt: when all first questions that were asked will count no more; ns.
 * @peers: who waits, the last one first.
 * @waiting: how many they are.
 * @work: lets them in.
 */
struct rdg_line {
	spinlock_t lock;	/* see above */
	u64 debt;
	struct list_head peers;
	u32 waiting;
	struct delayed_work work;
};

/**
 * struct rdg_net - rdgram in one network namespace
 *
 * @net: the namespace.
 * @ids: struct rdg_id by id; entries are freed by RCU.
 * @n_ids: entries in @ids.
 * @tomb_lock: protects @tombs. A leaf.
 * @tombs: struct rdg_id that are tombstones, oldest first.
 * @collect: frees tombstones; pending while there are any.
 * @names: struct rdg_name by struct rdg_peer_key; freed by RCU.
 * @orphans: peers of closed sockets.
 * @births: sockets ever bound.
 * @bind: serialises finding and making locals. Taken under the lock of a
 *	socket of ours, and held while an inner socket is made.
 * @local_lock: protects @locals, and struct rdg_local.users going to 0.
 * @locals: struct rdg_local by port.
 * @reset_lock: protects @reset_tokens and @reset_at. A leaf.
 * @reset_tokens: RESETs that may be sent.
 * @reset_at: when @reset_tokens was brought up to date; ns.
 * @stats: counters.
 * @congestion: algorithm of new sockets; READ_ONCE.
 * @congestion_sysctl: the files, see congestion.c.
 * @silent: peers that do not answer, by enum rdg_silence, see silence.h.
 * @rouse: asks them soon.
 * @routes: tells of routes that come back.
 * @known_line: who has answered once.
 * @strange_line: addresses that never answered.
 * @user_timeout: sysctl: RDGRAM_USER_TIMEOUT of new sockets; ms.
 * @rmem_max: sysctl: what a receive buffer may grow to by itself; bytes.
 * @wmem_max: likewise, a send buffer.
 * @sysctl: the files; NULL: there is no sysctl.
 * @sysctl_table: what they were made of.
 */
struct rdg_net {
	struct net *net;
	struct rhashtable ids;
	atomic_t n_ids;
	spinlock_t tomb_lock;	/* see above */
	struct list_head tombs;
	struct delayed_work collect;
	struct rhltable names;
	atomic_t orphans;
	atomic64_t births;
	struct mutex bind;	/* see above */
	spinlock_t local_lock;	/* see above */
	struct hlist_head locals[RDG_LOCAL_SLOTS];
	spinlock_t reset_lock;	/* see above */
	u32 reset_tokens;
	u64 reset_at;
	struct rdg_stats __percpu *stats;
	const struct rdg_cc_ops *congestion;
	struct ctl_table_header *congestion_sysctl;
	atomic_t silent[RDG_SILENCES];
	struct delayed_work rouse;
	struct notifier_block routes;
	struct rdg_line known_line;
	struct rdg_line strange_line;
	int user_timeout;
	int rmem_max;
	int wmem_max;
	struct ctl_table_header *sysctl;
	struct ctl_table *sysctl_table;
};

extern unsigned int rdg_net_id;
extern struct workqueue_struct *rdg_wq;

static inline struct rdg_net *rdg_net(const struct net *net)
{
	return net_generic(net, rdg_net_id);
}

static inline void rdg_count(struct rdg_net *rn, enum rdg_stat what)
{
	this_cpu_inc(rn->stats->n[what]);
}

int rdg_net_register(void);
void rdg_net_unregister(void);
bool rdg_net_may_reset(struct rdg_net *rn, u64 now);
unsigned long rdg_net_stat(const struct rdg_net *rn, enum rdg_stat what);

#endif /* _RDGRAM_SHELL_NET_H */
