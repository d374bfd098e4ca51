/* SPDX-License-Identifier: MIT
 * The interfaces of this machine, kept up to date: when the kernel rings they are read again, and the owner
 * is told if that made a difference. */
#include "net/interfaces.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/log.h"
#include "net/globs.h"
#include "net/interface_table.h"
#include "net/netlink.h"

/* Changes come in swarms: the first waits this long for the others, */
#define SETTLE  AB_MS(2)
/* a storm of them costs at most one reading in this time, */
#define SPACING AB_MS(20)
/* and a reading that failed is tried again after this. */
#define RETRY   AB_MS(1000)

struct ab_interfaces {
    ab_loop *loop;
    ab_watch watch;
    int fd;
    ab_timer rereading;
    ab_time read_at;
    ab_globs globs;
    ab_interface_table table;
    ab_interfaces_fn *changed;
    void *owner;
};

/* 0 or an errno. *has_changed: the table is another one now. */
static int read_again(ab_interfaces *interfaces, bool *has_changed, bool *has_rung)
{
    ab_interface_table fresh;
    int error = ab_interface_table_read(&fresh, interfaces->fd, has_rung);
    if (error != 0)
        return error;
    for (size_t i = 0; i < fresh.count; i++) {
        ab_interface *interface = &fresh.items[i];
        interface->is_used =
            interface->is_up && ab_globs_picks(&interfaces->globs, interface->name);
    }
    *has_changed = !ab_interface_table_equal(&fresh, &interfaces->table);
    ab_interface_table_fini(&interfaces->table);
    interfaces->table = fresh;
    interfaces->read_at = ab_loop_now(interfaces->loop);
    return 0;
}

static void plan_rereading(ab_interfaces *interfaces) AB_LOCKED
{
    if (ab_timer_is_running(&interfaces->rereading))
        return;
    ab_time soon = ab_loop_now(interfaces->loop) + SETTLE;
    ab_loop_timer_start(interfaces->loop, &interfaces->rereading,
                        AB_MAX(soon, interfaces->read_at + SPACING));
}

static void netlink_ready(ab_watch *watch, bool can_read, bool can_write) AB_LOCKED
{
    (void)can_write;
    ab_interfaces *interfaces = AB_CONTAINER(watch, ab_interfaces, watch);
    if (can_read && ab_netlink_rang(interfaces->fd))
        plan_rereading(interfaces);
}

static void reread(ab_timer *timer) AB_LOCKED
{
    ab_interfaces *interfaces = AB_CONTAINER(timer, ab_interfaces, rereading);
    bool has_changed = false, has_rung = false;
    /* What rang until here is covered by this reading. */
    ab_netlink_rang(interfaces->fd);
    int error = read_again(interfaces, &has_changed, &has_rung);
    if (error != 0) {
        ab_log(AB_LOG_WARNING, "can't read the network interfaces (%s); will try again",
               strerror(error));
        ab_loop_timer_start_in(interfaces->loop, timer, RETRY);
        return;
    }
    if (has_rung)
        plan_rereading(interfaces);
    if (has_changed)
        interfaces->changed(interfaces->owner);
}

/* "a, b and c": what there is to choose from. */
static char *list_names(const ab_interface_table *table)
{
    ab_buffer text;
    ab_buffer_init(&text);
    for (size_t i = 0; i < table->count; i++) {
        const char *between = i == 0 ? "" : i + 1 == table->count ? " and " : ", ";
        ab_buffer_appendf(&text, "%s%s", between, table->items[i].name);
    }
    ab_buffer_append(&text, "", 1);
    return text.data;
}

static autobus_result check_names(const ab_interfaces *interfaces)
{
    const ab_interface_table *table = &interfaces->table;
    const char *name = NULL;
    while ((name = ab_globs_next_literal(&interfaces->globs, name)) != NULL) {
        size_t i = 0;
        while (i < table->count && strcmp(table->items[i].name, name) != 0)
            i++;
        if (i < table->count)
            continue;
        AB_SCOPED(ab_free_ptr) char *names = list_names(table);
        return ab_fail(AUTOBUS_INVALID, "there is no network interface \"%s\" here: there is %s",
                       name, names);
    }
    return AUTOBUS_OK;
}

autobus_result ab_interfaces_new(ab_loop *loop, const char *globs, ab_interfaces_fn *changed,
                                 void *owner, ab_interfaces **ret)
{
    int fd = -1;
    autobus_result result = ab_netlink_open(&fd);
    if (result != AUTOBUS_OK)
        return result;
    ab_interfaces *interfaces = ab_alloc(1, sizeof *interfaces);
    interfaces->loop = loop;
    interfaces->fd = fd;
    interfaces->changed = changed;
    interfaces->owner = owner;
    ab_globs_init(&interfaces->globs, globs);
    ab_timer_init(&interfaces->rereading, reread);
    ab_watch_init(&interfaces->watch, loop, fd, netlink_ready);

    bool has_changed, has_rung;
    int error = read_again(interfaces, &has_changed, &has_rung);
    if (error != 0)
        result = ab_fail_errno(error, "can't read the network interfaces");
    else
        result = check_names(interfaces);
    if (result != AUTOBUS_OK) {
        ab_interfaces_free(interfaces);
        return result;
    }
    if (has_rung)
        plan_rereading(interfaces);
    ab_watch_want(&interfaces->watch, true, false);
    *ret = interfaces;
    return AUTOBUS_OK;
}

void ab_interfaces_free(ab_interfaces *interfaces)
{
    if (interfaces == NULL)
        return;
    ab_loop_timer_stop(interfaces->loop, &interfaces->rereading);
    ab_watch_fini(&interfaces->watch);
    close(interfaces->fd);
    ab_interface_table_fini(&interfaces->table);
    ab_globs_fini(&interfaces->globs);
    free(interfaces);
}

const ab_interface *ab_interfaces_next(const ab_interfaces *interfaces, size_t *cursor)
{
    if (*cursor >= interfaces->table.count)
        return NULL;
    return &interfaces->table.items[(*cursor)++];
}

const ab_interface *ab_interfaces_find(const ab_interfaces *interfaces, unsigned index)
{
    return ab_interface_table_find(&interfaces->table, index);
}

/* Nobody sends from such an address: none, all zeros, a multicast group, or the limited broadcast. */
static bool is_nobody(const ab_address *address)
{
    static const uint8_t zeros[16];
    if (memcmp(address->bytes, zeros, sizeof zeros) == 0)
        return true;
    return address->family == 4 ? address->bytes[0] >= 224 : address->bytes[0] == 0xff;
}

static bool is_in_a_network_of(const ab_interface *interface, const ab_address *source)
{
    for (size_t i = 0; i < interface->count; i++) {
        const ab_interface_address *at = &interface->addresses[i];
        const ab_address *network = at->peer.family != 0 ? &at->peer : &at->address;
        if (ab_address_in_prefix(source, network, at->prefix))
            return true;
    }
    return false;
}

bool ab_interfaces_on_link(const ab_interfaces *interfaces, unsigned index,
                           const ab_address *source)
{
    const ab_interface *interface = ab_interfaces_find(interfaces, index);
    if (interface == NULL || (source->family != 4 && source->family != 6) || is_nobody(source))
        return false;
    if (interface->is_loopback || ab_address_is_loopback(source))
        return interface->is_loopback && ab_interfaces_is_own(interfaces, source);
    if (ab_address_is_link_local(source))
        return source->family == 4 || source->scope == 0 || source->scope == index;
    return is_in_a_network_of(interface, source) || ab_interfaces_is_own(interfaces, source);
}

/* Two interfaces may be on one link: then what leaves by one is heard at the other, with that one's scope. */
bool ab_interfaces_is_own(const ab_interfaces *interfaces, const ab_address *address)
{
    if (ab_address_is_loopback(address))
        return true;
    ab_address there = *address;
    for (size_t i = 0; i < interfaces->table.count; i++) {
        const ab_interface *interface = &interfaces->table.items[i];
        for (size_t j = 0; j < interface->count; j++) {
            there.scope = interface->addresses[j].address.scope;
            if (ab_address_same_host(&interface->addresses[j].address, &there))
                return true;
        }
    }
    return false;
}

bool ab_interfaces_has_kernel(const ab_address *address)
{
    struct sockaddr_storage here;
    ab_address any_port = *address;
    any_port.port = 0;
    unsigned length = ab_address_to_sockaddr(&any_port, &here);
    int fd = socket(here.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    /* Only an address of this machine can be bound. */
    bool is_here = fd >= 0 && bind(fd, (struct sockaddr *)&here, length) == 0;
    ab_close_fd(&fd);
    return is_here;
}

static void append_interface(ab_buffer *text, const ab_interface *interface)
{
    ab_buffer_append_text(text, interface->name);
    for (size_t i = 0; i < interface->count; i++) {
        ab_address address = interface->addresses[i].address;
        char host[AB_ADDRESS_TEXT];
        address.scope = 0; /* the name stands before it */
        ab_buffer_appendf(text, "%s%s", i == 0 ? " (" : ", ", ab_address_host(&address, host));
    }
    if (interface->count > 0)
        ab_buffer_append_text(text, ")");
}

char *ab_interfaces_text(const ab_interfaces *interfaces)
{
    ab_buffer text;
    ab_buffer_init(&text);
    for (size_t i = 0; i < interfaces->table.count; i++) {
        const ab_interface *interface = &interfaces->table.items[i];
        if (!interface->is_used)
            continue;
        if (ab_buffer_length(&text) > 0)
            ab_buffer_append_text(&text, ", ");
        append_interface(&text, interface);
    }
    if (ab_buffer_length(&text) == 0)
        ab_buffer_append_text(&text, "none");
    ab_buffer_append(&text, "", 1);
    return text.data;
}
