/* SPDX-License-Identifier: MIT
 * One reading of the machine's interfaces, as plain values in the order of their index. Knows what the
 * kernel's messages mean; not when to read, nor which interfaces are used. */
#ifndef AB_NET_INTERFACE_TABLE_H
#define AB_NET_INTERFACE_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "net/interfaces.h"

typedef struct ab_interface_table {
    ab_interface *items; /**< every unused byte is zero */
    size_t count, capacity;
} ab_interface_table;

/** Reads links and addresses from a netlink socket into a fresh table. 0 or an errno, then there is no table.
 *  *has_rung: something changed meanwhile, read again soon. */
int ab_interface_table_read(ab_interface_table *table, int netlink_fd, bool *has_rung);
void ab_interface_table_fini(ab_interface_table *table);
ab_interface *ab_interface_table_find(const ab_interface_table *table, unsigned index);
bool ab_interface_table_equal(const ab_interface_table *a, const ab_interface_table *b);

#endif
