/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Notices: what became of messages and peers, for MSG_ERRQUEUE.
 */
#ifndef _RDGRAM_SHELL_NOTICE_H
#define _RDGRAM_SHELL_NOTICE_H

#include <uapi/linux/rdgram.h>
#include "peer.h"

/**
 * struct rdg_notice - a notice that waits to be read
 *
 * @node: in rdg_sock.notice_list.
 * @peer: the peer whose @notice points here, or NULL; only while the peer
 *	lives.
 * @from: the peer's address.
 * @type: enum rdgram_notice.
 * @kept: what it keeps of SO_SNDBUF and of the protocol's memory while it waits; bytes.
 * @first: the first message concerned.
 * @last: the last.
 */
struct rdg_notice {
	struct list_head node;
	struct rdg_peer *peer;
	struct rdg_remote from;
	u8 type;
	u16 kept;
	u64 first;
	u64 last;
};

/* What a receipt keeps of the cost of its message. */
#define RDG_NOTICE_COST		128

u32 rdg_notice_add(struct rdg_peer *p, struct rdg_notice *n, enum rdgram_notice type, u64 first,
		   u64 last);
void rdg_notice_forget(struct rdg_peer *p);
void rdg_notice_purge(struct rdg_sock *ep);
bool rdg_notice_pending(const struct rdg_sock *ep);
int rdg_notice_recv(struct sock *sk, struct msghdr *msg);

#endif /* _RDGRAM_SHELL_NOTICE_H */
