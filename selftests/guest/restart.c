// SPDX-License-Identifier: GPL-2.0-only
/*
 * A receiver is killed in mid-stream and started again on its port: nothing is
 * received twice, the sender goes on to the new one, and what the old one had
 * accepted to send goes out nevertheless.
 *
 * timeout: 300
 */
#include <errno.h>
#include <poll.h>

#include "kselftest_harness.h"
#include "hosts.h"
#include "flow.h"
#include "message.h"
#include "sock.h"
#include "worker.h"

RDGRAM_ONLY;

#define MESSAGES	5000
#define SIZE		600
#define REPLIES		300
#define REPLY_SIZE	1200
#define KILL_AFTER	1000
#define PORT		(FLOW_PORT + 1)
#define COLLECTOR	7002

/* What both incarnations tell; each index is written by whoever received it. */
struct shared {
	u64 received[2];
	u64 bad;
	u64 replied;
	u64 finished;
	u8 by[MESSAGES];	/* bit 0: the first incarnation had it, bit 1: the second */
};

typedef FIXTURE_DATA(restart) restart_t;

FIXTURE(restart) {
	struct hosts hosts;
	struct shared *shared;
	int family;
	int sender, collector;
	struct addr receiver;
};

FIXTURE_VARIANT(restart) {
	int family;
	const char *path;
};

FIXTURE_VARIANT_ADD(restart, v4) { .family = AF_INET };
FIXTURE_VARIANT_ADD(restart, v6) { .family = AF_INET6 };
FIXTURE_VARIANT_ADD(restart, v4_lossy) { .family = AF_INET, .path = "delay 2ms loss 5%" };

FIXTURE_SETUP(restart)
{
	self->family = variant->family;
	self->shared = worker_shared(sizeof(*self->shared));
	hosts_open(&self->hosts, variant->path);
	self->sender = hosts_socket(&self->hosts, 0, variant->family, FLOW_PORT);
	self->collector = hosts_socket(&self->hosts, 0, variant->family, COLLECTOR);
	self->receiver = hosts_addr(1, variant->family, PORT);
}

FIXTURE_TEARDOWN(restart)
{
	close(self->sender);
	close(self->collector);
}

/*
 * The port must be free at once, however much the killed one still has to
 * send: one second is for a machine that is very busy.
 */
static int bind_again(const struct addr *to)
{
	int fd = sock_new(to->sa.sa_family);

	for (int tries = 0; tries < 100; tries++) {
		if (!bind(fd, &to->sa, to->len))
			return fd;
		poll(NULL, 0, 10);
	}
	printf("# bind: %s\n", strerror(errno));
	return -1;
}

static void receive_one(int fd, struct shared *s, int incarnation, s64 *last)
{
	u8 message[SIZE + 1];
	ssize_t len = recv(fd, message, sizeof(message), 0);
	u64 index = len == SIZE ? message_index(message) : MESSAGES;

	if (index >= MESSAGES || !message_check(message, SIZE, 0, index) || (s64)index <= *last ||
	    s->by[index]) {
		printf("# incarnation %d: %zd bytes, message %llu after %lld\n", incarnation, len,
		       index, *last);
		s->bad++;
		return;
	}
	s->by[index] |= 1 << incarnation;
	*last = index;
	__atomic_add_fetch(&s->received[incarnation], 1, __ATOMIC_RELEASE);
}

static void send_replies(int fd, int family, struct shared *s)
{
	const struct addr to = hosts_addr(0, family, COLLECTOR);
	u8 reply[REPLY_SIZE];

	for (int i = 0; i < REPLIES; i++) {
		message_make(reply, REPLY_SIZE, 1, i);
		if (sock_sendto(fd, reply, REPLY_SIZE, MSG_DONTWAIT, &to) != REPLY_SIZE)
			break;
		s->replied++;
	}
	__atomic_store_n(&s->finished, 1, __ATOMIC_RELEASE);
}

static bool first_incarnation(void *arg)
{
	restart_t *self = arg;
	struct shared *s = self->shared;
	s64 last = -1;
	int fd;

	hosts_enter(&self->hosts, 1);
	fd = sock_bound(&self->receiver, NULL);
	while (s->received[0] < KILL_AFTER)
		receive_one(fd, s, 0, &last);
	send_replies(fd, self->family, s);
	/* Until it is killed. */
	while (!s->bad)
		receive_one(fd, s, 0, &last);
	return false;
}

static bool second_incarnation(void *arg)
{
	restart_t *self = arg;
	struct shared *s = self->shared;
	s64 last = -1;
	int fd;

	hosts_enter(&self->hosts, 1);
	fd = bind_again(&self->receiver);
	/* The last message is sent long after the first one died: it must arrive. */
	while (fd >= 0 && last < MESSAGES - 1 && !s->bad)
		receive_one(fd, s, 1, &last);
	return fd >= 0 && !s->bad;
}

/*
 * Messages that the killed one had begun to receive are returned, and the next
 * call tells of it, once: what that call was to send was not accepted.
 */
static bool send_one(const struct flow *flow, u64 index)
{
	u8 message[SIZE];
	int tries = 0;

	message_make(message, SIZE, 0, index);
	while (sock_sendto(flow->fd, message, SIZE, 0, &flow->to) != SIZE) {
		if ((errno != ECONNREFUSED && errno != ECONNRESET) || tries++) {
			printf("# message %llu: %s\n", index, strerror(errno));
			return false;
		}
		printf("# message %llu: the sender is told: %s\n", index, strerror(errno));
	}
	return true;
}

static bool send_all(void *arg)
{
	const struct flow *flow = arg;

	for (u64 i = flow->first; i < flow->first + flow->count; i++)
		if (!send_one(flow, i))
			return false;
	return true;
}

static bool collect_replies(int fd, u64 count)
{
	u8 reply[REPLY_SIZE + 1];

	for (u64 i = 0; i < count; i++)
		if (recv(fd, reply, sizeof(reply), 0) != REPLY_SIZE ||
		    !message_check(reply, REPLY_SIZE, 1, i))
			return false;
	return flow_nothing_more(fd);
}

TEST_F_TIMEOUT(restart, receiver_killed, 50)
{
	struct flow first = {
		.fd = self->sender, .to = self->receiver, .count = MESSAGES - 1,
	};
	struct flow last = first;
	struct shared *s = self->shared;
	pid_t one, two, sender;

	one = worker_start(first_incarnation, self);
	sender = worker_start(send_all, &first);
	worker_await(&s->finished, 1);
	worker_kill(one);
	two = worker_start(second_incarnation, self);
	EXPECT_TRUE(worker_join(sender));
	last.first = MESSAGES - 1;
	last.count = 1;
	EXPECT_TRUE(send_all(&last));
	EXPECT_TRUE(worker_join(two));
	EXPECT_EQ(0, s->bad);
	EXPECT_LE(KILL_AFTER, s->received[0]);
	EXPECT_LT(0, s->received[1]);
	EXPECT_LT(0, s->replied);
	EXPECT_TRUE(collect_replies(self->collector, s->replied));
	printf("# received %llu before and %llu after, %llu replies\n", s->received[0],
	       s->received[1], s->replied);
}

TEST_HARNESS_MAIN
