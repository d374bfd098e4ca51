/* SPDX-License-Identifier: MIT
 * Listening to the events and watching the objects of a remote. Proxies do so again by themselves with every
 * service that they bind. */
#ifndef AUTOBUS_WATCH_H
#define AUTOBUS_WATCH_H

#include <autobus/remote.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Hears AUTOBUS_FIRED for each time that the event is fired. */
autobus_result autobus_listen(autobus_remote *remote, const char *event, autobus_message_fn *heard,
                              void *userdata, autobus_free_fn *free_userdata,
                              autobus_subscription **ret_subscription);
/** Hears AUTOBUS_VALUE: the current value first, then every change; of changes faster than the callback only
 *  the latest. AUTOBUS_GONE where there is no value: at first if nothing is bound or the object is not there,
 *  and when the service is lost. After a proxy has bound again, the value comes once more even if it is the same. */
autobus_result autobus_watch(autobus_remote *remote, const char *object, autobus_message_fn *heard,
                             void *userdata, autobus_free_fn *free_userdata,
                             autobus_subscription **ret_subscription);

/** The latest value of an object that is being watched; yours, NULL is JSON null. AUTOBUS_NOT_FOUND: it has
 *  none now, or nobody watches it. */
autobus_result autobus_value(autobus_remote *remote, const char *object, json_object **ret_value);
/** The table of a multi proxy: {service id: value} of every bound service that has the object. Yours. */
autobus_result autobus_values(autobus_remote *remote, const char *object, json_object **ret_values);

#ifdef __cplusplus
}
#endif
#endif
