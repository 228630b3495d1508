/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Silent peers: how often they are probed, and when at once.
 */
#ifndef _RDGRAM_SHELL_SILENCE_H
#define _RDGRAM_SHELL_SILENCE_H

#include "peer.h"

/* Probes a second that the silent peers of a namespace share. With the jitter, which
 * shortens by a sixteenth in the mean, they come to 700: they do not spread evenly, and
 * are to stay below 1,000 in any second.
 */
#define RDG_SILENCE_RATE	650

/* What each adds to the time between two probes of one of them, if all are alike; ns. */
#define RDG_SILENCE_SHARE	(NSEC_PER_SEC / RDG_SILENCE_RATE)

void rdg_silence_account(struct rdg_peer *p);
u32 rdg_silence_count(const struct rdg_net *rn);
u64 rdg_silence_share(const struct rdg_peer *p);
void rdg_silence_init(struct rdg_net *rn);
void rdg_silence_exit(struct rdg_net *rn);
int rdg_silence_register(void);
void rdg_silence_unregister(void);

#endif /* _RDGRAM_SHELL_SILENCE_H */
