/* SPDX-License-Identifier: MIT
 * A file of lines, appended to, so that several shells at once lose nothing, and cut to its bound now and then. */
#include "shell/history.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wchar.h>

#include "tool/text.h"

/* The file; NULL where nobody has a home. A relative path is to be overlooked. */
static char *find_path(void)
{
    const char *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");
    if (state != NULL && *state == '/') {
        return tool_text_format("%s/autobus/shell-history", state);
    }
    return home != NULL && *home == '/'
               ? tool_text_format("%s/.local/state/autobus/shell-history", home)
               : NULL;
}

/* All folders above it that are not there yet, for their owner alone. */
static void make_folders(char *path)
{
    for (char *at = path + 1; (at = strchr(at, '/')) != NULL; at++) {
        *at = '\0';
        (void)mkdir(path, 0700);
        *at = '/';
    }
}

static void drop_oldest(shell_history *self)
{
    tool_words *lines = &self->lines;
    size_t over = lines->count > SHELL_HISTORY_LINES ? lines->count - SHELL_HISTORY_LINES : 0;
    for (size_t i = 0; i < over; i++) {
        free(lines->list[i]);
    }
    if (over > 0) {
        lines->count -= over;
        memmove(lines->list, lines->list + over, (lines->count + 1) * sizeof *lines->list);
    }
}

static bool is_too_large(size_t lines)
{
    return lines >= 2 * (size_t)SHELL_HISTORY_LINES;
}

/* Behind what is no text nobody could look back. */
static bool is_text(const char *line)
{
    mbstate_t state = {0};
    return mbsrtowcs(NULL, &line, 0, &state) != (size_t)-1;
}

/* Lines without end are none of ours. How many there are. */
static size_t read_lines(shell_history *self, FILE *file)
{
    char *line = NULL;
    size_t room = 0;
    size_t count = 0;
    for (ssize_t length; (length = getline(&line, &room, file)) >= 0; count++) {
        line[strcspn(line, "\n")] = '\0';
        if (*line != '\0' && length <= SHELL_HISTORY_BYTES && is_text(line)) {
            tool_words_add(&self->lines, tool_text_checked(strdup(line)));
        }
        if (is_too_large(self->lines.count)) {
            drop_oldest(self);
        }
    }
    free(line);
    drop_oldest(self);
    return count;
}

static FILE *open_file(const char *path, int flags, const char *mode)
{
    int fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    FILE *file = fd >= 0 ? fdopen(fd, mode) : NULL;
    if (fd >= 0 && file == NULL) {
        close(fd);
    }
    return file;
}

/* Puts a file with the lines of now in the place of the old one, whole or not at all. */
static void rewrite(const shell_history *self)
{
    char *fresh = tool_text_format("%s.%ld", self->path, (long)getpid());
    FILE *file = open_file(fresh, O_WRONLY | O_CREAT | O_EXCL, "w");
    if (file != NULL) {
        for (size_t i = 0; i < self->lines.count; i++) {
            fprintf(file, "%s\n", self->lines.list[i]);
        }
        bool is_whole = ferror(file) == 0;
        is_whole = fclose(file) == 0 && is_whole;
        if (!is_whole || rename(fresh, self->path) != 0) {
            (void)unlink(fresh);
        }
    }
    free(fresh);
}

/* Reads what there is, and cuts it if it has grown to twice its bound. */
static void load(shell_history *self)
{
    FILE *file = open_file(self->path, O_RDONLY, "r");
    if (file == NULL) {
        return;
    }
    size_t count = read_lines(self, file);
    fclose(file);
    if (is_too_large(count)) {
        rewrite(self);
    }
}

void shell_history_init(shell_history *self)
{
    *self = (shell_history){.path = find_path()};
    if (self->path != NULL) {
        load(self);
    }
}

void shell_history_fini(shell_history *self)
{
    tool_words_fini(&self->lines);
    free(self->path);
    self->path = NULL;
}

static void append(const shell_history *self, const char *line)
{
    make_folders(self->path);
    FILE *file = open_file(self->path, O_WRONLY | O_APPEND | O_CREAT, "a");
    if (file != NULL) {
        (void)fchmod(fileno(file), 0600); /* whatever it was before */
        fprintf(file, "%s\n", line);
        fclose(file);
    }
}

bool shell_history_add(shell_history *self, const char *line)
{
    const tool_words *lines = &self->lines;
    bool is_repeated = lines->count > 0 && strcmp(lines->list[lines->count - 1], line) == 0;
    if (*line == '\0' || *line == ' ' || is_repeated || strlen(line) > SHELL_HISTORY_BYTES - 1) {
        return false;
    }
    tool_words_add(&self->lines, tool_text_checked(strdup(line)));
    drop_oldest(self);
    if (self->path != NULL) {
        append(self, line);
    }
    return true;
}
