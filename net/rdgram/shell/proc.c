// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/net/rdgram: the peers. /proc/net/rdgram_stat: the counters.
 */
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <net/net_namespace.h>
#include "local.h"
#include "peer.h"
#include "proc.h"
#include "silence.h"

static const char * const stat_names[RDG_STATS] = {
	[RDG_STAT_NO_CHECKSUM]		= "no_checksum",
	[RDG_STAT_NOT_UNICAST]		= "not_unicast",
	[RDG_STAT_MALFORMED]		= "malformed",
	[RDG_STAT_NO_MEMORY]		= "no_memory",
	[RDG_STAT_UNKNOWN_TLV]		= "unknown_tlv",
	[RDG_STAT_UNKNOWN_VERSION]	= "unknown_version",
	[RDG_STAT_NO_ENDPOINT]		= "no_endpoint",
	[RDG_STAT_UNKNOWN_ID]		= "unknown_id",
	[RDG_STAT_TOMBSTONE]		= "tombstone",
	[RDG_STAT_WRONG_SOURCE]		= "wrong_source",
	[RDG_STAT_PUT_OFF]		= "put_off",
	[RDG_STAT_PATH_REFUSED]		= "path_refused",
	[RDG_STAT_BAD_COOKIE]		= "bad_cookie",
	[RDG_STAT_NOT_OPENED]		= "not_opened",
	[RDG_STAT_UNMATCHED]		= "unmatched",
	[RDG_STAT_LIMITED]		= "limited",
	[RDG_STAT_RESETS]		= "resets",
	[RDG_STAT_NO_PEER]		= "no_peer",
	[RDG_STAT_NO_LINK]		= "no_link",
	[RDG_STAT_NO_ID]		= "no_id",
	[RDG_STAT_NO_ROUTE]		= "no_route",
	[RDG_STAT_NO_SKB]		= "no_skb",
	[RDG_STAT_RCVBUF]		= "rcvbuf",
	[RDG_STAT_RCVMEM]		= "rcvmem",
	[RDG_STAT_MUTED]		= "muted",
	[RDG_STAT_FILTERED]		= "filtered",
	[RDG_STAT_NO_NOTICE]		= "no_notice",
	[RDG_STAT_ORPHANS]		= "orphans",
	[RDG_STAT_ROUSED]		= "roused",
	[RDG_STAT_WAITED]		= "waited",
	[RDG_STAT_TOO_BIG]		= "too_big",
	[RDG_STAT_TOO_BIG_IGNORED]	= "too_big_ignored",
};

static int show_stats(struct seq_file *seq, void *v)
{
	struct rdg_net *rn = rdg_net(seq_file_single_net(seq));
	int i;

	for (i = 0; i < RDG_STATS; i++)
		seq_printf(seq, "%s %lu\n", stat_names[i], rdg_net_stat(rn, i));
	seq_printf(seq, "ids %d\n", atomic_read(&rn->n_ids));
	seq_printf(seq, "silent_peers %u\n", rdg_silence_count(rn));
	seq_printf(seq, "orphan_peers %d\n", atomic_read(&rn->orphans));
	return 0;
}

/**
 * struct peers_iter - where somebody is in /proc/net/rdgram
 *
 * @net: must be first.
 * @walk: in rdg_net.names.
 */
struct peers_iter {
	struct seq_net_private net;
	struct rhashtable_iter walk;
};

static void *next_peer(struct rhashtable_iter *walk)
{
	struct rdg_name *n;

	/* The table is being resized: some may be seen twice. A peer that has
	 * moved has two entries, and is shown where it is.
	 */
	do {
		n = rhashtable_walk_next(walk);
	} while (IS_ERR(n) ? PTR_ERR(n) == -EAGAIN : n && !rdg_name_is_current(n));
	return IS_ERR_OR_NULL(n) ? NULL : n->peer;
}

static void *start_peers(struct seq_file *seq, loff_t *pos)
	__acquires(RCU)
{
	struct peers_iter *iter = seq->private;
	struct rdg_net *rn = rdg_net(seq_file_net(seq));
	loff_t skip = *pos;
	void *v = SEQ_START_TOKEN;

	rhltable_walk_enter(&rn->names, &iter->walk);
	rhashtable_walk_start(&iter->walk);
	while (v && skip--)
		v = next_peer(&iter->walk);
	return v;
}

static void *step_peers(struct seq_file *seq, void *v, loff_t *pos)
{
	struct peers_iter *iter = seq->private;

	++*pos;
	return next_peer(&iter->walk);
}

static void stop_peers(struct seq_file *seq, void *v)
	__releases(RCU)
{
	struct peers_iter *iter = seq->private;

	rhashtable_walk_stop(&iter->walk);
	rhashtable_walk_exit(&iter->walk);
}

static void show_address(struct seq_file *seq, const struct in6_addr *a, __be16 port)
{
	if (rdg_is_v4(a))
		seq_printf(seq, "%pI4:%u ", &a->s6_addr32[3], ntohs(port));
	else
		seq_printf(seq, "[%pI6c]:%u ", a, ntohs(port));
}

static void show_peer(struct seq_file *seq, struct rdg_peer *p)
{
	const struct rdg_link *l = &p->link;
	const struct rdg_live *live;

	spin_lock_bh(&p->lock);
	live = l->live;
	show_address(seq, &p->flow.local, p->flow.lport);
	show_address(seq, &p->flow.remote, p->flow.rport);
	seq_printf(seq, "%s%s %ld %llu %llu %u %u %u %s\n", rdg_state_name(l->state),
		   l->closing ? ",closed" : "", READ_ONCE(p->wmem), l->taken.unread,
		   div_u64(l->rtt.smoothed, NSEC_PER_USEC), live ? live->cc.cwnd : 0,
		   live ? live->ledger.bytes : 0, l->mtu, l->congestion->name);
	spin_unlock_bh(&p->lock);
}

static int show_peers(struct seq_file *seq, void *v)
{
	if (v == SEQ_START_TOKEN)
		seq_puts(seq, "local remote state queued unread rtt_us cwnd flight mtu congestion\n");
	else
		show_peer(seq, v);
	return 0;
}

static const struct seq_operations peers_ops = {
	.start = start_peers,
	.next = step_peers,
	.stop = stop_peers,
	.show = show_peers,
};

/**
 * rdg_proc_init - make the files of a namespace
 * @rn: the namespace
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int rdg_proc_init(struct rdg_net *rn)
{
	struct proc_dir_entry *dir = rn->net->proc_net;

	if (!IS_ENABLED(CONFIG_PROC_FS))
		return 0;
	if (!proc_create_net("rdgram", 0444, dir, &peers_ops, sizeof(struct peers_iter)))
		return -ENOMEM;
	if (proc_create_net_single("rdgram_stat", 0444, dir, show_stats, NULL))
		return 0;
	remove_proc_entry("rdgram", dir);
	return -ENOMEM;
}

/**
 * rdg_proc_exit - remove the files of a namespace
 * @rn: the namespace
 *
 * Context: process.
 */
void rdg_proc_exit(struct rdg_net *rn)
{
	if (!IS_ENABLED(CONFIG_PROC_FS))
		return;
	remove_proc_entry("rdgram_stat", rn->net->proc_net);
	remove_proc_entry("rdgram", rn->net->proc_net);
}
