/* SPDX-License-Identifier: GPL-2.0-only */
/* What rdgram-run exits with, as env(1) and others that run a program do. */
#ifndef STATUS_H
#define STATUS_H

enum {
	STATUS_FAILED		= 125,	/* rdgram-run itself failed */
	STATUS_CANNOT		= 126,	/* the program cannot be run, or not with rdgram */
	STATUS_NOT_FOUND	= 127,	/* there is no such program */
};

#endif /* STATUS_H */
