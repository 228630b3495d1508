// SPDX-License-Identifier: GPL-2.0-only
#include "nat.h"

#include <err.h>
#include <fcntl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "shell.h"
#include "sock.h"

/* The networks: 10.80.N and fd80:N. The client is in 0, its neighbour in 1, the
 * server in 2; host 1 of each is the router, host 2 the other one.
 */
#define SERVER_NET	2
#define SECOND_ADDRESS	101

static int net_of(enum nat_host who)
{
	return who == NAT_SERVER ? SERVER_NET : (int)who;
}

void nat_enter(const struct nat *n, enum nat_host where)
{
	if (setns(n->ns[where], CLONE_NEWNET))
		err(1, "setns");
}

static int new_namespace(void)
{
	int fd;

	net_isolate();
	fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		err(1, "/proc/self/ns/net");
	return fd;
}

/* Neighbours are permanent since ARP, unlike us, gives up. One call of ip for
 * all: processes are slow where all that the kernel does is watched.
 */
static void configure(const char *dev, int net, int self, const char *path)
{
	const int other = 3 - self;

	shell("ip -batch - <<END\n"
	      "link set %2$s address 02:00:00:00:%1$02x:%3$02x\n"
	      "address add 10.80.%1$d.%3$d/24 dev %2$s\n"
	      "address add fd80:%1$d::%3$d/64 dev %2$s nodad\n"
	      "link set %2$s up\n"
	      "neighbour replace 10.80.%1$d.%4$d lladdr 02:00:00:00:%1$02x:%4$02x dev %2$s nud permanent\n"
	      "neighbour replace fd80:%1$d::%4$d lladdr 02:00:00:00:%1$02x:%4$02x dev %2$s nud permanent\n"
	      "END", net, dev, self, other);
	shell("ethtool -K %s tso off gso off gro off >/dev/null 2>&1 || true", dev);
	if (path)
		shell("tc qdisc replace dev %s root netem %s limit 20000", dev, path);
}

static void join(const struct nat *n, enum nat_host who, const char *path)
{
	const int net = net_of(who);
	char dev[16];

	snprintf(dev, sizeof(dev), "net%d", net);
	nat_enter(n, NAT_ROUTER);
	shell("ip link add %s type veth peer name eth0 netns /proc/%d/fd/%d", dev, getpid(),
	      n->ns[who]);
	nat_enter(n, who);
	configure("eth0", net, 2, path);
	shell("ip route add default via 10.80.%1$d.1 && ip route add default via fd80:%1$d::1",
	      net);
	nat_enter(n, NAT_ROUTER);
	configure(dev, net, 1, path);
}

/* The NAT's other address, and the server's neighbour entry for it. */
static void add_outside(const struct nat *n)
{
	nat_enter(n, NAT_ROUTER);
	shell("ip -batch - <<END\n"
	      "address add 10.80.%1$d.%2$d/24 dev net%1$d\n"
	      "address add fd80:%1$d::%2$d/64 dev net%1$d nodad\n"
	      "END", SERVER_NET, SECOND_ADDRESS);
	nat_enter(n, NAT_SERVER);
	shell("ip -batch - <<END\n"
	      "neighbour replace 10.80.%1$d.%2$d lladdr 02:00:00:00:%1$02x:01 dev eth0 nud permanent\n"
	      "neighbour replace fd80:%1$d::%2$d lladdr 02:00:00:00:%1$02x:01 dev eth0 nud permanent\n"
	      "END", SERVER_NET, SECOND_ADDRESS);
}

void nat_open(struct nat *n, const char *path)
{
	memset(n, 0, sizeof(*n));
	for (int i = 0; i < NAT_HOSTS; i++)
		n->ns[i] = new_namespace();
	join(n, NAT_CLIENT, path);
	join(n, NAT_NEIGHBOUR, path);
	join(n, NAT_SERVER, path);
	shell("echo 1 >/proc/sys/net/ipv4/ip_forward");
	shell("echo 1 >/proc/sys/net/ipv6/conf/all/forwarding");
	add_outside(n);
}

/* The NAT forgets all mappings. */
static void flush(void)
{
	struct {
		struct nlmsghdr h;
		struct nfgenmsg g;
	} m = {
		.h = {
			.nlmsg_len = sizeof(m),
			.nlmsg_type = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_DELETE,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
		},
	};
	struct {
		struct nlmsghdr h;
		struct nlmsgerr e;
	} answer;
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER);

	if (fd < 0 || send(fd, &m, sizeof(m), 0) != sizeof(m) ||
	    recv(fd, &answer, sizeof(answer), 0) < (ssize_t)sizeof(answer) || answer.e.error)
		err(1, "conntrack");
	close(fd);
}

static void outside_text(int family, int outside, char *text, size_t size)
{
	snprintf(text, size, family == AF_INET ? "10.80.%d.%d" : "fd80:%d::%d", SERVER_NET,
		 outside ? SECOND_ADDRESS : 1);
}

/* The rules of one host, in nft's words, behind what is in @text. */
static void add_rules(char *text, size_t size, int net, const struct nat_mapping *m)
{
	size_t used = strlen(text);
	char v4[32], v6[32];

	if (!m->port) {
		snprintf(text + used, size - used,
			 "add rule ip nat out ip saddr 10.80.%1$d.2 drop;"
			 "add rule ip6 nat out ip6 saddr fd80:%1$d::2 drop;", net);
		return;
	}
	outside_text(AF_INET, m->outside, v4, sizeof(v4));
	outside_text(AF_INET6, m->outside, v6, sizeof(v6));
	snprintf(text + used, size - used,
		 "add rule ip nat out ip saddr 10.80.%1$d.2 meta l4proto udp snat to %2$s:%4$u;"
		 "add rule ip6 nat out ip6 saddr fd80:%1$d::2 meta l4proto udp snat to [%3$s]:%4$u;",
		 net, v4, v6, m->port);
}

void nat_map(struct nat *n, enum nat_host who, int outside, u16 port)
{
	int here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	char rules[1024] = "";

	n->map[who] = (struct nat_mapping){ .outside = outside, .port = port };
	add_rules(rules, sizeof(rules), 0, &n->map[0]);
	add_rules(rules, sizeof(rules), 1, &n->map[1]);
	nat_enter(n, NAT_ROUTER);
	/* What the NAT has no mapping for it drops, and does not keep in mind. */
	shell("nft 'flush ruleset;"
	      "table inet own { chain in { type filter hook input priority 0; meta l4proto udp drop; }; };"
	      "table ip nat { chain out { type nat hook postrouting priority 100; }; };"
	      "table ip6 nat { chain out { type nat hook postrouting priority 100; }; };%s'",
	      rules);
	flush();
	if (here < 0 || setns(here, CLONE_NEWNET))
		err(1, "setns");
	close(here);
}

struct addr nat_seen(const struct nat *n, enum nat_host who, int family)
{
	char text[32];

	outside_text(family, n->map[who].outside, text, sizeof(text));
	return addr_make(family, text, n->map[who].port);
}

struct addr nat_addr(enum nat_host who, int family, u16 port)
{
	char text[32];

	snprintf(text, sizeof(text), family == AF_INET ? "10.80.%d.2" : "fd80:%d::2",
		 net_of(who));
	return addr_make(family, text, port);
}

int nat_socket(const struct nat *n, enum nat_host where, int family, u16 port)
{
	const struct addr local = nat_addr(where, family, port);

	nat_enter(n, where);
	return sock_bound(&local, NULL);
}
