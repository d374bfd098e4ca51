/* SPDX-License-Identifier: MIT
 * A source of discovery: something that carries what the directory says and tells it what it hears. */
#ifndef AB_DISCOVERY_SOURCE_H
#define AB_DISCOVERY_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include <autobus/bus.h>

#include "directory/directory.h"

typedef struct ab_source ab_source;

/** What every source can do; NULL where it has nothing to do. All with the lock, on any thread but for free
 *  (bus thread, or after it has ended). None blocks. */
typedef struct ab_source_class {
    const char *name;
    void (*send)(ab_source *source, ab_reach reach, const ab_place *to, ab_packet_kind kind,
                 const char *bytes, size_t length);
    /** What we say of ourselves has changed. */
    void (*presence)(ab_source *source, const ab_presence *presence);
    /** One line for people, such as the interfaces asked; free() it. */
    char *(*text)(ab_source *source);
    uint64_t (*stat)(ab_source *source, autobus_stat which);
    void (*free)(ab_source *source);
} ab_source_class;

struct ab_source {
    const ab_source_class *class;
};

#endif
