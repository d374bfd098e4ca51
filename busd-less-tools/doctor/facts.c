/* SPDX-License-Identifier: MIT
 * Looking things up among the facts. */
#include "doctor/facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/text.h"

void doctor_facts_fini(doctor_facts *self)
{
    for (size_t i = 0; i < self->peer_count; i++) {
        free(self->peers[i].name);
        free(self->peers[i].trouble);
    }
    for (size_t i = 0; i < self->service_count; i++) {
        free(self->services[i].name);
        free(self->services[i].address);
        free(self->services[i].why);
    }
    free(self->interfaces);
    free(self->speakers);
    free(self->peers);
    free(self->services);
    free(self->holder);
    free(self->wanted);
    free(self->near);
    free(self->twin);
    *self = (doctor_facts){0};
}

doctor_interface *doctor_facts_interface(const doctor_facts *self, unsigned index)
{
    for (size_t i = 0; i < self->interface_count; i++) {
        if (self->interfaces[i].index == index) {
            return &self->interfaces[i];
        }
    }
    return NULL;
}

bool doctor_interface_has(const doctor_interface *self, int family)
{
    for (size_t i = 0; i < self->count; i++) {
        if (self->addresses[i].family == family) {
            return true;
        }
    }
    return false;
}

char *doctor_interface_addresses(const doctor_interface *self)
{
    char *text = NULL;
    size_t length;
    FILE *out = tool_text_stream(&text, &length);
    for (size_t i = 0; i < self->count; i++) {
        char host[INET6_ADDRSTRLEN] = "";
        const doctor_address *address = &self->addresses[i];
        inet_ntop(address->family, address->bytes, host, sizeof host);
        fprintf(out, "%s%s/%u", i == 0 ? "" : ", ", host, address->prefix);
    }
    fclose(out);
    return tool_text_checked(text);
}

static bool is_within(const doctor_address *network, struct in_addr source)
{
    struct in_addr ours;
    if (network->family != AF_INET) {
        return false;
    }
    memcpy(&ours, network->bytes, sizeof ours);
    uint32_t mask = network->prefix == 0 ? 0 : 0xffffffffU << (32 - network->prefix);
    return ((ntohl(ours.s_addr) ^ ntohl(source.s_addr)) & mask) == 0;
}

bool doctor_interface_reaches(const doctor_interface *self, struct in_addr source)
{
    for (size_t i = 0; i < self->count; i++) {
        if (is_within(&self->addresses[i], source)) {
            return true;
        }
    }
    return self->is_loopback;
}

size_t doctor_facts_speakers(const doctor_facts *self, bool here)
{
    size_t count = 0;
    for (size_t i = 0; i < self->speaker_count; i++) {
        count += self->speakers[i].is_here == here;
    }
    return count;
}
