/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TEST_BPF_H
#define TEST_BPF_H

#include <linux/bpf.h>

/* A program that says the same of everything; -1: errno. */
int bpf_constant(enum bpf_prog_type type, int result);

/* Likewise, for all sockets that are made in a cgroup, at one point of their lives. 0; -1:
 * errno.
 */
int bpf_constant_in(int cgroup, enum bpf_attach_type where, int result);

#endif /* TEST_BPF_H */
