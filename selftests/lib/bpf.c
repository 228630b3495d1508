// SPDX-License-Identifier: GPL-2.0-only
#include "bpf.h"

#include <sys/syscall.h>
#include <unistd.h>

static int load(enum bpf_prog_type type, enum bpf_attach_type where, int result)
{
	struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = result },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr = {
		.prog_type = type,
		.expected_attach_type = where,
		.insns = (__u64)(unsigned long)code,
		.insn_cnt = sizeof(code) / sizeof(code[0]),
		.license = (__u64)(unsigned long)"GPL",
	};

	return syscall(__NR_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
}

int bpf_constant(enum bpf_prog_type type, int result)
{
	return load(type, 0, result);
}

int bpf_constant_in(int cgroup, enum bpf_attach_type where, int result)
{
	union bpf_attr attr = {
		.target_fd = cgroup,
		.attach_bpf_fd = load(BPF_PROG_TYPE_CGROUP_SOCK, where, result),
		.attach_type = where,
	};
	int err;

	if ((int)attr.attach_bpf_fd < 0)
		return -1;
	err = syscall(__NR_bpf, BPF_PROG_ATTACH, &attr, sizeof(attr));
	close(attr.attach_bpf_fd);
	return err;
}
