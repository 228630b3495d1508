/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A file as messages. Every message says which transfer it belongs to, its
 * number in that, and where its bytes go, so that the receiver can count
 * what was lost, doubled or out of order where the socket is a plain UDP one.
 *
 * All numbers are big-endian:
 *
 *	0   "RDGF"		4
 *	4   type		1	1: data, 2: end
 *	5   zero		3
 *	8   transfer		8	random
 *	16  index		8	data: counts from 0; end: the number of data messages
 *	24  offset		8	data: of its first byte; end: the length of the file
 *	32  total		8	the length of the file; all ones if not known yet
 *	40  the bytes, or in the end message the SHA-256 of the file
 */
#ifndef TRANSFER_H
#define TRANSFER_H

#include "types.h"

#define TRANSFER_HEADER		40
#define TRANSFER_UNKNOWN	UINT64_MAX

enum transfer_type {
	TRANSFER_DATA	= 1,
	TRANSFER_END	= 2,
};

struct transfer_header {
	enum transfer_type type;
	u64 id;
	u64 index;
	u64 offset;
	u64 total;
};

void transfer_write_header(u8 to[TRANSFER_HEADER], const struct transfer_header *from);

/* False if the message is none of ours. */
bool transfer_read_header(struct transfer_header *to, const u8 *message, size_t len);

#endif /* TRANSFER_H */
