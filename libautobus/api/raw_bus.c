/* SPDX-License-Identifier: MIT
 * The raw face of the bus: options by name, and what is there as JSON. */
#include <stdlib.h>
#include <string.h>

#include "api/raw_ear.h"
#include "api/raw_handles.h"
#include "base/error.h"
#include "value/json.h"

static const char *const number_names[AUTOBUS_NUMBER_COUNT] = {
    [AUTOBUS_UDP_PORT] = "udp_port",
    [AUTOBUS_TCP_PORT] = "tcp_port",
    [AUTOBUS_ALLOW_ROUTED] = "allow_routed",
    [AUTOBUS_DISPATCH] = "dispatch",
    [AUTOBUS_HOLD_BACK_MS] = "hold_back_ms",
    [AUTOBUS_PRESENCE_MS] = "presence_ms",
    [AUTOBUS_PRESENCE_PER_BUS_MS] = "presence_per_bus_ms",
    [AUTOBUS_LEASE_PERCENT] = "lease_percent",
    [AUTOBUS_LEGACY_LEASE_MS] = "legacy_lease_ms",
    [AUTOBUS_PROBE_TIMEOUT_MS] = "probe_timeout_ms",
    [AUTOBUS_MAX_SERVICES] = "max_services",
    [AUTOBUS_MAX_SERVICES_PER_SOURCE] = "max_services_per_source",
    [AUTOBUS_MAX_BUSES] = "max_buses",
    [AUTOBUS_MAX_INBOUND] = "max_inbound",
    [AUTOBUS_MAX_UNBOUND_PER_SOURCE] = "max_unbound_per_source",
    [AUTOBUS_UNBOUND_MS] = "unbound_ms",
    [AUTOBUS_MAX_MESSAGE] = "max_message",
    [AUTOBUS_MAX_QUEUED] = "max_queued",
    [AUTOBUS_MAX_CALLS] = "max_calls",
    [AUTOBUS_MAX_CHANNELS] = "max_channels",
    [AUTOBUS_CHANNEL_WINDOW] = "channel_window",
    [AUTOBUS_WORKERS] = "workers",
    [AUTOBUS_CONNECT_MS] = "connect_ms",
    [AUTOBUS_UNRESPONSIVE_MS] = "unresponsive_ms",
    [AUTOBUS_SILENCE_MS] = "silence_ms",
    [AUTOBUS_LOOK_OUT_US] = "look_out_us",
    [AUTOBUS_SPIN_US] = "spin_us",
};

static const char *const text_names[AUTOBUS_TEXT_COUNT] = {
    [AUTOBUS_SOURCES] = "sources",     [AUTOBUS_INTERFACES] = "interfaces",
    [AUTOBUS_PEERS] = "peers",         [AUTOBUS_QUERY_TIMES] = "query_times",
    [AUTOBUS_SAY_TIMES] = "say_times", [AUTOBUS_RUNTIME_DIR] = "runtime_dir",
    [AUTOBUS_WIRE] = "wire",
};

/** Where `name` stands among `names`, or `count`. */
static size_t place_of(const char *name, const char *const *names, size_t count)
{
    size_t place = 0;
    while (place < count && strcmp(names[place], name) != 0)
        place++;
    return place;
}

static autobus_result set_option(autobus_options *options, const char *name, json_object *value)
{
    size_t number = place_of(name, number_names, AUTOBUS_NUMBER_COUNT);
    size_t text = place_of(name, text_names, AUTOBUS_TEXT_COUNT);
    json_type type = json_object_get_type(value);

    if (number < AUTOBUS_NUMBER_COUNT && (type == json_type_int || type == json_type_boolean))
        return autobus_options_set_number(options, (autobus_number)number,
                                          json_object_get_int64(value));
    if (text < AUTOBUS_TEXT_COUNT && type == json_type_string)
        return autobus_options_set_text(options, (autobus_text)text, json_object_get_string(value));
    if (number == AUTOBUS_NUMBER_COUNT && text == AUTOBUS_TEXT_COUNT)
        return ab_fail(AUTOBUS_INVALID,
                       "a bus has no option '%s'; options are named as in options.h, in small "
                       "letters, such as 'tcp_port'",
                       name);
    return ab_fail(AUTOBUS_INVALID, "the option '%s' is %s, not %s", name,
                   text < AUTOBUS_TEXT_COUNT ? "a text" : "a whole number",
                   json_object_to_json_string(value));
}

static autobus_result set_options(autobus_options *options, const char *text)
{
    AB_SCOPED(ab_json_put) json_object *tree = NULL;
    if (text == NULL)
        return AUTOBUS_OK;
    if (!ab_json_parse(ab_slice_of(text), true, &tree))
        return AUTOBUS_INVALID;
    if (!json_object_is_type(tree, json_type_object))
        return ab_fail(AUTOBUS_INVALID,
                       "options must be an object such as {'tcp_port': 4711}, not %s", text);
    json_object_object_foreach (tree, name, value) {
        autobus_result result = set_option(options, name, value);
        if (result != AUTOBUS_OK)
            return result;
    }
    return AUTOBUS_OK;
}

AB_API autobus_result autobus_raw_bus_new(const char *options, autobus_handle *ret_bus)
{
    AB_SCOPED(autobus_options_free) autobus_options *set = autobus_options_new();
    if (ret_bus == NULL)
        return ab_fail(AUTOBUS_INVALID,
                       "autobus_raw_bus_new() needs a place for the bus, not NULL");
    *ret_bus = 0;
    autobus_result result = set_options(set, options);
    if (result != AUTOBUS_OK)
        return result;
    ab_handle *handle = ab_handle_make(AB_HANDLE_BUS, ret_bus);
    result = autobus_bus_new(set, &handle->bus);
    set = NULL;
    return ab_handle_made(handle, result, ret_bus);
}

AB_API int autobus_raw_bus_fd(autobus_handle bus)
{
    AB_SCOPED(ab_handle_leave) ab_handle *at = ab_handle_enter(bus, AB_HANDLE_BUS);
    return at != NULL ? autobus_bus_fd(at->bus) : -1;
}

AB_API int autobus_raw_bus_dispatch(autobus_handle bus)
{
    AB_SCOPED(ab_handle_leave) ab_handle *at = ab_handle_enter(bus, AB_HANDLE_BUS);
    return at != NULL ? autobus_bus_dispatch(at->bus) : -1;
}

AB_API autobus_result autobus_raw_bus_settle(autobus_handle bus, int timeout_ms)
{
    AB_SCOPED(ab_handle_leave) ab_handle *at = ab_handle_enter(bus, AB_HANDLE_BUS);
    return at != NULL ? autobus_bus_settle(at->bus, timeout_ms) : AUTOBUS_INVALID;
}

AB_API autobus_result autobus_raw_bus_sync(autobus_handle bus)
{
    AB_SCOPED(ab_handle_leave) ab_handle *at = ab_handle_enter(bus, AB_HANDLE_BUS);
    return at != NULL ? autobus_bus_sync(at->bus) : AUTOBUS_INVALID;
}

AB_API char *autobus_raw_bus_id(autobus_handle bus)
{
    AB_SCOPED(ab_handle_leave) ab_handle *at = ab_handle_enter(bus, AB_HANDLE_BUS);
    return at != NULL ? ab_strdup(autobus_bus_id(at->bus)) : NULL;
}

AB_API int autobus_raw_bus_port(autobus_handle bus)
{
    AB_SCOPED(ab_handle_leave) ab_handle *at = ab_handle_enter(bus, AB_HANDLE_BUS);
    return at != NULL ? autobus_bus_port(at->bus) : -1;
}

/** The buffer's text as a string of its own; the buffer is over. */
static char *text_of(ab_buffer *buffer)
{
    char *text = ab_strndup(ab_buffer_bytes(buffer), ab_buffer_length(buffer));
    ab_buffer_fini(buffer);
    return text;
}

AB_API char *autobus_raw_bus_stats(autobus_handle bus)
{
    AB_SCOPED(ab_handle_leave) ab_handle *at = ab_handle_enter(bus, AB_HANDLE_BUS);
    ab_buffer out;
    if (at == NULL)
        return NULL;
    ab_buffer_init(&out);
    for (int stat = 0; stat < AUTOBUS_STAT_COUNT; stat++)
        ab_buffer_appendf(&out, "%c\"%s\":%llu", stat == 0 ? '{' : ',',
                          autobus_stat_name((autobus_stat)stat),
                          (unsigned long long)autobus_bus_stat(at->bus, (autobus_stat)stat));
    ab_buffer_append_text(&out, "}");
    return text_of(&out);
}

static void print_sighting(ab_buffer *out, const autobus_sighting *sighting)
{
    ab_buffer_append_text(out, "{\"service\":");
    ab_json_print_string(out, ab_slice_of(autobus_sighting_id(sighting)));
    ab_buffer_append_text(out, ",\"host\":");
    ab_json_print_string(out, ab_slice_of(autobus_sighting_host(sighting)));
    ab_buffer_appendf(out, ",\"port\":%d,\"info\":", autobus_sighting_port(sighting));
    ab_buffer_append_text(out, autobus_sighting_info_text(sighting));
    ab_buffer_append_text(out, "}");
}

static autobus_filter *filter_of(const char *text)
{
    return text != NULL ? autobus_filter_parse(text) : NULL;
}

AB_API autobus_result autobus_raw_enumerate(autobus_handle bus, const char *filter, char **ret_list)
{
    AB_SCOPED(ab_handle_leave) ab_handle *at = ab_handle_enter(bus, AB_HANDLE_BUS);
    autobus_sighting **sightings = NULL;
    size_t count = 0;
    ab_buffer out;

    if (ret_list == NULL)
        return ab_fail(AUTOBUS_INVALID,
                       "autobus_raw_enumerate() needs a place for the list, not NULL");
    *ret_list = NULL;
    if (at == NULL)
        return AUTOBUS_INVALID;
    autobus_result result = autobus_bus_enumerate(at->bus, filter_of(filter), &sightings, &count);
    if (result != AUTOBUS_OK)
        return result;
    ab_buffer_init(&out);
    ab_buffer_append_text(&out, "[");
    for (size_t index = 0; index < count; index++) {
        ab_buffer_append_text(&out, index > 0 ? "," : "");
        print_sighting(&out, sightings[index]);
    }
    ab_buffer_append_text(&out, "]");
    autobus_sightings_free(&sightings, count);
    *ret_list = text_of(&out);
    return AUTOBUS_OK;
}

static void hear_of_service(void *userdata, autobus_change change, const autobus_sighting *sighting)
{
    static const int32_t kinds[] = {
        [AUTOBUS_APPEARED] = AUTOBUS_RAW_APPEARED,
        [AUTOBUS_LEFT] = AUTOBUS_RAW_LEFT,
        [AUTOBUS_CHANGED] = AUTOBUS_RAW_CHANGED,
    };
    const char *info = autobus_sighting_info_text(sighting);
    ab_raw_ear_tell(userdata, (autobus_raw_news){
                                  .kind = kinds[change],
                                  .number = autobus_sighting_port(sighting),
                                  .service = autobus_sighting_id(sighting),
                                  .name = autobus_sighting_host(sighting),
                                  .bytes = info,
                                  .length = strlen(info),
                              });
}

AB_API autobus_result autobus_raw_listener_new(autobus_handle bus, const char *filter, int initial,
                                               autobus_raw_fn *heard, void *userdata,
                                               autobus_raw_free_fn *free_userdata,
                                               autobus_handle *ret_listener)
{
    AB_SCOPED(ab_handle_leave) ab_handle *at = ab_handle_enter(bus, AB_HANDLE_BUS);
    ab_raw_ear *ear = ab_raw_ear_new(heard, userdata, free_userdata);
    autobus_listener_fn *listening = heard != NULL ? hear_of_service : NULL;

    if (ret_listener != NULL)
        *ret_listener = 0;
    if (at == NULL) {
        ab_raw_ear_free(ear);
        return AUTOBUS_INVALID;
    }
    if (ret_listener == NULL)
        return autobus_listener_new(at->bus, filter_of(filter), initial != 0, listening, ear,
                                    ab_raw_ear_free, NULL);
    ab_handle *handle = ab_handle_make(AB_HANDLE_LISTENER, ret_listener);
    autobus_result result =
        autobus_listener_new(at->bus, filter_of(filter), initial != 0, listening, ear,
                             ab_raw_ear_free, &handle->listener);
    return ab_handle_made(handle, result, ret_listener);
}

AB_API void autobus_raw_text_free(char *text)
{
    free(text);
}
