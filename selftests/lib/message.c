// SPDX-License-Identifier: GPL-2.0-only
#include "message.h"

#include <stdlib.h>
#include <string.h>

/* The finalizer of MurmurHash3. */
static u64 scramble(u64 x)
{
	x ^= x >> 33;
	x *= 0xff51afd7ed558ccdULL;
	x ^= x >> 33;
	x *= 0xc4ceb9fe1a85ec53ULL;
	return x ^ x >> 33;
}

u64 message_hash(u64 a, u64 b)
{
	return scramble(scramble(a + 1) ^ (b + 1) * 0x9e3779b97f4a7c15ULL);
}

/* The 8 bytes of a message that begin at @offset. */
static u64 word_at(u64 sender, u64 index, u64 seed, size_t offset)
{
	if (offset == 0)
		return sender;
	if (offset == 8)
		return index;
	/* Cheap, since emulated processors compute it for megabytes. */
	return seed + offset * 0x9e3779b97f4a7c15ULL;
}

void message_make(void *to, size_t len, u64 sender, u64 index)
{
	const u64 seed = message_hash(sender, index);
	u64 word;

	for (size_t i = 0; i < len; i += sizeof(word)) {
		/* Too short for a header: it has none. */
		word = len < MESSAGE_HEADER ? seed + i : word_at(sender, index, seed, i);
		memcpy((u8 *)to + i, &word, len - i < sizeof(word) ? len - i : sizeof(word));
	}
}

bool message_check(const void *from, size_t len, u64 sender, u64 index)
{
	void *expected = malloc(len + 1);
	bool same;

	message_make(expected, len, sender, index);
	same = !memcmp(expected, from, len);
	free(expected);
	return same;
}

u64 message_sender(const void *from)
{
	u64 value;

	memcpy(&value, from, sizeof(value));
	return value;
}

u64 message_index(const void *from)
{
	return message_sender((const u8 *)from + 8);
}

size_t message_mixed_len(u64 sender, u64 index)
{
	const u64 hash = message_hash(sender ^ 0x6c656e, index);
	const u64 kind = hash % 1000, size = hash >> 20;

	if (kind < 950)
		return size % 256;
	if (kind < 999)
		return size % 4000;
	return size % 100000;
}
