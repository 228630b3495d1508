// SPDX-License-Identifier: GPL-2.0-only
/* Busy polling: who waits for a message asks the device, instead of being told by it. */
#include <fcntl.h>
#include <poll.h>
#include <sched.h>

#include "kselftest_harness.h"
#include "hosts.h"
#include "pingpong.h"
#include "shell.h"
#include "sock.h"
#include "worker.h"

FIXTURE(socket_busy) {
	struct hosts h;
	int fd, echo;
	struct addr to;
};

FIXTURE_VARIANT(socket_busy) {
	int family;
};

FIXTURE_VARIANT_ADD(socket_busy, v4) { .family = AF_INET };
FIXTURE_VARIANT_ADD(socket_busy, v6) { .family = AF_INET6 };

/* A veth can be polled where it does GRO. */
FIXTURE_SETUP(socket_busy)
{
	hosts_open(&self->h, NULL);
	self->echo = hosts_socket(&self->h, 1, variant->family, 7000);
	self->fd = hosts_socket(&self->h, 0, variant->family, 0);
	self->to = hosts_addr(1, variant->family, 7000);
	shell("ethtool -K eth0 gro on");
}

FIXTURE_TEARDOWN(socket_busy)
{
	close(self->fd);
	close(self->echo);
}

static bool hear(int fd, int echo, const struct addr *to)
{
	char bytes[16];
	struct addr from;

	return sock_sendto(fd, "x", 1, 0, to) == 1 &&
	       sock_recvfrom(echo, bytes, sizeof(bytes), 0, &from) == 1 &&
	       sock_sendto(echo, "y", 1, 0, &from) == 1 &&
	       recv(fd, bytes, sizeof(bytes), 0) == 1 && bytes[0] == 'y';
}

/* By which of the device's queues what was received came, connected or not. */
TEST_F(socket_busy, queue_is_told)
{
	EXPECT_EQ(0, sock_get(self->fd, SO_INCOMING_NAPI_ID));
	ASSERT_TRUE(hear(self->fd, self->echo, &self->to));
	EXPECT_LT(0, sock_get(self->fd, SO_INCOMING_NAPI_ID));
	EXPECT_EQ(0, sock_get(self->echo, SO_INCOMING_NAPI_ID));
	sock_connect(self->fd, &self->to);
	ASSERT_TRUE(hear(self->fd, self->echo, &self->to));
	EXPECT_LT(0, sock_get(self->fd, SO_INCOMING_NAPI_ID));
}

/* Packets of this namespace's devices that somebody has polled for. */
static u64 polled(void)
{
	char names[8192], values[8192], *name, *value, *n, *v;
	u64 found = 0;
	FILE *f = fopen("/proc/thread-self/net/netstat", "r");

	if (!f || !fgets(names, sizeof(names), f) || !fgets(values, sizeof(values), f))
		exit(1);
	fclose(f);
	name = strtok_r(names, " ", &n);
	value = strtok_r(values, " ", &v);
	while (name && value) {
		if (!strcmp(name, "BusyPollRxPackets"))
			found = strtoull(value, NULL, 10);
		name = strtok_r(NULL, " ", &n);
		value = strtok_r(NULL, " ", &v);
	}
	return found;
}

enum how { RECEIVE, POLL };

/* Until one of the answers was polled for; false: they do not come. */
static bool ask_until_polled(int fd, enum how how)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	u64 ns;

	while (!polled()) {
		if (how == RECEIVE && !pingpong_run(fd, &ns, 1))
			return false;
		if (how == POLL && (send(fd, "z", 1, 0) != 1 || poll(&p, 1, -1) != 1 ||
				    recv(fd, &(char){ 0 }, 1, 0) != 1))
			return false;
	}
	return true;
}

/* Sends back whatever comes, from the other processor. */
static bool echo_all(void *arg)
{
	const int fd = *(int *)arg;
	char bytes[256];
	struct addr from;
	ssize_t len;

	for (;;) {
		len = sock_recvfrom(fd, bytes, sizeof(bytes), 0, &from);
		if (len < 0 || sock_sendto(fd, bytes, len, 0, &from) != len)
			return false;
	}
}

static void ask_polling(struct __test_metadata *_metadata, int fd, int echo,
			const struct addr *to, enum how how)
{
	pid_t worker = worker_start(echo_all, &echo);

	sock_connect(fd, to);
	sock_set(fd, SO_BUSY_POLL, 20000);
	EXPECT_EQ(0, polled());
	EXPECT_TRUE(ask_until_polled(fd, how));
	worker_kill(worker);
}

TEST_F(socket_busy, who_receives_polls)
{
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "who answers needs a processor, too");
	ask_polling(_metadata, self->fd, self->echo, &self->to, RECEIVE);
}

/* It is one for all namespaces, and set in the first. */
static bool set_poll_time(const struct hosts *h, int us)
{
	int first = open("/proc/1/ns/net", O_RDONLY | O_CLOEXEC);

	if (first < 0 || setns(first, CLONE_NEWNET))
		return false;
	close(first);
	shell("echo %d >/proc/sys/net/core/busy_poll", us);
	hosts_enter(h, 0);
	return true;
}

/* For poll() the administrator says how long. */
TEST_F(socket_busy, poll_polls)
{
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "who answers needs a processor, too");
	ASSERT_TRUE(set_poll_time(&self->h, 20000));
	ask_polling(_metadata, self->fd, self->echo, &self->to, POLL);
	ASSERT_TRUE(set_poll_time(&self->h, 0));
}

/* One that never waits looks once, and one whose time is over gives up. */
TEST_F(socket_busy, nothing_there)
{
	ASSERT_TRUE(hear(self->fd, self->echo, &self->to));
	sock_set(self->fd, SO_BUSY_POLL, 1000);
	sock_set(self->fd, SO_PREFER_BUSY_POLL, 1);
	EXPECT_EQ(-1, recv(self->fd, &(char){ 0 }, 1, MSG_DONTWAIT));
	EXPECT_EQ(EAGAIN, errno);
	sock_set_timeout(self->fd, SO_RCVTIMEO, 20);
	EXPECT_EQ(-1, recv(self->fd, &(char){ 0 }, 1, 0));
	EXPECT_EQ(EAGAIN, errno);
	sock_set_timeout(self->fd, SO_RCVTIMEO, 0);
	ASSERT_TRUE(hear(self->fd, self->echo, &self->to));
}

TEST_HARNESS_MAIN
