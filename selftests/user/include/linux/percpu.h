/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For prandom, whose state per processor nobody uses here: there is none.
 */
#ifndef _USER_LINUX_PERCPU_H
#define _USER_LINUX_PERCPU_H

#define for_each_possible_cpu(i)	for ((i) = 0; false;)
#define per_cpu_ptr(p, i)		((p) + (i))

#endif /* _USER_LINUX_PERCPU_H */
