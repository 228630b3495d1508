/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * /proc/net/rdgram and /proc/net/rdgram_stat.
 */
#ifndef _RDGRAM_SHELL_PROC_H
#define _RDGRAM_SHELL_PROC_H

#include "net.h"

int rdg_proc_init(struct rdg_net *rn);
void rdg_proc_exit(struct rdg_net *rn);

#endif /* _RDGRAM_SHELL_PROC_H */
