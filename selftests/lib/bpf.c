// SPDX-License-Identifier: GPL-2.0-only
#include "bpf.h"

#include <sys/syscall.h>
#include <unistd.h>

int bpf_constant(enum bpf_prog_type type, int result)
{
	struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = result },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr = {
		.prog_type = type,
		.insns = (__u64)(unsigned long)code,
		.insn_cnt = sizeof(code) / sizeof(code[0]),
		.license = (__u64)(unsigned long)"GPL",
	};

	return syscall(__NR_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
}
