// SPDX-License-Identifier: GPL-2.0-only
#include "endpoint.h"

#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "command.h"

/*
 * Room for what comes while we write a file: a plain UDP socket drops what
 * exceeds it, and that would be counted as loss of the path.
 */
#define BUFFER (4 * 1024 * 1024)

static int try_open(int family, bool udp)
{
	return socket(family, (udp ? SOCK_DGRAM : SOCK_RDM) | SOCK_CLOEXEC,
		      udp ? IPPROTO_UDP : IPPROTO_RDGRAM);
}

static void explain_open(bool udp)
{
	/* The errors of a kernel that knows no such socket type, protocol, or number. */
	if (!udp && (errno == EPROTONOSUPPORT || errno == ESOCKTNOSUPPORT || errno == EINVAL))
		errx(EXIT_RUN, "the rdgram module is not loaded: modprobe rdgram (as root)");
	if (errno == EAFNOSUPPORT)
		errx(EXIT_RUN, "this kernel has no such address family: try -4");
	err(EXIT_RUN, "cannot open a socket");
}

static void grow_buffers(int fd)
{
	const int size = BUFFER;

	/* As much as we may have: root passes the limit of sysctl net.core.rmem_max. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

static int open_or_die(int family, bool udp)
{
	int fd = try_open(family, udp);

	if (fd < 0)
		explain_open(udp);
	if (udp)
		grow_buffers(fd);
	return fd;
}

int endpoint_connect(const struct address *peer, bool udp)
{
	char text[ADDRESS_TEXT];
	int fd = open_or_die(peer->sa.ss_family, udp);

	if (connect(fd, (const struct sockaddr *)&peer->sa, peer->len))
		err(EXIT_RUN, "cannot reach %s", address_text(text, peer));
	return fd;
}

/* An IPv6 socket hears IPv4 as well; a kernel without IPv6 has IPv4 only. */
static int any_family(const char *host, bool udp)
{
	int fd;

	if (host)
		return AF_UNSPEC;
	fd = try_open(AF_INET6, udp);
	if (fd < 0)
		return errno == EAFNOSUPPORT ? AF_INET : AF_INET6;
	close(fd);
	return AF_INET6;
}

static void explain_bind(const struct address *local)
{
	char text[ADDRESS_TEXT];

	address_text(text, local);
	if (errno == EADDRINUSE)
		errx(EXIT_RUN, "%s is taken by another socket: choose another port with -p", text);
	if (errno == EACCES)
		errx(EXIT_RUN, "%s needs root: choose a port from 1024 on with -p", text);
	if (errno == EADDRNOTAVAIL)
		errx(EXIT_RUN, "%s is no address of this machine: see ip address", text);
	err(EXIT_RUN, "cannot bind to %s", text);
}

int endpoint_listen(const char *host, const char *port, int family, bool udp)
{
	const int off = 0;
	struct address local;
	int fd;

	if (family == AF_UNSPEC)
		family = any_family(host, udp);
	address_local(&local, host, port, family);
	fd = open_or_die(local.sa.ss_family, udp);
	if (local.sa.ss_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	if (bind(fd, (struct sockaddr *)&local.sa, local.len))
		explain_bind(&local);
	return fd;
}

char *endpoint_name(char to[ADDRESS_TEXT], int fd)
{
	struct address local = { .len = sizeof(local.sa) };

	if (getsockname(fd, (struct sockaddr *)&local.sa, &local.len))
		err(EXIT_RUN, "getsockname");
	return address_text(to, &local);
}

bool endpoint_stats(int fd, struct rdgram_stats *stats)
{
	socklen_t len = sizeof(*stats);

	/* An older module knows fewer counters, and fills less. */
	memset(stats, 0, sizeof(*stats));
	return !getsockopt(fd, SOL_RDGRAM, RDGRAM_STATS, stats, &len);
}

ssize_t endpoint_recv(int fd, void *to, size_t size, struct address *from)
{
	from->len = sizeof(from->sa);
	return recvfrom(fd, to, size, MSG_DONTWAIT | MSG_TRUNC, (struct sockaddr *)&from->sa,
			&from->len);
}

ssize_t endpoint_send(int fd, const void *message, size_t len)
{
	return send(fd, message, len, MSG_DONTWAIT | MSG_NOSIGNAL);
}

bool endpoint_settled(const struct rdgram_stats *stats)
{
	return stats->messages_delivered + stats->messages_not_delivered +
	       stats->messages_in_doubt >= stats->messages_sent;
}
