/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The send buffer: how much of it each peer may have.
 */
#ifndef _RDGRAM_SHELL_QUOTA_H
#define _RDGRAM_SHELL_QUOTA_H

#include "peer.h"

/* What a message costs in sk_sndbuf beyond its length. */
#define RDG_QUOTA_COST		512

/* How far peers that have nothing queued may pass sk_sndbuf, together. */
#define RDG_QUOTA_EXTRA		(4 * RDG_MAX_MESSAGE)

bool rdg_quota_take(struct rdg_peer *p, long cost);
void rdg_quota_give(struct rdg_peer *p, long cost, long kept);
void rdg_quota_told(struct rdg_sock *ep, long kept);
long rdg_quota_used(struct rdg_sock *ep);
void rdg_quota_forget(struct rdg_peer *p);
void rdg_quota_retry(struct rdg_peer *p);
void rdg_quota_retry_any(struct rdg_sock *ep);
bool rdg_quota_open_to(struct rdg_sock *ep, const struct rdg_peer *p);
bool rdg_quota_is_roomy(const struct rdg_peer *p);
bool rdg_quota_open(struct rdg_sock *ep, bool told);

#endif /* _RDGRAM_SHELL_QUOTA_H */
