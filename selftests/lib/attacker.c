// SPDX-License-Identifier: GPL-2.0-only
#include "attacker.h"

#include <err.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

#include "raw.h"
#include "shell.h"
#include "sock.h"

#define VICTIM 1

/* 198.18.0.0/15 and 2001:2::/48 are for such tests (RFC 2544, RFC 5180). The addresses of
 * IPv6 stand beside the link, and not on it, where they would be told of (DAD, MLD).
 */
static const struct {
	const char *attacker, *victim, *pair, *invented;
	int bits;
} addresses[] = {
	{ "10.78.0.1", "10.78.0.2", "10.77.0.0/24", "198.18.0.0/15", 32 },
	{ "fd78::1", "fd78::2", "fd77::/64", "2001:2::/48", 128 },
};

static bool is_v6(const struct attacker *a)
{
	return a->family == AF_INET6;
}

/* Neighbours are permanent, and the link knows one family, so that it carries nothing of
 * its own.
 */
static void configure(const struct attacker *a, const char *dev, int own, const char *self,
		      const char *other, const char *far)
{
	shell("ethtool -K %s tso off gso off gro off >/dev/null 2>&1 || true", dev);
	shell("f=/proc/sys/net/ipv6/conf/%s; [ ! -e $f ] || echo %d >$f/disable_ipv6", dev,
	      !is_v6(a));
	shell("ip -batch - <<-END\n"
	      "link set %s address 02:00:00:00:01:0%d\n"
	      "link set %s addrgenmode none\n"
	      "link set %s up\n"
	      "address add %s/%d dev lo\n"
	      "neighbour replace %s lladdr 02:00:00:00:01:0%d dev %s nud permanent\n"
	      "route add %s/%d dev %s\n"
	      "route add %s via %s dev %s onlink\n"
	      "END", dev, own, dev, dev, self, addresses[is_v6(a)].bits, other, 3 - own, dev,
	      other, addresses[is_v6(a)].bits, dev, far, other, dev);
}

void attacker_open(struct attacker *a, const struct hosts *h, int family)
{
	const char *mine, *others, *invented;

	a->family = family;
	mine = addresses[is_v6(a)].attacker;
	others = addresses[is_v6(a)].victim;
	invented = addresses[is_v6(a)].invented;
	net_isolate();
	a->ns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (a->ns < 0)
		err(1, "/proc/self/ns/net");
	shell("ip link add eth0 type veth peer name hostile netns /proc/%d/fd/%d", getpid(),
	      h->ns[VICTIM]);
	hosts_enter(h, VICTIM);
	configure(a, "hostile", 2, others, mine, invented);
	attacker_enter(a);
	configure(a, "eth0", 1, mine, others, addresses[is_v6(a)].pair);
	/* Nor does it say that nobody is there. */
	shell("ip route add blackhole %s", invented);
	a->raw = raw_open(family);
}

void attacker_close(const struct attacker *a)
{
	close(a->raw);
	close(a->ns);
}

void attacker_enter(const struct attacker *a)
{
	if (setns(a->ns, CLONE_NEWNET))
		err(1, "setns");
}

struct addr attacker_addr(const struct attacker *a, u16 port)
{
	return addr_make(a->family, addresses[is_v6(a)].attacker, port);
}

int attacker_socket(const struct attacker *a, u16 port, const struct addr *to)
{
	const struct addr mine = attacker_addr(a, port);
	int fd;

	attacker_enter(a);
	fd = socket(a->family, SOCK_DGRAM, 0);
	if (fd < 0 || bind(fd, &mine.sa, mine.len) || connect(fd, &to->sa, to->len))
		err(1, "the attacker's socket");
	return fd;
}

struct addr attacker_invented(const struct attacker *a, u32 which, u16 port)
{
	struct addr one;

	if (!is_v6(a))
		return addr_nth("198.18.0.0", port, which);
	one = addr_make(AF_INET6, "2001:2::", port);
	one.v6.sin6_addr.s6_addr32[3] = htonl(which);
	return one;
}

struct attacker_traffic attacker_traffic(const struct attacker *a)
{
	struct attacker_traffic t = {};
	char line[256];
	bool found = false;
	FILE *f;

	attacker_enter(a);
	f = fopen("/proc/thread-self/net/dev", "r");
	if (!f)
		err(1, "/proc/net/dev");
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, " eth0: %llu %llu %*u %*u %*u %*u %*u %*u %llu %llu",
			   &t.heard_bytes, &t.heard, &t.sent_bytes, &t.sent) == 4)
			found = true;
	fclose(f);
	if (!found)
		errx(1, "the attacker has no device");
	return t;
}

struct attacker_traffic attacker_since(const struct attacker *a,
				       const struct attacker_traffic *before)
{
	const struct attacker_traffic now = attacker_traffic(a);

	return (struct attacker_traffic){
		.sent = now.sent - before->sent,
		.sent_bytes = now.sent_bytes - before->sent_bytes,
		.heard = now.heard - before->heard,
		.heard_bytes = now.heard_bytes - before->heard_bytes,
	};
}
