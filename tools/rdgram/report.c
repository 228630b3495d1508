// SPDX-License-Identifier: GPL-2.0-only
#include "report.h"

#include "clock.h"
#include "number.h"

double report_rate(u64 bytes, u64 ns)
{
	return ns ? bytes / seconds(ns) : 0;
}

void report_amount(FILE *out, const char *what, u64 bytes, u64 messages,
		   const char *towards, u64 ns)
{
	char amount[NUMBER_TEXT], rate[NUMBER_TEXT];

	fprintf(out, "%s %s in %llu message%s %s, %.3f s, %s/s\n", what,
		number_bytes(amount, bytes), messages, messages == 1 ? "" : "s", towards,
		seconds(ns), number_bytes(rate, report_rate(bytes, ns)));
}

void report_sender(FILE *out, const struct rdgram_stats *stats)
{
	fprintf(out, "delivered %llu of %llu messages", stats->messages_delivered,
		stats->messages_sent);
	if (stats->messages_not_delivered)
		fprintf(out, ", %llu not delivered", stats->messages_not_delivered);
	if (stats->messages_in_doubt)
		fprintf(out, ", %llu in doubt", stats->messages_in_doubt);
	fprintf(out, "; %llu packets, %llu of them again\n", stats->packets_sent,
		stats->packets_retransmitted);
}

void report_receiver(FILE *out, const struct rdgram_stats *stats)
{
	fprintf(out, "%llu packets came, %llu duplicates and %llu beyond the buffer dropped\n",
		stats->packets_received, stats->packets_duplicate, stats->packets_unadmitted);
}
