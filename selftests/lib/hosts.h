/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two hosts: network namespaces without names, joined by a veth pair with netem
 * at both ends, or through a third namespace, a router, with netem on its way out
 * to either: then no sender sees the queue that it fills. They vanish with the last
 * process and socket that uses them.
 */
#ifndef TEST_HOSTS_H
#define TEST_HOSTS_H

#include "addr.h"

#define HOSTS 2

struct hosts {
	int ns[HOSTS];
	int router;	/* -1 where there is none */
};

/*
 * @path is what netem does to packets in either direction, in the words of
 * tc-netem(8); NULL for a path without netem. This process is then in host 0.
 */
void hosts_open(struct hosts *h, const char *path);

/* The same, with a router. */
void hosts_open_routed(struct hosts *h, const char *path);

/*
 * Again, without a router and without netem: both devices, where they are gone; or that of
 * host @which, which is down, or lacks what it lost by that. This process is there then.
 */
void hosts_join(const struct hosts *h);
void hosts_configure(const struct hosts *h, int which);

/* Another path from host @from to the other one. */
void hosts_set_path(const struct hosts *h, int from, const char *path);
void hosts_set_both_paths(const struct hosts *h, const char *path);

/*
 * Behind netem, in both directions, another queueing discipline, in the words of tc:
 * a rate, for instance, since netem with a rate of its own keeps jitter from reordering.
 */
void hosts_add_bottleneck(const struct hosts *h, const char *qdisc);

/* Packets that have come to the router from host @from so far. */
u64 hosts_routed(const struct hosts *h, int from);

/* This thread is in host @which from now on; sockets stay where they were made. */
void hosts_enter(const struct hosts *h, int which);
void hosts_enter_router(const struct hosts *h);

struct addr hosts_addr(int which, int family, u16 port);

/* A socket in host @which, bound to its address there; port 0: any. */
int hosts_socket(const struct hosts *h, int which, int family, u16 port);

#endif /* TEST_HOSTS_H */
