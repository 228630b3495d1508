/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TEST_BPF_H
#define TEST_BPF_H

#include <linux/bpf.h>

/* A program that says the same of everything; -1: errno. */
int bpf_constant(enum bpf_prog_type type, int result);

/*
 * Sockets of this protocol are refused in a cgroup, at one point of their lives; @cgroup is its
 * directory, open. Ends with the cgroup. 0, or -1: errno.
 */
int bpf_refuse(int cgroup, enum bpf_attach_type when, int protocol);

/* Sockets of all protocols, of one point that has their address. Likewise. */
int bpf_refuse_addresses(int cgroup, enum bpf_attach_type when);

/*
 * Whatever option is set on a socket in a cgroup, the socket is bound to the device lo, besides.
 * Ends with the cgroup. 0, or -1: errno.
 */
int bpf_bind_to_loopback(int cgroup);

#endif /* TEST_BPF_H */
