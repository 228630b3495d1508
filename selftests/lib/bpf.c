// SPDX-License-Identifier: GPL-2.0-only
#include "bpf.h"

#include <stddef.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static int load(enum bpf_prog_type type, enum bpf_attach_type when, const struct bpf_insn *code,
		size_t n)
{
	union bpf_attr attr = {
		.prog_type = type,
		.expected_attach_type = when,
		.insns = (__u64)(unsigned long)code,
		.insn_cnt = n,
		.license = (__u64)(unsigned long)"GPL",
	};

	return syscall(__NR_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
}

static int constant(enum bpf_prog_type type, enum bpf_attach_type when, int result)
{
	const struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = result },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return load(type, when, code, sizeof(code) / sizeof(code[0]));
}

int bpf_constant(enum bpf_prog_type type, int result)
{
	return constant(type, 0, result);
}

static int attach(int cgroup, enum bpf_attach_type when, int program)
{
	union bpf_attr attr = {
		.target_fd = cgroup, .attach_type = when, .attach_bpf_fd = program,
	};
	int err;

	if (program < 0)
		return -1;
	err = syscall(__NR_bpf, BPF_PROG_ATTACH, &attr, sizeof(attr));
	close(program);
	return err;
}

int bpf_refuse_addresses(int cgroup, enum bpf_attach_type when)
{
	return attach(cgroup, when, constant(BPF_PROG_TYPE_CGROUP_SOCK_ADDR, when, 0));
}

int bpf_refuse(int cgroup, enum bpf_attach_type when, int protocol)
{
	const struct bpf_insn code[] = {
		{ .code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = BPF_REG_2, .src_reg = BPF_REG_1,
		  .off = offsetof(struct bpf_sock, protocol) },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 1 },
		{ .code = BPF_JMP | BPF_JNE | BPF_K, .dst_reg = BPF_REG_2, .off = 1,
		  .imm = protocol },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return attach(cgroup, when, load(BPF_PROG_TYPE_CGROUP_SOCK, when, code,
					 sizeof(code) / sizeof(code[0])));
}

int bpf_bind_to_loopback(int cgroup)
{
	const struct bpf_insn code[] = {
		{ .code = BPF_LDX | BPF_MEM | BPF_DW, .dst_reg = BPF_REG_1, .src_reg = BPF_REG_1,
		  .off = offsetof(struct bpf_sockopt, sk) },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_2, .imm = SOL_SOCKET },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_3,
		  .imm = SO_BINDTODEVICE },
		{ .code = BPF_ST | BPF_MEM | BPF_W, .dst_reg = BPF_REG_10, .off = -4,
		  .imm = 'l' | 'o' << 8 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = BPF_REG_4,
		  .src_reg = BPF_REG_10 },
		{ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = BPF_REG_4, .imm = -4 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_5, .imm = 4 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_setsockopt },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 1 },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return attach(cgroup, BPF_CGROUP_SETSOCKOPT,
		      load(BPF_PROG_TYPE_CGROUP_SOCKOPT, BPF_CGROUP_SETSOCKOPT, code,
			   sizeof(code) / sizeof(code[0])));
}
