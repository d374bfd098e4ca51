/* SPDX-License-Identifier: MIT
 * autobus-watch: the values of objects, now and whenever they change. */
#include "watch/verb.h"

int main(int argc, char **argv)
{
    return tool_verb_main(&watch_verb, argc, argv);
}
