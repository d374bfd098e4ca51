/* SPDX-License-Identifier: MIT
 * Reading frames: first the headers, then what their kind says is in the payload. Believes no length before its
 * bytes are there, and needs no memory but theirs. */
#include "wire/frames.h"

#include <endian.h>
#include <string.h>

#include "value/utf8.h"
#include "wire/fields.h"

/* What a kind has, in this order. */
enum {
    HAS_ID = 1,    /* any */
    HAS_OWNER = 2, /* an id, but not 0 */
    HAS_NUMBER = 4,
    HAS_CODE = 8,
    HAS_NAME = 16,
    HAS_VALUE = 32,
    HAS_LIST = 64,
    HAS_TEXT = 128,
    HAS_BYTES = 256,
    MAY_STREAM = 512,
    IS_KIND = 1024,
    IS_FURTHER = 2048 /* not of the first session */
};

static const unsigned kinds[] = {
    [AB_FRAME_CALL] = IS_KIND | HAS_ID | HAS_NAME | HAS_LIST,
    [AB_FRAME_RESULT] = IS_KIND | HAS_ID | HAS_VALUE,
    [AB_FRAME_ERROR] = IS_KIND | HAS_ID | HAS_CODE | HAS_TEXT,
    [AB_FRAME_WATCH] = IS_KIND | HAS_NAME,
    [AB_FRAME_UNWATCH] = IS_KIND | HAS_NAME,
    [AB_FRAME_LISTEN] = IS_KIND | HAS_NAME,
    [AB_FRAME_UNLISTEN] = IS_KIND | HAS_NAME,
    [AB_FRAME_CHANGED] = IS_KIND | HAS_NAME | HAS_VALUE,
    [AB_FRAME_GONE] = IS_KIND | HAS_NAME,
    [AB_FRAME_FIRED] = IS_KIND | HAS_NAME | HAS_LIST,
    [AB_FRAME_PING] = IS_KIND | HAS_ID,
    [AB_FRAME_PONG] = IS_KIND | HAS_ID,
    [AB_FRAME_UNBOUND] = IS_KIND | HAS_TEXT,
    [AB_FRAME_BIND] = IS_KIND | IS_FURTHER | HAS_NUMBER | HAS_NAME,
    [AB_FRAME_BOUND] = IS_KIND | IS_FURTHER,
    [AB_FRAME_OPEN] = IS_KIND | HAS_OWNER | HAS_NUMBER | HAS_NAME | HAS_VALUE | MAY_STREAM,
    [AB_FRAME_OPENED] = IS_KIND | HAS_OWNER | HAS_NUMBER,
    [AB_FRAME_DATA] = IS_KIND | HAS_OWNER | HAS_VALUE,
    [AB_FRAME_BLOB] = IS_KIND | HAS_OWNER | HAS_BYTES,
    [AB_FRAME_CREDIT] = IS_KIND | HAS_OWNER | HAS_NUMBER,
    [AB_FRAME_END] = IS_KIND | HAS_OWNER,
    [AB_FRAME_CLOSE] = IS_KIND | HAS_OWNER | HAS_CODE | HAS_TEXT,
    [AB_FRAME_UNBIND] = IS_KIND,
    [AB_FRAME_GRANT] = IS_KIND | HAS_NUMBER,
};

/* Fixed for ever: these travel, and the library's own numbers do not. */
static const autobus_result codes[] = {
    AUTOBUS_OK,     AUTOBUS_REMOTE,    AUTOBUS_NOT_FOUND,    AUTOBUS_IN_USE, AUTOBUS_INVALID,
    AUTOBUS_BUSY,   AUTOBUS_DENIED,    AUTOBUS_TOO_LARGE,    AUTOBUS_CLOSED, AUTOBUS_TIMEOUT,
    AUTOBUS_FAILED, AUTOBUS_AMBIGUOUS, AUTOBUS_INCOMPATIBLE,
};

uint8_t ab_frame_of_code(autobus_result code)
{
    for (size_t i = 0; i < AB_COUNT(codes); i++)
        if (codes[i] == code)
            return (uint8_t)i;
    return 1;
}

autobus_result ab_frame_code(uint8_t number)
{
    return number < AB_COUNT(codes) ? codes[number] : AUTOBUS_REMOTE;
}

/* Little endian, wherever it lies. */
static inline uint64_t read_number(const char *at, unsigned size)
{
    uint64_t number = 0;
    memcpy(&number, at, size);
    return le64toh(number);
}

/* What is wrong with flags, of which most frames have none; NULL: nothing. */
static AB_NOINLINE const char *check_flags(const ab_frame_head *head)
{
    unsigned may = AB_FRAME_MORE | (kinds[head->kind] & MAY_STREAM ? AB_FRAME_STREAM : 0U);
    if ((head->flags & ~may) != 0)
        return "a frame with a flag that it cannot have";
    if ((head->flags & AB_FRAME_MORE) != 0 && head->length != AB_FRAME_PAYLOAD)
        return "a frame that is not full, although the message goes on";
    return NULL;
}

/* What is wrong with a header by itself; NULL: nothing. */
static inline const char *check_header(const ab_frame_head *head)
{
    if (head->length > AB_FRAME_PAYLOAD)
        return "a frame that is too long";
    if (head->kind >= AB_COUNT(kinds) || kinds[head->kind] == 0)
        return "a frame of an unknown kind";
    const char *mistake = head->flags != 0 ? check_flags(head) : NULL;
    if (mistake != NULL)
        return mistake;
    if ((kinds[head->kind] & IS_FURTHER) != 0 && head->session == 0)
        return "a frame that binds, without the number of a session";
    if ((kinds[head->kind] & HAS_OWNER) != 0 && head->id == 0)
        return "a frame of a channel without a number";
    if ((kinds[head->kind] & (HAS_ID | HAS_OWNER)) == 0 && head->id != 0)
        return "a frame with a number that it cannot have";
    return NULL;
}

static bool continues(const ab_frame_head *first, const ab_frame_head *next)
{
    return first->kind == next->kind && first->session == next->session && first->id == next->id &&
           ((first->flags ^ next->flags) & ~(unsigned)AB_FRAME_MORE) == 0;
}

/* Walks over the frame at *taken. `first`: of its message, which has had `payload` bytes so far; NULL: it is the first
 * itself. READY: it is all there. */
static inline ab_frame_state measure(ab_slice bytes, size_t limit, const ab_frame_head *first,
                                     size_t payload, ab_frame_head *head, size_t *taken,
                                     const char **mistake)
{
    size_t rest = bytes.length - *taken;
    if (rest < AB_FRAME_HEADER)
        return AB_FRAME_PART;
    *head = ab_frame_read_head(bytes.bytes + *taken);
    *mistake = check_header(head);
    if (*mistake == NULL && first != NULL && !continues(first, head))
        *mistake = "another frame before the message was whole";
    else if (*mistake == NULL && payload + head->length > limit)
        *mistake = "a message that is too long";
    if (*mistake != NULL)
        return AB_FRAME_WRONG;
    if (rest - AB_FRAME_HEADER < head->length)
        return AB_FRAME_PART;
    *taken += AB_FRAME_HEADER + head->length;
    return AB_FRAME_READY;
}

/* From behind the first frame of several to the end of the last. */
static AB_NOINLINE ab_frame_state measure_rest(ab_slice bytes, size_t limit,
                                               const ab_frame_head *first, size_t *taken,
                                               const char **mistake)
{
    ab_frame_state state = AB_FRAME_READY;
    size_t payload = first->length;
    ab_frame_head head = *first;
    while (state == AB_FRAME_READY && (head.flags & AB_FRAME_MORE) != 0) {
        state = measure(bytes, limit, first, payload, &head, taken, mistake);
        payload += head.length;
    }
    return state;
}

/* The payloads of a whole message, made into one. */
static ab_slice join(char *bytes, size_t length)
{
    char *end = bytes + AB_FRAME_HEADER + AB_FRAME_PAYLOAD;
    size_t at = AB_FRAME_HEADER + AB_FRAME_PAYLOAD;
    if (length <= at)
        return (ab_slice){bytes + AB_FRAME_HEADER, length - AB_FRAME_HEADER};
    while (at < length) {
        size_t piece = AB_MIN(length - at - AB_FRAME_HEADER, (size_t)AB_FRAME_PAYLOAD);
        memmove(end, bytes + at + AB_FRAME_HEADER, piece);
        end += piece;
        at += AB_FRAME_HEADER + piece;
    }
    return (ab_slice){bytes + AB_FRAME_HEADER, (size_t)(end - bytes) - AB_FRAME_HEADER};
}

/* What is left of a payload, from the front. */

static bool take_number(ab_slice *rest, unsigned size, uint64_t *number)
{
    if (rest->length < size)
        return false;
    *number = read_number(rest->bytes, size);
    *rest = (ab_slice){rest->bytes + size, rest->length - size};
    return true;
}

static bool take_name(ab_slice *rest, ab_slice *name)
{
    uint64_t length;
    if (!take_number(rest, 4, &length) || length > rest->length)
        return false;
    *name = (ab_slice){rest->bytes, (size_t)length};
    *rest = (ab_slice){rest->bytes + length, rest->length - (size_t)length};
    return true;
}

static bool take_code(ab_slice *rest, autobus_result *code)
{
    uint64_t number;
    if (!take_number(rest, 1, &number))
        return false;
    *code = ab_frame_code((uint8_t)number);
    return true;
}

static bool is_utf8(ab_slice text)
{
    uint32_t code;
    size_t step = 1;
    if (ab_utf8_is_ascii(text.bytes, text.length))
        return true;
    for (size_t at = 0; at < text.length && step > 0; at += step)
        step = (unsigned char)text.bytes[at] < 0x80
                   ? 1
                   : ab_utf8_decode(text.bytes + at, text.bytes + text.length, &code);
    return step > 0;
}

static const char *read_payload(unsigned kind, ab_slice rest, ab_frame *frame)
{
    if (((kind & HAS_NUMBER) != 0 && !take_number(&rest, 8, &frame->number)) ||
        ((kind & HAS_CODE) != 0 && !take_code(&rest, &frame->code)) ||
        ((kind & HAS_NAME) != 0 && !take_name(&rest, &frame->name)))
        return "a frame that is too short";
    if (frame->number > (uint64_t)AB_FIELD_EXACT)
        return "a frame with more credit than there is";
    if (!is_utf8(frame->name))
        return "a frame with a name that is not UTF-8";
    if ((kind & (HAS_VALUE | HAS_LIST)) != 0) {
        if (!ab_scan_compact(rest, &frame->value, &frame->is_compact))
            return "a frame with a value that is no JSON";
        if ((kind & HAS_LIST) != 0 && frame->value.kind != AB_KIND_LIST)
            return "a frame with a value that is no list";
    } else if ((kind & HAS_TEXT) != 0) {
        if (!is_utf8(rest))
            return "a frame with a sentence that is not UTF-8";
        frame->text = rest;
    } else if ((kind & HAS_BYTES) != 0) {
        frame->bytes = rest;
    } else if (rest.length > 0) {
        return "a frame with bytes behind its end";
    }
    return NULL;
}

ab_frame_state ab_frame_next(char *bytes, size_t length, size_t limit, ab_frame *frame,
                             size_t *taken, const char **mistake)
{
    ab_frame_head head;
    ab_slice all = {bytes, length};
    *taken = 0;
    ab_frame_state state = measure(all, limit, NULL, 0, &head, taken, mistake);
    if (state == AB_FRAME_READY && (head.flags & AB_FRAME_MORE) != 0)
        state = measure_rest(all, limit, &head, taken, mistake);
    if (state != AB_FRAME_READY)
        return state;
    *frame = (ab_frame){
        .kind = (ab_frame_kind)head.kind,
        .is_stream = (head.flags & AB_FRAME_STREAM) != 0,
        .session = head.session,
        .id = head.id,
        .id_bytes = {bytes + 8, 8},
    };
    *mistake = read_payload(kinds[head.kind], join(bytes, *taken), frame);
    return *mistake == NULL ? AB_FRAME_READY : AB_FRAME_WRONG;
}
