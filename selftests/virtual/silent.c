// SPDX-License-Identifier: GPL-2.0-only
/*
 * Peers that do not answer, by the thousand: what is sent to them, and how soon
 * they are heard of again. Packets are counted by the device.
 *
 * timeout: 1200
 * soak: four minutes
 */
#include <errno.h>
#include <sys/epoll.h>
#include <sys/resource.h>

#include "kselftest_harness.h"
#include "clock.h"
#include "counter.h"
#include "hosts.h"
#include "pingpong.h"
#include "sock.h"
#include "worker.h"

RDGRAM_ONLY;

#define PEERS_MAX	1000
#define FIRST_PORT	10000
#define PATH		"delay 5ms"
#define QUIET		"echo 0 >/proc/sys/net/ipv6/conf/eth0/router_solicitations"

static void pass_ms(u64 ms)
{
	const struct timespec span = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&span, NULL);
}

/* Packets that eth0 of the host where this thread is has sent so far, but for
 * what IPv6 says to its neighbours of its own accord.
 */
static u64 packets_sent(void)
{
	return counter_in("/proc/thread-self/net/dev",
			  " eth0: %*u %*u %*u %*u %*u %*u %*u %*u %*u %llu") -
	       counter_in("/proc/thread-self/net/snmp6", "Icmp6OutMsgs %llu");
}

/* Like "tc": fails the test where it fails. */
static void in_host(const struct hosts *h, int which, const char *command)
{
	hosts_enter(h, which);
	if (system(command)) {
		printf("# failed: %s\n", command);
		abort();
	}
	hosts_enter(h, 0);
}

/* What is cut arrives and is dropped there: the devices count all that is sent. */
static void cut(const struct hosts *h)
{
	for (int i = 0; i < HOSTS; i++) {
		in_host(h, i, "tc qdisc add dev eth0 ingress");
		in_host(h, i, "tc filter add dev eth0 ingress matchall action drop");
	}
}

static void heal(const struct hosts *h)
{
	for (int i = 0; i < HOSTS; i++)
		in_host(h, i, "tc qdisc del dev eth0 ingress");
}

static void allow_files(void)
{
	const struct rlimit many = { .rlim_cur = 8192, .rlim_max = 8192 };

	setrlimit(RLIMIT_NOFILE, &many);
}

static void watch(int epoll, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

/*
 * One socket in host 0, and many in host 1 that it sends to.
 */
typedef FIXTURE_DATA(silent) silent_t;
typedef FIXTURE_VARIANT(way) way_variant_t;

FIXTURE(silent) {
	struct hosts hosts;
	int fd;
	int epoll;
	int peer[PEERS_MAX];
	struct addr to[PEERS_MAX];
	int peers;
};

FIXTURE_VARIANT(silent) {
	int family;
	int peers;
	u64 heard_ms;		/* after the cut all are heard of within this */
};

FIXTURE_VARIANT_ADD(silent, few) { .family = AF_INET, .peers = 10, .heard_ms = 1000 };
FIXTURE_VARIANT_ADD(silent, many) { .family = AF_INET, .peers = 600, .heard_ms = 1000 };
FIXTURE_VARIANT_ADD(silent, thousand) { .family = AF_INET, .peers = 1000, .heard_ms = 1600 };
FIXTURE_VARIANT_ADD(silent, thousand_v6) { .family = AF_INET6, .peers = 1000, .heard_ms = 1600 };

FIXTURE_SETUP(silent)
{
	allow_files();
	self->peers = variant->peers;
	self->epoll = epoll_create1(0);
	hosts_open(&self->hosts, PATH);
	self->fd = hosts_socket(&self->hosts, 0, variant->family, 7000);
	for (int i = 0; i < self->peers; i++) {
		self->peer[i] = hosts_socket(&self->hosts, 1, variant->family, FIRST_PORT + i);
		self->to[i] = hosts_addr(1, variant->family, FIRST_PORT + i);
		watch(self->epoll, self->peer[i]);
	}
	for (int i = 0; i < HOSTS; i++)
		in_host(&self->hosts, i, QUIET);
	hosts_enter(&self->hosts, 0);
	/* IPv6 adds routes of its own accord: silent peers would be asked at once. */
	pass_ms(5000);
}

FIXTURE_TEARDOWN(silent)
{
	close(self->fd);
	close(self->epoll);
	for (int i = 0; i < self->peers; i++)
		close(self->peer[i]);
}

static bool say_to_all(silent_t *self, u32 what)
{
	for (int i = 0; i < self->peers; i++) {
		if (sock_sendto(self->fd, &what, sizeof(what), 0, &self->to[i]) == sizeof(what))
			continue;
		printf("# sendto peer %d: %s\n", i, strerror(errno));
		return false;
	}
	return true;
}

/* Until all have got it, or @ms have passed; how many ms it took, or ~0. */
static u64 collect_all(silent_t *self, u32 what, u64 ms)
{
	u64 began = clock_ms(), passed = 0;
	struct epoll_event ready;
	int got = 0;
	u32 heard;

	while (got < self->peers && passed <= ms) {
		if (epoll_wait(self->epoll, &ready, 1, ms - passed) == 1) {
			if (recv(ready.data.fd, &heard, sizeof(heard), 0) != sizeof(heard) ||
			    heard != what)
				return ~0ULL;
			got++;
		}
		passed = clock_ms() - began;
	}
	return got == self->peers ? passed : ~0ULL;
}

/**
 * struct count - packets that this host has sent in a time
 *
 * @sum: all of them.
 * @second: the most of them in any second, to a tenth.
 * @tenth: the most in a tenth of a second.
 */
struct count {
	u64 sum, second, tenth;
};

/* From now on, or from when it had sent @from in all. */
static struct count count_packets(u64 from, int seconds)
{
	struct count c = {};
	u64 sent[11];	/* a ring: in all, at the end of each of the last tenths */

	for (int i = 0; i < 11; i++)
		sent[i] = from;
	for (int i = 1; i <= 10 * seconds; i++) {
		u64 now, n;

		pass_ms(100);
		now = packets_sent();
		n = now - sent[(i - 1) % 11];
		c.tenth = n > c.tenth ? n : c.tenth;
		sent[i % 11] = now;
		n = now - sent[(i + 1) % 11];
		c.second = n > c.second ? n : c.second;
	}
	c.sum = sent[10 * seconds % 11] - from;
	return c;
}

/* How the rounds of those that are silent are spread shows after some of them. */
#define WATCHED		22

TEST_F_TIMEOUT(silent, share_a_budget, 100000)
{
	struct count probes;
	u64 ms;

	/* Until no path is searched for what it carries any more. */
	for (u32 i = 0; i < 10; i++) {
		ASSERT_TRUE(say_to_all(self, i));
		ASSERT_NE(~0ULL, collect_all(self, i, 5000));
	}
	pass_ms(1000);
	cut(&self->hosts);
	ASSERT_TRUE(say_to_all(self, 10));
	/* The messages have left, and none is asked for yet. */
	pass_ms(6);
	probes = count_packets(packets_sent(), WATCHED);
	printf("# %d peers: at most %llu probes in a second, mean %llu\n", self->peers,
	       probes.second, probes.sum / WATCHED);
	EXPECT_GE(1000, probes.second);
	/* They are asked, though: each about once a second, or the budget is used. */
	EXPECT_LE(self->peers < 600 ? self->peers : 600, (int)(probes.sum / WATCHED));
	heal(&self->hosts);
	ms = collect_all(self, 10, 10000);
	printf("# all are heard of after %llu ms\n", ms);
	EXPECT_GE(variant->heard_ms, ms);
	sock_wait_settled(self->fd);
}

/* Addresses that never answered are silent, too. */
TEST_F_TIMEOUT(silent, first_contact, 100000)
{
	struct count probes;
	u64 before, ms;

	cut(&self->hosts);
	before = packets_sent();
	ASSERT_TRUE(say_to_all(self, 1));
	probes = count_packets(before, WATCHED);
	printf("# %d peers: at most %llu probes in a second, mean %llu\n", self->peers,
	       probes.second, probes.sum / WATCHED);
	EXPECT_GE(1000, probes.second);
	EXPECT_LE(self->peers < 600 ? self->peers : 600, (int)(probes.sum / WATCHED));
	heal(&self->hosts);
	ms = collect_all(self, 1, 10000);
	printf("# all are heard of after %llu ms\n", ms);
	EXPECT_GE(variant->heard_ms, ms);
}

/* Where all of them are there nobody waits for the others: a round trip and a half,
 * and as long again for the rest of a thousand, from the third on.
 */
TEST_F_TIMEOUT(silent, first_contact_with_the_living, 100000)
{
	u64 ms;

	ASSERT_TRUE(say_to_all(self, 1));
	ms = collect_all(self, 1, 5000);
	printf("# %d peers are reached after %llu ms\n", self->peers, ms);
	EXPECT_GE(self->peers <= 256 ? 15 : 60, ms);
}

/* While all the others fall silent, one that is there loses packets, and does not
 * wait for its turn to ask.
 */
TEST_F_TIMEOUT(silent, the_living_recover, 100000)
{
	const char *family = variant->family == AF_INET ? "ip" : "ipv6";
	const struct addr to = hosts_addr(1, variant->family, 7000);
	u64 ns[50], began, ms, worst = 0;
	char filter[256], c;
	int fd, alive;
	pid_t echo;

	alive = hosts_socket(&self->hosts, 1, variant->family, 7000);
	fd = hosts_socket(&self->hosts, 0, variant->family, 7001);
	echo = pingpong_start_echo(alive);
	sock_connect(fd, &to);
	ASSERT_TRUE(pingpong_run(fd, ns, 50));
	ASSERT_TRUE(say_to_all(self, 1));
	ASSERT_NE(~0ULL, collect_all(self, 1, 5000));
	pass_ms(1000);
	snprintf(filter, sizeof(filter),
		 "tc filter add dev eth0 ingress protocol %s flower ip_proto udp dst_port %d-%d action drop",
		 family, FIRST_PORT, FIRST_PORT + self->peers - 1);
	in_host(&self->hosts, 1, "tc qdisc add dev eth0 ingress");
	in_host(&self->hosts, 1, filter);
	ASSERT_TRUE(say_to_all(self, 2));
	for (int i = 0; i < 30; i++) {
		hosts_set_path(&self->hosts, 0, PATH " loss 100%");
		began = clock_ms();
		ASSERT_EQ(PINGPONG_SIZE, send(fd, ns, PINGPONG_SIZE, 0));
		pass_ms(1);
		hosts_set_path(&self->hosts, 0, PATH " loss 0%");
		ASSERT_EQ(PINGPONG_SIZE, recv(fd, &c, 1, MSG_TRUNC));
		ms = clock_ms() - began;
		worst = ms > worst ? ms : worst;
	}
	printf("# beside %d that fall silent what is lost takes %llu ms at the most\n",
	       self->peers, worst);
	/* A round trip, a probe timeout, and what a turn may take to be noticed. */
	EXPECT_GE(60, worst);
	worker_kill(echo);
	close(fd);
	close(alive);
}

/* All of them are with a server that crashes and is back at once, and all have
 * something to say to it at the same moment.
 */
static bool all_are_with(silent_t *self, const struct addr *server)
{
	for (int i = 0; i < self->peers; i++)
		if (sock_sendto(self->peer[i], "?", 1, 0, server) != 1)
			return false;
	for (int i = 0; i < self->peers; i++) {
		char c;

		if (sock_recvfrom(self->fd, &c, 1, 0, NULL) != 1)
			return false;
	}
	pass_ms(1000);
	return true;
}

/* What a crash leaves: nothing is heard of it. */
static void crash_and_be_back(silent_t *self, int family)
{
	cut(&self->hosts);
	sock_set_linger(self->fd, 0);
	close(self->fd);
	pass_ms(100);
	self->fd = hosts_socket(&self->hosts, 0, family, 7000);
	heal(&self->hosts);
}

/* Those whose link has died say it again, each once. How many have done so. */
static int say_it_again(silent_t *self, bool *said, const struct addr *server)
{
	struct rdgram_stats stats;
	int n = 0;

	for (int i = 0; i < self->peers; i++) {
		if (!said[i])
			sock_stats(self->peer[i], &stats);
		if (!said[i] && stats.links_died) {
			/* The first time tells of the death. */
			while (sock_sendto(self->peer[i], "!", 1, 0, server) != 1)
				;
			said[i] = true;
		}
		n += said[i];
	}
	return n;
}

static int receive_some(int fd)
{
	int n = 0;
	char c;

	while (sock_recvfrom(fd, &c, 1, MSG_DONTWAIT, NULL) == 1)
		n += c == '!';
	return n;
}

#define TENTHS	50

TEST_F_TIMEOUT(silent, restart_is_no_storm, 100000)
{
	const struct addr server = hosts_addr(0, variant->family, 7000);
	u64 before, asked[TENTHS] = {}, most = 0;
	bool said[PEERS_MAX] = {};
	int heard = 0, all = 0;

	ASSERT_TRUE(all_are_with(self, &server));
	crash_and_be_back(self, variant->family);
	hosts_enter(&self->hosts, 1);
	for (int i = 0; i < self->peers; i++)
		ASSERT_EQ(1, sock_sendto(self->peer[i], "?", 1, 0, &server));
	before = packets_sent();
	for (int t = 0; t < TENTHS; t++) {
		for (int i = 0; i < 20; i++) {
			pass_ms(5);
			say_it_again(self, said, &server);
			heard += receive_some(self->fd);
		}
		asked[t] = packets_sent() - before;
		before += asked[t];
		/* The first has what all of them say at the same moment. */
		most = t && asked[t] > most ? asked[t] : most;
		if (heard == self->peers && !all)
			all = t + 1;
	}
	printf("# packets of %d in tenths of a second:", self->peers);
	for (int t = 0; t < TENTHS; t++)
		printf(" %llu", asked[t]);
	printf("\n# all are heard of after %d.%d s\n", all / 10, all % 10);
	EXPECT_EQ(self->peers, heard);
	EXPECT_GE(self->peers < 50 ? 100 : self->peers * 2, (int)most);
	hosts_enter(&self->hosts, 0);
}

/*
 * So many addresses are silent that each is asked every five seconds; one of
 * them is a peer that is there, to which the way is closed and opened again.
 */
#define DEAD		4000

FIXTURE(way) {
	struct hosts hosts;
	int fd, peer;
};

FIXTURE_VARIANT(way) {
	int family;
	const char *peer;		/* its address */
	const char *dead;		/* addresses behind it that do not answer */
	int host;			/* where the way is closed and opened */
	const char *close, *open;
};

FIXTURE_VARIANT_ADD(way, carrier) {
	.family = AF_INET, .peer = "10.77.0.2", .dead = "10.78.%d.%d", .host = 1,
	.close = "ip link set eth0 down", .open = "ip link set eth0 up",
};

FIXTURE_VARIANT_ADD(way, route) {
	.family = AF_INET, .peer = "10.79.0.1", .dead = "10.78.%d.%d", .host = 0,
	.close = "ip route del 10.79.0.1", .open = "ip route add 10.79.0.1 via 10.77.0.2",
};

FIXTURE_VARIANT_ADD(way, route_v6) {
	.family = AF_INET6, .peer = "fd79::1", .dead = "fd78::%d:%d", .host = 0,
	.close = "ip route del fd79::1", .open = "ip route add fd79::1 via fd77::2",
};

FIXTURE_SETUP(way)
{
	const struct addr at = addr_make(variant->family, variant->peer, 7000);

	hosts_open(&self->hosts, PATH);
	in_host(&self->hosts, 1, "ip address add 10.79.0.1/32 dev lo");
	in_host(&self->hosts, 1, "ip address add fd79::1/128 dev lo nodad");
	in_host(&self->hosts, 0, "ip route add 10.79.0.1 via 10.77.0.2");
	in_host(&self->hosts, 0, "ip route add 10.78.0.0/16 via 10.77.0.2");
	in_host(&self->hosts, 0, "ip route add fd79::1 via fd77::2");
	in_host(&self->hosts, 0, "ip route add fd78::/64 via fd77::2");
	hosts_enter(&self->hosts, 1);
	self->peer = sock_bound(&at, NULL);
	hosts_enter(&self->hosts, 0);
	self->fd = hosts_socket(&self->hosts, 0, variant->family, 7000);
}

FIXTURE_TEARDOWN(way)
{
	close(self->fd);
	close(self->peer);
}

/* What is not said when it is closed never is. */
static int hasty_socket(const way_variant_t *variant)
{
	const struct addr any = addr_make(variant->family,
					  variant->family == AF_INET ? "0.0.0.0" : "::", 0);
	int fd = sock_bound(&any, NULL);
	const u32 forever = 0;

	sock_set(fd, SO_SNDBUFFORCE, 64 << 20);
	sock_set_linger(fd, 0);
	setsockopt(fd, SOL_RDGRAM, RDGRAM_USER_TIMEOUT, &forever, sizeof(forever));
	return fd;
}

/* To @n of the dead, from the @first on. */
static bool say_to_the_dead(int fd, const way_variant_t *variant, int first, int n)
{
	struct addr to;
	char text[64];

	for (int i = first; i < first + n; i++) {
		snprintf(text, sizeof(text), variant->dead, i / 200, 2 + i % 200);
		to = addr_make(variant->family, text, 7000);
		if (sock_sendto(fd, "?", 1, 0, &to) != 1) {
			printf("# sendto %s: %s\n", text, strerror(errno));
			return false;
		}
	}
	return true;
}

static int send_to_the_dead(const way_variant_t *variant)
{
	int fd = hasty_socket(variant);

	return say_to_the_dead(fd, variant, 0, DEAD) ? fd : -1;
}

TEST_F_TIMEOUT(way, comes_back, 100000)
{
	const struct addr to = addr_make(variant->family, variant->peer, 7000);
	int dead = send_to_the_dead(variant);
	u64 began, ms, worst = 0;
	u32 what;

	ASSERT_LE(0, dead);
	for (int round = 0; round < 4; round++) {
		ASSERT_EQ(4, sock_sendto(self->fd, &what, 4, 0, &to));
		ASSERT_EQ(4, sock_recvfrom(self->peer, &what, 4, 0, NULL));
		pass_ms(1000);
		in_host(&self->hosts, variant->host, variant->close);
		ASSERT_EQ(4, sock_sendto(self->fd, &what, 4, 0, &to));
		pass_ms(20000 + 777 * round);
		began = clock_ms();
		in_host(&self->hosts, variant->host, variant->open);
		ASSERT_EQ(4, sock_recvfrom(self->peer, &what, 4, 0, NULL));
		ms = clock_ms() - began;
		worst = ms > worst ? ms : worst;
	}
	printf("# heard %llu ms after it was opened at the latest\n", worst);
	EXPECT_GE(1000, worst);
	close(dead);
}

/* A program that sends to addresses where nobody is, to a new one all the time, and
 * one that is there: what it loses does not wait for them.
 */
TEST_F_TIMEOUT(way, the_known_do_not_wait_for_the_dead, 100000)
{
	const struct addr to = addr_make(variant->family, variant->peer, 7000);
	int dead = hasty_socket(variant), said = 1000;
	u64 began, ms, worst = 0;
	u32 what;

	for (int i = 0; i < 10; i++) {
		ASSERT_EQ(4, sock_sendto(self->fd, &what, 4, 0, &to));
		ASSERT_EQ(4, sock_recvfrom(self->peer, &what, 4, 0, NULL));
		pass_ms(100);
	}
	ASSERT_TRUE(say_to_the_dead(dead, variant, 0, said));
	for (int round = 0; round < 5; round++) {
		hosts_set_path(&self->hosts, 0, PATH " loss 100%");
		began = clock_ms();
		ASSERT_EQ(4, sock_sendto(self->fd, &what, 4, 0, &to));
		pass_ms(1);
		hosts_set_path(&self->hosts, 0, PATH " loss 0%");
		do {
			ASSERT_TRUE(say_to_the_dead(dead, variant, said, 5));
			said += 5;
			pass_ms(1);
			ms = clock_ms() - began;
		} while (ms < 2000 && sock_recvfrom(self->peer, &what, 4, MSG_DONTWAIT, NULL) != 4);
		worst = ms > worst ? ms : worst;
	}
	printf("# beside %d that are not there what is lost takes %llu ms at the most\n", said,
	       worst);
	EXPECT_GE(60, worst);
	close(dead);
}

/* The same where the first probe is lost, too: from the second on the known have a share
 * of their own.
 */
TEST_F_TIMEOUT(way, nor_do_they_share_with_the_dead, 100000)
{
	const struct addr to = addr_make(variant->family, variant->peer, 7000);
	u64 began, ms, worst = 0;
	u32 what;
	int dead;

	for (int i = 0; i < 10; i++) {
		ASSERT_EQ(4, sock_sendto(self->fd, &what, 4, 0, &to));
		ASSERT_EQ(4, sock_recvfrom(self->peer, &what, 4, 0, NULL));
		pass_ms(100);
	}
	dead = send_to_the_dead(variant);
	ASSERT_LE(0, dead);
	/* Until all of them were asked, and are silent. */
	pass_ms(10000);
	for (int round = 0; round < 5; round++) {
		hosts_set_path(&self->hosts, 0, PATH " loss 100%");
		began = clock_ms();
		ASSERT_EQ(4, sock_sendto(self->fd, &what, 4, 0, &to));
		pass_ms(100);
		hosts_set_path(&self->hosts, 0, PATH " loss 0%");
		ASSERT_EQ(4, sock_recvfrom(self->peer, &what, 4, 0, NULL));
		ms = clock_ms() - began;
		worst = ms > worst ? ms : worst;
		pass_ms(1000);
	}
	printf("# beside %d that are silent what is lost twice takes %llu ms at the most\n",
	       DEAD, worst);
	EXPECT_GE(1000, worst);
	close(dead);
}

/* Who goes away at once has asked all the same. */
TEST_F_TIMEOUT(way, close_makes_no_room, 100000)
{
	u64 before, began, asked;

	in_host(&self->hosts, 0, QUIET);
	pass_ms(5000);
	before = packets_sent();
	began = clock_ms();
	for (int i = 0; i < 1000; i++) {
		int fd = hasty_socket(variant);

		ASSERT_TRUE(say_to_the_dead(fd, variant, i, 1));
		close(fd);
	}
	pass_ms(100);
	asked = packets_sent() - before;
	printf("# %llu INITs in %llu ms\n", asked, clock_ms() - began);
	/* 256 at once, and 650 a second. */
	EXPECT_LE(256, (int)asked);
	EXPECT_GE(260 + (clock_ms() - began) * 650 / 1000, asked);
}

/* A question that was asked long ago makes no room when it is over. */
TEST_F_TIMEOUT(way, the_end_of_the_silent_makes_no_room, 100000)
{
	int old = hasty_socket(variant), dead = hasty_socket(variant);
	u64 before, asked;

	in_host(&self->hosts, 0, QUIET);
	ASSERT_TRUE(say_to_the_dead(old, variant, 0, 1000));
	pass_ms(10000);
	ASSERT_TRUE(say_to_the_dead(dead, variant, 1000, 1000));
	pass_ms(10);
	before = packets_sent();
	close(old);
	pass_ms(100);
	asked = packets_sent() - before;
	printf("# %llu packets in 100 ms\n", asked);
	/* 650 a second, and what the silent are asked. */
	EXPECT_GE(200, asked);
	close(dead);
}

/* The default of the namespace is that of new sockets. */
TEST(user_timeout_has_a_default)
{
	const struct addr nobody = addr_make(AF_INET, "10.77.0.9", 7000);
	struct rdgram_stats stats;
	socklen_t len = sizeof(u32);
	struct hosts hosts;
	u32 before, after;
	int fd[2];

	hosts_open(&hosts, PATH);
	fd[0] = hosts_socket(&hosts, 0, AF_INET, 7000);
	in_host(&hosts, 0, "echo 5000 >/proc/sys/net/rdgram/user_timeout");
	in_host(&hosts, 0, "! echo -1 2>/dev/null >/proc/sys/net/rdgram/user_timeout");
	fd[1] = hosts_socket(&hosts, 0, AF_INET, 7001);
	ASSERT_EQ(0, getsockopt(fd[0], SOL_RDGRAM, RDGRAM_USER_TIMEOUT, &before, &len));
	ASSERT_EQ(0, getsockopt(fd[1], SOL_RDGRAM, RDGRAM_USER_TIMEOUT, &after, &len));
	EXPECT_EQ(300000, before);
	EXPECT_EQ(5000, after);
	ASSERT_EQ(1, sock_sendto(fd[1], "?", 1, 0, &nobody));
	pass_ms(4900);
	sock_stats(fd[1], &stats);
	EXPECT_EQ(0, stats.messages_not_delivered);
	pass_ms(200);
	sock_stats(fd[1], &stats);
	EXPECT_EQ(1, stats.messages_not_delivered);
	close(fd[0]);
	close(fd[1]);
}

TEST_HARNESS_MAIN
