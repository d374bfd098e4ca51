/* SPDX-License-Identifier: MIT
 * autobus: the front of all tools. `autobus VERB ...` becomes autobus-VERB, which lies beside it or on the
 * PATH. It knows no verb; it looks. */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool/exit.h"
#include "tool/folder.h"
#include "tool/start.h"
#include "tool/text.h"

static int is_tool(const struct dirent *entry)
{
    return strncmp(entry->d_name, TOOL_PREFIX, sizeof TOOL_PREFIX - 1) == 0 &&
           strchr(entry->d_name, '.') == NULL;
}

static void list_verbs(const char *folder, FILE *out)
{
    struct dirent **tools = NULL;
    int count = scandir(folder, &tools, is_tool, alphasort);
    for (int i = 0; i < count; i++) {
        char *path = tool_text_format("%s/%s", folder, tools[i]->d_name);
        if (access(path, X_OK) == 0) {
            fprintf(out, "  autobus %s\n", tools[i]->d_name + sizeof TOOL_PREFIX - 1);
        }
        free(path);
        free(tools[i]);
    }
    free(tools);
}

static void show_help(const char *folder)
{
    puts("Usage: autobus VERB [ARGUMENT]...\n\n"
         "Programs on a home network find each other, with no server. The verbs here:\n");
    list_verbs(folder, stdout);
    puts("\nautobus VERB --help tells more about each.");
}

/* Returns only if there is no such verb. */
static tool_exit become(const char *folder, const char *verb, char **argv)
{
    char *name = tool_text_format(TOOL_PREFIX "%s", verb);
    char *program = tool_folder_find(folder, verb);
    argv[0] = name;
    if (strchr(verb, '/') == NULL && *verb != '\0') {
        execvp(program, argv);
    }
    tool_complain("there is no verb '%s'; these there are:", verb);
    list_verbs(folder, stderr);
    free(program);
    free(name);
    return TOOL_USAGE;
}

static tool_exit obey(const char *folder, int argc, char **argv)
{
    const char *verb = argc > 1 ? argv[1] : "--help";
    bool wants_help =
        strcmp(verb, "--help") == 0 || strcmp(verb, "-h") == 0 || strcmp(verb, "help") == 0;
    if (strcmp(verb, "--version") == 0 || strcmp(verb, "-V") == 0) {
        puts("autobus (Autobus) " AUTOBUS_VERSION_STRING);
    } else if (wants_help && argc > 2) {
        char help[] = "--help";
        char *words[] = {NULL, help, NULL};
        return become(folder, argv[2], words);
    } else if (wants_help) {
        show_help(folder);
    } else if (*verb == '-') {
        tool_complain("a verb comes first, then its options: autobus VERB %s", verb);
        return TOOL_USAGE;
    } else {
        return become(folder, verb, argv + 1);
    }
    return tool_finish(TOOL_DONE);
}

int main(int argc, char **argv)
{
    tool_start();
    char *folder = tool_folder();
    if (folder == NULL) {
        tool_complain("it cannot tell where it lies: %s; call %sVERB itself", strerror(errno),
                      TOOL_PREFIX);
        return TOOL_FAILED;
    }
    tool_exit code = obey(folder, argc, argv);
    free(folder);
    return (int)code;
}
