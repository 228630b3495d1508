// SPDX-License-Identifier: GPL-2.0-only
/*
 * Life and death, all at once: the module is unloaded beside traffic, and beside namespaces
 * that end; sockets are closed against all that may happen to them, namespaces vanish in
 * mid-stream, and so do devices. The kernel says nothing; what was promised is kept.
 *
 * timeout: 600
 */
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

#include "kselftest_harness.h"
#include "flow.h"
#include "hosts.h"
#include "klog.h"
#include "message.h"
#include "module.h"
#include "shell.h"
#include "slow.h"
#include "sock.h"
#include "worker.h"

RDGRAM_ONLY;

/* How often all of it is done, and where all is slow: guest/life_long says more. */
#ifndef LIFE_TIMES
#define LIFE_TIMES	1
#define LIFE_TIMES_SLOW	1
#endif

#define LOADS		(20 * life_times())
#define PATIENCE	10
#define TALKERS		3
#define ELSEWHERE	20	/* ms between two namespaces */
#define SPACES		(6 * life_times())
#define SWITCHES	(3 * life_times())
#define CLOSES		(50 * life_times())
#define LIMIT		(100 * LIFE_TIMES)	/* of each; seconds */
#define PORT		7000
#define SIZE		1500

static u64 life_times(void)
{
	return slow_factor() > 1 ? LIFE_TIMES_SLOW : LIFE_TIMES;
}

static u64 chance(u64 round, u64 of)
{
	return message_hash(round, 1) % of;
}

/* --- the module ---------------------------------------------------------------- */

/* First: what others leave behind to be delivered would keep it. */
FIXTURE(life_module) {
	int family;
	int klog;
};

FIXTURE_VARIANT(life_module) {
	int family;
	const char *delay;	/* in which packets wait in a queue */
};

FIXTURE_VARIANT_ADD(life_module, v4) { .family = AF_INET };
FIXTURE_VARIANT_ADD(life_module, v6) { .family = AF_INET6, .delay = "2ms" };

FIXTURE_SETUP(life_module)
{
	self->family = variant->family;
	self->klog = klog_open();
}

FIXTURE_TEARDOWN(life_module)
{
	/* Whatever happened: the tests after this one need it. */
	if (!module_is_loaded())
		EXPECT_EQ(0, module_load(module_open()));
	EXPECT_TRUE(klog_silent(self->klog));
}

struct traffic {
	int family;
	u64 conversations;	/* that came to their end */
	u64 rest;		/* begin no more for now */
	u64 stop;
};

/* -1 while there is no module. */
static int try_socket(int family)
{
	return socket(family, sock_type(), sock_protocol());
}

static bool talk(int a, int b, int family)
{
	const struct addr any = addr_loopback(family, 0);
	struct addr addr_b, from;
	char byte;

	if (bind(b, &any.sa, any.len))
		return false;
	addr_b = sock_name(b);
	return sock_sendto(a, "x", 1, 0, &addr_b) == 1 &&
	       sock_recvfrom(b, &byte, 1, 0, &from) == 1 && byte == 'x' &&
	       sock_sendto(b, "y", 1, 0, &from) == 1 && recv(a, &byte, 1, 0) == 1 && byte == 'y';
}

static bool converse(struct traffic *t)
{
	const int a = try_socket(t->family), b = try_socket(t->family);
	bool good = true;

	if (a >= 0 && b >= 0) {
		good = talk(a, b, t->family);
		__atomic_fetch_add(&t->conversations, good, __ATOMIC_RELAXED);
	}
	close(a);
	close(b);
	return good;
}

/* False: enough was said. */
static bool pause_talk(const struct traffic *t, int ms)
{
	poll(NULL, 0, ms);
	while (__atomic_load_n(&t->rest, __ATOMIC_RELAXED))
		poll(NULL, 0, 1);
	return !__atomic_load_n(&t->stop, __ATOMIC_RELAXED);
}

static bool talk_again_and_again(void *arg)
{
	struct traffic *t = arg;

	for (u64 i = 0; pause_talk(t, chance(i, 4)); i++)
		if (!converse(t))
			return false;
	return true;
}

/* In a network namespace of its own, which ends behind it, as the module may. */
static bool talk_in_many_places(void *arg)
{
	struct traffic *t = arg;

	while (pause_talk(t, ELSEWHERE)) {
		net_isolate();
		if (!converse(t))
			return false;
	}
	return true;
}

TEST_F_TIMEOUT(life_module, goes_beside_traffic, LIMIT)
{
	struct traffic *traffic = worker_shared(sizeof(*traffic));
	u64 refused = 0, loads = 0, in_vain = 0;
	const int ko = module_open();
	pid_t talkers[TALKERS];

	if (ko < 0)
		SKIP(return, "rdgram.ko not found: set RDGRAM_KO");
	net_isolate();
	if (variant->delay)
		shell("tc qdisc add dev lo root netem delay %s", variant->delay);
	traffic->family = self->family;
	for (int i = 0; i < TALKERS; i++)
		talkers[i] = worker_start(i ? talk_again_and_again : talk_in_many_places, traffic);
	while (loads < LOADS) {
		if (module_unload()) {
			ASSERT_EQ(EWOULDBLOCK, errno);
			refused++;
			/* Where all is slow it is never the moment: somebody always talks. */
			if (++in_vain == PATIENCE)
				__atomic_store_n(&traffic->rest, 1, __ATOMIC_RELAXED);
			poll(NULL, 0, 1);
			continue;
		}
		__atomic_store_n(&traffic->rest, 0, __ATOMIC_RELAXED);
		in_vain = 0;
		ASSERT_EQ(0, module_load(ko));
		/* What was there before it was unloaded is not what is there now. */
		worker_await(&traffic->conversations, traffic->conversations + 1);
		loads++;
	}
	__atomic_store_n(&traffic->stop, 1, __ATOMIC_RELAXED);
	for (int i = 0; i < TALKERS; i++)
		EXPECT_TRUE(worker_join(talkers[i]));
	printf("# unloaded %llu times, refused %llu times, beside %llu conversations\n", loads,
	       refused, traffic->conversations);
	close(ko);
}

FIXTURE(life) {
	int family;
	int klog;
};

typedef FIXTURE_DATA(life) life_t;

FIXTURE_VARIANT(life) {
	int family;
};

FIXTURE_VARIANT_ADD(life, v4) { .family = AF_INET };
FIXTURE_VARIANT_ADD(life, v6) { .family = AF_INET6 };

FIXTURE_SETUP(life)
{
	self->family = variant->family;
	self->klog = klog_open();
}

FIXTURE_TEARDOWN(life)
{
	/* Callbacks into what is gone show themselves within a moment. */
	poll(NULL, 0, 300);
	EXPECT_TRUE(klog_silent(self->klog));
}

/* --- sockets ------------------------------------------------------------------- */

struct fray {
	struct hosts hosts;
	int family;
	u64 stop;
	u64 heard;
};

static bool goes_on(const struct fray *f)
{
	return !__atomic_load_n(&f->stop, __ATOMIC_RELAXED);
}

/* To one that comes and goes, and to one where there is never any: that draws ICMP. */
static bool send_for_ever(void *arg)
{
	static const u8 message[64 * SIZE];
	struct fray *f = arg;

	for (u64 round = 0; goes_on(f); round++) {
		const struct addr to = hosts_addr(1, f->family, PORT);
		const struct addr nobody = hosts_addr(1, f->family, PORT + 1);
		const int fd = hosts_socket(&f->hosts, 0, f->family, 0);

		if (chance(round, 3) == 0)
			sock_set_linger(fd, 0);
		for (u64 i = 0; i < 2 + chance(round, 40); i++) {
			const size_t len = chance(i, 8) ? chance(i, SIZE) : sizeof(message);

			sock_sendto(fd, message, len, MSG_DONTWAIT, &to);
			if (chance(i, 4) == 0)
				sock_sendto(fd, message, 1, MSG_DONTWAIT, &nobody);
		}
		poll(NULL, 0, chance(round, 5));
		close(fd);
	}
	return true;
}

static bool look_for_ever(void *arg)
{
	struct fray *f = arg;

	for (u64 round = 0; goes_on(f); round++) {
		hosts_enter(&f->hosts, round % 2);
		shell("cat /proc/net/rdgram /proc/net/rdgram_stat >/dev/null");
		poll(NULL, 0, 5);
	}
	return true;
}

/* Read, or not, and go; a part of what came is unread then, or half here. */
static void live_briefly(struct fray *f, u64 round)
{
	const int fd = hosts_socket(&f->hosts, 1, f->family, PORT);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	u8 byte;

	for (u64 i = 0; i < chance(round, 30); i++)
		if (poll(&p, 1, 3) > 0)
			f->heard += recv(fd, &byte, 1, MSG_DONTWAIT | MSG_TRUNC) >= 0;
	if (chance(round, 4) == 0)
		sock_set_linger(fd, 0);
	close(fd);
}

TEST_F_TIMEOUT(life, sockets, LIMIT)
{
	struct fray *f = worker_shared(sizeof(*f));
	pid_t senders[2], looker;

	f->family = self->family;
	hosts_open(&f->hosts, NULL);
	for (int i = 0; i < 2; i++)
		senders[i] = worker_start(send_for_ever, f);
	looker = worker_start(look_for_ever, f);
	for (u64 round = 0; round < CLOSES; round++)
		live_briefly(f, round);
	__atomic_store_n(&f->stop, 1, __ATOMIC_RELAXED);
	for (int i = 0; i < 2; i++)
		EXPECT_TRUE(worker_join(senders[i]));
	EXPECT_TRUE(worker_join(looker));
	EXPECT_LT(0, f->heard);
}

/* --- namespaces ---------------------------------------------------------------- */

/* Whoever is in them, and all that is under way, is gone from one moment to the next. */
static bool stream_until_killed(void *arg)
{
	struct fray *f = arg;
	struct fray own = { .family = f->family };
	u8 message[SIZE];
	int fd;

	setpgid(0, 0);
	hosts_open(&own.hosts, "delay 1ms");
	worker_start(send_for_ever, &own);
	worker_start(send_for_ever, &own);
	fd = hosts_socket(&own.hosts, 1, own.family, PORT);
	while (recv(fd, message, sizeof(message), 0) >= 0)
		__atomic_fetch_add(&f->stop, 1, __ATOMIC_RELAXED);
	return false;
}

TEST_F_TIMEOUT(life, namespaces, LIMIT)
{
	struct fray *f = worker_shared(sizeof(*f));

	f->family = self->family;
	for (u64 i = 0; i < SPACES; i++) {
		const u64 before = f->stop;
		const pid_t pid = worker_start(stream_until_killed, f);

		worker_await(&f->stop, before + 20 + chance(i, 20));
		ASSERT_EQ(0, kill(-pid, SIGKILL));
		ASSERT_EQ(pid, waitpid(pid, NULL, 0));
	}
}

/* --- devices ------------------------------------------------------------------- */

struct stream {
	struct flow flow;
	struct hosts hosts;
	u64 sent;
	u64 stop;
};

static size_t some_len(u64 sender, u64 index)
{
	return MESSAGE_HEADER + message_hash(sender, index) % (3 * SIZE);
}

/* One by one, until it is told to stop. */
static bool stream(void *arg)
{
	struct stream *s = arg;
	struct flow one = s->flow;

	for (one.count = 1; !__atomic_load_n(&s->stop, __ATOMIC_RELAXED); one.first++) {
		if (!flow_send(&one))
			return false;
		__atomic_fetch_add(&s->sent, 1, __ATOMIC_RELEASE);
	}
	return true;
}

static void take_down(const struct hosts *h)
{
	hosts_enter(h, 0);
	shell("ip link set eth0 down");
	poll(NULL, 0, 50);
	hosts_configure(h, 0);
}

static void rename_it(const struct hosts *h)
{
	hosts_enter(h, 1);
	shell("ip link set eth0 down && ip link set eth0 name other && ip link set other up");
	poll(NULL, 0, 50);
	shell("ip link set other down && ip link set other name eth0");
	hosts_configure(h, 1);
}

static void replace_it(const struct hosts *h)
{
	hosts_enter(h, 0);
	shell("ip link delete eth0");
	poll(NULL, 0, 50);
	hosts_join(h);
}

/* The device comes back, and all that was sent before, meanwhile and after arrives. */
static void switch_devices(struct __test_metadata *_metadata, life_t *self,
			   void (*change)(const struct hosts *h))
{
	struct stream *s = worker_shared(sizeof(*s));
	struct flow_check check = { .len = some_len };
	pid_t sender;
	int b, status;

	hosts_open(&s->hosts, NULL);
	b = hosts_socket(&s->hosts, 1, self->family, PORT);
	s->flow = (struct flow){
		.fd = hosts_socket(&s->hosts, 0, self->family, FLOW_PORT),
		.to = hosts_addr(1, self->family, PORT),
		.len = some_len,
	};
	sender = worker_start(stream, s);
	for (u64 i = 0; i < SWITCHES; i++) {
		ASSERT_TRUE(flow_receive(b, &check, check.received + 50));
		change(&s->hosts);
	}
	ASSERT_TRUE(flow_receive(b, &check, check.received + 50));
	__atomic_store_n(&s->stop, 1, __ATOMIC_RELAXED);
	/* It may wait for room. */
	while (!waitpid(sender, &status, WNOHANG)) {
		struct pollfd p = { .fd = b, .events = POLLIN };

		if (poll(&p, 1, 1) <= 0)
			continue;
		ASSERT_TRUE(flow_receive(b, &check, check.received + 1));
	}
	ASSERT_EQ(0, status);
	ASSERT_TRUE(flow_receive(b, &check, s->sent));
	EXPECT_TRUE(flow_nothing_more(b));
	close(b);
	close(s->flow.fd);
}

TEST_F_TIMEOUT(life, device_down, LIMIT)
{
	switch_devices(_metadata, self, take_down);
}

TEST_F_TIMEOUT(life, device_renamed, LIMIT)
{
	switch_devices(_metadata, self, rename_it);
}

TEST_F_TIMEOUT(life, device_replaced, LIMIT)
{
	switch_devices(_metadata, self, replace_it);
}

TEST_HARNESS_MAIN
