/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The size of packets: path MTU discovery by probing, RFC 8899 (DPLPMTUD).
 *
 * All sizes are bytes of UDP payload, RFC 8899's PLPMTU.
 */
#ifndef _RDGRAM_CORE_MTU_H
#define _RDGRAM_CORE_MTU_H

#include <linux/time64.h>
#include <linux/types.h>

/* RFC 8899, 5.1.2: MIN_PLPMTU. All packets but those with payload are smaller. */
#define RDG_MTU_MIN		256

/* The largest payload of a UDP datagram over IPv4. */
#define RDG_MTU_MAX		65507

/* RFC 8899, 5.1.2: MAX_PROBES. */
#define RDG_MTU_PROBES		3

/* RFC 8899, 5.1.1: PMTU_RAISE_TIMER; ns. */
#define RDG_MTU_RAISE		(600 * NSEC_PER_SEC)

/**
 * enum rdg_mtu_state - the phases of RFC 8899, 5.2
 *
 * @RDG_MTU_DISABLED: the driver has not said what the local interface carries.
 * @RDG_MTU_BASE: it is to be confirmed that the path carries the base.
 * @RDG_MTU_SEARCHING: sizes above the current one are tried.
 * @RDG_MTU_COMPLETE: the current size is used; after a while it is tried
 *	whether the path carries more now.
 * @RDG_MTU_ERROR: the path does not carry the base: sizes below it are used,
 *	and tried.
 */
enum rdg_mtu_state {
	RDG_MTU_DISABLED,
	RDG_MTU_BASE,
	RDG_MTU_SEARCHING,
	RDG_MTU_COMPLETE,
	RDG_MTU_ERROR,
};

/**
 * struct rdg_mtu - the search for the largest packet that the path carries
 *
 * @pn: packet number of the last probe.
 * @sent: when that one left: it may be lost a probe timeout later (PROBE_TIMER); ns.
 * @raise_at: when to search again (PMTU_RAISE_TIMER); RDG_NEVER: not set.
 * @since: packets that were sent before it say nothing of a black hole; ns.
 * @failed: no size from here on is tried; rdg_link.limit + 1 or less.
 * @probe: the size that is tried; 0: none.
 * @size: of the probe numbered @pn; 0: it was acknowledged, or there is none.
 * @suspect: smallest size that was lost and may be too large; 0: none.
 * @state: enum rdg_mtu_state.
 * @tries: probes of size @probe that were lost.
 * @holes: how often @suspect was lost while something smaller got through.
 * @out: the last probe is on its way.
 * @again: @suspect was lost since @holes was counted.
 * @aimed: the largest size possible was tried, once.
 */
struct rdg_mtu {
	u64 pn;
	u64 sent;
	u64 raise_at;
	u64 since;
	u16 failed;
	u16 probe;
	u16 size;
	u16 suspect;
	u8 state;
	u8 tries;
	u8 holes;
	bool out;
	bool again;
	bool aimed;
};

const char *rdg_mtu_state_name(enum rdg_mtu_state state);

#endif /* _RDGRAM_CORE_MTU_H */
