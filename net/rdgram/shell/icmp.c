// SPDX-License-Identifier: GPL-2.0-only
/*
 * ICMP errors that our packets have drawn, see icmp.h.
 *
 * Only one kind tells us anything: a packet was too large. Whether that is
 * true is for the core to say. What comes from our own IP layer, whose device
 * takes less than a moment ago, comes the same way.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/minmax.h>
#include <linux/skbuff.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include "icmp.h"
#include "local.h"
#include "peer.h"

/* What would have passed, in bytes of UDP payload; 0: that is not the error. */
static u32 size4(const struct sk_buff *skb)
{
	/* The ICMP header was pulled off. */
	const struct icmphdr *icmp = (const struct icmphdr *)(skb->data - sizeof(*icmp));
	u32 headers = ip_hdrlen(skb) + sizeof(struct udphdr);
	u32 mtu = ntohs(icmp->un.frag.mtu);

	if (icmp->type != ICMP_DEST_UNREACH || icmp->code != ICMP_FRAG_NEEDED)
		return 0;
	return mtu > headers ? mtu - headers : 0;
}

static u32 size6(const struct sk_buff *skb)
{
	const struct icmp6hdr *icmp = (const struct icmp6hdr *)(skb->data - sizeof(*icmp));
	u32 headers = skb_transport_offset(skb) + sizeof(struct udphdr);
	u32 mtu = ntohl(icmp->icmp6_mtu);

	if (icmp->icmp6_type != ICMPV6_PKT_TOOBIG)
		return 0;
	return mtu > headers ? mtu - headers : 0;
}

static void too_big(struct rdg_net *rn, const struct sk_buff *skb, u32 size)
{
	const struct udphdr *uh = udp_hdr(skb);
	u32 at = skb_transport_offset(skb) + sizeof(*uh);
	struct rdg_peer_key key = { .rport = uh->dest, .lport = uh->source };
	bool believed = false;
	u8 buffer[RDG_DATA_LEN];
	const u8 *quote;
	u64 id;
	u32 pn;

	if (ip_hdr(skb)->version == 4) {
		ipv6_addr_set_v4mapped(ip_hdr(skb)->daddr, &key.remote);
	} else {
		key.remote = ipv6_hdr(skb)->daddr;
		key.scope = ipv6_iface_scope_id(&key.remote, skb->dev->ifindex);
	}
	/* RFC 792 asks for no more of a quote than the UDP header. */
	quote = skb_header_pointer(skb, at, sizeof(buffer), buffer);
	if (quote && rdg_wire_quote(quote, &id, &pn))
		believed = rdg_peer_too_big(rn, &key, id, pn, size);
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
	size = ip_hdr(skb)->version == 4 ? size4(skb) : size6(skb);
	if (size)
		too_big(local->rn, skb, size);
	return 0;
}
