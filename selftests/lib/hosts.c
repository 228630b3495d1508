// SPDX-License-Identifier: GPL-2.0-only
#include "hosts.h"

#include <err.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

#include "shell.h"
#include "sock.h"

/* netem's own queue must never be what drops packets. */
#define NETEM_LIMIT 20000

static int new_namespace(void)
{
	int fd;

	net_isolate();
	fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		err(1, "/proc/self/ns/net");
	return fd;
}

void hosts_enter(const struct hosts *h, int which)
{
	if (setns(h->ns[which], CLONE_NEWNET))
		err(1, "setns");
}

void hosts_enter_router(const struct hosts *h)
{
	if (setns(h->router, CLONE_NEWNET))
		err(1, "setns");
}

/* With segmentation offload a lost "packet" is dozens. */
static void without_offloads(const char *dev)
{
	shell("ethtool -K %s tso off gso off gro off >/dev/null 2>&1 || true", dev);
}

/*
 * Neighbours are permanent since ARP, unlike us, gives up. In one
 * batch, since to start a program takes long where a processor is emulated.
 */
void hosts_configure(const struct hosts *h, int which)
{
	const int self = which + 1, other = HOSTS - which;

	hosts_enter(h, which);
	without_offloads("eth0");
	shell("ip -batch - <<-END\n"
	      "link set eth0 address 02:00:00:00:00:0%d\n"
	      "link set eth0 up\n"
	      "address replace 10.77.0.%d/24 dev eth0\n"
	      "address replace fd77::%d/64 dev eth0 nodad\n"
	      "neighbour replace 10.77.0.%d lladdr 02:00:00:00:00:0%d dev eth0 nud permanent\n"
	      "neighbour replace fd77::%d lladdr 02:00:00:00:00:0%d dev eth0 nud permanent\n"
	      "END", self, self, self, other, other, other, other);
}

void hosts_join(const struct hosts *h)
{
	hosts_enter(h, 0);
	shell("ip link add eth0 type veth peer name eth0 netns /proc/%d/fd/%d", getpid(),
	      h->ns[1]);
	for (int i = HOSTS - 1; i >= 0; i--)
		hosts_configure(h, i);
}

void hosts_open(struct hosts *h, const char *path)
{
	h->router = -1;
	for (int i = 0; i < HOSTS; i++)
		h->ns[i] = new_namespace();
	hosts_join(h);
	if (path)
		hosts_set_both_paths(h, path);
}

/*
 * In the router, whose device eth<which> leads to host @which and has the other
 * host's address there: to the hosts all is as if they were joined directly.
 */
static void configure_router_to(int which)
{
	const char dev[] = { 'e', 't', 'h', '0' + which, 0 };
	const int self = HOSTS - which, host = which + 1;

	without_offloads(dev);
	shell("ip -batch - <<-END\n"
	      "link set %s address 02:00:00:00:00:0%d\n"
	      "link set %s up\n"
	      "route add 10.77.0.%d dev %s\n"
	      "route add fd77::%d dev %s\n"
	      "neighbour replace 10.77.0.%d lladdr 02:00:00:00:00:0%d dev %s nud permanent\n"
	      "neighbour replace fd77::%d lladdr 02:00:00:00:00:0%d dev %s nud permanent\n"
	      "END", dev, self, dev, host, dev, host, dev, host, host, dev, host, host, dev);
}

void hosts_open_routed(struct hosts *h, const char *path)
{
	for (int i = 0; i < HOSTS; i++)
		h->ns[i] = new_namespace();
	h->router = new_namespace();
	shell("cd /proc/sys/net && echo 1 | tee ipv4/ip_forward >ipv6/conf/all/forwarding");
	/* Where an ICMP message of the router comes from. */
	shell("ip address add 10.77.0.254 dev lo && ip address add fd77::fe dev lo");
	for (int i = 0; i < HOSTS; i++) {
		shell("ip link add eth%d type veth peer name eth0 netns /proc/%d/fd/%d", i,
		      getpid(), h->ns[i]);
		configure_router_to(i);
	}
	for (int i = HOSTS - 1; i >= 0; i--) {
		hosts_configure(h, i);
		shell("ip link set eth0 gso_max_segs 1");
		/* Nor do the hosts ask it for more: what passes is the test's. */
		shell("echo 0 >/proc/sys/net/ipv6/conf/eth0/accept_ra");
	}
	if (path)
		hosts_set_both_paths(h, path);
}

/* Where what host @from sends is held up; leave by leave(). */
static const char *enter_way_out(const struct hosts *h, int from, int *here)
{
	*here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (*here < 0)
		err(1, "/proc/self/ns/net");
	if (h->router < 0) {
		hosts_enter(h, from);
		return "eth0";
	}
	hosts_enter_router(h);
	return from == 0 ? "eth1" : "eth0";
}

static void leave(int here)
{
	if (setns(here, CLONE_NEWNET))
		err(1, "setns");
	close(here);
}

void hosts_set_path(const struct hosts *h, int from, const char *path)
{
	int here;
	const char *dev = enter_way_out(h, from, &here);

	/* A limit in @path comes later, and counts. */
	shell("tc qdisc replace dev %s root handle 1: netem limit %d %s", dev, NETEM_LIMIT, path);
	leave(here);
}

void hosts_set_both_paths(const struct hosts *h, const char *path)
{
	for (int i = 0; i < HOSTS; i++)
		hosts_set_path(h, i, path);
}

void hosts_add_bottleneck(const struct hosts *h, const char *qdisc)
{
	int here;

	for (int from = 0; from < HOSTS; from++) {
		const char *dev = enter_way_out(h, from, &here);

		shell("tc qdisc add dev %s parent 1: handle 2: %s", dev, qdisc);
		leave(here);
	}
}

u64 hosts_routed(const struct hosts *h, int from)
{
	char line[256], dev[16];
	u64 packets, found = 0;
	FILE *f;
	int here;

	enter_way_out(h, from, &here);
	f = fopen("/proc/self/net/dev", "r");
	if (!f)
		err(1, "/proc/self/net/dev");
	/* What is received stands first: bytes, packets. */
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, " %15[^:]: %*u %llu", dev, &packets) == 2 &&
		    dev[3] == '0' + from && dev[0] == 'e')
			found = packets;
	fclose(f);
	leave(here);
	return found;
}

struct addr hosts_addr(int which, int family, u16 port)
{
	char text[32];

	snprintf(text, sizeof(text), family == AF_INET ? "10.77.0.%d" : "fd77::%d", which + 1);
	return addr_make(family, text, port);
}

int hosts_socket(const struct hosts *h, int which, int family, u16 port)
{
	const struct addr local = hosts_addr(which, family, port);

	hosts_enter(h, which);
	return sock_bound(&local, NULL);
}
