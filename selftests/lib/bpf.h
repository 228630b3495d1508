/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TEST_BPF_H
#define TEST_BPF_H

#include <linux/bpf.h>

/* A program that says the same of everything; -1: errno. */
int bpf_constant(enum bpf_prog_type type, int result);

#endif /* TEST_BPF_H */
