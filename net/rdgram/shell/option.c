// SPDX-License-Identifier: GPL-2.0-only
/*
 * setsockopt(), getsockopt(), ioctl().
 */
#include <asm/ioctls.h>
#include <linux/sockios.h>
#include <linux/uaccess.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <uapi/linux/rdgram.h>
#include "congestion.h"
#include "inbox.h"
#include "notice.h"
#include "quota.h"
#include "sock.h"

#define NOTICES_KNOWN	(RDGRAM_NOTICE_RECEIPT | RDGRAM_NOTICE_PEER)

static int set_rdgram(struct rdg_sock *ep, int name, u32 val)
{
	switch (name) {
	case RDGRAM_USER_TIMEOUT:
		if (val > INT_MAX)
			return -EINVAL;
		WRITE_ONCE(ep->self.user_timeout, (u64)val * NSEC_PER_MSEC);
		return 0;
	case RDGRAM_NOTICES:
		if (val & ~NOTICES_KNOWN)
			return -EINVAL;
		WRITE_ONCE(ep->notices, val);
		return 0;
	case RDGRAM_NODELAY:
		WRITE_ONCE(ep->self.nodelay, !!val);
		return 0;
	}
	return -ENOPROTOOPT;
}

/* SO_RESERVE_MEM writes sk_forward_alloc under the socket's lock; we do under another, since
 * peers run in parallel.
 */
static int set_generic(struct sock *sk, int name, sockptr_t val, unsigned int len)
{
	if (name == SO_RESERVE_MEM)
		return -EOPNOTSUPP;
	return sock_setsockopt(sk->sk_socket, SOL_SOCKET, name, val, len);
}

/* What UDP would put into the IP header, or behind it, of every packet; and policies of
 * IPsec, which the packets that come in would not be held to.
 */
static bool is_refused(int level, int name)
{
	if (level == SOL_IP)
		return name == IP_OPTIONS || name == IP_IPSEC_POLICY || name == IP_XFRM_POLICY;
	if (level != SOL_IPV6)
		return false;
	switch (name) {
	case IPV6_HOPOPTS:
	case IPV6_DSTOPTS:
	case IPV6_RTHDRDSTOPTS:
	case IPV6_RTHDR:
	case IPV6_2292PKTOPTIONS:
	case IPV6_IPSEC_POLICY:
	case IPV6_XFRM_POLICY:
		return true;
	}
	return false;
}

/* The part of them that programs may set for each message anew. */
static u16 classes(const struct sock *sk)
{
	u8 tclass = 0;

#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family == AF_INET6)
		tclass = READ_ONCE(inet6_sk(sk)->tclass);
#endif
	return READ_ONCE(inet_sk(sk)->tos) << 8 | tclass;
}

/* Did that change what a route is looked up by? */
static bool is_for_routes(const struct sock *sk, int level, int name, u16 before)
{
	if (level == SOL_IP)
		return name == IP_UNICAST_IF || (name == IP_TOS && classes(sk) != before);
	return level == SOL_IPV6 &&
	       (name == IPV6_UNICAST_IF || name == IPV6_PKTINFO ||
		(name == IPV6_TCLASS && classes(sk) != before));
}

static int set_family(struct sock *sk, int level, int name, sockptr_t val, unsigned int len)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family == AF_INET6)
		return ipv6_setsockopt(sk, level, name, val, len);
#endif
	return ip_setsockopt(sk, level, name, val, len);
}

/**
 * rdg_sock_setsockopt - setsockopt()
 * @sk: the socket
 * @level: SOL_SOCKET (not on all kernels), SOL_RDGRAM, SOL_IP, SOL_IPV6
 * @name: the option
 * @val: its value
 * @len: length of @val in bytes
 *
 * Context: process.
 * Return: 0; -EINVAL; -EFAULT; -ENOENT; -ENOPROTOOPT; -EOPNOTSUPP for IP options,
 * extension headers, IPsec policies and SO_RESERVE_MEM; or an error of the socket or
 * the IP layer.
 */
int rdg_sock_setsockopt(struct sock *sk, int level, int name, sockptr_t val, unsigned int len)
{
	u16 before;
	int err;
	u32 n;

	if (level == SOL_SOCKET)
		return set_generic(sk, name, val, len);
	if (level == SOL_RDGRAM && name == RDGRAM_CONGESTION)
		return rdg_congestion_set(rdg_sk(sk), val, len);
	if (level == SOL_RDGRAM) {
		if (len < sizeof(n))
			return -EINVAL;
		if (copy_from_sockptr(&n, val, sizeof(n)))
			return -EFAULT;
		return set_rdgram(rdg_sk(sk), name, n);
	}
	if (len && is_refused(level, name))
		return -EOPNOTSUPP;
	before = classes(sk);
	err = set_family(sk, level, name, val, len);
	if (!err && is_for_routes(sk, level, name, before))
		rdg_sock_reroute(rdg_sk(sk));
	return err;
}

static void fill_stats(struct rdg_sock *ep, struct rdgram_stats *s)
{
	u64 n[RDG_COUNTS];
	u32 peers;

	rdg_sock_counts(ep, n, &peers);
	*s = (struct rdgram_stats){
		.messages_sent = n[RDG_CT_MESSAGES_SENT],
		.messages_delivered = n[RDG_CT_MESSAGES_DELIVERED],
		.messages_not_delivered = n[RDG_CT_MESSAGES_NOT_DELIVERED],
		.messages_in_doubt = n[RDG_CT_MESSAGES_IN_DOUBT],
		.messages_received = n[RDG_CT_MESSAGES_RECEIVED],
		.bytes_sent = n[RDG_CT_BYTES_SENT],
		.bytes_received = n[RDG_CT_BYTES_RECEIVED],
		.packets_sent = n[RDG_CT_PACKETS_SENT],
		.packets_retransmitted = n[RDG_CT_PACKETS_RETRANSMITTED],
		.packets_received = n[RDG_CT_PACKETS_RECEIVED],
		.packets_duplicate = n[RDG_CT_PACKETS_DUPLICATE],
		.packets_unadmitted = n[RDG_CT_PACKETS_UNADMITTED],
		.packets_malformed = n[RDG_CT_PACKETS_MALFORMED],
		.links_opened = n[RDG_CT_LINKS_OPENED],
		.links_died = n[RDG_CT_LINKS_DIED],
		.peers = peers,
		.packets_marked = n[RDG_CT_PACKETS_MARKED],
		.mtu_probes_sent = n[RDG_CT_MTU_PROBES],
		.mtu_probes_lost = n[RDG_CT_MTU_PROBES_LOST],
		.mtu_black_holes = n[RDG_CT_MTU_BLACK_HOLES],
		.paths_changed = n[RDG_CT_PATHS_CHANGED],
		.paths_failed = n[RDG_CT_PATHS_FAILED],
	};
}

static int get_rdgram(struct rdg_sock *ep, int name, char __user *val, int __user *len)
{
	char congestion[RDGRAM_CONGESTION_MAX] = {};
	struct rdgram_stats stats;
	const void *from = &stats;
	int room, size = sizeof(u32);
	u32 n;

	if (get_user(room, len))
		return -EFAULT;
	if (room < 0)
		return -EINVAL;
	switch (name) {
	case RDGRAM_USER_TIMEOUT:
		n = div_u64(READ_ONCE(ep->self.user_timeout), NSEC_PER_MSEC);
		from = &n;
		break;
	case RDGRAM_NOTICES:
		n = READ_ONCE(ep->notices);
		from = &n;
		break;
	case RDGRAM_NODELAY:
		n = READ_ONCE(ep->self.nodelay);
		from = &n;
		break;
	case RDGRAM_CONGESTION:
		strscpy(congestion, READ_ONCE(ep->congestion)->name, sizeof(congestion));
		from = congestion;
		size = sizeof(congestion);
		break;
	case RDGRAM_STATS:
		fill_stats(ep, &stats);
		size = sizeof(stats);
		break;
	default:
		return -ENOPROTOOPT;
	}
	size = min(size, room);
	if (put_user(size, len) || copy_to_user(val, from, size))
		return -EFAULT;
	return 0;
}

/**
 * rdg_sock_getsockopt - getsockopt()
 * @sk: the socket
 * @level: SOL_RDGRAM, SOL_IP, SOL_IPV6
 * @name: the option
 * @val: where its value goes
 * @len: room there, then length of the value; bytes
 *
 * Context: process.
 * Return: 0; -EINVAL; -EFAULT; -ENOPROTOOPT; or an error of the IP layer.
 */
int rdg_sock_getsockopt(struct sock *sk, int level, int name, char __user *val, int __user *len)
{
	if (level == SOL_RDGRAM)
		return get_rdgram(rdg_sk(sk), name, val, len);
#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family == AF_INET6)
		return ipv6_getsockopt(sk, level, name, val, len);
#endif
	return ip_getsockopt(sk, level, name, val, len);
}

/**
 * rdg_sock_ioctl - ioctl()
 * @sk: the socket
 * @cmd: SIOCINQ: length of the next message; SIOCOUTQ: how much of the send
 *	buffer is used; both in bytes
 * @answer: filled in
 *
 * Context: process.
 * Return: 0; -ENOIOCTLCMD.
 */
int rdg_sock_ioctl(struct sock *sk, int cmd, int *answer)
{
	switch (cmd) {
	case SIOCINQ:
		*answer = rdg_inbox_next_length(rdg_sk(sk));
		return 0;
	case SIOCOUTQ:
		*answer = rdg_quota_used(rdg_sk(sk));
		return 0;
	}
	return -ENOIOCTLCMD;
}
