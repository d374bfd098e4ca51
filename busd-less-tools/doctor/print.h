/* SPDX-License-Identifier: MIT
 * Findings and verdict on paper: a table and a sentence for people, or JSON lines. */
#ifndef DOCTOR_PRINT_H
#define DOCTOR_PRINT_H

#include <stdio.h>

#include "doctor/findings.h"
#include "doctor/request.h"
#include "doctor/verdict.h"

/** Prints all; the verdict is the last line. */
void doctor_print(const doctor_request *request, const doctor_findings *findings,
                  const doctor_verdict *verdict, FILE *out);

#endif
