/* SPDX-License-Identifier: MIT
 * Figures for people (a table on stdout) and for programs (a line of JSON each). */
#ifndef AUTOBUS_TEST_SIM_TABLE_H
#define AUTOBUS_TEST_SIM_TABLE_H

#include <stdio.h>

#include "sim/scale/story.h"

void sim_table_head(void);
void sim_table_row(const sim_figures *figures);
void sim_table_json(FILE *file, const sim_figures *figures);

#endif
