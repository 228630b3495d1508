// SPDX-License-Identifier: GPL-2.0-only
#include "address.h"

#include <arpa/inet.h>
#include <err.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "number.h"

/* getaddrinfo() takes 99999 for a port, modulo 65536. */
static void port_check(const char *port, const char *text, u64 min)
{
	u64 value;

	if (!number_parse(port, &value) || strspn(port, "0123456789") != strlen(port) ||
	    value < min || value > UINT16_MAX)
		errx(EXIT_USAGE, "'%s': the port is a number from %d to 65535", text, (int)min);
}

static void resolve(struct address *to, const char *host, const char *port, int family, int flags)
{
	const struct addrinfo hints = {
		.ai_flags = flags | AI_NUMERICSERV,
		.ai_family = family,
		.ai_socktype = SOCK_DGRAM,	/* getaddrinfo() does not know SOCK_RDM */
	};
	struct addrinfo *found;
	int error = getaddrinfo(host, port, &hints, &found);

	if (error)
		errx(EXIT_RUN, "cannot find the address of '%s': %s", host ? host : "any",
		     gai_strerror(error));
	memcpy(&to->sa, found->ai_addr, found->ai_addrlen);
	to->len = found->ai_addrlen;
	freeaddrinfo(found);
}

/* Cut @text, which is changed, at the colon before the port. */
static char *split(char *text, const char *whole, char **host)
{
	char *port = strrchr(text, ':');

	if (!port || (text[0] != '[' && strchr(text, ':') != port))
		errx(EXIT_USAGE, "'%s' is not HOST:PORT (IPv6: [ADDRESS]:PORT)", whole);
	*port++ = '\0';
	*host = text;
	if (text[0] == '[') {
		if (port[-2] != ']')
			errx(EXIT_USAGE, "'%s' is not [ADDRESS]:PORT", whole);
		port[-2] = '\0';
		*host = text + 1;
	}
	if (!**host)
		errx(EXIT_USAGE, "'%s' names no host", whole);
	return port;
}

void address_parse(struct address *to, const char *text, int family)
{
	char copy[300], *host, *port;

	if ((size_t)snprintf(copy, sizeof(copy), "%s", text) >= sizeof(copy))
		errx(EXIT_USAGE, "'%.40s...' is too long for HOST:PORT", text);
	port = split(copy, text, &host);
	port_check(port, text, 1);
	resolve(to, host, port, family, 0);
}

void address_local(struct address *to, const char *host, const char *port, int family)
{
	port_check(port, port, 0);
	resolve(to, host, port, family, AI_PASSIVE);
}

static char *text_v4(char *to, struct in_addr addr, u16 port)
{
	char host[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &addr, host, sizeof(host));
	snprintf(to, ADDRESS_TEXT, "%s:%u", host, ntohs(port));
	return to;
}

static char *text_v6(char *to, const struct sockaddr_in6 *sin6)
{
	char host[INET6_ADDRSTRLEN], scope[IF_NAMESIZE + 1] = "";

	inet_ntop(AF_INET6, &sin6->sin6_addr, host, sizeof(host));
	if (sin6->sin6_scope_id && if_indextoname(sin6->sin6_scope_id, scope + 1))
		scope[0] = '%';
	snprintf(to, ADDRESS_TEXT, "[%s%s]:%u", host, scope, ntohs(sin6->sin6_port));
	return to;
}

char *address_text(char to[ADDRESS_TEXT], const struct address *from)
{
	const struct sockaddr_in6 *sin6 = (const void *)&from->sa;
	const struct sockaddr_in *sin = (const void *)&from->sa;
	struct in_addr mapped;

	if (from->sa.ss_family == AF_INET)
		return text_v4(to, sin->sin_addr, sin->sin_port);
	if (!IN6_IS_ADDR_V4MAPPED(&sin6->sin6_addr))
		return text_v6(to, sin6);
	memcpy(&mapped, &sin6->sin6_addr.s6_addr[12], sizeof(mapped));
	return text_v4(to, mapped, sin6->sin6_port);
}

/* The port is at the same place in either family. */
void address_set_port(struct address *address, u16 port)
{
	((struct sockaddr_in *)&address->sa)->sin_port = htons(port);
}

u16 address_port(const struct address *address)
{
	return ntohs(((const struct sockaddr_in *)&address->sa)->sin_port);
}

void address_unmap(struct address *address)
{
	const struct sockaddr_in6 sin6 = *(const struct sockaddr_in6 *)&address->sa;
	struct sockaddr_in *sin = (void *)&address->sa;

	if (sin6.sin6_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&sin6.sin6_addr))
		return;
	memset(sin, 0, sizeof(*sin));
	sin->sin_family = AF_INET;
	sin->sin_port = sin6.sin6_port;
	memcpy(&sin->sin_addr, &sin6.sin6_addr.s6_addr[12], sizeof(sin->sin_addr));
	address->len = sizeof(*sin);
}

int address_equal(const struct address *a, const struct address *b)
{
	const struct sockaddr_in6 *a6 = (const void *)&a->sa, *b6 = (const void *)&b->sa;
	const struct sockaddr_in *a4 = (const void *)&a->sa, *b4 = (const void *)&b->sa;

	if (a->sa.ss_family != b->sa.ss_family)
		return 0;
	if (a->sa.ss_family == AF_INET)
		return a4->sin_addr.s_addr == b4->sin_addr.s_addr && a4->sin_port == b4->sin_port;
	return IN6_ARE_ADDR_EQUAL(&a6->sin6_addr, &b6->sin6_addr) &&
	       a6->sin6_port == b6->sin6_port && a6->sin6_scope_id == b6->sin6_scope_id;
}
