/* SPDX-License-Identifier: GPL-2.0-only */
/* The socket, rdgram's or for comparison UDP's. */
#ifndef ENDPOINT_H
#define ENDPOINT_H

#include <sys/types.h>

#include <linux/rdgram.h>

#include "address.h"
#include "types.h"

/* What fits into one UDP datagram over IPv4. */
#define UDP_MAX_MESSAGE 65507

/* The longest message of either kind. */
static inline size_t endpoint_max(bool udp)
{
	return udp ? UDP_MAX_MESSAGE : RDGRAM_MAX_MESSAGE;
}

/*
 * These end the program with status 1, and a line that says what to do, where
 * they fail.
 */
int endpoint_connect(const struct address *peer, bool udp);
int endpoint_listen(const char *host, const char *port, int family, bool udp);

/* Where @fd is bound, as text. */
char *endpoint_name(char to[ADDRESS_TEXT], int fd);

/* False for UDP, which does not count. */
bool endpoint_stats(int fd, struct rdgram_stats *stats);

/* One message, without blocking: as recvfrom() and send(). */
ssize_t endpoint_recv(int fd, void *to, size_t size, struct address *from);
ssize_t endpoint_send(int fd, const void *message, size_t len);

/* Whether everything that was sent has come to an end, and how much of it well. */
bool endpoint_settled(const struct rdgram_stats *stats);

#endif /* ENDPOINT_H */
