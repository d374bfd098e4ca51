/* SPDX-License-Identifier: MIT
 * Writing cards. */
#include "tool/card.h"

#include <stdlib.h>

#include <json-c/json.h>

#include "tool/json.h"
#include "tool/text.h"

void tool_card_title(const tool_paper *paper, const tool_summary *summary, FILE *out)
{
    fprintf(out, "%s%s%s", tool_paper_begin(paper, TOOL_GREEN),
            *summary->type != '\0' ? summary->type : "-", tool_paper_end(paper, TOOL_GREEN));
    if (*summary->name != '\0') {
        fprintf(out, "  %s%s%s", tool_paper_begin(paper, TOOL_BOLD), summary->name,
                tool_paper_end(paper, TOOL_BOLD));
    }
    fputc('\n', out);
}

void tool_card_id(const char *id, FILE *out)
{
    char *clean = tool_text_clean(id);
    fprintf(out, "  service   %s\n", clean);
    free(clean);
}

void tool_card_location(const char *host, uint16_t port, bool is_first, FILE *out)
{
    char *address = tool_address_text(host, port);
    fprintf(out, "  %s  %s\n", is_first ? "location" : "        ", address);
    free(address);
}

void tool_card_info(const tool_paper *paper, json_object *info, FILE *out)
{
    fputs("  info\n", out);
    struct json_object_iterator end = json_object_iter_end(info);
    struct json_object_iterator at = json_object_iter_begin(info);
    for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
        char *name = tool_text_clean(json_object_iter_peek_name(&at));
        fprintf(out, "    %s%s:%s ", tool_paper_begin(paper, TOOL_BLUE), name,
                tool_paper_end(paper, TOOL_BLUE));
        tool_json_print_pretty(json_object_iter_peek_value(&at), "    ", out);
        free(name);
    }
}

void tool_card_facts(const tool_paper *paper, const autobus_sighting *sighting, json_object *info,
                     FILE *out)
{
    tool_card_id(autobus_sighting_id(sighting), out);
    for (size_t i = 0; i < autobus_sighting_locations(sighting); i++) {
        tool_card_location(autobus_sighting_location_host(sighting, i),
                           autobus_sighting_location_port(sighting, i), i == 0, out);
    }
    tool_card_info(paper, info, out);
}
