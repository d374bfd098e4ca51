/* SPDX-License-Identifier: MIT
 * What packets from other buses do to the picture. */
#ifndef AB_DIRECTORY_HEARING_H
#define AB_DIRECTORY_HEARING_H

#include "directory/state.h"

void ab_hearing_init(ab_directory *directory);
void ab_hearing_fini(ab_directory *directory);

#endif
