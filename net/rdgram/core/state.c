// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of states and events, see state.h. Documentation/protocol.rst
 * shows the same table with the test of each cell.
 */
#include "state.h"

#define NONE	RDG_EDGE_NONE
#define BAD	RDG_EDGE_ILLEGAL
#define IDLE	RDG_IDLE
#define OPENG	RDG_OPENING
#define CONFG	RDG_CONFIRMING
#define UP	RDG_UP
#define ENDG	RDG_ENDING

static const s8 next_state[RDG_EVENTS][RDG_STATES] = {
	/*			IDLE	OPENING	CONFIRM	UP	ENDING */
	[RDG_EV_OPEN]	   = {	OPENG,	BAD,	BAD,	BAD,	BAD },
	[RDG_EV_CHALLENGE] = {	NONE,	CONFG,	NONE,	NONE,	NONE },
	[RDG_EV_CONFIRM]   = {	UP,	UP,	UP,	UP,	UP },
	[RDG_EV_HEARD]	   = {	NONE,	NONE,	UP,	NONE,	NONE },
	[RDG_EV_STALE]	   = {	NONE,	NONE,	IDLE,	NONE,	NONE },
	[RDG_EV_RESET]	   = {	NONE,	NONE,	NONE,	IDLE,	IDLE },
	[RDG_EV_PROPOSE]   = {	BAD,	BAD,	BAD,	ENDG,	BAD },
	[RDG_EV_DATA]	   = {	NONE,	NONE,	NONE,	NONE,	UP },
	[RDG_EV_END]	   = {	NONE,	NONE,	NONE,	IDLE,	IDLE },
	[RDG_EV_END_ACK]   = {	NONE,	NONE,	NONE,	NONE,	IDLE },
	[RDG_EV_EXPIRE]	   = {	IDLE,	IDLE,	IDLE,	IDLE,	IDLE },
};

static const char * const state_name[RDG_STATES] = {
	[RDG_IDLE]	 = "IDLE",
	[RDG_OPENING]	 = "OPENING",
	[RDG_CONFIRMING] = "CONFIRMING",
	[RDG_UP]	 = "UP",
	[RDG_ENDING]	 = "ENDING",
};

static const char * const event_name[RDG_EVENTS] = {
	[RDG_EV_OPEN]	   = "OPEN",
	[RDG_EV_CHALLENGE] = "CHALLENGE",
	[RDG_EV_CONFIRM]   = "CONFIRM",
	[RDG_EV_HEARD]	   = "HEARD",
	[RDG_EV_STALE]	   = "STALE",
	[RDG_EV_RESET]	   = "RESET",
	[RDG_EV_PROPOSE]   = "PROPOSE",
	[RDG_EV_DATA]	   = "DATA",
	[RDG_EV_END]	   = "END",
	[RDG_EV_END_ACK]   = "END_ACK",
	[RDG_EV_EXPIRE]	   = "EXPIRE",
};

/**
 * rdg_state_next - look the table up
 * @state: where the link is
 * @event: what happens
 *
 * Return: enum rdg_state, or enum rdg_edge.
 */
int rdg_state_next(enum rdg_state state, enum rdg_event event)
{
	return next_state[event][state];
}

/**
 * rdg_state_name - for printing
 * @state: a state
 *
 * Return: its name.
 */
const char *rdg_state_name(enum rdg_state state)
{
	return state_name[state];
}

/**
 * rdg_event_name - for printing
 * @event: an event
 *
 * Return: its name.
 */
const char *rdg_event_name(enum rdg_event event)
{
	return event_name[event];
}
