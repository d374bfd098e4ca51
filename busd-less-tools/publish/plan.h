/* SPDX-License-Identifier: MIT
 * The plan: the whole service that is to be published, as the command line or a file says. */
#ifndef PUBLISH_PLAN_H
#define PUBLISH_PLAN_H

#include "publish/member.h"

typedef struct publish_plan {
    json_object *info;
    char *id;      /**< NULL: any */
    char *doc;     /**< NULL: none */
    long tcp_port; /**< -1: not said */
    publish_member *members;
    size_t count;
    bool is_shell; /**< commands that follow are those of a shell */
} publish_plan;

void publish_plan_init(publish_plan *self);
void publish_plan_fini(publish_plan *self);

/** Adds one, taken. */
void publish_plan_add(publish_plan *self, publish_member member);
/** How many of a kind there are. */
size_t publish_plan_of_kind(const publish_plan *self, publish_kind kind);

/** Adds what a file says. False with a sentence, yours. */
bool publish_plan_read(publish_plan *self, const char *path, char **ret_mistake);

#endif
