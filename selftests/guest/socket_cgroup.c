// SPDX-License-Identifier: GPL-2.0-only
/* BPF programs of a cgroup that refuse its sockets something, or do something to them. */
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "kselftest_harness.h"
#include "bpf.h"
#include "counter.h"
#include "sock.h"

#define ROOT	"/sys/fs/cgroup"
#define OURS	ROOT "/rdgram_refuse"
#define PORT	7000

FIXTURE(socket_cgroup) {
	int cgroup;
};

FIXTURE_VARIANT(socket_cgroup) {
	int family;
};

FIXTURE_VARIANT_ADD(socket_cgroup, v4) { .family = AF_INET };
FIXTURE_VARIANT_ADD(socket_cgroup, v6) { .family = AF_INET6 };

static bool enter(const char *procs)
{
	int fd = open(procs, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, "0", 1) == 1;

	close(fd);
	return ok;
}

FIXTURE_SETUP(socket_cgroup)
{
	if (access(ROOT "/cgroup.procs", R_OK) && mount("none", ROOT, "cgroup2", 0, NULL))
		SKIP(_exit(255), "no cgroups");
	ASSERT_EQ(0, mkdir(OURS, 0755));
	self->cgroup = open(OURS, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	net_isolate();
}

/* It waits for its programs, and for sockets that were made in it, on its own. */
FIXTURE_TEARDOWN(socket_cgroup)
{
	close(self->cgroup);
	EXPECT_TRUE(enter(ROOT "/cgroup.procs"));
	EXPECT_EQ(0, rmdir(OURS));
}

/* From here on. */
static bool refuse(int cgroup, enum bpf_attach_type when)
{
	return !bpf_refuse(cgroup, when, sock_protocol()) && enter(OURS "/cgroup.procs");
}

static u64 sockets(int family)
{
	char format[64];

	snprintf(format, sizeof(format), "%s%s %%*u %%llu", sock_is_udp() ? "UDP" : "RDGRAM",
		 family == AF_INET ? "" : "v6");
	return counter_in("/proc/net/protocols", format);
}

/* It was made already when it is asked. */
TEST_F(socket_cgroup, create_refused)
{
	u64 before = sockets(variant->family);

	if (!refuse(self->cgroup, BPF_CGROUP_INET_SOCK_CREATE))
		SKIP(return, "no BPF programs for cgroups");
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(-1, socket(variant->family, sock_type(), sock_protocol()));
		EXPECT_EQ(EPERM, errno);
	}
	EXPECT_EQ(before, sockets(variant->family));
}

/* It has the port already when it is asked, and gives it back. */
TEST_F(socket_cgroup, bind_refused)
{
	const struct addr at = addr_loopback(variant->family, PORT);
	int ours, other, third;
	struct addr name;
	char byte;

	/* These are not of the cgroup. */
	other = sock_new(variant->family);
	third = sock_on_loopback(variant->family, NULL);
	if (!refuse(self->cgroup, variant->family == AF_INET ? BPF_CGROUP_INET4_POST_BIND :
							       BPF_CGROUP_INET6_POST_BIND))
		SKIP(return, "no BPF programs for cgroups");
	ours = sock_new(variant->family);
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(-1, bind(ours, &at.sa, at.len));
		EXPECT_EQ(EPERM, errno);
	}
	name = sock_name(ours);
	EXPECT_EQ(0, addr_port(&name));
	ASSERT_EQ(0, bind(other, &at.sa, at.len));
	ASSERT_EQ(1, sock_sendto(third, "x", 1, 0, &at));
	EXPECT_EQ(1, recv(other, &byte, 1, 0));
	EXPECT_EQ(-1, recv(ours, &byte, 1, MSG_DONTWAIT));
	EXPECT_EQ(EAGAIN, errno);
	/* Nobody is asked where the kernel chooses the port. */
	EXPECT_EQ(1, sock_sendto(ours, "y", 1, 0, &at));
	EXPECT_EQ(1, recv(other, &byte, 1, 0));
	close(ours);
	close(other);
	close(third);
}

/* No program is asked where the kernel chooses the port, by whatever protocol it knows it. */
TEST_F(socket_cgroup, bind_refused_to_all)
{
	const struct addr at = addr_loopback(variant->family, PORT);
	const int other = sock_bound(&at, NULL);
	char byte;
	int ours;

	if (bpf_refuse_addresses(self->cgroup, variant->family == AF_INET ? BPF_CGROUP_INET4_BIND :
						BPF_CGROUP_INET6_BIND) ||
	    !enter(OURS "/cgroup.procs"))
		SKIP(return, "no BPF programs for cgroups");
	ours = sock_new(variant->family);
	EXPECT_EQ(1, sock_sendto(ours, "x", 1, 0, &at));
	EXPECT_EQ(1, recv(other, &byte, 1, 0));
	close(ours);
	ours = sock_new(variant->family);
	EXPECT_EQ(-1, bind(ours, &at.sa, at.len));
	EXPECT_EQ(EPERM, errno);
	close(ours);
	close(other);
}

/* In a program nobody may sleep. */
TEST_F(socket_cgroup, bound_to_a_device)
{
	const struct addr at = addr_loopback(variant->family, PORT);
	const int other = sock_on_loopback(variant->family, NULL), on = 1;
	char device[16] = "", byte;
	socklen_t len = sizeof(device);
	int ours;

	if (!enter(OURS "/cgroup.procs"))
		SKIP(return, "no cgroups");
	ours = sock_new(variant->family);
	ASSERT_EQ(0, setsockopt(ours, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)));
	ASSERT_EQ(0, bind(ours, &at.sa, at.len));
	if (bpf_bind_to_loopback(self->cgroup))
		SKIP(return, "no BPF programs for options");
	ASSERT_EQ(0, setsockopt(ours, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on)));
	ASSERT_EQ(0, getsockopt(ours, SOL_SOCKET, SO_BINDTODEVICE, device, &len));
	EXPECT_STREQ("lo", device);
	ASSERT_EQ(1, sock_sendto(other, "x", 1, 0, &at));
	EXPECT_EQ(1, recv(ours, &byte, 1, 0));
	close(ours);
	close(other);
}

TEST_HARNESS_MAIN
