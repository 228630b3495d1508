// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory of peers is charged to the cgroup of their socket, though packets make
 * them, in whatever process they arrive; and what a socket in a cgroup refuses.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "slow.h"
#include "sock.h"

RDGRAM_ONLY;

#define ROOT		"/sys/fs/cgroup"
#define OURS		ROOT "/rdgram_test"
#define PORT		7000
#define PEERS		2000

/* Bytes that a peer takes in any case, and the ledger of its link. */
#define PEER_LEAST	(512 + 64 * 64)

static bool write_to(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return ok;
}

static bool enter(const char *cgroup)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
	return write_to(path, "0");
}

static bool make_cgroup(void)
{
	if (access(ROOT "/cgroup.controllers", R_OK) && mount("none", ROOT, "cgroup2", 0, NULL))
		return false;
	if (!write_to(ROOT "/cgroup.subtree_control", "+memory"))
		return false;
	/* Of one that has failed. */
	rmdir(OURS);
	if (mkdir(OURS, 0755))
		err(1, OURS);
	return true;
}

static long charged(void)
{
	FILE *file = fopen(OURS "/memory.current", "r");
	long n = -1;

	if (!file || fscanf(file, "%ld", &n) != 1)
		err(1, "memory.current");
	fclose(file);
	return n;
}

TEST(peers_that_packets_make_are_charged)
{
	struct addr any = addr_any(AF_INET, PORT), to;
	/* Where all is slow the first would be idle before the last is there, and take less. */
	const u32 peers = PEERS / slow_factor();
	int sender, receiver;
	long before;
	char got;

	if (!make_cgroup())
		SKIP(return, "no cgroups that count memory: %s", strerror(errno));
	net_isolate();
	sender = sock_on_loopback(AF_INET, NULL);
	ASSERT_TRUE(enter(OURS));
	receiver = sock_bound(&any, NULL);
	ASSERT_TRUE(enter(ROOT));
	before = charged();
	/* Any of 127.0.0.0/8 is the receiver's, and each another peer, at both ends. */
	for (u32 i = 0; i < peers; i++) {
		to = addr_nth("127.1.0.0", PORT, 1 + i);
		ASSERT_EQ(1, sock_sendto(sender, "", 1, 0, &to));
		ASSERT_EQ(1, recv(receiver, &got, 1, 0));
	}
	printf("# %u peers: %ld bytes each\n", peers, (charged() - before) / peers);
	EXPECT_LE(PEER_LEAST, (charged() - before) / peers);
	sock_set_linger(sender, 0);
	sock_set_linger(receiver, 0);
	close(sender);
	close(receiver);
	EXPECT_EQ(0, rmdir(OURS));
}

/* Without a cgroup no socket takes it. */
TEST(reserved_memory_is_refused)
{
	const int size = 8192;
	int fd;

	if (!make_cgroup())
		SKIP(return, "no cgroups that count memory: %s", strerror(errno));
	net_isolate();
	ASSERT_TRUE(enter(OURS));
	fd = sock_on_loopback(AF_INET, NULL);
	ASSERT_TRUE(enter(ROOT));
	EXPECT_EQ(-1, setsockopt(fd, SOL_SOCKET, SO_RESERVE_MEM, &size, sizeof(size)));
	/* Before 6.7 it is the kernel itself that says so. */
	EXPECT_TRUE(errno == EOPNOTSUPP || errno == ENOMEM);
	EXPECT_EQ(0, sock_get(fd, SO_RESERVE_MEM));
	close(fd);
	EXPECT_EQ(0, rmdir(OURS));
}

TEST_HARNESS_MAIN
