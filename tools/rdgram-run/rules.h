/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which sockets are rdgram's: what the command line of rdgram-run says, and what rdgram
 * cannot do.
 */
#ifndef RULES_H
#define RULES_H

#include <stdbool.h>
#include <sys/socket.h>

/* How the rules come to the program that is run, and to those that it runs. */
#define RULES_ONLY	"RDGRAM_RUN_ONLY"
#define RULES_EXCEPT	"RDGRAM_RUN_EXCEPT"
#define RULES_VERBOSE	"RDGRAM_RUN_VERBOSE"

enum way {
	WAY_OPEN,	/* not decided yet */
	WAY_RDGRAM,
	WAY_UDP,
};

/* From the environment, which rdgram-run has checked. */
void rules_read(void);

bool rules_verbose(void);

/*
 * What is bound to this address? With WAY_UDP @why tells the reason, as text that follows
 * "UDP, since".
 */
enum way rules_for_local(const struct sockaddr *a, socklen_t len, const char **why);

/* What is to send to this address? @broadcast: SO_BROADCAST was set. */
enum way rules_for_remote(const struct sockaddr *a, socklen_t len, bool broadcast,
			  const char **why);

#endif /* RULES_H */
