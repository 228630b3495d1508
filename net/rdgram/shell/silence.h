/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Silent peers: how often they are probed, and when at once.
 */
#ifndef _RDGRAM_SHELL_SILENCE_H
#define _RDGRAM_SHELL_SILENCE_H

#include "peer.h"

/* What each silent peer of a namespace adds to the time between two probes of
 * one of them; ns. With the jitter, which shortens by a sixteenth in the mean,
 * they come to 700 probes a second in all: they do not spread evenly, and are
 * to stay below 1,000 in any second.
 */
#define RDG_SILENCE_SHARE	(NSEC_PER_SEC / 650)

void rdg_silence_account(struct rdg_peer *p);
u64 rdg_silence_share(const struct rdg_net *rn);
void rdg_silence_init(struct rdg_net *rn);
void rdg_silence_exit(struct rdg_net *rn);
int rdg_silence_register(void);
void rdg_silence_unregister(void);

#endif /* _RDGRAM_SHELL_SILENCE_H */
