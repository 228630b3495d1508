/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The choice of congestion control: of a socket, and of a namespace.
 */
#ifndef _RDGRAM_SHELL_CONGESTION_H
#define _RDGRAM_SHELL_CONGESTION_H

#include <linux/sockptr.h>
#include "sock.h"

int rdg_congestion_set(struct rdg_sock *ep, sockptr_t val, unsigned int len);
int rdg_congestion_init(struct rdg_net *rn);
void rdg_congestion_exit(struct rdg_net *rn);

#endif /* _RDGRAM_SHELL_CONGESTION_H */
