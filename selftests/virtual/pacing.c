// SPDX-License-Identifier: GPL-2.0-only
/*
 * Departure times: where fq is, each packet leaves at a time of its own, and with
 * any other queueing discipline all is as it was, in bursts. What leaves is heard on
 * the other side of the sender's wire.
 *
 * timeout: 300
 */
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <time.h>

#include "kselftest_harness.h"
#include "flow.h"
#include "hosts.h"
#include "message.h"
#include "shell.h"
#include "sock.h"
#include "trace.h"
#include "worker.h"

RDGRAM_ONLY;

#define PORT		7000
#define LEN		1200
#define WARM		1500	/* messages, until the path is known */
#define COUNT		2000	/* that are looked at after those */
#define HEARD_MAX	8000

/* Packets of the sender that are as large as its messages, and when they passed. */
struct heard {
	u64 n;
	u64 at[HEARD_MAX];
};

typedef FIXTURE_DATA(pacing) pacing_t;

FIXTURE(pacing) {
	struct hosts hosts;
	int sender, receiver, tap;
	struct flow flow;
	struct flow_check check;
	struct heard *heard;
};

FIXTURE_VARIANT(pacing) {
	int family;
	const char *congestion;
};

FIXTURE_VARIANT_ADD(pacing, bbr) { .family = AF_INET, .congestion = "bbr" };
FIXTURE_VARIANT_ADD(pacing, bbr_v6) { .family = AF_INET6, .congestion = "bbr" };
FIXTURE_VARIANT_ADD(pacing, cubic) { .family = AF_INET, .congestion = "cubic" };

static u64 now_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

static size_t len_of(u64 sender, u64 index)
{
	(void)sender;
	(void)index;
	return LEN;
}

/* In the router, all that comes by the wire of host 0. */
static int open_tap(const struct hosts *h)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	int fd, on = 1, room = 64 << 20;

	if (setns(h->router, CLONE_NEWNET))
		abort();
	at.sll_ifindex = if_nametoindex("eth0");
	fd = socket(AF_PACKET, SOCK_DGRAM, 0);
	setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)))
		abort();
	hosts_enter(h, 0);
	return fd;
}

FIXTURE_SETUP(pacing)
{
	hosts_open_routed(&self->hosts, "delay 5ms rate 100mbit limit 200");
	self->tap = open_tap(&self->hosts);
	self->sender = hosts_socket(&self->hosts, 0, variant->family, FLOW_PORT);
	self->receiver = hosts_socket(&self->hosts, 1, variant->family, PORT);
	hosts_enter(&self->hosts, 0);
	ASSERT_EQ(0, setsockopt(self->sender, SOL_RDGRAM, RDGRAM_CONGESTION, variant->congestion,
				strlen(variant->congestion) + 1));
	self->flow = (struct flow){
		.fd = self->sender,
		.to = hosts_addr(1, variant->family, PORT),
		.len = len_of,
	};
	self->check.len = len_of;
	self->heard = malloc(sizeof(*self->heard));
}

FIXTURE_TEARDOWN(pacing)
{
	free(self->heard);
	close(self->tap);
	close(self->sender);
	close(self->receiver);
}

static bool send_all(void *arg)
{
	return flow_send(arg);
}

/* So many more messages go over; false if one is not what it should be. */
static bool pass(pacing_t *self, u64 count)
{
	u64 before = self->check.received;
	pid_t worker;

	self->flow.count = count;
	worker = worker_start(send_all, &self->flow);
	if (!flow_receive(self->receiver, &self->check, before + count) || !worker_join(worker))
		return false;
	self->flow.first += count;
	sock_wait_settled(self->sender);
	return true;
}

static bool hear(int tap, struct heard *heard)
{
	struct sockaddr_ll from;
	char control[64], data[1];
	struct iovec iov = { .iov_base = data, .iov_len = sizeof(data) };
	struct msghdr msg = {
		.msg_name = &from, .msg_namelen = sizeof(from),
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
	};
	const struct timespec *t;
	ssize_t len;

	heard->n = 0;
	for (;;) {
		msg.msg_controllen = sizeof(control);
		len = recvmsg(tap, &msg, MSG_DONTWAIT | MSG_TRUNC);
		if (len < 0)
			return errno == EAGAIN;
		if (from.sll_pkttype == PACKET_OUTGOING || len < LEN)
			continue;
		t = (const struct timespec *)CMSG_DATA(CMSG_FIRSTHDR(&msg));
		if (heard->n == HEARD_MAX)
			return false;
		heard->at[heard->n++] = t->tv_sec * 1000000000ULL + t->tv_nsec;
	}
}

/* Packets of 1000 that follow the one before them by less than a quarter of the time
 * that one takes on the wire of 100 Mbit/s.
 */
static u64 bunched(const struct heard *h)
{
	u64 n = 0;

	for (u64 i = 1; i < h->n; i++)
		n += h->at[i] - h->at[i - 1] < (LEN + 42) * 80 / 4;
	return n * 1000 / h->n;
}

/**
 * struct result - what one way of pacing comes to
 *
 * @bunched: see bunched().
 * @bytes_per_ms: goodput.
 * @firings: of timers of ours.
 * @all: of all high-resolution timers: those of fq, of the path and of the tick.
 * @again: packets retransmitted.
 */
struct result {
	u64 bunched, bytes_per_ms, firings, all, again;
};

static bool measure(pacing_t *self, const char *qdisc, struct result *r)
{
	struct trace_count counts[] = {
		{ .of = "rdg_peer_timer" }, { .of = "hrtimer_expire_entry" },
	};
	struct rdgram_stats before, after;
	u64 began;

	shell("tc qdisc replace dev eth0 root %s", qdisc);
	if (!pass(self, WARM) || !hear(self->tap, self->heard))
		return false;
	sock_stats(self->sender, &before);
	trace_start();
	began = now_ns(CLOCK_MONOTONIC);
	if (!pass(self, COUNT))
		return false;
	r->bytes_per_ms = COUNT * LEN * 1000000ULL / (now_ns(CLOCK_MONOTONIC) - began);
	trace_stop(counts, 2);
	sock_stats(self->sender, &after);
	r->firings = counts[0].n;
	r->all = counts[1].n;
	r->again = after.packets_retransmitted - before.packets_retransmitted;
	if (!hear(self->tap, self->heard))
		return false;
	r->bunched = bunched(self->heard);
	printf("# %s: %llu of 1000 packets bunched, %llu bytes/ms, %llu again\n", qdisc,
	       r->bunched, r->bytes_per_ms, r->again);
	printf("# timers fired: %llu of ours, %llu in all\n", r->firings, r->all);
	return true;
}

TEST_F_TIMEOUT(pacing, fq_lets_each_packet_leave_at_its_time, 100000)
{
	struct result plain, fq;

	ASSERT_TRUE(measure(self, "pfifo", &plain));
	ASSERT_TRUE(measure(self, "fq", &fq));
	EXPECT_LE(400, plain.bunched);
	EXPECT_GE(20, fq.bunched);
	EXPECT_LE(plain.bytes_per_ms * 97 / 100, fq.bytes_per_ms);
	/* Timers are told and not judged: bbr needs one for each packet while it is
	 * slow, and when that is, is chance.
	 */
}

/* It may come and go while messages are on their way. */
static bool change_qdiscs(void *arg)
{
	const struct timespec span = { .tv_nsec = 37 * 1000000 };

	(void)arg;
	for (int i = 0; i < 6; i++) {
		shell("tc qdisc replace dev eth0 root %s", i & 1 ? "pfifo" : "fq");
		nanosleep(&span, NULL);
	}
	return true;
}

TEST_F_TIMEOUT(pacing, fq_comes_and_goes, 100000)
{
	pid_t worker;

	ASSERT_TRUE(pass(self, 10));
	worker = worker_start(change_qdiscs, NULL);
	EXPECT_TRUE(pass(self, COUNT));
	EXPECT_TRUE(worker_join(worker));
	EXPECT_TRUE(flow_nothing_more(self->receiver));
}

/* A time to depart that was not deleted would be taken for one of arrival. */
TEST_F_TIMEOUT(pacing, arrival_is_not_departure, 100000)
{
	char control[128], data[LEN];
	struct iovec iov = { .iov_base = data, .iov_len = sizeof(data) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control };
	const struct timespec *t;
	u64 began, at;
	int on = 1;

	shell("tc qdisc replace dev eth0 root fq");
	ASSERT_TRUE(pass(self, WARM));
	ASSERT_EQ(0, setsockopt(self->receiver, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)));
	began = now_ns(CLOCK_REALTIME);
	self->flow.count = 500;
	ASSERT_TRUE(flow_send(&self->flow));
	for (int i = 0; i < 500; i++) {
		msg.msg_controllen = sizeof(control);
		ASSERT_EQ(LEN, recvmsg(self->receiver, &msg, 0));
		ASSERT_NE(NULL, CMSG_FIRSTHDR(&msg));
		ASSERT_EQ(SCM_TIMESTAMPNS, CMSG_FIRSTHDR(&msg)->cmsg_type);
		t = (const struct timespec *)CMSG_DATA(CMSG_FIRSTHDR(&msg));
		at = t->tv_sec * 1000000000ULL + t->tv_nsec;
		ASSERT_LE(began, at);
		ASSERT_GE(now_ns(CLOCK_REALTIME), at);
	}
}

TEST_HARNESS_MAIN
