/* SPDX-License-Identifier: MIT
 * What is told to the program, and to whom. Of an object's changes only the latest waits for a callback that is
 * slow: a notice not yet heard is replaced where it stands, unless that would hide that the value was gone. */
#include "proxy/subscription.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "proxy/inside.h"
#include "proxy/remote.h"
#include "value/json.h"

#define UNHEARD_MOST 3 /* notices of one object of one service, whatever they say */

/** What a slow callback has still to hear of one service's object. */
typedef struct unheard {
    ab_list place;
    ab_text *service;
    ab_notice *last; /**< NULL: none */
    autobus_kind kind;
    ab_budget *count;
} unheard;

struct autobus_subscription {
    ab_list place; /**< in a topic, or in the remote's state watchers */
    ab_seat *seat;
    autobus_remote *remote; /**< held until it is ended */
    ab_topic *topic;
    ab_subscribed what;
    ab_hearer *hearer; /**< NULL: ended */
    ab_list unheard;   /**< of unheard.place */
    bool is_told;      /**< it has heard of a value, or that there is none */
    bool has_handle;
};

static ab_text *ref_or_null(ab_text *text)
{
    return text != NULL ? ab_text_ref(text) : NULL;
}

static void tell(autobus_subscription *subscription, const autobus_message *news, ab_budget *budget,
                 size_t cost, ab_notice **slot, const char *what) AB_LOCKED
{
    autobus_message own = *news;
    own.service = ref_or_null(news->service);
    own.name = ref_or_null(news->name);
    own.error = ref_or_null(news->error);
    own.body = ref_or_null(news->body);
    ab_hearer_tell(subscription->hearer, &own, budget, cost, slot, what);
}

void ab_tell_state(autobus_remote *remote, autobus_kind kind, ab_text *service, autobus_result why,
                   const char *sentence)
{
    autobus_message news = {.kind = kind, .result = why, .service = service};
    if (ab_list_is_empty(&remote->state_watchers))
        return;
    news.error = sentence != NULL ? ab_text_new(sentence, strlen(sentence)) : NULL;
    AB_LIST_FOR (at, &remote->state_watchers)
        tell(AB_CONTAINER(at, autobus_subscription, place), &news, NULL, 0, NULL, "state listener");
    ab_text_unref(news.error);
}

void ab_tell_fired(ab_binding *binding, ab_slice name, ab_slice arguments)
{
    ab_topic *topic = ab_map_get(&binding->remote->events, name.bytes, name.length);
    if (topic == NULL)
        return;
    size_t cost = arguments.length + sizeof(autobus_message);
    /* What is short is copied to each, what is long is shared. */
    bool is_long = arguments.length > AB_NOTICE_ROOM;
    ab_text *shared = is_long ? ab_text_new(arguments.bytes, arguments.length) : NULL;
    ab_slice own = is_long ? (ab_slice){0} : arguments;
    AB_LIST_FOR (at, &topic->subscriptions) {
        autobus_message news = {
            .kind = AUTOBUS_FIRED,
            .service = ab_text_ref(binding->service),
            .name = ab_text_ref(topic->name),
            .body = ref_or_null(shared),
        };
        ab_hearer_tell_copy(AB_CONTAINER(at, autobus_subscription, place)->hearer, &news, own,
                            binding->budget, cost, "event listener");
    }
    ab_text_unref(shared);
}

static void forget_unheard(unheard *gone) AB_LOCKED
{
    if (gone->last != NULL)
        ab_notice_forget_slot(gone->last);
    ab_budget_leave(gone->count);
    ab_list_remove(&gone->place);
    ab_text_unref(gone->service);
    free(gone);
}

/* Also forgets what was heard of others: services come and go, each with an id of its own. */
static unheard *unheard_of(autobus_subscription *subscription, ab_text *service) AB_LOCKED
{
    unheard *found = NULL;
    AB_LIST_FOR_SAFE (at, &subscription->unheard) {
        unheard *here = AB_CONTAINER(at, unheard, place);
        if (ab_text_is(here->service, ab_text_slice(service)))
            found = here;
        else if (here->last == NULL && here->count->used == 0)
            forget_unheard(here);
    }
    if (found != NULL)
        return found;
    unheard *fresh = ab_alloc(1, sizeof *fresh);
    fresh->service = ab_text_ref(service);
    fresh->count = ab_budget_new(NULL, NULL);
    ab_list_append(&subscription->unheard, &fresh->place);
    return fresh;
}

static void tell_value(autobus_subscription *subscription, const autobus_message *news) AB_LOCKED
{
    unheard *before = unheard_of(subscription, news->service);
    bool is_same = before->last != NULL && before->kind == news->kind;
    if (is_same || (before->last != NULL && before->count->used >= UNHEARD_MOST)) {
        autobus_message own = *news;
        own.service = ab_text_ref(news->service);
        own.name = ab_text_ref(news->name);
        own.body = ref_or_null(news->body);
        ab_notice_update(before->last, &own);
    } else {
        if (before->last != NULL)
            ab_notice_forget_slot(before->last);
        tell(subscription, news, before->count, 1, &before->last, "object watcher");
    }
    before->kind = news->kind;
    subscription->is_told = true;
}

static autobus_message value_news(ab_text *service, ab_topic *topic, ab_text *value)
{
    return (autobus_message){
        .kind = value != NULL ? AUTOBUS_VALUE : AUTOBUS_GONE,
        .service = service,
        .name = topic->name,
        .body = value,
    };
}

void ab_tell_value(autobus_remote *remote, ab_text *service, ab_slice name, ab_text *value)
{
    ab_topic *topic = ab_map_get(&remote->objects, name.bytes, name.length);
    if (topic == NULL)
        return;
    autobus_message news = value_news(service, topic, value);
    AB_LIST_FOR (at, &topic->subscriptions)
        tell_value(AB_CONTAINER(at, autobus_subscription, place), &news);
}

void ab_tell_nothing(autobus_remote *remote, ab_text *service)
{
    size_t cursor = 0;
    if (remote->kind == AB_MULTI)
        return;
    for (ab_topic *topic; (topic = ab_map_next(&remote->objects, &cursor)) != NULL;) {
        autobus_message news = value_news(service, topic, NULL);
        AB_LIST_FOR (at, &topic->subscriptions) {
            autobus_subscription *subscription = AB_CONTAINER(at, autobus_subscription, place);
            if (!subscription->is_told)
                tell_value(subscription, &news);
        }
    }
}

/* A name that nobody cared for before: every bound service hears of it. */
static ab_topic *enter_topic(autobus_remote *remote, ab_subscribed what, const char *name) AB_LOCKED
{
    ab_map *map = what == AB_TO_EVENT ? &remote->events : &remote->objects;
    size_t length = strlen(name);
    ab_topic *topic = ab_map_get(map, name, length);
    if (topic != NULL)
        return topic;
    topic = ab_alloc(1, sizeof *topic);
    topic->name = ab_text_new(name, length);
    ab_list_init(&topic->subscriptions);
    ab_map_put(map, topic->name->bytes, length, topic);
    AB_LIST_FOR (at, &remote->bindings) {
        const ab_binding *binding = AB_CONTAINER(at, ab_binding, place);
        if (!binding->is_bound)
            continue;
        if (what == AB_TO_EVENT)
            ab_link_listen(binding->link, ab_text_slice(topic->name), true);
        else
            ab_link_watch(binding->link, ab_text_slice(topic->name), true);
    }
    return topic;
}

static void leave_topic(autobus_remote *remote, ab_subscribed what, ab_topic *topic) AB_LOCKED
{
    if (!ab_list_is_empty(&topic->subscriptions))
        return;
    AB_LIST_FOR (at, &remote->bindings) {
        ab_binding *binding = AB_CONTAINER(at, ab_binding, place);
        if (binding->is_bound && what == AB_TO_EVENT)
            ab_link_listen(binding->link, ab_text_slice(topic->name), false);
        else if (binding->is_bound)
            ab_link_watch(binding->link, ab_text_slice(topic->name), false);
        if (what == AB_TO_OBJECT)
            ab_binding_forget_value(binding, topic->name);
    }
    ab_map_take(what == AB_TO_EVENT ? &remote->events : &remote->objects, topic->name->bytes,
                topic->name->length);
    ab_text_unref(topic->name);
    free(topic);
}

/* What is known already comes first; nothing, where nothing is bound, is told too. */
static void tell_first_values(autobus_subscription *subscription) AB_LOCKED
{
    autobus_remote *remote = subscription->remote;
    AB_LIST_FOR (at, &remote->bindings) {
        ab_binding *binding = AB_CONTAINER(at, ab_binding, place);
        if (!binding->is_bound)
            continue;
        const ab_value_kept *kept = ab_binding_value(binding, subscription->topic->name);
        if (!kept->is_known)
            continue;
        autobus_message news = value_news(binding->service, subscription->topic, kept->text);
        tell_value(subscription, &news);
    }
    if (remote->bound > 0 || remote->kind == AB_MULTI)
        return;
    ab_text *nobody = ab_text_new("", 0);
    autobus_message news = value_news(nobody, subscription->topic, NULL);
    tell(subscription, &news, NULL, 0, NULL, "object watcher");
    subscription->is_told = true;
    ab_text_unref(nobody);
}

static void tell_first_states(autobus_subscription *subscription) AB_LOCKED
{
    autobus_remote *remote = subscription->remote;
    AB_LIST_FOR (at, &remote->bindings) {
        const ab_binding *binding = AB_CONTAINER(at, ab_binding, place);
        autobus_message news = {.kind = AUTOBUS_BOUND, .service = binding->service};
        if (binding->is_bound)
            tell(subscription, &news, NULL, 0, NULL, "state listener");
    }
    if (!remote->is_dead)
        return;
    autobus_message news = {
        .kind = AUTOBUS_LOST,
        .result = remote->why,
        .service = remote->died_of,
        .error = remote->sentence,
    };
    tell(subscription, &news, NULL, 0, NULL, "state listener");
}

static autobus_result refuse(autobus_result result, const ab_ear *ear)
{
    if (ear->free_userdata != NULL)
        ear->free_userdata(ear->userdata);
    return result;
}

autobus_result ab_subscribe(autobus_remote *remote, ab_subscribed what, const char *name,
                            bool initial, const ab_ear *ear, autobus_subscription **ret)
{
    autobus_result result;
    if (ret != NULL)
        *ret = NULL;
    if (ear->heard == NULL || (what != AB_TO_STATE && (name == NULL || name[0] == '\0')))
        return refuse(ab_fail(AUTOBUS_INVALID,
                              "a subscription needs a callback and a name, neither NULL nor empty"),
                      ear);
    if (!ab_remote_enter(remote, &result))
        return refuse(result, ear);
    autobus_subscription *subscription = ab_alloc(1, sizeof *subscription);
    subscription->seat = remote->seat;
    subscription->remote = ab_remote_hold(remote);
    subscription->what = what;
    ab_list_init(&subscription->unheard);
    subscription->hearer =
        ab_hearer_new(remote->seat, ear->heard, ear->userdata, ear->free_userdata);
    subscription->has_handle = ret != NULL;
    if (ret != NULL) {
        (void)ab_seat_ref(remote->seat);
        *ret = subscription;
    }
    if (what == AB_TO_STATE) {
        ab_list_append(&remote->state_watchers, &subscription->place);
        if (initial)
            tell_first_states(subscription);
    } else {
        subscription->topic = enter_topic(remote, what, name);
        ab_list_append(&subscription->topic->subscriptions, &subscription->place);
        if (what == AB_TO_OBJECT)
            tell_first_values(subscription);
    }
    ab_remote_leave(remote);
    return AUTOBUS_OK;
}

/* Nothing more is told to it. Without a handle it is gone. */
static void end(autobus_subscription *subscription) AB_LOCKED
{
    autobus_remote *remote = subscription->remote;
    if (subscription->hearer == NULL)
        return;
    AB_LIST_FOR_SAFE (at, &subscription->unheard)
        forget_unheard(AB_CONTAINER(at, unheard, place));
    ab_list_remove(&subscription->place);
    if (subscription->topic != NULL)
        leave_topic(remote, subscription->what, subscription->topic);
    ab_hearer *hearer = subscription->hearer;
    subscription->hearer = NULL;
    if (!subscription->has_handle)
        free(subscription);
    ab_hearer_end(hearer, true);
    ab_remote_release(remote);
}

static void end_first(const ab_list *subscriptions) AB_LOCKED
{
    end(AB_CONTAINER(subscriptions->next, autobus_subscription, place));
}

/* With its last subscription a topic is gone too. */
static void end_topics(const ab_map *map) AB_LOCKED
{
    size_t cursor = 0;
    for (const ab_topic *topic; (topic = ab_map_next(map, &cursor)) != NULL; cursor = 0)
        end_first(&topic->subscriptions);
}

void ab_subscriptions_end(autobus_remote *remote)
{
    while (!ab_list_is_empty(&remote->state_watchers))
        end_first(&remote->state_watchers);
    end_topics(&remote->events);
    end_topics(&remote->objects);
}

void ab_subscription_free(autobus_subscription *subscription)
{
    ab_seat *seat = subscription->seat; /* the remote may be gone; this is the handle's own */
    if (ab_seat_is_foreign(seat))
        return;
    ab_lock_take(seat->lock);
    subscription->has_handle = false;
    if (subscription->hearer != NULL)
        end(subscription);
    else
        free(subscription);
    ab_lock_drop(seat->lock);
    ab_seat_unref(seat);
}

autobus_result ab_remote_value(autobus_remote *remote, const char *name, ab_text **ret)
{
    autobus_result result;
    *ret = NULL;
    if (!ab_remote_enter(remote, &result))
        return result;
    ab_binding *binding = ab_remote_bound_one(remote);
    const ab_value_kept *kept =
        binding != NULL ? ab_map_get(&binding->values, name, strlen(name)) : NULL;
    if (kept != NULL && kept->text != NULL)
        *ret = ab_text_ref(kept->text);
    ab_remote_leave(remote);
    return *ret != NULL ? AUTOBUS_OK
                        : ab_fail(AUTOBUS_NOT_FOUND,
                                  "the object \"%s\" has no value now, or is not watched", name);
}

autobus_result ab_remote_values(autobus_remote *remote, const char *name, ab_buffer *out)
{
    autobus_result result;
    if (!ab_remote_enter(remote, &result))
        return result;
    const char *comma = "";
    ab_buffer_append_text(out, "{");
    AB_LIST_FOR (at, &remote->bindings) {
        const ab_binding *binding = AB_CONTAINER(at, ab_binding, place);
        const ab_value_kept *kept = ab_map_get(&binding->values, name, strlen(name));
        if (!binding->is_bound || kept == NULL || kept->text == NULL)
            continue;
        ab_buffer_append_text(out, comma);
        ab_json_print_string(out, ab_text_slice(binding->service));
        ab_buffer_append_text(out, ":");
        ab_buffer_append(out, kept->text->bytes, kept->text->length);
        comma = ",";
    }
    ab_buffer_append_text(out, "}");
    ab_remote_leave(remote);
    return AUTOBUS_OK;
}
