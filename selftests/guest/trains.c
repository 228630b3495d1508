// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets that travel as one buffer (GSO, GRO), over devices that can do all of it,
 * some of it or nothing, and that change: each message arrives once, whole, in order.
 *
 * timeout: 300
 */
#include "kselftest_harness.h"
#include "counter.h"
#include "flow.h"
#include "hosts.h"
#include "message.h"
#include "shell.h"
#include "sock.h"
#include "worker.h"

RDGRAM_ONLY;

#define MESSAGES	1500
#define TINY		600
#define PORT		(FLOW_PORT + 1)
#define ALL		"gso on tso on tx-udp-segmentation on"
/* The device takes no trains, but what is in front of it does; the other side makes
 * trains of what comes. (veth: gro on.)
 */
#define SOFTWARE	"gso on tx-udp-segmentation off gro on"

FIXTURE(trains) {
	struct hosts hosts;
	int sender, receiver;
	struct flow flow;
};

FIXTURE_VARIANT(trains) {
	int family;
	const char *offloads;	/* in the words of ethtool -K */
	bool trains;		/* leave the host */
};

FIXTURE_VARIANT_ADD(trains, v4_all) {
	.family = AF_INET, .offloads = ALL, .trains = true,
};

FIXTURE_VARIANT_ADD(trains, v6_all) {
	.family = AF_INET6, .offloads = ALL, .trains = true,
};

FIXTURE_VARIANT_ADD(trains, v4_software) { .family = AF_INET, .offloads = SOFTWARE };
FIXTURE_VARIANT_ADD(trains, v6_software) { .family = AF_INET6, .offloads = SOFTWARE };
FIXTURE_VARIANT_ADD(trains, no_checksum) { .family = AF_INET, .offloads = "gso on tx off" };
FIXTURE_VARIANT_ADD(trains, no_scatter) { .family = AF_INET, .offloads = "gso on sg off" };
FIXTURE_VARIANT_ADD(trains, nothing) { .family = AF_INET6, .offloads = "gso off gro off" };

static void offload(const struct hosts *h, const char *features)
{
	for (int i = 0; i < HOSTS; i++) {
		hosts_enter(h, i);
		shell("ethtool -K eth0 %s >/dev/null", features);
	}
	hosts_enter(h, 0);
}

static size_t long_and_short(u64 sender, u64 index)
{
	return index % 4 ? message_mixed_len(sender, index) : 60000 + index;
}

FIXTURE_SETUP(trains)
{
	hosts_open(&self->hosts, NULL);
	offload(&self->hosts, variant->offloads);
	self->sender = hosts_socket(&self->hosts, 0, variant->family, FLOW_PORT);
	self->receiver = hosts_socket(&self->hosts, 1, variant->family, PORT);
	self->flow = (struct flow){
		.fd = self->sender,
		.to = hosts_addr(1, variant->family, PORT),
		.count = MESSAGES,
		.len = long_and_short,
	};
}

FIXTURE_TEARDOWN(trains)
{
	EXPECT_EQ(0, close(self->sender));
	EXPECT_EQ(0, close(self->receiver));
}

static bool send_all(void *arg)
{
	return flow_send(arg);
}

/* Buffers that have left host 0. */
static u64 buffers(void)
{
	return counter_in("/proc/thread-self/net/dev",
			  " eth0: %*u %*u %*u %*u %*u %*u %*u %*u %*u %llu");
}

TEST_F_TIMEOUT(trains, once_whole_in_order, 60)
{
	struct flow_check check = { .len = long_and_short };
	pid_t sender = worker_start(send_all, &self->flow);
	struct rdgram_stats stats;
	u64 left;

	ASSERT_TRUE(flow_receive(self->receiver, &check, MESSAGES));
	EXPECT_TRUE(worker_join(sender));
	sock_wait_settled(self->sender);
	EXPECT_TRUE(flow_nothing_more(self->receiver));
	sock_stats(self->receiver, &stats);
	EXPECT_EQ(0, stats.packets_malformed);
	sock_stats(self->sender, &stats);
	hosts_enter(&self->hosts, 0);
	left = buffers();
	/* A device may be full, and not count those. */
	EXPECT_TRUE(variant->trains == (stats.packets_sent > 2 * left));
}

/* Trains are on their way, and made, while what takes them changes. */
TEST_F_TIMEOUT(trains, devices_change, 60)
{
	static const char * const changes[] = {
		"ip link set eth0 mtu 1300",
		"ip link set eth0 mtu 9000",
		"ethtool -K eth0 gso off >/dev/null",
		"ip link set eth0 mtu 1400",
		"ethtool -K eth0 tx on sg on " ALL " >/dev/null",
		"ethtool -K eth0 tx off sg off >/dev/null",
		"ip link set eth0 mtu 1500",
		"ethtool -K eth0 tx on sg on " ALL " >/dev/null",
	};
	struct flow_check check = { .len = long_and_short };
	pid_t sender = worker_start(send_all, &self->flow);

	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		const u64 part = MESSAGES * (i + 1) / (ARRAY_SIZE(changes) + 1);

		ASSERT_TRUE(flow_receive(self->receiver, &check, part));
		for (int host = HOSTS - 1; host >= 0; host--) {
			hosts_enter(&self->hosts, host);
			shell("%s", changes[i]);
		}
	}
	ASSERT_TRUE(flow_receive(self->receiver, &check, MESSAGES));
	EXPECT_TRUE(worker_join(sender));
	EXPECT_TRUE(flow_nothing_more(self->receiver));
}

/* As many in each packet. */
static size_t tiny(u64 sender, u64 index)
{
	(void)sender;
	(void)index;
	return MESSAGE_HEADER;
}

/* All that waits while the other side is asked who it is leaves with many messages in a
 * packet, which are copied, and many packets in a buffer.
 */
TEST(tiny_messages_leave_together)
{
	struct flow_check check = { .len = tiny };
	struct rdgram_stats stats;
	struct hosts hosts;
	u64 others, left;
	int a, b;

	hosts_open(&hosts, NULL);
	offload(&hosts, ALL);
	hosts_enter(&hosts, 1);
	/* The answer takes a second, in which slow machines send all, too. */
	shell("tc qdisc add dev eth0 root netem delay 1s");
	hosts_enter(&hosts, 0);
	a = hosts_socket(&hosts, 0, AF_INET, FLOW_PORT);
	b = hosts_socket(&hosts, 1, AF_INET, PORT);
	others = buffers();
	/* Nobody reads before all is sent. */
	sock_set(a, SO_SNDBUFFORCE, 1 << 20);
	sock_set(b, SO_RCVBUFFORCE, 1 << 20);
	ASSERT_TRUE(flow_send(&(struct flow) {
		.fd = a,
		.to = hosts_addr(1, AF_INET, PORT),
		.count = TINY,
		.len = tiny,
	}));
	hosts_enter(&hosts, 1);
	shell("tc qdisc change dev eth0 root netem delay 0ms");
	hosts_enter(&hosts, 0);
	ASSERT_TRUE(flow_receive(b, &check, TINY));
	sock_wait_settled(a);
	EXPECT_TRUE(flow_nothing_more(b));
	sock_stats(a, &stats);
	left = buffers() - others;
	TH_LOG("%llu packets in %llu buffers", stats.packets_sent, left);
	EXPECT_LT(stats.packets_sent, TINY / 4);
	EXPECT_LT(left, stats.packets_sent);
	close(a);
	close(b);
}

TEST_HARNESS_MAIN
