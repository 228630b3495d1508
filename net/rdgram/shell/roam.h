/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Our own address is gone.
 */
#ifndef _RDGRAM_SHELL_ROAM_H
#define _RDGRAM_SHELL_ROAM_H

#include "peer.h"

void rdg_roam(struct rdg_peer *p);

#endif /* _RDGRAM_SHELL_ROAM_H */
