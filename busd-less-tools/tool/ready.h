/* SPDX-License-Identifier: MIT
 * Telling a service manager that we are there, as systemd's units of Type=notify expect it. */
#ifndef TOOL_READY_H
#define TOOL_READY_H

/** Says so to the socket that NOTIFY_SOCKET names, and takes that out of the environment; nothing without one. What
 *  goes wrong there is the manager's affair: it gives up waiting. */
void tool_ready_tell(void);

#endif
