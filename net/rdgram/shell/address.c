// SPDX-License-Identifier: GPL-2.0-only
/*
 * Addresses, see address.h. Errors are those of a UDP socket.
 */
#include <linux/errno.h>
#include <net/addrconf.h>
#include "address.h"
#include "sock.h"

static void set_v4(struct rdg_remote *to, __be32 addr, __be16 port)
{
	ipv6_addr_set_v4mapped(addr, &to->addr);
	to->port = port;
	to->scope = 0;
}

/* 0.0.0.0 means this host: the address that we have, or loopback. */
static __be32 this_host(const struct sock *sk)
{
	return READ_ONCE(inet_sk(sk)->inet_saddr) ?: htonl(INADDR_LOOPBACK);
}

static int from_v4(const struct sock *sk, const struct sockaddr_in *sin, int len,
		   struct rdg_remote *to)
{
	__be32 addr = sin->sin_addr.s_addr;

	if (len < (int)sizeof(*sin))
		return -EINVAL;
	if (sk->sk_family == AF_INET6 && ipv6_only_sock(sk))
		return -ENETUNREACH;
	if (!sin->sin_port)
		return -EINVAL;
	set_v4(to, addr ?: this_host(sk), sin->sin_port);
	return 0;
}

#if IS_ENABLED(CONFIG_IPV6)
/**
 * rdg_device_of_sock - by which device a socket sends by IPv6, whatever a message says
 * @sk: an AF_INET6 socket
 *
 * Context: any.
 * Return: its index; 0: by any.
 */
int rdg_device_of_sock(const struct sock *sk)
{
	return READ_ONCE(sk->sk_bound_dev_if) ?:
	       READ_ONCE(inet6_sk(sk)->sticky_pktinfo.ipi6_ifindex);
}

/**
 * rdg_remote_complete - a link-local address needs a device
 * @sk: an AF_INET6 socket
 * @to: the address; its @scope is set, if it needs one and has none
 * @device: that a message names; 0: it names none
 *
 * UDP takes any device where none is named, one after the other; but to each leads
 * another peer.
 *
 * Context: any.
 * Return: 0; -EINVAL if there is none.
 */
int rdg_remote_complete(const struct sock *sk, struct rdg_remote *to, int device)
{
	if (to->scope || !rdg_needs_scope(&to->addr))
		return 0;
	to->scope = device ?: READ_ONCE(inet6_sk(sk)->ucast_oif);
	return to->scope ? 0 : -EINVAL;
}

static int set_scope(const struct sock *sk, const struct sockaddr_in6 *sin6, int len,
		     struct rdg_remote *to)
{
	int scope = len >= (int)sizeof(*sin6) ? sin6->sin6_scope_id : 0;
	int device = READ_ONCE(sk->sk_bound_dev_if);

	if (scope && device && scope != device)
		return -EINVAL;
	to->scope = scope ?: rdg_device_of_sock(sk);
	return 0;
}

/* @named: a control message may name the device yet. */
static int from_v6(const struct sock *sk, const struct sockaddr_in6 *sin6, int len, bool named,
		   struct rdg_remote *to)
{
	int err = 0;

	if (len < SIN6_LEN_RFC2133 || !sin6->sin6_port)
		return -EINVAL;
	to->addr = sin6->sin6_addr;
	to->port = sin6->sin6_port;
	to->scope = 0;
	if (ipv6_addr_any(&to->addr)) {
		if (rdg_is_v4(&sk->sk_v6_rcv_saddr))
			set_v4(to, htonl(INADDR_LOOPBACK), to->port);
		else
			to->addr = in6addr_loopback;
	}
	if (rdg_is_v4(&to->addr)) {
		if (ipv6_only_sock(sk))
			return -ENETUNREACH;
		if (!rdg_v4(&to->addr))
			set_v4(to, this_host(sk), to->port);
		return 0;
	}
	if (rdg_needs_scope(&to->addr))
		err = set_scope(sk, sin6, len, to);
	return err || named ? err : rdg_remote_complete(sk, to, 0);
}
#endif

/**
 * rdg_remote_connected - is a socket connected, and where to?
 * @sk: the socket
 * @to: filled in, if it is; its port may be 0
 *
 * Another thread may connect it to somebody else: it is one of both, not a mixture.
 *
 * Context: process.
 * Return: true if it is.
 */
bool rdg_remote_connected(struct sock *sk, struct rdg_remote *to)
{
	struct rdg_sock *ep = rdg_sk(sk);
	bool connected;
	unsigned int seq;

	do {
		seq = read_seqcount_begin(&ep->only_seq);
		connected = ep->connected;
		*to = ep->only;
	} while (read_seqcount_retry(&ep->only_seq, seq));
	return connected;
}

static int remote_of_connected(struct sock *sk, struct rdg_remote *to)
{
	if (!rdg_remote_connected(sk, to))
		return -EDESTADDRREQ;
	return to->port ? 0 : -EINVAL;
}

/**
 * rdg_remote_from_msg - where a message is to go
 * @sk: the socket
 * @msg: the message
 * @to: filled in
 *
 * A link-local one has no scope yet if a control message may name it.
 *
 * Context: process.
 * Return: 0; -EDESTADDRREQ if no address is given and the socket is not
 * connected; -EINVAL if it is too short or its port is 0; -EAFNOSUPPORT;
 * -ENETUNREACH if the socket is for IPv6 only.
 */
int rdg_remote_from_msg(struct sock *sk, const struct msghdr *msg, struct rdg_remote *to)
{
	const struct sockaddr *addr = msg->msg_name;
	int len = msg->msg_namelen;

	if (!addr)
		return remote_of_connected(sk, to);
	if (len < (int)offsetofend(struct sockaddr, sa_family))
		return -EINVAL;
	if (sk->sk_family == AF_INET && addr->sa_family == AF_UNSPEC)
		return from_v4(sk, msg->msg_name, len, to);
	switch (addr->sa_family) {
	case AF_INET:
		return from_v4(sk, msg->msg_name, len, to);
#if IS_ENABLED(CONFIG_IPV6)
	case AF_INET6:
		if (sk->sk_family == AF_INET6)
			return from_v6(sk, msg->msg_name, len, msg->msg_controllen, to);
		break;
	case AF_UNSPEC:
		return remote_of_connected(sk, to);
#endif
	}
	return -EAFNOSUPPORT;
}

/**
 * rdg_remote_from_sock - where IP has connected a socket to
 * @sk: the socket
 * @to: filled in; left alone if that is port 0
 *
 * Context: process; holds the socket's lock.
 */
void rdg_remote_from_sock(struct sock *sk, struct rdg_remote *to)
{
	if (!inet_sk(sk)->inet_dport)
		return;
	set_v4(to, inet_sk(sk)->inet_daddr, inet_sk(sk)->inet_dport);
#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family == AF_INET6) {
		to->addr = sk->sk_v6_daddr;
		if (rdg_needs_scope(&to->addr))
			to->scope = sk->sk_bound_dev_if;
	}
#endif
}

/**
 * rdg_remote_to_name - tell the application who it was
 * @sk: the socket
 * @from: the remote endpoint
 * @name: a struct sockaddr_in or sockaddr_in6 is written here
 *
 * Context: any.
 * Return: its length in bytes.
 */
int rdg_remote_to_name(const struct sock *sk, const struct rdg_remote *from, void *name)
{
	struct sockaddr_in6 *sin6 = name;
	struct sockaddr_in *sin = name;

	if (sk->sk_family == AF_INET) {
		sin->sin_family = AF_INET;
		sin->sin_port = from->port;
		sin->sin_addr.s_addr = rdg_v4(&from->addr);
		memset(sin->sin_zero, 0, sizeof(sin->sin_zero));
		return sizeof(*sin);
	}
	sin6->sin6_family = AF_INET6;
	sin6->sin6_port = from->port;
	sin6->sin6_flowinfo = 0;
	sin6->sin6_addr = from->addr;
	sin6->sin6_scope_id = from->scope;
	return sizeof(*sin6);
}

/**
 * rdg_remote_is_unicast - can there be a peer?
 * @r: the address
 *
 * Broadcast addresses of subnets are known by their route only.
 *
 * Context: any.
 * Return: true if it is neither multicast nor the limited broadcast address.
 */
bool rdg_remote_is_unicast(const struct rdg_remote *r)
{
	if (rdg_is_v4(&r->addr))
		return !ipv4_is_multicast(rdg_v4(&r->addr)) && !ipv4_is_lbcast(rdg_v4(&r->addr));
	return !ipv6_addr_is_multicast(&r->addr);
}

/**
 * rdg_source_of_sock - which address of ours is to be used
 * @sk: the socket
 * @to: for whom
 * @from: filled in; the unspecified address if any will do
 *
 * Context: process; holds the socket's lock.
 */
void rdg_source_of_sock(const struct sock *sk, const struct rdg_remote *to, struct in6_addr *from)
{
	*from = in6addr_any;
	if (rdg_is_v4(&to->addr)) {
		if (inet_sk(sk)->inet_saddr)
			ipv6_addr_set_v4mapped(inet_sk(sk)->inet_saddr, from);
		return;
	}
#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family == AF_INET6)
		*from = inet6_sk(sk)->saddr;
#endif
}
