// SPDX-License-Identifier: GPL-2.0-only
/*
 * bind() and connect().
 */
#include <linux/netdevice.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include "compat.h"
#include "local.h"
#include "peer.h"
#include "quota.h"
#include "sock.h"

static void make_key(const struct sock *sk, struct rdg_local_key *key)
{
	*key = (struct rdg_local_key){
		.ifindex = sk->sk_bound_dev_if,
		.family = sk->sk_family,
		.shared = sk->sk_reuseport,
		.reuse = sk->sk_reuse,
		.transparent = rdg_may_bind_nonlocal(sk),
		.uid = rdg_sk_uid(sk),
	};
	if (inet_sk(sk)->inet_rcv_saddr)
		ipv6_addr_set_v4mapped(inet_sk(sk)->inet_rcv_saddr, &key->addr);
#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family == AF_INET6) {
		key->addr = sk->sk_v6_rcv_saddr;
		key->v6only = ipv6_only_sock(sk);
	}
#endif
}

static bool is_unicast(const struct rdg_local_key *key)
{
	struct rdg_remote r = { .addr = key->addr };

	return ipv6_addr_any(&key->addr) || rdg_remote_is_unicast(&r);
}

/**
 * rdg_sock_get_port - bind() a socket, or give it a port when it needs one
 * @sk: the socket; its address is set
 * @port: the port; 0: any
 *
 * Context: process; holds the socket's lock.
 * Return: 0; -EADDRINUSE; -EADDRNOTAVAIL for a multicast or broadcast address;
 * or an error of the UDP socket.
 */
int rdg_sock_get_port(struct sock *sk, unsigned short port)
{
	struct rdg_sock *ep = rdg_sk(sk);
	struct rdg_local_key key;
	int err;

	make_key(sk, &key);
	if (!is_unicast(&key))
		return -EADDRNOTAVAIL;
	err = rdg_local_open(ep, &key, htons(port));
	if (!err)
		inet_sk(sk)->inet_num = ntohs(ep->local->port);
	return err;
}

/**
 * rdg_sock_unhash - a socket is closed
 * @sk: the socket
 *
 * Context: process.
 */
void rdg_sock_unhash(struct sock *sk)
{
	if (rdg_sk(sk)->local)
		rdg_local_close(rdg_sk(sk)->local, rdg_sk(sk));
}

/* Nobody may come to it any more. Have peers begun meanwhile? */
static bool has_peers(struct rdg_sock *ep)
{
	bool any;

	spin_lock_bh(&ep->lock);
	any = !list_empty(&ep->peers);
	WRITE_ONCE(ep->closed, any);
	spin_unlock_bh(&ep->lock);
	return any;
}

/**
 * rdg_sock_put_port - a socket must not have the port after all
 * @sk: the socket; not rdg_sock.bound
 *
 * A program of its cgroup says so when it has the port already, where INITs come to. If one did
 * nothing can be done with the socket but to close it.
 *
 * Context: process; holds the socket's lock.
 */
void rdg_sock_put_port(struct sock *sk)
{
	struct rdg_sock *ep = rdg_sk(sk);
	struct rdg_local *local = ep->local;

	rdg_local_close(local, ep);
	/* Who found the endpoint by its local, in softirq, is through with it then. */
	synchronize_net();
	if (has_peers(ep))
		return;
	ep->local = NULL;
	inet_sk(sk)->inet_num = 0;
	rdg_local_put(local);
}

/**
 * rdg_sock_reroute - an option that chooses routes has changed
 * @ep: the endpoint
 *
 * Context: process.
 */
void rdg_sock_reroute(struct rdg_sock *ep)
{
	struct rdg_peer *p;

	rcu_read_lock();
	list_for_each_entry_rcu(p, &ep->peers, in_sock) {
		spin_lock_bh(&p->lock);
		p->reroute = true;
		spin_unlock_bh(&p->lock);
	}
	rcu_read_unlock();
}

/**
 * rdg_sock_rehash - the device (SO_BINDTODEVICE) or the address has changed
 * @sk: the socket
 *
 * The address is that of connect(), and no concern of the local's.
 *
 * Context: process; holds the socket's lock. In a BPF program: RCU, too.
 */
void rdg_sock_rehash(struct sock *sk)
{
	struct rdg_sock *ep = rdg_sk(sk);
	int ifindex = READ_ONCE(sk->sk_bound_dev_if);

	/* One that was refused by a program of the cgroup may have left its local to others. */
	if (!ep->local || READ_ONCE(ep->local->open) != ep || ep->local->key.ifindex == ifindex)
		return;
	rdg_local_set_device(ep, ifindex);
	rdg_sock_reroute(ep);
}

/* From now on only this peer is heard; NULL: all are. */
static void hear_only(struct sock *sk, const struct rdg_remote *only)
{
	struct rdg_sock *ep = rdg_sk(sk);
	struct rdg_peer *p;

	spin_lock_bh(&ep->lock);
	write_seqcount_begin(&ep->only_seq);
	WRITE_ONCE(ep->connected, only);
	if (only)
		ep->only = *only;
	write_seqcount_end(&ep->only_seq);
	spin_unlock_bh(&ep->lock);

	rcu_read_lock();
	list_for_each_entry_rcu(p, &ep->peers, in_sock) {
		spin_lock_bh(&p->lock);
		WRITE_ONCE(p->muted, only && !rdg_peer_is_called(p, only));
		spin_unlock_bh(&p->lock);
	}
	rcu_read_unlock();
	/* Who waited for room that another peer has not. */
	rdg_quota_retry_any(ep);
	rdg_wake(sk, RDG_WAKE_WRITE);
}

static int connect_family(struct sock *sk, struct rdg_sockaddr *addr, int len)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family == AF_INET6)
		return __ip6_datagram_connect(sk, addr, len);
#endif
	return __ip4_datagram_connect(sk, addr, len);
}

static void disconnect(struct sock *sk)
{
	sk->sk_state = TCP_CLOSE;
	WRITE_ONCE(inet_sk(sk)->inet_daddr, 0);
	inet_sk(sk)->inet_dport = 0;
#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family == AF_INET6)
		sk->sk_v6_daddr = in6addr_any;
#endif
	WRITE_ONCE(sk->sk_bound_dev_if, 0);
	if (!(sk->sk_userlocks & SOCK_BINDADDR_LOCK))
		inet_reset_saddr(sk);
	rdg_sock_rehash(sk);
	sk_dst_reset(sk);
	hear_only(sk, NULL);
}

static int connect_locked(struct sock *sk, struct rdg_sockaddr *addr, int len)
{
	struct rdg_remote to = {};
	int err;

	err = connect_family(sk, addr, len);
	if (err)
		return err;
	/* Port 0 is nobody's, and can be connected to, as with UDP. */
	rdg_remote_from_sock(sk, &to);
	if (!rdg_remote_is_unicast(&to)) {
		disconnect(sk);
		return -EOPNOTSUPP;
	}
	hear_only(sk, &to);
	return 0;
}

/**
 * rdg_sock_connect - connect()
 * @sk: the socket; bound
 * @addr: to whom
 * @len: length of @addr in bytes
 *
 * Sends nothing. Messages in the receive queue stay there.
 *
 * Context: process.
 * Return: 0; -EOPNOTSUPP for a multicast or broadcast address; or what a UDP
 * socket says.
 */
int rdg_sock_connect(struct sock *sk, struct rdg_sockaddr *addr, int len)
{
	int err;

	lock_sock(sk);
	err = connect_locked(sk, addr, len);
	release_sock(sk);
	return err;
}

/**
 * rdg_sock_disconnect - connect() to AF_UNSPEC
 * @sk: the socket
 * @flags: unused
 *
 * The port stays; the device does not, as with UDP.
 *
 * Context: process.
 * Return: 0.
 */
int rdg_sock_disconnect(struct sock *sk, int flags)
{
	lock_sock(sk);
	disconnect(sk);
	release_sock(sk);
	return 0;
}
