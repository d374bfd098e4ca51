/* SPDX-License-Identifier: MIT
 * The hash against the vectors that its authors published: key 00 01 .. 0f, message 00 01 02 .. */
#include "base/hash.h"

#include <criterion/criterion.h>
#include <string.h>

static const ab_hash_key published_key = {0x0706050403020100U, 0x0f0e0d0c0b0a0908U};

static uint64_t hash_counting(size_t length)
{
    unsigned char message[64];
    for (size_t i = 0; i < sizeof message; i++)
        message[i] = (unsigned char)i;
    return ab_hash(published_key, message, length);
}

Test(hash, agrees_with_the_published_vectors)
{
    static const struct {
        size_t length;
        uint64_t hash;
    } vectors[] = {
        {0, 0x726fdb47dd0e0e31U}, {1, 0x74f839c593dc67fdU},  {2, 0x0d6c8009d9a94f5aU},
        {3, 0x85676696d7fb7e2dU}, {4, 0xcf2794e0277187b7U},  {5, 0x18765564cd99a68dU},
        {6, 0xcbc9466e58fee3ceU}, {7, 0xab0200f58b01d137U},  {8, 0x93f5f5799a932462U},
        {9, 0x9e0082df0ba9e4b0U}, {15, 0xa129ca6149be45e5U}, {63, 0x958a324ceb064572U},
    };
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
        cr_expect_eq(hash_counting(vectors[i].length), vectors[i].hash, "of %zu bytes",
                     vectors[i].length);
}

Test(hash, does_not_mind_where_its_bytes_lie)
{
    char bytes[40] = "?an odd place for a message";
    const char *message = "an odd place for a message";
    cr_assert_eq(ab_hash(published_key, bytes + 1, strlen(message)),
                 ab_hash(published_key, message, strlen(message)));
}

Test(hash, depends_on_both_halves_of_the_key)
{
    uint64_t plain = ab_hash((ab_hash_key){1, 2}, "text", 4);
    cr_assert_neq(plain, ab_hash((ab_hash_key){3, 2}, "text", 4));
    cr_assert_neq(plain, ab_hash((ab_hash_key){1, 3}, "text", 4));
}

Test(hash, tells_a_length_from_trailing_zeros)
{
    cr_assert_neq(ab_hash(published_key, "a\0", 2), ab_hash(published_key, "a", 1));
}

Test(hash, has_one_secret_a_process)
{
    ab_hash_key once = ab_hash_secret(), again = ab_hash_secret();
    cr_assert_eq(once.low, again.low);
    cr_assert_eq(once.high, again.high);
    cr_assert(once.low != 0 || once.high != 0);
}
