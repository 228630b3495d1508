/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Why packets were dropped, and what else a network namespace counts.
 */
#ifndef _RDGRAM_SHELL_STAT_H
#define _RDGRAM_SHELL_STAT_H

#include <linux/percpu.h>

/**
 * enum rdg_stat - counters of a network namespace, in /proc/net/rdgram_stat
 *
 * @RDG_STAT_NO_CHECKSUM: packet dropped: it came without a UDP checksum.
 * @RDG_STAT_NOT_UNICAST: packet dropped: it was broadcast or multicast.
 * @RDG_STAT_MALFORMED: packet dropped: it breaks the wire format.
 * @RDG_STAT_NO_MEMORY: packet dropped: there was no memory to look at it.
 * @RDG_STAT_UNKNOWN_TLV: packet dropped: it has a TLV that must be understood.
 * @RDG_STAT_UNKNOWN_VERSION: INIT of a version that is not known here.
 * @RDG_STAT_NO_ENDPOINT: packet dropped: no socket takes a link from there.
 * @RDG_STAT_UNKNOWN_ID: packet dropped: no link has its id.
 * @RDG_STAT_TOMBSTONE: packet dropped: the link with its id is over.
 * @RDG_STAT_WRONG_SOURCE: packet of a handshake dropped: the link with its id
 *	is not with the address it came from, or not by the one it came to.
 * @RDG_STAT_PUT_OFF: INIT not answered yet: another link with its sender comes first.
 * @RDG_STAT_PATH_REFUSED: a peer was not moved to the address it sends from:
 *	another one is there, or no memory.
 * @RDG_STAT_BAD_COOKIE: CONFIRM dropped: its cookie cannot open a link.
 * @RDG_STAT_NOT_OPENED: CONFIRM dropped: another link is in its way.
 * @RDG_STAT_UNMATCHED: RESET or VERSION dropped: no link sent what it answers.
 * @RDG_STAT_LIMITED: RESET or VERSION not sent: there were too many.
 * @RDG_STAT_RESETS: RESET and VERSION sent.
 * @RDG_STAT_NO_PEER: a peer was refused: no memory, or too many.
 * @RDG_STAT_NO_LINK: packet that would have opened a link dropped: no memory.
 * @RDG_STAT_NO_ID: an id was refused: no memory, or too many; or an INIT was not
 *	answered, since there are nearly too many.
 * @RDG_STAT_NO_ROUTE: packet not sent: no route.
 * @RDG_STAT_NO_SKB: packet not sent: no memory.
 * @RDG_STAT_RCVBUF: piece of a message refused: the receive buffer is full.
 * @RDG_STAT_RCVMEM: piece of a message refused: no memory.
 * @RDG_STAT_MUTED: piece of a message refused: the socket is connected to
 *	somebody else.
 * @RDG_STAT_FILTERED: message refused: the socket's filter does not want it.
 * @RDG_STAT_NO_NOTICE: a notice of a peer was lost: no memory, or
 *	too many wait.
 * @RDG_STAT_ORPHANS: a peer of a closed socket was given up: too many.
 * @RDG_STAT_ROUSED: a silent peer was asked early: the way to it may be open
 *	again.
 * @RDG_STAT_WAITED: a first question had to wait: too many were not answered.
 * @RDG_STAT_TOO_BIG: ICMP said that a packet was too large, and is believed.
 * @RDG_STAT_TOO_BIG_IGNORED: likewise, and is not: no such packet is on its way,
 *	or the size makes no sense.
 * @RDG_STATS: how many there are.
 */
enum rdg_stat {
	RDG_STAT_NO_CHECKSUM,
	RDG_STAT_NOT_UNICAST,
	RDG_STAT_MALFORMED,
	RDG_STAT_NO_MEMORY,
	RDG_STAT_UNKNOWN_TLV,
	RDG_STAT_UNKNOWN_VERSION,
	RDG_STAT_NO_ENDPOINT,
	RDG_STAT_UNKNOWN_ID,
	RDG_STAT_TOMBSTONE,
	RDG_STAT_WRONG_SOURCE,
	RDG_STAT_PUT_OFF,
	RDG_STAT_PATH_REFUSED,
	RDG_STAT_BAD_COOKIE,
	RDG_STAT_NOT_OPENED,
	RDG_STAT_UNMATCHED,
	RDG_STAT_LIMITED,
	RDG_STAT_RESETS,
	RDG_STAT_NO_PEER,
	RDG_STAT_NO_LINK,
	RDG_STAT_NO_ID,
	RDG_STAT_NO_ROUTE,
	RDG_STAT_NO_SKB,
	RDG_STAT_RCVBUF,
	RDG_STAT_RCVMEM,
	RDG_STAT_MUTED,
	RDG_STAT_FILTERED,
	RDG_STAT_NO_NOTICE,
	RDG_STAT_ORPHANS,
	RDG_STAT_ROUSED,
	RDG_STAT_WAITED,
	RDG_STAT_TOO_BIG,
	RDG_STAT_TOO_BIG_IGNORED,
	RDG_STATS
};

/**
 * struct rdg_stats - the counters of one processor
 *
 * @n: enum rdg_stat.
 */
struct rdg_stats {
	unsigned long n[RDG_STATS];
};

#endif /* _RDGRAM_SHELL_STAT_H */
