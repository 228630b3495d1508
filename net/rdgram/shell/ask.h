/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a program asks for one message, by control messages or for all of a socket's.
 */
#ifndef _RDGRAM_SHELL_ASK_H
#define _RDGRAM_SHELL_ASK_H

#include <linux/net_tstamp.h>
#include <net/sock.h>
#include "address.h"
#include "compat.h"
#include "message.h"

/**
 * struct rdg_ask - what is asked for a message that is about to be sent
 *
 * @local: the address of ours that it is to come from; unspecified: any.
 * @device: the device that it is to leave by; 0: any.
 * @wishes: what the packets that carry it are to be like.
 * @numbered: struct rdg_wishes.key is set.
 */
struct rdg_ask {
	struct in6_addr local;
	int device;
	struct rdg_wishes wishes;
	bool numbered;
};

/* Timestamps of what is sent that are there to be had. */
#define RDG_ASK_STAMPS	(SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_TX_SCHED)

/* Is anything asked for, or does the message go as it comes? */
static inline bool rdg_ask_any(const struct sock *sk, const struct msghdr *msg)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family == AF_INET6 && rdg_sends_flow(sk))
		return true;
#endif
	return msg->msg_controllen || (msg->msg_flags & MSG_CONFIRM) ||
	       (READ_ONCE(sk->sk_tsflags) & RDG_ASK_STAMPS);
}

int rdg_ask_read(struct sock *sk, struct msghdr *msg, struct rdg_remote *to,
		 struct rdg_ask *ask);

#endif /* _RDGRAM_SHELL_ASK_H */
