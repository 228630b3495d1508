/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Errors that a program is told by its next call, or by the error queue.
 */
#ifndef _RDGRAM_SHELL_FAULT_H
#define _RDGRAM_SHELL_FAULT_H

#include "peer.h"

/**
 * struct rdg_fault - what an ICMP message says of a packet of ours
 *
 * @err: errno.
 * @hard: it is told without being asked for, by a connected socket.
 * @origin: SO_EE_ORIGIN_ICMP or SO_EE_ORIGIN_ICMP6.
 * @type: of the ICMP message.
 * @code: likewise.
 * @ifindex: where it came in.
 * @offender: the IP header of the ICMP message; NULL: it is not known.
 * @to: where the packet was sent to.
 * @port: likewise.
 */
struct rdg_fault {
	int err;
	bool hard;
	u8 origin;
	u8 type;
	u8 code;
	int ifindex;
	const void *offender;
	struct in6_addr to;
	__be16 port;
};

void rdg_fault_owe(struct rdg_peer *p, int err);
void rdg_fault_over(struct rdg_peer *p, int err);
void rdg_fault_refused(struct rdg_peer *p);
void rdg_fault_alien(struct rdg_net *rn, const struct rdg_peer_key *key,
		     const struct in6_addr *local);
void rdg_fault_icmp(struct sock *sk, const struct rdg_fault *f);

#endif /* _RDGRAM_SHELL_FAULT_H */
