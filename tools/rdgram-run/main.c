// SPDX-License-Identifier: GPL-2.0-only
/* rdgram-run: run a program that uses UDP over rdgram. */
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/rdgram.h>

#include "ports.h"
#include "program.h"
#include "rules.h"
#include "status.h"

#define LIBRARY	"rdgram-run.so"

static const char help[] =
	"usage: rdgram-run [OPTION]... [--] PROGRAM [ARGUMENT]...\n"
	"Run a program that uses UDP sockets over rdgram: what it sends arrives, once, whole\n"
	"and in order, at programs that use rdgram, too.\n\n"
	"  -o, --only PORTS  no others than sockets that are bound to these ports, or send\n"
	"                    to them; such as 53,5000-5010\n"
	"  -e, --except PORTS\n"
	"                    not those\n"
	"  -v, --verbose     tell on standard error which socket is what, and why\n"
	"  -h, --help        this text\n"
	"      --version     the version of this program\n\n"
	"Multicast, broadcast, and questions to name servers elsewhere stay UDP. So does what\n"
	"does not call libc's socket(). Programs that this one starts are run the same way.\n\n"
	"Exit status: that of PROGRAM; 125 if rdgram-run failed, 126 if PROGRAM cannot be run\n"
	"like this (it is static, say), 127 if there is no such program.\n";

enum { KEY_VERSION = 256 };

static void set(const char *name, const char *value)
{
	if (setenv(name, value, 1))
		err(STATUS_FAILED, "%s", name);
}

static void set_ports(const char *name, const char *option, const char *text)
{
	struct ports p = {};

	if (!ports_parse(&p, text))
		errx(STATUS_FAILED, "%s: '%s' is no list of ports (such as 53,5000-5010)", option,
		     text);
	set(name, text);
}

static void read_options(int argc, char **argv)
{
	static const struct option names[] = {
		{ .name = "only", .has_arg = required_argument, .val = 'o' },
		{ .name = "except", .has_arg = required_argument, .val = 'e' },
		{ .name = "verbose", .val = 'v' },
		{ .name = "help", .val = 'h' },
		{ .name = "version", .val = KEY_VERSION },
		{ }
	};
	int key;

	/* What an outer one was told is not for this one. */
	unsetenv(RULES_ONLY);
	unsetenv(RULES_EXCEPT);
	unsetenv(RULES_VERBOSE);
	/* "+": what follows the program's name is the program's. */
	while ((key = getopt_long(argc, argv, "+o:e:vh", names, NULL)) != -1) {
		switch (key) {
		case 'o':
			set_ports(RULES_ONLY, "--only", optarg);
			break;
		case 'e':
			set_ports(RULES_EXCEPT, "--except", optarg);
			break;
		case 'v':
			set(RULES_VERBOSE, "1");
			break;
		case 'h':
			fputs(help, stdout);
			exit(0);
		case KEY_VERSION:
			puts("rdgram-run " VERSION);
			exit(0);
		default:
			exit(STATUS_FAILED);
		}
	}
	if (optind == argc)
		errx(STATUS_FAILED, "which program? (rdgram-run --help)");
}

/* Where it was built, or where it was installed. */
static void find_library(char to[PATH_MAX])
{
	char self[PATH_MAX] = "";
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *name = len > 0 ? strrchr(self, '/') : NULL;

	if (name) {
		*name = '\0';
		if (snprintf(to, PATH_MAX, "%s/" LIBRARY, self) < PATH_MAX && !access(to, R_OK))
			return;
	}
	snprintf(to, PATH_MAX, "%s/" LIBRARY, LIBDIR);
	if (access(to, R_OK))
		err(STATUS_FAILED, "%s", to);
}

static void check_kernel(void)
{
	int fd = socket(AF_INET, SOCK_RDM, IPPROTO_RDGRAM);

	if (fd < 0)
		err(STATUS_FAILED, "this kernel has no rdgram (try: modprobe rdgram)");
	close(fd);
}

/* Behind those that are preloaded already: they may have to be first. */
static void preload(const char *library)
{
	const char *before = getenv("LD_PRELOAD");
	char *list;

	if (strpbrk(library, ": "))
		errx(STATUS_FAILED, "%s: a path with a blank or a colon cannot be preloaded",
		     library);
	if (before && *before) {
		if (asprintf(&list, "%s:%s", before, library) < 0)
			err(STATUS_FAILED, "LD_PRELOAD");
		set("LD_PRELOAD", list);
		free(list);
	} else {
		set("LD_PRELOAD", library);
	}
}

int main(int argc, char **argv)
{
	char library[PATH_MAX];
	char *path;

	program_invocation_short_name = "rdgram-run";
	program_invocation_name = "rdgram-run";
	read_options(argc, argv);
	path = program_find(argv[optind]);
	program_check(path);
	find_library(library);
	check_kernel();
	preload(library);
	execv(path, argv + optind);
	err(errno == ENOENT ? STATUS_NOT_FOUND : STATUS_CANNOT, "%s", path);
}
