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

/* 198.18.0.0/15 is for such tests (RFC 2544). Neighbours are permanent, and there is no
 * IPv6, so that the link carries nothing of its own.
 */
static void configure(const char *dev, const char *self, const char *other, int own, int others,
		      const char *far)
{
	shell("ethtool -K %s tso off gso off gro off >/dev/null 2>&1 || true", dev);
	shell("f=/proc/sys/net/ipv6/conf/%s/disable_ipv6; [ ! -e $f ] || echo 1 >$f", dev);
	shell("ip -batch - <<-END\n"
	      "link set %s address 02:00:00:00:01:0%d\n"
	      "link set %s up\n"
	      "address add %s/24 dev %s\n"
	      "neighbour replace %s lladdr 02:00:00:00:01:0%d dev %s nud permanent\n"
	      "route add %s via %s\n"
	      "END", dev, own, dev, self, dev, other, others, dev, far, other);
}

void attacker_open(struct attacker *a, const struct hosts *h)
{
	net_isolate();
	a->ns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (a->ns < 0)
		err(1, "/proc/self/ns/net");
	shell("ip link add eth0 type veth peer name hostile netns /proc/%d/fd/%d", getpid(),
	      h->ns[VICTIM]);
	hosts_enter(h, VICTIM);
	configure("hostile", "10.78.0.2", "10.78.0.1", 2, 1, "198.18.0.0/15");
	attacker_enter(a);
	configure("eth0", "10.78.0.1", "10.78.0.2", 1, 2, "10.77.0.0/24");
	a->raw = raw_open();
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

struct addr attacker_addr(u16 port)
{
	return addr_make(AF_INET, "10.78.0.1", port);
}

struct addr attacker_invented(u32 which, u16 port)
{
	struct addr a = addr_make(AF_INET, "198.18.0.0", port);

	a.v4.sin_addr.s_addr = htonl(ntohl(a.v4.sin_addr.s_addr) + which);
	return a;
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
