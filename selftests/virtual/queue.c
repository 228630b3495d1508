// SPDX-License-Identifier: GPL-2.0-only
/*
 * Small queues: what waits to be sent waits with us, and not in the queue of a slow
 * device, where everything else would have to wait behind it.
 *
 * timeout: 300
 */
#include "kselftest_harness.h"
#include "clock.h"
#include "flow.h"
#include "hosts.h"
#include "pingpong.h"
#include "shell.h"
#include "sock.h"
#include "worker.h"

RDGRAM_ONLY;

#define PORT		7000	/* and those that follow it */
#define PEERS_MAX	8
#define LEN		1200
#define PINGS		100

/* A full packet on a wire of 10 Mbit/s. */
#define PACKET_TIME	(1514 * 8 * 100ULL)

typedef FIXTURE_DATA(queue) queue_t;

FIXTURE(queue) {
	struct hosts hosts;
	int fd;
	pid_t echo;
	u64 ns[PINGS];
	u64 *received;
};

FIXTURE_VARIANT(queue) {
	int family;
	const char *congestion;
	int peers;	/* that are sent more than the device can carry */
	u64 before;	/* packets that may leave before one that has just come */
	const char *route;	/* another one than usual */
};

FIXTURE_VARIANT_ADD(queue, v4) {
	.family = AF_INET, .congestion = "cubic", .peers = 1, .before = 3,
};

FIXTURE_VARIANT_ADD(queue, v6_bbr) {
	.family = AF_INET6, .congestion = "bbr", .peers = 1, .before = 3,
};

/* Of several that are sent what is theirs each may have a packet before it, and its next one
 * if it has its turn again meanwhile. Mostly there are 4 in all; in one run of 16 there were 11.
 */
FIXTURE_VARIANT_ADD(queue, several) {
	.family = AF_INET, .congestion = "bbr", .peers = 8, .before = 2 + 2 * 8,
};

/* The next hop has an address of the other family. */
FIXTURE_VARIANT_ADD(queue, v4_via_v6) {
	.family = AF_INET, .congestion = "cubic", .peers = 1, .before = 3,
	.route = "10.77.0.2 via inet6 fd77::2",
};

FIXTURE_SETUP(queue)
{
	const struct addr to = hosts_addr(1, variant->family, PORT);
	int echo;

	hosts_open_routed(&self->hosts, "delay 5ms");
	hosts_enter(&self->hosts, 0);
	shell("tc qdisc replace dev eth0 root tbf rate 10mbit burst 1600 limit 8000000");
	if (variant->route)
		shell("ip neighbour del 10.77.0.2 dev eth0 && ip route replace %s dev eth0",
		      variant->route);
	self->received = worker_shared(sizeof(*self->received));
	echo = hosts_socket(&self->hosts, 1, variant->family, PORT);
	self->echo = pingpong_start_echo(echo);
	self->fd = hosts_socket(&self->hosts, 0, variant->family, 0);
	ASSERT_EQ(0, setsockopt(self->fd, SOL_RDGRAM, RDGRAM_CONGESTION, variant->congestion,
				strlen(variant->congestion) + 1));
	sock_connect(self->fd, &to);
	ASSERT_TRUE(pingpong_run(self->fd, self->ns, 10));
}

FIXTURE_TEARDOWN(queue)
{
	worker_kill(self->echo);
	close(self->fd);
}

/* A receiver that counts. */
struct sink {
	int fd;
	u64 *received;
};

static bool receive_for_ever(void *arg)
{
	const struct sink *s = arg;
	u8 message[LEN];

	while (recv(s->fd, message, sizeof(message), 0) == LEN)
		__atomic_add_fetch(s->received, 1, __ATOMIC_RELAXED);
	return false;
}

static size_t len_of(u64 sender, u64 index)
{
	(void)sender;
	(void)index;
	return LEN;
}

static bool send_for_ever(void *arg)
{
	return flow_send(arg);
}

static u64 slowest(queue_t *self)
{
	return pingpong_percentile(self->ns, PINGS, 100);
}

TEST_F_TIMEOUT(queue, is_with_us, 100000)
{
	pid_t sinks[PEERS_MAX], senders[PEERS_MAX];
	u64 idle, busy, before;

	ASSERT_TRUE(pingpong_run(self->fd, self->ns, PINGS));
	idle = slowest(self);
	for (int i = 0; i < variant->peers; i++) {
		struct sink sink = {
			.fd = hosts_socket(&self->hosts, 1, variant->family, PORT + 1 + i),
			.received = self->received,
		};
		struct flow flow = {
			.fd = self->fd,
			.to = hosts_addr(1, variant->family, PORT + 1 + i),
			.count = 1000000,
			.len = len_of,
		};

		sinks[i] = worker_start(receive_for_ever, &sink);
		senders[i] = worker_start(send_for_ever, &flow);
	}
	/* Until each has filled what there is to be filled. */
	worker_await(self->received, 4000);
	before = *self->received;
	ASSERT_TRUE(pingpong_run(self->fd, self->ns, PINGS));
	before = *self->received - before;
	busy = slowest(self);
	printf("# round trips: %.2f ms at most; beside the streams %.2f ms, and %llu messages\n",
	       idle / 1e6, busy / 1e6, before);
	EXPECT_GE(idle + variant->before * PACKET_TIME, busy);
	/* The wire was busy all the time, each round trip of which took @idle at least. */
	EXPECT_LE(idle * PINGS / PACKET_TIME, before);
	for (int i = 0; i < variant->peers; i++) {
		worker_kill(senders[i]);
		worker_kill(sinks[i]);
	}
}

FIXTURE(neighbour) {
	struct hosts hosts;
	int fd, living;
	struct addr to;
};

FIXTURE_VARIANT(neighbour) {
	int family;
	const char *gone;	/* where there was somebody */
	const char *nobody;	/* where there never was */
};

FIXTURE_VARIANT_ADD(neighbour, v4) {
	.family = AF_INET, .gone = "10.77.0.8", .nobody = "10.77.0.9",
};

FIXTURE_VARIANT_ADD(neighbour, v6) {
	.family = AF_INET6, .gone = "fd77::8", .nobody = "fd77::9",
};

FIXTURE_SETUP(neighbour)
{
	hosts_open(&self->hosts, NULL);
	self->living = hosts_socket(&self->hosts, 1, variant->family, PORT);
	self->to = hosts_addr(1, variant->family, PORT);
	self->fd = hosts_socket(&self->hosts, 0, variant->family, 0);
	sock_set_linger(self->fd, 0);
}

FIXTURE_TEARDOWN(neighbour)
{
	close(self->living);
	close(self->fd);
}

/* To the one who is there; how long it takes; ns. */
static u64 time_to_the_living(int fd, const struct addr *to, int living)
{
	u64 began = clock_now();
	char c;

	if (sock_sendto(fd, "?", 1, 0, to) != 1 || recv(living, &c, 1, 0) != 1)
		abort();
	return clock_now() - began;
}

/* What waits for the hardware address of somebody else is in no queue of the device. */
TEST_F_TIMEOUT(neighbour, is_not_there, 100)
{
	const struct addr gone = addr_make(variant->family, variant->gone, PORT);
	const struct addr nobody = addr_make(variant->family, variant->nobody, PORT);
	static char message[20000];
	int there;

	hosts_enter(&self->hosts, 1);
	shell("ip address add %s%s dev eth0", variant->gone,
	      variant->family == AF_INET ? "/32" : "/128 nodad");
	there = sock_bound(&gone, NULL);
	hosts_enter(&self->hosts, 0);
	ASSERT_EQ(1, sock_sendto(self->fd, "?", 1, 0, &gone));
	ASSERT_EQ(1, recv(there, message, 1, 0));
	sock_wait_settled(self->fd);
	EXPECT_GE(10 * MS, time_to_the_living(self->fd, &self->to, self->living));

	ASSERT_EQ(1, sock_sendto(self->fd, "?", 1, 0, &nobody));
	for (int i = 0; i < 10; i++)
		EXPECT_GE(10 * MS, time_to_the_living(self->fd, &self->to, self->living));

	hosts_enter(&self->hosts, 1);
	shell("ip address del %s/%d dev eth0", variant->gone,
	      variant->family == AF_INET ? 32 : 128);
	hosts_enter(&self->hosts, 0);
	shell("ip neigh flush to %s", variant->gone);
	ASSERT_EQ(sizeof(message),
		  sock_sendto(self->fd, message, sizeof(message), 0, &gone));
	for (int i = 0; i < 10; i++)
		EXPECT_GE(10 * MS, time_to_the_living(self->fd, &self->to, self->living));
	close(there);
}

TEST_HARNESS_MAIN
