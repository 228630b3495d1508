// SPDX-License-Identifier: GPL-2.0-only
/*
 * recvmsg().
 */
#include <linux/skbuff.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include "notice.h"
#include "peer.h"
#include "rbuf.h"
#include "rmem.h"
#include "sock.h"

/* A message that could not be copied goes back to its place. */
static void put_back(struct sock *sk, struct sk_buff *skb)
{
	struct sk_buff_head *queue = &sk->sk_receive_queue;
	struct sk_buff *next;

	spin_lock_bh(&queue->lock);
	skb_queue_walk(queue, next)
		if (rdg_whole_cb(next)->order > rdg_whole_cb(skb)->order)
			break;
	__skb_queue_before(queue, next, skb);
	spin_unlock_bh(&queue->lock);
	sk->sk_data_ready(sk);
}

/* A message was read: free it, then tell its sender. */
static void has_read(struct sk_buff *skb)
{
	struct rdg_peer *p = rdg_whole_cb(skb)->peer;
	u64 seq = rdg_whole_cb(skb)->seq;
	u32 len = rdg_whole_cb(skb)->len;

	refcount_inc(&p->ref);
	consume_skb(skb);
	rdg_peer_lock(p);
	if (!p->dying) {
		if (!--p->unread)
			atomic_dec(&rdg_peer_ep(p)->readers);
		rdg_rmem_set_window(p);
		rdg_link_read(&p->link, seq, 1, len, ktime_get_ns());
		rdg_rmem_tune(p);
	}
	rdg_peer_unlock(p);
	rdg_peer_put(p);
}

static void put_pktinfo4(struct sock *sk, struct msghdr *msg, const struct sk_buff *skb)
{
	const struct rdg_peer *p = rdg_whole_cb(skb)->peer;
	struct in_pktinfo info = {
		.ipi_ifindex = skb->skb_iif,
		.ipi_spec_dst.s_addr = rdg_v4(&p->flow.local),
		.ipi_addr.s_addr = rdg_v4(&p->flow.local),
	};

	if (rdg_cmsg_flags(sk) & IP_CMSG_PKTINFO)
		put_cmsg(msg, SOL_IP, IP_PKTINFO, sizeof(info), &info);
}

#if IS_ENABLED(CONFIG_IPV6)
static void put_pktinfo6(struct sock *sk, struct msghdr *msg, const struct sk_buff *skb)
{
	const struct rdg_peer *p = rdg_whole_cb(skb)->peer;
	struct in6_pktinfo info = {
		.ipi6_ifindex = skb->skb_iif,
		.ipi6_addr = p->flow.local,
	};

	if (inet6_sk(sk)->rxopt.bits.rxinfo)
		put_cmsg(msg, SOL_IPV6, IPV6_PKTINFO, sizeof(info), &info);
}
#else
static void put_pktinfo6(struct sock *sk, struct msghdr *msg, const struct sk_buff *skb)
{
}
#endif

static void put_control(struct sock *sk, struct msghdr *msg, struct sk_buff *skb)
{
	sock_recv_cmsgs(msg, sk, skb);
	if (rdg_is_v4(&rdg_whole_cb(skb)->peer->home.key.remote))
		put_pktinfo4(sk, msg, skb);
	if (sk->sk_family == AF_INET6)
		put_pktinfo6(sk, msg, skb);
}

static int put_name(struct sock *sk, struct msghdr *msg, const struct sk_buff *skb)
{
	struct rdg_remote from;

	rdg_peer_remote(rdg_whole_cb(skb)->peer, &from);
	return rdg_remote_to_name(sk, &from, msg->msg_name);
}

/* A notice, or an error that the IP layer has queued. */
static int recv_error(struct sock *sk, struct msghdr *msg, size_t len, int *addr_len)
{
	int err = rdg_notice_recv(sk, msg);

	if (err == -EAGAIN)
		return rdg_recv_error(sk, msg, len, addr_len);
	*addr_len = err;
	return 0;
}

/**
 * rdg_sock_recvmsg - recvmsg()
 * @sk: the socket
 * @msg: where the message goes
 * @len: how much room there is; bytes
 * @flags: MSG_*
 * @addr_len: length of the address in msg_name, if it is given
 *
 * Context: process.
 * Return: bytes copied, or, with MSG_TRUNC, the length of the message; -EFAULT,
 * upon which the message is still there; or an error of the socket.
 */
int rdg_sock_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags,
		     int *addr_len)
{
	bool peek = flags & MSG_PEEK;
	struct sk_buff *skb;
	size_t copied, whole;
	int off = -1;
	int err;

	if (flags & MSG_ERRQUEUE)
		return recv_error(sk, msg, len, addr_len);
	skb = __skb_recv_datagram(sk, &sk->sk_receive_queue, flags, &off, &err);
	if (!skb)
		return err;
	whole = skb->len;
	copied = min(len, whole);
	if (copied < whole)
		msg->msg_flags |= MSG_TRUNC;
	err = skb_copy_datagram_msg(skb, 0, msg, copied);
	if (err) {
		if (peek)
			consume_skb(skb);
		else
			put_back(sk, skb);
		return err;
	}
	if (msg->msg_name)
		*addr_len = put_name(sk, msg, skb);
	put_control(sk, msg, skb);
	if (peek)
		consume_skb(skb);
	else
		has_read(skb);
	return flags & MSG_TRUNC ? whole : copied;
}
