/* SPDX-License-Identifier: MIT
 * autobus-ls: what is on the network, and who comes and goes. */
#include "ls/verb.h"

int main(int argc, char **argv)
{
    return tool_verb_main(&ls_verb, argc, argv);
}
