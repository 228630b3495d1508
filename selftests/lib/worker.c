// SPDX-License-Identifier: GPL-2.0-only
#include "worker.h"

#include <err.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

pid_t worker_start(bool (*work)(void *arg), void *arg)
{
	bool good;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	good = work(arg);
	fflush(stdout);
	_exit(!good);
}

bool worker_join(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		err(1, "waitpid");
	return WIFEXITED(status) && !WEXITSTATUS(status);
}

bool worker_sleeps(pid_t pid)
{
	char path[32], state = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "r");
	if (!f || fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
		err(1, "%s", path);
	fclose(f);
	return state == 'S';
}

void worker_await_sleep(pid_t pid)
{
	while (!worker_sleeps(pid))
		usleep(1000);
}

static bool poll_once(void *arg)
{
	struct pollfd *p = arg;

	return poll(p, 1, -1) == 1 && p->revents == p->events;
}

pid_t worker_start_poll(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };
	pid_t pid = worker_start(poll_once, &p);

	worker_await_sleep(pid);
	return pid;
}

void worker_kill(pid_t pid)
{
	kill(pid, SIGKILL);
	if (waitpid(pid, NULL, 0) != pid)
		err(1, "waitpid");
}

void *worker_shared(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		err(1, "mmap");
	return p;
}

void worker_await(const u64 *count, u64 value)
{
	while (__atomic_load_n(count, __ATOMIC_ACQUIRE) < value)
		poll(NULL, 0, 1);
}
