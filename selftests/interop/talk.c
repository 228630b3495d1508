// SPDX-License-Identifier: GPL-2.0-only
/*
 * talk send|hear|pick|both THERE PORT WHO COUNT [die]: what the rdgram tool has no command for,
 * with the host at the address THERE, from PORT to PORT.
 *
 *	send	sends COUNT messages, of sender WHO, and waits until it is known what became
 *		of each; the last one, by which it is told of errors, when that of all others is
 *	hear	receives, until the last of COUNT messages of sender WHO has come
 *	pick	likewise, but refuses every second one, by a filter
 *	both	both at once; the senders are 1 and 2, of whom this is WHO
 *
 * "die": it kills itself, right after it has sent the last, or heard it.
 *
 * All that comes, and all that is told, is printed, a line for each; whether that is what
 * should be is up to who started it:
 *
 *	message WHO INDEX	a message that is what it says
 *	broken LENGTH		one that is not
 *	restart, jump		the notices RDGRAM_RESTART and RDGRAM_JUMP
 *	told ERRNO		a call failed by that, once
 *	sent N delivered N returned N doubted N malformed N died N
 */
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/errqueue.h>
#include <linux/filter.h>

#include "control.h"
#include "message.h"
#include "sock.h"
#include "worker.h"

struct talk {
	struct addr there;
	u64 who, count;
	int fd;
};

/* Mostly small, some of several packets; long enough to say which it is. */
static size_t length(u64 who, u64 index)
{
	return MESSAGE_HEADER + message_mixed_len(who, index);
}

/* What became of earlier ones is told by a call that fails, and sends nothing. */
static bool send_one(const struct talk *t, u8 *message, u64 index)
{
	const size_t len = length(t->who, index);

	message_make(message, len, t->who, index);
	while (sock_sendto(t->fd, message, len, 0, &t->there) != (ssize_t)len) {
		printf("told %s\n", strerrorname_np(errno));
		if (errno != ECONNREFUSED && errno != ECONNRESET)
			return false;
	}
	return true;
}

static bool send_some(const struct talk *t, u64 first, u64 end)
{
	u8 *message = malloc(MESSAGE_MAX);
	bool good = message;

	for (u64 i = first; good && i < end; i++)
		good = send_one(t, message, i);
	free(message);
	return good;
}

static bool send_all(void *arg)
{
	const struct talk *t = arg;

	return send_some(t, 0, t->count);
}

static bool send_last_alone(const struct talk *t)
{
	if (!send_some(t, 0, t->count - 1))
		return false;
	sock_wait_settled(t->fd);
	return send_some(t, t->count - 1, t->count);
}

static void show(const struct sock_extended_err *e)
{
	if (e->ee_origin != RDGRAM_EE_ORIGIN)
		return;
	if (e->ee_type == RDGRAM_RESTART)
		puts("restart");
	if (e->ee_type == RDGRAM_JUMP)
		puts("jump");
}

/* False if there was none. The address of who is at fault stands behind the error. */
static bool show_notice(int fd)
{
	struct cmsghdr *head;
	struct control c;

	if (control_recv(fd, &c, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
		return false;
	for (head = CMSG_FIRSTHDR(&c.msg); head; head = CMSG_NXTHDR(&c.msg, head))
		if ((head->cmsg_level == IPPROTO_IP && head->cmsg_type == IP_RECVERR) ||
		    (head->cmsg_level == IPPROTO_IPV6 && head->cmsg_type == IPV6_RECVERR))
			show((const struct sock_extended_err *)CMSG_DATA(head));
	return true;
}

/* The notice of a restart comes before the first message of the new incarnation. */
static ssize_t next_message(int fd, u8 *message)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	ssize_t len;

	for (;;) {
		if (poll(&p, 1, -1) < 0)
			err(1, "poll");
		if ((p.revents & POLLERR) && show_notice(fd))
			continue;
		len = recv(fd, message, MESSAGE_MAX, MSG_DONTWAIT);
		if (len >= 0)
			return len;
		if (errno != EAGAIN)
			printf("told %s\n", strerrorname_np(errno));
	}
}

/* The index is behind the UDP header, and WHO; its lowest bit is in its first byte. */
static void refuse_odd(int fd)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_ABS | BPF_B, 8 + sizeof(u64)),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 1, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, ~0U),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog filter = { .len = sizeof(code) / sizeof(*code), .filter = code };

	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)))
		err(1, "SO_ATTACH_FILTER");
}

static void hear(const struct talk *t, u64 who)
{
	u8 *message = malloc(MESSAGE_MAX);
	u64 index = 0, from = 0;
	ssize_t len;

	if (!message)
		err(1, "hear");
	while (from != who || index != t->count - 1) {
		len = next_message(t->fd, message);
		from = len < MESSAGE_HEADER ? 0 : message_sender(message);
		index = len < MESSAGE_HEADER ? 0 : message_index(message);
		if ((size_t)len == length(from, index) && message_check(message, len, from, index))
			printf("message %llu %llu\n", from, index);
		else
			printf("broken %zd\n", len);
	}
	free(message);
}

static void show_stats(int fd)
{
	struct rdgram_stats s;

	sock_stats(fd, &s);
	printf("sent %llu delivered %llu returned %llu doubted %llu malformed %llu died %llu\n",
	       s.messages_sent, s.messages_delivered, s.messages_not_delivered,
	       s.messages_in_doubt, s.packets_malformed, s.links_died);
}

static bool both(struct talk *t)
{
	pid_t sender = worker_start(send_all, t);

	hear(t, 3 - t->who);
	return worker_join(sender);
}

static void open_talk(struct talk *t, char **argv)
{
	const int family = strchr(argv[2], ':') ? AF_INET6 : AF_INET;
	const u16 port = strtoul(argv[3], NULL, 10);
	const struct addr here = addr_any(family, port);
	const u32 notices = RDGRAM_NOTICE_PEER;

	t->there = addr_make(family, argv[2], port);
	t->who = strtoull(argv[4], NULL, 10);
	t->count = strtoull(argv[5], NULL, 10);
	t->fd = sock_bound(&here, NULL);
	if (setsockopt(t->fd, SOL_RDGRAM, RDGRAM_NOTICES, &notices, sizeof(notices)))
		err(1, "RDGRAM_NOTICES");
	if (!strcmp(argv[1], "pick"))
		refuse_odd(t->fd);
	puts("listening");
}

static bool talk(struct talk *t, const char *how, bool dies)
{
	if (!strcmp(how, "both"))
		return both(t);
	if (!strcmp(how, "send"))
		return dies ? send_all(t) : send_last_alone(t);
	hear(t, t->who);
	return true;
}

int main(int argc, char **argv)
{
	const bool dies = argc == 7;
	struct talk t;
	bool good;

	if (argc != 6 && !dies)
		errx(2, "usage: talk send|hear|pick|both THERE PORT WHO COUNT [die]");
	open_talk(&t, argv);
	good = talk(&t, argv[1], dies);
	if (dies)
		raise(SIGKILL);
	sock_wait_settled(t.fd);
	show_stats(t.fd);
	return !good;
}
