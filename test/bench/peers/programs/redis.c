/* SPDX-License-Identifier: MIT
 * Redis, asked to give back 64 bytes.
 *   redis call PLACE COUNT    (a port of 127.0.0.1, or a path) */
#include <hiredis/hiredis.h>

#include "rounds.h"

int main(int count, char **words)
{
    char bytes[PAYLOAD + 1];
    rounds run;
    rounds_hold(count == 4, "redis call PLACE COUNT:");
    redisContext *redis = *words[2] == '/'
                              ? redisConnectUnix(words[2])
                              : redisConnect("127.0.0.1", (int)strtol(words[2], NULL, 10));
    rounds_hold(redis != NULL && redis->err == 0, "redisConnect");
    rounds_fill(bytes);
    rounds_init(&run, words[3]);
    while (rounds_begin(&run)) {
        redisReply *reply = redisCommand(redis, "PING %b", bytes, (size_t)PAYLOAD);
        rounds_hold(reply != NULL && reply->len == PAYLOAD, "redisCommand");
        freeReplyObject(reply);
        rounds_end(&run);
    }
    rounds_print(&run);
    redisFree(redis);
    return 0;
}
