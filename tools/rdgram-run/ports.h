/* SPDX-License-Identifier: GPL-2.0-only */
/* Sets of ports: "53,5000-5010". */
#ifndef PORTS_H
#define PORTS_H

#include <stdbool.h>
#include <stdint.h>

struct ports {
	uint8_t bits[65536 / 8];
};

/* Add those that @text names. False if it makes no sense. */
bool ports_parse(struct ports *p, const char *text);

bool ports_has(const struct ports *p, uint16_t port);

#endif /* PORTS_H */
