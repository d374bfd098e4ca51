/* SPDX-License-Identifier: MIT
 * autobus-show: what a service has, and how to try it. */
#include "show/verb.h"

int main(int argc, char **argv)
{
    return tool_verb_main(&show_verb, argc, argv);
}
