// SPDX-License-Identifier: GPL-2.0-only
#include "uring.h"

#include <err.h>
#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ENTRIES 8

static void *map(int fd, size_t size, off_t at)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, at);

	if (p == MAP_FAILED)
		err(1, "mmap of a ring");
	return p;
}

bool uring_open(struct uring *u)
{
	struct io_uring_params p = {};
	size_t sq, cq;
	u8 *ring;

	u->fd = syscall(__NR_io_uring_setup, ENTRIES, &p);
	if (u->fd < 0)
		return false;
	sq = p.sq_off.array + p.sq_entries * sizeof(u32);
	cq = p.cq_off.cqes + p.cq_entries * sizeof(struct io_uring_cqe);
	ring = map(u->fd, sq, IORING_OFF_SQ_RING);
	u->sq_tail = (u32 *)(ring + p.sq_off.tail);
	u->sq_mask = (u32 *)(ring + p.sq_off.ring_mask);
	u->sq_array = (u32 *)(ring + p.sq_off.array);
	ring = map(u->fd, cq, IORING_OFF_CQ_RING);
	u->cq_head = (u32 *)(ring + p.cq_off.head);
	u->cq_tail = (u32 *)(ring + p.cq_off.tail);
	u->cq_mask = (u32 *)(ring + p.cq_off.ring_mask);
	u->cqes = (struct io_uring_cqe *)(ring + p.cq_off.cqes);
	u->sqes = map(u->fd, p.sq_entries * sizeof(struct io_uring_sqe), IORING_OFF_SQES);
	return true;
}

void uring_close(struct uring *u)
{
	close(u->fd);
}

void uring_submit(struct uring *u, const struct io_uring_sqe *sqe, u64 name)
{
	u32 at = *u->sq_tail & *u->sq_mask;

	u->sqes[at] = *sqe;
	u->sqes[at].user_data = name;
	u->sq_array[at] = at;
	__atomic_store_n(u->sq_tail, *u->sq_tail + 1, __ATOMIC_RELEASE);
	if (syscall(__NR_io_uring_enter, u->fd, 1, 0, 0, NULL, 0) != 1)
		err(1, "io_uring_enter");
}

int uring_wait(struct uring *u, u64 *name)
{
	const struct io_uring_cqe *cqe;
	u32 head = *u->cq_head;
	int result;

	while (__atomic_load_n(u->cq_tail, __ATOMIC_ACQUIRE) == head)
		if (syscall(__NR_io_uring_enter, u->fd, 0, 1, IORING_ENTER_GETEVENTS, NULL,
			    0) < 0 && errno != EINTR)
			err(1, "io_uring_enter");
	cqe = &u->cqes[head & *u->cq_mask];
	*name = cqe->user_data;
	result = cqe->res;
	__atomic_store_n(u->cq_head, head + 1, __ATOMIC_RELEASE);
	return result;
}
