/* SPDX-License-Identifier: MIT
 * autobus-listen: events, whenever they are fired. */
#include "listen/verb.h"

int main(int argc, char **argv)
{
    return tool_verb_main(&listen_verb, argc, argv);
}
