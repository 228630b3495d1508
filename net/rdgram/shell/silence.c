// SPDX-License-Identifier: GPL-2.0-only
/*
 * Silent peers, see silence.h.
 *
 * They share one budget of probes per namespace, by being counted: the core
 * waits the longer between two probes the more of them there are. So a dead
 * data centre draws no storm. What has to be right is the count: it follows the
 * state of the link each time that its lock is dropped.
 *
 * Addresses that never answered are counted apart, and have a part of the budget that
 * peers which are known do not lose to them, however many they are: anybody can send to
 * addresses where nobody is.
 *
 * Who waits for long must not go on to do so when the way is open again: a
 * device or a route that comes back, and peers that are heard of again by the
 * hundreds, rouse the rest: each is asked soon, one after the other.
 */
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/netdevice.h>
#include <net/fib_notifier.h>
#include "name.h"
#include "silence.h"
#include "turn.h"

/* Where fewer are silent all of them are asked every second in any case. */
#define ROUSE_ABOVE	512

/* Events come in swarms, and devices are not quite ready when they say so. */
#define ROUSE_DELAY	(HZ / 50)

/* All are asked within this, or follow one another by the least gap; ns. */
#define ROUSE_WITHIN	(900 * NSEC_PER_MSEC)

/* Peers that are roused follow one another by this much at the least; ns. */
#define ROUSE_GAP_MIN	(100 * NSEC_PER_USEC)

/* Peers that are looked at in one go. */
#define ROUSE_BATCH	256

static void rouse_soon(struct rdg_net *rn)
{
	if (rdg_silence_count(rn))
		queue_delayed_work(rdg_wq, &rn->rouse, ROUSE_DELAY);
}

/* One is heard of again. Each time that half of the rest of its kind has been, the
 * others have been waiting by a count that is not true any more.
 */
static void leave(struct rdg_net *rn, enum rdg_silence kind)
{
	u32 left;

	if (kind == RDG_SILENCE_NONE)
		return;
	left = atomic_dec_return(&rn->silent[kind]);
	if (left >= ROUSE_ABOVE && is_power_of_2(left))
		rouse_soon(rn);
}

static enum rdg_silence kind_of(const struct rdg_peer *p)
{
	return p->link.remote_inc ? RDG_SILENCE_KNOWN : RDG_SILENCE_STRANGE;
}

/**
 * rdg_silence_account - count a peer among the silent ones, or not any more
 * @p: the peer; the core was called for it
 *
 * Context: under the lock of @p, which is about to be dropped.
 */
void rdg_silence_account(struct rdg_peer *p)
{
	struct rdg_net *rn = rdg_peer_ep(p)->rn;
	enum rdg_silence kind = rdg_link_is_silent(&p->link) ? kind_of(p) : RDG_SILENCE_NONE;
	enum rdg_silence was = p->silent;

	lockdep_assert_held(&p->lock);
	rdg_turn_account(p);
	if (kind == was)
		return;
	WRITE_ONCE(p->silent, kind);
	if (kind != RDG_SILENCE_NONE)
		atomic_inc(&rn->silent[kind]);
	leave(rn, was);
}

/**
 * rdg_silence_count - how many peers are silent
 * @rn: the namespace
 *
 * Context: any.
 * Return: so many.
 */
u32 rdg_silence_count(const struct rdg_net *rn)
{
	return atomic_read(&rn->silent[RDG_SILENCE_KNOWN]) +
	       atomic_read(&rn->silent[RDG_SILENCE_STRANGE]);
}

/**
 * rdg_silence_share - how long to leave a silent peer alone at the least
 * @p: the peer
 *
 * Each kind may have half of the budget, and what the other does not need: to ask each
 * once a second is enough.
 *
 * Context: under the lock of @p.
 * Return: ns.
 */
u64 rdg_silence_share(const struct rdg_peer *p)
{
	const struct rdg_net *rn = rdg_peer_ep(p)->rn;
	enum rdg_silence kind = kind_of(p);
	enum rdg_silence other = kind == RDG_SILENCE_KNOWN ? RDG_SILENCE_STRANGE :
							     RDG_SILENCE_KNOWN;
	u32 alike = atomic_read(&rn->silent[kind]);
	u32 others = atomic_read(&rn->silent[other]);
	u32 rate = RDG_SILENCE_RATE - min_t(u32, others, RDG_SILENCE_RATE / 2);

	return div_u64((u64)alike * NSEC_PER_SEC, rate);
}

static bool rouse_peer(struct rdg_peer *p, u64 at)
{
	bool silent;

	if (READ_ONCE(p->silent) == RDG_SILENCE_NONE || !rdg_peer_get(p))
		return false;
	rdg_peer_lock(p);
	silent = !p->dying && p->silent != RDG_SILENCE_NONE;
	if (silent) {
		rdg_link_rouse(&p->link, at);
		rdg_count(rdg_peer_ep(p)->rn, RDG_STAT_ROUSED);
	}
	rdg_peer_unlock(p);
	rdg_peer_put(p);
	return silent;
}

/* Within a second, each as far from the next as the budget has it; closer
 * together where many are silent, but not as close as they like.
 */
static void rouse(struct work_struct *work)
{
	struct rdg_net *rn = container_of(to_delayed_work(work), struct rdg_net, rouse);
	u32 silent = max_t(u32, rdg_silence_count(rn), 1);
	u64 gap = clamp_t(u64, div_u64(ROUSE_WITHIN, silent), ROUSE_GAP_MIN, RDG_SILENCE_SHARE);
	u64 at = ktime_get_ns();
	struct rhashtable_iter walk;
	struct rdg_name *name;
	u32 n = 0;

	rhltable_walk_enter(&rn->names, &walk);
	rhashtable_walk_start(&walk);
	while ((name = rhashtable_walk_next(&walk))) {
		/* To send takes time: one that is to ask in the past seems to have slept. */
		at = max_t(u64, at, ktime_get_ns());
		/* Being resized: some are seen twice, and roused earlier. */
		if (!IS_ERR(name) && rdg_name_is_current(name) && rouse_peer(name->peer, at))
			at += gap;
		if (++n % ROUSE_BATCH)
			continue;
		rhashtable_walk_stop(&walk);
		cond_resched();
		rhashtable_walk_start(&walk);
	}
	rhashtable_walk_stop(&walk);
	rhashtable_walk_exit(&walk);
}

static int fib_event(struct notifier_block *nb, unsigned long event, void *info)
{
	switch (event) {
	case FIB_EVENT_ENTRY_REPLACE:
	case FIB_EVENT_ENTRY_APPEND:
	case FIB_EVENT_ENTRY_ADD:
	case FIB_EVENT_RULE_ADD:
	case FIB_EVENT_NH_ADD:
		rouse_soon(container_of(nb, struct rdg_net, routes));
		break;
	}
	return NOTIFY_DONE;
}

/**
 * rdg_silence_init - a namespace begins
 * @rn: the namespace
 *
 * One whose routes nobody tells us about is none the worse but for the time
 * that peers stay silent when a route comes back.
 *
 * Context: process.
 */
void rdg_silence_init(struct rdg_net *rn)
{
	INIT_DELAYED_WORK(&rn->rouse, rouse);
	rn->routes.notifier_call = fib_event;
	if (register_fib_notifier(rn->net, &rn->routes, NULL, NULL))
		rn->routes.notifier_call = NULL;
}

/**
 * rdg_silence_exit - a namespace ends
 * @rn: the namespace; it has no devices and no peers any more
 *
 * Context: process.
 */
void rdg_silence_exit(struct rdg_net *rn)
{
	if (rn->routes.notifier_call)
		unregister_fib_notifier(rn->net, &rn->routes);
	cancel_delayed_work_sync(&rn->rouse);
}

static int device_event(struct notifier_block *nb, unsigned long event, void *info)
{
	struct net_device *dev = netdev_notifier_info_to_dev(info);

	if ((event == NETDEV_UP || event == NETDEV_CHANGE) && netif_carrier_ok(dev))
		rouse_soon(rdg_net(dev_net(dev)));
	return NOTIFY_DONE;
}

static struct notifier_block devices = {
	.notifier_call = device_event,
};

/**
 * rdg_silence_register - be told of devices, in all namespaces
 *
 * Context: process, after rdg_net_register().
 * Return: 0 or an error of register_netdevice_notifier().
 */
int rdg_silence_register(void)
{
	return register_netdevice_notifier(&devices);
}

/**
 * rdg_silence_unregister - the module is unloaded
 *
 * Context: process, before rdg_net_unregister(): what it tells us of is there
 * as long as our part of the namespaces is.
 */
void rdg_silence_unregister(void)
{
	unregister_netdevice_notifier(&devices);
}
