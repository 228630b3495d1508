// SPDX-License-Identifier: GPL-2.0-only
/*
 * Control messages of sendmsg(), see ask.h. As with UDP those of the IP layer count that
 * a packet for this address has, and others are passed over. What cannot be done is
 * refused: IP options and extension headers, and datagrams cut out of a buffer.
 */
#include <linux/skbuff.h>
#include <net/addrconf.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/sock.h>
#include <uapi/linux/rdgram.h>
#include "ask.h"
#include "compat.h"

static void wish(struct rdg_wishes *w, enum rdg_wish what)
{
	w->set |= what;
}

/* An int between @least and @most. */
static int read_int(const struct cmsghdr *c, int least, int most, int *value)
{
	if (c->cmsg_len != CMSG_LEN(sizeof(int)))
		return -EINVAL;
	memcpy(value, CMSG_DATA(c), sizeof(*value));
	return *value < least || *value > most ? -EINVAL : 0;
}

static int read_ttl(const struct cmsghdr *c, int least, struct rdg_wishes *w)
{
	int value, err = read_int(c, least, 255, &value);

	if (err || value < 0)
		return err;
	w->ttl = value;
	wish(w, RDG_WISH_TTL);
	return 0;
}

static int read_tos(const struct cmsghdr *c, int least, struct rdg_wishes *w)
{
	int value, err;

	if (c->cmsg_type == IP_TOS && c->cmsg_len == CMSG_LEN(sizeof(u8))) {
		value = *(const u8 *)CMSG_DATA(c);
	} else {
		err = read_int(c, least, 255, &value);
		if (err || value < 0)
			return err;
	}
	w->tos = value;
	wish(w, RDG_WISH_TOS);
	return 0;
}

static int read_pktinfo4(const struct cmsghdr *c, struct rdg_ask *ask)
{
	struct in_pktinfo info;

	if (c->cmsg_len != CMSG_LEN(sizeof(info)))
		return -EINVAL;
	memcpy(&info, CMSG_DATA(c), sizeof(info));
	ask->device = info.ipi_ifindex ?: ask->device;
	if (info.ipi_spec_dst.s_addr)
		ipv6_addr_set_v4mapped(info.ipi_spec_dst.s_addr, &ask->local);
	return 0;
}

static int read_ip(const struct cmsghdr *c, struct rdg_ask *ask)
{
	switch (c->cmsg_type) {
	case IP_PKTINFO:
		return read_pktinfo4(c, ask);
	case IP_TTL:
		return read_ttl(c, 1, &ask->wishes);
	case IP_TOS:
		return read_tos(c, 0, &ask->wishes);
	case IP_RETOPTS:
		return -EOPNOTSUPP;
	}
	return -EINVAL;
}

#if IS_ENABLED(CONFIG_IPV6)
/* One that somebody else has for himself alone is refused (IPV6_FLOWLABEL_MGR). */
static int wish_label(struct sock *sk, __be32 flow, struct rdg_wishes *w)
{
	__be32 label = flow & IPV6_FLOWLABEL_MASK;
	struct ip6_flowlabel *leased;

	if (!label)
		return 0;
	leased = fl6_sock_lookup(sk, label);
	if (IS_ERR(leased))
		return -EINVAL;
	fl6_sock_release(leased);
	w->label = label;
	wish(w, RDG_WISH_LABEL);
	return 0;
}

/* IPV6_FLOWINFO_SEND: it stands beside the address. */
static int read_label(struct sock *sk, const struct msghdr *msg, const struct rdg_remote *to,
		      struct rdg_wishes *w)
{
	const struct sockaddr_in6 *sin6 = msg->msg_name;

	if (sk->sk_family != AF_INET6 || !rdg_sends_flow(sk) || rdg_is_v4(&to->addr))
		return 0;
	return wish_label(sk, sin6 && sin6->sin6_family == AF_INET6 ? sin6->sin6_flowinfo :
							READ_ONCE(inet6_sk(sk)->flow_label), w);
}

static int read_flowinfo(struct sock *sk, const struct cmsghdr *c, struct rdg_wishes *w)
{
	__be32 flow;

	if (c->cmsg_len < CMSG_LEN(sizeof(flow)))
		return -EINVAL;
	memcpy(&flow, CMSG_DATA(c), sizeof(flow));
	return wish_label(sk, flow, w);
}

/* May a message leave by this device? The socket, or the address that it goes to, may
 * name one already.
 */
static int check_device(struct sock *sk, const struct rdg_remote *to, int device)
{
	int named = to->scope ?: rdg_device_of_sock(sk);

	if (!named || named == device)
		return 0;
	if (named == READ_ONCE(sk->sk_bound_dev_if) && sk_dev_equal_l3scope(sk, device))
		return 0;
	return -EINVAL;
}

/* Is it an address of ours, of this device (0: any) if it is one of a link? */
static int check_local6(struct sock *sk, const struct in6_addr *local, int device)
{
	int type = __ipv6_addr_type(local);
	struct net_device *dev = NULL;
	bool ours, strict;

	if (device)
		dev = dev_get_by_index_rcu(sock_net(sk), device);
	if (device && !dev)
		return -ENODEV;
	if (!device && (type & IPV6_ADDR_LINKLOCAL))
		return -EINVAL;
	strict = __ipv6_addr_src_scope(type) <= IPV6_ADDR_SCOPE_LINKLOCAL;
	ours = type == IPV6_ADDR_ANY || rdg_may_bind_nonlocal(sk) ||
	       ipv6_chk_addr_and_flags(sock_net(sk), local, dev, !strict, 0, IFA_F_TENTATIVE);
	return ours ? 0 : -EINVAL;
}

static int read_plain_pktinfo6(struct sock *sk, const struct in6_pktinfo *info,
			       struct rdg_remote *to, struct rdg_ask *ask)
{
	int device = info->ipi6_ifindex, err = 0;

	if (device) {
		err = check_device(sk, to, device);
		ask->device = device;
		to->scope = to->scope ? device : 0;
	}
	if (err)
		return err;
	rcu_read_lock();
	err = check_local6(sk, &info->ipi6_addr, device ?: to->scope ?: rdg_device_of_sock(sk));
	rcu_read_unlock();
	if (!ipv6_addr_any(&info->ipi6_addr))
		ask->local = info->ipi6_addr;
	return err;
}

static int read_pktinfo6(struct sock *sk, const struct cmsghdr *c, struct rdg_remote *to,
			 struct rdg_ask *ask)
{
	struct in6_pktinfo info;

	if (c->cmsg_len < CMSG_LEN(sizeof(info)))
		return -EINVAL;
	memcpy(&info, CMSG_DATA(c), sizeof(info));
	if (!rdg_is_v4(&to->addr))
		return rdg_is_v4(&info.ipi6_addr) ? -EINVAL :
						    read_plain_pktinfo6(sk, &info, to, ask);
	if (!rdg_is_v4(&info.ipi6_addr))
		return -EINVAL;
	ask->device = info.ipi6_ifindex ?: ask->device;
	if (rdg_v4(&info.ipi6_addr))
		ask->local = info.ipi6_addr;
	return 0;
}

static int read_ipv6(struct sock *sk, const struct cmsghdr *c, struct rdg_remote *to,
		     struct rdg_ask *ask)
{
	int value;

	switch (c->cmsg_type) {
	case IPV6_PKTINFO:
	case IPV6_2292PKTINFO:
		return read_pktinfo6(sk, c, to, ask);
	case IPV6_HOPLIMIT:
	case IPV6_2292HOPLIMIT:
		return read_ttl(c, -1, &ask->wishes);
	case IPV6_TCLASS:
		return read_tos(c, -1, &ask->wishes);
	case IPV6_FLOWINFO:
		return read_flowinfo(sk, c, &ask->wishes);
	case IPV6_DONTFRAG:
		/* No packet is ever cut into fragments. */
		return read_int(c, 0, 1, &value);
	case IPV6_HOPOPTS:
	case IPV6_2292HOPOPTS:
	case IPV6_DSTOPTS:
	case IPV6_2292DSTOPTS:
	case IPV6_RTHDRDSTOPTS:
	case IPV6_RTHDR:
	case IPV6_2292RTHDR:
		return -EOPNOTSUPP;
	}
	return -EINVAL;
}
#else
static int read_ipv6(struct sock *sk, const struct cmsghdr *c, struct rdg_remote *to,
		     struct rdg_ask *ask)
{
	return -EINVAL;
}

static int read_label(struct sock *sk, const struct msghdr *msg, const struct rdg_remote *to,
		      struct rdg_wishes *w)
{
	return 0;
}
#endif

static int read_one(struct sock *sk, const struct cmsghdr *c, struct rdg_remote *to,
		    struct rdg_ask *ask)
{
	bool v4 = rdg_is_v4(&to->addr);

	switch (c->cmsg_level) {
	case SOL_UDP:
	case SOL_RDGRAM:
		return -EINVAL;
	case SOL_IP:
		return v4 ? read_ip(c, ask) : 0;
	case SOL_IPV6:
		if (sk->sk_family == AF_INET6 && (!v4 || c->cmsg_type == IPV6_PKTINFO))
			return read_ipv6(sk, c, to, ask);
	}
	return 0;
}

static int read_all(struct sock *sk, struct msghdr *msg, struct rdg_remote *to,
		    struct rdg_ask *ask)
{
	struct cmsghdr *c;
	int err;

	for_each_cmsghdr(c, msg) {
		if (!CMSG_OK(msg, c))
			return -EINVAL;
		err = read_one(sk, c, to, ask);
		if (err)
			return err;
	}
	return 0;
}

/* The last reference may be that of a stamped packet, which anybody frees, also with
 * interrupts disabled: that is no time for what is done then.
 */
static void destruct_later(struct sock *sk)
{
	if (sock_flag(sk, SOCK_RCU_FREE))
		return;
	lock_sock(sk);
	sock_set_flag(sk, SOCK_RCU_FREE);
	release_sock(sk);
}

/* What is asked for at level SOL_SOCKET, and for all messages. */
static int read_generic(struct sock *sk, struct msghdr *msg, struct rdg_wishes *w)
{
	struct sockcm_cookie cookie;
	u32 mark = READ_ONCE(sk->sk_mark);
	int err;

	sockcm_init(&cookie, sk);
	cookie.mark = mark;
	err = msg->msg_controllen ? sock_cmsg_send(sk, msg, &cookie) : 0;
	if (err)
		return err;
	/* It leaves when the path has room for it. */
	if (cookie.transmit_time)
		return -EOPNOTSUPP;
	if (cookie.mark != mark) {
		w->mark = cookie.mark;
		wish(w, RDG_WISH_MARK);
	}
	if (rdg_cookie_priority(&cookie, &w->priority) && w->priority != READ_ONCE(sk->sk_priority))
		wish(w, RDG_WISH_PRIORITY);
	if (rdg_cookie_key(&cookie, &w->key))
		wish(w, RDG_WISH_KEY);
	if (!(cookie.tsflags & RDG_ASK_STAMPS))
		return 0;
	destruct_later(sk);
	wish(w, RDG_WISH_STAMP);
	if (cookie.tsflags & SOF_TIMESTAMPING_TX_SOFTWARE)
		w->stamps |= SKBTX_SW_TSTAMP;
	if (cookie.tsflags & SOF_TIMESTAMPING_TX_SCHED)
		w->stamps |= SKBTX_SCHED_TSTAMP;
	return 0;
}

/**
 * rdg_ask_read - what is asked for a message
 * @sk: the socket
 * @msg: the message, of which rdg_ask_any() is true
 * @to: where it goes; its scope may be set
 * @ask: filled in
 *
 * Context: process.
 * Return: 0; -EINVAL; -EPERM; -ENODEV; -EOPNOTSUPP for what a UDP socket can and this one cannot.
 */
int rdg_ask_read(struct sock *sk, struct msghdr *msg, struct rdg_remote *to,
		 struct rdg_ask *ask)
{
	int err;

	*ask = (struct rdg_ask){};
	if (msg->msg_flags & MSG_CONFIRM)
		wish(&ask->wishes, RDG_WISH_CONFIRM);
	err = read_generic(sk, msg, &ask->wishes);
	if (!err)
		err = read_label(sk, msg, to, &ask->wishes);
	if (!err)
		err = read_all(sk, msg, to, ask);
#if IS_ENABLED(CONFIG_IPV6)
	if (!err && sk->sk_family == AF_INET6)
		err = rdg_remote_complete(sk, to, ask->device);
#endif
	return err;
}
