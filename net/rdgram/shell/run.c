// SPDX-License-Identifier: GPL-2.0-only
/*
 * What follows every call of the core: packets out, the timer, wake-ups.
 *
 * One transmitter per peer at a time, or two processors would reorder its
 * packets: whoever sets rdg_peer.sending asks the core for packets, sends them
 * without the lock, and asks again until there are no more. All others leave
 * their changes to him: he looks once more under the lock before he stops.
 */
#include <linux/percpu.h>
#include <linux/skbuff.h>
#include "compat.h"
#include "egress.h"
#include "local.h"
#include "peer.h"
#include "roam.h"
#include "route.h"
#include "silence.h"
#include "train.h"
#include "xmit.h"

/* Packets that are made with the lock held in one go: a train of common ones. */
#define BATCH		45

/* How often is measured what sending takes: once in so many goes. */
#define PRICE_EVERY	16

/* How late timers may be of a peer that waits for room in a device's queue; ns. */
#define STALLED		(4 * NSEC_PER_MSEC)

/* Goes of one transmitter; then it is the timer's turn, and others' first. */
#define ROUNDS		24

/**
 * rdg_peer_lock - take the link's lock
 * @p: the peer, referenced
 *
 * The caller looks at @dying before it calls the core.
 * Context: process or softirq.
 */
void rdg_peer_lock(struct rdg_peer *p)
	__acquires(&p->lock)
{
	spin_lock_bh(&p->lock);
	p->now = 0;
	/* Whoever is sending has to look again. */
	p->again = true;
}

/* The only place that arms the timer. It is lazy: it stays where it is if it
 * fires early enough, finds nothing to do, and is armed again then.
 *
 * An armed timer holds one reference, however often it is moved. To ask the
 * timer itself whether it is queued would not do: it may fire meanwhile, and
 * hrtimer_try_to_cancel() cannot tell a callback that waits for our lock from
 * one whose timer was queued again.
 */
static void rdg_peer_arm(struct rdg_peer *p, u64 at)
{
	lockdep_assert_held(&p->lock);
	if (p->dying || at == RDG_NEVER || p->armed <= at)
		return;
	if (p->armed == RDG_NEVER)
		refcount_inc(&p->ref);
	p->armed = at;
	hrtimer_start(&p->timer, ns_to_ktime(at), HRTIMER_MODE_ABS_SOFT);
}

/**
 * struct batch - packets that were made in one go
 *
 * @train: for the path in use.
 * @flow: its addresses.
 * @device: see struct rdg_peer.
 * @limited: how much may be in the device's queue counts.
 * @reroute: they changed.
 * @aside: a packet for the path that is being checked; NULL: there is none.
 * @candidate: the remote address of that.
 */
struct batch {
	struct rdg_train train;
	struct rdg_flow flow;
	int device;
	bool limited;
	bool reroute;
	struct sk_buff *aside;
	struct rdg_remote candidate;
};

/* Memory of a packet, to be compared with what is in a device's queue. */
static u32 size_of(const struct rdg_train *t, const struct rdg_out *out)
{
	return SKB_TRUESIZE(t->headroom + out->head_len) + out->payload;
}

/* What the core wants sent. One per processor will do: the lock is held, and bottom
 * halves are disabled. It is large, and kernels may clear what is on the stack.
 */
static DEFINE_PER_CPU(struct rdg_out, out_here);

/* True: there is more. */
static noinline_for_stack bool make_packets(struct rdg_peer *p, struct batch *b)
{
	struct rdg_out *out = this_cpu_ptr(&out_here);
	u64 now = rdg_peer_clock(p);
	bool more = true;
	u32 size = 0, bytes = 0;
	bool made;
	int i;

	b->train.now = now;
	out->goes_on = false;
	for (i = 0; i < BATCH && !b->aside; i++) {
		/* What the first packet has room for, its whole train has. */
		p->stalled = b->limited && (!i || bytes >= b->train.bytes) &&
			     !rdg_egress_has_room(p, size);
		if (p->stalled)
			break;
		more = rdg_link_poll(&p->link, now, out);
		if (!more)
			break;
		if (out->via == RDG_VIA_CANDIDATE) {
			b->aside = rdg_packet_build(out, RDG_HEADROOM);
			made = b->aside;
		} else {
			made = rdg_train_add(&b->train, out);
		}
		if (!made) {	/* as if it had been lost on its way */
			rdg_count(rdg_peer_ep(p)->rn, RDG_STAT_NO_SKB);
			continue;
		}
		/* Nobody would be told of room that what was not made leaves. */
		size += size_of(&b->train, out);
		bytes += out->head_len + out->payload;
	}
	rdg_train_close(&b->train);
	if (b->limited)
		rdg_egress_charge(p, &b->train.packets);
	return more && !p->stalled;
}

/* Where nobody answers the route is asked for again: perhaps that is why. Not all that
 * makes one useless ends it (RFC 1122, 4.2.3.5: negative advice).
 */
static void note_addresses(struct rdg_peer *p, struct batch *b)
{
	b->flow = p->flow;
	b->device = p->device;
	b->candidate = p->candidate;
	b->reroute = p->reroute || rdg_link_is_silent(&p->link);
	if (!skb_queue_empty(&b->train.packets))
		p->reroute = false;
}

static void send_batch(struct rdg_peer *p, struct batch *b)
{
	struct rdg_sock *ep = rdg_peer_ep(p);

	rdg_xmit_packets(p, &b->flow, b->device, b->reroute, &b->train.packets);
	if (!b->aside)
		return;
	b->flow.remote = b->candidate.addr;
	b->flow.rport = b->candidate.port;
	rdg_xmit_aside(ep->rn, ep->local->sock->sk, p->sk, &b->flow, b->candidate.scope,
		       b->aside);
}

/**
 * rdg_wake - tell those who wait
 * @sk: the socket
 * @wake: enum rdg_wake
 *
 * Context: any, without locks.
 */
void rdg_wake(struct sock *sk, u8 wake)
{
	if (wake & RDG_WAKE_READ)
		sk->sk_data_ready(sk);
	/* Who waits sets the bit before he looks, under quota_lock. */
	if ((wake & RDG_WAKE_WRITE) && test_and_clear_bit(RDG_SOCK_NOSPACE, &rdg_sk(sk)->flags))
		sk->sk_write_space(sk);
	if (wake & RDG_WAKE_ERROR)
		sk_error_report(sk);
}

static void unlock_and_wake(struct rdg_peer *p)
	__releases(&p->lock)
{
	u8 wake = p->wake;

	p->wake = 0;
	spin_unlock_bh(&p->lock);
	rdg_wake(p->sk, wake);
}

/* The route tells how large packets can be, and whether they can be told when to
 * depart, each for itself, or else leave in trains. One that is not valid any more
 * will be replaced when the next packet is sent.
 */
static void look_at_route(struct rdg_peer *p, struct batch *b)
{
	struct rdg_train *t = &b->train;
	bool timed;

	if (!p->dst || p->reroute || !dst_check(p->dst, p->dst_cookie))
		return;
	rdg_link_set_limit(&p->link, rdg_route_limit(p->dst, &p->flow));
	t->headroom = rdg_route_headroom(p->dst);
	timed = rdg_route_is_timed(p->dst, READ_ONCE(p->sk->sk_priority));
	rdg_link_set_timed(&p->link, timed);
	if (!timed) {
		rdg_route_train(p->dst, &p->flow, &t->bytes, &t->most);
		/* fq keeps flows apart, and what leaves later is to wait there. */
		rdg_egress_choose(p, p->dst->dev->ifindex);
		b->limited = rdg_route_is_resolved(p->dst, &p->flow);
	}
	t->bytes = rdg_link_set_train(&p->link, t->bytes);
}

/* How long it takes to send is measured now and then: clocks may be slow. */
static void note_price(struct rdg_peer *p, u64 began)
{
	if (p->sends++ % PRICE_EVERY)
		return;
	rdg_link_set_price(&p->link, rdg_peer_clock(p) - began);
}

/* The lock is held before and after, but not while packets are sent. True: there is
 * more, or there may be.
 */
static noinline_for_stack bool make_and_send(struct rdg_peer *p)
	__must_hold(&p->lock)
{
	u64 began = rdg_peer_clock(p);
	struct mem_cgroup *before;
	struct batch b = {};
	bool more;

	rdg_train_init(&b.train);
	b.train.wishes = test_bit(RDG_SOCK_WISHES, &rdg_peer_ep(p)->flags);
	if (p->link.state == RDG_IDLE || rdg_link_is_silent(&p->link))
		rdg_roam(p);
	look_at_route(p, &b);
	/* The ledger may grow. */
	before = rdg_charge_begin(p->sk);
	more = make_packets(p, &b);
	rdg_charge_end(before);
	if (!b.aside && skb_queue_empty(&b.train.packets))
		return more;
	note_addresses(p, &b);
	spin_unlock_bh(&p->lock);

	send_batch(p, &b);

	spin_lock_bh(&p->lock);
	p->now = 0;
	note_price(p, began);
	return more || p->again;
}

/* With @sending set by us. True: there is more, or there may be. */
static bool send_some(struct rdg_peer *p)
	__must_hold(&p->lock)
{
	p->again = false;
	p->stalled = false;
	return !rdg_link_is_quiet(&p->link, rdg_peer_clock(p)) && make_and_send(p);
}

/* Who waits for room in the device's queue is told when there is some; what else he
 * waits for may be late by a little.
 */
static u64 deadline(struct rdg_peer *p)
{
	u64 at = rdg_link_deadline(&p->link);

	return p->stalled ? max(at, rdg_peer_clock(p) + STALLED) : at;
}

/**
 * rdg_peer_unlock - drop the link's lock, after calls of the core
 * @p: the peer, referenced
 *
 * Sends what there is to send, arms the timer, wakes who waits, and ends the
 * peer if it is finished.
 *
 * Context: process or softirq.
 */
void rdg_peer_unlock(struct rdg_peer *p)
	__releases(&p->lock)
{
	bool more = true;
	int round;

	lockdep_assert_held(&p->lock);
	rdg_silence_account(p);
	/* Who waits goes on, perhaps on another processor, while we do the rest. */
	if (p->wake) {
		unlock_and_wake(p);
		spin_lock_bh(&p->lock);
		p->now = 0;
	}
	if (p->dying || p->sending) {
		unlock_and_wake(p);
		return;
	}
	p->sending = true;
	for (round = 0; more && round < ROUNDS; round++)
		more = send_some(p);
	p->sending = false;
	rdg_silence_account(p);
	if (rdg_link_finished(&p->link)) {
		rdg_peer_end(p);
		return;
	}
	rdg_peer_arm(p, more ? rdg_peer_clock(p) : deadline(p));
	unlock_and_wake(p);
}

/**
 * rdg_peer_unlock_waiting - drop the link's lock, where there is nothing to send
 * @p: the peer, referenced
 *
 * For callers to whom the core said so, and that gave nobody a reason to be woken.
 *
 * Context: process or softirq.
 */
void rdg_peer_unlock_waiting(struct rdg_peer *p)
	__releases(&p->lock)
{
	lockdep_assert_held(&p->lock);
	/* Whoever is sending arms it when he is done. */
	if (!p->sending)
		rdg_peer_arm(p, deadline(p));
	spin_unlock_bh(&p->lock);
}

/**
 * rdg_peer_unlock_later - drop the link's lock, and leave the rest to the timer
 * @p: the peer, referenced
 *
 * For callers that have come far already: sending needs stack.
 *
 * Context: process or softirq.
 */
void rdg_peer_unlock_later(struct rdg_peer *p)
	__releases(&p->lock)
{
	lockdep_assert_held(&p->lock);
	rdg_silence_account(p);
	if (!p->sending)
		rdg_peer_arm(p, rdg_peer_clock(p));
	spin_unlock_bh(&p->lock);
}

/**
 * rdg_peer_timer - the timer of a peer
 * @t: the timer
 *
 * Context: softirq.
 * Return: HRTIMER_NORESTART.
 */
enum hrtimer_restart rdg_peer_timer(struct hrtimer *t)
{
	struct rdg_peer *p = container_of(t, struct rdg_peer, timer);
	u64 now;

	rdg_peer_lock(p);
	now = rdg_peer_clock(p);
	/* It fired and was moved while we waited: it will fire again, here and
	 * not before we return, and has the reference.
	 */
	if (hrtimer_is_queued(t)) {
		spin_unlock_bh(&p->lock);
		return HRTIMER_NORESTART;
	}
	p->armed = RDG_NEVER;
	if (!p->dying && rdg_link_deadline(&p->link) <= now)
		rdg_link_timeout(&p->link, now);
	rdg_peer_unlock(p);
	rdg_peer_put(p);
	return HRTIMER_NORESTART;
}
