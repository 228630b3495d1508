/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What floods are made of, where they come from somebody who has a link, as anybody may who
 * can be answered.
 */
#ifndef TEST_FLOOD_PEER_H
#define TEST_FLOOD_PEER_H

#include "beside.h"
#include "forge.h"
#include "types.h"

enum {
	FLOOD_PEER_ACKS,
	FLOOD_PEER_OPTIMISTIC_ACKS,
	FLOOD_PEER_REPORTS,
	FLOOD_PEER_TINY_FRAGMENTS,
	FLOOD_PEER_NEVER_WHOLE,
	FLOOD_PEER_FAR_AHEAD,
	FLOOD_PEER_SEQUENCES,
	FLOOD_PEER_NUMBERS,
	FLOOD_PEER_NO_CREDIT,
	FLOOD_PEER_LESS_CREDIT,
	FLOOD_PEER_KINDS
};

#define FLOOD_PEER_CREDIT	60000	/* what everybody has is a little more */

struct flood_peer {
	struct beside *b;
	u16 port;
	int fd;
	struct forge_link link;
	bool hears;		/* anything, so far */
	u32 first;		/* number of the first packet that came from the victim */
	u32 heard;		/* number of the newest packet that came from the victim */
	u64 said;		/* packets of the flood so far */
};

/* The attacker, at a port of his own address, gets a link to the victim. */
void flood_peer_open(struct flood_peer *p, struct beside *b, u16 port);
void flood_peer_close(struct flood_peer *p);

/* His next packet of a kind. */
void flood_peer_make(struct flood_peer *p, int kind, struct forge *f);

/* He sends so many packets of a kind, one after the other, and listens. */
void flood_peer_send(struct flood_peer *p, int kind, u64 packets);

/* What a kind is called. */
const char *flood_peer_name(int kind);

/* Bytes of each message that he is sent before the attack begins, see flood_peer_fill(); 0: he
 * is sent none.
 */
size_t flood_peer_takes(int kind);

/*
 * The victim sends him all that it may have on its way to one who takes nothing; the
 * number of messages.
 */
int flood_peer_fill(const struct flood_peer *p, int kind);

#endif /* TEST_FLOOD_PEER_H */
