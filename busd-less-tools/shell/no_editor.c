/* SPDX-License-Identifier: MIT
 * No editor: built without libedit. */
#include "shell/editor.h"

#include <stddef.h>

shell_editor *shell_editor_new(tool_desk *desk, shell_jobs *jobs, const char **ret_why)
{
    (void)desk;
    (void)jobs;
    *ret_why = "this shell was built without libedit";
    return NULL;
}

void shell_editor_free(shell_editor **editor)
{
    *editor = NULL;
}

char *shell_editor_read(shell_editor *self)
{
    (void)self;
    return NULL;
}
