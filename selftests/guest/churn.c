// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ten thousand sockets, or fewer where that takes too long, that are opened, used and closed,
 * by four processes at once: what they have taken is there again.
 *
 * timeout: 300
 * faults: User-Mode Linux keeps what was freed, to see who still uses it
 */
#include <dirent.h>
#include <poll.h>

#include "kselftest_harness.h"
#include "counter.h"
#include "shell.h"
#include "slow.h"
#include "sock.h"
#include "worker.h"

RDGRAM_ONLY;

#define WORKERS	4
#define SOCKETS	(10000 / slow_factor())
#define ROUNDS	(SOCKETS / WORKERS / 2)	/* two sockets in each */

/* Lost for each socket at the least, if anything is: an object of this size; bytes. */
#define OBJECT	64

FIXTURE(churn) {
};

FIXTURE_VARIANT(churn) {
	int family;
};

FIXTURE_VARIANT_ADD(churn, v4) { .family = AF_INET };
FIXTURE_VARIANT_ADD(churn, v6) { .family = AF_INET6 };

FIXTURE_SETUP(churn)
{
	net_isolate();
}

FIXTURE_TEARDOWN(churn)
{
}

static int descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	if (!dir)
		abort();
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

/* A message there and one back. */
static bool converse(int family)
{
	struct addr addr_b, from;
	int a = sock_new(family), b = sock_on_loopback(family, &addr_b);
	char byte;

	return sock_sendto(a, "x", 1, 0, &addr_b) == 1 &&
	       sock_recvfrom(b, &byte, 1, 0, &from) == 1 &&
	       sock_sendto(b, "y", 1, 0, &from) == 1 &&
	       recv(a, &byte, 1, 0) == 1 && byte == 'y' && !close(a) && !close(b);
}

static bool open_and_close(void *arg)
{
	const int family = *(const int *)arg, before = descriptors();

	for (unsigned int i = 0; i < ROUNDS; i++)
		if (!converse(family))
			return false;
	return descriptors() == before;
}

static u64 sockets(int family)
{
	return counter_in("/proc/net/protocols",
			  family == AF_INET ? "RDGRAM %*u %llu" : "RDGRAMv6 %*u %llu");
}

/* What they are charged for; pages. */
static u64 charged(int family)
{
	return counter_in("/proc/net/protocols",
			  family == AF_INET ? "RDGRAM %*u %*u %llu" : "RDGRAMv6 %*u %*u %llu");
}

static bool run(int family)
{
	pid_t workers[WORKERS];
	bool good = true;

	for (int i = 0; i < WORKERS; i++)
		workers[i] = worker_start(open_and_close, &family);
	for (int i = 0; i < WORKERS; i++)
		good = worker_join(workers[i]) && good;
	/* Some have an END to wait for. */
	while (sockets(family))
		poll(NULL, 0, 10);
	return good;
}

/* Of the kernel's objects, all that cannot be had back; KiB. */
static u64 slab(void)
{
	shell("echo 3 >/proc/sys/vm/drop_caches");
	return counter_in("/proc/meminfo", "SUnreclaim: %llu");
}

TEST_F_TIMEOUT(churn, leaves_nothing, 280)
{
	u64 before, after, pages;

	/* What is made once is there after that, such as what processors keep. */
	ASSERT_TRUE(run(variant->family));
	before = slab();
	ASSERT_TRUE(run(variant->family));
	after = slab();
	pages = charged(variant->family);
	/*
	 * What is freed after a grace period may be late, and the pages are those of all
	 * namespaces, of which the last ones of other tests may still be on their way out.
	 */
	for (int i = 0; i < 1000 && (after > before || pages >= SOCKETS / 4); i++) {
		poll(NULL, 0, 10);
		after = slab();
		pages = charged(variant->family);
	}
	printf("# %llu KiB of objects before, %llu after, %llu pages charged\n", before, after,
	       pages);
	EXPECT_GT(before * 1024 + SOCKETS * OBJECT, after * 1024);
	EXPECT_EQ(0, sockets(variant->family));
	/* Processors keep a little in hand, whoever gave it back. */
	EXPECT_GT(SOCKETS / 4, pages);
}

TEST_HARNESS_MAIN
