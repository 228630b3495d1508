// SPDX-License-Identifier: GPL-2.0-only
#include "rules.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "ports.h"

#define PORT_DNS	53

static struct ports only, except;
static bool has_only, verbose;

void rules_read(void)
{
	const char *text = getenv(RULES_ONLY);

	has_only = text && ports_parse(&only, text);
	text = getenv(RULES_EXCEPT);
	if (text)
		ports_parse(&except, text);
	verbose = getenv(RULES_VERBOSE);
}

bool rules_verbose(void)
{
	return verbose;
}

/* The IPv4 address, mapped or not; false if it is none. */
static bool is_v4(const struct sockaddr *a, struct in_addr *v4)
{
	const struct in6_addr *v6 = &((const struct sockaddr_in6 *)a)->sin6_addr;

	if (a->sa_family == AF_INET)
		*v4 = ((const struct sockaddr_in *)a)->sin_addr;
	else if (IN6_IS_ADDR_V4MAPPED(v6))
		v4->s_addr = v6->s6_addr32[3];
	else
		return false;
	return true;
}

static bool is_address(const struct sockaddr *a, socklen_t len)
{
	if (len < sizeof(a->sa_family))
		return false;
	return (a->sa_family == AF_INET && len >= sizeof(struct sockaddr_in)) ||
	       (a->sa_family == AF_INET6 && len >= sizeof(struct sockaddr_in6));
}

static uint16_t port_of(const struct sockaddr *a)
{
	return ntohs(a->sa_family == AF_INET ? ((const struct sockaddr_in *)a)->sin_port :
					       ((const struct sockaddr_in6 *)a)->sin6_port);
}

static bool is_multicast(const struct sockaddr *a)
{
	struct in_addr v4;

	if (is_v4(a, &v4))
		return IN_MULTICAST(ntohl(v4.s_addr));
	return IN6_IS_ADDR_MULTICAST(&((const struct sockaddr_in6 *)a)->sin6_addr);
}

static bool is_loopback(const struct sockaddr *a)
{
	struct in_addr v4;

	if (is_v4(a, &v4))
		return ntohl(v4.s_addr) >> 24 == IN_LOOPBACKNET;
	return IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)a)->sin6_addr);
}

/* Of any of our devices. */
static bool is_broadcast(const struct sockaddr *a)
{
	struct ifaddrs *list, *i;
	struct in_addr v4;
	bool found;

	if (!is_v4(a, &v4))
		return false;
	found = v4.s_addr == htonl(INADDR_BROADCAST);
	if (found || getifaddrs(&list))
		return found;
	for (i = list; i && !found; i = i->ifa_next)
		found = i->ifa_addr && i->ifa_addr->sa_family == AF_INET &&
			i->ifa_flags & IFF_BROADCAST && i->ifa_broadaddr &&
			((struct sockaddr_in *)i->ifa_broadaddr)->sin_addr.s_addr == v4.s_addr;
	freeifaddrs(list);
	return found;
}

enum way rules_for_local(const struct sockaddr *a, socklen_t len, const char **why)
{
	if (!is_address(a, len))
		return WAY_OPEN;
	if (is_multicast(a)) {
		*why = "it is bound to a multicast address";
		return WAY_UDP;
	}
	if (ports_has(&except, port_of(a))) {
		*why = "--except names its port";
		return WAY_UDP;
	}
	return has_only && ports_has(&only, port_of(a)) ? WAY_RDGRAM : WAY_OPEN;
}

enum way rules_for_remote(const struct sockaddr *a, socklen_t len, bool broadcast,
			  const char **why)
{
	uint16_t port;

	if (!is_address(a, len))
		return WAY_OPEN;
	port = port_of(a);
	if (is_multicast(a))
		*why = "it sends to a multicast address";
	else if (broadcast && is_broadcast(a))
		*why = "it sends to a broadcast address";
	else if (ports_has(&except, port))
		*why = "--except names the port it sends to";
	else if (has_only && !ports_has(&only, port))
		*why = "--only does not name the port it sends to";
	else if (port == PORT_DNS && !has_only && !is_loopback(a))
		*why = "it asks a name server elsewhere (--only 53 if that speaks rdgram)";
	else
		return WAY_RDGRAM;
	return WAY_UDP;
}
