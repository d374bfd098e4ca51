/* SPDX-License-Identifier: MIT
 * Handles of the raw face: what is stale is refused, and freeing is safe in any order and from any thread. */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include <autobus/raw.h>

#include "support/sanitizer.h"
#include "unit/api/raw_ear_book.h"

static autobus_handle unpublished(autobus_handle bus)
{
    autobus_handle service;
    cr_assert_eq(autobus_raw_service_new(bus, "{'type': 'lamp'}", NULL, &service), AUTOBUS_OK);
    return service;
}

Test(raw_handle, that_was_freed_is_refused_with_a_sentence)
{
    autobus_handle bus = raw_hermit("");
    autobus_handle lamp = unpublished(bus);

    autobus_raw_free(lamp);
    cr_expect_eq(autobus_raw_service_publish(lamp), AUTOBUS_INVALID);
    cr_expect_not_null(strstr(autobus_last_error(), "is the handle of no service"));
    cr_expect_null(autobus_raw_service_id(lamp));
    autobus_raw_free(lamp);
    autobus_raw_free(bus);
    cr_expect_eq(autobus_raw_bus_fd(bus), -1);
    cr_expect_eq(autobus_raw_bus_port(bus), -1);
    autobus_raw_free(bus);
    autobus_raw_free(0);
    autobus_raw_free(UINT64_MAX);
    cr_expect_eq(autobus_raw_handles(), 0);
}

Test(raw_handle, of_another_kind_is_refused_with_both_names)
{
    autobus_handle bus = raw_hermit("");

    cr_expect_eq(autobus_raw_service_publish(bus), AUTOBUS_INVALID);
    cr_expect_not_null(strstr(autobus_last_error(), "of a bus, where that of a service"));
    autobus_raw_free(bus);
}

Test(raw_handle, is_never_used_again)
{
    autobus_handle bus = raw_hermit("");
    autobus_handle first = unpublished(bus);

    autobus_raw_free(first);
    for (int i = 0; i < 1000; i++) {
        autobus_handle next = unpublished(bus);
        cr_assert_neq(next, first);
        autobus_raw_free(next);
    }
    cr_expect_eq(autobus_raw_service_withdraw(first), AUTOBUS_INVALID);
    autobus_raw_free(bus);
}

Test(raw_handle, of_a_bus_may_be_freed_before_those_of_its_services)
{
    autobus_handle bus = raw_hermit("");
    autobus_handle lamp = raw_lamp(bus), other = unpublished(bus);

    autobus_raw_free(bus);
    cr_expect_eq(autobus_raw_service_publish(other), AUTOBUS_CLOSED);
    autobus_raw_free(lamp);
    autobus_raw_free(other);
    cr_expect_eq(autobus_raw_handles(), 0);
}

typedef struct crowd {
    _Atomic autobus_handle service;
    atomic_bool is_over;
} crowd;

static void *use(void *userdata)
{
    crowd *all = userdata;
    while (!atomic_load(&all->is_over)) {
        autobus_raw_service_set_doc(atomic_load(&all->service), "A lamp.");
        autobus_raw_text_free(autobus_raw_service_id(atomic_load(&all->service)));
    }
    return NULL;
}

Test(raw_handle, may_be_freed_while_other_threads_use_it)
{
    autobus_handle bus = raw_hermit("");
    crowd all = {.service = unpublished(bus)};
    pthread_t threads[3];

    for (int i = 0; i < 3; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, use, &all), 0);
    for (int i = 0; i < 2000; i++)
        autobus_raw_free(atomic_exchange(&all.service, unpublished(bus)));
    atomic_store(&all.is_over, true);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    autobus_raw_free(atomic_load(&all.service));
    autobus_raw_free(bus);
    cr_expect_eq(autobus_raw_handles(), 0);
}

/* What the child finds; its exit code. */
static int in_child(autobus_handle bus, autobus_handle service)
{
    if (autobus_raw_service_publish(service) != AUTOBUS_FORKED)
        return 1;
    autobus_raw_free(service);
    autobus_raw_free(bus);
    if (HAS_THREAD_SANITIZER)
        return 0; /* it knows no threads of a child */
    autobus_handle own;
    if (autobus_raw_bus_new("{'sources': 'none'}", &own) != AUTOBUS_OK)
        return 2;
    autobus_raw_free(own);
    return 0;
}

Test(raw_handle, of_the_parent_is_refused_in_a_child_which_can_have_its_own)
{
    autobus_handle bus = raw_hermit("");
    crowd all = {.service = unpublished(bus)};
    autobus_handle lamp = unpublished(bus);
    pthread_t thread;

    /* The allocator of an address sanitizer has locks that a child inherits as they are. */
    if (!HAS_ADDRESS_SANITIZER)
        cr_assert_eq(pthread_create(&thread, NULL, use, &all), 0);
    for (int i = 0; i < 10; i++) {
        pid_t child = fork();
        int status = -1;
        if (child == 0)
            _exit(in_child(bus, lamp));
        cr_assert_eq(waitpid(child, &status, 0), child);
        cr_expect_eq(status, 0, "the child ended with %x", (unsigned)status);
    }
    atomic_store(&all.is_over, true);
    if (!HAS_ADDRESS_SANITIZER)
        pthread_join(thread, NULL);
    autobus_raw_free(all.service);
    autobus_raw_free(lamp);
    autobus_raw_free(bus);
}
