// SPDX-License-Identifier: GPL-2.0-only
/* Namespaces, devices and processes around the callers, see calls.h. */
#include "calls.h"

#include <err.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shell.h"
#include "sock.h"
#include "worker.h"

struct calls_world *calls_world;

/* In which host this thread is; -1: in a namespace of its own, or it is not known. */
static __thread int here = -1;

/* Called in the process that will make the calls: what is not shared is its own. */
void calls_world_open(u64 seed, u32 callers, u64 calls)
{
	struct calls_world *w = calls_world;

	w->seed = seed;
	w->callers = callers;
	w->calls = calls;
	hosts_open(&w->hosts, NULL);
	for (int i = 0; i < HOSTS; i++) {
		hosts_enter(&w->hosts, i);
		/* When the device goes down, the addresses stay. */
		shell("echo 1 >/proc/sys/net/ipv6/conf/all/keep_addr_on_down; "
		      "echo 0 >/proc/sys/net/ipv6/conf/all/accept_dad; "
		      "echo 0 >/proc/sys/net/ipv6/conf/eth0/accept_dad; "
		      "echo 1 >/proc/sys/net/ipv6/conf/eth0/keep_addr_on_down");
		w->control[i] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		w->device[i] = if_nametoindex("eth0");
	}
	w->unmapped = mmap(NULL, 8192, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	w->readonly = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	w->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (w->unmapped == MAP_FAILED || w->readonly == MAP_FAILED || w->epoll < 0 ||
	    socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, w->pair))
		err(1, "the world of the callers");
	for (u32 i = 0; i < CALLS_SLOTS; i++)
		calls_slots[i].fd = -1;
}

void calls_world_close(void)
{
	struct calls_world *w = calls_world;

	calls_close_all();
	for (int i = 0; i < HOSTS; i++) {
		close(w->control[i]);
		close(w->hosts.ns[i]);
		close(w->pair[i]);
	}
	close(w->epoll);
	munmap(w->unmapped, 8192);
	munmap(w->readonly, 4096);
}

/* This thread is where the slot is at home. */
void calls_enter(const struct calls_slot *s)
{
	const int host = calls_host(s);

	if (here == host)
		return;
	hosts_enter(&calls_world->hosts, host);
	here = host;
}

/* A namespace that nobody but the sockets made there will hold. */
long calls_namespace(struct calls_caller *c __attribute__((unused)))
{
	here = -1;
	net_isolate();
	return 0;
}

/* Down, and up again: the hosts are to talk again. */
long calls_device(struct calls_caller *c)
{
	struct ifreq eth = { .ifr_name = "eth0", .ifr_flags = 0 };
	const int fd = calls_world->control[calls_draw(c, HOSTS)];
	long down = ioctl(fd, SIOCSIFFLAGS, &eth);

	eth.ifr_flags = IFF_UP | IFF_RUNNING;
	return ioctl(fd, SIOCSIFFLAGS, &eth) ?: down;
}

long calls_mtu(struct calls_caller *c)
{
	struct ifreq eth = { .ifr_name = "eth0" };

	eth.ifr_mtu = calls_pick(c, 1280, 1281, 1500, 1500, 1500, 9000, 65535, 67);
	/* Without IPv6 that would be: its addresses would be gone. */
	if (eth.ifr_mtu < 1280)
		eth.ifr_mtu = 1400;
	return ioctl(calls_world->control[calls_draw(c, HOSTS)], SIOCSIFMTU, &eth);
}

static long write_sysctl(const char *name, const char *value)
{
	char path[128];
	long n;
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/net/rdgram/%s", name);
	fd = open(path, O_WRONLY);
	if (fd < 0)
		return fd;
	n = write(fd, value, strlen(value));
	close(fd);
	return n;
}

/* Of the namespace that this thread is in. */
long calls_sysctl(struct calls_caller *c)
{
	static const char * const algorithms[] = { "cubic", "bbr", "reno", "none", "" };
	char value[32];

	snprintf(value, sizeof(value), "%d", calls_some_int(c));
	switch (calls_draw(c, 4)) {
	case 0:
		return write_sysctl("user_timeout", value);
	case 1:
		return write_sysctl("rmem_max", value);
	case 2:
		return write_sysctl("wmem_max", value);
	}
	return write_sysctl("congestion", algorithms[calls_draw(c, 5)]);
}

/* What is to be seen of all sockets, at any moment. */
long calls_proc(struct calls_caller *c)
{
	int fd = open(calls_one_in(c, 2) ? "/proc/thread-self/net/rdgram" :
		      calls_one_in(c, 2) ? "/proc/thread-self/net/rdgram_stat" :
		      "/proc/thread-self/net/protocols", O_RDONLY);
	long n;

	if (fd < 0)
		return fd;
	do {
		n = read(fd, c->in, calls_pick(c, 100, 4096, 65536));
	} while (n > 0);
	close(fd);
	return n;
}

/* Another process makes a few calls, with all descriptors, and ends as it is. */
long calls_fork(struct calls_caller *c)
{
	pid_t pid;

	if (c->nr >= CALLS_CALLERS)
		return 0;
	pid = fork();
	if (pid < 0)
		return pid;
	if (!pid) {
		c->nr += CALLS_CALLERS;
		calls_interrupt_often();
		for (int n = 1 + calls_draw(c, 8); n; n--)
			calls_make(c);
		_exit(0);
	}
	while (waitpid(pid, NULL, 0) != pid)
		;
	return 0;
}
