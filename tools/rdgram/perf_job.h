/* SPDX-License-Identifier: GPL-2.0-only */
/* What rdgram perf is asked to do, the same on both sides; and the protocols it knows. */
#ifndef PERF_JOB_H
#define PERF_JOB_H

#include <sys/socket.h>

#include "types.h"

#define PERF_PEERS_MOST	1024
#define PERF_BATCH_MOST	256
#define PERF_NAME_MOST	16

struct protocol {
	const char *name;
	int family;		/* 0: that of the addresses */
	int type, number;
	bool framed;		/* a byte stream: messages are framed, peers have connections */
	bool reliable;
	bool tuned;		/* its buffers grow by themselves */
	bool pieces;		/* long messages may be received in pieces, up to MSG_EOR */
	bool flagless;		/* knows no flags of send() */
	size_t max;		/* the longest message */
	u16 ports;		/* where its ports begin, counted from the server's */
};

enum workload {
	STREAM,			/* one socket sends to one socket */
	ROUND_TRIPS,		/* request and response, one at a time */
	MANY_TO_ONE,		/* a socket for each sender, one that receives */
	ONE_TO_MANY,		/* one socket sends, a socket for each receiver */
};

struct job {
	const struct protocol *protocol;
	enum workload workload;
	char congestion[PERF_NAME_MOST];	/* "-": the default */
	u64 size;		/* of a message */
	u64 peers;
	u64 stalled;		/* how many of the receivers, the last ones, do not read */
	u64 batch;		/* messages in a call; 1: sendto() and recvfrom() */
	int cpu;		/* the server's; -1: any */
	u64 run;		/* which run a message belongs to */
};

/* NULL if there is none. */
const struct protocol *protocol_find(const char *name);

/* False if there is none. */
bool workload_find(const char *name, enum workload *workload);
const char *workload_name(enum workload workload);

/* What makes no sense about it, or NULL. */
const char *job_wrong(const struct job *job);

/* A job as a line of words, without a newline, and back; false if it is none. */
#define JOB_TEXT 256
void job_print(const struct job *job, char to[JOB_TEXT]);
bool job_parse(struct job *job, const char *line);

/* How many sockets there are on the sender's side, and on the receiver's. */
static inline u64 job_senders(const struct job *job)
{
	return job->workload == MANY_TO_ONE || job->protocol->framed ? job->peers : 1;
}

static inline u64 job_receivers(const struct job *job)
{
	return job->workload == ONE_TO_MANY ? job->peers : 1;
}

/* The port of a receiver, where @server is that on which clients ask. */
static inline u32 job_port(const struct job *job, u16 server, u64 receiver)
{
	return server + job->protocol->ports + receiver;
}

/*
 * What each message begins with, big-endian. A flow is what one sender sends to one
 * receiver; a greeting opens it, and is not counted. Where there is room for it, the
 * number is at the end as well: two messages that ran into each other show.
 */
#define MESSAGE_HEADER		16
#define MESSAGE_TRAILER		8
#define MESSAGE_GREETING	UINT64_MAX

struct message_header {
	u64 run;		/* 32 bits of it */
	u64 flow;
	u64 number;		/* in the flow, from 0 */
};

void message_write(u8 *message, size_t len, const struct message_header *from);

/* False if it is none of ours. */
bool message_read(struct message_header *to, const u8 *message, size_t len);

#endif /* PERF_JOB_H */
