/* SPDX-License-Identifier: MIT
 * Follows every service `_autobus._tcp` there is: where it is reached and what its TXT record says. A resolver
 * stays open for each, since the record changes with the presence. Whom to believe is decided elsewhere. */
#include "base/error.h"

#if AUTOBUS_AVAHI
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "discovery/avahi_browser.h"
#include "discovery/avahi_txt.h"

/* Anybody on the network can make up services. */
#define MOST 4096

/** One service as one interface and protocol show it. */
typedef struct item {
    ab_list place;
    ab_avahi_browser *browser;
    uint64_t number;
    AvahiIfIndex interface;
    AvahiProtocol protocol;
    char *name, *domain;
    AvahiServiceResolver *resolver; /**< the client's */
    bool is_told;
    ab_address at; /**< as told last */
    ab_presence presence;
} item;

static void free_item(ab_avahi_browser *browser, item *gone)
{
    ab_list_remove(&gone->place);
    browser->count--;
    free(gone->name);
    free(gone->domain);
    free(gone);
}

static void tell(item *about, ab_avahi_event event)
{
    ab_avahi_news news = {
        .event = event,
        .item = about->number,
        .interface = (unsigned)about->interface,
        .at = about->at,
        .presence = about->presence,
    };
    about->browser->tell(about->browser->owner, &news);
}

static void read_address(const AvahiAddress *from, uint16_t port, AvahiIfIndex interface,
                         ab_address *to)
{
    *to = (ab_address){.family = from->proto == AVAHI_PROTO_INET ? 4 : 6, .port = port};
    memcpy(to->bytes, &from->data, to->family == 4 ? 4 : 16);
    if (to->family == 6 && ab_address_is_link_local(to))
        to->scope = (uint32_t)interface;
}

static void resolved(AvahiServiceResolver *resolver, AvahiIfIndex interface, AvahiProtocol protocol,
                     AvahiResolverEvent event, const char *name, const char *type,
                     const char *domain, const char *host, const AvahiAddress *address,
                     uint16_t port, AvahiStringList *txt, AvahiLookupResultFlags flags,
                     void *userdata)
{
    item *found = userdata;
    (void)resolver, (void)protocol, (void)type, (void)domain, (void)host, (void)flags;
    /* It goes on trying; until then what was told holds. */
    if (event != AVAHI_RESOLVER_FOUND)
        return;
    ab_txt_reader reader = {0};
    ab_presence presence;
    ab_address at;
    for (; txt != NULL; txt = txt->next)
        ab_txt_read(&reader, (ab_slice){(const char *)txt->text, txt->size});
    if (!ab_txt_finish(&reader, port, &presence)) {
        ab_log(AB_LOG_DEBUG, "the mDNS service \"%s\" says nothing that we understand", name);
        return;
    }
    read_address(address, port, interface, &at);
    if (found->is_told && ab_address_equal(&at, &found->at) &&
        ab_txt_is_same(&presence, &found->presence))
        return;
    found->at = at;
    found->presence = presence;
    found->is_told = true;
    tell(found, AB_AVAHI_FOUND);
}

static item *find(const ab_avahi_browser *browser, AvahiIfIndex interface, AvahiProtocol protocol,
                  const char *name, const char *domain)
{
    AB_LIST_FOR (place, &browser->items) {
        item *at = AB_CONTAINER(place, item, place);
        if (at->interface == interface && at->protocol == protocol && strcmp(at->name, name) == 0 &&
            strcmp(at->domain, domain) == 0)
            return at;
    }
    return NULL;
}

static void add(ab_avahi_browser *browser, AvahiIfIndex interface, AvahiProtocol protocol,
                const char *name, const char *domain)
{
    if (browser->count >= MOST || find(browser, interface, protocol, name, domain) != NULL)
        return;
    item *fresh = ab_alloc(1, sizeof *fresh);
    *fresh = (item){
        .browser = browser,
        .number = ++browser->last_item,
        .interface = interface,
        .protocol = protocol,
        .name = ab_strdup(name),
        .domain = ab_strdup(domain),
    };
    ab_list_append(&browser->items, &fresh->place);
    browser->count++;
    /* The address of the protocol that showed it: each location is found by itself. */
    fresh->resolver =
        browser->library->service_resolver_new(browser->client, interface, protocol, name,
                                               AB_AVAHI_TYPE, domain, protocol, 0, resolved, fresh);
    if (fresh->resolver != NULL)
        return;
    int error = browser->library->client_errno(browser->client);
    ab_log(AB_LOG_WARNING, "avahi does not resolve \"%s\": %s", name,
           browser->library->strerror(error));
    free_item(browser, fresh);
}

static void take_away(ab_avahi_browser *browser, item *gone)
{
    browser->library->service_resolver_free(gone->resolver);
    if (gone->is_told)
        tell(gone, AB_AVAHI_GONE);
    free_item(browser, gone);
}

static void browsed(AvahiServiceBrowser *source, AvahiIfIndex interface, AvahiProtocol protocol,
                    AvahiBrowserEvent event, const char *name, const char *type, const char *domain,
                    AvahiLookupResultFlags flags, void *userdata)
{
    ab_avahi_browser *browser = userdata;
    item *gone;
    (void)source, (void)type;
    switch (event) {
    case AVAHI_BROWSER_NEW:
        if ((flags & AVAHI_LOOKUP_RESULT_OUR_OWN) == 0)
            add(browser, interface, protocol, name, domain);
        break;
    case AVAHI_BROWSER_REMOVE:
        gone = find(browser, interface, protocol, name, domain);
        if (gone != NULL)
            take_away(browser, gone);
        break;
    case AVAHI_BROWSER_ALL_FOR_NOW:
        browser->tell(browser->owner, &(ab_avahi_news){.event = AB_AVAHI_COMPLETE});
        break;
    case AVAHI_BROWSER_FAILURE:
        browser->failed(browser->owner, "browse", browser->library->client_errno(browser->client));
        break;
    case AVAHI_BROWSER_CACHE_EXHAUSTED: break;
    }
}

void ab_avahi_browser_init(ab_avahi_browser *browser)
{
    ab_list_init(&browser->items);
}

void ab_avahi_browser_start(ab_avahi_browser *browser, AvahiClient *client)
{
    if (browser->browser != NULL)
        return;
    browser->client = client;
    browser->browser = browser->library->service_browser_new(
        client, AVAHI_IF_UNSPEC, AVAHI_PROTO_UNSPEC, AB_AVAHI_TYPE, NULL, 0, browsed, browser);
    if (browser->browser == NULL)
        browser->failed(browser->owner, "browse", browser->library->client_errno(client));
}

void ab_avahi_browser_fini(ab_avahi_browser *browser)
{
    AB_LIST_FOR_SAFE (place, &browser->items)
        free_item(browser, AB_CONTAINER(place, item, place));
    browser->browser = NULL;
}
#endif
