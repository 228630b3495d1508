// SPDX-License-Identifier: GPL-2.0-only
#include "program.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "status.h"

#define SCRIPTS_MOST	4	/* interpreters of interpreters */

/* As execvp() looks: what is no file is passed over. */
static bool may_run(const char *path)
{
	struct stat st;

	if (access(path, X_OK) || stat(path, &st))
		return false;
	errno = EACCES;
	return S_ISREG(st.st_mode);
}

/* Where there are several reasons why none will do, that of the last file is told. */
char *program_find(const char *name)
{
	const char *dirs = getenv("PATH"), *end;
	char path[PATH_MAX];
	int error = ENOENT;

	if (strchr(name, '/'))
		return strdup(name);
	for (dirs = dirs ? dirs : "/usr/bin:/bin"; dirs; dirs = *end ? end + 1 : NULL) {
		end = strchrnul(dirs, ':');
		/* An empty one is the folder that we are in. */
		snprintf(path, sizeof(path), "%.*s%s%s", (int)(end - dirs), dirs,
			 end > dirs ? "/" : "./", name);
		if (may_run(path))
			return strdup(path);
		if (errno != ENOENT && errno != ENOTDIR)
			error = errno;
	}
	errno = error;
	err(error == ENOENT ? STATUS_NOT_FOUND : STATUS_CANNOT, "%s", name);
}

/* The dynamic linker drops what is preloaded where a program gains rights. */
static void check_rights(const char *path, int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		err(STATUS_CANNOT, "%s", path);
	if (!S_ISREG(st.st_mode)) {
		errno = EACCES;
		err(STATUS_CANNOT, "%s", path);
	}
	if ((st.st_mode & S_ISUID && st.st_uid != getuid()) ||
	    (st.st_mode & S_ISGID && st.st_gid != getgid()))
		errx(STATUS_CANNOT,
		     "%s runs with the rights of another user: nothing can be preloaded into it",
		     path);
	if (geteuid() && fgetxattr(fd, "security.capability", NULL, 0) > 0)
		errx(STATUS_CANNOT, "%s has capabilities: nothing can be preloaded into it", path);
}

static bool is_of_go(Elf *elf, const GElf_Phdr *p)
{
	Elf_Data *data = elf_getdata_rawchunk(elf, p->p_offset, p->p_filesz, ELF_T_NHDR);
	size_t at = 0, next, name, text;
	GElf_Nhdr note;

	for (; data && (next = gelf_getnote(data, at, &note, &name, &text)); at = next)
		if (note.n_namesz == sizeof("Go\0") &&
		    !memcmp((char *)data->d_buf + name, "Go\0", sizeof("Go\0")))
			return true;
	return false;
}

/* A Go program may be dynamic, and does not ask libc for sockets. */
static void check_segments(const char *path, Elf *elf)
{
	bool dynamic = false;
	GElf_Phdr p;
	size_t n;

	if (elf_getphdrnum(elf, &n))
		errx(STATUS_CANNOT, "%s: %s", path, elf_errmsg(-1));
	for (size_t i = 0; i < n; i++) {
		if (!gelf_getphdr(elf, i, &p))
			errx(STATUS_CANNOT, "%s: %s", path, elf_errmsg(-1));
		dynamic |= p.p_type == PT_INTERP;
		if (p.p_type == PT_NOTE && is_of_go(elf, &p))
			errx(STATUS_CANNOT, "%s is a Go program: it has no use for libc's socket()",
			     path);
	}
	if (!dynamic)
		errx(STATUS_CANNOT, "%s is static: nothing can be preloaded into it", path);
}

static void check_elf(const char *path, int fd)
{
	Elf *elf;

	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	if (!elf)
		errx(STATUS_CANNOT, "%s: %s", path, elf_errmsg(-1));
	if (gelf_getclass(elf) != (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32))
		errx(STATUS_CANNOT, "%s is for processors of another width than this rdgram-run",
		     path);
	check_segments(path, elf);
	elf_end(elf);
}

/* The interpreter that the first line of a script names. */
static char *interpreter(char *line)
{
	line[strcspn(line, "\n")] = '\0';
	line += 2;
	line += strspn(line, " \t");
	line[strcspn(line, " \t")] = '\0';
	return line;
}

static void check(const char *path, int depth)
{
	char head[PATH_MAX] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 && errno == EACCES && !access(path, X_OK))
		return;		/* it may be run and not be read */
	if (fd < 0)
		err(errno == ENOENT ? STATUS_NOT_FOUND : STATUS_CANNOT, "%s", path);
	check_rights(path, fd);
	if (pread(fd, head, sizeof(head) - 1, 0) < 0)
		err(STATUS_CANNOT, "%s", path);
	if (!memcmp(head, ELFMAG, SELFMAG))
		check_elf(path, fd);
	else if (!memcmp(head, "#!", 2) && depth < SCRIPTS_MOST)
		check(interpreter(head), depth + 1);
	close(fd);
}

void program_check(const char *path)
{
	check(path, 0);
}
