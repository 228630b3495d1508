/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Addresses: those of the application, and ours.
 */
#ifndef _RDGRAM_SHELL_ADDRESS_H
#define _RDGRAM_SHELL_ADDRESS_H

#include <linux/in6.h>
#include <linux/socket.h>
#include <net/ipv6.h>
#include <net/sock.h>
#include "compat.h"

/**
 * struct rdg_remote - where a remote endpoint is
 *
 * @addr: its address; IPv4 addresses are mapped.
 * @port: its port.
 * @scope: of a link-local address: index of the device that leads there;
 *	else 0.
 */
struct rdg_remote {
	struct in6_addr addr;
	__be16 port;
	int scope;
};

/* Does a unicast address mean nothing without the device that leads there? */
static inline bool rdg_needs_scope(const struct in6_addr *a)
{
	return (a->s6_addr32[0] & htonl(0xffc00000)) == htonl(0xfe800000);
}

static inline bool rdg_is_v4(const struct in6_addr *a)
{
	return ipv6_addr_v4mapped(a);
}

static inline __be32 rdg_v4(const struct in6_addr *a)
{
	return a->s6_addr32[3];
}

static inline bool rdg_remote_equal(const struct rdg_remote *a, const struct rdg_remote *b)
{
	return a->port == b->port && a->scope == b->scope && ipv6_addr_equal(&a->addr, &b->addr);
}

int rdg_remote_from_msg(struct sock *sk, const struct msghdr *msg, struct rdg_remote *to);
int rdg_remote_complete(const struct sock *sk, struct rdg_remote *to, int device);
int rdg_device_of_sock(const struct sock *sk);
bool rdg_remote_connected(struct sock *sk, struct rdg_remote *to);
void rdg_remote_from_sock(struct sock *sk, struct rdg_remote *to);
int rdg_remote_to_name(const struct sock *sk, const struct rdg_remote *from, void *name);
bool rdg_remote_is_unicast(const struct rdg_remote *r);
void rdg_source_of_sock(const struct sock *sk, const struct rdg_remote *to, struct in6_addr *from);

#endif /* _RDGRAM_SHELL_ADDRESS_H */
