/* SPDX-License-Identifier: MIT
 * Looking for the runtime folder. Knows nothing of what lies in it. */
#include "net/runtime_folder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/text.h"

bool ab_runtime_folder_is_ours(const char *path)
{
    struct stat is;
    const char *wrong = NULL;
    if (lstat(path, &is) < 0)
        wrong = strerror(errno);
    else if (!S_ISDIR(is.st_mode))
        wrong = "it is no folder";
    else if (is.st_uid != geteuid())
        wrong = "it belongs to somebody else";
    else if ((is.st_mode & 077) != 0)
        wrong = "others may enter it";
    if (wrong != NULL)
        ab_log(AB_LOG_DEBUG, "no unix sockets in %s: %s", path, wrong);
    return wrong == NULL;
}

bool ab_runtime_folder_make(const char *path)
{
    if (mkdir(path, 0700) < 0 && errno != EEXIST) {
        ab_log(AB_LOG_DEBUG, "the folder %s cannot be made: %s", path, strerror(errno));
        return false;
    }
    return ab_runtime_folder_is_ours(path);
}

/* In a folder of ours. Somebody may have become another user and kept the environment: nothing is to be made
 * in the folder of the one he was. */
static char *find_inside(const char *parent)
{
    struct stat is;
    if (parent == NULL || parent[0] != '/' || stat(parent, &is) < 0 || is.st_uid != geteuid())
        return NULL;
    char *path = ab_format("%s/autobus", parent);
    if (ab_runtime_folder_make(path))
        return path;
    free(path);
    return NULL;
}

static char *find_in_run(void)
{
    char *parent AB_SCOPED(ab_free_ptr) = ab_format("/run/user/%u", (unsigned)geteuid());
    return find_inside(parent);
}

static char *find_exactly(char *path)
{
    if (ab_runtime_folder_make(path))
        return path;
    free(path);
    return NULL;
}

char *ab_runtime_folder_find(const char *chosen)
{
    if (chosen != NULL)
        return find_exactly(ab_strdup(chosen));
    char *found = find_inside(secure_getenv("XDG_RUNTIME_DIR"));
    if (found == NULL)
        found = find_in_run();
    if (found == NULL)
        found = find_exactly(ab_format("/tmp/autobus-%u", (unsigned)geteuid()));
    return found;
}
