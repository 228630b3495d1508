/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The states of a link and the events that move it.
 */
#ifndef _RDGRAM_CORE_STATE_H
#define _RDGRAM_CORE_STATE_H

#include <linux/types.h>

/**
 * enum rdg_state - where a link is in its life
 *
 * @RDG_IDLE: there is none; the next message opens one.
 * @RDG_OPENING: INIT is out.
 * @RDG_CONFIRMING: CONFIRM is out; the other side may have opened.
 * @RDG_UP: both sides have heard each other.
 * @RDG_ENDING: END is out.
 * @RDG_STATES: how many there are.
 */
enum rdg_state {
	RDG_IDLE,
	RDG_OPENING,
	RDG_CONFIRMING,
	RDG_UP,
	RDG_ENDING,
	RDG_STATES
};

/**
 * enum rdg_event - what happens to a link
 *
 * @RDG_EV_OPEN: there is something to send.
 * @RDG_EV_CHALLENGE: CHALLENGE for our INIT.
 * @RDG_EV_CONFIRM: CONFIRM with a valid cookie.
 * @RDG_EV_HEARD: a packet for our id.
 * @RDG_EV_STALE: RESET(stale cookie) for our CONFIRM.
 * @RDG_EV_RESET: RESET(unknown link).
 * @RDG_EV_PROPOSE: nothing to send, idle or closed: END goes out.
 * @RDG_EV_DATA: the other side needs the link: new message data, or END was
 *	acknowledged and not answered.
 * @RDG_EV_END: END, and nothing to send: END_ACK went out.
 * @RDG_EV_END_ACK: END_ACK.
 * @RDG_EV_EXPIRE: the other side was silent for too long.
 * @RDG_EVENTS: how many there are.
 */
enum rdg_event {
	RDG_EV_OPEN,
	RDG_EV_CHALLENGE,
	RDG_EV_CONFIRM,
	RDG_EV_HEARD,
	RDG_EV_STALE,
	RDG_EV_RESET,
	RDG_EV_PROPOSE,
	RDG_EV_DATA,
	RDG_EV_END,
	RDG_EV_END_ACK,
	RDG_EV_EXPIRE,
	RDG_EVENTS
};

/**
 * enum rdg_edge - answers of the table other than a state
 *
 * @RDG_EDGE_NONE: the event means nothing in this state: late, repeated or
 *	forged packets do that.
 * @RDG_EDGE_ILLEGAL: only our own code raises such an event, and never in
 *	this state.
 */
enum rdg_edge {
	RDG_EDGE_NONE		= -1,
	RDG_EDGE_ILLEGAL	= -2,
};

int rdg_state_next(enum rdg_state state, enum rdg_event event);
const char *rdg_state_name(enum rdg_state state);
const char *rdg_event_name(enum rdg_event event);

#endif /* _RDGRAM_CORE_STATE_H */
