/* SPDX-License-Identifier: MIT
 * The bus lock: a plain mutex. Knows nobody who takes it. */
#include "loop/loop.h"

#include <assert.h>

/* A failing mutex is our own bug; the analysis cannot see that pthreads lock it. */
void ab_lock_take(ab_lock *lock) AB_UNCHECKED
{
    int error = pthread_mutex_lock(&lock->mutex);
    assert(error == 0);
    (void)error;
}

void ab_lock_drop(ab_lock *lock) AB_UNCHECKED
{
    int error = pthread_mutex_unlock(&lock->mutex);
    assert(error == 0);
    (void)error;
}
