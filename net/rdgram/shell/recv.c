// SPDX-License-Identifier: GPL-2.0-only
/*
 * recvmsg().
 */
#include <linux/skbuff.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include "inbox.h"
#include "notice.h"
#include "peer.h"
#include "sock.h"

static void put_pktinfo4(struct sock *sk, struct msghdr *msg, const struct rdg_rbuf *r)
{
	const struct rdg_peer *p = r->peer;
	struct in_pktinfo info = {
		.ipi_ifindex = r->skb->skb_iif,
		.ipi_spec_dst.s_addr = rdg_v4(&p->flow.local),
		.ipi_addr.s_addr = rdg_v4(&p->flow.local),
	};

	if (rdg_cmsg_flags(sk) & IP_CMSG_PKTINFO)
		put_cmsg(msg, SOL_IP, IP_PKTINFO, sizeof(info), &info);
}

#if IS_ENABLED(CONFIG_IPV6)
static void put_pktinfo6(struct sock *sk, struct msghdr *msg, const struct rdg_rbuf *r)
{
	const struct rdg_peer *p = r->peer;
	struct in6_pktinfo info = {
		.ipi6_ifindex = r->skb->skb_iif,
		.ipi6_addr = p->flow.local,
	};

	if (inet6_sk(sk)->rxopt.bits.rxinfo)
		put_cmsg(msg, SOL_IPV6, IPV6_PKTINFO, sizeof(info), &info);
}
#else
static void put_pktinfo6(struct sock *sk, struct msghdr *msg, const struct rdg_rbuf *r)
{
}
#endif

static void put_control(struct sock *sk, struct msghdr *msg, const struct rdg_rbuf *r)
{
	sock_recv_cmsgs(msg, sk, r->skb);
	if (rdg_is_v4(&r->peer->home.key.remote))
		put_pktinfo4(sk, msg, r);
	if (sk->sk_family == AF_INET6)
		put_pktinfo6(sk, msg, r);
}

static int put_name(struct sock *sk, struct msghdr *msg, const struct rdg_rbuf *r)
{
	struct rdg_remote from;

	rdg_peer_remote(r->peer, &from);
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
	struct rdg_rbuf *r;
	u32 copied, whole;
	int err;

	if (flags & MSG_ERRQUEUE)
		return recv_error(sk, msg, len, addr_len);
	r = rdg_inbox_get(sk, flags, &err);
	if (!r)
		return err;
	whole = r->len;
	copied = min_t(size_t, len, whole);
	if (copied < whole)
		msg->msg_flags |= MSG_TRUNC;
	err = rdg_rbuf_copy(r, copied, msg);
	if (err && !peek) {
		rdg_inbox_back(sk, r);
		return err;
	}
	if (!err && msg->msg_name)
		*addr_len = put_name(sk, msg, r);
	if (!err)
		put_control(sk, msg, r);
	if (peek)
		rdg_inbox_peeked(rdg_sk(sk), r);
	else
		rdg_inbox_read(rdg_sk(sk), r);
	if (err)
		return err;
	return flags & MSG_TRUNC ? whole : copied;
}
