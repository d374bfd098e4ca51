/* SPDX-License-Identifier: MIT
 * A callback of raw.h with its userdata and its hook, in the shape that the C face calls. Knows what is told, not who
 * tells it. */
#ifndef AB_API_RAW_EAR_H
#define AB_API_RAW_EAR_H

#include <autobus/autobus.h>
#include <autobus/raw.h>

typedef struct ab_raw_ear {
    autobus_raw_fn *heard;
    void *userdata;
    autobus_raw_free_fn *free_userdata;
} ab_raw_ear;

/** Freed by ab_raw_ear_free(), the hook to register with it, which calls the hook of its own. */
ab_raw_ear *ab_raw_ear_new(autobus_raw_fn *heard, void *userdata,
                           autobus_raw_free_fn *free_userdata);
void ab_raw_ear_free(void *ear);
/** For one that lies elsewhere: only calls the hook. */
void ab_raw_ear_end(void *ear);

/** To register: hears a message. */
void ab_raw_ear_hear(void *ear, const autobus_message *message);
/** Tells something else; texts that are NULL become "". */
void ab_raw_ear_tell(const ab_raw_ear *ear, autobus_raw_news news);

#endif
