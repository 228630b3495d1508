/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A third host, from which host 1 of two others is attacked, by a link of its own: so
 * what that link has carried is what was asked, and what was answered, and nothing else.
 * It may say that it is whoever it likes. IPv4.
 */
#ifndef TEST_ATTACKER_H
#define TEST_ATTACKER_H

#include "hosts.h"
#include "types.h"

struct attacker {
	int ns;
	int raw;	/* for raw_send() */
};

/* This process is then in the attacker's host. */
void attacker_open(struct attacker *a, const struct hosts *h);
void attacker_close(const struct attacker *a);
void attacker_enter(const struct attacker *a);

/* Its own address. */
struct addr attacker_addr(u16 port);

/* One of 131,072 others, answers to which come to it, if @which is below that. */
struct addr attacker_invented(u32 which, u16 port);

/* What its link has carried: packets, and bytes with all headers. */
struct attacker_traffic {
	u64 sent, sent_bytes;
	u64 heard, heard_bytes;
};

struct attacker_traffic attacker_traffic(const struct attacker *a);

/* What it has carried since. */
struct attacker_traffic attacker_since(const struct attacker *a,
				       const struct attacker_traffic *before);

#endif /* TEST_ATTACKER_H */
