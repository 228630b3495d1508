/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One way to carry messages of a known length from host 0 to host 1 and back, over
 * any of the protocols that the report compares.
 */
#ifndef TIMING_CHANNEL_H
#define TIMING_CHANNEL_H

#include <sys/types.h>

#include "addr.h"
#include "hosts.h"
#include "types.h"

/* The most messages at once. */
#define CHANNEL_BATCH	64

enum protocol { RDGRAM, TCP, SCTP, RDS };

/* A protocol's name is that of its enum, in small letters, or that and "-CONGESTION". */
struct flavour {
	enum protocol protocol;
	char congestion[16];	/* empty: the default */
};

struct channel {
	struct flavour flavour;
	int fd;
	struct addr to;		/* the other end; TCP is connected */
	/* TCP: what has been read of the next message, and where in the buffer it lies. */
	size_t partial, partial_at;
};

/* False if @name is none. */
bool flavour_parse(struct flavour *f, const char *name);

/* False where the kernel, or the module, has no such thing. */
bool flavour_available(const struct flavour *f);

/* The congestion control's name that is in force, or "-" where it cannot be read. */
const char *channel_congestion(const struct channel *c, char *to, size_t size);

/* Both ends, at the port @port of either host; TCP's are connected then. */
void channel_open(const struct flavour *f, const struct hosts *h, u16 port,
		  struct channel ends[HOSTS]);

/*
 * Another far end at @port, for the same near socket where the protocol's sockets have
 * many peers.
 */
void channel_open_more(const struct channel *near, const struct hosts *h, u16 port,
		       struct channel ends[HOSTS]);

/* As those who care for latency set TCP and SCTP up; the others do not wait anyway. */
void channel_no_delay(const struct channel *c);

/* A message of @len bytes, blocking; false with errno if that fails. */
bool channel_send(const struct channel *c, const void *message, size_t len);
bool channel_recv(const struct channel *c, void *message, size_t len);

/*
 * The same with many at once, in one buffer without gaps: fewer system calls, at the
 * same virtual time. Receiving waits for one only, and returns how many came, 0 with
 * errno for none; @max is at most CHANNEL_BATCH. The buffer to receive into is the
 * same each time.
 */
size_t channel_send_many(const struct channel *c, const void *messages, size_t len, size_t count);
size_t channel_recv_many(struct channel *c, void *messages, size_t len, size_t max);

/* Packets sent so far and how many of them were sent again; false where none says. */
bool channel_packets(const struct channel *c, u64 *sent, u64 *again);

#endif /* TIMING_CHANNEL_H */
