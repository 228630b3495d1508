/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The cubic function of RFC 9438, section 4.2, in integers.
 */
#ifndef _RDGRAM_CORE_CUBIC_H
#define _RDGRAM_CORE_CUBIC_H

#include <linux/types.h>

/* Times are counted in 2^-14 s, and no longer than two minutes. */
#define RDG_CUBIC_SHIFT		14
#define RDG_CUBIC_TIME_MAX	(BIT(21) - 1)

u32 rdg_cubic_root(u64 x);
u32 rdg_cubic_k(u32 below, u32 mtu);
u32 rdg_cubic_window(u64 t, u32 k, u32 w_max, u32 mtu);

#endif /* _RDGRAM_CORE_CUBIC_H */
