/* SPDX-License-Identifier: MIT
 * What the directory's parts share: who is known, what they offer, and the directory itself. Each part is a
 * file of its own with a header beside it; a part changes only what its comment here names as its own. */
#ifndef AB_DIRECTORY_STATE_H
#define AB_DIRECTORY_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/list.h"
#include "base/map.h"
#include "base/random.h"
#include "base/timer.h"
#include "directory/directory.h"
#include "directory/rate.h"

typedef struct ab_entry ab_entry;
typedef struct ab_holding ab_holding;
typedef struct ab_location ab_location;
typedef struct ab_neighbour ab_neighbour;
typedef struct ab_guests ab_guests;

/** One service: an id and an info, with everybody who offers it. Owned by catalogue.c. */
struct ab_entry {
    ab_list place;  /**< in directory->entries */
    ab_entry *next; /**< another service that claims the same id */
    ab_text *id, *info;
    uint64_t digest, serial;
    ab_list holdings;           /**< of ab_holding.in_entry, in order of discovery */
    ab_address best;            /**< the location that was told last */
    autobus_sighting *sighting; /**< NULL: to be made when it is asked for */
};

/** That a neighbour offers a service. Owned by catalogue.c. */
struct ab_holding {
    ab_list in_entry, in_neighbour;
    ab_entry *entry;
    ab_neighbour *neighbour;
    ab_time heard;  /**< legacy: the last `add` or good probe */
    unsigned round; /**< of the last list it was in, see ab_neighbour.round */
    bool is_probed; /**< legacy: a probe is under way */
};

/** One address of a neighbour. Owned by neighbour.c. */
struct ab_location {
    ab_list in_neighbour; /**< in order of discovery */
    ab_location *next;    /**< of another neighbour that claims the same TCP address */
    ab_neighbour *neighbour;
    ab_address tcp; /**< key in directory->locations */
    ab_place place; /**< where its packets come from; family 0: known only by another source */
    ab_time heard;
    ab_time asked_at; /**< when we last asked it by unicast */
    ab_time tried_at; /**< the last question or fetch */
    unsigned probed;  /**< the suspicion in which it was probed last */
    bool is_told;     /**< named by another source than datagrams */
};

typedef enum ab_neighbour_kind {
    AB_NEIGHBOUR_SELF,
    AB_NEIGHBOUR_BUS,
    AB_NEIGHBOUR_LEGACY /**< one TCP address that `add`s came from */
} ab_neighbour_kind;

typedef enum ab_lease_stage {
    AB_LEASE_GOOD, /**< heard of within its interval */
    AB_LEASE_LATE, /**< overdue: asked by unicast */
    AB_LEASE_OVER  /**< suspected, probed */
} ab_lease_stage;

/** A source of services. */
struct ab_neighbour {
    ab_list place; /**< in directory->neighbours, in order of discovery */
    ab_directory *directory;
    ab_neighbour_kind kind;
    uint64_t bus;    /**< key in directory->buses; legacy: 0 */
    uint64_t serial; /**< of its discovery; never used again */
    ab_time met, heard;
    ab_list locations; /**< of ab_location.in_neighbour */
    unsigned location_count;

    /* Owned by catalogue.c: what we hold of what it offers. */
    ab_list holdings; /**< of ab_holding.in_neighbour; legacy: longest unheard first */
    ab_map index;     /**< of ab_holding by service id, once there are many */
    uint32_t held;
    uint64_t digest;

    /* Owned by presence_heard.c: what it says of itself. */
    ab_presence said;
    ab_time said_at;
    ab_time interval;
    bool has_left;    /**< said goodbye; kept a while, lest an old packet brings it back */
    bool is_familiar; /**< counted among those heard more than once */
    bool is_counted;  /**< among those who offer something: in directory->bus_count and bus_sum */
    unsigned round;   /**< of the list that is being taken */

    /* Owned by bounds.c. */
    bool is_proven;    /**< it answered from where it claims to be */
    ab_guests *guests; /**< whom it counts with until then */

    /* Owned by inquiry.c: asking what we miss. */
    ab_timer inquiry;
    unsigned tries;
    uint64_t inquired;   /**< the digest that the tries were for */
    ab_time young_until; /**< before that its own announcement is on its way */
    bool is_missing;     /**< counted in directory->unresolved */
    bool wants_proof;
    ab_time proof_at; /**< when it was last asked only for that */
    ab_list in_fetch_queue;
    uint64_t fetch; /**< token of the fetch under way; 0: none */

    /* Owned by lease.c. */
    ab_timer lease;
    ab_lease_stage stage;
    ab_time lease_over, ask_at, aloud_at, probe_at, probe_began, verdict_at;
    ab_time grace; /**< it is not given up before */
    unsigned suspicion, probes, renewals;
    unsigned asks;
};

typedef struct ab_bounds {
    size_t services, bytes;
    size_t unproven_bytes; /**< of memory, about */
    ab_map guests;         /**< of ab_guests by host */
} ab_bounds;

/** One service of our own. Owned by own.c. */
typedef struct ab_own {
    ab_text *id, *info;
    uint64_t digest;
    uint64_t born; /**< the sequence that came with it */
} ab_own;

struct ab_directory {
    ab_directory_config config;
    const ab_directory_ops *ops;
    void *owner;
    ab_time now, started;
    ab_dice dice;
    ab_timers timers;
    uint64_t stats[AUTOBUS_STAT_COUNT];
    uint64_t serials; /**< drawn by entries and neighbours */
    bool wants;
    ab_time news_at; /**< when something unknown was last heard */
    ab_time renamed_at;
    ab_buffer out;                             /**< the packet being written */
    ab_address addresses[AB_PACKET_ADDRESSES]; /**< our own, without loopback */
    size_t address_count;                      /**< AB_PACKET_ADDRESSES + 1: too many to say */

    /* catalogue.c */
    ab_list entries;
    ab_map catalogue; /**< of the first ab_entry by id */
    size_t entry_count;

    /* neighbour.c */
    ab_list neighbours;
    ab_neighbour *self;
    ab_map buses;     /**< of ab_neighbour by bus id */
    ab_map locations; /**< of the first ab_location by TCP address */
    size_t legacy_count;
    uint32_t bus_count;      /**< buses that offer something, without us */
    uint64_t bus_sum;        /**< of their ids */
    uint32_t familiar_count; /**< of them, heard more than once */

    ab_bounds bounds;
    struct ab_own_list *own;
    struct ab_saying *saying;
    struct ab_bulk *bulk;
    struct ab_herald *herald;
    struct ab_asking *asking;
    struct ab_answering *answering;
    struct ab_inquiries *inquiries;
    struct ab_fetching *fetching;
    struct ab_prober *prober;
    struct ab_correspondents *correspondents;
    struct ab_newcomers *newcomers;
    struct ab_legacy *legacy;
    ab_bucket lease_asks[2];                   /**< of strangers, of the familiar */
    ab_rate_table rate_of_place, rate_of_host; /**< packets heard */
};

/** A random delay of 0 .. most. */
static inline ab_time ab_jitter(ab_directory *directory, ab_time most)
{
    return most <= 0 ? 0 : (ab_time)ab_dice_below(&directory->dice, (uint64_t)most + 1);
}

/** Tells other sources what we say of ourselves now. In directory.c. */
void ab_directory_tell_presence(ab_directory *directory);

#define AB_STRANGERS 200 /**< more than so many that were heard but once may be one forger */

/** How many buses there are to be considerate of. */
static inline ab_time ab_crowd(const ab_directory *directory)
{
    uint32_t strangers = directory->bus_count - directory->familiar_count;
    return directory->familiar_count + AB_MIN(strangers, AB_STRANGERS);
}

static inline void ab_count(ab_directory *directory, autobus_stat which)
{
    directory->stats[which]++;
}

#endif
