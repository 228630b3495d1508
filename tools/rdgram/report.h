/* SPDX-License-Identifier: GPL-2.0-only */
/* Lines that several commands end with. */
#ifndef REPORT_H
#define REPORT_H

#include <stdio.h>

#include <linux/rdgram.h>

#include "types.h"

/* "sent 4.00 MiB in 3496 messages to HOST:PORT, 1.23 s, 3.25 MiB/s" */
void report_amount(FILE *out, const char *what, u64 bytes, u64 messages,
		   const char *towards, u64 ns);

/* What a sender and a receiver want to know of the counters of their socket. */
void report_sender(FILE *out, const struct rdgram_stats *stats);
void report_receiver(FILE *out, const struct rdgram_stats *stats);

/* Bytes per second; 0 where no time has passed. */
double report_rate(u64 bytes, u64 ns);

#endif /* REPORT_H */
