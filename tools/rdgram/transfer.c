// SPDX-License-Identifier: GPL-2.0-only
#include "transfer.h"

#include <endian.h>
#include <string.h>

#include "digest.h"

static const char magic[4] = "RDGF";

static void write64(u8 *to, u64 value)
{
	value = htobe64(value);
	memcpy(to, &value, sizeof(value));
}

static u64 read64(const u8 *from)
{
	u64 value;

	memcpy(&value, from, sizeof(value));
	return be64toh(value);
}

void transfer_write_header(u8 to[TRANSFER_HEADER], const struct transfer_header *from)
{
	memcpy(to, magic, sizeof(magic));
	to[4] = from->type;
	memset(to + 5, 0, 3);
	write64(to + 8, from->id);
	write64(to + 16, from->index);
	write64(to + 24, from->offset);
	write64(to + 32, from->total);
}

bool transfer_read_header(struct transfer_header *to, const u8 *message, size_t len)
{
	if (len < TRANSFER_HEADER || memcmp(message, magic, sizeof(magic)))
		return false;
	to->type = message[4];
	to->id = read64(message + 8);
	to->index = read64(message + 16);
	to->offset = read64(message + 24);
	to->total = read64(message + 32);
	if (to->type == TRANSFER_END)
		return len == TRANSFER_HEADER + DIGEST_SIZE;
	return to->type == TRANSFER_DATA && to->offset <= INT64_MAX - len;
}
