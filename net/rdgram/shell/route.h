/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Routes.
 */
#ifndef _RDGRAM_SHELL_ROUTE_H
#define _RDGRAM_SHELL_ROUTE_H

#include <net/dst.h>
#include "../core/link.h"

int rdg_route_check_direct(struct sock *sk, const struct rdg_flow *flow, int device);
struct dst_entry *rdg_route(struct sock *sk, struct rdg_flow *flow, int device);
u32 rdg_route_headroom(const struct dst_entry *dst);
u32 rdg_route_limit(const struct dst_entry *dst, const struct rdg_flow *flow);
bool rdg_route_is_timed(const struct dst_entry *dst, u32 priority);
bool rdg_route_is_resolved(const struct dst_entry *dst, const struct rdg_flow *flow);
void rdg_route_train(const struct dst_entry *dst, const struct rdg_flow *flow, u32 *bytes,
		     u32 *packets);
u32 rdg_route_cookie(struct dst_entry *dst, const struct rdg_flow *flow);

#endif /* _RDGRAM_SHELL_ROUTE_H */
