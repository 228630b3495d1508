// SPDX-License-Identifier: GPL-2.0-only
#include "perf_job.h"

#include <endian.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include <linux/rdgram.h>

#include "endpoint.h"

#define VERSION_WORD "rdgram-perf-1"

/*
 * rdgram's ports are UDP's, and what a closed socket still has to deliver keeps its
 * port from UDP for a while: hence ports of UDP's own.
 */
static const struct protocol protocols[] = {
	{
		.name = "rdgram", .type = SOCK_RDM, .number = IPPROTO_RDGRAM,
		.reliable = true, .tuned = true, .max = RDGRAM_MAX_MESSAGE,
		.ports = 1,
	}, {
		.name = "udp", .type = SOCK_DGRAM, .number = IPPROTO_UDP,
		.max = UDP_MAX_MESSAGE,
		.ports = 1 + PERF_PEERS_MOST,
	}, {
		.name = "tcp", .type = SOCK_STREAM, .number = IPPROTO_TCP,
		.framed = true, .reliable = true, .tuned = true, .max = RDGRAM_MAX_MESSAGE,
		.ports = 1,
	}, {
		.name = "sctp", .type = SOCK_SEQPACKET, .number = IPPROTO_SCTP,
		.reliable = true, .pieces = true, .max = RDGRAM_MAX_MESSAGE,
		.ports = 1,
	}, {
		.name = "rds", .family = AF_RDS, .type = SOCK_SEQPACKET,
		.reliable = true, .flagless = true, .max = RDGRAM_MAX_MESSAGE,
		.ports = 1,
	}, {
		/* TIPC_MAX_USER_MSG_SIZE of linux/tipc.h */
		.name = "tipc", .family = AF_TIPC, .type = SOCK_RDM,
		.reliable = true, .max = 66000,
		.ports = 1,
	},
};

static const char * const workloads[] = {
	[STREAM] = "stream",
	[ROUND_TRIPS] = "rr",
	[MANY_TO_ONE] = "many-to-one",
	[ONE_TO_MANY] = "one-to-many",
};

const struct protocol *protocol_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++)
		if (!strcmp(name, protocols[i].name))
			return &protocols[i];
	return NULL;
}

bool workload_find(const char *name, enum workload *workload)
{
	for (size_t i = 0; i < ARRAY_SIZE(workloads); i++)
		if (!strcmp(name, workloads[i])) {
			*workload = i;
			return true;
		}
	return false;
}

const char *workload_name(enum workload workload)
{
	return workloads[workload];
}

const char *job_wrong(const struct job *job)
{
	if (job->size < MESSAGE_HEADER || job->size > job->protocol->max)
		return "--size: not between 16 and what the protocol takes at most";
	if (job->peers < 1 || job->peers > PERF_PEERS_MOST)
		return "--peers is not between 1 and 1024";
	if (job->peers > 1 && job->workload != MANY_TO_ONE && job->workload != ONE_TO_MANY)
		return "--peers goes with many-to-one and one-to-many only";
	if (job->stalled && (job->workload != ONE_TO_MANY || job->stalled >= job->peers))
		return "--stalled goes with one-to-many, and leaves one receiver that reads";
	if (job->batch < 1 || job->batch > PERF_BATCH_MOST)
		return "--mmsg is not between 1 and 256";
	if (job->batch > 1 && job->workload == ROUND_TRIPS)
		return "--mmsg does not go with rr, where one message is under way at a time";
	return NULL;
}

void job_print(const struct job *job, char to[JOB_TEXT])
{
	snprintf(to, JOB_TEXT, VERSION_WORD " %s %s %s %llu %llu %llu %llu %d %llu",
		 job->protocol->name, workload_name(job->workload), job->congestion, job->size,
		 job->peers, job->stalled, job->batch, job->cpu, job->run);
}

bool job_parse(struct job *job, const char *line)
{
	char protocol[PERF_NAME_MOST], workload[PERF_NAME_MOST];
	int words = sscanf(line, VERSION_WORD " %15s %15s %15s %llu %llu %llu %llu %d %llu",
			   protocol, workload, job->congestion, &job->size, &job->peers,
			   &job->stalled, &job->batch, &job->cpu, &job->run);

	if (words != 9)
		return false;
	job->protocol = protocol_find(protocol);
	return job->protocol && workload_find(workload, &job->workload) && !job_wrong(job);
}

void message_write(u8 *message, size_t len, const struct message_header *from)
{
	const u64 words[] = { htobe64(from->run << 32 | from->flow), htobe64(from->number) };

	memcpy(message, words, MESSAGE_HEADER);
	if (len >= MESSAGE_HEADER + MESSAGE_TRAILER)
		memcpy(message + len - MESSAGE_TRAILER, &words[1], MESSAGE_TRAILER);
}

bool message_read(struct message_header *to, const u8 *message, size_t len)
{
	u64 words[2];

	if (len < MESSAGE_HEADER)
		return false;
	memcpy(words, message, MESSAGE_HEADER);
	to->run = be64toh(words[0]) >> 32;
	to->flow = be64toh(words[0]) & UINT32_MAX;
	to->number = be64toh(words[1]);
	return len < MESSAGE_HEADER + MESSAGE_TRAILER ||
	       !memcmp(message + len - MESSAGE_TRAILER, &words[1], MESSAGE_TRAILER);
}
