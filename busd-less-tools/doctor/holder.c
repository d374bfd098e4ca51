/* SPDX-License-Identifier: MIT
 * From the port to its socket in the kernel's tables, and from there to the process that has it open. */
#include "doctor/holder.h"

#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool/text.h"

typedef struct owner {
    unsigned long inode; /* of the socket; 0: none found */
    unsigned user;
} owner;

static void look_into(const char *path, uint16_t port, owner *ret)
{
    char line[512];
    FILE *table = fopen(path, "re");
    while (table != NULL && ret->inode == 0 && fgets(line, sizeof line, table) != NULL) {
        unsigned at;
        owner it;
        /* sl local:port remote:port st queues timer retransmits uid timeout inode */
        if (sscanf(line, " %*d: %*[0-9A-F]:%x %*s %*s %*s %*s %*s %u %*d %lu", &at, &it.user,
                   &it.inode) == 3 &&
            at == port) {
            *ret = it;
        }
    }
    if (table != NULL) {
        fclose(table);
    }
}

static bool has_open(const char *process, const char *socket)
{
    bool is_found = false;
    char *folder = tool_text_format("/proc/%s/fd", process);
    DIR *all = opendir(folder);
    struct dirent *one;
    while (all != NULL && !is_found && (one = readdir(all)) != NULL) {
        char target[64];
        ssize_t length = readlinkat(dirfd(all), one->d_name, target, sizeof target - 1);
        target[length > 0 ? length : 0] = '\0';
        is_found = strcmp(target, socket) == 0;
    }
    if (all != NULL) {
        closedir(all);
    }
    free(folder);
    return is_found;
}

static char *describe(const char *process)
{
    char name[64] = "";
    char *path = tool_text_format("/proc/%s/comm", process);
    FILE *file = fopen(path, "re");
    if (file != NULL && fgets(name, sizeof name, file) != NULL) {
        name[strcspn(name, "\n")] = '\0';
    }
    if (file != NULL) {
        fclose(file);
    }
    free(path);
    return tool_text_format("%s (process %s)", *name != '\0' ? name : "a program", process);
}

static char *find_process(unsigned long inode)
{
    char *found = NULL;
    char *socket = tool_text_format("socket:[%lu]", inode);
    DIR *all = opendir("/proc");
    struct dirent *one;
    while (all != NULL && found == NULL && (one = readdir(all)) != NULL) {
        if (isdigit((unsigned char)one->d_name[0]) && has_open(one->d_name, socket)) {
            found = describe(one->d_name);
        }
    }
    if (all != NULL) {
        closedir(all);
    }
    free(socket);
    return found;
}

char *doctor_holder_name(uint16_t port)
{
    owner it = {0};
    look_into("/proc/self/net/udp", port, &it);
    look_into("/proc/self/net/udp6", port, &it);
    if (it.inode == 0) {
        return tool_text_format("another program");
    }
    char *name = find_process(it.inode);
    return name != NULL ? name : tool_text_format("a program of user %u", it.user);
}
