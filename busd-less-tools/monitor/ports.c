/* SPDX-License-Identifier: MIT
 * A bit for each port. */
#include "monitor/ports.h"

enum {
    WIDTH = 64
};

bool monitor_ports_has(const monitor_ports *self, uint16_t port)
{
    return (self->bits[port / WIDTH] >> (port % WIDTH) & 1) != 0;
}

void monitor_ports_add(monitor_ports *self, uint16_t port)
{
    if (port != 0 && !monitor_ports_has(self, port)) {
        self->bits[port / WIDTH] |= UINT64_C(1) << (port % WIDTH);
        self->count++;
        self->is_changed = true;
    }
}

uint16_t monitor_ports_next(const monitor_ports *self, uint16_t port)
{
    for (uint32_t next = (uint32_t)port + 1; next <= UINT16_MAX; next++) {
        if (monitor_ports_has(self, (uint16_t)next)) {
            return (uint16_t)next;
        }
    }
    return 0;
}
