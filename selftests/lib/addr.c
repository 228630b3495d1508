// SPDX-License-Identifier: GPL-2.0-only
#include "addr.h"

#include <arpa/inet.h>
#include <err.h>
#include <string.h>

struct addr addr_make(int family, const char *text, u16 port)
{
	struct addr a = { .len = family == AF_INET ? sizeof(a.v4) : sizeof(a.v6) };
	void *host = family == AF_INET ? (void *)&a.v4.sin_addr : (void *)&a.v6.sin6_addr;

	a.sa.sa_family = family;
	if (inet_pton(family, text, host) != 1)
		errx(1, "no address: %s", text);
	/* The port stands at the same place in both. */
	a.v4.sin_port = htons(port);
	return a;
}

struct addr addr_loopback(int family, u16 port)
{
	return addr_make(family, family == AF_INET ? "127.0.0.1" : "::1", port);
}

struct addr addr_any(int family, u16 port)
{
	return addr_make(family, family == AF_INET ? "0.0.0.0" : "::", port);
}

struct addr addr_nth(const char *first, u16 port, u32 n)
{
	struct addr a = addr_make(AF_INET, first, port);

	a.v4.sin_addr.s_addr = htonl(ntohl(a.v4.sin_addr.s_addr) + n);
	return a;
}

struct addr addr_mapped_loopback(u16 port)
{
	return addr_make(AF_INET6, "::ffff:127.0.0.1", port);
}

u16 addr_port(const struct addr *a)
{
	return ntohs(a->v4.sin_port);
}

bool addr_equal(const struct addr *a, const struct addr *b)
{
	if (a->sa.sa_family != b->sa.sa_family || a->v4.sin_port != b->v4.sin_port)
		return false;
	if (a->sa.sa_family == AF_INET)
		return a->v4.sin_addr.s_addr == b->v4.sin_addr.s_addr;
	return !memcmp(&a->v6.sin6_addr, &b->v6.sin6_addr, sizeof(a->v6.sin6_addr));
}
