// SPDX-License-Identifier: GPL-2.0-only
/*
 * guest/life, fifty times as long: 1,000 loads and unloads of the module for each family.
 *
 * timeout: 18000
 * soak: an hour
 * faults: as guest/life does
 */
#define LIFE_TIMES 50
#include "life.c"
