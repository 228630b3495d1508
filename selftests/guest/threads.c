// SPDX-License-Identifier: GPL-2.0-only
/*
 * Several threads with one socket: the messages of each arrive in its order,
 * and several readers get each message once, and none sleeps on while there is one.
 *
 * timeout: 300
 */
#include <pthread.h>
#include <stdatomic.h>

#include "kselftest_harness.h"
#include "message.h"
#include "shell.h"
#include "sock.h"
#include "worker.h"

RDGRAM_ONLY;

#define CONTACTS	300
#define THREADS		4
#define MESSAGES	3000
#define SIZE		300

FIXTURE(threads) {
	int a, b;
	struct addr addr_b;
};

FIXTURE_VARIANT(threads) {
	int family;
};

FIXTURE_VARIANT_ADD(threads, v4) { .family = AF_INET };
FIXTURE_VARIANT_ADD(threads, v6) { .family = AF_INET6 };

FIXTURE_SETUP(threads)
{
	net_isolate();
	self->a = sock_on_loopback(variant->family, NULL);
	self->b = sock_on_loopback(variant->family, &self->addr_b);
	sock_connect(self->a, &self->addr_b);
}

FIXTURE_TEARDOWN(threads)
{
	close(self->a);
	close(self->b);
}

struct job {
	pthread_t thread;
	int fd;
	u64 number;
	bool good;
};

static void *send_own(void *arg)
{
	struct job *job = arg;
	u8 message[SIZE];

	job->good = true;
	for (u64 i = 0; i < MESSAGES && job->good; i++) {
		message_make(message, SIZE, job->number, i);
		job->good = send(job->fd, message, SIZE, 0) == SIZE;
	}
	return NULL;
}

static void start(struct job jobs[THREADS], void *(*work)(void *), int fd)
{
	for (int i = 0; i < THREADS; i++) {
		jobs[i] = (struct job){ .fd = fd, .number = i };
		if (pthread_create(&jobs[i].thread, NULL, work, &jobs[i]))
			abort();
	}
}

static bool finish(struct job jobs[THREADS])
{
	bool good = true;

	for (int i = 0; i < THREADS; i++) {
		pthread_join(jobs[i].thread, NULL);
		good = good && jobs[i].good;
	}
	return good;
}

TEST_F_TIMEOUT(threads, each_in_its_order, 50)
{
	u8 message[SIZE + 1];
	u64 next[THREADS] = { }, sender;
	struct job jobs[THREADS];

	start(jobs, send_own, self->a);
	for (int i = 0; i < THREADS * MESSAGES; i++) {
		ASSERT_EQ(SIZE, recv(self->b, message, sizeof(message), 0));
		sender = message_sender(message);
		ASSERT_GT(THREADS, sender);
		ASSERT_EQ(next[sender], message_index(message));
		ASSERT_TRUE(message_check(message, SIZE, sender, next[sender]));
		next[sender]++;
	}
	EXPECT_TRUE(finish(jobs));
	EXPECT_EQ(-1, recv(self->b, message, sizeof(message), MSG_DONTWAIT));
	EXPECT_EQ(EAGAIN, errno);
}

static pthread_barrier_t together;

static void *send_one(void *arg)
{
	struct job *job = arg;
	u8 message[SIZE];

	message_make(message, SIZE, job->number, 0);
	pthread_barrier_wait(&together);
	job->good = send(job->fd, message, SIZE, 0) == SIZE;
	return NULL;
}

static struct addr contact;

static void *send_first(void *arg)
{
	struct job *job = arg;
	u8 message[SIZE];

	message_make(message, SIZE, job->number, 0);
	pthread_barrier_wait(&together);
	job->good = sock_sendto(job->fd, message, SIZE, 0, &contact) == SIZE;
	return NULL;
}

static void take_one_of_each(struct __test_metadata *_metadata, int fd)
{
	bool came[THREADS] = {};
	u8 message[SIZE + 1];

	for (int i = 0; i < THREADS; i++) {
		ASSERT_EQ(SIZE, recv(fd, message, sizeof(message), 0));
		ASSERT_GT(THREADS, message_sender(message));
		ASSERT_FALSE(came[message_sender(message)]);
		came[message_sender(message)] = true;
	}
}

/* One of them makes the peer; another may find it before it is complete. */
TEST_F_TIMEOUT(threads, first_contact, 50)
{
	struct job jobs[THREADS];

	ASSERT_EQ(0, pthread_barrier_init(&together, NULL, THREADS));
	for (int round = 0; round < CONTACTS; round++) {
		int a = sock_on_loopback(variant->family, NULL);

		sock_connect(a, &self->addr_b);
		start(jobs, send_one, a);
		take_one_of_each(_metadata, self->b);
		ASSERT_TRUE(finish(jobs));
		close(a);
	}
	pthread_barrier_destroy(&together);
}

/*
 * One of them binds the socket, and others find it bound by half. Who asked for a route by the
 * port meanwhile would hear that there is none.
 */
TEST_F_TIMEOUT(threads, first_message_binds, 50)
{
	const bool v4 = variant->family == AF_INET;
	const char *host = v4 ? "10.9.9.9" : "fd09::9";
	const struct addr to = addr_make(variant->family, host, 7000);
	struct job jobs[THREADS];
	int b;

	shell("ip address add %s dev lo\n"
	      "ip %s -batch - <<-END\n"
	      "rule add pref 1 to %s ipproto udp sport 1-65534 lookup local\n"
	      "rule add pref 2 to %s ipproto udp unreachable\n"
	      "rule add pref 3 lookup local\n"
	      "rule del pref 0\n"
	      "END", v4 ? "10.9.9.9/32" : "fd09::9/128 nodad", v4 ? "-4" : "-6", host, host);
	b = sock_bound(&to, NULL);
	contact = to;
	ASSERT_EQ(0, pthread_barrier_init(&together, NULL, THREADS));
	for (int round = 0; round < CONTACTS; round++) {
		int a = sock_new(variant->family);

		start(jobs, send_first, a);
		take_one_of_each(_metadata, b);
		ASSERT_TRUE(finish(jobs));
		close(a);
	}
	pthread_barrier_destroy(&together);
	close(b);
}

/* How often each message was read, by whichever thread. */
static atomic_int seen[MESSAGES];

static void *read_some(void *arg)
{
	struct job *job = arg;
	u8 message[SIZE + 1];
	ssize_t len;

	job->good = true;
	/* An empty message tells one thread to end. */
	while (job->good && (len = recv(job->fd, message, sizeof(message), 0))) {
		job->good = len == SIZE && message_index(message) < MESSAGES;
		if (job->good)
			atomic_fetch_add(&seen[message_index(message)], 1);
	}
	return NULL;
}

TEST_F_TIMEOUT(threads, each_read_once, 50)
{
	struct job jobs[THREADS];
	u8 message[SIZE];

	start(jobs, read_some, self->b);
	for (u64 i = 0; i < MESSAGES; i++) {
		message_make(message, SIZE, 0, i);
		ASSERT_EQ(SIZE, send(self->a, message, SIZE, 0));
	}
	for (int i = 0; i < THREADS; i++)
		ASSERT_EQ(0, send(self->a, "", 0, 0));
	EXPECT_TRUE(finish(jobs));
	for (int i = 0; i < MESSAGES; i++)
		EXPECT_EQ(1, seen[i]);
}

/* Start somebody, and wait until he sleeps. */
static pid_t start_sleeper(bool (*work)(void *arg), int *fd)
{
	pid_t pid = worker_start(work, fd);
	char path[32], state = 0;
	FILE *stat;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	while (state != 'S') {
		usleep(1000);
		stat = fopen(path, "r");
		if (!stat || fscanf(stat, "%*d %*[^)]) %c", &state) != 1)
			abort();
		fclose(stat);
	}
	return pid;
}

static bool read_one(void *fd)
{
	u8 message[SIZE + 1];

	return recv(*(int *)fd, message, sizeof(message), 0) == SIZE;
}

static bool peek_one(void *fd)
{
	u8 message[SIZE + 1];

	return recv(*(int *)fd, message, sizeof(message), MSG_PEEK) == SIZE;
}

/* The first who waits only looks: it keeps the message from nobody, but may come late. */
TEST_F_TIMEOUT(threads, peeking_wakes_the_next, 20)
{
	pid_t peeks = start_sleeper(peek_one, &self->b);
	pid_t reads = start_sleeper(read_one, &self->b);
	u8 message[SIZE] = {};

	ASSERT_EQ(SIZE, send(self->a, message, SIZE, 0));
	EXPECT_TRUE(worker_join(reads));
	ASSERT_EQ(SIZE, send(self->a, message, SIZE, 0));
	EXPECT_TRUE(worker_join(peeks));
}

/* Messages that come in one packet are news once. */
TEST_F_TIMEOUT(threads, one_packet_wakes_all_it_is_for, 20)
{
	pid_t readers[THREADS];
	u8 message[SIZE] = {};

	/* What the handshake carries is a packet of its own. */
	ASSERT_EQ(SIZE, send(self->a, message, SIZE, 0));
	ASSERT_EQ(SIZE, recv(self->b, message, SIZE, 0));
	for (int i = 0; i < THREADS; i++)
		readers[i] = start_sleeper(read_one, &self->b);
	for (int i = 0; i < THREADS; i++)
		ASSERT_EQ(SIZE, send(self->a, message, SIZE, i < THREADS - 1 ? MSG_MORE : 0));
	for (int i = 0; i < THREADS; i++)
		EXPECT_TRUE(worker_join(readers[i]));
}

TEST_HARNESS_MAIN
