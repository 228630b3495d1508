/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * net.rdgram.*: what a network namespace may set.
 */
#ifndef _RDGRAM_SHELL_SYSCTL_H
#define _RDGRAM_SHELL_SYSCTL_H

#include "net.h"

int rdg_sysctl_init(struct rdg_net *rn);
void rdg_sysctl_exit(struct rdg_net *rn);

#endif /* _RDGRAM_SHELL_SYSCTL_H */
