/* SPDX-License-Identifier: MIT
 * Autobus: programs on a home network find each other and work together, with no server at all.
 *
 * Ownership: what you pass is taken (also on failure), what you get back is yours, what a callback shows is
 * borrowed for that callback. Threads: any function from any thread and from inside any callback. */
#ifndef AUTOBUS_AUTOBUS_H
#define AUTOBUS_AUTOBUS_H

#include <autobus/bus.h>
#include <autobus/call.h>
#include <autobus/channel.h>
#include <autobus/filter.h>
#include <autobus/function.h>
#include <autobus/listener.h>
#include <autobus/message.h>
#include <autobus/options.h>
#include <autobus/remote.h>
#include <autobus/result.h>
#include <autobus/service.h>
#include <autobus/sighting.h>
#include <autobus/watch.h>

#endif
