/* SPDX-License-Identifier: MIT
 * autobus-call: call a function of a service. */
#include "call/verb.h"

int main(int argc, char **argv)
{
    return tool_verb_main(&call_verb, argc, argv);
}
