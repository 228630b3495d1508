// SPDX-License-Identifier: GPL-2.0-only
/*
 * Control messages, see control.h: those that a UDP socket gives, of the packet that the
 * first piece of a message came in.
 *
 * The ECN field is not the application's: it sees what its peer's application has set.
 */
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include "compat.h"
#include "control.h"

static void put_int(struct msghdr *msg, int level, int type, int value)
{
	put_cmsg(msg, level, type, sizeof(value), &value);
}

static void put_pktinfo4(struct msghdr *msg, const struct rdg_rbuf *r)
{
	__be32 local = rdg_v4(&r->peer->flow.local);
	struct in_pktinfo info = {
		.ipi_ifindex = rdg_rbuf_device(r),
		.ipi_spec_dst.s_addr = local,
		.ipi_addr.s_addr = local,
	};

	put_cmsg(msg, SOL_IP, IP_PKTINFO, sizeof(info), &info);
}

static void put_original4(struct msghdr *msg, const struct rdg_rbuf *r)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_port = r->peer->flow.lport,
		.sin_addr.s_addr = ip_hdr(r->skb)->daddr,
	};

	put_cmsg(msg, SOL_IP, IP_ORIGDSTADDR, sizeof(sin), &sin);
}

static void put_header4(struct msghdr *msg, const struct rdg_rbuf *r, unsigned long flags)
{
	const struct iphdr *h = ip_hdr(r->skb);
	u8 tos = h->tos & ~INET_ECN_MASK;

	if (flags & IP_CMSG_TTL)
		put_int(msg, SOL_IP, IP_TTL, h->ttl);
	if (flags & IP_CMSG_TOS)
		put_cmsg(msg, SOL_IP, IP_TOS, sizeof(tos), &tos);
	if (flags & IP_CMSG_ORIGDSTADDR)
		put_original4(msg, r);
}

static void put4(struct sock *sk, struct msghdr *msg, const struct rdg_rbuf *r, bool header)
{
	unsigned long flags = rdg_cmsg_flags(sk);

	if (flags & IP_CMSG_PKTINFO)
		put_pktinfo4(msg, r);
	if (header && (flags & RDG_HEADER_CMSGS))
		put_header4(msg, r, flags);
}

#if IS_ENABLED(CONFIG_IPV6)
static void put_pktinfo6(struct msghdr *msg, const struct rdg_rbuf *r, int type)
{
	struct in6_pktinfo info = { .ipi6_ifindex = rdg_rbuf_device(r) };

	/* A CONFIRM that comes at this moment may change it. */
	spin_lock_bh(&r->peer->lock);
	info.ipi6_addr = r->peer->flow.local;
	spin_unlock_bh(&r->peer->lock);
	put_cmsg(msg, SOL_IPV6, type, sizeof(info), &info);
}

static void put_original6(struct msghdr *msg, const struct rdg_rbuf *r)
{
	const struct in6_addr *to = &ipv6_hdr(r->skb)->daddr;
	struct sockaddr_in6 sin6 = {
		.sin6_family = AF_INET6,
		.sin6_port = r->peer->flow.lport,
		.sin6_addr = *to,
		.sin6_scope_id = ipv6_iface_scope_id(to, rdg_rbuf_device(r)),
	};

	put_cmsg(msg, SOL_IPV6, IPV6_ORIGDSTADDR, sizeof(sin6), &sin6);
}

static void put_header6(struct sock *sk, struct msghdr *msg, const struct rdg_rbuf *r)
{
	const struct ipv6_pinfo *np = inet6_sk(sk);
	const struct ipv6hdr *h = ipv6_hdr(r->skb);
	__be32 flow = ip6_flowinfo(h) & htonl(~(INET_ECN_MASK << IPV6_TCLASS_SHIFT));

	if (np->rxopt.bits.rxhlim)
		put_int(msg, SOL_IPV6, IPV6_HOPLIMIT, h->hop_limit);
	if (np->rxopt.bits.rxohlim)
		put_int(msg, SOL_IPV6, IPV6_2292HOPLIMIT, h->hop_limit);
	if (np->rxopt.bits.rxtclass)
		put_int(msg, SOL_IPV6, IPV6_TCLASS, ipv6_get_dsfield(h) & ~INET_ECN_MASK);
	if (np->rxopt.bits.rxflow && flow)
		put_cmsg(msg, SOL_IPV6, IPV6_FLOWINFO, sizeof(flow), &flow);
	if (np->rxopt.bits.rxorigdstaddr)
		put_original6(msg, r);
}

static void put6(struct sock *sk, struct msghdr *msg, const struct rdg_rbuf *r, bool header)
{
	const struct ipv6_pinfo *np = inet6_sk(sk);
	bool v4 = rdg_is_v4(&r->peer->flow.local);

	if (np->rxopt.bits.rxinfo)
		put_pktinfo6(msg, r, IPV6_PKTINFO);
	if (!v4 && np->rxopt.bits.rxoinfo)
		put_pktinfo6(msg, r, IPV6_2292PKTINFO);
	if (!v4 && header)
		put_header6(sk, msg, r);
}
#else
static void put6(struct sock *sk, struct msghdr *msg, const struct rdg_rbuf *r, bool header)
{
}
#endif

/**
 * rdg_control_put - what the options of the IP layers ask to be told of a message
 * @sk: the socket
 * @msg: where to
 * @r: the message
 *
 * A piece that was copied has its header only if that was wanted when it came.
 *
 * Context: process.
 */
void rdg_control_put(struct sock *sk, struct msghdr *msg, const struct rdg_rbuf *r)
{
	bool header = skb_transport_header_was_set(r->skb);

	if (rdg_cmsg_flags(sk) && rdg_is_v4(&r->peer->flow.local))
		put4(sk, msg, r, header);
#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family == AF_INET6 && inet6_sk(sk)->rxopt.all)
		put6(sk, msg, r, header);
#endif
}
