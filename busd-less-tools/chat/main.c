/* SPDX-License-Identifier: MIT
 * autobus-chat: a channel of a service, from the shell. */
#include "chat/verb.h"

int main(int argc, char **argv)
{
    return tool_verb_main(&chat_verb, argc, argv);
}
