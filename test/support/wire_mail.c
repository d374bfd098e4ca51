/* SPDX-License-Identifier: MIT
 * The order in which things happen: a heap by time, and by the order of posting within it. */
#include <stdlib.h>

#include "base/error.h"
#include "support/wire_inside.h"

static bool is_before(const wire_mail *a, const wire_mail *b)
{
    return a->at != b->at ? a->at < b->at : a->order < b->order;
}

void wire_mail_post(wire_net *net, wire_mail *mail)
{
    mail->order = net->orders++;
    if (net->mail_count == net->mail_capacity) {
        net->mail_capacity = AB_MAX(net->mail_capacity * 2, 64);
        net->mails = ab_realloc(net->mails, net->mail_capacity, sizeof(wire_mail *));
    }
    size_t at = net->mail_count++;
    while (at > 0 && is_before(mail, net->mails[(at - 1) / 2])) {
        net->mails[at] = net->mails[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    net->mails[at] = mail;
}

wire_mail *wire_mail_next(wire_net *net)
{
    wire_mail *first = net->mails[0], *last = net->mails[--net->mail_count];
    size_t at = 0;
    for (;;) {
        size_t child = at * 2 + 1;
        if (child >= net->mail_count)
            break;
        if (child + 1 < net->mail_count && is_before(net->mails[child + 1], net->mails[child]))
            child++;
        if (!is_before(net->mails[child], last))
            break;
        net->mails[at] = net->mails[child];
        at = child;
    }
    net->mails[at] = last;
    return first;
}

wire_mail *wire_mail_new(wire_node *to, wire_mail_kind kind, ab_time delay)
{
    wire_mail *mail = ab_alloc(1, sizeof *mail);
    *mail = (wire_mail){.at = to->net->now + delay, .kind = kind, .to = to};
    return mail;
}

void wire_mail_free(wire_mail *mail)
{
    ab_text_unref(mail->bytes);
    free(mail);
}
