/* SPDX-License-Identifier: MIT
 * SipHash-2-4, from its paper. Knows nothing of maps. */
#include "base/hash.h"

#include <endian.h>
#include <pthread.h>
#include <string.h>

#include "base/random.h"

typedef struct sip_state {
    uint64_t a, b, c, d;
} sip_state;

static inline uint64_t rotate_left(uint64_t word, unsigned by)
{
    return word << by | word >> (64 - by);
}

static inline void mix_round(sip_state *state)
{
    state->a += state->b;
    state->c += state->d;
    state->b = rotate_left(state->b, 13) ^ state->a;
    state->d = rotate_left(state->d, 16) ^ state->c;
    state->a = rotate_left(state->a, 32);
    state->c += state->b;
    state->a += state->d;
    state->b = rotate_left(state->b, 17) ^ state->c;
    state->d = rotate_left(state->d, 21) ^ state->a;
    state->c = rotate_left(state->c, 32);
}

static inline void take_word(sip_state *state, uint64_t word)
{
    state->d ^= word;
    mix_round(state);
    mix_round(state);
    state->a ^= word;
}

uint64_t ab_hash(ab_hash_key key, const void *bytes, size_t length)
{
    sip_state state = {
        key.low ^ 0x736f6d6570736575U,
        key.high ^ 0x646f72616e646f6dU,
        key.low ^ 0x6c7967656e657261U,
        key.high ^ 0x7465646279746573U,
    };
    const unsigned char *at = bytes;
    uint64_t word;
    for (size_t left = length; left >= 8; left -= 8, at += 8) {
        memcpy(&word, at, 8);
        take_word(&state, le64toh(word));
    }
    word = (uint64_t)length << 56;
    for (size_t i = 0; i < length % 8; i++)
        word |= (uint64_t)at[i] << 8 * i;
    take_word(&state, word);
    state.c ^= 0xff;
    for (int i = 0; i < 4; i++)
        mix_round(&state);
    return state.a ^ state.b ^ state.c ^ state.d;
}

static ab_hash_key secret;

static void draw_secret(void)
{
    ab_random_bytes(&secret, sizeof secret);
}

ab_hash_key ab_hash_secret(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, draw_secret);
    return secret;
}
