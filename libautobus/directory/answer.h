/* SPDX-License-Identifier: MIT
 * Answering questions: each asker once, nobody more than three times as much as he sent, many at once in one
 * answer to all. */
#ifndef AB_DIRECTORY_ANSWER_H
#define AB_DIRECTORY_ANSWER_H

#include "directory/state.h"

void ab_answers_init(ab_directory *directory);
void ab_answers_fini(ab_directory *directory);
/** Another bus asks from that place; `is_far`: from beyond our links, so that a broadcast does not reach it. */
void ab_answer_question(ab_directory *directory, const ab_packet *query, const ab_place *place,
                        bool is_far);
/** Tells everybody in one packet what it would answer. */
void ab_answer_unasked(ab_directory *directory);
/** True if that source may cause another packet of ours now; counts it. */
bool ab_answer_may(ab_directory *directory, const ab_address *source);

#endif
