/* SPDX-License-Identifier: MIT
 * The fifth program: a kettle. Boiling takes its time, and neither the kettle nor who called stands still.
 *
 *     ./kettle                                               and in another window: ./kettle '[3]' */
#include <autobus/autobus.h>
#include <json-c/json.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

/* An answer may come at any time and from any thread. If the caller is gone by then, it goes nowhere. */
static void *heat(void *kept)
{
    autobus_request *request = kept;
    sleep((unsigned)json_object_get_int(autobus_request_argument(request, 0)));
    autobus_request_answer_text(request, "\"It boils.\"");
    autobus_request_free(&request);
    return NULL;
}

/* Keeps the request and returns at once. Added as AUTOBUS_POOL it could do the work right here. */
static void boil(void *thread, autobus_request *request)
{
    if (pthread_create(thread, NULL, heat, autobus_request_keep(request)) == 0)
        pthread_detach(*(pthread_t *)thread);
}

/* Hears the answer, or why there is none: exactly once, whatever happens. */
static void drink(void *userdata, const autobus_message *answer)
{
    bool is_good = autobus_message_result(answer) == AUTOBUS_OK;
    puts(is_good ? autobus_message_text(answer, NULL) : autobus_message_error(answer));
    fflush(userdata);
}

int main(int argc, char **argv)
{
    pthread_t thread;
    autobus_bus *bus = NULL;
    autobus_remote *remote = NULL;
    autobus_service *kettle = NULL;
    autobus_result result = autobus_bus_new(NULL, &bus);
    if (result == AUTOBUS_OK && argc == 1) {
        kettle = autobus_service_parse(bus, "{'type': 'kettle'}");
        autobus_service_add_function(kettle, "boil", NULL, AUTOBUS_INLINE, boil, &thread, NULL);
        result = autobus_service_publish(kettle);
    } else if (result == AUTOBUS_OK) {
        autobus_proxy_new(bus, autobus_filter_parse("{'type': 'kettle'}"), &remote);
        result = autobus_call_text_async(remote, "boil", argv[1], 60000, AUTOBUS_UNBOUND_WAIT,
                                         drink, stdout, NULL, NULL);
    }
    if (result != AUTOBUS_OK)
        fprintf(stderr, "%s\n", autobus_last_error());
    else
        getchar(); /* time for something else; Enter ends it */
    autobus_remote_free(&remote);
    autobus_service_free(&kettle);
    autobus_bus_free(&bus);
    return result != AUTOBUS_OK;
}
