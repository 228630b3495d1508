// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is said of a test that waits until its time is over.
 *
 * faults: User-Mode Linux has no /proc/PID/stack
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hosts.h"
#include "kselftest_harness.h"
#include "sock.h"
#include "worker.h"

RDGRAM_ONLY;

#define PORT	7000

/* One host has sent something to the other, and waits for an answer. */
static bool wait_for_ever(void *is_waiting)
{
	const struct addr to = hosts_addr(1, AF_INET, PORT);
	struct hosts hosts;
	int fd[HOSTS];
	char in[8];

	hosts_open(&hosts, NULL);
	for (int i = 0; i < HOSTS; i++)
		fd[i] = hosts_socket(&hosts, i, AF_INET, PORT);
	sock_sendto(fd[0], "?", 1, 0, &to);
	sock_wait_settled(fd[0]);
	__atomic_store_n((u64 *)is_waiting, 1, __ATOMIC_RELEASE);
	return sock_recvfrom(fd[0], in, sizeof(in), 0, NULL) > 0;
}

/* As the harness ends it; returns what was said. */
static FILE *end_by_timeout(struct __test_metadata *test)
{
	const int err = dup(STDERR_FILENO);
	FILE *said = tmpfile();

	dup2(fileno(said), STDERR_FILENO);
	__wait_for_test(test);
	dup2(err, STDERR_FILENO);
	close(err);
	return said;
}

static bool has(FILE *said, const char *text)
{
	char line[512];

	rewind(said);
	while (fgets(line, sizeof(line), said))
		if (strstr(line, text))
			return true;
	printf("# missing: %s\n", text);
	return false;
}

TEST(what_it_waits_for)
{
	struct __test_metadata test = { .name = "stuck", .timeout = 1, .termsig = -1 };
	u64 *is_waiting = worker_shared(sizeof(*is_waiting));
	FILE *said;
	int status;

	test.pid = worker_start(wait_for_ever, is_waiting);
	ASSERT_EQ(0, setpgid(test.pid, test.pid));
	worker_await(is_waiting, 1);
	said = end_by_timeout(&test);
	EXPECT_TRUE(test.timed_out);
	ASSERT_EQ(test.pid, waitpid(test.pid, &status, 0));
	EXPECT_EQ(SIGKILL, WTERMSIG(status));
	/* Where it waits, if this kernel tells that of others; what will wake one of the
	 * peers; and both of them, each in the namespace of its host.
	 */
	EXPECT_TRUE(has(said, "rdg_sock_recvmsg") || access("/proc/self/stack", R_OK));
	EXPECT_TRUE(has(said, "rdg_peer_timer"));
	EXPECT_TRUE(has(said, " 10.77.0.1:7000 10.77.0.2:7000 UP "));
	EXPECT_TRUE(has(said, " 10.77.0.2:7000 10.77.0.1:7000 UP "));
	EXPECT_TRUE(has(said, " ids 1"));
	fclose(said);
}

TEST_HARNESS_MAIN
