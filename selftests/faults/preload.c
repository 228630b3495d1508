// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loaded before any program (LD_PRELOAD), this lets its calls of rdgram sockets fail: in
 * each call the first thing that can, then the second, and so on, see fail.h; and hides
 * that from the program, by calling again what has failed for that reason. So a test passes
 * as it does without, if whatever fails is said by a clear error, takes nothing with it,
 * and leaves all as it was.
 *
 * What fails and does no harm ends that: the call has done what it is to do. So every other
 * call begins where the last such one of its kind has ended.
 *
 * Of many calls that are alike, as of a stream of messages, only some are treated so. Not
 * treated so are those that take something which the kernel forgets when a copy of what comes
 * with it fails, whatever the protocol: a sender's address, control messages, an error. Nor
 * is anything done where there are handlers of signals: for a copy that fails when a handler
 * is to run, a process is killed.
 */
#include <err.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <linux/rdgram.h>

#include "fail.h"
#include "message.h"

/* Of each kind of call so many in a row, and one in so many of the others. */
#define FIRST	20
#define ONE_IN	16

/* close() cannot be called again: what fails in it is drawn, of so many. */
#define IN_CLOSE	12

/* No call asks for so many things. */
#define LAST	500

#define SYSCALLS	64

struct kind {
	const char *name;
	atomic_ulong calls;	/* of our sockets, in this process */
	atomic_ullong reached;	/* what failed last, and did no harm; 0: all there was has */
};

/* Of a program and all that it forks: calls whose things fail, and things that did. */
static struct {
	atomic_ulong calls[SYSCALLS];
	atomic_ulong failed[SYSCALLS];
	atomic_ulong last[SYSCALLS];	/* number of the last one in a call, at the most */
} *sum;

static struct kind kinds[SYSCALLS] = {
	[SYS_socket]		= { .name = "socket" },
	[SYS_bind]		= { .name = "bind" },
	[SYS_connect]		= { .name = "connect" },
	[SYS_getsockname]	= { .name = "getsockname" },
	[SYS_getpeername]	= { .name = "getpeername" },
	[SYS_getsockopt]	= { .name = "getsockopt" },
	[SYS_setsockopt]	= { .name = "setsockopt" },
	[SYS_ioctl]		= { .name = "ioctl" },
	[SYS_shutdown]		= { .name = "shutdown" },
	[SYS_sendto]		= { .name = "sendto" },
	[SYS_sendmsg]		= { .name = "sendmsg" },
	[SYS_write]		= { .name = "write" },
	[SYS_writev]		= { .name = "writev" },
	[SYS_recvfrom]		= { .name = "recvfrom" },
	[SYS_recvmsg]		= { .name = "recvmsg" },
	[SYS_read]		= { .name = "read" },
	[SYS_readv]		= { .name = "readv" },
	[SYS_close]		= { .name = "close" },
};

static bool is_ours(int fd)
{
	socklen_t len = sizeof(int);
	const int was = errno;
	int protocol = 0;

	if (syscall(SYS_getsockopt, fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &len))
		protocol = 0;
	errno = was;
	return protocol == IPPROTO_RDGRAM;
}

static bool handles_signals(void)
{
	struct sigaction s;

	for (int i = 1; i < SIGRTMIN; i++)
		if (!sigaction(i, NULL, &s) && s.sa_handler != SIG_DFL && s.sa_handler != SIG_IGN)
			return true;
	return false;
}

static void prepare(void)
{
	if (!fail_prepare())
		errx(1, "this kernel lets nothing fail");
}

static bool is_chosen(struct kind *k)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	const unsigned long n = atomic_fetch_add(&k->calls, 1);
	const int was = errno;

	if ((n >= FIRST && message_hash(n, 0xfa11) % ONE_IN) || geteuid() || handles_signals())
		return false;
	pthread_once(&once, prepare);
	atomic_fetch_add(&sum->calls[k - kinds], 1);
	errno = was;
	return true;
}

/*
 * What a program is told by. The kernel's own parts have other words: ENFILE where there is
 * no memory for a socket, EAGAIN where there is no port for it, EADDRINUSE where UDP has none
 * for a group that shares one; and IPv6 knows no way then.
 */
static bool is_clear(int error)
{
	switch (error) {
	case ENOMEM:
	case ENOBUFS:
	case EFAULT:
	case ENFILE:
	case EAGAIN:
	case EADDRINUSE:
	case ENETUNREACH:
		return true;
	}
	return false;
}

static void count_failed(struct kind *k, u64 n)
{
	atomic_ulong *last = &sum->last[k - kinds];

	atomic_fetch_add(&sum->failed[k - kinds], 1);
	/* Another thread's may be lost: it is only told. */
	if (n > *last)
		*last = n;
}

/* Has anything failed in a call? Then whether that is to be made again is known. */
static bool again(struct kind *k, long result, u64 n, bool goes_on)
{
	const int error = errno;
	const bool failed = fail_ended();

	if (failed)
		count_failed(k, n);
	if (failed && result < 0 && !is_clear(error))
		dprintf(STDOUT_FILENO, "# %s: when the %lluth thing failed: %s\n", k->name, n,
			strerror(error));
	if (goes_on)
		atomic_store(&k->reached, failed ? n : 0);
	errno = error;
	return failed && result < 0 && is_clear(error) && n < LAST;
}

/* A system call, with its arguments, of a socket of @ours, or not. */
static long failing(bool ours, long number, const long a[6])
{
	struct kind *k = &kinds[number];
	bool goes_on;
	long result;
	u64 n;

	if (!ours || !is_chosen(k))
		return syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
	goes_on = atomic_load(&k->calls) % 2 == 0;
	n = goes_on ? atomic_load(&k->reached) : 0;
	do {
		fail_nth(++n);
		result = syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
	} while (again(k, result, n, goes_on));
	return result;
}

int socket(int family, int type, int protocol)
{
	return failing((type & 0xf) == SOCK_RDM, SYS_socket,
		       (const long[6]) { family, type, protocol });
}

int bind(int fd, const struct sockaddr *to, socklen_t len)
{
	return failing(is_ours(fd), SYS_bind, (const long[6]) { fd, (long)to, len });
}

int connect(int fd, const struct sockaddr *to, socklen_t len)
{
	return failing(is_ours(fd), SYS_connect, (const long[6]) { fd, (long)to, len });
}

int getsockname(int fd, struct sockaddr *to, socklen_t *len)
{
	return failing(is_ours(fd), SYS_getsockname, (const long[6]) { fd, (long)to, (long)len });
}

int getpeername(int fd, struct sockaddr *to, socklen_t *len)
{
	return failing(is_ours(fd), SYS_getpeername, (const long[6]) { fd, (long)to, (long)len });
}

int getsockopt(int fd, int level, int name, void *to, socklen_t *len)
{
	return failing(is_ours(fd) && name != SO_ERROR, SYS_getsockopt,
		       (const long[6]) { fd, level, name, (long)to, (long)len });
}

/* Whose device changes does without a group where there is no memory for another one. */
int setsockopt(int fd, int level, int name, const void *from, socklen_t len)
{
	return failing(is_ours(fd) && name != SO_BINDTODEVICE, SYS_setsockopt,
		       (const long[6]) { fd, level, name, (long)from, len });
}

int ioctl(int fd, unsigned long request, ...)
{
	void *argument;
	va_list rest;

	va_start(rest, request);
	argument = va_arg(rest, void *);
	va_end(rest);
	return failing(is_ours(fd), SYS_ioctl, (const long[6]) { fd, request, (long)argument });
}

int shutdown(int fd, int how)
{
	return failing(is_ours(fd), SYS_shutdown, (const long[6]) { fd, how });
}

ssize_t sendto(int fd, const void *from, size_t len, int flags, const struct sockaddr *to,
	       socklen_t n_to)
{
	return failing(is_ours(fd), SYS_sendto,
		       (const long[6]) { fd, (long)from, len, flags, (long)to, n_to });
}

ssize_t send(int fd, const void *from, size_t len, int flags)
{
	return sendto(fd, from, len, flags, NULL, 0);
}

ssize_t sendmsg(int fd, const struct msghdr *m, int flags)
{
	return failing(is_ours(fd), SYS_sendmsg, (const long[6]) { fd, (long)m, flags });
}

ssize_t write(int fd, const void *from, size_t len)
{
	return failing(is_ours(fd), SYS_write, (const long[6]) { fd, (long)from, len });
}

ssize_t writev(int fd, const struct iovec *from, int n)
{
	return failing(is_ours(fd), SYS_writev, (const long[6]) { fd, (long)from, n });
}

ssize_t recvfrom(int fd, void *to, size_t len, int flags, struct sockaddr *from,
		 socklen_t *n_from)
{
	return failing(is_ours(fd) && !from, SYS_recvfrom,
		       (const long[6]) { fd, (long)to, len, flags, (long)from, (long)n_from });
}

ssize_t recv(int fd, void *to, size_t len, int flags)
{
	return recvfrom(fd, to, len, flags, NULL, NULL);
}

ssize_t recvmsg(int fd, struct msghdr *m, int flags)
{
	return failing(is_ours(fd) && !m->msg_name && !m->msg_control, SYS_recvmsg,
		       (const long[6]) { fd, (long)m, flags });
}

ssize_t read(int fd, void *to, size_t len)
{
	return failing(is_ours(fd), SYS_read, (const long[6]) { fd, (long)to, len });
}

ssize_t readv(int fd, const struct iovec *to, int n)
{
	return failing(is_ours(fd), SYS_readv, (const long[6]) { fd, (long)to, n });
}

int close(int fd)
{
	struct kind *k = &kinds[SYS_close];
	int result, error;
	u64 n;

	if (!is_ours(fd) || !is_chosen(k))
		return syscall(SYS_close, fd);
	n = 1 + message_hash(k->calls, 0xc105e) % IN_CLOSE;
	fail_nth(n);
	result = syscall(SYS_close, fd);
	error = errno;
	if (fail_ended())
		count_failed(k, n);
	errno = error;
	return result;
}

static void __attribute__((constructor)) begin(void)
{
	sum = mmap(NULL, sizeof(*sum), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (sum == MAP_FAILED)
		err(1, "memory");
}

/* A comment in what a test says; other programs have others to talk to. */
static void __attribute__((destructor)) report(void)
{
	if (!getenv("RDGRAM_FAILED"))
		return;
	for (int i = 0; i < SYSCALLS; i++)
		if (sum->failed[i])
			dprintf(STDOUT_FILENO,
				"# %s: %lu calls, %lu things failed in them, up to number %lu\n",
				kinds[i].name, sum->calls[i], sum->failed[i], sum->last[i]);
}
