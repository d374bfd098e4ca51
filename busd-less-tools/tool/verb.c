/* SPDX-License-Identifier: MIT
 * A verb as a program. */
#include "tool/verb.h"

#include <stddef.h>

#include "tool/start.h"

int tool_verb_main(const tool_verb *verb, int argc, char **argv)
{
    tool_start();
    return (int)tool_finish(verb->run(argc, argv, NULL));
}
