/* SPDX-License-Identifier: MIT
 * Drawing: a frame is put together in memory and written at once, so that nothing flickers. */
#include "ls/screen.h"

#include <stdio.h>
#include <stdlib.h>

#include "ls/print.h"
#include "tool/text.h"

#define SECOND_SCREEN "\033[?1049h"
#define FIRST_SCREEN  "\033[?1049l"
#define HIDE_CURSOR   "\033[?25l"
#define SHOW_CURSOR   "\033[?25h"
#define HOME          "\033[H"
#define REST_OF_LINE  "\033[K"
#define REST_OF_PAGE  "\033[J"

/* Lines that are no rows: the status, a blank one, the headings, and the last, where the cursor rests. */
enum {
    LINES_BESIDE = 4
};

void ls_screen_enter(void)
{
    fputs(SECOND_SCREEN HIDE_CURSOR HOME REST_OF_PAGE, stdout);
    fflush(stdout);
}

void ls_screen_leave(void)
{
    fputs(SHOW_CURSOR FIRST_SCREEN, stdout);
    fflush(stdout);
}

static void draw_status(const ls_request *request, const ls_entries *entries, const char *asked,
                        FILE *out)
{
    const tool_paper *paper = &request->asked.paper;
    size_t present = ls_entries_present(entries);
    char *words = tool_choice_words(&request->asked.target.choice);
    char *line =
        request->asked.target.choice.type == NULL && present != 1
            ? tool_text_format("%zu services%s on %s", present, words + sizeof "service" - 1, asked)
            : tool_text_format("%zu %s on %s", present, words, asked);
    char *clean = tool_text_clean(line);
    char *cut = tool_text_cut(clean, paper->width);
    fprintf(out, "%s%s%s" REST_OF_LINE "\n" REST_OF_LINE "\n", tool_paper_begin(paper, TOOL_FAINT),
            cut, tool_paper_end(paper, TOOL_FAINT));
    free(cut);
    free(clean);
    free(line);
    free(words);
}

void ls_screen_draw(const ls_request *request, const ls_entries *entries, const char *asked)
{
    char *frame = NULL;
    size_t length;
    FILE *out = tool_text_stream(&frame, &length);
    size_t height = request->asked.paper.height;
    size_t most = height > LINES_BESIDE + 1 ? height - LINES_BESIDE : 1;
    bool is_cut = entries->count > most;
    fputs(HOME, out);
    draw_status(request, entries, asked, out);
    if (entries->count == 0) {
        fputs("nothing yet" REST_OF_LINE "\n", out);
    } else {
        ls_print_table(request, entries, true, is_cut ? most - 1 : most, REST_OF_LINE "\n", out);
    }
    if (is_cut) {
        fprintf(out, "and %zu more" REST_OF_LINE "\n", entries->count - (most - 1));
    }
    fputs(REST_OF_PAGE, out);
    fclose(out);
    fwrite(frame, 1, length, stdout);
    fflush(stdout);
    free(frame);
}
