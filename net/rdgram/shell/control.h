/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Control messages: what recvmsg() tells beside the payload.
 */
#ifndef _RDGRAM_SHELL_CONTROL_H
#define _RDGRAM_SHELL_CONTROL_H

#include <net/ip.h>
#include <net/ipv6.h>
#include "compat.h"
#include "rbuf.h"

/* What is asked for that stands in the packet's IP header. */
#define RDG_HEADER_CMSGS	(IP_CMSG_TTL | IP_CMSG_TOS | IP_CMSG_ORIGDSTADDR)

/* Is any of these asked for (IP_CMSG_*), or anything of IPv6's? */
static inline bool rdg_control_wants(const struct sock *sk, unsigned long flags)
{
	if (rdg_cmsg_flags(sk) & flags)
		return true;
#if IS_ENABLED(CONFIG_IPV6)
	return sk->sk_family == AF_INET6 && inet6_sk(sk)->rxopt.all;
#else
	return false;
#endif
}

void rdg_control_put(struct sock *sk, struct msghdr *msg, const struct rdg_rbuf *r);

#endif /* _RDGRAM_SHELL_CONTROL_H */
