/* SPDX-License-Identifier: MIT
 * Reads recordings. Knows their form and where they lie, not what they mean. */
#include "support/recording.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void give_up(const char *what, const char *path)
{
    fprintf(stderr, "%s: %s\n", path, what);
    abort();
}

char *tree_text(const char *path)
{
    /* This file knows where it was compiled from: test/support below the root. */
    static const char here[] = __FILE__;
    char whole[4096];
    int root = (int)(strstr(here, "test/support/") - here);
    snprintf(whole, sizeof whole, "%.*s%s", root, here, path);
    FILE *file = fopen(whole, "rb");
    if (file == NULL)
        give_up("cannot be opened", whole);
    fseek(file, 0, SEEK_END);
    size_t size = (size_t)ftell(file);
    rewind(file);
    char *text = calloc(1, size + 1);
    if (text == NULL || fread(text, 1, size, file) != size)
        give_up("cannot be read", whole);
    fclose(file);
    return text;
}

static char *copy_member(json_object *object, const char *key, size_t *length)
{
    json_object *member = NULL;
    json_object_object_get_ex(object, key, &member);
    size_t size = member == NULL ? 0 : (size_t)json_object_get_string_len(member);
    char *copy = calloc(1, size + 1);
    if (copy == NULL)
        abort();
    if (size > 0)
        memcpy(copy, json_object_get_string(member), size);
    if (length != NULL)
        *length = size;
    return copy;
}

recording *recording_read(const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "test/data/autobus2/%s.jsonl", name);
    char *text = tree_text(path), *rest = NULL;
    recording *made = calloc(1, sizeof *made);
    if (made == NULL)
        abort();
    strtok_r(text, "\n", &rest); /* what the first line says is for people */
    for (char *line; (line = strtok_r(NULL, "\n", &rest)) != NULL;) {
        json_object *unit = json_tokener_parse(line);
        if (unit == NULL || made->count == RECORDED_MOST)
            give_up("is no recording", path);
        recorded *now = &made->units[made->count++];
        now->from = copy_member(unit, "from", NULL);
        now->event = copy_member(unit, "event", NULL);
        now->bytes = copy_member(unit, "bytes", &now->length);
        json_object_put(unit);
    }
    free(text);
    return made;
}

void recording_free(recording *old)
{
    for (size_t i = 0; i < old->count; i++) {
        free(old->units[i].from);
        free(old->units[i].event);
        free(old->units[i].bytes);
    }
    free(old);
}
