/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages that say of themselves whether they are whole. Length and content of
 * message number i of sender s are a function of (s, i); a message of 16 bytes
 * or more begins with s and i, so that it can be recognized when it comes
 * unexpectedly.
 */
#ifndef TEST_MESSAGE_H
#define TEST_MESSAGE_H

#include <sys/types.h>

#include "addr.h"
#include "types.h"

#define MESSAGE_HEADER	16
#define MESSAGE_MAX	(1024 * 1024)

/* Fill @to with message @index of @sender; @len is up to the caller. */
void message_make(void *to, size_t len, u64 sender, u64 index);

/* True if it is that message and no other. */
bool message_check(const void *from, size_t len, u64 sender, u64 index);

/* What a message of at least MESSAGE_HEADER bytes says that it is. */
u64 message_sender(const void *from);
u64 message_index(const void *from);

/* Lengths: mostly small, some of several packets, now and then a large one; also empty. */
size_t message_mixed_len(u64 sender, u64 index);

/* A good scramble of two numbers, for tests that want the same chaos each time. */
u64 message_hash(u64 a, u64 b);

#endif /* TEST_MESSAGE_H */
