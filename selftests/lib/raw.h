/* SPDX-License-Identifier: GPL-2.0-only */
/* UDP datagrams from anywhere, and those that pass a device. */
#ifndef TEST_RAW_H
#define TEST_RAW_H

#include <sys/types.h>

#include "addr.h"

/* The largest; of IPv6 twenty bytes less. */
#define RAW_PAYLOAD 1472

/* A socket for raw_send(), in the current network namespace. */
int raw_open(int family);

/* Send a datagram with a right checksum that says it is from @from, of the family of the socket. */
void raw_send(int fd, const struct addr *from, const struct addr *to, const void *payload,
	      size_t len);

/* A socket that hears all packets of a family that come to the current network namespace. */
int raw_tap(int family);

/*
 * The payload of the next UDP datagram that the tap has heard, at most
 * RAW_PAYLOAD bytes; -1 if there is none. Packets that are no UDP are passed
 * over.
 */
ssize_t raw_heard(int tap, void *payload, u16 *from_port, u16 *to_port);

#endif /* TEST_RAW_H */
