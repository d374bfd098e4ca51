/* SPDX-License-Identifier: MIT
 * /proc/self/exe, and what is beside it. */
#include "tool/folder.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool/text.h"

char *tool_folder(void)
{
    char path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    if (length <= 0) {
        return NULL;
    }
    path[length] = '\0';
    char *slash = strrchr(path, '/');
    if (slash == NULL) {
        errno = ENOENT;
        return NULL;
    }
    *slash = '\0';
    return tool_text_checked(strdup(path));
}

char *tool_folder_find(const char *folder, const char *verb)
{
    char *path = tool_text_format("%s/" TOOL_PREFIX "%s", folder, verb);
    if (access(path, X_OK) == 0) {
        return path;
    }
    free(path);
    return tool_text_format(TOOL_PREFIX "%s", verb);
}
