/* SPDX-License-Identifier: MIT
 * Writes the introspection service's JSON. Knows neither the directory nor who asks. */
#include "service/introspection.h"

#include <string.h>
#include <unistd.h>

#include "service/service.h"
#include "value/json.h"

void ab_introspection_hostname(char *name, size_t size)
{
    if (gethostname(name, size) != 0)
        name[0] = '\0';
    name[size - 1] = '\0';
    name[strcspn(name, ".")] = '\0';
    if (name[0] == '\0')
        strncpy(name, "localhost", size - 1);
}

ab_text *ab_introspection_info(void)
{
    char host[256];
    ab_buffer text;

    ab_introspection_hostname(host, sizeof host);
    ab_buffer_init(&text);
    ab_buffer_appendf(&text,
                      "{\"type\":\"autobus.details\",\"pid\":%ld,\"hostname\":", (long)getpid());
    ab_json_print_string(&text, ab_slice_of(host));
    ab_buffer_append_text(&text, "}");
    ab_text *info = ab_text_new(ab_buffer_bytes(&text), ab_buffer_length(&text));
    ab_buffer_fini(&text);
    return info;
}

static void entry_add(ab_buffer *out, const autobus_service *service, bool is_introspection,
                      bool is_first)
{
    if (!is_first)
        ab_buffer_append_text(out, ",");
    ab_json_print_string(out, (ab_slice){service->id->bytes, service->id->length});
    ab_buffer_append_text(out, ":{\"info\":");
    ab_buffer_append(out, service->info->bytes, service->info->length);
    ab_buffer_append_text(out, is_introspection ? ",\"functions\":{\"get_details\":{}}"
                                                : ",\"functions\":{}");
    ab_buffer_append_text(out, ",\"events\":{},\"objects\":{}}");
}

void ab_introspection_details(ab_buffer *out, const ab_offers *offers)
{
    const autobus_service *details = offers->introspection;

    ab_buffer_append_text(out, "{");
    if (details->is_published)
        entry_add(out, details, true, true);
    AB_LIST_FOR (each, &offers->services)
        entry_add(out, AB_CONTAINER(each, autobus_service, place), false, false);
    ab_buffer_append_text(out, "}");
}
