/* SPDX-License-Identifier: MIT
 * Channels: sessions of one client with a service, JSON values and bytes both ways, with flow control. A stream
 * is a channel of bytes alone, whose two directions end separately. Both ends hold the same type. */
#ifndef AUTOBUS_CHANNEL_H
#define AUTOBUS_CHANNEL_H

#include <autobus/remote.h>
#include <autobus/service.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct autobus_channel autobus_channel;

/** Somebody opens the channel. `offered` is borrowed: autobus_channel_accept() makes it yours; returning without
 *  that, or closing it, refuses. */
typedef void autobus_accept_fn(void *userdata, autobus_channel *offered);

/** Offers channels (with is_stream: streams) of this name. `description` as of an event. */
autobus_result autobus_service_add_channel(autobus_service *service, const char *name,
                                           const char *description, bool is_stream,
                                           autobus_accept_fn *accept, void *userdata,
                                           autobus_free_fn *free_userdata);
/** No more are accepted; those open go on. */
autobus_result autobus_service_remove_channel(autobus_service *service, const char *name);

/** In the accept callback: yours from here on; free it. `heard` gets AUTOBUS_DATA, BLOB, WRITABLE, ENDED, and
 *  as the last CLOSED_NOW exactly once. Safe to send from now on. */
autobus_result autobus_channel_accept(autobus_channel *offered, autobus_message_fn *heard,
                                      void *userdata, autobus_free_fn *free_userdata);

/** Opens a channel of the service that `remote` is bound to now (not of a multi proxy): AUTOBUS_NOT_FOUND if it
 *  is bound to none. `heard` gets AUTOBUS_OPENED first, or CLOSED_NOW if it is refused. Nothing reopens it.
 *  `argument` (taken, NULL is null) is for the other side to look at. */
autobus_result autobus_channel_open(autobus_remote *remote, const char *name, bool is_stream,
                                    json_object *argument, autobus_message_fn *heard,
                                    void *userdata, autobus_free_fn *free_userdata,
                                    autobus_channel **ret_channel);
/** Closes it ("closed"), frees and clears. After it returns no callback begins. */
void autobus_channel_free(autobus_channel **channel);

/** The name, and what the opener gave along (JSON text). Live as long as the channel. */
const char *autobus_channel_name(const autobus_channel *channel);
const char *autobus_channel_argument(const autobus_channel *channel);

/** Sends a JSON value (taken). AUTOBUS_BUSY: the other side has not read enough yet; nothing was sent, and
 *  AUTOBUS_WRITABLE will come. AUTOBUS_CLOSED; AUTOBUS_TOO_LARGE. AUTOBUS_INVALID on a stream. */
autobus_result autobus_channel_send(autobus_channel *channel, json_object *value);
autobus_result autobus_channel_send_text(autobus_channel *channel, const char *value);
/** Sends bytes. On a channel: all as one blob, or none. On a stream: as many as go now, *ret_sent of them
 *  (may be NULL; AUTOBUS_BUSY when that is 0). */
autobus_result autobus_channel_write(autobus_channel *channel, const void *bytes, size_t length,
                                     size_t *ret_sent);
/** A stream: nothing more will be sent from here; the other direction goes on. */
autobus_result autobus_channel_end(autobus_channel *channel);
/** Stops or resumes the callbacks for what comes in; the other side is then held back too. */
autobus_result autobus_channel_pause(autobus_channel *channel, bool is_paused);
/** Closes both directions; the other side hears `reason` (NULL: none), this side CLOSED_NOW. What was sent
 *  before arrives. */
autobus_result autobus_channel_close(autobus_channel *channel, const char *reason);

#ifdef __cplusplus
}
#endif
#endif
