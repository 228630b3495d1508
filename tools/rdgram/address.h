/* SPDX-License-Identifier: GPL-2.0-only */
/* Addresses: text to sockaddr and back. */
#ifndef ADDRESS_H
#define ADDRESS_H

#include <sys/socket.h>

#include "types.h"

struct address {
	struct sockaddr_storage sa;
	socklen_t len;
};

/* "[" 45 characters "%" interface "]:" port */
#define ADDRESS_TEXT 96

/*
 * HOST:PORT, an IPv6 address in brackets: [::1]:7000. @family is AF_UNSPEC for
 * either. Ends the program with status 2 where the form is wrong, with status
 * 1 where the name does not resolve.
 */
void address_parse(struct address *to, const char *text, int family);

/* A local address and a port; @host may be NULL for any address of @family. */
void address_local(struct address *to, const char *host, const char *port, int family);

/* HOST:PORT of @from; an IPv4 address mapped into IPv6 is written as IPv4. */
char *address_text(char to[ADDRESS_TEXT], const struct address *from);

/* The same host at another port. */
void address_set_port(struct address *address, u16 port);
u16 address_port(const struct address *address);

/* An IPv4 address mapped into IPv6 becomes the plain one. */
void address_unmap(struct address *address);

/* True if both are the same address and port. */
int address_equal(const struct address *a, const struct address *b);

#endif /* ADDRESS_H */
