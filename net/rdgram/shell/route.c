// SPDX-License-Identifier: GPL-2.0-only
/*
 * Routes, see route.h. They are those of a UDP packet of the same socket.
 */
#include <linux/minmax.h>
#include <linux/netdevice.h>
#include <linux/pkt_sched.h>
#include <linux/security.h>
#include <linux/udp.h>
#include <net/arp.h>
#include <net/ip6_fib.h>
#include <net/ip6_route.h>
#include <net/lwtunnel.h>
#include <net/ndisc.h>
#include <net/route.h>
#include <net/sch_generic.h>
#include "address.h"
#include "compat.h"
#include "route.h"

/* The length of a train stands in the IP and UDP headers, as that of a packet. */
#define TRAIN_MAX	65535
#define TRAIN_HEADERS	(sizeof(struct ipv6hdr) + sizeof(struct udphdr))

static struct dst_entry *route4(struct sock *sk, struct rdg_flow *flow, int device,
				bool direct)
{
	__be32 from = ipv6_addr_any(&flow->local) ? 0 : rdg_v4(&flow->local);
	struct inet_sock *inet = inet_sk(sk);
	struct flowi4 fl4;
	struct rtable *rt;

	device = device ?: READ_ONCE(sk->sk_bound_dev_if) ?: READ_ONCE(inet->uc_index);
	flowi4_init_output(&fl4, device, READ_ONCE(sk->sk_mark),
			   READ_ONCE(inet->tos) & INET_DSCP_MASK, RT_SCOPE_UNIVERSE, IPPROTO_UDP,
			   inet_sk_flowi_flags(sk), rdg_v4(&flow->remote), from, flow->rport,
			   flow->lport, rdg_sk_uid(sk));
	if (direct)
		rdg_flow_set_direct(&fl4);
	security_sk_classify_flow(sk, flowi4_to_flowi_common(&fl4));
	rt = ip_route_output_flow(sock_net(sk), &fl4, sk);
	if (IS_ERR(rt))
		return ERR_CAST(rt);
	if (rt->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST)) {
		ip_rt_put(rt);
		return ERR_PTR(-EOPNOTSUPP);
	}
	ipv6_addr_set_v4mapped(fl4.saddr, &flow->local);
	return &rt->dst;
}

#if IS_ENABLED(CONFIG_IPV6)
static struct dst_entry *route6(struct sock *sk, struct rdg_flow *flow, int device)
{
	struct flowi6 fl6 = {
		.flowi6_proto = IPPROTO_UDP,
		.flowi6_mark = READ_ONCE(sk->sk_mark),
		.flowi6_uid = rdg_sk_uid(sk),
		.daddr = flow->remote,
		.saddr = flow->local,
		.fl6_dport = flow->rport,
		.fl6_sport = flow->lport,
	};
	struct ipv6_pinfo *np = inet6_sk(sk);
	struct dst_entry *dst;

	fl6.flowi6_oif = device ?: rdg_device_of_sock(sk) ?: READ_ONCE(np->ucast_oif);
	fl6.flowlabel = ip6_make_flowinfo(READ_ONCE(np->tclass), 0);
	security_sk_classify_flow(sk, flowi6_to_flowi_common(&fl6));
	dst = ip6_dst_lookup_flow(sock_net(sk), sk, &fl6, NULL);
	if (!IS_ERR(dst))
		flow->local = fl6.saddr;
	return dst;
}
#else
static struct dst_entry *route6(struct sock *sk, struct rdg_flow *flow, int device)
{
	return ERR_PTR(-EAFNOSUPPORT);
}
#endif

/**
 * rdg_route - find a route
 * @sk: the socket, whose options count
 * @flow: where to; @local is filled in if it is unspecified
 * @device: by which device, be it asked for or the scope of the address; 0: as the
 *	socket's options say
 *
 * Context: any.
 * Return: the route, held; -EOPNOTSUPP if it is a broadcast; an error of the
 * IP layer: -ENETUNREACH, -EHOSTUNREACH, ...
 */
struct dst_entry *rdg_route(struct sock *sk, struct rdg_flow *flow, int device)
{
	if (rdg_is_v4(&flow->remote))
		return route4(sk, flow, device, sock_flag(sk, SOCK_LOCALROUTE));
	if (sk->sk_family != AF_INET6)
		return ERR_PTR(-EAFNOSUPPORT);
	return route6(sk, flow, device);
}

/**
 * rdg_route_check_direct - is it reached without a router? (MSG_DONTROUTE)
 * @sk: the socket, whose options count
 * @flow: where to
 * @device: see rdg_route()
 *
 * For IPv6 the kernel knows no such question.
 *
 * Context: any.
 * Return: 0; -ENETUNREACH if it is not, or another error of the IP layer.
 */
int rdg_route_check_direct(struct sock *sk, const struct rdg_flow *flow, int device)
{
	struct rdg_flow f = *flow;
	struct dst_entry *dst;

	if (!rdg_is_v4(&flow->remote))
		return 0;
	dst = route4(sk, &f, device, true);
	if (IS_ERR(dst))
		return PTR_ERR(dst);
	dst_release(dst);
	return 0;
}

/* What the IP layer lets pass. For IPv4 that is what the device takes; what the
 * administrator has said of the route counts, what ICMP has said does not.
 */
static u32 limit4(const struct dst_entry *dst)
{
	u32 mtu = min_t(u32, READ_ONCE(dst->dev->mtu), IP_MAX_MTU);
	u32 metric = dst_metric_raw(dst, RTAX_MTU);

	mtu -= lwtunnel_headroom(dst->lwtstate, mtu);
	return metric ? min(mtu, metric) : mtu;
}

/**
 * rdg_route_headroom - room that the headers below ours need by a route
 * @dst: the route
 *
 * Small packets are small in memory, too. If the device wants more by the time that
 * they get there the IP layer makes room.
 *
 * Context: any.
 * Return: bytes.
 */
u32 rdg_route_headroom(const struct dst_entry *dst)
{
	return LL_RESERVED_SPACE(dst->dev) + dst->header_len + sizeof(struct ipv6hdr) +
	       sizeof(struct udphdr);
}

/**
 * rdg_route_limit - the largest packet that can leave by a route
 * @dst: the route
 * @flow: where it leads
 *
 * Context: any.
 * Return: bytes of UDP payload.
 */
u32 rdg_route_limit(const struct dst_entry *dst, const struct rdg_flow *flow)
{
	bool v4 = rdg_is_v4(&flow->remote);
	u32 headers = sizeof(struct udphdr) + (v4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr));
	u32 mtu = v4 ? limit4(dst) : dst_mtu(dst);

	return mtu > headers ? mtu - headers : 0;
}

/* Can the device, or what is in front of it, take a train apart for nothing or
 * little? Where it has no checksums that would be done in software; where
 * segmentation is switched off, or there is a transformation, it comes early, and
 * what counts packets would count trains.
 */
static bool takes_trains(const struct dst_entry *dst, bool v4)
{
	netdev_features_t csum = NETIF_F_HW_CSUM | (v4 ? NETIF_F_IP_CSUM : NETIF_F_IPV6_CSUM);
	netdev_features_t features = dst->dev->features;

	return (features & NETIF_F_GSO) && (features & NETIF_F_SG) && (features & csum) &&
	       !dst_xfrm(dst) && !dst->lwtstate;
}

/**
 * rdg_route_train - the largest train that can leave by a route
 * @dst: the route
 * @flow: where it leads
 * @bytes: set to bytes of UDP payload; 0: none can
 * @packets: set to how many packets it may have
 *
 * Context: any.
 */
void rdg_route_train(const struct dst_entry *dst, const struct rdg_flow *flow, u32 *bytes,
		     u32 *packets)
{
	u32 most = min_t(u32, READ_ONCE(dst->dev->gso_max_size), TRAIN_MAX);

	*bytes = 0;
	*packets = READ_ONCE(dst->dev->gso_max_segs);
	if (takes_trains(dst, rdg_is_v4(&flow->remote)) && most > TRAIN_HEADERS)
		*bytes = most - TRAIN_HEADERS;
}

/**
 * rdg_route_is_timed - does each packet leave at its departure time?
 * @dst: the route
 * @priority: of the packets
 *
 * Only fq does that, where it is what takes them from us: of a device below a
 * tunnel or a bridge we know nothing. It tells TCP, by a mark in the socket; but
 * packets that belong to no connected socket, as ours, have none. To ask costs
 * little enough to do it for each handful of packets: no more than a look at what
 * the first of the device's queues has, as all of them have the same.
 *
 * Context: any.
 * Return: true if it does.
 */
bool rdg_route_is_timed(const struct dst_entry *dst, u32 priority)
{
	bool fq;

	/* Those pass by all others. */
	if ((priority & TC_PRIO_MAX) == TC_PRIO_CONTROL)
		return false;
	rcu_read_lock();
	fq = !strcmp(rcu_dereference(netdev_get_tx_queue(dst->dev, 0)->qdisc)->ops->id, "fq");
	rcu_read_unlock();
	return fq;
}

static const struct neighbour *neighbour_at6(struct net_device *dev, const struct in6_addr *at)
{
#if IS_ENABLED(CONFIG_IPV6)
	return __ipv6_neigh_lookup_noref(dev, at);
#else
	return NULL;
#endif
}

static const struct neighbour *neighbour6(const struct dst_entry *dst, const struct rdg_flow *flow)
{
	const struct rt6_info *rt = container_of(dst, struct rt6_info, dst);

	return neighbour_at6(dst->dev, rt6_nexthop(rt, &flow->remote));
}

/* The router of a route of IPv4 may be known by an address of IPv6. */
static const struct neighbour *neighbour4(const struct dst_entry *dst, const struct rdg_flow *flow)
{
	const struct rtable *rt = container_of(dst, struct rtable, dst);

	if (rt->rt_gw_family == AF_INET6)
		return neighbour_at6(dst->dev, &rt->rt_gw6);
	return __ipv4_neigh_lookup_noref(dst->dev,
					 (__force u32)rt_nexthop(rt, rdg_v4(&flow->remote)));
}

/**
 * rdg_route_is_resolved - do packets get to the device's queue?
 * @dst: the route
 * @flow: where it leads
 *
 * Where the next hop's hardware address is not known they wait for it elsewhere, for seconds
 * if nobody is there.
 *
 * Context: bottom halves are disabled.
 * Return: true if they do, or it is not for us to know.
 */
bool rdg_route_is_resolved(const struct dst_entry *dst, const struct rdg_flow *flow)
{
	const struct neighbour *n;
	bool resolved;

	if (dst_xfrm(dst) || dst->lwtstate)
		return true;
	rcu_read_lock();
	n = rdg_is_v4(&flow->remote) ? neighbour4(dst, flow) : neighbour6(dst, flow);
	resolved = n && READ_ONCE(n->nud_state) & NUD_VALID;
	rcu_read_unlock();
	return resolved;
}

/**
 * rdg_route_cookie - what dst_check() asks for
 * @dst: the route
 * @flow: where it leads
 *
 * Context: any.
 * Return: the cookie.
 */
u32 rdg_route_cookie(struct dst_entry *dst, const struct rdg_flow *flow)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (!rdg_is_v4(&flow->remote))
		return rt6_get_cookie(container_of(dst, struct rt6_info, dst));
#endif
	return 0;
}
