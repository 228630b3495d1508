// SPDX-License-Identifier: GPL-2.0-only
/*
 * recvmsg().
 */
#include <linux/skbuff.h>
#include "control.h"
#include "inbox.h"
#include "notice.h"
#include "peer.h"
#include "sock.h"

static int put_name(struct sock *sk, struct msghdr *msg, const struct rdg_rbuf *r)
{
	struct rdg_remote from;

	rdg_peer_remote(r->peer, &from);
	return rdg_remote_to_name(sk, &from, msg->msg_name);
}

static void put_control(struct sock *sk, struct msghdr *msg, const struct rdg_rbuf *r)
{
	sock_recv_cmsgs(msg, sk, r->skb);
	if (rdg_control_wants(sk, ~0UL))
		rdg_control_put(sk, msg, r);
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
	int off = sk_peek_offset(sk, flags);
	u32 copied, whole, skipped;
	int err;

	if (flags & MSG_ERRQUEUE)
		return recv_error(sk, msg, len, addr_len);
	r = rdg_inbox_get(sk, flags, &off, &err);
	if (!r)
		return err;
	/* Who peeks beside us sets a bit beside it, and nothing else. */
	whole = data_race((u32)r->shown);
	skipped = max(off, 0);
	copied = min_t(size_t, len, whole - skipped);
	if (skipped + copied < whole)
		msg->msg_flags |= MSG_TRUNC;
	err = rdg_rbuf_copy(r, skipped, copied, msg);
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
	if (flags & MSG_TRUNC)
		copied = whole;
	/* SO_PEEK_OFF: forward by what was seen, back by what was read. */
	sk_peek_offset_bwd(sk, peek ? -copied : copied);
	return copied;
}
