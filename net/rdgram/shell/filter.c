// SPDX-License-Identifier: GPL-2.0-only
/*
 * Filters, see filter.h. A filter sees a message as it would see a UDP datagram: from the
 * UDP header on, with an IP header in front of it. Both are made for it, since a message
 * comes in packets that look otherwise, and so is the datagram, as a copy. It says how much
 * of that it wants: the rest is not shown to the application. For the protocol it is all the
 * same a message of its length.
 */
#include <linux/filter.h>
#include <linux/skbuff.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include "filter.h"
#include "rbuf.h"

static u16 length_field(u32 len)
{
	/* As in a jumbogram (RFC 2675): it does not fit. */
	return len > U16_MAX ? 0 : len;
}

static void put_udp(struct sk_buff *skb, const struct rdg_peer *p, u32 len)
{
	struct udphdr *uh = skb_push(skb, sizeof(*uh));

	*uh = (struct udphdr){
		.source = p->flow.rport,
		.dest = p->flow.lport,
		.len = htons(length_field(sizeof(*uh) + len)),
	};
	skb_reset_transport_header(skb);
}

/* @from: the packet, whose header is there; NULL: it is not. */
static void put_ip4(struct sk_buff *skb, const struct rdg_peer *p, const struct sk_buff *from,
		    u32 len)
{
	struct iphdr *h = skb_push(skb, sizeof(*h));

	*h = (struct iphdr){
		.version = 4,
		.ihl = sizeof(*h) / 4,
		.tos = from ? ip_hdr(from)->tos : 0,
		.tot_len = htons(length_field(sizeof(*h) + sizeof(struct udphdr) + len)),
		.ttl = from ? ip_hdr(from)->ttl : 0,
		.protocol = IPPROTO_UDP,
		.saddr = rdg_v4(&p->flow.remote),
		.daddr = rdg_v4(&p->flow.local),
	};
	skb_reset_network_header(skb);
	skb_pull(skb, sizeof(*h));
	skb->protocol = htons(ETH_P_IP);
}

static void put_ip6(struct sk_buff *skb, const struct rdg_peer *p, const struct sk_buff *from,
		    u32 len)
{
	struct ipv6hdr *h = skb_push(skb, sizeof(*h));

	*h = (struct ipv6hdr){
		.payload_len = htons(length_field(sizeof(struct udphdr) + len)),
		.nexthdr = IPPROTO_UDP,
		.hop_limit = from ? ipv6_hdr(from)->hop_limit : 0,
		.saddr = p->flow.remote,
		.daddr = p->flow.local,
	};
	ip6_flow_hdr(h, from ? ipv6_get_dsfield(ipv6_hdr(from)) : 0, 0);
	skb_reset_network_header(skb);
	skb_pull(skb, sizeof(*h));
	skb->protocol = htons(ETH_P_IPV6);
}

static struct sk_buff *make_head(const struct rdg_peer *p, const struct rdg_rbuf *first, u32 len)
{
	const u32 room = sizeof(struct ipv6hdr) + sizeof(struct udphdr);
	const struct sk_buff *from = first->skb;
	struct sk_buff *skb = alloc_skb(room, GFP_ATOMIC | __GFP_NOWARN);

	if (!skb)
		return NULL;
	skb_reserve(skb, room);
	put_udp(skb, p, len);
	if (!skb_transport_header_was_set(from))
		from = NULL;
	if (rdg_is_v4(&p->flow.remote))
		put_ip4(skb, p, from, len);
	else
		put_ip6(skb, p, from, len);
	skb->mark = first->skb->mark;
	skb->skb_iif = first->skb->skb_iif;
	return skb;
}

/* How much of a message is in one buffer: in however many pieces it came, the copy takes
 * little more than its length.
 */
#define PART	(64 * 1024)

/* The payload hangs on it. */
static bool add_payload(struct sk_buff *skb, struct rdg_buf *chain, u32 len)
{
	struct sk_buff **to = &skb_shinfo(skb)->frag_list;
	u32 at = 0;

	while (len) {
		u32 n = min_t(u32, len, PART);

		*to = rdg_rbuf_duplicate(&chain, &at, n);
		if (!*to)
			return false;
		len -= n;
		skb->len += n;
		skb->data_len += n;
		skb->truesize += (*to)->truesize;
		to = &(*to)->next;
	}
	return true;
}

/* How much is wanted, from the UDP header on; 0: nothing. */
static u32 run(struct sock *sk, const struct bpf_prog *prog, struct sk_buff *skb)
{
	u32 wanted;

	skb->sk = sk;
	skb->dev = dev_get_by_index_rcu(sock_net(sk), skb->skb_iif);
	wanted = bpf_prog_run_save_cb(prog, skb);
	skb->dev = NULL;
	skb->sk = NULL;
	return wanted;
}

static enum rdg_verdict ask(struct sock *sk, struct sk_buff *skb, struct rdg_rbuf *first)
{
	struct sk_filter *filter;
	u32 wanted = U32_MAX;

	rcu_read_lock();
	filter = rcu_dereference(sk->sk_filter);
	if (filter)
		wanted = run(sk, filter->prog, skb);
	rcu_read_unlock();
	if (!wanted)
		return RDG_REFUSED;
	wanted -= min_t(u32, wanted, sizeof(struct udphdr));
	first->shown = min(wanted, RDG_SHOW_ALL);
	return RDG_ACCEPTED;
}

/**
 * rdg_filter_ask - does the socket's filter want a message, and how much of it?
 * @p: who sent it
 * @chain: its pieces
 * @len: its length in bytes
 *
 * Context: under the lock of @p, softirq.
 * Return: the answer; RDG_UNDECIDED if there is no memory to show it the message.
 */
enum rdg_verdict rdg_filter_ask(struct rdg_peer *p, struct rdg_buf *chain, u32 len)
{
	enum rdg_verdict verdict = RDG_UNDECIDED;
	struct sk_buff *skb;

	skb = make_head(p, rdg_rbuf_of(chain), len);
	if (skb && add_payload(skb, chain, len))
		verdict = ask(p->sk, skb, rdg_rbuf_of(chain));
	/* A copy: nothing is dropped with it. */
	consume_skb(skb);
	if (verdict == RDG_UNDECIDED)
		rdg_count(rdg_peer_ep(p)->rn, RDG_STAT_RCVMEM);
	else if (verdict == RDG_REFUSED)
		rdg_count(rdg_peer_ep(p)->rn, RDG_STAT_FILTERED);
	return verdict;
}
