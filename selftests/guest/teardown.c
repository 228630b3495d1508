// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sockets, processes and whole network namespaces that go away while packets,
 * timers and retransmissions are under way. The kernel must not say a word.
 *
 * timeout: 400
 */
#include <poll.h>

#include "kselftest_harness.h"
#include "flow.h"
#include "hosts.h"
#include "klog.h"
#include "message.h"
#include "sock.h"
#include "worker.h"

RDGRAM_ONLY;

#define ROUNDS	200
#define PORT	7000
#define SIZE	3000

typedef FIXTURE_DATA(teardown) teardown_t;

FIXTURE(teardown) {
	int klog;
	int family;
	const char *path;
};

FIXTURE_VARIANT(teardown) {
	int family;
	const char *path;
};

FIXTURE_VARIANT_ADD(teardown, v4) { .family = AF_INET };
FIXTURE_VARIANT_ADD(teardown, v6_lossy) {
	.family = AF_INET6, .path = "delay 2ms loss 10% duplicate 10% reorder 25%",
};

FIXTURE_SETUP(teardown)
{
	self->klog = klog_open();
	self->family = variant->family;
	self->path = variant->path;
}

FIXTURE_TEARDOWN(teardown)
{
	/* Callbacks into what is gone show themselves within a moment. */
	poll(NULL, 0, 300);
	EXPECT_TRUE(klog_silent(self->klog));
}

/*
 * What is sent in one round: to a peer that reads, to one that does not, and
 * to nobody. Whether the socket is closed at once, after an answer, or aborted
 * depends on the round.
 */
static void one_round(int fd, int family, int round)
{
	static const u8 message[SIZE];
	const u16 ports[] = { PORT, PORT + 1, PORT + 2 };
	struct addr to;

	for (int i = 0; i < 12; i++) {
		to = hosts_addr(1, family, ports[i % ARRAY_SIZE(ports)]);
		sock_sendto(fd, message, round * 37 % SIZE, MSG_DONTWAIT, &to);
	}
	if (round % 3 == 0)
		sock_set_linger(fd, 0);
	if (round % 4 == 0)
		poll(NULL, 0, 3);
	close(fd);
}

static bool read_for_ever(void *arg)
{
	const int fd = *(int *)arg;
	u8 message[SIZE];

	while (recv(fd, message, sizeof(message), 0) >= 0)
		;
	return false;
}

TEST_F_TIMEOUT(teardown, sockets, 60)
{
	struct hosts hosts;
	int reads, lazy, fd;
	pid_t reader;

	hosts_open(&hosts, self->path);
	reads = hosts_socket(&hosts, 1, self->family, PORT);
	/* Before the lazy one is opened: the reader would share it, and keep it open. */
	reader = worker_start(read_for_ever, &reads);
	lazy = hosts_socket(&hosts, 1, self->family, PORT + 1);
	for (int i = 0; i < ROUNDS; i++) {
		/* Now and then the lazy one closes too, with unread messages. */
		if (i % 16 == 15) {
			close(lazy);
			lazy = hosts_socket(&hosts, 1, self->family, PORT + 1);
		}
		fd = hosts_socket(&hosts, 0, self->family, i % 2 ? 0 : FLOW_PORT);
		one_round(fd, self->family, i);
	}
	worker_kill(reader);
	close(reads);
	close(lazy);
}

/* Everything of this process is gone at once, its network namespaces too. */
static bool live_briefly(void *arg)
{
	teardown_t *self = arg;
	struct hosts hosts;
	int fds[4];

	hosts_open(&hosts, self->path);
	for (int i = 0; i < 2; i++)
		fds[i] = hosts_socket(&hosts, 1, self->family, PORT + i);
	for (int i = 2; i < 4; i++)
		fds[i] = hosts_socket(&hosts, 0, self->family, 0);
	for (int i = 0; i < 4; i++) {
		if (i != 2)
			sock_set_linger(fds[i], 0);
		if (i >= 2)
			one_round(dup(fds[i]), self->family, i);
	}
	return true;
}

TEST_F_TIMEOUT(teardown, namespaces, 60)
{
	for (int i = 0; i < 6; i++) {
		pid_t one = worker_start(live_briefly, self);
		pid_t two = worker_start(live_briefly, self);

		EXPECT_TRUE(worker_join(one));
		EXPECT_TRUE(worker_join(two));
	}
}

TEST_HARNESS_MAIN
