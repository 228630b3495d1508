// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of states and events, told again in other words: a change of one
 * has to be a change of both.
 */
#include "../core/state.h"
#include "suites.h"

static void next__only_our_own_mistakes_are_illegal(struct kunit *test)
{
	int s, e;

	for (s = 0; s < RDG_STATES; s++) {
		for (e = 0; e < RDG_EVENTS; e++) {
			bool illegal = (e == RDG_EV_OPEN && s != RDG_IDLE) ||
				       (e == RDG_EV_PROPOSE && s != RDG_UP);

			KUNIT_EXPECT_EQ_MSG(test, rdg_state_next(s, e) == RDG_EDGE_ILLEGAL, illegal,
					    "%s in %s", rdg_event_name(e), rdg_state_name(s));
		}
	}
}

static void next__has_these_edges_and_no_other(struct kunit *test)
{
	static const struct {
		u8 from, event, to;
	} edge[] = {
		{ RDG_IDLE, RDG_EV_OPEN, RDG_OPENING },
		{ RDG_OPENING, RDG_EV_CHALLENGE, RDG_CONFIRMING },
		{ RDG_IDLE, RDG_EV_CONFIRM, RDG_UP },
		{ RDG_OPENING, RDG_EV_CONFIRM, RDG_UP },
		{ RDG_CONFIRMING, RDG_EV_CONFIRM, RDG_UP },
		{ RDG_UP, RDG_EV_CONFIRM, RDG_UP },
		{ RDG_ENDING, RDG_EV_CONFIRM, RDG_UP },
		{ RDG_CONFIRMING, RDG_EV_HEARD, RDG_UP },
		{ RDG_CONFIRMING, RDG_EV_STALE, RDG_IDLE },
		{ RDG_UP, RDG_EV_RESET, RDG_IDLE },
		{ RDG_ENDING, RDG_EV_RESET, RDG_IDLE },
		{ RDG_UP, RDG_EV_PROPOSE, RDG_ENDING },
		{ RDG_ENDING, RDG_EV_DATA, RDG_UP },
		{ RDG_UP, RDG_EV_END, RDG_IDLE },
		{ RDG_ENDING, RDG_EV_END, RDG_IDLE },
		{ RDG_ENDING, RDG_EV_END_ACK, RDG_IDLE },
		{ RDG_IDLE, RDG_EV_EXPIRE, RDG_IDLE },
		{ RDG_OPENING, RDG_EV_EXPIRE, RDG_IDLE },
		{ RDG_CONFIRMING, RDG_EV_EXPIRE, RDG_IDLE },
		{ RDG_UP, RDG_EV_EXPIRE, RDG_IDLE },
		{ RDG_ENDING, RDG_EV_EXPIRE, RDG_IDLE },
	};
	int s, e, i, edges = 0;

	for (s = 0; s < RDG_STATES; s++)
		for (e = 0; e < RDG_EVENTS; e++)
			edges += rdg_state_next(s, e) >= 0;
	KUNIT_EXPECT_EQ(test, edges, (int)ARRAY_SIZE(edge));
	for (i = 0; i < ARRAY_SIZE(edge); i++)
		KUNIT_EXPECT_EQ_MSG(test, rdg_state_next(edge[i].from, edge[i].event),
				    (int)edge[i].to, "%s in %s", rdg_event_name(edge[i].event),
				    rdg_state_name(edge[i].from));
}

static void name__is_there_for_all(struct kunit *test)
{
	int i;

	for (i = 0; i < RDG_STATES; i++)
		KUNIT_EXPECT_NOT_NULL(test, rdg_state_name(i));
	for (i = 0; i < RDG_EVENTS; i++)
		KUNIT_EXPECT_NOT_NULL(test, rdg_event_name(i));
	KUNIT_EXPECT_STREQ(test, rdg_state_name(RDG_CONFIRMING), "CONFIRMING");
	KUNIT_EXPECT_STREQ(test, rdg_event_name(RDG_EV_EXPIRE), "EXPIRE");
}

static struct kunit_case cases[] = {
	KUNIT_CASE(next__only_our_own_mistakes_are_illegal),
	KUNIT_CASE(next__has_these_edges_and_no_other),
	KUNIT_CASE(name__is_there_for_all),
	{}
};

struct kunit_suite rdg_state_suite = {
	.name = "rdgram_state",
	.test_cases = cases,
};
