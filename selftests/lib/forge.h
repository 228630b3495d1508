/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Packets of rdgram made by hand, and a link that is kept by hand: what an attacker
 * sends who knows the protocol. Documentation/protocol.rst says what is where.
 */
#ifndef TEST_FORGE_H
#define TEST_FORGE_H

#include "addr.h"
#include "raw.h"
#include "types.h"

/* Types of packets, and of frames. */
enum {
	FORGE_INIT = 1, FORGE_CHALLENGE, FORGE_CONFIRM, FORGE_DATA, FORGE_RESET, FORGE_VERSION,
};

enum {
	FORGE_PING = 1, FORGE_ACK, FORGE_REPORT, FORGE_MSG, FORGE_END, FORGE_END_ACK,
	FORGE_COOKIE, FORGE_BASE, FORGE_PATH_CHECK = 16, FORGE_PATH_ANSWER,
};

/* Flags of MSG, and of REPORT. */
#define FORGE_OFFSET	1
#define FORGE_LAST	2
#define FORGE_ACK_NOW	4
#define FORGE_CLOSED	1

/* A packet: begun, filled with frames, and ended, in that order. */
struct forge {
	u8 data[RAW_PAYLOAD];
	size_t len;
	size_t payload;		/* of the MSG frames so far */
};

void forge_init(struct forge *f, u64 src_id, u64 src_inc);

/* RESET and VERSION: @word is the reason and three zeros, or the two versions and two. */
void forge_reflect(struct forge *f, u8 type, u64 reflected, u32 word);

/* CONFIRM and DATA. */
void forge_begin(struct forge *f, u8 type, u64 dst_id, u32 pn);
void forge_ping(struct forge *f);
void forge_ack(struct forge *f, u32 largest, u16 count);
void forge_report(struct forge *f, u32 delivered, u32 credit, u8 flags);
void forge_piece(struct forge *f, u8 flags, u16 len, u32 seq, u32 off);
void forge_base(struct forge *f, u64 base);
void forge_end(struct forge *f);

/* All that a COOKIE says. */
struct forge_cookie {
	u64 src_id, src_inc, dst_inc, cookie;
	u32 time;
};

void forge_cookie(struct forge *f, const struct forge_cookie *c);

/*
 * Ask, by a UDP socket that is connected to the other side, with @c's source id and
 * incarnation, for the rest of it; the id that is the other side's.
 */
u64 forge_ask(int fd, struct forge_cookie *c);

/* A link that is open as long as somebody cares for it. */
struct forge_link {
	int fd;			/* a UDP socket that is connected to the other side */
	u64 src_id, src_inc;	/* our own */
	u64 dst_id;		/* what the other side wants to read in our packets */
	u32 pn;			/* our next packet number */
};

/*
 * Open a link by the handshake that everybody has to go through. It begins with message
 * 1, and gives @credit. What the other side does not do ends the test.
 */
void forge_open(struct forge_link *l, int fd, u32 credit);

/*
 * Another link of the same incarnation in the place of an open one, the messages of which
 * begin with @base.
 */
void forge_open_again(struct forge_link *l, u32 credit, u64 base);

/* Begin the next packet of the link; send one that is ended; end it and send it. */
void forge_next(struct forge_link *l, struct forge *f);
void forge_say(const struct forge_link *l, const struct forge *f);
void forge_send(const struct forge_link *l, struct forge *f);

/* The packet number of the next DATA that came; -1 if none is there. */
s64 forge_heard(const struct forge_link *l);

#endif /* TEST_FORGE_H */
