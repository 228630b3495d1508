// SPDX-License-Identifier: GPL-2.0-only
/*
 * Our own address is gone, see roam.h.
 *
 * A socket that is bound to no address has one for each peer, which the route to it chose when
 * the peer was made. Where the host comes into another network that one is nobody's any more,
 * or somebody else's: nothing gets there, or no answer back. So who is not answered, and finds
 * that, has the one that the route has by now. On a link the other side follows: it knows us
 * by our id, and proves the path (RFC 9000, 9). Where it is not yet one to it our cookie is no
 * good, and the handshake begins anew. As long as the address is ours it stays, also where
 * the route leads elsewhere; but one that was chosen here, and by which nobody has opened a
 * link since, is no more than a guess.
 */
#include <linux/inetdevice.h>
#include <net/addrconf.h>
#include <net/ip6_fib.h>
#include <net/ip6_route.h>
#include <net/l3mdev.h>
#include "local.h"
#include "name.h"
#include "roam.h"
#include "route.h"
#include "xmit.h"

static bool may_roam(const struct rdg_peer *p)
{
	const struct rdg_local_key *key = &rdg_peer_ep(p)->local->key;

	return ipv6_addr_any(&key->addr) && !key->transparent && !rdg_may_bind_nonlocal(p->sk) &&
	       !READ_ONCE(p->asked);
}

#if IS_ENABLED(CONFIG_IPV6)
/* By a route, for addresses that are ours though no device has them (AnyIP). Of the device no
 * more counts than the VRF that it is in.
 */
static bool is_routed_here(struct net *net, const struct in6_addr *a, int ifindex)
{
	struct flowi6 fl6 = {
		.daddr = *a, .flowi6_oif = l3mdev_master_ifindex_by_index(net, ifindex),
	};
	struct dst_entry *dst = ip6_route_output(net, NULL, &fl6);
	const struct rt6_info *rt = container_of(dst, struct rt6_info, dst);
	bool here = !dst->error && rt->rt6i_flags & (RTF_LOCAL | RTF_ANYCAST);

	dst_release(dst);
	return here;
}

/* The device tells the VRF that it is an address in. */
static bool is_ours6(const struct rdg_peer *p, const struct in6_addr *a, int ifindex)
{
	struct net *net = sock_net(p->sk);
	struct net_device *dev;
	bool ours;

	rcu_read_lock();
	dev = ifindex ? dev_get_by_index_rcu(net, ifindex) : NULL;
	ours = ipv6_chk_addr_and_flags(net, a, dev, !rdg_needs_scope(a), 0, IFA_F_TENTATIVE);
	rcu_read_unlock();
	return ours || is_routed_here(net, a, ifindex);
}
#else
static bool is_ours6(const struct rdg_peer *p, const struct in6_addr *a, int ifindex)
{
	return true;
}
#endif

static bool is_ours4(struct net *net, __be32 a)
{
	bool ours;

	rcu_read_lock();
	ours = __ip_dev_find(net, a, false);
	rcu_read_unlock();
	return ours;
}

/* What a route has while a device has no address that reaches farther. */
static bool is_makeshift(const struct in6_addr *local, const struct in6_addr *remote)
{
	if (rdg_is_v4(local))
		return !rdg_v4(local);
	return rdg_needs_scope(local) && !rdg_needs_scope(remote);
}

static bool is_good(const struct rdg_peer *p, int device)
{
	const struct in6_addr *local = &p->flow.local;

	if (is_makeshift(local, &p->flow.remote))
		return false;
	if (rdg_is_v4(local))
		return is_ours4(sock_net(p->sk), rdg_v4(local));
	return is_ours6(p, local, device ?: READ_ONCE(p->sk->sk_bound_dev_if));
}

/* Has the socket another peer at that address, who knows us by this one of ours? */
static bool is_taken(const struct rdg_peer *p, const struct in6_addr *local)
{
	struct rdg_remote r;
	struct rdg_name *n;
	bool taken;

	rcu_read_lock();
	rdg_name_remote(rcu_dereference(p->at), &r);
	n = rdg_name_find(rdg_peer_ep(p), &r, local);
	taken = n && n->peer != p;
	rcu_read_unlock();
	return taken;
}

/* The address that the route to a peer has by now, if it is another one. */
static bool choose(const struct rdg_peer *p, int device, struct in6_addr *local)
{
	struct rdg_flow flow = p->flow;
	struct dst_entry *dst;

	flow.local = in6addr_any;
	dst = rdg_route(p->sk, &flow, device);
	if (IS_ERR(dst))
		return false;
	dst_release(dst);
	*local = flow.local;
	return !ipv6_addr_equal(local, &p->flow.local) && !is_makeshift(local, &flow.remote);
}

/**
 * rdg_roam - does a peer know us by an address that is gone? Have another one
 * @p: the peer, which does not answer, or is about to be asked
 *
 * Context: under the lock of @p.
 */
void rdg_roam(struct rdg_peer *p)
{
	struct in6_addr local;
	int device;

	lockdep_assert_held(&p->lock);
	if (!may_roam(p))
		return;
	device = rdg_xmit_device(p, &p->flow, p->device);
	if ((p->pinned != RDG_PIN_GUESSED && is_good(p, device)) || !choose(p, device, &local) ||
	    is_taken(p, &local))
		return;
	rdg_peer_set_local(p, &local, RDG_PIN_GUESSED);
	rdg_link_roamed(&p->link, rdg_peer_clock(p));
}
