// SPDX-License-Identifier: GPL-2.0-only
#include "stuck.h"

#include <ctype.h>
#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "types.h"

#define MOST_LINES	100	/* of one file: there may be thousands of peers */
#define MOST_SPACES	16	/* namespaces */

static char *path_of(const char *folder, const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%s", folder, name) < 0)
		err(1, "memory");
	return path;
}

/* A file, or those of its lines for which @shown is true. What cannot be read, because
 * its process has just ended or the kernel has no such thing, is left out.
 */
static void show(const char *folder, const char *name, bool (*shown)(const char *line))
{
	char *path = path_of(folder, name), line[512];
	FILE *file = fopen(path, "r");
	int lines = 0;

	if (file) {
		fprintf(stderr, "# stuck: %s\n", path);
		while (fgets(line, sizeof(line), file))
			if ((!shown || shown(line)) && lines++ < MOST_LINES)
				fprintf(stderr, "#   %.*s\n", (int)strcspn(line, "\n"), line);
		if (lines > MOST_LINES)
			fprintf(stderr, "#   and %d more lines\n", lines - MOST_LINES);
		fclose(file);
	}
	free(path);
}

/* Calls @look with the path of each entry of a folder that is a number. */
static void for_each(const char *folder, const char *name,
		     void (*look)(const char *path, void *arg), void *arg)
{
	char *dir_path = path_of(folder, name), *path;
	DIR *dir = opendir(dir_path);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		path = path_of(dir_path, entry->d_name);
		look(path, arg);
		free(path);
	}
	if (dir)
		closedir(dir);
	free(dir_path);
}

static bool is_of(const char *process, pid_t group)
{
	char *path = path_of(process, "stat"), line[512];
	const char *after_name = NULL;
	FILE *file = fopen(path, "r");
	int found = 0;

	if (file) {
		after_name = fgets(line, sizeof(line), file) ? strrchr(line, ')') : NULL;
		fclose(file);
	}
	free(path);
	return after_name && sscanf(after_name, ") %*c %*d %d", &found) == 1 && found == group;
}

/* The state of a task alone: its status has much else. */
static bool is_state(const char *line)
{
	return strstr(line, "Name:") == line || strstr(line, "State:") == line;
}

static void show_task(const char *task, void *unused)
{
	(void)unused;
	show(task, "status", is_state);
	show(task, "syscall", NULL);
	show(task, "stack", NULL);
}

static void show_process(const char *process, void *group)
{
	if (is_of(process, *(pid_t *)group))
		for_each(process, "task", show_task, NULL);
}

/* A timer has a line with its function, and one that says when it fires. */
static bool is_timer_of_ours(const char *line)
{
	static bool begun;
	const bool goes_on = begun && strstr(line, "expires at");

	begun = strstr(line, " rdg_");
	return begun || goes_on || strstr(line, "now at") == line;
}

static bool is_not_zero(const char *line)
{
	const char *number = strpbrk(line, " \t");

	return !number || strtoull(number, NULL, 10);
}

/* What is shown, and has been. */
struct spaces {
	pid_t group;
	int seen;
	ino_t inode[MOST_SPACES];
};

static bool is_new(struct spaces *spaces, ino_t inode)
{
	for (int i = 0; i < spaces->seen; i++)
		if (spaces->inode[i] == inode)
			return false;
	if (spaces->seen == MOST_SPACES)
		return false;
	spaces->inode[spaces->seen++] = inode;
	return true;
}

/* @path may be anything that a process has open. */
static void show_space(const char *path, void *spaces)
{
	char target[32] = "";
	struct stat st;
	int fd;

	if (readlink(path, target, sizeof(target) - 1) < 0 || strncmp(target, "net:[", 5))
		return;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (!fstat(fd, &st) && is_new(spaces, st.st_ino) && !setns(fd, CLONE_NEWNET)) {
		fprintf(stderr, "# stuck: namespace %s\n", target);
		show("/proc/self/net", "rdgram", NULL);
		show("/proc/self/net", "rdgram_stat", is_not_zero);
		show("/proc/self/net", "snmp6", is_not_zero);
		show("/proc/self/net", "udp", NULL);
		show("/proc/self/net", "udp6", NULL);
	}
	close(fd);
}

static void show_spaces_of(const char *process, void *arg)
{
	struct spaces *spaces = arg;
	char *own;

	if (!is_of(process, spaces->group))
		return;
	own = path_of(process, "ns/net");
	show_space(own, spaces);
	free(own);
	for_each(process, "fd", show_space, spaces);
}

int stuck_kill(pid_t minus_group, int sig)
{
	struct spaces spaces = { .group = -minus_group };
	const int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	for_each("", "proc", show_process, &spaces.group);
	show("/proc", "timer_list", is_timer_of_ours);
	for_each("", "proc", show_spaces_of, &spaces);
	setns(home, CLONE_NEWNET);
	close(home);
	return kill(minus_group, sig);
}
