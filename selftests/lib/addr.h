/* SPDX-License-Identifier: GPL-2.0-only */
/* Socket addresses of either family, as values. */
#ifndef TEST_ADDR_H
#define TEST_ADDR_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "types.h"

struct addr {
	union {
		struct sockaddr sa;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
		struct sockaddr_storage all;
	};
	socklen_t len;
};

struct addr addr_make(int family, const char *text, u16 port);
struct addr addr_loopback(int family, u16 port);
struct addr addr_any(int family, u16 port);

/* The IPv4 address that comes @n after @first. */
struct addr addr_nth(const char *first, u16 port, u32 n);

/* 127.0.0.1 as an AF_INET6 socket writes it. */
struct addr addr_mapped_loopback(u16 port);

u16 addr_port(const struct addr *a);
bool addr_equal(const struct addr *a, const struct addr *b);

#endif /* TEST_ADDR_H */
