/* SPDX-License-Identifier: GPL-2.0-only */
/* The module itself: loaded and unloaded. RDGRAM_KO in the environment says where it is. */
#ifndef TEST_MODULE_H
#define TEST_MODULE_H

#include "types.h"

/* rdgram.ko, or -1 where it is not found. */
int module_open(void);

/* As finit_module() and delete_module(). */
int module_load(int ko);
int module_unload(void);

/* Sockets that earlier tests closed may try to deliver a little longer; false: it stays for
 * another reason.
 */
bool module_unload_patiently(void);

bool module_is_loaded(void);

#endif /* TEST_MODULE_H */
