/* SPDX-License-Identifier: MIT
 * A worker thread fires; the bus thread is told how far each listener is. The lock guards the counts between them. */
#include "bench/fire.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <autobus/function.h>
#include <json-c/json.h>

#include "bench/sample.h"
#include "tool/text.h"

enum {
    LISTENERS_MOST = 64,
    PATIENCE_S = 10
};

struct bench_fire {
    autobus_service *service;
    pthread_mutex_t lock; /* guards what follows: a worker and the bus thread look at it */
    pthread_cond_t moved;
    uint64_t heard[LISTENERS_MOST];
    bool is_firing, is_over;
    uint64_t fired; /* who is firing, and nobody else */
};

typedef struct salvo {
    int64_t count, bytes, listeners, window;
} salvo;

bench_fire *bench_fire_new(autobus_service *service)
{
    bench_fire *self = tool_text_checked(calloc(1, sizeof *self));
    pthread_condattr_t attributes;
    self->service = service;
    pthread_mutex_init(&self->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&self->moved, &attributes);
    pthread_condattr_destroy(&attributes);
    return self;
}

void bench_fire_free(bench_fire **fire)
{
    bench_fire *self = *fire;
    *fire = NULL;
    pthread_cond_destroy(&self->moved);
    pthread_mutex_destroy(&self->lock);
    free(self);
}

void bench_fire_stop(bench_fire *self)
{
    pthread_mutex_lock(&self->lock);
    self->is_over = true;
    pthread_cond_broadcast(&self->moved);
    pthread_mutex_unlock(&self->lock);
}

static void hear(void *userdata, autobus_request *request)
{
    bench_fire *self = userdata;
    int64_t who = json_object_get_int64(autobus_request_argument(request, 0));
    int64_t total = json_object_get_int64(autobus_request_argument(request, 1));
    if (who >= 0 && who < LISTENERS_MOST && total >= 0) {
        pthread_mutex_lock(&self->lock);
        self->heard[who] = (uint64_t)total;
        pthread_cond_broadcast(&self->moved);
        pthread_mutex_unlock(&self->lock);
    }
}

static uint64_t heard_by_all(const bench_fire *self, int64_t listeners)
{
    uint64_t least = self->heard[0];
    for (int64_t i = 1; i < listeners; i++) {
        least = self->heard[i] < least ? self->heard[i] : least;
    }
    return least;
}

/* Waits until fewer than `window` are under way to the slowest, and says how many may follow; 0: nobody moves any
 * more, or it is over. A window of 1 waits until everything was heard. */
static uint64_t await(bench_fire *self, int64_t listeners, uint64_t window)
{
    uint64_t under_way;
    bool moves = true;
    struct timespec until;
    pthread_mutex_lock(&self->lock);
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += PATIENCE_S;
    while ((under_way = self->fired - heard_by_all(self, listeners)) >= window && moves &&
           !self->is_over) {
        moves = pthread_cond_timedwait(&self->moved, &self->lock, &until) == 0;
    }
    uint64_t may = self->is_over || under_way >= window ? 0 : window - under_way;
    pthread_mutex_unlock(&self->lock);
    return may;
}

static bool shoot(bench_fire *self, const salvo *order, const char *arguments)
{
    uint64_t may = 0;
    for (int64_t i = 0; i < order->count; i++, may--, self->fired++) {
        if (may == 0 && (may = await(self, order->listeners, (uint64_t)order->window)) == 0) {
            return false;
        }
        const char *event = i + 1 < order->count ? "tick" : "last";
        if (autobus_service_fire_text(self->service, event, arguments) != AUTOBUS_OK) {
            return false;
        }
    }
    return await(self, order->listeners, 1) > 0;
}

/* The first salvo of a run forgets what listeners of earlier runs have heard. */
static bool begin(bench_fire *self, bool is_first)
{
    pthread_mutex_lock(&self->lock);
    bool may = !self->is_firing && !self->is_over;
    self->is_firing = self->is_firing || may;
    if (may && is_first) {
        memset(self->heard, 0, sizeof self->heard);
        self->fired = 0;
    }
    pthread_mutex_unlock(&self->lock);
    return may;
}

static void end(bench_fire *self)
{
    pthread_mutex_lock(&self->lock);
    self->is_firing = false;
    pthread_mutex_unlock(&self->lock);
}

static void fire(void *userdata, autobus_request *request)
{
    bench_fire *self = userdata;
    salvo order = {.count = json_object_get_int64(autobus_request_argument(request, 0)),
                   .bytes = json_object_get_int64(autobus_request_argument(request, 1)),
                   .listeners = json_object_get_int64(autobus_request_argument(request, 2)),
                   .window = json_object_get_int64(autobus_request_argument(request, 3))};
    bool is_first = json_object_get_boolean(autobus_request_argument(request, 4));
    if (order.count < 1 || order.bytes < 1 || order.bytes > 1000000 || order.window < 1 ||
        order.listeners < 1 || order.listeners > LISTENERS_MOST) {
        autobus_request_fail(request, "fire takes how many, bytes, listeners and window");
        return;
    }
    if (!begin(self, is_first)) {
        autobus_request_fail(request, "somebody else is being fired at");
        return;
    }
    char *payload = tool_text_checked(malloc((size_t)order.bytes + 1));
    memset(payload, 'x', (size_t)order.bytes);
    payload[order.bytes] = '\0';
    char *arguments = tool_text_format("[\"%s\"]", payload);
    double begun = bench_sample_now_us();
    bool has_hit = shoot(self, &order, arguments);
    double seconds = (bench_sample_now_us() - begun) / 1e6;
    end(self);
    if (has_hit) {
        autobus_request_answer(request, json_object_new_double(seconds));
    } else {
        autobus_request_fail(request, "a listener is gone, or hears no more");
    }
    free(arguments);
    free(payload);
}

autobus_result bench_fire_offer(bench_fire *self, autobus_service *service)
{
    autobus_result result = autobus_service_add_event(service, "tick", NULL);
    if (result == AUTOBUS_OK) {
        result = autobus_service_add_event(service, "last", NULL);
    }
    if (result == AUTOBUS_OK) {
        result =
            autobus_service_add_function(service, "heard", NULL, AUTOBUS_INLINE, hear, self, NULL);
    }
    if (result == AUTOBUS_OK) {
        result =
            autobus_service_add_function(service, "fire", NULL, AUTOBUS_POOL, fire, self, NULL);
    }
    return result;
}
