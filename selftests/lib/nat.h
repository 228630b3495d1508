/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two hosts behind a NAT, and a server on the other side of it: network
 * namespaces without names. The NAT is nftables'; each host behind it has one
 * mapping, that can be changed, upon which the NAT forgets the old one.
 */
#ifndef TEST_NAT_H
#define TEST_NAT_H

#include "addr.h"
#include "types.h"

enum nat_host {
	NAT_CLIENT,
	NAT_NEIGHBOUR,
	NAT_ROUTER,
	NAT_SERVER,
	NAT_HOSTS,
};

/* The NAT's addresses on the server's side. */
#define NAT_OUTSIDE	2

struct nat {
	struct nat_mapping {
		int outside;	/* 0 to NAT_OUTSIDE - 1 */
		u16 port;
	} map[2];
	int ns[NAT_HOSTS];
};

/* @path is what netem does on both sides of the NAT, either way. */
void nat_open(struct nat *n, const char *path);

/* From now on the server sees @who, the client or its neighbour, there; with port
 * 0 it does not see it at all.
 */
void nat_map(struct nat *n, enum nat_host who, int outside, u16 port);

/* Where the server sees it. */
struct addr nat_seen(const struct nat *n, enum nat_host who, int family);

/* This thread is there from now on. */
void nat_enter(const struct nat *n, enum nat_host where);

struct addr nat_addr(enum nat_host who, int family, u16 port);

/* A socket bound there, to its own address. */
int nat_socket(const struct nat *n, enum nat_host where, int family, u16 port);

#endif /* TEST_NAT_H */
