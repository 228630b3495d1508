// SPDX-License-Identifier: GPL-2.0-only
/*
 * net.rdgram.*, see sysctl.h. All of it but mem is per namespace, and read when it is
 * needed: a socket has what holds when it is made.
 */
#include <linux/slab.h>
#include <linux/sysctl.h>
#include "compat.h"
#include "rmem.h"
#include "sysctl.h"

/* The default of RDGRAM_USER_TIMEOUT; ms. */
#define USER_TIMEOUT	300000

/* What buffers may grow to, those of TCP: tcp_rmem[2], tcp_wmem[2]; bytes. */
#define RMEM_MAX	(6 * 1024 * 1024)
#define WMEM_MAX	(4 * 1024 * 1024)

/* An integer, 0 or more, in a member of struct rdg_net. */
#define COUNT_ENTRY(member) {					\
	.procname = #member,					\
	.data = (void *)offsetof(struct rdg_net, member),	\
	.maxlen = sizeof(int),					\
	.mode = 0644,						\
	.proc_handler = proc_dointvec_minmax,			\
	.extra1 = SYSCTL_ZERO,					\
}

static const struct ctl_table entries[] = {
	COUNT_ENTRY(user_timeout),
	COUNT_ENTRY(rmem_max),
	COUNT_ENTRY(wmem_max),
};

/* As udp_mem: of all sockets of the machine, so it is the first namespace's to set; pages. */
static const struct ctl_table mem = {
	.procname = "mem",
	.data = rdg_mem_limits,
	.maxlen = sizeof(rdg_mem_limits),
	.mode = 0644,
	.proc_handler = proc_doulongvec_minmax,
};

/**
 * rdg_sysctl_init - defaults, and the files of a namespace
 * @rn: the namespace
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int rdg_sysctl_init(struct rdg_net *rn)
{
	u32 i, n = ARRAY_SIZE(entries);
	struct ctl_table *table;

	rn->user_timeout = USER_TIMEOUT;
	rn->rmem_max = RMEM_MAX;
	rn->wmem_max = WMEM_MAX;
	if (!IS_ENABLED(CONFIG_SYSCTL))
		return 0;
	/* With mem, and one more: old kernels look for an empty entry at the end. */
	table = kcalloc(n + 2, sizeof(*table), GFP_KERNEL);
	if (!table)
		return -ENOMEM;
	memcpy(table, entries, sizeof(entries));
	for (i = 0; i < n; i++)
		table[i].data = (void *)rn + (unsigned long)table[i].data;
	if (net_eq(rn->net, &init_net))
		table[n++] = mem;
	rn->sysctl = rdg_register_sysctl(rn->net, "net/rdgram", table, n);
	rn->sysctl_table = table;
	if (rn->sysctl)
		return 0;
	kfree(table);
	return -ENOMEM;
}

/**
 * rdg_sysctl_exit - remove the files of a namespace
 * @rn: the namespace
 *
 * Context: process.
 */
void rdg_sysctl_exit(struct rdg_net *rn)
{
	if (!IS_ENABLED(CONFIG_SYSCTL))
		return;
	unregister_net_sysctl_table(rn->sysctl);
	kfree(rn->sysctl_table);
}
