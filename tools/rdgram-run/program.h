/* SPDX-License-Identifier: GPL-2.0-only */
/* Can what a program does be changed by a preloaded library? */
#ifndef PROGRAM_H
#define PROGRAM_H

/* The file that execvp() would run for this name; ends the program where there is none. */
char *program_find(const char *name);

/* Ends the program, and says why, where the answer is no. */
void program_check(const char *path);

#endif /* PROGRAM_H */
