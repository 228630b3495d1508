// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a network namespace has, see net.h.
 */
#include <linux/math64.h>
#include <linux/minmax.h>
#include "congestion.h"
#include "id.h"
#include "name.h"
#include "net.h"
#include "peer.h"
#include "proc.h"
#include "silence.h"
#include "sysctl.h"
#include "turn.h"

unsigned int rdg_net_id;

/**
 * rdg_net_may_reset - may one more RESET or VERSION be sent?
 * @rn: the namespace
 * @now: ns
 *
 * Context: any.
 * Return: true if the rate allows it.
 */
bool rdg_net_may_reset(struct rdg_net *rn, u64 now)
{
	const u64 interval = NSEC_PER_SEC / RDG_RESETS_PER_SECOND;
	bool may = false;
	u64 fresh;

	spin_lock_bh(&rn->reset_lock);
	if (now > rn->reset_at) {
		fresh = div_u64(now - rn->reset_at, interval);
		rn->reset_at += fresh * interval;
		rn->reset_tokens = min_t(u64, rn->reset_tokens + fresh, RDG_RESETS_BURST);
	}
	if (rn->reset_tokens) {
		rn->reset_tokens--;
		may = true;
	}
	spin_unlock_bh(&rn->reset_lock);
	rdg_count(rn, may ? RDG_STAT_RESETS : RDG_STAT_LIMITED);
	return may;
}

/**
 * rdg_net_stat - read a counter
 * @rn: the namespace
 * @what: the counter
 *
 * Context: any.
 * Return: its sum over all processors.
 */
unsigned long rdg_net_stat(const struct rdg_net *rn, enum rdg_stat what)
{
	unsigned long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(rn->stats, cpu)->n[what]);
	return sum;
}

static int __net_init net_init(struct net *net)
{
	struct rdg_net *rn = rdg_net(net);
	int err = -ENOMEM;

	rn->net = net;
	mutex_init(&rn->bind);
	spin_lock_init(&rn->local_lock);
	spin_lock_init(&rn->reset_lock);
	rn->stats = alloc_percpu(struct rdg_stats);
	if (!rn->stats)
		return err;
	err = rdg_id_init(rn);
	if (err)
		goto free_stats;
	err = rdg_name_table_init(rn);
	if (err)
		goto free_ids;
	err = rdg_proc_init(rn);
	if (err)
		goto free_names;
	err = rdg_congestion_init(rn);
	if (err)
		goto free_proc;
	err = rdg_sysctl_init(rn);
	if (err)
		goto free_congestion;
	rdg_silence_init(rn);
	rdg_turn_init(rn);
	return 0;

free_congestion:
	rdg_congestion_exit(rn);
free_proc:
	rdg_proc_exit(rn);
free_names:
	rdg_name_table_exit(rn);
free_ids:
	rdg_id_exit(rn);
free_stats:
	free_percpu(rn->stats);
	return err;
}

/* No socket of ours is left, since sockets hold the namespace; what they left
 * to the workqueue, inner sockets to be released, does not, and ends here.
 */
static void __net_exit net_exit(struct net *net)
{
	struct rdg_net *rn = rdg_net(net);

	rdg_congestion_exit(rn);
	rdg_sysctl_exit(rn);
	rdg_proc_exit(rn);
	rdg_silence_exit(rn);
	rdg_turn_exit(rn);
	flush_workqueue(rdg_wq);
	rdg_name_table_exit(rn);
	rdg_id_exit(rn);
	free_percpu(rn->stats);
}

static struct pernet_operations net_ops = {
	.init = net_init,
	.exit = net_exit,
	.id = &rdg_net_id,
	.size = sizeof(struct rdg_net),
};

/**
 * rdg_net_register - begin in all namespaces
 *
 * Context: process.
 * Return: 0 or an error of register_pernet_subsys().
 */
int rdg_net_register(void)
{
	return register_pernet_subsys(&net_ops);
}

/**
 * rdg_net_unregister - end in all namespaces
 *
 * Context: process.
 */
void rdg_net_unregister(void)
{
	unregister_pernet_subsys(&net_ops);
}
