/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Packets out.
 */
#ifndef _RDGRAM_SHELL_XMIT_H
#define _RDGRAM_SHELL_XMIT_H

#include "peer.h"

int rdg_xmit_device(const struct rdg_peer *p, const struct rdg_flow *flow, int device);
void rdg_xmit_packets(struct rdg_peer *p, const struct rdg_flow *flow, int device,
		      bool reroute, struct sk_buff_head *packets);
void rdg_xmit_aside(struct rdg_net *rn, struct sock *inner, struct sock *sk,
		    const struct rdg_flow *flow, int device, struct sk_buff *skb);
void rdg_xmit_answer(struct rdg_net *rn, struct sock *inner, struct sock *sk,
		     const struct rdg_flow *flow, int device, const u8 *data, u32 len);

#endif /* _RDGRAM_SHELL_XMIT_H */
