// SPDX-License-Identifier: GPL-2.0-only
/*
 * Locals, see local.h.
 *
 * At most one open endpoint is on a local. Closed endpoints that still deliver
 * stay on it: whoever binds the same address and port next shares the local.
 * Where several may be open on one address each has a local of its own, and UDP chooses
 * among their inner sockets: by a hash (SO_REUSEPORT), or always the same (SO_REUSEADDR).
 * Links are found by their ids, whichever of them a packet comes to; who takes a new one
 * is the group's to say (SO_REUSEPORT, see group.h), or the last that was opened does.
 * Where the addresses only overlap, one of them being the wildcard, the inner
 * sockets are different, and a closed one lets the new one pass.
 */
#include <linux/bpf.h>
#include <linux/cpumask.h>
#include <linux/minmax.h>
#include <linux/security.h>
#include <linux/slab.h>
#include <net/transp_v6.h>
#include <net/udp.h>
#include "compat.h"
#include "group.h"
#include "icmp.h"
#include "input.h"
#include "local.h"

/* udp_sk()->encap_type: not 0. No tool has a name for it. */
#define ENCAP_TYPE	1

/* Nothing stays in the inner socket's queue: each processor that puts a buffer into it
 * takes one out. That must never fill half of it: above that UDP lets them in one by
 * one, by a lock that it holds while we input, and that another socket of this processor
 * may want, to which what we send comes. Up to a quarter is what UDP has not uncharged
 * yet; the largest buffers, 64 packets in 64 KB each, take no more than the rest.
 */
#define RCVBUF_PER_CPU	(16 * 1024 * 1024)
#define RCVBUF_MAX	(1024 * 1024 * 1024)

static struct hlist_head *slot(struct rdg_net *rn, __be16 port)
{
	return &rn->locals[ntohs(port) % RDG_LOCAL_SLOTS];
}

static bool same(const struct rdg_local *local, const struct rdg_local_key *key, __be16 port)
{
	return local->port == port && local->key.family == key->family &&
	       local->key.ifindex == key->ifindex && local->key.v6only == key->v6only &&
	       local->key.shared == key->shared && local->key.reuse == key->reuse &&
	       (!(key->shared || key->reuse) || uid_eq(local->key.uid, key->uid)) &&
	       ipv6_addr_equal(&local->key.addr, &key->addr);
}

/* Would packets to this address come to this local if it were alone? */
static bool covers(const struct rdg_local *local, const struct rdg_flow *flow)
{
	if (local->port != flow->lport)
		return false;
	if (ipv6_addr_equal(&local->key.addr, &flow->local))
		return true;
	if (!ipv6_addr_any(&local->key.addr))
		return false;
	if (rdg_is_v4(&flow->local))
		return local->key.family == AF_INET || !local->key.v6only;
	return local->key.family == AF_INET6;
}

/* The port is free at once, before the local is not found any more. */
static void give_up_port(struct rdg_local *local)
{
	struct sock *inner = local->sock->sk;

	lockdep_assert_held(&local->rn->local_lock);
	inner->sk_prot->unhash(inner);
	hlist_del(&local->node);
}

static void release(struct work_struct *work)
{
	struct rdg_local *local = container_of(work, struct rdg_local, release);

	/* Waits for rdg_input_ready() on other processors. */
	rdg_tunnel_release(local->sock);
	kfree(local);
}

/**
 * rdg_local_put - an endpoint is gone
 * @local: its local
 *
 * Context: process or softirq.
 */
void rdg_local_put(struct rdg_local *local)
{
	bool last;

	spin_lock_bh(&local->rn->local_lock);
	last = refcount_dec_and_test(&local->users);
	if (last)
		give_up_port(local);
	spin_unlock_bh(&local->rn->local_lock);
	/* Releasing the rest sleeps. */
	if (last)
		queue_work(rdg_wq, &local->release);
}

static bool may_be_moved_into(const struct rdg_local *local, const struct rdg_local_key *key,
			      __be16 port)
{
	return same(local, key, port) &&
	       !((key->shared || key->reuse) && READ_ONCE(local->open));
}

/* One that can be moved into, or, where that is why it cannot be, is in use. */
static struct rdg_local *find(struct rdg_net *rn, const struct rdg_local_key *key, __be16 port)
{
	struct rdg_local *local;

	spin_lock_bh(&rn->local_lock);
	hlist_for_each_entry(local, slot(rn, port), node) {
		if (may_be_moved_into(local, key, port)) {
			refcount_inc(&local->users);
			spin_unlock_bh(&rn->local_lock);
			return local;
		}
	}
	spin_unlock_bh(&rn->local_lock);
	return NULL;
}

static bool takes_v4(const struct rdg_local_key *key)
{
	if (key->family == AF_INET)
		return true;
	return !key->v6only && (ipv6_addr_any(&key->addr) || rdg_is_v4(&key->addr));
}

static bool takes_v6(const struct rdg_local_key *key)
{
	return key->family == AF_INET6 && !rdg_is_v4(&key->addr);
}

static bool overlap(const struct rdg_local_key *a, const struct rdg_local_key *b)
{
	if (a->ifindex && b->ifindex && a->ifindex != b->ifindex)
		return false;
	if (!(takes_v4(a) && takes_v4(b)) && !(takes_v6(a) && takes_v6(b)))
		return false;
	return ipv6_addr_any(&a->addr) || ipv6_addr_any(&b->addr) ||
	       ipv6_addr_equal(&a->addr, &b->addr);
}

/* May both be open on the same address? */
static bool share(const struct rdg_local_key *a, const struct rdg_local_key *b)
{
	return ((a->shared && b->shared) || (a->reuse && b->reuse)) && uid_eq(a->uid, b->uid);
}

/* May others be bound where this inner socket is? Written under its local's lock, or before
 * it has one. UDP reads what stands beside that bit for each packet: none of it changes.
 */
static __no_kcsan void set_passable(struct sock *inner, bool passable)
{
	inner->sk_reuse = passable;
}

/* While the inner socket of a local is bound, those that are not in its way let it pass:
 * all at its address that have only closed endpoints, and those that it may share the port
 * with. At any other time nobody gets past one: a socket of UDP with SO_REUSEADDR would,
 * whoever's it is, and take what comes in for those that still deliver.
 */
static bool let_pass(const struct rdg_local *new, bool pass)
{
	struct rdg_net *rn = new->rn;
	struct rdg_local *local;
	bool any = false, may;

	lockdep_assert_held(&rn->bind);
	spin_lock_bh(&rn->local_lock);
	hlist_for_each_entry(local, slot(rn, new->port), node) {
		if (local->port != new->port)
			continue;
		spin_lock(&local->lock);
		/* Afterwards none does: its device may be another one by then. */
		may = pass && overlap(&local->key, &new->key) &&
		      (!local->open || (new->key.reuse && share(&local->key, &new->key)));
		set_passable(local->sock->sk, may);
		any |= may;
		spin_unlock(&local->lock);
	}
	spin_unlock_bh(&rn->local_lock);
	return any;
}

/* Is an endpoint open on this local, or on one that overlaps it? Where the
 * inner socket has to be made it would find out.
 */
static bool in_use(struct rdg_net *rn, const struct rdg_local *local)
{
	struct rdg_local *other;
	bool found = false;

	lockdep_assert_held(&rn->bind);
	spin_lock_bh(&rn->local_lock);
	hlist_for_each_entry(other, slot(rn, local->port), node)
		found |= other->port == local->port && READ_ONCE(other->open) &&
			 overlap(&other->key, &local->key) && !share(&other->key, &local->key);
	spin_unlock_bh(&rn->local_lock);
	return found;
}

/* As bind() leaves it. */
static void set_address(struct sock *inner, const struct rdg_local_key *key)
{
	bool any = ipv6_addr_any(&key->addr);
	__be32 v4 = any ? 0 : rdg_v4(&key->addr);

#if IS_ENABLED(CONFIG_IPV6)
	if (key->family == AF_INET6) {
		bool v6 = !any && !rdg_is_v4(&key->addr);

		if (v6)
			v4 = LOOPBACK4_IPV6;
		inner->sk_v6_rcv_saddr = key->addr;
		inet6_sk(inner)->saddr = key->addr;
		inner->sk_ipv6only = key->v6only || v6;
	}
#endif
	inet_sk(inner)->inet_rcv_saddr = v4;
	inet_sk(inner)->inet_saddr = v4;
}

/* What bind() looks at besides was looked at for the endpoint: whether the address is one of
 * ours, who may have the port, and what programs of the cgroup say, which are not to say it
 * twice, and are not asked where the kernel chooses the port.
 */
static int bind_inner(struct sock *inner, const struct rdg_local_key *key, __be16 port)
{
	int err;

	lock_sock(inner);
	set_address(inner, key);
	err = inner->sk_prot->get_port(inner, ntohs(port));
	if (!err) {
		inet_sk(inner)->inet_sport = htons(inet_sk(inner)->inet_num);
		/* Whoever destroys it (SOCK_DESTROY) leaves it where it is. */
		inner->sk_userlocks |= SOCK_BINDADDR_LOCK | SOCK_BINDPORT_LOCK;
	}
	release_sock(inner);
	return err > 0 ? -EADDRINUSE : err;
}

/* Whole trains are welcome (UDP_GRO). */
static int take_trains(struct socket *sock)
{
	int on = 1;

	return sock->ops->setsockopt(sock, SOL_UDP, UDP_GRO, KERNEL_SOCKPTR(&on), sizeof(on));
}

/* Whose it is decides with whom it may share its port. It was made by who called bind(),
 * and is of who made the socket of ours.
 */
static void give_to(struct socket *sock, kuid_t uid)
{
	SOCK_INODE(sock)->i_uid = uid;
	sock->sk->sk_uid = uid;
}

static int configure_inner(struct socket *sock, const struct rdg_local_key *key,
			   const struct rdg_sock *ep)
{
	struct sock *sk = sock->sk;
	int err;

	give_to(sock, key->uid);
	err = take_trains(sock);
	if (err)
		return err;
	sk->sk_data_ready = rdg_input_ready;
	sk->sk_rcvbuf = min_t(u64, (u64)num_possible_cpus() * RCVBUF_PER_CPU, RCVBUF_MAX);
#ifdef CONFIG_NET_RX_BUSY_POLL
	/* net.core.busy_read is for readers that can wait. */
	sk->sk_ll_usec = 0;
#endif
	/* Tells a broadcast, see is_unicast() in input.c. */
	ip_sock_set_pktinfo(sk);
	sk->sk_allocation = GFP_ATOMIC;
	sk->sk_reuseport = key->shared;
	rdg_take_port_range(sk, rdg_to_sk(ep));
	rdg_ignore_pmtu(sk);
	if (key->transparent)
		ip_sock_set_freebind(sk);
	return key->ifindex ? sock_bindtoindex(sk, key->ifindex, true) : 0;
}

static int make_inner(struct rdg_local *local, const struct rdg_sock *ep)
{
	struct udp_tunnel_sock_cfg cfg = {
		.sk_user_data = local,
		.encap_type = ENCAP_TYPE,
		.encap_err_lookup = rdg_icmp,
	};
	struct rdg_net *rn = local->rn;
	struct socket *sock;
	int err;

	err = sock_create_kern(rn->net, local->key.family, SOCK_DGRAM, IPPROTO_UDP, &sock);
	/* It means memory by that; who binds has opened no file. */
	if (err)
		return err == -ENFILE ? -ENOMEM : err;
	err = configure_inner(sock, &local->key, ep);
	if (err)
		goto out;
	if (local->port)
		set_passable(sock->sk, let_pass(local, true));
	err = bind_inner(sock->sk, &local->key, local->port);
	set_passable(sock->sk, false);
	if (local->port)
		let_pass(local, false);
	if (err)
		goto out;
	local->port = inet_sk(sock->sk)->inet_sport;
	local->sock = sock;
	rdg_tunnel_setup(rn->net, sock, &cfg);
	return 0;
out:
	sock_release(sock);
	return err;
}

static struct rdg_local *make(const struct rdg_sock *ep, const struct rdg_local_key *key,
			      __be16 port)
{
	struct rdg_local *local = kzalloc(sizeof(*local), GFP_KERNEL_ACCOUNT);
	struct rdg_net *rn = ep->rn;
	int err;

	if (!local)
		return ERR_PTR(-ENOMEM);
	refcount_set(&local->users, 1);
	spin_lock_init(&local->lock);
	INIT_WORK(&local->release, release);
	local->rn = rn;
	local->key = *key;
	local->port = port;
	err = make_inner(local, ep);
	if (err) {
		kfree(local);
		return ERR_PTR(err);
	}
	spin_lock_bh(&rn->local_lock);
	hlist_add_head(&local->node, slot(rn, local->port));
	spin_unlock_bh(&rn->local_lock);
	return local;
}

/* A socket that is open on the same address, and shares it. */
static struct rdg_local *find_sharer(const struct rdg_local *local)
{
	struct rdg_net *rn = local->rn;
	struct rdg_local *other, *found = NULL;

	lockdep_assert_held(&rn->bind);
	spin_lock_bh(&rn->local_lock);
	hlist_for_each_entry(other, slot(rn, local->port), node)
		if (other != local && READ_ONCE(other->open) &&
		    same(other, &local->key, local->port))
			found = other;
	if (found)
		refcount_inc(&found->users);
	spin_unlock_bh(&rn->local_lock);
	return found;
}

/* Whoever shares the port is in a group with those who are open, see group.h. */
static int enter_group(const struct rdg_local *local, struct rdg_sock *ep)
{
	bool any = ipv6_addr_any(&local->key.addr);
	struct rdg_local *other;
	int err = -ESRCH;

	if (!local->key.shared)
		return 0;
	other = find_sharer(local);
	if (other) {
		spin_lock_bh(&other->lock);
		if (other->open)
			err = rdg_group_join(ep, other->open, any);
		spin_unlock_bh(&other->lock);
		rdg_local_put(other);
	}
	return err == -ESRCH ? rdg_group_begin(ep, any) : err;
}

/* What security modules ask about a packet that comes in they ask about the inner socket:
 * to them it is a part of the one that is open.
 */
static void take_label(const struct rdg_local *local, const struct rdg_sock *ep)
{
	security_sk_clone(rdg_to_sk(ep), local->sock->sk);
}

/* Be the open endpoint of a local. Packets for it come in from now on. */
static int move_in(struct rdg_local *local, struct rdg_sock *ep)
{
	int err;

	/* Who is in a group is found by packets for the others at once. */
	ep->born = atomic64_inc_return(&ep->rn->births);
	ep->local = local;
	err = enter_group(local, ep);
	if (err) {
		ep->local = NULL;
		return err;
	}
	take_label(local, ep);
	spin_lock_bh(&local->lock);
	WRITE_ONCE(local->open, ep);
	spin_unlock_bh(&local->lock);
	return 0;
}

/**
 * rdg_local_open - bind: find or make a local, and be its open endpoint
 * @ep: the endpoint; sets its @local, of which it is a user then
 * @key: the address
 * @port: the port; 0: the inner socket chooses
 *
 * Context: process; holds the socket's lock.
 * Return: 0; -EADDRINUSE if another endpoint is open there; or an error of the
 * UDP socket.
 */
int rdg_local_open(struct rdg_sock *ep, const struct rdg_local_key *key, __be16 port)
{
	struct rdg_net *rn = ep->rn;
	struct rdg_local *local;
	int err = 0;

	mutex_lock(&rn->bind);
	local = port ? find(rn, key, port) : NULL;
	if (!local)
		local = make(ep, key, port);
	if (IS_ERR(local)) {
		err = PTR_ERR(local);
	} else if (in_use(rn, local)) {
		rdg_local_put(local);
		err = -EADDRINUSE;
	} else {
		err = move_in(local, ep);
		if (err)
			rdg_local_put(local);
	}
	mutex_unlock(&rn->bind);
	return err;
}

/**
 * rdg_local_close - an endpoint is closed; others may bind at once
 * @local: its local
 * @ep: the endpoint, which remains a user
 *
 * Context: process.
 */
void rdg_local_close(struct rdg_local *local, struct rdg_sock *ep)
{
	spin_lock_bh(&local->lock);
	if (local->open == ep) {
		rdg_group_leave(ep);
		WRITE_ONCE(local->open, NULL);
	}
	spin_unlock_bh(&local->lock);
}

static void leave_group(struct rdg_local *local, struct rdg_sock *ep)
{
	spin_lock_bh(&local->lock);
	rdg_group_leave(ep);
	spin_unlock_bh(&local->lock);
}

/* As the endpoint is: whether the caller may do that was asked for its socket, and by other
 * rules than sock_bindtoindex() would ask for this one. Nothing else changes what it has: its
 * own lock, which sleeps, need not be held.
 */
static void bind_inner_to_device(struct sock *inner, int ifindex)
{
	WRITE_ONCE(inner->sk_bound_dev_if, ifindex);
	inner->sk_prot->rehash(inner);
	sk_dst_reset(inner);
}

static void change_device(struct rdg_local *local, struct rdg_sock *ep, int ifindex)
{
	leave_group(local, ep);
	spin_lock_bh(&local->rn->local_lock);
	bind_inner_to_device(local->sock->sk, ifindex);
	local->key.ifindex = ifindex;
	spin_unlock_bh(&local->rn->local_lock);
}

/**
 * rdg_local_set_device - bind to another device
 * @ep: the endpoint
 * @ifindex: the device; 0: any
 *
 * Holds for closed endpoints that still deliver, too. It leaves its group for the one of
 * those who are bound to the same device, or for none where there is no memory, or where a
 * program of the cgroup does this, for which nobody may sleep.
 *
 * Context: process; holds the socket's lock. In a BPF program: RCU, too.
 */
void rdg_local_set_device(struct rdg_sock *ep, int ifindex)
{
	struct rdg_local *local = ep->local;
	struct rdg_net *rn = ep->rn;

	if (has_current_bpf_ctx()) {
		change_device(local, ep, ifindex);
		return;
	}
	mutex_lock(&rn->bind);
	change_device(local, ep, ifindex);
	enter_group(local, ep);
	mutex_unlock(&rn->bind);
}

static struct rdg_sock *open_on(struct rdg_local *local)
{
	struct rdg_sock *ep;

	spin_lock_bh(&local->lock);
	ep = local->open;
	if (ep)
		sock_hold(rdg_to_sk(ep));
	spin_unlock_bh(&local->lock);
	return ep;
}

/**
 * struct suitor - a local whose endpoint may take a new link
 *
 * @local: the local.
 * @suits: see rdg_sock_suits(); 0: it may not.
 * @meant: of those who share the port it is the one that the other side has known.
 * @born: of the endpoint.
 */
struct suitor {
	struct rdg_local *local;
	int suits;
	bool meant;
	u64 born;
};

/* The endpoint is not held: its close() has to pass by here first. */
static struct suitor ask(struct rdg_local *local, const struct rdg_remote *from, u64 inc)
{
	struct suitor s = { .local = local };

	spin_lock_bh(&local->lock);
	if (local->open) {
		s.suits = rdg_sock_suits(local->open, from);
		s.meant = local->open->self.incarnation == inc;
		s.born = local->open->born;
	}
	spin_unlock_bh(&local->lock);
	return s;
}

/* Of those that are open on one address the one that a peer has known already takes it. Who
 * is new is taken by the last, or, if they are to be spread, by any of them, see choose().
 */
static bool is_better(const struct suitor *s, const struct suitor *best)
{
	if (s->suits != best->suits)
		return s->suits > best->suits;
	if (s->meant != best->meant)
		return s->meant;
	return s->suits && s->local->key.reuse && s->born > best->born;
}

/* Would the packet have come to the other local, too, for all that is known of its device? */
static bool is_as_near(const struct rdg_local *other, const struct rdg_local *local, int iif)
{
	return !other->key.ifindex || other->key.ifindex == local->key.ifindex ||
	       other->key.ifindex == iif;
}

/* The best of all that are open where the packet goes, held. */
static struct rdg_sock *open_on_best(struct suitor *best, const struct rdg_flow *flow,
				     const struct rdg_remote *from, u64 inc, int iif)
{
	struct rdg_local *local = best->local, *other;
	struct rdg_net *rn = local->rn;
	struct rdg_sock *ep;

	spin_lock_bh(&rn->local_lock);
	hlist_for_each_entry(other, slot(rn, flow->lport), node) {
		struct suitor s;

		if (other == local || !covers(other, flow) || !is_as_near(other, local, iif))
			continue;
		s = ask(other, from, inc);
		if (is_better(&s, best))
			*best = s;
	}
	ep = best->suits ? open_on(best->local) : NULL;
	spin_unlock_bh(&rn->local_lock);
	return ep;
}

/* Of those who share the port with this one, and take the peer as well, one is chosen. */
static struct rdg_sock *choose(struct rdg_sock *ep, int suits, const struct rdg_remote *from,
			       struct sk_buff *skb)
{
	struct rdg_sock *chosen = rdg_group_choose(ep, from, skb);

	if (chosen && rdg_sock_suits(chosen, from) >= suits)
		swap(ep, chosen);
	if (chosen)
		sock_put(rdg_to_sk(chosen));
	return ep;
}

/**
 * rdg_local_endpoint - who takes new links?
 * @local: the local whose inner socket received the packet
 * @flow: the packet's addresses
 * @from: its sender
 * @inc: the incarnation that is meant; 0: it is not known
 * @skb: the packet, without the UDP header
 *
 * Context: softirq, RCU.
 * Return: an open endpoint, held; NULL if there is none, or it is connected to another.
 */
struct rdg_sock *rdg_local_endpoint(struct rdg_local *local, const struct rdg_flow *flow,
				    const struct rdg_remote *from, u64 inc, struct sk_buff *skb)
{
	struct suitor best = ask(local, from, inc);
	struct rdg_sock *ep;

	if (READ_ONCE(local->open) && !local->key.reuse && !local->key.shared)
		return best.suits ? open_on(local) : NULL;
	/* A closed endpoint with a more special address is in front of it; or others are
	 * open on the same one.
	 */
	ep = open_on_best(&best, flow, from, inc, skb->skb_iif);
	return ep && !best.meant ? choose(ep, best.suits, from, skb) : ep;
}
