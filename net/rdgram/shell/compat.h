/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs between the kernels that we build for, and nothing else: no
 * other file asks for a version.
 */
#ifndef _RDGRAM_SHELL_COMPAT_H
#define _RDGRAM_SHELL_COMPAT_H

#include <linux/hrtimer.h>
#include <linux/memcontrol.h>
#include <linux/net.h>
#include <linux/sched/mm.h>
#include <linux/uaccess.h>
#include <linux/version.h>
#include <linux/workqueue.h>
#include <net/inet_common.h>
#include <net/inet_sock.h>
#include <net/ipv6.h>
#include <net/route.h>
#include <net/udp.h>
#include <net/udp_tunnel.h>

/* Nanoseconds are counted in longs, and divided: the clocks of the core are 64 bits wide. */
static_assert(BITS_PER_LONG == 64, "rdgram needs a kernel of 64 bits");

/* What there is one of for each processor is used with bottom halves disabled. There that
 * need not keep others from the same processor.
 */
static_assert(!IS_ENABLED(CONFIG_PREEMPT_RT), "rdgram has not been made for PREEMPT_RT");

/* Is it this version, or a later one? */
#define RDG_SINCE(major, minor)	(LINUX_VERSION_CODE - KERNEL_VERSION(major, minor, 0) >= 0)

#if RDG_SINCE(6, 10)
#include <linux/skbuff_ref.h>
#endif

/* The sockaddr of bind and connect. */
#if RDG_SINCE(6, 19)
#define rdg_sockaddr	sockaddr_unsized
#else
#define rdg_sockaddr	sockaddr
#endif

/* recvmsg(): the length of msg_name goes to an argument, or where it belongs. */
int rdg_sock_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags, int *addr_len);

#if RDG_SINCE(7, 0)
static inline int rdg_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags)
{
	return rdg_sock_recvmsg(sk, msg, len, flags, &msg->msg_namelen);
}

static inline int rdg_recv_error(struct sock *sk, struct msghdr *msg, int len, int *addr_len)
{
	return inet_recv_error(sk, msg, len);
}
#else
#define rdg_recvmsg	rdg_sock_recvmsg
#define rdg_recv_error	inet_recv_error
#endif

/* ioctl(): the answer goes to the user, or to the caller. */
int rdg_sock_ioctl(struct sock *sk, int cmd, int *answer);

#if RDG_SINCE(6, 5)
#define rdg_ioctl	rdg_sock_ioctl
#else
static inline int rdg_ioctl(struct sock *sk, int cmd, unsigned long arg)
{
	int answer;
	int err = rdg_sock_ioctl(sk, cmd, &answer);

	return err ?: put_user(answer, (int __user *)arg);
}
#endif

/* Options of level SOL_SOCKET come to us first; since 6.7. */
static inline void rdg_see_generic_options(struct sock *sk)
{
#if RDG_SINCE(6, 7)
	set_bit(SOCK_CUSTOM_SOCKOPT, &sk->sk_socket->flags);
#endif
}

/* Where the kernel finds the ipv6_pinfo of a socket. */
#if RDG_SINCE(6, 5)
#define RDG_SET_PINFO(prot, type, member) \
	((prot)->ipv6_pinfo_offset = offsetof(type, member))
#else
#define RDG_SET_PINFO(prot, type, member)	do { } while (0)
#endif

/* Memory that is charged is charged to the cgroup of a socket from here on, in
 * whatever context it is needed. Returns what the second one puts back.
 */
static inline struct mem_cgroup *rdg_charge_begin(const struct sock *sk)
{
#if !defined(CONFIG_MEMCG)
	return NULL;
#elif RDG_SINCE(6, 18)
	return set_active_memcg(mem_cgroup_from_sk(sk));
#else
	return set_active_memcg(sk->sk_memcg);
#endif
}

static inline void rdg_charge_end(struct mem_cgroup *before)
{
	set_active_memcg(before);
}

/* Its type has changed, and earlier there was none. */
static inline void rdg_take_port_range(struct sock *to, const struct sock *from)
{
#ifdef IP_LOCAL_PORT_RANGE
	inet_sk(to)->local_port_range = inet_sk(from)->local_port_range;
#endif
}

static inline void rdg_tunnel_setup(struct net *net, struct socket *sock,
				    struct udp_tunnel_sock_cfg *cfg)
{
#if RDG_SINCE(7, 0)
	setup_udp_tunnel_sock(net, sock->sk, cfg);
#else
	setup_udp_tunnel_sock(net, sock, cfg);
#endif
}

static inline void rdg_tunnel_release(struct socket *sock)
{
#if RDG_SINCE(7, 0)
	udp_tunnel_sock_release(sock->sk);
#else
	udp_tunnel_sock_release(sock);
#endif
}

static inline void rdg_tunnel_xmit4(struct rtable *rt, struct sock *sk, struct sk_buff *skb,
				    __be32 src, __be32 dst, u8 tos, u8 ttl, __be16 sport,
				    __be16 dport)
{
#if RDG_SINCE(6, 17)
	udp_tunnel_xmit_skb(rt, sk, skb, src, dst, tos, ttl, htons(IP_DF), sport, dport, false,
			    false, 0);
#else
	udp_tunnel_xmit_skb(rt, sk, skb, src, dst, tos, ttl, htons(IP_DF), sport, dport, false,
			    false);
#endif
}

#if IS_ENABLED(CONFIG_IPV6)
static inline void rdg_tunnel_xmit6(struct dst_entry *dst, struct sock *sk, struct sk_buff *skb,
				    struct in6_addr *src, struct in6_addr *daddr, u8 tclass,
				    u8 ttl, __be32 label, __be16 sport, __be16 dport)
{
#if RDG_SINCE(6, 17)
	udp_tunnel6_xmit_skb(dst, sk, skb, NULL, src, daddr, tclass, ttl, label, sport, dport,
			     false, 0);
#else
	udp_tunnel6_xmit_skb(dst, sk, skb, NULL, src, daddr, tclass, ttl, label, sport, dport,
			     false);
#endif
}
#endif

static inline void rdg_hrtimer_setup(struct hrtimer *t,
				     enum hrtimer_restart (*fn)(struct hrtimer *t))
{
#if RDG_SINCE(6, 13)
	hrtimer_setup(t, fn, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_SOFT);
#else
	hrtimer_init(t, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_SOFT);
	t->function = fn;
#endif
}

/* Work is done where it is queued; newer kernels want to be told. */
#if RDG_SINCE(6, 17)
#define RDG_WQ_PERCPU	WQ_PERCPU
#else
#define RDG_WQ_PERCPU	0
#endif

/* When to depart, by CLOCK_MONOTONIC: that clock is 1 among those of newer kernels,
 * and true in older ones.
 */
static inline void rdg_set_departure(struct sk_buff *skb, u64 at)
{
	skb_set_delivery_time(skb, ns_to_ktime(at), 1);
}

/* SO_PRIORITY as a control message, since 6.14. */
static inline bool rdg_cookie_priority(const struct sockcm_cookie *cookie, u32 *priority)
{
#if RDG_SINCE(6, 14)
	*priority = cookie->priority;
	return true;
#else
	return false;
#endif
}

/* SCM_TS_OPT_ID, since 6.13. */
static inline bool rdg_cookie_key(const struct sockcm_cookie *cookie, u32 *key)
{
#if RDG_SINCE(6, 13)
	*key = cookie->ts_opt_id;
	return cookie->tsflags & SOCKCM_FLAG_TS_OPT_ID;
#else
	return false;
#endif
}

static inline unsigned long rdg_cmsg_flags(const struct sock *sk)
{
#if RDG_SINCE(6, 6)
	return inet_cmsg_flags(inet_sk(sk));
#else
	return inet_sk(sk)->cmsg_flags;
#endif
}

static inline kuid_t rdg_sk_uid(const struct sock *sk)
{
#if RDG_SINCE(6, 17)
	return sk_uid(sk);
#else
	return sk->sk_uid;
#endif
}

/* The MTU is discovered by probing alone: packets may be as large as the device
 * takes, whatever is known of the path. That is what ..._PROBE stands for, too;
 * but only with ..._INTERFACE an ICMP message, which may be forged, does not
 * change the route. It must not for IPv6, where packets of tunnels are bound by
 * it; IPv4 changes it for any UDP packet, and does not bind us by it. DF is set
 * by rdg_tunnel_xmit4().
 */
static inline void rdg_ignore_pmtu(struct sock *sk)
{
	ip_sock_set_mtu_discover(sk, IP_PMTUDISC_INTERFACE);
#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family == AF_INET6)
		inet6_sk(sk)->pmtudisc = IPV6_PMTUDISC_INTERFACE;
#endif
}

/* Are ICMP errors to be queued (IP_RECVERR, IPV6_RECVERR)? */
static inline bool rdg_wants_errors4(const struct sock *sk)
{
#if RDG_SINCE(6, 6)
	return inet_test_bit(RECVERR, sk);
#else
	return inet_sk(sk)->recverr;
#endif
}

#if IS_ENABLED(CONFIG_IPV6)
static inline bool rdg_wants_errors6(const struct sock *sk)
{
#if RDG_SINCE(6, 8)
	return inet6_test_bit(RECVERR6, sk);
#else
	return inet6_sk(sk)->recverr;
#endif
}
#endif

#if IS_ENABLED(CONFIG_IPV6)
/* Does the flow label beside an address count (IPV6_FLOWINFO_SEND)? */
static inline bool rdg_sends_flow(const struct sock *sk)
{
#if RDG_SINCE(6, 8)
	return inet6_test_bit(SNDFLOW, sk);
#else
	return inet6_sk(sk)->sndflow;
#endif
}

/* Is a packet to have a flow label of its own (IPV6_AUTOFLOWLABEL)? */
static inline bool rdg_labels_flow(const struct sock *sk)
{
#if RDG_SINCE(6, 8)
	if (inet6_test_bit(AUTOFLOWLABEL_SET, sk))
		return inet6_test_bit(AUTOFLOWLABEL, sk);
#else
	if (inet6_sk(sk)->autoflowlabel_set)
		return inet6_sk(sk)->autoflowlabel;
#endif
	return ip6_default_np_autolabel(sock_net(sk));
}
#endif

/* May it be bound to an address that is not ours? */
static inline bool rdg_may_bind_nonlocal(const struct sock *sk)
{
#if RDG_SINCE(6, 6)
	return inet_test_bit(FREEBIND, sk) || inet_test_bit(TRANSPARENT, sk);
#else
	return inet_sk(sk)->freebind || inet_sk(sk)->transparent;
#endif
}

/* A packet came in: what UDP leaves to recvmsg() to count. */
static inline void rdg_count_datagram(struct sock *sk, bool good)
{
	if (good) {
		__UDPX_INC_STATS(sk, UDP_MIB_INDATAGRAMS);
	} else {
		__UDPX_INC_STATS(sk, UDP_MIB_CSUMERRORS);
		__UDPX_INC_STATS(sk, UDP_MIB_INERRORS);
	}
}

/* A file is sent through sendmsg(). */
#if RDG_SINCE(6, 5)
#define RDG_NO_SENDPAGE
#else
#define RDG_NO_SENDPAGE	.sendpage = sock_no_sendpage,
#endif

/* The table of sysctls of a namespace: @n entries, and an empty one. */
static inline struct ctl_table_header *rdg_register_sysctl(struct net *net, const char *path,
							   struct ctl_table *table, size_t n)
{
#if RDG_SINCE(6, 6)
	return register_net_sysctl_sz(net, path, table, n);
#else
	return register_net_sysctl(net, path, table);
#endif
}

/* A route without a router. */
static inline void rdg_flow_set_direct(struct flowi4 *fl4)
{
#if RDG_SINCE(6, 10)
	fl4->flowi4_scope = RT_SCOPE_LINK;
#else
	fl4->flowi4_tos |= RTO_ONLINK;
#endif
}

/* What the handler of a sysctl is called with. */
#if RDG_SINCE(6, 11)
#define rdg_ctl_table	const struct ctl_table
#else
#define rdg_ctl_table	struct ctl_table
#endif

/* Strings of tracepoints. */
#if RDG_SINCE(6, 10)
#define rdg_assign_str(field, value)	__assign_str(field)
#else
#define rdg_assign_str(field, value)	__assign_str(field, value)
#endif

#endif /* _RDGRAM_SHELL_COMPAT_H */
