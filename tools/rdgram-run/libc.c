// SPDX-License-Identifier: GPL-2.0-only
#include "libc.h"

#include <dlfcn.h>

struct libc libc;

/* Other libraries' constructors may make sockets before ours has run. */
void libc_find(void)
{
	static int found;

	if (__atomic_load_n(&found, __ATOMIC_ACQUIRE))
		return;
	libc.socket = dlsym(RTLD_NEXT, "socket");
	libc.bind = dlsym(RTLD_NEXT, "bind");
	libc.connect = dlsym(RTLD_NEXT, "connect");
	libc.sendto = dlsym(RTLD_NEXT, "sendto");
	libc.sendmsg = dlsym(RTLD_NEXT, "sendmsg");
	libc.sendmmsg = dlsym(RTLD_NEXT, "sendmmsg");
	libc.setsockopt = dlsym(RTLD_NEXT, "setsockopt");
	libc.getsockopt = dlsym(RTLD_NEXT, "getsockopt");
	libc.epoll_ctl = dlsym(RTLD_NEXT, "epoll_ctl");
	libc.close = dlsym(RTLD_NEXT, "close");
	__atomic_store_n(&found, 1, __ATOMIC_RELEASE);
}
