/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two hosts: network namespaces without names, joined by a veth pair with netem
 * at both ends. They vanish with the last process and socket that uses them.
 */
#ifndef TEST_HOSTS_H
#define TEST_HOSTS_H

#include "addr.h"

#define HOSTS 2

struct hosts {
	int ns[HOSTS];
};

/*
 * @path is what netem does to packets in either direction, in the words of
 * tc-netem(8); NULL for a path without netem. This process is then in host 0.
 */
void hosts_open(struct hosts *h, const char *path);

/* Another path from host @from to the other one. */
void hosts_set_path(const struct hosts *h, int from, const char *path);
void hosts_set_both_paths(const struct hosts *h, const char *path);

/* This thread is in host @which from now on; sockets stay where they were made. */
void hosts_enter(const struct hosts *h, int which);

struct addr hosts_addr(int which, int family, u16 port);

/* A socket in host @which, bound to its address there; port 0: any. */
int hosts_socket(const struct hosts *h, int which, int family, u16 port);

#endif /* TEST_HOSTS_H */
