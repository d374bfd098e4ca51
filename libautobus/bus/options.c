/* SPDX-License-Identifier: MIT
 * Every option in two tables, checked in one place. What a list of interfaces or peers means is for discovery
 * to judge; here they are only text. */
#include "bus/options.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "net/runtime_folder.h"

typedef struct number_rule {
    const char *name;
    int64_t fallback, least, most;
} number_rule;

static const number_rule number_rules[AUTOBUS_NUMBER_COUNT] = {
    [AUTOBUS_UDP_PORT] = {"UDP port", 52722, 1, 65535},
    [AUTOBUS_TCP_PORT] = {"TCP port", 0, 0, 65535},
    [AUTOBUS_ALLOW_ROUTED] = {"allow routed", 0, 0, 1},
    [AUTOBUS_DISPATCH] = {"dispatch", 0, 0, 1},
    [AUTOBUS_HOLD_BACK_MS] = {"hold-back", 1000, 0, 60000},
    [AUTOBUS_PRESENCE_MS] = {"presence interval", 10000, 1000, 3600000},
    [AUTOBUS_PRESENCE_PER_BUS_MS] = {"presence interval per bus", 100, 0, 60000},
    [AUTOBUS_LEASE_PERCENT] = {"lease percent", 115, 106, 1000},
    [AUTOBUS_LEGACY_LEASE_MS] = {"legacy lease", 30000, 1000, 86400000},
    [AUTOBUS_PROBE_TIMEOUT_MS] = {"probe timeout", 3000, 10, 300000},
    [AUTOBUS_MAX_SERVICES] = {"most services", 65536, 1, 16777216},
    [AUTOBUS_MAX_SERVICES_PER_SOURCE] = {"most services per source", 1024, 1, 16777216},
    [AUTOBUS_MAX_BUSES] = {"most buses", 16384, 1, 16777216},
    [AUTOBUS_MAX_INBOUND] = {"most inbound connections", 8192, 1, 1048576},
    [AUTOBUS_MAX_UNBOUND_PER_SOURCE] = {"most unbound connections per source", 64, 1, 1048576},
    [AUTOBUS_UNBOUND_MS] = {"life of an unbound connection", 30000, 100, 3600000},
    [AUTOBUS_MAX_MESSAGE] = {"largest message", 4194304, 1024, 16777216},
    [AUTOBUS_MAX_QUEUED] = {"most bytes queued", 4194304, 65536, 1073741824},
    [AUTOBUS_MAX_CALLS] = {"most calls under way", 1024, 1, 1048576},
    [AUTOBUS_MAX_CHANNELS] = {"most channels", 256, 0, 65536},
    [AUTOBUS_CHANNEL_WINDOW] = {"channel window", 65536, 1024, 16777216},
    [AUTOBUS_WORKERS] = {"workers", 16, 1, 1024},
    [AUTOBUS_CONNECT_MS] = {"time to connect", 10000, 10, 300000},
    [AUTOBUS_UNRESPONSIVE_MS] = {"silence until unresponsive", 10000, 100, 3600000},
    [AUTOBUS_SILENCE_MS] = {"silence until closed", 60000, 1000, 86400000},
    [AUTOBUS_LOOK_OUT_US] = {"time of looking out", 60, 0, 1000},
    [AUTOBUS_SPIN_US] = {"time of spinning", 0, 0, 100000},
};

static const char *const text_names[AUTOBUS_TEXT_COUNT] = {
    [AUTOBUS_SOURCES] = "sources",     [AUTOBUS_INTERFACES] = "interfaces",
    [AUTOBUS_PEERS] = "peers",         [AUTOBUS_QUERY_TIMES] = "query times",
    [AUTOBUS_SAY_TIMES] = "say times", [AUTOBUS_RUNTIME_DIR] = "runtime dir",
    [AUTOBUS_WIRE] = "wire",
};

/** Keeps the sentence just said as the first mistake. */
static autobus_result remember(autobus_options *options, autobus_result result)
{
    if (result != AUTOBUS_OK && options->mistake == AUTOBUS_OK) {
        options->mistake = result;
        options->sentence = ab_strdup(autobus_last_error());
    }
    return result;
}

/** "0,100,300": ascending milliseconds, at most AB_DIRECTORY_TIMES. */
static autobus_result times_parse(const char *text, const char *name, ab_times *ret)
{
    ab_times times = {0};
    const char *at = text;

    do {
        char *end;
        errno = 0;
        long long ms = strtoll(at, &end, 10);
        if (end == at || errno != 0 || ms < 0 || ms > 3600000 || (*end != ',' && *end != '\0'))
            return ab_fail(AUTOBUS_INVALID,
                           "%s \"%s\" must be milliseconds with commas between, such as 0,250,750",
                           name, text);
        if (times.count == AB_DIRECTORY_TIMES)
            return ab_fail(AUTOBUS_INVALID, "%s \"%s\" may have at most %d entries", name, text,
                           AB_DIRECTORY_TIMES);
        if (times.count > 0 && AB_MS(ms) <= times.at[times.count - 1])
            return ab_fail(AUTOBUS_INVALID, "%s \"%s\" must grow from entry to entry", name, text);
        times.at[times.count++] = AB_MS(ms);
        at = *end == ',' ? end + 1 : end;
        if (*end == '\0')
            break;
    } while (true);
    if (ret != NULL)
        *ret = times;
    return AUTOBUS_OK;
}

/** What is relative would change with the program's working folder. */
static autobus_result folder_check(const char *text)
{
    if (text[0] == '/' || strcmp(text, "none") == 0)
        return AUTOBUS_OK;
    return ab_fail(AUTOBUS_INVALID, "runtime dir \"%s\" must be an absolute path, or none", text);
}

static autobus_result wire_check(const char *text)
{
    if (strcmp(text, "frames") == 0 || strcmp(text, "lines") == 0)
        return AUTOBUS_OK;
    return ab_fail(AUTOBUS_INVALID, "wire \"%s\" must be frames or lines", text);
}

AB_API autobus_result autobus_options_set_number(autobus_options *options, autobus_number which,
                                                 int64_t value)
{
    if (options == NULL)
        return ab_fail(AUTOBUS_INVALID, "options is NULL; make some with autobus_options_new()");
    if ((unsigned)which >= AUTOBUS_NUMBER_COUNT)
        return remember(options,
                        ab_fail(AUTOBUS_INVALID, "there is no numeric option %d", (int)which));
    const number_rule *rule = &number_rules[which];
    if (value < rule->least || value > rule->most)
        return remember(options, ab_fail(AUTOBUS_INVALID,
                                         "%s %" PRId64 " must be from %" PRId64 " to %" PRId64,
                                         rule->name, value, rule->least, rule->most));
    options->numbers[which] = value;
    if (which == AUTOBUS_UDP_PORT) {
        free(options->bad_port);
        options->bad_port = NULL;
    }
    return AUTOBUS_OK;
}

AB_API autobus_result autobus_options_set_text(autobus_options *options, autobus_text which,
                                               const char *value)
{
    autobus_result result = AUTOBUS_OK;

    if (options == NULL)
        return ab_fail(AUTOBUS_INVALID, "options is NULL; make some with autobus_options_new()");
    if ((unsigned)which >= AUTOBUS_TEXT_COUNT)
        return remember(options,
                        ab_fail(AUTOBUS_INVALID, "there is no text option %d", (int)which));
    if (value == NULL)
        return remember(options, ab_fail(AUTOBUS_INVALID, "the option %s needs a text, not NULL",
                                         text_names[which]));
    if (which == AUTOBUS_QUERY_TIMES || which == AUTOBUS_SAY_TIMES)
        result = times_parse(value, text_names[which], NULL);
    else if (which == AUTOBUS_RUNTIME_DIR)
        result = folder_check(value);
    else if (which == AUTOBUS_WIRE)
        result = wire_check(value);
    if (result != AUTOBUS_OK)
        return remember(options, result);
    free(options->texts[which]);
    options->texts[which] = ab_strdup(value);
    return AUTOBUS_OK;
}

static void environment_text(autobus_options *options, const char *variable, autobus_text which)
{
    const char *value = secure_getenv(variable);
    if (value != NULL && value[0] != '\0')
        (void)autobus_options_set_text(options, which, value);
}

/** What a variable says, and in *ret_number which number that is, INT64_MIN: none. NULL: it says nothing. */
static const char *environment_number(const char *variable, int64_t *ret_number)
{
    const char *value = secure_getenv(variable);
    char *end;

    if (value == NULL || value[0] == '\0')
        return NULL;
    errno = 0;
    *ret_number = strtoll(value, &end, 10);
    if (errno != 0 || *end != '\0')
        *ret_number = INT64_MIN;
    return value;
}

/** A mistake in the environment is one in the options, unless the program sets a port of its own: the bus does
 * not start on a guess. */
static void environment_port(autobus_options *options)
{
    int64_t port;
    const char *value = environment_number("AUTOBUS_PORT", &port);

    if (value != NULL && (port < 1 || port > 65535))
        options->bad_port = ab_strdup(value);
    else if (value != NULL)
        options->numbers[AUTOBUS_UDP_PORT] = port;
}

static void environment_spin(autobus_options *options)
{
    int64_t time;
    const char *value = environment_number("AUTOBUS_SPIN_US", &time);

    if (value == NULL)
        return;
    if (time == INT64_MIN)
        (void)remember(options,
                       ab_fail(AUTOBUS_INVALID,
                               "AUTOBUS_SPIN_US \"%s\" must be microseconds, such as 100", value));
    else
        (void)autobus_options_set_number(options, AUTOBUS_SPIN_US, time);
}

AB_API autobus_options *autobus_options_new(void)
{
    autobus_options *options = ab_alloc(1, sizeof *options);

    for (size_t i = 0; i < AUTOBUS_NUMBER_COUNT; i++)
        options->numbers[i] = number_rules[i].fallback;
    environment_port(options);
    environment_spin(options);
    environment_text(options, "AUTOBUS_DISCOVERY", AUTOBUS_SOURCES);
    environment_text(options, "AUTOBUS_INTERFACES", AUTOBUS_INTERFACES);
    environment_text(options, "AUTOBUS_PEERS", AUTOBUS_PEERS);
    environment_text(options, "AUTOBUS_RUNTIME_DIR", AUTOBUS_RUNTIME_DIR);
    environment_text(options, "AUTOBUS_WIRE", AUTOBUS_WIRE);
    return options;
}

AB_API void autobus_options_free(autobus_options **options)
{
    if (options == NULL || *options == NULL)
        return;
    for (size_t i = 0; i < AUTOBUS_TEXT_COUNT; i++)
        free((*options)->texts[i]);
    free((*options)->sentence);
    free((*options)->bad_port);
    free(*options);
    *options = NULL;
}

autobus_result ab_options_check(const autobus_options *options)
{
    if (options->mistake != AUTOBUS_OK)
        return ab_fail(options->mistake, "%s", options->sentence);
    if (options->bad_port != NULL)
        return ab_fail(AUTOBUS_INVALID, "AUTOBUS_PORT \"%s\" must be a port from 1 to 65535",
                       options->bad_port);
    return AUTOBUS_OK;
}

static void times_apply(const autobus_options *options, autobus_text which, ab_times *times)
{
    if (options->texts[which] != NULL)
        (void)times_parse(options->texts[which], text_names[which], times);
}

void ab_options_for_discovery(const autobus_options *options, ab_discovery_config *config)
{
    const int64_t *numbers = options->numbers;
    ab_directory_config *directory = &config->directory;

    ab_directory_defaults(directory);
    directory->allow_routed = numbers[AUTOBUS_ALLOW_ROUTED] != 0;
    directory->hold_back = AB_MS(numbers[AUTOBUS_HOLD_BACK_MS]);
    directory->presence = AB_MS(numbers[AUTOBUS_PRESENCE_MS]);
    directory->presence_per_bus = AB_MS(numbers[AUTOBUS_PRESENCE_PER_BUS_MS]);
    directory->lease_percent = (unsigned)numbers[AUTOBUS_LEASE_PERCENT];
    directory->legacy_lease = AB_MS(numbers[AUTOBUS_LEGACY_LEASE_MS]);
    directory->probe_timeout = AB_MS(numbers[AUTOBUS_PROBE_TIMEOUT_MS]);
    directory->max_services = (size_t)numbers[AUTOBUS_MAX_SERVICES];
    directory->max_services_per_source = (size_t)numbers[AUTOBUS_MAX_SERVICES_PER_SOURCE];
    directory->max_buses = (size_t)numbers[AUTOBUS_MAX_BUSES];
    times_apply(options, AUTOBUS_QUERY_TIMES, &directory->query_times);
    times_apply(options, AUTOBUS_SAY_TIMES, &directory->say_times);
    config->udp_port = (uint16_t)numbers[AUTOBUS_UDP_PORT];
    config->sources =
        options->texts[AUTOBUS_SOURCES] != NULL ? options->texts[AUTOBUS_SOURCES] : "broadcast";
    config->interfaces = options->texts[AUTOBUS_INTERFACES];
    config->peers = options->texts[AUTOBUS_PEERS];
}

char *ab_options_folder(const autobus_options *options)
{
    const char *chosen = options->texts[AUTOBUS_RUNTIME_DIR];
    if (chosen != NULL && strcmp(chosen, "none") == 0)
        return NULL;
    return ab_runtime_folder_find(chosen);
}

static bool has_frames(const autobus_options *options)
{
    const char *wire = options->texts[AUTOBUS_WIRE];
    return wire == NULL || strcmp(wire, "lines") != 0;
}

void ab_options_for_peers(const autobus_options *options, ab_peer_limits *limits)
{
    const int64_t *numbers = options->numbers;

    limits->max_inbound = (size_t)numbers[AUTOBUS_MAX_INBOUND];
    limits->max_unbound_per_source = (size_t)numbers[AUTOBUS_MAX_UNBOUND_PER_SOURCE];
    limits->max_message = (size_t)numbers[AUTOBUS_MAX_MESSAGE];
    limits->max_queued = (size_t)numbers[AUTOBUS_MAX_QUEUED];
    limits->max_calls = (size_t)numbers[AUTOBUS_MAX_CALLS];
    limits->max_channels = (size_t)numbers[AUTOBUS_MAX_CHANNELS];
    limits->window = (size_t)numbers[AUTOBUS_CHANNEL_WINDOW];
    limits->unbound_life = AB_MS(numbers[AUTOBUS_UNBOUND_MS]);
    limits->unresponsive = AB_MS(numbers[AUTOBUS_UNRESPONSIVE_MS]);
    limits->silence = AB_MS(numbers[AUTOBUS_SILENCE_MS]);
    limits->has_frames = has_frames(options);
}

void ab_options_for_links(const autobus_options *options, ab_link_limits *limits)
{
    limits->connect = AB_MS(options->numbers[AUTOBUS_CONNECT_MS]);
    limits->unresponsive = AB_MS(options->numbers[AUTOBUS_UNRESPONSIVE_MS]);
    limits->silence = AB_MS(options->numbers[AUTOBUS_SILENCE_MS]);
    limits->max_message = (size_t)options->numbers[AUTOBUS_MAX_MESSAGE];
    limits->max_queued = (size_t)options->numbers[AUTOBUS_MAX_QUEUED];
    limits->max_calls = (size_t)options->numbers[AUTOBUS_MAX_CALLS];
    limits->max_channels = (size_t)options->numbers[AUTOBUS_MAX_CHANNELS];
    limits->window = (size_t)options->numbers[AUTOBUS_CHANNEL_WINDOW];
    limits->has_frames = has_frames(options);
}
