/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel says while a test runs. */
#ifndef TEST_KLOG_H
#define TEST_KLOG_H

#include "types.h"

/* Hear what is said from now on; returns a descriptor. */
int klog_open(void);

/*
 * True if the kernel has since said nothing of rdgram and warned of nothing;
 * otherwise prints what it said.
 */
bool klog_silent(int fd);

#endif /* TEST_KLOG_H */
