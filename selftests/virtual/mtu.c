// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets become as large as the path carries, and smaller when it carries less,
 * whether a router says so or not; none is ever cut by IP. Two hosts with a
 * router between them, 5 ms there and 5 ms back.
 *
 * timeout: 600
 * soak: a minute
 */
#include <arpa/inet.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kselftest_harness.h"
#include "clock.h"
#include "counter.h"
#include "flow.h"
#include "hosts.h"
#include "message.h"
#include "sock.h"
#include "worker.h"

RDGRAM_ONLY;

#define PORT		7000
#define EVERY_MS	5
#define MESSAGE		12000

/* In protocol.rst: a gain below this part is not looked for. */
#define WORTH		32

FIXTURE(mtu) {
	struct hosts hosts;
	int sender, receiver;
	struct flow flow;
	struct flow_check check;
	u64 longest_gap;
};

FIXTURE_VARIANT(mtu) {
	int family;
	int headers;
};

FIXTURE_VARIANT_ADD(mtu, v4) { .family = AF_INET, .headers = 28 };
FIXTURE_VARIANT_ADD(mtu, v6) { .family = AF_INET6, .headers = 48 };

typedef FIXTURE_DATA(mtu) mtu_t;

/* A shell command in a namespace. */
static void __attribute__((format(printf, 2, 3))) shell_in(int ns, const char *format, ...)
{
	char command[256];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	if (setns(ns, CLONE_NEWNET) || system(command)) {
		printf("# failed: %s\n", command);
		exit(1);
	}
}

static void set_mtu(struct hosts *h, int mtu)
{
	for (int i = 0; i < HOSTS; i++) {
		shell_in(h->ns[i], "ip link set eth0 mtu %d", mtu);
		shell_in(h->router, "ip link set eth%d mtu %d", i, mtu);
	}
	hosts_enter(h, 0);
}

/* What the router passes on to the receiver. */
static void set_narrow(struct hosts *h, int mtu)
{
	shell_in(h->router, "ip link set eth1 mtu %d", mtu);
	hosts_enter(h, 0);
}

/* The router's ICMP finds no way out. */
static void block_icmp(struct hosts *h)
{
	shell_in(h->router, "ip rule add ipproto icmp blackhole pref 10");
	shell_in(h->router, "ip -6 rule add ipproto ipv6-icmp blackhole pref 10");
	hosts_enter(h, 0);
}

static size_t message_len(u64 sender __attribute__((unused)), u64 index __attribute__((unused)))
{
	return MESSAGE;
}

FIXTURE_SETUP(mtu)
{
	hosts_open_routed(&self->hosts, "delay 5ms");
	self->sender = hosts_socket(&self->hosts, 0, variant->family, FLOW_PORT);
	self->receiver = hosts_socket(&self->hosts, 1, variant->family, PORT);
	hosts_enter(&self->hosts, 0);
	self->flow = (struct flow){
		.fd = self->sender,
		.to = hosts_addr(1, variant->family, PORT),
		.len = message_len,
	};
	self->check.len = message_len;
}

FIXTURE_TEARDOWN(mtu)
{
	close(self->sender);
	close(self->receiver);
}

/* Both sides in turn: one process, so that time passes only where it says so. */
static bool talk(mtu_t *self, u64 ms)
{
	const struct timespec pause = { .tv_nsec = EVERY_MS * MS };
	const u64 until = clock_ms() + ms;
	static u8 message[MESSAGE_MAX];
	u64 last = clock_ms();
	struct addr from;
	ssize_t len;

	while (clock_ms() < until) {
		message_make(message, MESSAGE, 0, self->flow.first);
		len = sock_sendto(self->sender, message, MESSAGE, MSG_DONTWAIT, &self->flow.to);
		self->flow.first += len > 0;
		nanosleep(&pause, NULL);
		while ((len = sock_recvfrom(self->receiver, message, sizeof(message), MSG_DONTWAIT,
					    &from)) >= 0) {
			if (!flow_take(&self->check, message, len, &from))
				return false;
			last = clock_ms();
		}
		if (clock_ms() - last > self->longest_gap)
			self->longest_gap = clock_ms() - last;
	}
	return true;
}

/* Of two lines, of names and of values, the value of that name. */
static u64 value_named(char *names, char *values, const char *name)
{
	char *p, *q, *n = strtok_r(names, "\n ", &p), *v = strtok_r(values, "\n ", &q);

	while (n && v && strcmp(n, name)) {
		n = strtok_r(NULL, "\n ", &p);
		v = strtok_r(NULL, "\n ", &q);
	}
	if (!n || !v)
		exit(1);
	return strtoull(v, NULL, 10);
}

/* In a file of such lines the pair whose second line begins with @row. */
static u64 value_in(const char *path, const char *row, const char *name)
{
	char names[2048], values[2048];
	FILE *f = fopen(path, "r");

	if (!f || !fgets(names, sizeof(names), f))
		exit(1);
	do {
		if (!fgets(values, sizeof(values), f))
			exit(1);
	} while (strncmp(values, row, strlen(row)));
	fclose(f);
	return value_named(names, values, name);
}

/* Fragments that IP has made, of both families, in all three places. */
static u64 fragments(const struct hosts *h)
{
	const int ns[] = { h->ns[0], h->ns[1], h->router };
	u64 sum = 0;

	for (int i = 0; i < 3; i++) {
		if (setns(ns[i], CLONE_NEWNET))
			exit(1);
		sum += value_in("/proc/thread-self/net/snmp", "Ip: ", "FragCreates");
		sum += counter_in("/proc/thread-self/net/snmp6", "Ip6FragCreates %llu");
	}
	hosts_enter(h, 0);
	return sum;
}

/* The size of the sender's packets. */
static int packet_size(int fd)
{
	const struct addr name = sock_name(fd);
	char text[INET6_ADDRSTRLEN], row[64];

	if (name.sa.sa_family == AF_INET)
		inet_ntop(AF_INET, &name.v4.sin_addr, text, sizeof(text));
	else
		inet_ntop(AF_INET6, &name.v6.sin6_addr, text, sizeof(text));
	snprintf(row, sizeof(row), name.sa.sa_family == AF_INET ? "%s:%u " : "[%s]:%u ", text,
		 addr_port(&name));
	return value_in("/proc/thread-self/net/rdgram", row, "mtu");
}

/* All that was sent arrives; nothing was cut; no route learnt an MTU. */
static void expect_good(struct __test_metadata *_metadata, mtu_t *self)
{
	EXPECT_TRUE(flow_receive(self->receiver, &self->check, self->flow.first));
	sock_wait_settled(self->sender);
	EXPECT_TRUE(flow_nothing_more(self->receiver));
	EXPECT_EQ(0, fragments(&self->hosts));
	/* IPv4 notes for its routes what any UDP packet draws, and we ignore it. */
	EXPECT_NE(0, system("ip -6 route show cache | grep -w mtu"));
	printf("# %llu messages, packets of %d bytes, longest gap %llu ms, hints %llu + %llu\n",
	       self->check.received, packet_size(self->sender), self->longest_gap,
	       counter_ours("too_big"), counter_ours("too_big_ignored"));
}

/* Handshake, base, and the interface's own size: a round trip of 10 ms each. */
TEST_F(mtu, ethernet)
{
	ASSERT_TRUE(talk(self, 100));
	EXPECT_EQ(1500 - variant->headers, packet_size(self->sender));
	expect_good(_metadata, self);
}

TEST_F(mtu, jumbo)
{
	set_mtu(&self->hosts, 9000);
	ASSERT_TRUE(talk(self, 100));
	EXPECT_EQ(9000 - variant->headers, packet_size(self->sender));
	expect_good(_metadata, self);
}

TEST_F(mtu, loopback)
{
	const struct addr from = addr_loopback(variant->family, FLOW_PORT);

	self->flow.to = addr_loopback(variant->family, PORT);
	close(self->receiver);
	self->receiver = sock_bound(&self->flow.to, NULL);
	close(self->sender);
	self->sender = sock_bound(&from, NULL);
	ASSERT_TRUE(talk(self, 100));
	/* An IPv4 datagram is no longer than 64 KB, what the device takes is. */
	EXPECT_EQ(variant->family == AF_INET ? 65507 : 65536 - variant->headers,
		  packet_size(self->sender));
	expect_good(_metadata, self);
}

/* A router in the middle, which says what it carries. */
TEST_F(mtu, narrow_router)
{
	set_mtu(&self->hosts, 9000);
	set_narrow(&self->hosts, 1500);
	ASSERT_TRUE(talk(self, 200));
	EXPECT_EQ(1500 - variant->headers, packet_size(self->sender));
	EXPECT_LE(1, counter_ours("too_big"));
	expect_good(_metadata, self);
}

/* The same without a word. */
TEST_F(mtu, narrow_router_without_icmp)
{
	set_mtu(&self->hosts, 9000);
	set_narrow(&self->hosts, 1500);
	block_icmp(&self->hosts);
	ASSERT_TRUE(talk(self, 1000));
	EXPECT_EQ(1500 - variant->headers, packet_size(self->sender));
	EXPECT_EQ(0, counter_ours("too_big"));
	expect_good(_metadata, self);
}

/* The path becomes narrower in mid-stream. */
TEST_F(mtu, falls)
{
	set_mtu(&self->hosts, 9000);
	ASSERT_TRUE(talk(self, 200));
	ASSERT_EQ(9000 - variant->headers, packet_size(self->sender));
	set_narrow(&self->hosts, 1500);
	self->longest_gap = 0;
	ASSERT_TRUE(talk(self, 500));
	EXPECT_EQ(1500 - variant->headers, packet_size(self->sender));
	EXPECT_LE(1, counter_ours("too_big"));
	EXPECT_GE(200, self->longest_gap);
	expect_good(_metadata, self);
}

TEST_F(mtu, falls_without_icmp)
{
	struct rdgram_stats stats;

	set_mtu(&self->hosts, 9000);
	block_icmp(&self->hosts);
	ASSERT_TRUE(talk(self, 200));
	ASSERT_EQ(9000 - variant->headers, packet_size(self->sender));
	set_narrow(&self->hosts, 1400);
	self->longest_gap = 0;
	ASSERT_TRUE(talk(self, 2000));
	EXPECT_GE(1400 - variant->headers, packet_size(self->sender));
	EXPECT_LE((1400 - variant->headers) / (WORTH + 1) * WORTH, packet_size(self->sender));
	EXPECT_GE(1000, self->longest_gap);
	sock_stats(self->sender, &stats);
	EXPECT_EQ(1, stats.mtu_black_holes);
	expect_good(_metadata, self);
}

/* The local interface takes less from one moment to the next, then more. */
TEST_F(mtu, local_interface_changes)
{
	set_mtu(&self->hosts, 9000);
	ASSERT_TRUE(talk(self, 200));
	ASSERT_EQ(9000 - variant->headers, packet_size(self->sender));
	shell_in(self->hosts.ns[0], "ip link set eth0 mtu 1400");
	self->longest_gap = 0;
	ASSERT_TRUE(talk(self, 200));
	EXPECT_EQ(1400 - variant->headers, packet_size(self->sender));
	EXPECT_GE(200, self->longest_gap);
	shell_in(self->hosts.ns[0], "ip link set eth0 mtu 9000");
	ASSERT_TRUE(talk(self, 200));
	EXPECT_EQ(9000 - variant->headers, packet_size(self->sender));
	expect_good(_metadata, self);
}

TEST_HARNESS_MAIN
