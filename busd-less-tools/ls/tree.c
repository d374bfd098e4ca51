/* SPDX-License-Identifier: MIT
 * Branches, drawn level by level. Each level is what its neighbours on the sorted list have in common. */
#include "ls/tree.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "tool/details.h"
#include "tool/signature.h"
#include "tool/text.h"

#define BRANCH  "├─ "
#define LAST    "└─ "
#define TRUNK   "│  "
#define NOTHING "   "

static int by_place(const void *left, const void *right)
{
    const tool_summary *a = &(*(ls_entry *const *)left)->summary;
    const tool_summary *b = &(*(ls_entry *const *)right)->summary;
    int order = strcmp(a->host, b->host);
    order = order != 0 ? order : strcmp(a->address, b->address);
    order = order != 0 ? order : strcmp(a->type, b->type);
    return order != 0 ? order : strcmp(a->name, b->name);
}

/* A line that fits the paper. */
static void print_line(const tool_paper *paper, const char *indent, const char *branch,
                       tool_style style, const char *text, FILE *out)
{
    size_t used = tool_text_width(indent) + tool_text_width(branch);
    size_t room = paper->width == 0 ? (size_t)-1 : paper->width > used ? paper->width - used : 1;
    char *cut = tool_text_cut(text, room);
    fprintf(out, "%s%s%s%s%s\n", indent, branch, tool_paper_begin(paper, style), cut,
            tool_paper_end(paper, style));
    free(cut);
}

typedef struct kind {
    const char *key, *word;
    char *(*sign)(const char *name, json_object *description);
} kind;

static const kind kinds[] = {
    {"functions", "function", tool_signature_of_call},
    {"objects", "object", tool_signature_of_value},
    {"events", "event", tool_signature_of_call},
    {"channels", "channel", tool_signature_of_value},
};

static size_t count_members(const ls_entry *entry)
{
    size_t all = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t count;
        free(tool_details_names(tool_details_members(entry->members, kinds[i].key), &count));
        all += count;
    }
    return all;
}

static void print_members(const tool_paper *paper, const ls_entry *entry, const char *indent,
                          FILE *out)
{
    size_t left = count_members(entry);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t count;
        json_object *members = tool_details_members(entry->members, kinds[i].key);
        const char **names = tool_details_names(members, &count);
        for (size_t at = 0; at < count; at++) {
            char *signature = kinds[i].sign(names[at], json_object_object_get(members, names[at]));
            char *text = tool_text_format("%s %s", kinds[i].word, signature);
            print_line(paper, indent, --left == 0 ? LAST : BRANCH, TOOL_PLAIN, text, out);
            free(text);
            free(signature);
        }
        free(names);
    }
}

static void print_service(const tool_paper *paper, const ls_entry *entry, const char *indent,
                          bool is_last, FILE *out)
{
    const tool_summary *summary = &entry->summary;
    const char *type = *summary->type != '\0' ? summary->type : "-";
    char *text = tool_text_format("%s%s%s%s%s", type, *summary->name != '\0' ? "  " : "",
                                  summary->name, *summary->rest != '\0' ? "  " : "", summary->rest);
    char *deeper = tool_text_format("%s%s", indent, is_last ? NOTHING : TRUNK);
    print_line(paper, indent, is_last ? LAST : BRANCH, TOOL_GREEN, text, out);
    print_members(paper, entry, deeper, out);
    free(deeper);
    free(text);
}

/* How many from `first` on have the same host, or with `address` the same bus. */
static size_t run_of(const ls_entries *entries, size_t first, bool address)
{
    const tool_summary *a = &entries->list[first]->summary;
    size_t end = first + 1;
    while (end < entries->count) {
        const tool_summary *b = &entries->list[end]->summary;
        if (strcmp(a->host, b->host) != 0 || (address && strcmp(a->address, b->address) != 0)) {
            break;
        }
        end++;
    }
    return end - first;
}

static void print_host(const tool_paper *paper, const ls_entries *entries, size_t first,
                       size_t count, FILE *out)
{
    const char *host = entries->list[first]->summary.host;
    print_line(paper, "", "", TOOL_BOLD, *host != '\0' ? host : "-", out);
    for (size_t at = first; at < first + count;) {
        size_t services = run_of(entries, at, true);
        bool is_last = at + services == first + count;
        print_line(paper, "", is_last ? LAST : BRANCH, TOOL_BLUE,
                   entries->list[at]->summary.address, out);
        for (size_t i = 0; i < services; i++) {
            print_service(paper, entries->list[at + i], is_last ? NOTHING : TRUNK,
                          i + 1 == services, out);
        }
        at += services;
    }
}

void ls_tree_print(const ls_request *request, ls_entries *entries, FILE *out)
{
    if (entries->count > 1) {
        qsort(entries->list, entries->count, sizeof *entries->list, by_place);
    }
    for (size_t at = 0; at < entries->count;) {
        size_t count = run_of(entries, at, false);
        print_host(&request->asked.paper, entries, at, count, out);
        at += count;
    }
}
