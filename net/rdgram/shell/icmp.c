// SPDX-License-Identifier: GPL-2.0-only
/*
 * ICMP errors that our packets have drawn, see icmp.h.
 *
 * That a packet was too large is for the core: whether it is true is for it to say.
 * What comes from our own IP layer, whose device takes less than a moment ago, comes
 * the same way. All else is for the application, as it is with UDP.
 */
#include <linux/errqueue.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/minmax.h>
#include <linux/skbuff.h>
#include <linux/udp.h>
#include <net/icmp.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include "fault.h"
#include "icmp.h"
#include "local.h"
#include "peer.h"

static const struct icmphdr *icmp4(const struct sk_buff *skb)
{
	/* It was pulled off. */
	return (const struct icmphdr *)(skb->data - sizeof(struct icmphdr));
}

static const struct icmp6hdr *icmp6(const struct sk_buff *skb)
{
	return (const struct icmp6hdr *)(skb->data - sizeof(struct icmp6hdr));
}

/* By which IP did the ICMP message come? What it quotes anybody may have written. */
static bool is_v4(const struct sk_buff *skb)
{
	return skb->protocol == htons(ETH_P_IP);
}

/* Could we have sent what is quoted, and drawn this message by it? IPv4 in IPv6 goes
 * nowhere as a mapped address.
 */
static bool is_consistent(const struct sk_buff *skb)
{
	if (is_v4(skb))
		return ip_hdr(skb)->version == 4;
	return ipv6_hdr(skb)->version == 6 && !ipv6_addr_v4mapped(&ipv6_hdr(skb)->daddr);
}

/* What would have passed, in bytes of UDP payload; 0: that is not the error. */
static u32 size4(const struct sk_buff *skb)
{
	const struct icmphdr *icmp = icmp4(skb);
	u32 headers = ip_hdrlen(skb) + sizeof(struct udphdr);
	u32 mtu = ntohs(icmp->un.frag.mtu);

	if (icmp->type != ICMP_DEST_UNREACH || icmp->code != ICMP_FRAG_NEEDED)
		return 0;
	return mtu > headers ? mtu - headers : 0;
}

static u32 size6(const struct sk_buff *skb)
{
	const struct icmp6hdr *icmp = icmp6(skb);
	u32 headers = skb_transport_offset(skb) + sizeof(struct udphdr);
	u32 mtu = ntohl(icmp->icmp6_mtu);

	if (icmp->icmp6_type != ICMPV6_PKT_TOOBIG)
		return 0;
	return mtu > headers ? mtu - headers : 0;
}

/* Whose packet is it? False: too little is quoted to know. RFC 792 asks for no more of a
 * quote than the UDP header; RFC 1812, 4.3.2.3, for as much as fits.
 */
static bool read_quote(const struct sk_buff *skb, struct rdg_quote *q)
{
	u32 at = skb_transport_offset(skb) + sizeof(struct udphdr);
	u32 len = min_t(u32, RDG_QUOTE_LEN, skb->len - min(at, skb->len));
	u8 buffer[RDG_QUOTE_LEN];
	const u8 *data = skb_header_pointer(skb, at, len, buffer);

	return data && rdg_wire_quote(data, len, q);
}

static void read_key(const struct sk_buff *skb, struct rdg_peer_key *key)
{
	const struct udphdr *uh = udp_hdr(skb);

	*key = (struct rdg_peer_key){ .rport = uh->dest, .lport = uh->source };
	if (is_v4(skb)) {
		ipv6_addr_set_v4mapped(ip_hdr(skb)->daddr, &key->remote);
	} else {
		key->remote = ipv6_hdr(skb)->daddr;
		key->scope = ipv6_iface_scope_id(&key->remote, skb->dev->ifindex);
	}
}

/* As UDP translates it. False: it is no error. */
static bool read_fault4(const struct sk_buff *skb, struct rdg_fault *f)
{
	const struct icmphdr *icmp = icmp4(skb);

	switch (icmp->type) {
	case ICMP_DEST_UNREACH:
		if (icmp->code == ICMP_FRAG_NEEDED)
			return false;
		f->err = EHOSTUNREACH;
		if (icmp->code <= NR_ICMP_UNREACH) {
			f->err = icmp_err_convert[icmp->code].errno;
			f->hard = icmp_err_convert[icmp->code].fatal;
		}
		break;
	case ICMP_TIME_EXCEEDED:
		f->err = EHOSTUNREACH;
		break;
	case ICMP_PARAMETERPROB:
		f->err = EPROTO;
		f->hard = true;
		break;
	default:
		return false;
	}
	f->origin = SO_EE_ORIGIN_ICMP;
	f->type = icmp->type;
	f->code = icmp->code;
	return true;
}

#if IS_ENABLED(CONFIG_IPV6)
static bool read_fault6(const struct sk_buff *skb, struct rdg_fault *f)
{
	const struct icmp6hdr *icmp = icmp6(skb);

	if (icmp->icmp6_type == ICMPV6_PKT_TOOBIG || (icmp->icmp6_type & ICMPV6_INFOMSG_MASK))
		return false;
	f->hard = icmpv6_err_convert(icmp->icmp6_type, icmp->icmp6_code, &f->err);
	f->origin = SO_EE_ORIGIN_ICMP6;
	f->type = icmp->icmp6_type;
	f->code = icmp->icmp6_code;
	return true;
}
#else
static bool read_fault6(const struct sk_buff *skb, struct rdg_fault *f)
{
	return false;
}
#endif

/* The IP header in front of the ICMP message: the network header is that of the quote
 * here. NULL: it is not where it should be.
 */
static const void *offender_of(const struct sk_buff *skb)
{
	const struct iphdr *h;

	if (!skb_mac_header_was_set(skb))
		return NULL;
	h = (const struct iphdr *)(skb_mac_header(skb) + skb->mac_len);
	if (is_v4(skb) && (const u8 *)h + h->ihl * 4 != (const u8 *)icmp4(skb))
		return NULL;
	if (!is_v4(skb) && (const u8 *)h + sizeof(struct ipv6hdr) > (const u8 *)icmp6(skb))
		return NULL;
	return h->version == (is_v4(skb) ? 4 : 6) ? h : NULL;
}

static void fault(struct rdg_net *rn, const struct sk_buff *skb)
{
	struct rdg_fault f = {};
	struct rdg_peer_key key;
	struct rdg_quote q;

	if (!(is_v4(skb) ? read_fault4(skb, &f) : read_fault6(skb, &f)) || !read_quote(skb, &q))
		return;
	read_key(skb, &key);
	f.ifindex = skb->dev->ifindex;
	f.offender = offender_of(skb);
	f.to = key.remote;
	f.port = key.rport;
	rdg_peer_fault(rn, &key, &q, &f);
}

static void too_big(struct rdg_net *rn, const struct sk_buff *skb, u32 size)
{
	struct rdg_peer_key key;
	bool believed = false;
	struct rdg_quote q;

	read_key(skb, &key);
	if (read_quote(skb, &q))
		believed = rdg_peer_too_big(rn, &key, &q, size);
	rdg_count(rn, believed ? RDG_STAT_TOO_BIG : RDG_STAT_TOO_BIG_IGNORED);
}

/**
 * rdg_icmp - an ICMP error for an inner socket: its encap_err_lookup()
 * @inner: the inner socket
 * @skb: what the error quotes, from the IP header on; the network and
 *	transport headers are those of the quote
 *
 * encap_err_rcv() would not be called: see rdg_ignore_pmtu(). And this is the
 * same in all kernels.
 *
 * Context: softirq, RCU.
 * Return: 0: it is ours, whatever becomes of it; -ENOENT.
 */
int rdg_icmp(struct sock *inner, struct sk_buff *skb)
{
	struct rdg_local *local = rcu_dereference_sk_user_data(inner);
	u32 size;

	/* The UDP code also asks by the port that a packet was sent to. */
	if (!local || udp_hdr(skb)->source != local->port)
		return -ENOENT;
	if (!is_consistent(skb)) {
		rdg_count(local->rn, RDG_STAT_MALFORMED);
		return 0;
	}
	size = is_v4(skb) ? size4(skb) : size6(skb);
	if (size)
		too_big(local->rn, skb, size);
	else
		fault(local->rn, skb);
	return 0;
}
