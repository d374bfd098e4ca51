/* SPDX-License-Identifier: MIT
 * Order statistics. */
#include "bench/sample.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "tool/text.h"

void bench_sample_init(bench_sample *self, size_t room)
{
    *self = (bench_sample){.room = room};
    self->values = tool_text_checked(calloc(room > 0 ? room : 1, sizeof *self->values));
}

void bench_sample_fini(bench_sample *self)
{
    free(self->values);
    *self = (bench_sample){0};
}

void bench_sample_add(bench_sample *self, double value)
{
    assert(self->count < self->room);
    self->values[self->count++] = value;
}

static int by_value(const void *a, const void *b)
{
    const double *left = a;
    const double *right = b;
    return (*left > *right) - (*left < *right);
}

void bench_sample_sort(bench_sample *self)
{
    qsort(self->values, self->count, sizeof *self->values, by_value);
}

double bench_sample_share(const bench_sample *self, double share)
{
    if (self->count == 0) {
        return 0;
    }
    size_t rank = (size_t)ceil(share * (double)self->count);
    return self->values[rank > 0 ? rank - 1 : 0];
}

double bench_sample_now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}
