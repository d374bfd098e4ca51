/* SPDX-License-Identifier: MIT
 * Taking a place apart, and putting one together. */
#include "tool/place.h"

#include <stdlib.h>
#include <string.h>

#include "tool/options.h"
#include "tool/summary.h"
#include "tool/text.h"

/* HOST:PORT, in place; false if it is none. */
static bool take_address(tool_place *self)
{
    char *colon = strrchr(self->text, ':');
    long port;
    if (colon == NULL || !tool_options_whole(colon + 1, 1, 65535, &port)) {
        return false;
    }
    *colon = '\0';
    self->port = (uint16_t)port;
    self->host = self->text;
    size_t length = strlen(self->host);
    if (length > 2 && self->host[0] == '[' && self->host[length - 1] == ']') {
        self->host[length - 1] = '\0';
        self->host++;
        return true;
    }
    return length > 0 && strpbrk(self->host, ":[]") == NULL;
}

bool tool_place_parse(tool_place *self, const char *text)
{
    *self = (tool_place){.text = tool_text_checked(strdup(text))};
    char *slash = strchr(self->text, '/');
    if (slash != NULL) {
        *slash = '\0';
        self->id = slash + 1;
    }
    if ((slash == NULL || *self->id != '\0') && take_address(self)) {
        return true;
    }
    tool_place_fini(self);
    return false;
}

void tool_place_fini(tool_place *self)
{
    free(self->text);
    *self = (tool_place){0};
}

char *tool_place_words(const tool_place *self)
{
    return self->id != NULL ? tool_place_text(self->host, self->port, self->id)
                            : tool_address_text(self->host, self->port);
}

char *tool_place_text(const char *host, uint16_t port, const char *id)
{
    char *address = tool_address_text(host, port);
    char *text = tool_text_format("%s/%s", address, id);
    free(address);
    return text;
}
