/* SPDX-License-Identifier: GPL-2.0-only */
/* The least of io_uring(7) that a test needs: one entry at a time. */
#ifndef TEST_URING_H
#define TEST_URING_H

#include <linux/io_uring.h>

#include "types.h"

struct uring {
	int fd;
	u32 *sq_tail, *sq_mask, *sq_array;
	u32 *cq_head, *cq_tail, *cq_mask;
	struct io_uring_sqe *sqes;
	struct io_uring_cqe *cqes;
};

/* False: this kernel has none, or allows none. */
bool uring_open(struct uring *u);
void uring_close(struct uring *u);

/* Submits one operation; its answer has @name. */
void uring_submit(struct uring *u, const struct io_uring_sqe *sqe, u64 name);

/* Waits for the next answer: its result, and its name. */
int uring_wait(struct uring *u, u64 *name);

#endif /* TEST_URING_H */
