/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The inbox of a socket: messages that are whole, in turn and not yet read.
 */
#ifndef _RDGRAM_SHELL_INBOX_H
#define _RDGRAM_SHELL_INBOX_H

#include "rbuf.h"

void rdg_inbox_init(struct rdg_sock *ep);
void rdg_inbox_add(struct rdg_sock *ep, struct list_head *messages);
struct rdg_rbuf *rdg_inbox_get(struct sock *sk, int flags, int *off, int *err);
void rdg_inbox_back(struct sock *sk, struct rdg_rbuf *r);
void rdg_inbox_peeked(struct rdg_sock *ep, struct rdg_rbuf *r);
void rdg_inbox_read(struct rdg_sock *ep, struct rdg_rbuf *r);
void rdg_inbox_tell(struct rdg_sock *ep);
void rdg_inbox_idle(struct rdg_sock *ep);
void rdg_inbox_purge(struct rdg_sock *ep);
int rdg_inbox_next_length(struct rdg_sock *ep);

/* Whoever puts something there looks afterwards for who waits: an answer that is out of date is
 * asked for again.
 */
static inline bool rdg_inbox_empty(const struct rdg_sock *ep)
{
	/* See above. */
	return data_race(list_empty_careful(&ep->inbox));
}

#endif /* _RDGRAM_SHELL_INBOX_H */
