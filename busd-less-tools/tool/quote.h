/* SPDX-License-Identifier: MIT
 * Words as one types them into a shell. */
#ifndef TOOL_QUOTE_H
#define TOOL_QUOTE_H

/** `word` so that a shell takes it as this one word and nothing else; harmless to a terminal. free() it. */
char *tool_quote(const char *word);

#endif
