/* SPDX-License-Identifier: MIT
 * A bus's options: defaults, the environment, what the program set, and the first mistake in them.
 * The public functions of <autobus/options.h> are implemented beside this. */
#ifndef AB_BUS_OPTIONS_H
#define AB_BUS_OPTIONS_H

#include <autobus/options.h>

#include "directory/directory.h"
#include "discovery/discovery.h"
#include "peer/link.h"
#include "peer/peer.h"

struct autobus_options {
    int64_t numbers[AUTOBUS_NUMBER_COUNT];
    char *texts[AUTOBUS_TEXT_COUNT]; /**< NULL: not set */
    autobus_result mistake;
    char *sentence; /**< of the mistake */
    char *
        bad_port; /**< what AUTOBUS_PORT says, if that is no port and none was set instead; NULL: fine */
};

/** Says the first mistake again; AUTOBUS_OK without one. */
autobus_result ab_options_check(const autobus_options *options);
/** What the parts of a bus are made with. Texts stay the options'. */
void ab_options_for_discovery(const autobus_options *options, ab_discovery_config *config);
/** The folder of the unix sockets, found or made; NULL: they are not used. free() it. */
char *ab_options_folder(const autobus_options *options);
/** What the connections that we dial are held to. */
void ab_options_for_links(const autobus_options *options, ab_link_limits *limits);
void ab_options_for_peers(const autobus_options *options, ab_peer_limits *limits);

#endif
