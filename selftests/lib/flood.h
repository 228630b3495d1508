/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What floods are made of, where they come from somebody who has no link, or from a user
 * of the host itself. Each packet of a kind is another one: ids, cookies and sequences
 * follow from its number.
 */
#ifndef TEST_FLOOD_H
#define TEST_FLOOD_H

#include "attacker.h"
#include "forge.h"
#include "types.h"

enum {
	FLOOD_INITS,
	FLOOD_INITS_OF_ANOTHER_VERSION,
	FLOOD_SHORT_INITS,
	FLOOD_FORGED_COOKIES,
	FLOOD_FITTING_COOKIES,
	FLOOD_DATA_OF_NO_LINK,
	FLOOD_SHORT_DATA_OF_NO_LINK,
	FLOOD_RESETS,
	FLOOD_VERSIONS,
	FLOOD_CHALLENGES,
	FLOOD_NONSENSE,
	FLOOD_KINDS
};

struct flood_kind {
	const char *name;
	void (*make)(struct forge *f, u64 i);
	const char *counter;	/* of the victim's host, has all of them; NULL: none has */
	bool answered;		/* each of them is */
};

extern const struct flood_kind flood_kinds[FLOOD_KINDS];

/*
 * Ask the victim, as anybody may, for its incarnation and the time of its cookies: those that
 * fit have them. They do for ten seconds.
 */
void flood_learn(const struct attacker *a, const struct addr *to);

/*
 * The attacker sends number @i of a kind. @from is whose address it has; NULL: that of
 * nobody, another one each time.
 */
void flood_send(const struct attacker *a, const struct flood_kind *kind, u64 i,
		const struct addr *from, const struct addr *to);

/*
 * Close a socket, of the network namespace that this process is in, that has something to
 * deliver to where nobody is; it is given up soon. False if that cannot be.
 */
bool flood_leave_orphan(const struct attacker *a, u64 i);

#endif /* TEST_FLOOD_H */
