/* SPDX-License-Identifier: MIT
 * A calling from the inside, for the files that make it: calling.c has its life, order.c is how the program asks for
 * one. Everything with the lock. */
#ifndef AB_PROXY_CALLING_STATE_H
#define AB_PROXY_CALLING_STATE_H

#include "peer/reading.h"
#include "proxy/calling.h"
#include "proxy/inside.h"

typedef struct ab_calling ab_calling;

typedef struct ab_leg {
    ab_call call;
    ab_list place;
    ab_calling *calling;
    ab_binding *binding; /* lives as long as the leg: who ends one ends the other first */
    ab_link *link;
} ab_leg;

struct ab_calling {
    ab_list place, waits;
    autobus_remote *remote;
    ab_remotes *remotes; /* has_hearer: where its memory goes */
    uint64_t id;
    ab_text *name;      /* NULL: nobody will ask for it any more */
    ab_text *arguments; /* the same */
    ab_time due;        /* it fails then; AB_NEVER: who waits looks to that */
    ab_list legs;       /* of ab_leg.place */
    ab_leg first;       /* of them */
    size_t remaining;
    void *userdata[AB_EAR_MOST / sizeof(void *)]; /* of the hearer, if it came as bytes */
    bool has_hearer; /* no: somebody waits, or nobody wants the answer */
    bool is_awaited; /* somebody waits: result, value, error and reading are for them */
    bool is_inside;  /* of a callback of this bus, so that no other runs meanwhile */
    autobus_result result;
    ab_text *value, *error;
    union {
        ab_hearer hearer;   /* its end is the calling's */
        ab_reading reading; /* who waits */
    };
};

/* calling.c */

/** One more of the remote's; all of it was zero but is_awaited. */
void ab_calling_init(ab_calling *calling, autobus_remote *remote) AB_LOCKED;
/** Keeps the name for whoever hears the answer. */
void ab_calling_keep_name(ab_calling *calling, const ab_order *order) AB_LOCKED;
void ab_calling_forget_order(ab_calling *calling);
/** It fails in so many milliseconds, on the bus thread. */
void ab_calling_limit(ab_calling *calling, int timeout_ms) AB_LOCKED;
/** Its time is over. It may be gone after it. */
void ab_calling_run_out(ab_calling *calling) AB_LOCKED;
/** Sends it, or does what is to be done where nothing is bound. It may be gone after it. */
void ab_calling_start(ab_calling *calling, const ab_order *order) AB_LOCKED;
void ab_calling_wait_for_service(ab_calling *calling, const ab_order *order) AB_LOCKED;
void ab_calling_give_up(ab_calling *calling, autobus_result why, const char *sentence) AB_LOCKED;
/** The thread that waits reads the connection of its (only) leg. */
void ab_calling_join_reader(ab_calling *calling) AB_LOCKED;
/** To all that are bound, without wanting an answer; how many they are. */
size_t ab_calling_send_away(autobus_remote *remote, ab_slice name, ab_slice arguments,
                            autobus_result *result) AB_LOCKED;

#endif
