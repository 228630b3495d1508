// SPDX-License-Identifier: GPL-2.0-only
/*
 * Security modules: are they asked, and does it count what they say? The module is a few
 * instructions of BPF (CONFIG_BPF_LSM), which say no where one argument of a hook has a
 * certain value, in all of the guest.
 */
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <linux/bpf.h>
#include <linux/btf.h>

#include "kselftest_harness.h"
#include "sock.h"

FIXTURE(socket_lsm) {
	int a, b, hook;
	struct addr addr_a, addr_b;
};

FIXTURE_VARIANT(socket_lsm) {
	int family;
};

FIXTURE_VARIANT_ADD(socket_lsm, v4) { .family = AF_INET };
FIXTURE_VARIANT_ADD(socket_lsm, v6) { .family = AF_INET6 };

FIXTURE_SETUP(socket_lsm)
{
	net_isolate();
	self->a = sock_on_loopback(variant->family, &self->addr_a);
	self->b = sock_on_loopback(variant->family, &self->addr_b);
}

FIXTURE_TEARDOWN(socket_lsm)
{
	close(self->a);
	close(self->b);
}

/* All that the kernel says of its own types; NULL: it does not. */
static u8 *read_types(void)
{
	int fd = open("/sys/kernel/btf/vmlinux", O_RDONLY | O_CLOEXEC);
	struct stat st;
	size_t done = 0;
	u8 *all;

	if (fd < 0 || fstat(fd, &st))
		return NULL;
	all = malloc(st.st_size);
	while (all && done < (size_t)st.st_size) {
		ssize_t n = read(fd, all + done, st.st_size - done);

		if (n <= 0)
			exit(1);
		done += n;
	}
	close(fd);
	return all;
}

/* Bytes that follow a type. */
static size_t size_behind(const struct btf_type *t)
{
	const size_t n = BTF_INFO_VLEN(t->info);

	switch (BTF_INFO_KIND(t->info)) {
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
		return 4;
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_DATASEC:
	case BTF_KIND_ENUM64:
		return n * 12;
	case BTF_KIND_ENUM:
	case BTF_KIND_FUNC_PROTO:
		return n * 8;
	}
	return 0;
}

/* The number of a function; 0: there is none of that name. */
static u32 find_function(const u8 *types, const char *name)
{
	const struct btf_header *h = (const void *)types;
	const u8 *at = types + h->hdr_len + h->type_off, *end = at + h->type_len;
	const char *names = (const char *)types + h->hdr_len + h->str_off;

	for (u32 id = 1; at < end; id++) {
		const struct btf_type *t = (const void *)at;

		if (BTF_INFO_KIND(t->info) == BTF_KIND_FUNC && !strcmp(names + t->name_off, name))
			return id;
		at += sizeof(*t) + size_behind(t);
	}
	return 0;
}

static int bpf(int command, const union bpf_attr *attr)
{
	return syscall(__NR_bpf, command, attr, sizeof(*attr));
}

/* Returns what is closed to end that; -1: this kernel cannot. */
static int attach(const char *hook, const struct bpf_insn *code, u32 n)
{
	union bpf_attr load = {
		.prog_type = BPF_PROG_TYPE_LSM,
		.expected_attach_type = BPF_LSM_MAC,
		.insns = (u64)(unsigned long)code,
		.insn_cnt = n,
		.license = (u64)(unsigned long)"GPL",
	};
	union bpf_attr open = {};
	u8 *types = read_types();
	char name[64];
	int program, link;

	if (!types)
		return -1;
	snprintf(name, sizeof(name), "bpf_lsm_%s", hook);
	load.attach_btf_id = find_function(types, name);
	free(types);
	program = load.attach_btf_id ? bpf(BPF_PROG_LOAD, &load) : -1;
	if (program < 0)
		return -1;
	open.raw_tracepoint.prog_fd = program;
	link = bpf(BPF_RAW_TRACEPOINT_OPEN, &open);
	close(program);
	return link;
}

/* EACCES where argument @arg of the hook, an int, is @value; below 0: always. */
static int deny(const char *hook, int arg, int value)
{
	struct bpf_insn code[] = {
		{ .code = BPF_LDX | BPF_MEM | BPF_DW, .dst_reg = BPF_REG_2, .src_reg = BPF_REG_1,
		  .off = 8 * arg },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP32 | BPF_JNE | BPF_K, .dst_reg = BPF_REG_2, .off = 1,
		  .imm = value },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = -EACCES },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	if (arg < 0)
		code[0] = (struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_K,
					     .dst_reg = BPF_REG_2, .imm = value };
	return attach(hook, code, ARRAY_SIZE(code));
}

/* Counts how often the hook is called, in the only entry of the map. */
static int count(const char *hook, int map)
{
	const struct bpf_insn code[] = {
		{ .code = BPF_ST | BPF_MEM | BPF_W, .dst_reg = BPF_REG_10, .off = -4 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = BPF_REG_2,
		  .src_reg = BPF_REG_10 },
		{ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = BPF_REG_2, .imm = -4 },
		{ .code = BPF_LD | BPF_DW | BPF_IMM, .dst_reg = BPF_REG_1,
		  .src_reg = BPF_PSEUDO_MAP_FD, .imm = map },
		{},
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_map_lookup_elem },
		{ .code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = BPF_REG_0, .off = 2 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_1, .imm = 1 },
		{ .code = BPF_STX | BPF_ATOMIC | BPF_DW, .dst_reg = BPF_REG_0,
		  .src_reg = BPF_REG_1, .imm = BPF_ADD },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return attach(hook, code, ARRAY_SIZE(code));
}

static int make_counter(void)
{
	const union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY,
		.key_size = 4,
		.value_size = 8,
		.max_entries = 1,
	};

	return bpf(BPF_MAP_CREATE, &attr);
}

static u64 read_counter(int map)
{
	u64 value = 0;
	u32 key = 0;
	const union bpf_attr attr = {
		.map_fd = map,
		.key = (u64)(unsigned long)&key,
		.value = (u64)(unsigned long)&value,
	};

	return bpf(BPF_MAP_LOOKUP_ELEM, &attr) ? ~0ULL : value;
}

#define NO_LSM	"no LSM of BPF in this kernel"

#define EXPECT_DENIED(call)						\
	do {								\
		EXPECT_EQ(-1, call);					\
		EXPECT_EQ(EACCES, errno);				\
	} while (0)

/* The third argument of socket() is what a module can tell ours by. */
TEST_F(socket_lsm, create)
{
	int fd;

	self->hook = deny("socket_create", 2, sock_protocol());
	if (self->hook < 0)
		SKIP(return, NO_LSM);
	EXPECT_DENIED(socket(variant->family, sock_type(), sock_protocol()));
	close(self->hook);
	fd = socket(variant->family, sock_type(), sock_protocol());
	EXPECT_LE(0, fd);
	close(fd);
}

TEST_F(socket_lsm, bind)
{
	struct addr any = addr_any(variant->family, 0);
	int fd = sock_new(variant->family);

	self->hook = deny("socket_bind", 2, any.len);
	if (self->hook < 0)
		SKIP(return, NO_LSM);
	EXPECT_DENIED(bind(fd, &any.sa, any.len));
	close(self->hook);
	EXPECT_EQ(0, bind(fd, &any.sa, any.len));
	close(fd);
}

TEST_F(socket_lsm, connect)
{
	self->hook = deny("socket_connect", 2, self->addr_b.len);
	if (self->hook < 0)
		SKIP(return, NO_LSM);
	EXPECT_DENIED(connect(self->a, &self->addr_b.sa, self->addr_b.len));
	close(self->hook);
	EXPECT_EQ(0, connect(self->a, &self->addr_b.sa, self->addr_b.len));
}

TEST_F(socket_lsm, send)
{
	char bytes[8];

	self->hook = deny("socket_sendmsg", 2, 7);
	if (self->hook < 0)
		SKIP(return, NO_LSM);
	ASSERT_EQ(6, sock_sendto(self->a, "123456", 6, 0, &self->addr_b));
	EXPECT_DENIED(sock_sendto(self->a, "1234567", 7, 0, &self->addr_b));
	close(self->hook);
	ASSERT_EQ(7, sock_sendto(self->a, "1234567", 7, 0, &self->addr_b));
	EXPECT_EQ(6, recv(self->b, bytes, 8, 0));
	EXPECT_EQ(7, recv(self->b, bytes, 8, 0));
}

/* What is not received is still there. */
TEST_F(socket_lsm, receive)
{
	char bytes[77];

	self->hook = deny("socket_recvmsg", 2, sizeof(bytes));
	if (self->hook < 0)
		SKIP(return, NO_LSM);
	ASSERT_EQ(1, sock_sendto(self->a, "x", 1, 0, &self->addr_b));
	sock_wait(self->b, POLLIN);
	EXPECT_DENIED(recv(self->b, bytes, sizeof(bytes), 0));
	EXPECT_EQ(1, recv(self->b, bytes, 1, 0));
	close(self->hook);
}

TEST_F(socket_lsm, options)
{
	int value = 65536;
	socklen_t len = sizeof(value);

	self->hook = deny("socket_setsockopt", 2, SO_RCVBUF);
	if (self->hook < 0)
		SKIP(return, NO_LSM);
	EXPECT_DENIED(setsockopt(self->a, SOL_SOCKET, SO_RCVBUF, &value, len));
	close(self->hook);
	self->hook = deny("socket_getsockopt", 2, SO_RCVBUF);
	if (self->hook < 0)
		SKIP(return, NO_LSM);
	EXPECT_DENIED(getsockopt(self->a, SOL_SOCKET, SO_RCVBUF, &value, &len));
	close(self->hook);
	self->hook = deny("socket_shutdown", 1, SHUT_RD);
	if (self->hook < 0)
		SKIP(return, NO_LSM);
	EXPECT_DENIED(shutdown(self->a, SHUT_RD));
	close(self->hook);
}

/* Each that comes in, of anybody. */
TEST_F(socket_lsm, packets)
{
	struct pollfd p = { .fd = self->b, .events = POLLIN };
	char byte;

	self->hook = deny("socket_sock_rcv_skb", -1, 0);
	if (self->hook < 0)
		SKIP(return, NO_LSM);
	ASSERT_EQ(1, sock_sendto(self->a, "1", 1, 0, &self->addr_b));
	EXPECT_EQ(0, poll(&p, 1, 50));
	close(self->hook);
	ASSERT_EQ(1, sock_sendto(self->a, "2", 1, 0, &self->addr_b));
	ASSERT_EQ(1, recv(self->b, &byte, 1, 0));
	EXPECT_EQ(sock_is_udp() ? '2' : '1', byte);
}

/* The inner socket gets the label of the one that it is for, also when that is another one
 * that has moved in.
 */
TEST_F(socket_lsm, label_is_passed_on)
{
	struct addr to = addr_loopback(variant->family, 7000), name;
	int map, fd;

	if (sock_is_udp())
		SKIP(return, "UDP's has one of its own");
	map = make_counter();
	self->hook = map < 0 ? -1 : count("sk_clone_security", map);
	if (self->hook < 0)
		SKIP(return, NO_LSM);
	fd = sock_bound(&to, &name);
	EXPECT_EQ(1, read_counter(map));
	/* To nobody, so that it goes on delivering. */
	to = addr_loopback(variant->family, 7001);
	ASSERT_EQ(1, sock_sendto(fd, "x", 1, 0, &to));
	ASSERT_EQ(0, close(fd));
	fd = sock_bound(&name, NULL);
	EXPECT_EQ(2, read_counter(map));
	close(fd);
	close(self->hook);
	close(map);
}

TEST_HARNESS_MAIN
