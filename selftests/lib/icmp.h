/* SPDX-License-Identifier: GPL-2.0-only */
/* ICMP errors that anybody could send: what they quote is free. */
#ifndef TEST_ICMP_H
#define TEST_ICMP_H

#include <stddef.h>

#include "addr.h"
#include "types.h"

#define ICMP_QUOTE_MAX	200

/* The quote of a UDP packet, see icmp_quote(). */
struct icmp_quote {
	u8 bytes[ICMP_QUOTE_MAX];
	size_t len;
};

/*
 * An IP header that begins with byte @first, a UDP header, and the payload, cut off where
 * there is no more room. Both addresses are of one family, whose header it is; an IPv4
 * header of more than 20 bytes has @to, mapped, where it stood in one of IPv6.
 */
struct icmp_quote icmp_quote(u8 first, const struct addr *from, const struct addr *to,
			     const void *payload, size_t len);

/* An error of ICMP (IPv4) or ICMPv6, from @from to @to of the same family, in this network
 * namespace.
 */
void icmp_error(u8 type, u8 code, const struct addr *from, const struct addr *to,
		const struct icmp_quote *quote);

/* "Port unreachable", likewise. */
void icmp_unreachable(const struct addr *from, const struct addr *to,
		      const struct icmp_quote *quote);

#endif /* TEST_ICMP_H */
