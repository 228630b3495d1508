// SPDX-License-Identifier: GPL-2.0-only
/*
 * Our own address is gone, see roam.h.
 *
 * A socket that is bound to no address has one for each peer, which the route to it chose when
 * the peer was made. Where the host comes into another network that one is nobody's any more,
 * or somebody else's: nothing gets there, or no answer back. So who is not answered, and finds
 * that, chooses anew, as UDP does for each datagram. On a link the other side follows: it
 * knows us by our id, and proves the path (RFC 9000, 9). Where it is not yet one to it our
 * cookie is no good, and the handshake begins anew.
 */
#include <linux/inetdevice.h>
#include <net/addrconf.h>
#include <net/ip6_fib.h>
#include <net/ip6_route.h>
#include "local.h"
#include "name.h"
#include "roam.h"
#include "route.h"

static bool may_roam(const struct rdg_peer *p)
{
	const struct rdg_local_key *key = &rdg_peer_ep(p)->local->key;

	return ipv6_addr_any(&key->addr) && !key->transparent && !READ_ONCE(p->asked);
}

#if IS_ENABLED(CONFIG_IPV6)
/* By a route, for addresses that are ours though no device has them (AnyIP). */
static bool is_routed_here(struct net *net, const struct in6_addr *a)
{
	struct flowi6 fl6 = { .daddr = *a };
	struct dst_entry *dst = ip6_route_output(net, NULL, &fl6);
	bool here = !dst->error && container_of(dst, struct rt6_info, dst)->rt6i_flags & RTF_LOCAL;

	dst_release(dst);
	return here;
}

static bool is_ours6(struct net *net, const struct in6_addr *a)
{
	return ipv6_chk_addr(net, a, NULL, 0) || is_routed_here(net, a);
}
#else
static bool is_ours6(struct net *net, const struct in6_addr *a)
{
	return true;
}
#endif

static bool is_ours(struct net *net, const struct in6_addr *a)
{
	bool ours;

	if (!rdg_is_v4(a))
		return is_ours6(net, a);
	rcu_read_lock();
	ours = __ip_dev_find(net, rdg_v4(a), false);
	rcu_read_unlock();
	return ours;
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

/* The address that the route to a peer has by now. */
static bool choose(const struct rdg_peer *p, struct in6_addr *local)
{
	struct rdg_flow flow = p->flow;
	struct dst_entry *dst;

	flow.local = in6addr_any;
	dst = rdg_route(p->sk, &flow, p->device);
	if (IS_ERR(dst))
		return false;
	dst_release(dst);
	*local = flow.local;
	return true;
}

/**
 * rdg_roam - does a peer know us by an address that is gone? Have another one
 * @p: the peer, which does not answer
 *
 * Context: under the lock of @p.
 */
void rdg_roam(struct rdg_peer *p)
{
	struct in6_addr local;

	lockdep_assert_held(&p->lock);
	if (!may_roam(p) || is_ours(sock_net(p->sk), &p->flow.local) ||
	    !choose(p, &local) || is_taken(p, &local))
		return;
	rdg_peer_set_local(p, &local);
	rdg_link_path_moved(&p->link, true, rdg_peer_clock(p));
}
