// SPDX-License-Identifier: GPL-2.0-only
/*
 * RDGRAM_CONGESTION and net.rdgram.congestion*, see congestion.h.
 */
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysctl.h>
#include <uapi/linux/rdgram.h>
#include "compat.h"
#include "congestion.h"
#include "peer.h"

/* net.rdgram.congestions_available: all names, and a space or the end. */
#define AVAILABLE_MAX	256

/* New peers take what the socket has, under its lock: so each is either in the
 * list already, or takes the new one.
 */
static void change(struct rdg_sock *ep, const struct rdg_cc_ops *ops)
{
	struct rdg_peer *p;

	spin_lock_bh(&ep->lock);
	WRITE_ONCE(ep->congestion, ops);
	spin_unlock_bh(&ep->lock);

	rcu_read_lock();
	list_for_each_entry_rcu(p, &ep->peers, in_sock) {
		rdg_peer_lock(p);
		if (!p->dying)
			rdg_link_set_congestion(&p->link, ops, rdg_peer_clock(p));
		/* The window may be another one. */
		rdg_peer_unlock_later(p);
	}
	rcu_read_unlock();
}

/**
 * rdg_congestion_set - RDGRAM_CONGESTION
 * @ep: the endpoint
 * @val: the name; it ends with @len, or before
 * @len: bytes
 *
 * Calls are ordered by the socket's lock: all peers end up with the same.
 *
 * Context: process.
 * Return: 0; -EINVAL: @len is 0; -EFAULT; -ENOENT: there is none of that name.
 */
int rdg_congestion_set(struct rdg_sock *ep, sockptr_t val, unsigned int len)
{
	char name[RDGRAM_CONGESTION_MAX];
	const struct rdg_cc_ops *ops;
	long n;

	BUILD_BUG_ON(RDGRAM_CONGESTION_MAX != RDG_CC_NAME_MAX);
	if (!len)
		return -EINVAL;
	n = strncpy_from_sockptr(name, val, min_t(size_t, len, sizeof(name) - 1));
	if (n < 0)
		return -EFAULT;
	name[n] = '\0';
	ops = rdg_cc_find(name);
	if (!ops)
		return -ENOENT;
	lock_sock(rdg_to_sk(ep));
	change(ep, ops);
	release_sock(rdg_to_sk(ep));
	return 0;
}

static int do_congestion(rdg_ctl_table *ctl, int write, void *buffer, size_t *len, loff_t *pos)
{
	struct rdg_net *rn = ctl->extra1;
	char name[RDG_CC_NAME_MAX];
	struct ctl_table table = { .data = name, .maxlen = sizeof(name) };
	const struct rdg_cc_ops *ops;
	int err;

	strscpy(name, READ_ONCE(rn->congestion)->name, sizeof(name));
	err = proc_dostring(&table, write, buffer, len, pos);
	if (err || !write)
		return err;
	ops = rdg_cc_find(name);
	if (!ops)
		return -ENOENT;
	WRITE_ONCE(rn->congestion, ops);
	return 0;
}

static int do_available(rdg_ctl_table *ctl, int write, void *buffer, size_t *len, loff_t *pos)
{
	char names[AVAILABLE_MAX] = "";
	struct ctl_table table = { .data = names, .maxlen = sizeof(names) };
	const struct rdg_cc_ops *ops;
	unsigned int i;

	for (i = 0; (ops = rdg_cc_nth(i)); i++) {
		strlcat(names, i ? " " : "", sizeof(names));
		strlcat(names, ops->name, sizeof(names));
	}
	return proc_dostring(&table, write, buffer, len, pos);
}

static const struct ctl_table entries[] = {
	{
		.procname	= "congestion",
		.maxlen		= RDG_CC_NAME_MAX,
		.mode		= 0644,
		.proc_handler	= do_congestion,
	},
	{
		.procname	= "congestions_available",
		.maxlen		= AVAILABLE_MAX,
		.mode		= 0444,
		.proc_handler	= do_available,
	},
};

/**
 * rdg_congestion_init - the default, and the files of a namespace
 * @rn: the namespace
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int rdg_congestion_init(struct rdg_net *rn)
{
	struct ctl_table *table;
	u32 i;

	rn->congestion = rdg_cc_nth(0);
	if (!IS_ENABLED(CONFIG_SYSCTL))
		return 0;
	/* One more: old kernels look for an empty entry at the end. */
	table = kcalloc(ARRAY_SIZE(entries) + 1, sizeof(*table), GFP_KERNEL);
	if (!table)
		return -ENOMEM;
	memcpy(table, entries, sizeof(entries));
	for (i = 0; i < ARRAY_SIZE(entries); i++)
		table[i].extra1 = rn;
	rn->congestion_sysctl = rdg_register_sysctl(rn->net, "net/rdgram", table,
						    ARRAY_SIZE(entries));
	if (rn->congestion_sysctl)
		return 0;
	kfree(table);
	return -ENOMEM;
}

/**
 * rdg_congestion_exit - remove the files of a namespace
 * @rn: the namespace
 *
 * Context: process.
 */
void rdg_congestion_exit(struct rdg_net *rn)
{
	const struct ctl_table *table;

	if (!IS_ENABLED(CONFIG_SYSCTL))
		return;
	table = rn->congestion_sysctl->ctl_table_arg;
	unregister_net_sysctl_table(rn->congestion_sysctl);
	kfree(table);
}
