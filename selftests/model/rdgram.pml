/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A model of rdgram's links: handshake, incarnations, dedup, receipts, end. It
 * is verified by selftests/model/check. Documentation/protocol.rst is what it
 * models; where that leaves a choice, net/rdgram/core and the shell's input.c
 * are. The names are those of the core.
 *
 * A world is two hosts and the network between them. A host has LIVES
 * endpoints, one after another: endpoint e is the life e / 2 of host e % 2. The
 * next one is born when the one before crashes (the host loses all it knows) or
 * is closed (it goes on as an orphan; the next one is held until it is gone).
 * Everything happens at any time, in any order, up to the limits of the world:
 * messages are accepted, packets sent, sent again, lost, overtaken and (up to
 * DUPLICATES) doubled, endpoints crash and close, cookies grow too old, user
 * timeouts fire.
 *
 * Checked at every step: a message is delivered once, only if it was accepted,
 * in order, and never after a message of a later incarnation; "delivered" is
 * said of what was delivered, "not delivered" of what was not and never will
 * be; nothing is said twice; nothing is in doubt unless something happened that
 * can put it there (a crash, a close, a stale cookie, a user timeout).
 *
 * Checked of every state in which the network is empty: if all that goes on
 * from there is protocol, and nothing is lost, all comes to rest: all links
 * IDLE, all queues empty, all closed endpoints gone, every message accounted
 * for, without a user timeout as long as the other side has an open endpoint,
 * and without opening links again and again. That is what "calm" is for, in
 * two orders: one endpoint sends and all is delivered before the next one does
 * (1), or all send before anything is delivered (2). A cycle in calm is an
 * acceptance cycle, a standstill that is no rest an invalid end state.
 * Beginning with an empty network leaves nothing out: what is in the network
 * is also delivered, in any order, before calm begins.
 *
 * What is left out, and why that is sound:
 *
 * - Loss is decided when a packet is sent: nobody can tell when it was lost. At
 *   most ROOM packets are under way in each direction, equal ones count once.
 *   These are bounds, as are the numbers of messages, crashes, and so on: the
 *   search is exhaustive within them and says nothing beyond.
 * - The cookie, the ids and RESET are not guessed: no forger. Ids name the life
 *   and the handshake that chose them, which is what random and hashed ones
 *   amount to; so the destination incarnation needs no field. A repeated INIT
 *   draws the same id for ever, not for a second: the initiator takes but one.
 * - Time is the order of events. Cookies are stamped with the number of links
 *   begun so far. They grow too old as an event (AGES), or where a link that
 *   was opened since goes idle: 25 s is more than a cookie lives. Tombstones
 *   stay for ever: they outlive the cookies, after which they change nothing.
 * - A message is one packet: fragments, credit, congestion and loss detection
 *   decide when payload is sent (again), which here is at any time.
 * - Packet numbers count ENDs alone: what they are for beyond recovery is to
 *   tell a late END, and the ack of the newest one. Other packets that come
 *   twice are taken as packets with the same content, which is the harder case:
 *   dedup is by message sequence alone.
 * - Every packet answers at once, or the answer is lost: an ack that waits is
 *   one that was lost and is covered by the next. A REPORT is left out of data
 *   at random (late ones are lost ones), not of acks and END.
 * - BASE is in every packet: it counts only until the receiver knows it.
 * - VERSION, path changes and the limits of tables: not part of this.
 *
 * BREAK_* break one rule each, on purpose: check sees that spin finds each.
 * NO_COOKIE breaks the rule that every packet of a CONFIRMING link carries the
 * cookie. BREAK_RESET goes with it, since without a forger no packet but one
 * without its cookie draws RESET(unknown link) for a CONFIRMING link.
 *
 * SAME_UNIT puts all cookies into one unit of cookie time, where they have no
 * order: no CONFIRM is refused as an outdated one. No host crashes and comes
 * back within a unit (65.536 us); where one does here, its data comes too late.
 * All else holds, and rests on tombstones.
 */
#define IDLE		0
#define OPENING		1
#define CONFIRMING	2
#define UP		3
#define ENDING		4

#define UNBORN		0
#define OPEN		1
#define CLOSED		2
#define GONE		3

#define INIT		1
#define CHALLENGE	2
#define CONFIRM		3
#define DATA		4
#define ACK		5
#define END		6
#define END_ACK		7
#define RESET		8
#define STALE		9
#define ACKED		10

#ifndef LIVES
#define LIVES		1
#endif
#ifndef MESSAGES_A
#define MESSAGES_A	1
#endif
#ifndef MESSAGES_B
#define MESSAGES_B	1
#endif
#ifndef ROOM
#define ROOM		2
#endif
#ifndef DUPLICATES
#define DUPLICATES	0
#endif
#ifndef CRASHES_A
#define CRASHES_A	0
#endif
#ifndef CRASHES_B
#define CRASHES_B	0
#endif
#ifndef CLOSES_A
#define CLOSES_A	0
#endif
#ifndef CLOSES_B
#define CLOSES_B	0
#endif
#ifndef EXPIRES
#define EXPIRES		0
#endif
#ifndef AGES
#define AGES		0
#endif
#ifndef OPENS
#define OPENS		1
#endif
#ifndef PROPOSALS
#define PROPOSALS	0
#endif
#ifndef END_COPIES
#define END_COPIES	2
#endif
#define OPENS_CALM	3
#define ALL_OPENS	(OPENS + OPENS_CALM)

#define HOST(e)		((e) & 1)
#define ENDPOINT(h, life)	((h) + 2 * (life))
#define ENDPOINTS	(2 * LIVES)

#ifdef REVERSE
#define SMALLER(e, f)	((e) > (f))
#else
#define SMALLER(e, f)	((e) < (f))
#endif

#define INITS		(LIVES * ALL_OPENS)
#define INIT_ID(e, n)	(1 + ((e) >> 1) * ALL_OPENS + (n))
#define ANSWER_ID(id, e)	(1 + INITS + ((id) - 1) * LIVES + ((e) >> 1))
#define LIFE(id)	((id) <= INITS -> ((id) - 1) / ALL_OPENS : ((id) - 1 - INITS) % LIVES)

#define PACKET(type, dst, src, time, base, delivered, closed, x) \
	((type) | (dst) << 4 | (src) << 9 | (time) << 14 | (base) << 18 | \
	 (delivered) << 21 | (closed) << 24 | (x) << 25)
#define TYPE(p)		((p) & 15)
#define DST(p)		((p) >> 4 & 31)
#define SRC(p)		((p) >> 9 & 31)
#define TIME(p)		((p) >> 14 & 15)
#define BASE(p)		((p) >> 18 & 7)
#define DELIVERED(p)	((p) >> 21 & 7)
#define REFUSES(p)	((p) >> 24 & 1)
#define X(p)		((p) >> 25 & 7)
#define ENDS(p)		((p) >> 28 & 7)

typedef Endpoint {
	unsigned life : 2;
	unsigned state : 3;
	unsigned own : 5;
	unsigned remote : 5;
	unsigned peer : 3;
	unsigned opened : 4;
	unsigned time : 4;
	unsigned begun : 4;
	unsigned latest : 4;
	unsigned opens : 3;
	unsigned next : 3;
	unsigned over : 3;
	unsigned head : 3;
	unsigned base : 3;
	unsigned want : 3;
	unsigned ahead : 5;
	unsigned ends : 3;
	unsigned seen : 3;
	bit refused;
	bit based;
	bit fresh;
	unsigned restore : 3;
	bit acted;
	bit tried;
	/* ghosts */
	unsigned arrived : 5;
	unsigned delivered : 5;
	unsigned refusals : 5;
	unsigned doubt : 5;
	unsigned from : 3;
	unsigned last : 3;
};

#define SLOTS	(2 * ROOM + 2)

typedef Network {
	int p[SLOTS];
	byte n;
};

Endpoint ep[ENDPOINTS];
Network net[2];
int tombs[2];
byte lives[2];
byte messages[2];
byte crashes[2];
byte closes[2];
byte duplicates = DUPLICATES;
byte expires = EXPIRES;
byte ages = AGES;
byte proposals = PROPOSALS;
unsigned now : 4;
unsigned old : 4;
bit cause;
unsigned calm : 2;
bit draining;
bit done;

/* scratch, 0 between steps */
int p, out, out2;
byte e, r, i, j, m;
bit ok, bare;

#define NEWEST(h)	ENDPOINT(h, lives[h] - 1)
#define ALIVE(e)	(ep[e].life == OPEN || ep[e].life == CLOSED)
#define HELD(e)		((e) >= 2 && ep[((e) + 2 * LIVES - 2) % (2 * LIVES)].life == CLOSED)
#define LIVE(e)		(ep[e].state >= CONFIRMING)
#define EMPTY_QUEUE(e)	(ep[e].over == ep[e].next)
#define IS_CLOSED(e)	(ep[e].life == CLOSED)
#ifdef BREAK_END
#define MAY_END(e)	true
#else
#define MAY_END(e)	(EMPTY_QUEUE(e) || ep[e].refused || HELD(e) || ep[e].state == ENDING)
#endif
#define MAY_PROPOSE(e)	(ep[e].state == UP && \
	(EMPTY_QUEUE(e) || HELD(e) || ep[e].refused) && \
	(IS_CLOSED(e) || EMPTY_QUEUE(e) || !ep[e].refused))

#define PACKET_OF(e, type, x) \
	(PACKET(type, ep[e].remote, 0, 0, ep[e].base, ep[e].want, IS_CLOSED(e), x) | ep[e].ends << 28)
#define CONFIRM_OF(e, x) \
	PACKET(CONFIRM, ep[e].remote, ep[e].own, ep[e].time, ep[e].base, 0, IS_CLOSED(e), x)
#define DATA_OF(e, x)	(ep[e].state == CONFIRMING -> CONFIRM_OF(e, x) : PACKET_OF(e, DATA, x))

/* ---- network: a sorted set, so that what is the same looks the same ---- */
inline print_packet(q)
{
	if
	:: TYPE(q) == INIT -> printf("INIT src %d\n", SRC(q))
	:: TYPE(q) == CHALLENGE -> printf("CHALLENGE dst %d src %d time %d\n", DST(q), SRC(q), TIME(q))
	:: TYPE(q) == CONFIRM -> printf("CONFIRM dst %d src %d base %d closed %d message %d\n", DST(q), SRC(q), BASE(q), REFUSES(q), X(q))
	:: TYPE(q) == RESET -> printf("RESET(unknown) %d\n", DST(q))
	:: TYPE(q) == STALE -> printf("RESET(stale) %d\n", DST(q))
	:: else -> printf("%d dst %d base %d delivered %d closed %d x %d\n", TYPE(q), DST(q), BASE(q), DELIVERED(q), REFUSES(q), X(q))
	fi
}

inline insert(to, q)
{
	d_step {
		i = 0;
		do
		:: i < net[to].n && net[to].p[i] < q -> i++
		:: else -> break
		od;
		if
		:: i < net[to].n && net[to].p[i] == q
		:: net[to].n >= ROOM && !calm
		:: else ->
			assert(net[to].n < SLOTS);
			j = net[to].n;
			do
			:: j > i -> net[to].p[j] = net[to].p[j - 1]; j--
			:: else -> break
			od;
			net[to].p[i] = q;
			net[to].n++
		fi;
		i = 0;
		j = 0
	}
}

inline remove(at)
{
	d_step {
		net[at].n--;
		do
		:: i < net[at].n -> net[at].p[i] = net[at].p[i + 1]; i++
		:: else -> break
		od;
		net[at].p[i] = 0;
		i = 0
	}
}

inline emit(host, what)
{
	if
	:: what == 0
	:: what != 0 -> printf("sends "); print_packet(what); insert(host, what)
	:: what != 0 && !calm -> printf("loses "); print_packet(what)
	fi;
	what = 0
}

/* ---- what becomes of a message ---- */
#define OUTCOME(e)	((ep[e].delivered | ep[e].refusals | ep[e].doubt) >> ep[e].over & 1)
#define ARRIVED(e)	(ep[e].arrived >> ep[e].over & 1)

inline say_delivered()
{
	assert(!OUTCOME(e));
	assert(ARRIVED(e));
	ep[e].delivered = ep[e].delivered | 1 << ep[e].over;
	ep[e].over++
}

inline say_not_delivered()
{
	assert(!OUTCOME(e));
	assert(!ARRIVED(e));
	ep[e].refusals = ep[e].refusals | 1 << ep[e].over;
	ep[e].over++
}

inline say_in_doubt()
{
	assert(!OUTCOME(e));
	assert(cause);
	ep[e].doubt = ep[e].doubt | 1 << ep[e].over;
	ep[e].over++
}

inline deliver()
{
	r = ep[e].peer - 1;
	printf("%d delivers message %d of %d\n", e, m, r);
	assert(m < ep[r].next);
	assert(!(ep[r].arrived >> m & 1));
	assert(!(ep[r].refusals >> m & 1));
	assert(r + 1 > ep[e].from || (r + 1 == ep[e].from && m > ep[e].last));
	ep[r].arrived = ep[r].arrived | 1 << m;
	ep[e].latest = ep[e].begun;
	ep[e].from = r + 1;
	ep[e].last = m
}

/* ---- links ---- */
inline world_changed()
{
	j = 0;
	do
	:: j < ENDPOINTS -> ep[j].tried = 0; j++
	:: else -> break
	od;
	j = 0
}

inline begin_link()
{
	if
	:: ep[e].peer != r + 1 -> ep[e].peer = r + 1; ep[e].want = 1
	:: else
	fi;
	ep[e].remote = SRC(p);
	assert(now < 15);
	now++;
	ep[e].opened = now;
	ep[e].begun = now;
	world_changed();
	ep[e].base = ep[e].over;
	ep[e].ends = 0;
	ep[e].seen = 0;
	ep[e].refused = 0;
	ep[e].based = 0
}

inline settle()
{
	if
	:: IS_CLOSED(e) && ep[e].state == IDLE && EMPTY_QUEUE(e) ->
		ep[e].life = GONE;
		forget()
	:: IS_CLOSED(e) && MAY_PROPOSE(e) -> ep[e].state = ENDING
	:: else
	fi
}

inline forget()
{
	ep[e].state = IDLE;
	ep[e].own = 0;
	ep[e].remote = 0;
	ep[e].peer = 0;
	ep[e].opened = 0;
	ep[e].time = 0;
	ep[e].opens = 0;
	ep[e].begun = 0;
	ep[e].latest = 0;
	ep[e].over = 0;
	ep[e].head = 0;
	ep[e].base = 0;
	ep[e].want = 0;
	ep[e].ahead = 0;
	ep[e].ends = 0;
	ep[e].seen = 0;
	ep[e].refused = 0;
	ep[e].based = 0;
	ep[e].fresh = 0;
	ep[e].restore = 0;
	ep[e].acted = 0;
	ep[e].tried = 0
}

inline bury()
{
#ifndef BREAK_TOMBSTONE
	tombs[HOST(e)] = tombs[HOST(e)] | 1 << ep[e].own
#else
	skip
#endif
}

inline end_link()
{
	bury();
	world_changed();
	ep[e].state = IDLE;
	ep[e].own = 0;
	ep[e].remote = 0;
	ep[e].opened = 0;
	ep[e].begun = 0;
	ep[e].time = 0;
	ep[e].base = 0;
	ep[e].ahead = 0;
	ep[e].ends = 0;
	ep[e].seen = 0;
	ep[e].refused = 0;
	ep[e].based = 0;
	ep[e].fresh = 0;
	if
	:: ep[e].restore > ep[e].want -> ep[e].want = ep[e].restore
	:: else
	fi;
	ep[e].restore = 0;
#ifdef BREAK_DOUBT
	ep[e].head = ep[e].over
#else
	do
	:: ep[e].over < ep[e].head ->
		printf("%d: message %d is in doubt\n", e, ep[e].over);
		say_in_doubt()
	:: else -> break
	od
#endif
}

inline return_all()
{
	do
	:: ep[e].over < ep[e].next ->
		say_not_delivered()
	:: else -> break
	od;
	ep[e].head = ep[e].over
}

/* ---- input ---- */
inline probe()
{
	if
	:: LIVE(e) -> out2 = DATA_OF(e, 0)
	:: else
	fi
}

#ifdef BREAK_TIE
#define LOSES_TIE(e, g)	false
#else
#define LOSES_TIE(e, g)	(ep[e].peer == g + 1 && SMALLER(g, e))
#endif

/* CONFIRM for the id of this link; r: its sender */
inline confirm_fits()
{
	if
	:: ep[e].state == OPENING ->
		begin_link();
		ep[e].fresh = 1;
		ep[e].state = UP;
		ok = 1
	:: else ->
		if
		:: ep[e].peer != r + 1 -> probe()
		:: ep[e].peer == r + 1 && SRC(p) == ep[e].remote -> ok = 1
		:: ep[e].peer == r + 1 && SRC(p) != ep[e].remote &&
		   ep[e].state == CONFIRMING && LOSES_TIE(e, r) ->
			ep[e].remote = SRC(p);
			ep[e].time = 0;
			ep[e].state = UP;
			ok = 1
		:: else
		fi
	fi
}

inline change_id()
{
	if
	:: ep[e].own != 0 -> bury()
	:: else
	fi;
	ep[e].own = DST(p)
}

#if defined(BREAK_BASE)
#define FRESH(e)	1
#elif defined(SAME_UNIT)
#define FRESH(e)	0
#else
#define FRESH(e)	(TIME(p) > ep[e].latest)
#endif

inline open_new()
{
	change_id();
	begin_link();
	ep[e].begun = TIME(p);
	ep[e].fresh = FRESH(e);
	ep[e].time = 0;
	ep[e].state = UP;
	ok = 1
}

/* CONFIRM for an id that is not known */
inline link_confirm()
{
	if
#ifdef SAME_UNIT
	:: !LIVE(e) -> open_new()
#else
	:: !LIVE(e) && TIME(p) < ep[e].latest ->
		out = PACKET(STALE, DST(p), 0, 0, 0, 0, 0, 0)
	:: !LIVE(e) && TIME(p) >= ep[e].latest -> open_new()
#endif
	:: LIVE(e) && ep[e].peer != r + 1 ->
#ifdef BREAK_RESTART
		end_link();
		open_new()
#else
		probe()
#endif
	:: LIVE(e) && ep[e].peer == r + 1 && ep[e].state != CONFIRMING ->
		if
		:: TIME(p) < ep[e].opened -> probe()
		:: else -> end_link(); open_new()
		fi
	:: LIVE(e) && ep[e].peer == r + 1 && ep[e].state == CONFIRMING ->
		if
		:: LOSES_TIE(e, r) ->
			change_id();
			ep[e].remote = SRC(p);
			ep[e].time = 0;
			ep[e].state = UP;
			ok = 1
		:: else
		fi
	fi
}

#define LIES(e)		((TYPE(p) != CONFIRM && !bare && DELIVERED(p) > ep[e].head) || \
			 (!ep[e].based && !ep[e].fresh && BASE(p) < ep[e].want))

inline take_report()
{
	if
	:: TYPE(p) != CONFIRM ->
		do
		:: ep[e].over < DELIVERED(p) ->
			say_delivered()
		:: else -> break
		od
	:: else
	fi;
	if
	:: REFUSES(p) && !ep[e].refused ->
		ep[e].refused = 1;
		do
		:: ep[e].over < ep[e].head ->
			say_not_delivered()
		:: else -> break
		od
	:: else
	fi
}

inline take_message()
{
	if
	:: IS_CLOSED(e)
#ifdef BREAK_DEDUP
	:: !IS_CLOSED(e) && m < ep[e].want -> deliver()
#else
	:: !IS_CLOSED(e) && m < ep[e].want
#endif
	:: !IS_CLOSED(e) && m >= ep[e].want ->
		if
		:: ep[e].ahead >> m & 1
		:: else ->
			ep[e].ahead = ep[e].ahead | 1 << m;
			if
			:: ep[e].state == ENDING -> ep[e].state = UP
			:: else
			fi
		fi;
		do
		:: ep[e].ahead >> ep[e].want & 1 ->
			ep[e].ahead = ep[e].ahead & ~(1 << ep[e].want);
			m = ep[e].want;
			deliver();
			ep[e].want++
		:: else -> break
		od
	fi
}

#ifdef BREAK_END
#define CURRENT(e)	(X(p) == ep[e].want)
#else
#define CURRENT(e)	(MAY_END(e) && (X(p) != ep[e].want -> IS_CLOSED(e) : \
			 (ep[e].refused || DELIVERED(p) == ep[e].over)))
#endif

inline link_packet()
{
	ep[e].tried = 0;
	if
	:: ep[e].state == CONFIRMING -> ep[e].state = UP; ep[e].time = 0
	:: else
	fi;
	if
	:: !ep[e].based ->
		ep[e].based = 1;
		if
		:: BASE(p) < ep[e].want -> ep[e].restore = ep[e].want
		:: else
		fi;
		ep[e].want = BASE(p)
	:: else
	fi;
	if
	:: !bare -> take_report()
	:: else
	fi;
	if
	:: TYPE(p) == CONFIRM || TYPE(p) == DATA ->
		if
		:: X(p) != 0 -> m = X(p); take_message(); m = 0
		:: else
		fi;
#ifdef BREAK_RECEIPT
		out = PACKET_OF(e, ACKED, X(p))
	:: TYPE(p) == ACKED ->
		assert(X(p) < ep[e].over || ep[e].arrived >> X(p) & 1)
#else
		out = PACKET_OF(e, ACK, 0)
#endif
	:: TYPE(p) == END ->
		if
		:: (ENDS(p) > ep[e].seen || REFUSES(p)) && CURRENT(e) ->
			out = PACKET_OF(e, END_ACK, ep[e].over);
			end_link()
		:: else -> out = PACKET_OF(e, ACK, ENDS(p))
		fi
	:: TYPE(p) == END_ACK ->
		if
		:: ep[e].state == ENDING -> end_link()
		:: else
		fi
	:: TYPE(p) == ACK ->
		if
		:: X(p) != 0 && X(p) == ep[e].ends && ep[e].state == ENDING && !IS_CLOSED(e) -> ep[e].state = UP
		:: else
		fi
	fi;
	if
	:: ep[e].own != 0 && ENDS(p) > ep[e].seen -> ep[e].seen = ENDS(p)
	:: else
	fi
}

/* By another id than the one that it gave to the link that we ask for. */
#define ASKS_ANEW(e, r, p) \
	(ep[e].state == CONFIRMING && ep[e].peer == r + 1 && ep[e].remote != SRC(p))

inline input_init(h)
{
	e = NEWEST(h);
	r = ENDPOINT(1 - h, LIFE(SRC(p)));
	if
	:: ep[e].life == OPEN ->
		if
		:: ep[e].state >= UP && ep[e].refused && ep[e].peer != r + 1
		:: ASKS_ANEW(e, r, p)
		:: else ->
			out = PACKET(CHALLENGE, SRC(p),
				     ((ep[e].state == OPENING || (ep[e].state == CONFIRMING &&
				       ep[e].peer == r + 1)) -> ep[e].own : ANSWER_ID(SRC(p), e)),
				     now, 0, 0, 0, 0)
		fi;
		if
		:: ep[e].peer != r + 1 || ASKS_ANEW(e, r, p) -> probe()
		:: else
		fi
	:: else
	fi
}

inline input_challenge(h)
{
	e = ENDPOINT(h, LIFE(DST(p)));
	r = ENDPOINT(1 - h, LIFE(SRC(p)));
	if
	:: ep[e].own == DST(p) && ep[e].state == OPENING ->
		begin_link();
		ep[e].time = TIME(p);
		ep[e].state = CONFIRMING;
		ep[e].tried = 0
	:: else
	fi
}

inline input_reset(h)
{
	e = h;
	do
	:: e < ENDPOINTS ->
		if
		:: ep[e].remote != 0 && ep[e].remote == DST(p) &&
		   ((TYPE(p) == STALE && ep[e].state == CONFIRMING) ||
#ifdef BREAK_RESET
		    (TYPE(p) == RESET && ep[e].state == CONFIRMING) ||
#endif
		    (TYPE(p) == RESET && ep[e].state >= UP)) ->
			end_link();
			ep[e].tried = 0;
			settle()
		:: else
		fi;
		e = e + 2
	:: else -> break
	od
}

inline input_data(h)
{
	e = ENDPOINT(h, LIFE(DST(p)));
	if
	:: ep[e].own == DST(p) ->
		if
		:: TYPE(p) == CONFIRM -> r = ENDPOINT(1 - h, LIFE(SRC(p))); confirm_fits()
		:: else -> ok = LIVE(e)
		fi
	:: ep[e].own != DST(p) && TYPE(p) == CONFIRM && !(tombs[h] >> DST(p) & 1) &&
	   e == NEWEST(h) && ep[e].life == OPEN && TIME(p) >= old ->
		r = ENDPOINT(1 - h, LIFE(SRC(p)));
		link_confirm()
	:: else ->
		out = PACKET((TYPE(p) == CONFIRM -> STALE : RESET), DST(p), 0, 0, 0, 0, 0, 0)
	fi;
	if
	:: ok && !LIES(e) -> link_packet(); settle()
	:: else
	fi
}

inline input(h)
{
	d_step {
		if
		:: TYPE(p) == INIT -> input_init(h)
		:: TYPE(p) == CHALLENGE -> input_challenge(h)
		:: TYPE(p) == RESET || TYPE(p) == STALE -> input_reset(h)
		:: else -> input_data(h)
		fi;
		e = 0;
		r = 0;
		ok = 0;
		bare = 0;
		p = 0
	}
}

/* ---- time ---- */
#define NETS_EMPTY	(net[0].n == 0 && net[1].n == 0)
#define WANTS(e)	(ALIVE(e) && (ep[e].state != IDLE || (!EMPTY_QUEUE(e) && !HELD(e))))
#define CAN_ACT(e)	(WANTS(e) && !ep[e].acted && !ep[e].tried)
#define STUCK(e)	(!WANTS(e) || ep[e].tried)
#if LIVES == 1
#define ANY_CAN_ACT	(CAN_ACT(0) || CAN_ACT(1))
#define ANY_COULD_ACT	(!STUCK(0) || !STUCK(1))
#define ANY_WANTS	(WANTS(0) || WANTS(1))
#elif LIVES == 2
#define ANY_CAN_ACT	(CAN_ACT(0) || CAN_ACT(1) || CAN_ACT(2) || CAN_ACT(3))
#define ANY_COULD_ACT	(!STUCK(0) || !STUCK(1) || !STUCK(2) || !STUCK(3))
#define ANY_WANTS	(WANTS(0) || WANTS(1) || WANTS(2) || WANTS(3))
#else
#define ANY_CAN_ACT	(CAN_ACT(0) || CAN_ACT(1) || CAN_ACT(2) || CAN_ACT(3) || CAN_ACT(4) || CAN_ACT(5))
#define ANY_COULD_ACT	(!STUCK(0) || !STUCK(1) || !STUCK(2) || !STUCK(3) || !STUCK(4) || !STUCK(5))
#define ANY_WANTS	(WANTS(0) || WANTS(1) || WANTS(2) || WANTS(3) || WANTS(4) || WANTS(5))
#endif

/* May endpoint e do something of its own accord? */
#define TURN(e)	(!calm || (CAN_ACT(e) && (calm == 1 && NETS_EMPTY || calm == 2 && !draining)))
#define DRAIN	(!calm || calm == 1 || draining || !ANY_CAN_ACT)

inline did_act(who)
{
	if
	:: calm -> ep[who].acted = 1; ep[who].tried = 1
	:: else
	fi
}

proctype Deliver(byte h)
{
	do
	:: atomic {
		net[h].n > 0 && DRAIN ->
		if
		:: i = 0
		:: net[h].n > 1 -> i = 1
		:: net[h].n > 2 -> i = 2
		:: net[h].n > 3 -> i = 3
		:: net[h].n > 4 -> i = 4
		:: net[h].n > 5 -> i = 5
#if ROOM > 2
		:: net[h].n > 6 -> i = 6
		:: net[h].n > 7 -> i = 7
#endif
		fi;
		p = net[h].p[i];
		if
		:: remove(h)
		:: duplicates > 0 && !calm -> duplicates--; i = 0
		fi;
		if
		:: true
		:: TYPE(p) == DATA && X(p) != 0 && !calm -> bare = 1
		fi;
		if
		:: calm == 2 -> draining = 1
		:: else
		fi;
		printf("host %d gets ", h); print_packet(p);
		input(h);
		emit(1 - h, out);
		emit(1 - h, out2)
	}
	:: done -> break
	od
}

inline send_message(sender)
{
	if
	:: m == ep[sender].head -> ep[sender].head++
	:: else
	fi;
#ifdef NO_COOKIE
	if
	:: !calm -> out = PACKET_OF(sender, DATA, m)
	:: out = DATA_OF(sender, m)
	fi;
#else
	out = DATA_OF(sender, m);
#endif
	emit(1 - HOST(sender), out);
	did_act(sender)
}

#define MAY_SEND_NEW(e)	(ep[e].head < ep[e].next && !ep[e].refused && !HELD(e))

inline expire()
{
	if
	:: ep[e].state == ENDING && !IS_CLOSED(e) -> end_link()
	:: else ->
		if
		:: ep[e].state != IDLE -> end_link()
		:: else
		fi;
		return_all()
	fi;
	settle()
}

inline crash(host)
{
	e = host;
	do
	:: e < ENDPOINTS ->
		if
		:: ALIVE(e) ->
			ep[e].life = GONE;
			forget();
			/* Nobody is left to be told. */
			ep[e].delivered = 0;
			ep[e].doubt = ep[e].doubt | (1 << ep[e].next) - 2
		:: else
		fi;
		e = e + 2
	:: else -> break
	od;
	e = 0;
	tombs[host] = 0
}

proctype Act(byte f)
{
	do
	/* the application */
	:: atomic { !calm && ep[f].life == OPEN && messages[HOST(f)] > 0 ->
		messages[HOST(f)]--;
		printf("%d accepts message %d\n", f, ep[f].next);
		ep[f].next++
	}
	:: atomic { !calm && ep[f].life == OPEN && closes[HOST(f)] > 0 ->
		closes[HOST(f)]--;
		printf("%d is closed\n", f);
		cause = 1;
		d_step {
			e = f;
			ep[f].life = CLOSED;
			ep[f].ahead = 0;
			settle();
			e = 0
		}
	}
	:: atomic { !calm && lives[HOST(f)] < LIVES && f == NEWEST(HOST(f)) &&
		    (ep[f].life == CLOSED || ep[f].life == GONE) ->
		lives[HOST(f)]++;
		ep[f + 2 * (LIVES > 1)].life = OPEN;
	}
	/* opening */
	:: atomic { ALIVE(f) && ep[f].state == IDLE && !EMPTY_QUEUE(f) && !HELD(f) && TURN(f) &&
		    (calm || ep[f].opens < OPENS) ->
		assert(ep[f].opens < ALL_OPENS);
		d_step {
			ep[f].own = INIT_ID(f, ep[f].opens);
			ep[f].opens++;
			ep[f].state = OPENING;
			out = PACKET(INIT, 0, ep[f].own, 0, 0, 0, 0, 0)
		};
		emit(1 - HOST(f), out);
		did_act(f)
	}
	:: atomic { ep[f].state == OPENING && TURN(f) ->
		out = PACKET(INIT, 0, ep[f].own, 0, 0, 0, 0, 0);
		emit(1 - HOST(f), out);
		did_act(f)
	}
	/* messages, PING */
	:: atomic { (ep[f].state == CONFIRMING || ep[f].state == UP) && TURN(f) &&
		    ep[f].over < ep[f].head ->
		m = ep[f].over;
		do
		:: !calm && m + 1 < ep[f].head -> m++
		:: break
		od;
		send_message(f);
		m = 0
	}
	:: atomic { (ep[f].state == CONFIRMING || ep[f].state == UP) && TURN(f) &&
		    MAY_SEND_NEW(f) && (!calm || ep[f].over == ep[f].head) ->
		m = ep[f].head; send_message(f); m = 0
	}
	:: atomic { (ep[f].state == CONFIRMING && !(calm && MAY_SEND_NEW(f)) ||
		     ep[f].state == UP && !MAY_SEND_NEW(f) && !EMPTY_QUEUE(f) && !MAY_PROPOSE(f)) &&
		    ep[f].over == ep[f].head && TURN(f) ->
		out = DATA_OF(f, 0);
		emit(1 - HOST(f), out);
		did_act(f)
	}
	/* the end */
	:: atomic { MAY_PROPOSE(f) && TURN(f) && (calm || proposals > 0) ->
		ep[f].state = ENDING;
		printf("%d proposes the end\n", f);
		if
		:: old < ep[f].opened -> old = ep[f].opened
		:: else
		fi;
		if
		:: calm
		:: else -> proposals--
		fi
	}
	:: atomic { ep[f].state == ENDING && TURN(f) && (calm || ep[f].ends < END_COPIES) ->
		assert(ep[f].ends < 7);
		ep[f].ends++;
		out = PACKET_OF(f, END, ep[f].over);
		emit(1 - HOST(f), out);
		did_act(f)
	}
	:: atomic { ep[f].state != IDLE && !calm && expires > 0 ->
		expires--;
		printf("%d gives up\n", f);
		cause = 1;
		d_step { e = f; expire(); e = 0 }
	}
	:: atomic { calm && NETS_EMPTY && !ANY_COULD_ACT && WANTS(f) ->
		printf("%d gives up, in calm\n", f);
		cause = 1;
		assert(ep[NEWEST(1 - HOST(f))].life != OPEN);
		d_step {
			e = f;
			expire();
			e = 0;
			r = 0;
			do
			:: r < ENDPOINTS -> ep[r].tried = 0; ep[r].acted = 0; r++
			:: else -> break
			od;
			r = 0
		}
	}
	:: done -> break
	od
}

proctype Fate(byte h)
{
	do
	:: atomic { !calm && crashes[h] > 0 && lives[h] < LIVES ->
		crashes[h]--;
		printf("host %d crashes\n", h);
		cause = 1;
		d_step {
			crash(h);
			lives[h]++;
			ep[NEWEST(h)].life = OPEN
		}
	}
	:: atomic { !calm && ages > 0 ->
		ages--;
		printf("cookies of %d grow too old\n", NEWEST(h));
		cause = 1;
		d_step {
			now++;
			old = now
		}
	}
	:: done -> break
	od
}

#define REST	(NETS_EMPTY && !ANY_WANTS)

inline check_rest()
{
	e = 0;
	do
	:: e < ENDPOINTS ->
		assert(ep[e].life != CLOSED);
		if
		:: ep[e].life == OPEN -> assert(ep[e].over == ep[e].next)
		:: else
		fi;
		assert((ep[e].delivered | ep[e].refusals | ep[e].doubt) == (1 << ep[e].next) - 2 || ep[e].next == 0);
		e++
	:: else -> break
	od;
	e = 0
}

active proctype Referee()
{
	d_step {
		do
		:: e < ENDPOINTS -> ep[e].next = 1; ep[e].over = 1; ep[e].head = 1; ep[e].want = 1; e++
		:: else -> break
		od;
		e = 0;
		ep[0].life = OPEN;
		ep[1].life = OPEN;
		lives[0] = 1;
		lives[1] = 1;
		messages[0] = MESSAGES_A;
		messages[1] = MESSAGES_B;
		crashes[0] = CRASHES_A;
		crashes[1] = CRASHES_B;
		closes[0] = CLOSES_A;
		closes[1] = CLOSES_B
	}
	atomic {
		run Deliver(0);
		run Deliver(1);
		e = 0;
		do
		:: e < ENDPOINTS -> run Act(e); e++
		:: else -> break
		od;
		e = 0;
		run Fate(0);
		run Fate(1)
	}
#ifndef NO_CALM
	if
	:: atomic { NETS_EMPTY -> calm = 1 } -> printf("calm, one after the other\n")
	:: atomic { NETS_EMPTY -> calm = 2 } -> printf("calm, at the same time\n")
	fi;
accept_calm:
	do
	:: atomic { NETS_EMPTY && ANY_COULD_ACT && (draining || !ANY_CAN_ACT) ->
		d_step {
			draining = 0;
			do
			:: e < ENDPOINTS -> ep[e].acted = 0; e++
			:: else -> break
			od;
			e = 0
		}
	}
	:: atomic { REST -> d_step { check_rest() }; done = 1 } -> break
	od
#endif
}
