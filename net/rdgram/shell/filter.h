/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Filters of a socket (SO_ATTACH_FILTER, SO_ATTACH_BPF).
 */
#ifndef _RDGRAM_SHELL_FILTER_H
#define _RDGRAM_SHELL_FILTER_H

#include <linux/rcupdate.h>
#include <net/sock.h>
#include "peer.h"

/* Has the socket one? May change at any time. */
static inline bool rdg_filter_is_set(const struct sock *sk)
{
	return rcu_access_pointer(sk->sk_filter);
}

enum rdg_verdict rdg_filter_ask(struct rdg_peer *p, struct rdg_buf *chain, u32 len);

#endif /* _RDGRAM_SHELL_FILTER_H */
