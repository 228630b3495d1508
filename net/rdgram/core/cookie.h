/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The stateless half of the handshake: answering INIT, checking COOKIE.
 */
#ifndef _RDGRAM_CORE_COOKIE_H
#define _RDGRAM_CORE_COOKIE_H

#include "link.h"

/* How long a cookie opens a link, and an id stays used up; ns. */
#define RDG_COOKIE_LIFE		(10 * NSEC_PER_SEC)
#define RDG_TOMBSTONE_LIFE	(20 * NSEC_PER_SEC)

/* Cookie time counts in units of 2^16 ns: fine enough to order handshakes. */
#define RDG_COOKIE_TIME_SHIFT	16

u32 rdg_cookie_time(u64 now);
u64 rdg_cookie_issued(u32 time, u64 now);
u32 rdg_cookie_answer(const struct rdg_self *self, const struct rdg_flow *flow,
		      const struct rdg_header *init, const struct rdg_link *l, u32 credit,
		      bool full, u64 now, u8 *to);
bool rdg_cookie_good(const struct rdg_self *self, const struct rdg_flow *flow, u64 own_id,
		     const struct rdg_cookie_frame *c, u64 now);

#endif /* _RDGRAM_CORE_COOKIE_H */
