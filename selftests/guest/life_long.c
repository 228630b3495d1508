// SPDX-License-Identifier: GPL-2.0-only
/*
 * guest/life, fifty times as long: 1,000 loads and unloads of the module for each family; five
 * times where all is slow: half an hour on a kernel that looks for bugs.
 *
 * timeout: 18000
 * soak: an hour
 * faults: as guest/life does
 */
#define LIFE_TIMES	50
#define LIFE_TIMES_SLOW	5
#include "life.c"
