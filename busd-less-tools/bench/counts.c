/* SPDX-License-Identifier: MIT
 * Reading /proc. */
#include "bench/counts.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* The sum of the values of those lines that begin with one of the two keys; -1 if there is none. */
static long sum_of(const char *path, const char *key, const char *other)
{
    char line[256];
    long sum = -1;
    FILE *file = fopen(path, "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        size_t length = strcspn(line, ":");
        bool fits = strncmp(line, key, length) == 0 && key[length] == '\0';
        fits =
            fits || (other != NULL && strncmp(line, other, length) == 0 && other[length] == '\0');
        if (fits && line[length] == ':') {
            sum = (sum < 0 ? 0 : sum) + strtol(line + length + 1, NULL, 10);
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return sum;
}

bool bench_counts_of(pid_t process, bench_counts *ret_counts)
{
    char path[300];
    *ret_counts = (bench_counts){0};
    snprintf(path, sizeof path, "/proc/%d/task", (int)process);
    DIR *tasks = opendir(path);
    for (struct dirent *task; tasks != NULL && (task = readdir(tasks)) != NULL;) {
        snprintf(path, sizeof path, "/proc/%d/task/%s/status", (int)process, task->d_name);
        long sleeps = *task->d_name == '.' ? -1 : sum_of(path, "voluntary_ctxt_switches", NULL);
        if (sleeps >= 0) {
            ret_counts->sleeps += sleeps;
            ret_counts->threads++;
        }
    }
    if (tasks != NULL) {
        closedir(tasks);
    }
    snprintf(path, sizeof path, "/proc/%d/status", (int)process);
    ret_counts->resident_kb = sum_of(path, "VmRSS", NULL);
    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)process);
    ret_counts->private_kb = sum_of(path, "Private_Clean", "Private_Dirty");
    return ret_counts->threads > 0;
}

long bench_counts_own_sleeps(void)
{
    struct rusage usage;
    return getrusage(RUSAGE_THREAD, &usage) == 0 ? usage.ru_nvcsw : 0;
}
