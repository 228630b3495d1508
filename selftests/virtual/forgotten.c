// SPDX-License-Identifier: GPL-2.0-only
/*
 * A peer that is forgotten, since a socket has many and this one was idle, while somebody
 * waits to send to it: the message is sent all the same, once, and is one message.
 */
#include <time.h>

#include <linux/errqueue.h>
#include <linux/net_tstamp.h>

#include "kselftest_harness.h"
#include "control.h"
#include "hosts.h"
#include "shell.h"
#include "sock.h"
#include "worker.h"

RDGRAM_ONLY;

/* More than a socket keeps, and longer than it does, from the end of their links on; s. */
#define PEERS	1100
#define IDLE	100

/* One of those that are forgotten. */
#define ONE	500

#define STAMPS	(SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_ID |	\
		 SOF_TIMESTAMPING_OPT_TSONLY | SOF_TIMESTAMPING_TX_SOFTWARE)

/* Host 1 has them all. */
static struct addr nth(int n)
{
	char text[32];

	snprintf(text, sizeof(text), "10.99.%d.%d", n / 200, n % 200 + 1);
	return addr_make(AF_INET, text, 7000);
}

/* The number of the message that an entry in the error queue is about, or -1. */
static int next_key(int fd)
{
	const size_t len = sizeof(struct sock_extended_err) + sizeof(struct sockaddr_in);
	struct sock_extended_err e;
	struct control c;
	u8 bytes[64];

	if (control_recv(fd, &c, MSG_ERRQUEUE) < 0 ||
	    !control_get(&c, IPPROTO_IP, IP_RECVERR, bytes, len))
		return -1;
	memcpy(&e, bytes, sizeof(e));
	return e.ee_data;
}

static bool send_late(void *arg)
{
	const struct addr to = nth(ONE);

	return sock_sendto(*(int *)arg, "late", 4, 0, &to) == 4;
}

/* Take messages until one is that. */
static bool arrives(int fd, const char *message)
{
	static char bytes[100000];
	ssize_t len;

	do {
		len = recv(fd, bytes, sizeof(bytes) - 1, 0);
		if (len < 0)
			return false;
		bytes[len] = 0;
	} while (strcmp(bytes, message));
	return true;
}

FIXTURE(forgotten) {
	struct hosts h;
	int fd, in;
};

FIXTURE_SETUP(forgotten)
{
	const struct addr any = addr_any(AF_INET, 7000);

	hosts_open(&self->h, NULL);
	hosts_enter(&self->h, 1);
	shell("ip route add local 10.99.0.0/16 dev lo");
	self->in = sock_bound(&any, NULL);
	self->fd = hosts_socket(&self->h, 0, AF_INET, 0);
	shell("ip route add 10.99.0.0/16 via 10.77.0.2");
}

FIXTURE_TEARDOWN(forgotten)
{
	close(self->in);
	close(self->fd);
}

TEST_F_TIMEOUT(forgotten, while_somebody_waits, 600)
{
	const int fd = self->fd, in = self->in;
	static char large[30000] = "x";
	struct rdgram_stats stats;
	int n, keys = 0;
	pid_t late;

	for (n = 0; n < PEERS; n++) {
		const struct addr to = nth(n);

		ASSERT_EQ(1, sock_sendto(fd, "1", 1, 0, &to));
		ASSERT_TRUE(arrives(in, "1"));
	}
	sock_stats(fd, &stats);
	ASSERT_EQ(PEERS, stats.peers);
	sleep(IDLE);

	/* The path is cut, and the send buffer full: who sends to an idle peer waits. */
	sock_set(fd, SO_SNDBUF, 100000);
	hosts_set_both_paths(&self->h, "loss 100%");
	for (n = PEERS - 1; n > ONE; n--) {
		const struct addr to = nth(n);

		if (sock_sendto(fd, large, sizeof(large), MSG_DONTWAIT, &to) < 0)
			break;
	}
	ASSERT_EQ(EAGAIN, errno);
	sock_set(fd, SO_TIMESTAMPING, STAMPS);
	late = worker_start(send_late, &self->fd);
	worker_await_sleep(late);

	/* Others turn up, for whom those that are idle make room. */
	for (n = PEERS; n < 2 * PEERS; n++) {
		const struct addr to = nth(n);

		ASSERT_EQ(-1, sock_sendto(fd, "2", 1, MSG_DONTWAIT, &to));
		ASSERT_EQ(EAGAIN, errno);
	}
	sock_stats(fd, &stats);
	ASSERT_GT(2 * PEERS, stats.peers);
	hosts_set_both_paths(&self->h, "limit 1000");
	ASSERT_TRUE(worker_join(late));
	ASSERT_TRUE(arrives(in, "late"));
	for (n = 0; n < 3; n++) {
		const struct addr to = nth(n);

		ASSERT_EQ(4, sock_sendto(fd, "next", 4, 0, &to));
		ASSERT_TRUE(arrives(in, "next"));
	}
	/* Those that were sent are all that were counted. */
	for (; (n = next_key(fd)) >= 0; keys++)
		EXPECT_EQ(keys, n);
	EXPECT_EQ(4, keys);
}

TEST_HARNESS_MAIN
