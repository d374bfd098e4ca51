/* SPDX-License-Identifier: MIT
 * What the tests of interfaces share. */
#include "unit/net/following.h"

#include <criterion/criterion.h>
#include <string.h>

#include "support/own_network.h"
#include "unit/net/running.h"

ab_loop *following_loop;
ab_interfaces *following;
int following_changes;

void following_count(void *owner)
{
    (void)owner;
    following_changes++;
}

void following_enter(void)
{
    following_loop = NULL;
    following = NULL;
    following_changes = 0;
    own_network_enter();
}

static void free_on_bus(void *argument)
{
    (void)argument;
    ab_interfaces_free(following);
    following = NULL;
}

void following_leave(void)
{
    if (following_loop != NULL)
        running_end(following_loop, free_on_bus, NULL);
    following_loop = NULL;
    own_network_leave();
}

static void follow_on_bus(void *globs)
{
    const char *const *list = globs;
    autobus_result result =
        ab_interfaces_new(following_loop, *list, following_count, NULL, &following);
    cr_assert_eq(result, AUTOBUS_OK, "%s", autobus_last_error());
}

void following_start(const char *globs)
{
    following_loop = running_new();
    running_do(following_loop, follow_on_bus, &globs);
}

const ab_interface *following_find(const char *name)
{
    size_t cursor = 0;
    const ab_interface *at;
    while ((at = ab_interfaces_next(following, &cursor)) != NULL) {
        if (strcmp(at->name, name) == 0)
            return at;
    }
    return NULL;
}

const ab_interface_address *following_find_address(const char *name, const char *host)
{
    const ab_interface *at = following_find(name);
    for (size_t i = 0; at != NULL && i < at->count; i++) {
        ab_address address = at->addresses[i].address;
        address.scope = 0;
        if (strcmp(following_host(&address), host) == 0)
            return &at->addresses[i];
    }
    return NULL;
}

bool is_there(const void *name)
{
    return following_find(name) != NULL;
}

bool is_gone(const void *name)
{
    return following_find(name) == NULL;
}

bool is_up(const void *name)
{
    const ab_interface *at = following_find(name);
    return at != NULL && at->is_up;
}

bool is_down(const void *name)
{
    const ab_interface *at = following_find(name);
    return at != NULL && !at->is_up;
}

bool has_address(const void *argument)
{
    const place *at = argument;
    return following_find_address(at->name, at->host) != NULL;
}

bool has_no_address(const void *argument)
{
    return !has_address(argument);
}

const char *following_host(const ab_address *address)
{
    static char text[AB_ADDRESS_TEXT];
    return ab_address_host(address, text);
}
