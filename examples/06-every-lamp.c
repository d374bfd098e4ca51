/* SPDX-License-Identifier: MIT
 * The sixth program: all lamps of the house. Each line that you type is a level for every one of them.
 *
 *     cc 06-every-lamp.c $(pkg-config --cflags --libs autobus) -o every-lamp && ./every-lamp */
#include <json-c/json.h>
#include <stdio.h>

#include <autobus/autobus.h>

/* A lamp has come or gone. */
static void count(void *lamps, const autobus_message *state)
{
    if (autobus_message_kind(state) == AUTOBUS_BOUND || autobus_message_kind(state) == AUTOBUS_LOST)
        printf("lamps: %zu\n", autobus_remote_bound(lamps));
    fflush(stdout);
}

/* Each lamp answers for itself; the last answer knows that it is the last. */
static void answered(void *lamps, const autobus_message *answer)
{
    json_object *levels = NULL;
    if (autobus_message_result(answer) != AUTOBUS_OK)
        printf("%s: %s\n", autobus_message_service(answer), autobus_message_error(answer));
    if (autobus_message_remaining(answer) == 0)
        autobus_values(lamps, "level", &levels); /* of all lamps: {service id: level} */
    if (levels != NULL)
        printf("%s\n", json_object_to_json_string(levels));
    json_object_put(levels);
    fflush(stdout);
}

static void changed(void *userdata, const autobus_message *level)
{
    (void)userdata, (void)level; /* the table is kept while somebody watches */
}

int main(void)
{
    char line[32], arguments[40];
    autobus_bus *bus = NULL;
    autobus_remote *lamps = NULL;
    autobus_result result = autobus_bus_new(NULL, &bus);
    if (result == AUTOBUS_OK)
        result = autobus_multi_new(bus, autobus_filter_parse("{'type': 'lamp'}"), &lamps);
    if (result == AUTOBUS_OK)
        result = autobus_remote_on_state(lamps, true, count, lamps, NULL, NULL);
    if (result == AUTOBUS_OK)
        result = autobus_watch(lamps, "level", changed, NULL, NULL, NULL);
    while (result == AUTOBUS_OK && fgets(line, sizeof line, stdin) != NULL) {
        snprintf(arguments, sizeof arguments, "[%s]", line);
        result = autobus_call_text_async(lamps, "set_level", arguments, 5000, AUTOBUS_UNBOUND_FAIL,
                                         answered, lamps, NULL, NULL);
    }
    if (result != AUTOBUS_OK)
        fprintf(stderr, "%s\n", autobus_last_error());
    autobus_remote_free(&lamps);
    autobus_bus_free(&bus);
    return result != AUTOBUS_OK;
}
