/* SPDX-License-Identifier: MIT
 * Reading a folder. */
#include "shell/files.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tool/text.h"

static bool is_folder(DIR *folder, const char *name)
{
    struct stat about;
    return fstatat(dirfd(folder), name, &about, 0) == 0 && S_ISDIR(about.st_mode);
}

/* A name that begins like an option would be taken for one. */
static bool is_meant(const char *name, const char *begun, bool stands_alone)
{
    bool is_itself = strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
    bool is_hidden = *name == '.' && *begun != '.';
    return !is_itself && !is_hidden && (*name != '-' || !stands_alone);
}

static void add_all(shell_candidates *candidates, const char *before, const char *way, DIR *folder)
{
    const char *begun = candidates->part + strlen(before) + strlen(way);
    bool stands_alone = *before == '\0' && *way == '\0';
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (is_meant(entry->d_name, begun, stands_alone)) {
            const char *slash = is_folder(folder, entry->d_name) ? "/" : "";
            char *path = tool_text_format("%s%s%s", way, entry->d_name, slash);
            shell_candidates_add(candidates, before, path);
            free(path);
        }
    }
}

void shell_files_find(shell_candidates *candidates, const char *before)
{
    const char *part = candidates->part + strlen(before);
    const char *slash = strrchr(part, '/');
    size_t length = slash != NULL ? (size_t)(slash - part) + 1 : 0;
    char *way = tool_text_format("%.*s", (int)length, part);
    DIR *folder = opendir(length > 0 ? way : ".");
    if (folder != NULL) {
        add_all(candidates, before, way, folder);
        closedir(folder);
    }
    free(way);
}
