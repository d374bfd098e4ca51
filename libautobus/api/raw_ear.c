/* SPDX-License-Identifier: MIT
 * Messages become news: texts and numbers, nothing parsed. */
#include "api/raw_ear.h"

#include <stdlib.h>

#include "base/error.h"

ab_raw_ear *ab_raw_ear_new(autobus_raw_fn *heard, void *userdata,
                           autobus_raw_free_fn *free_userdata)
{
    ab_raw_ear *ear = ab_alloc(1, sizeof *ear);
    *ear = (ab_raw_ear){heard, userdata, free_userdata};
    return ear;
}

void ab_raw_ear_end(void *ear)
{
    const ab_raw_ear *gone = ear;
    if (gone->free_userdata != NULL)
        gone->free_userdata(gone->userdata);
}

void ab_raw_ear_free(void *ear)
{
    ab_raw_ear_end(ear);
    free(ear);
}

static void fill(const char **text)
{
    if (*text == NULL)
        *text = "";
}

void ab_raw_ear_tell(const ab_raw_ear *ear, autobus_raw_news news)
{
    news.size = sizeof news;
    fill(&news.service);
    fill(&news.name);
    fill(&news.error);
    fill(&news.bytes);
    ear->heard(ear->userdata, &news);
}

void ab_raw_ear_hear(void *ear, const autobus_message *message)
{
    size_t length;
    bool is_blob = autobus_message_kind(message) == AUTOBUS_BLOB;
    const char *bytes =
        is_blob ? autobus_message_bytes(message, &length) : autobus_message_text(message, &length);
    ab_raw_ear_tell(ear, (autobus_raw_news){
                             .kind = (int32_t)autobus_message_kind(message),
                             .result = (int32_t)autobus_message_result(message),
                             .number = autobus_message_remaining(message),
                             .service = autobus_message_service(message),
                             .name = autobus_message_name(message),
                             .error = autobus_message_error(message),
                             .bytes = bytes,
                             .length = length,
                         });
}
