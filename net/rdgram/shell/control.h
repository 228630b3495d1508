/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Control messages: what recvmsg() tells beside the payload.
 */
#ifndef _RDGRAM_SHELL_CONTROL_H
#define _RDGRAM_SHELL_CONTROL_H

#include "rbuf.h"

bool rdg_control_wants_header(const struct sock *sk);
void rdg_control_put(struct sock *sk, struct msghdr *msg, const struct rdg_rbuf *r);

#endif /* _RDGRAM_SHELL_CONTROL_H */
