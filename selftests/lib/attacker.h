/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A third host, from which host 1 of two others is attacked, by a link of its own: so
 * what that link has carried is what was asked, and what was answered, and nothing else.
 * It may say that it is whoever it likes.
 */
#ifndef TEST_ATTACKER_H
#define TEST_ATTACKER_H

#include "hosts.h"
#include "types.h"

struct attacker {
	int family;	/* the link knows no other */
	int ns;
	int raw;	/* for raw_send() */
};

/* This process is then in the attacker's host. */
void attacker_open(struct attacker *a, const struct hosts *h, int family);
void attacker_close(const struct attacker *a);
void attacker_enter(const struct attacker *a);

/* Its own address. */
struct addr attacker_addr(const struct attacker *a, u16 port);

/* A UDP socket of its own at that address, connected to @to; this process is then in its host. */
int attacker_socket(const struct attacker *a, u16 port, const struct addr *to);

/* One of so many others, answers to which come to it; @which is below that. */
#define ATTACKER_INVENTED 131072
struct addr attacker_invented(const struct attacker *a, u32 which, u16 port);

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
