/* SPDX-License-Identifier: MIT
 * The raw face of Autobus, for bindings to other languages: JSON as text instead of trees, numbers instead of
 * pointers, one shape of callback. Each function does what its namesake in the other headers does, under the same
 * rules; what differs is said here. It needs no json-c, and is a stable ABI: structs begin with their size and only
 * grow at the end, numbers of results and kinds are those of result.h and message.h.
 *
 * A handle is a number that is never used again: one that was freed, or never was, is AUTOBUS_INVALID and does no
 * harm. Handles may be freed in any order, from any thread and inside any callback; one that another thread is using at
 * that moment ends when that function returns. Texts returned are yours: autobus_raw_text_free(); NULL where there
 * is nothing to return. Of a callback, the userdata and its hook are taken, also on failure. */
#ifndef AUTOBUS_RAW_H
#define AUTOBUS_RAW_H

#include <stddef.h>
#include <stdint.h>

#include <autobus/result.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef uint64_t autobus_handle; /**< 0: none */

/** Kinds of news beyond those of message.h. */
enum {
    AUTOBUS_RAW_CALLED = 100,  /**< a function: `handle` is the request */
    AUTOBUS_RAW_OFFERED = 101, /**< a channel: `handle` is it */
    AUTOBUS_RAW_APPEARED = 102,
    AUTOBUS_RAW_LEFT = 103,
    AUTOBUS_RAW_CHANGED = 104
};

/** What a callback is shown; borrowed for the call. Texts end with a zero byte; none is NULL. */
typedef struct autobus_raw_news {
    uint32_t size; /**< of this struct, in the library that runs */
    int32_t kind;
    int32_t result;
    uint32_t unused;
    autobus_handle handle;
    uint64_t number; /**< answers still to come; a service's port; 1 if a request wants an answer */
    const char *service; /**< id; of a request: where the caller is */
    const char *name;    /**< of the function, event, object or channel; of a service: its host */
    const char *error;   /**< the sentence, where `result` is a failure */
    const char *bytes;   /**< JSON text (a service's is its info), or the bytes of a blob */
    uint64_t length;     /**< of `bytes` */
} autobus_raw_news;

typedef void autobus_raw_fn(void *userdata, const autobus_raw_news *news);
typedef void autobus_raw_free_fn(void *userdata);

/** Frees whatever the handle stands for. 0 and stale ones are fine. */
void autobus_raw_free(autobus_handle handle);
void autobus_raw_text_free(char *text);
/** How many handles there are now, in the process: a binding can see that it loses none. */
size_t autobus_raw_handles(void);

/** `options`: NULL, or a JSON object such as {'sources': 'none', 'tcp_port': 4711, 'dispatch': true}: the names of
 *  options.h in small letters. Single quotes are fine here, in filters, infos and descriptions. */
autobus_result autobus_raw_bus_new(const char *options, autobus_handle *ret_bus);
int autobus_raw_bus_fd(autobus_handle bus);
int autobus_raw_bus_dispatch(autobus_handle bus);
autobus_result autobus_raw_bus_sync(autobus_handle bus);
autobus_result autobus_raw_bus_settle(autobus_handle bus, int timeout_ms);
char *autobus_raw_bus_id(autobus_handle bus);
/** -1 for a handle of no bus. */
int autobus_raw_bus_port(autobus_handle bus);
/** Every counter of autobus_bus_stat(), as an object. */
char *autobus_raw_bus_stats(autobus_handle bus);

/** Filters are JSON objects as of autobus_filter_parse(), or NULL. The list is a JSON list, sorted by id, of
 *  {"service": id, "host": …, "port": …, "info": {…}}; the info is as its publisher sent it. */
autobus_result autobus_raw_enumerate(autobus_handle bus, const char *filter, char **ret_list);
/** Hears APPEARED, LEFT and CHANGED. */
autobus_result autobus_raw_listener_new(autobus_handle bus, const char *filter, int initial,
                                        autobus_raw_fn *heard, void *userdata,
                                        autobus_raw_free_fn *free_userdata,
                                        autobus_handle *ret_listener);

/** `id` NULL: one of its own. Mistakes in the info are said by autobus_raw_service_publish(). */
autobus_result autobus_raw_service_new(autobus_handle bus, const char *info, const char *id,
                                       autobus_handle *ret_service);
autobus_result autobus_raw_service_set_doc(autobus_handle service, const char *doc);
autobus_result autobus_raw_service_publish(autobus_handle service);
autobus_result autobus_raw_service_withdraw(autobus_handle service);
/** The handler hears CALLED. The request is its to keep: to be answered, then or later, from any thread, and freed.
 *  Freed without an answer, the caller gets none. */
autobus_result autobus_raw_service_add_function(autobus_handle service, const char *name,
                                                const char *description, int policy,
                                                autobus_raw_fn *handler, void *userdata,
                                                autobus_raw_free_fn *free_userdata);
autobus_result autobus_raw_service_add_event(autobus_handle service, const char *name,
                                             const char *description);
autobus_result autobus_raw_service_add_object(autobus_handle service, const char *name,
                                              const char *description, const char *value);
/** `accept` hears OFFERED; the handle is stale after it unless autobus_raw_channel_accept() made it one to keep. */
autobus_result autobus_raw_service_add_channel(autobus_handle service, const char *name,
                                               const char *description, int is_stream,
                                               autobus_raw_fn *accept, void *userdata,
                                               autobus_raw_free_fn *free_userdata);
/** `what`: "function", "event", "object" or "channel". */
autobus_result autobus_raw_service_remove(autobus_handle service, const char *what,
                                          const char *name);
autobus_result autobus_raw_service_set(autobus_handle service, const char *object,
                                       const char *value);
autobus_result autobus_raw_service_fire(autobus_handle service, const char *event,
                                        const char *arguments);
char *autobus_raw_service_id(autobus_handle service);

autobus_result autobus_raw_request_answer(autobus_handle request, const char *value);
autobus_result autobus_raw_request_fail(autobus_handle request, const char *sentence);

/** `host` NULL: to the best of the places where the service `id` is known by discovery; `port` is then ignored. */
autobus_result autobus_raw_connect(autobus_handle bus, const char *host, int port, const char *id,
                                   int timeout_ms, autobus_handle *ret_remote);
autobus_result autobus_raw_proxy_new(autobus_handle bus, const char *filter, int is_multi,
                                     autobus_handle *ret_remote);
autobus_result autobus_raw_remote_close(autobus_handle remote);
autobus_result autobus_raw_remote_wait(autobus_handle remote, int timeout_ms);
/** -1 for a handle of no remote. */
int autobus_raw_remote_bound(autobus_handle remote);
autobus_result autobus_raw_remote_set_unbound(autobus_handle remote, int policy);
autobus_result autobus_raw_remote_on_state(autobus_handle remote, int initial,
                                           autobus_raw_fn *heard, void *userdata,
                                           autobus_raw_free_fn *free_userdata,
                                           autobus_handle *ret_subscription);
autobus_result autobus_raw_listen(autobus_handle remote, const char *event, autobus_raw_fn *heard,
                                  void *userdata, autobus_raw_free_fn *free_userdata,
                                  autobus_handle *ret_subscription);
autobus_result autobus_raw_watch(autobus_handle remote, const char *object, autobus_raw_fn *heard,
                                 void *userdata, autobus_raw_free_fn *free_userdata,
                                 autobus_handle *ret_subscription);
/** The table {service id: value}, also of a remote that is no multi proxy. */
autobus_result autobus_raw_values(autobus_handle remote, const char *object, char **ret_values);

autobus_result autobus_raw_call(autobus_handle remote, const char *name, const char *arguments,
                                int timeout_ms, char **ret_value);
autobus_result autobus_raw_call_async(autobus_handle remote, const char *name,
                                      const char *arguments, int timeout_ms, int unbound,
                                      autobus_raw_fn *done, void *userdata,
                                      autobus_raw_free_fn *free_userdata, uint64_t *ret_call);
autobus_result autobus_raw_call_cancel(autobus_handle remote, uint64_t call);
autobus_result autobus_raw_send(autobus_handle remote, const char *name, const char *arguments,
                                int unbound, uint64_t *ret_count);

autobus_result autobus_raw_channel_open(autobus_handle remote, const char *name, int is_stream,
                                        const char *argument, autobus_raw_fn *heard, void *userdata,
                                        autobus_raw_free_fn *free_userdata,
                                        autobus_handle *ret_channel);
autobus_result autobus_raw_channel_accept(autobus_handle offered, autobus_raw_fn *heard,
                                          void *userdata, autobus_raw_free_fn *free_userdata);
autobus_result autobus_raw_channel_send(autobus_handle channel, const char *value);
autobus_result autobus_raw_channel_write(autobus_handle channel, const void *bytes, size_t length,
                                         size_t *ret_sent);
autobus_result autobus_raw_channel_end(autobus_handle channel);
autobus_result autobus_raw_channel_pause(autobus_handle channel, int is_paused);
autobus_result autobus_raw_channel_close(autobus_handle channel, const char *reason);
char *autobus_raw_channel_name(autobus_handle channel);
char *autobus_raw_channel_argument(autobus_handle channel);

#ifdef __cplusplus
}
#endif
#endif
