// SPDX-License-Identifier: GPL-2.0-only
#include "module.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

int module_open(void)
{
	const char * const places[] = { getenv("RDGRAM_KO"), "/guest/modules/rdgram.ko",
					"../rdgram.ko", "/ko/rdgram.ko" };
	int fd;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		fd = places[i] ? open(places[i], O_RDONLY | O_CLOEXEC) : -1;
		if (fd >= 0)
			return fd;
	}
	return -1;
}

int module_load(int ko)
{
	return syscall(SYS_finit_module, ko, "", 0);
}

int module_unload(void)
{
	return syscall(SYS_delete_module, "rdgram", O_NONBLOCK);
}

bool module_unload_patiently(void)
{
	while (module_unload()) {
		if (errno != EWOULDBLOCK)
			return false;
		poll(NULL, 0, 10);
	}
	return true;
}

bool module_is_loaded(void)
{
	return !access("/sys/module/rdgram", F_OK);
}
