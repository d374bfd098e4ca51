/* SPDX-License-Identifier: MIT
 * Redis, one publisher that does not wait for each of its replies, and its subscribers.
 *   redis_events fire PORT COUNT LISTENERS */
#include <hiredis/hiredis.h>

#include "crowd.h"

enum {
    BATCH = 256
};

static redisContext *connect_to(const char *port)
{
    redisContext *redis = redisConnect("127.0.0.1", (int)strtol(port, NULL, 10));
    rounds_hold(redis != NULL && redis->err == 0, "redisConnect");
    return redis;
}

static void take_reply(redisContext *redis)
{
    void *reply = NULL;
    rounds_hold(redisGetReply(redis, &reply) == REDIS_OK, "redisGetReply");
    freeReplyObject(reply);
}

static void hear(crowd *self)
{
    redisContext *redis = connect_to(self->place);
    freeReplyObject(redisCommand(redis, "SUBSCRIBE tick"));
    crowd_tell(self, 'l');
    for (long i = 0; i < self->count; i++) {
        take_reply(redis);
    }
}

int main(int count, char **words)
{
    char bytes[PAYLOAD + 1];
    crowd listeners;
    crowd_gather(&listeners, count, words, hear);
    redisContext *redis = connect_to(listeners.place);
    crowd_await(&listeners, 'l');
    rounds_fill(bytes);
    double begun = rounds_now_us();
    for (long sent = 0, answered = 0; answered < listeners.count; answered++) {
        for (; sent < listeners.count && sent < answered + BATCH && answered % BATCH == 0; sent++) {
            redisAppendCommand(redis, "PUBLISH tick %b", bytes, (size_t)PAYLOAD);
        }
        take_reply(redis);
    }
    crowd_await(&listeners, 'h');
    crowd_print(&listeners, begun);
    redisFree(redis);
    return 0;
}
