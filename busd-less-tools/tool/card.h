/* SPDX-License-Identifier: MIT
 * A card: everything that is known of one service without asking it, over several lines. */
#ifndef TOOL_CARD_H
#define TOOL_CARD_H

#include <stdio.h>

#include <autobus/sighting.h>

#include "tool/paper.h"
#include "tool/summary.h"

/** The first line: its type and its name. */
void tool_card_title(const tool_paper *paper, const tool_summary *summary, FILE *out);

/** The further ones: id, locations and info (borrowed). */
void tool_card_facts(const tool_paper *paper, const autobus_sighting *sighting, json_object *info,
                     FILE *out);

/** The parts of these. */
void tool_card_id(const char *id, FILE *out);
void tool_card_location(const char *host, uint16_t port, bool is_first, FILE *out);
void tool_card_info(const tool_paper *paper, json_object *info, FILE *out);

#endif
