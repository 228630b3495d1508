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

/* In host @which; neighbours are permanent since ARP, unlike us, gives up. */
static void configure(int which)
{
	const int self = which + 1, other = HOSTS - which;

	shell("ip link set eth0 address 02:00:00:00:00:0%d", self);
	shell("ip address add 10.77.0.%d/24 dev eth0", self);
	shell("ip address add fd77::%d/64 dev eth0 nodad", self);
	/* With segmentation offload a lost "packet" is dozens. */
	shell("ethtool -K eth0 tso off gso off gro off >/dev/null 2>&1 || true");
	shell("ip link set eth0 up");
	shell("ip neighbour replace 10.77.0.%d lladdr 02:00:00:00:00:0%d dev eth0 nud permanent",
	      other, other);
	shell("ip neighbour replace fd77::%d lladdr 02:00:00:00:00:0%d dev eth0 nud permanent",
	      other, other);
}

void hosts_open(struct hosts *h, const char *path)
{
	for (int i = 0; i < HOSTS; i++)
		h->ns[i] = new_namespace();
	hosts_enter(h, 0);
	shell("ip link add eth0 type veth peer name eth0 netns /proc/%d/fd/%d", getpid(),
	      h->ns[1]);
	for (int i = HOSTS - 1; i >= 0; i--) {
		hosts_enter(h, i);
		configure(i);
	}
	if (path)
		hosts_set_both_paths(h, path);
}

void hosts_set_path(const struct hosts *h, int from, const char *path)
{
	int here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	hosts_enter(h, from);
	shell("tc qdisc replace dev eth0 root netem %s limit %d", path, NETEM_LIMIT);
	if (here < 0 || setns(here, CLONE_NEWNET))
		err(1, "setns");
	close(here);
}

void hosts_set_both_paths(const struct hosts *h, const char *path)
{
	for (int i = 0; i < HOSTS; i++)
		hosts_set_path(h, i, path);
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
