/* SPDX-License-Identifier: MIT
 * A site: the bus at a place, without discovery. What services it has it tells itself; when it is lost they have all
 * left, and it is tried again until it is back. */
#ifndef RECORD_SITE_H
#define RECORD_SITE_H

#include <stdint.h>

#include "record/subject.h"

typedef struct record_site record_site;

/** Begins to record the service at the place that the session's request names; without an id all that are there. The
 *  session ends if that fails; it and the book outlive the site. */
record_site *record_site_new(tool_session *session, record_book *book);
/** Frees and clears it, and writes nothing. NULL in it is fine. */
void record_site_free(record_site **site);

/** Whether anything was there, ever. */
bool record_site_has_matched(const record_site *self);

/** To be called after every turn. When it wants to be called again at the latest. */
int64_t record_site_tend(record_site *self);

#endif
