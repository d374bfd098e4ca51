/* SPDX-License-Identifier: MIT
 * The frame around main(). */
#include "tool/start.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <autobus/result.h>

#include "tool/text.h"

/* A closed standard stream would lend its number to a socket, and the next message would go into that.
 * Opened the wrong way round, it fails as a closed one does. */
static void fill_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF) {
            if (open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0) {
                _exit(TOOL_FAILED);
            }
        }
    }
}

void tool_start(void)
{
    fill_standard_streams();
    /* The network speaks UTF-8 whatever the locale says; numbers keep their point. */
    if (setlocale(LC_CTYPE, "") == NULL || strcmp(nl_langinfo(CODESET), "UTF-8") != 0) {
        setlocale(LC_CTYPE, "C.UTF-8");
    }
    signal(SIGPIPE, SIG_IGN);
    signal(SIGCHLD, SIG_DFL); /* whoever started us may overlook its children; we wait for ours */
}

void tool_complain(const char *format, ...)
{
    char *sentence = NULL;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&sentence, format, arguments);
    va_end(arguments);
    char *clean = tool_text_clean(tool_text_checked(length < 0 ? NULL : sentence));
    fprintf(stderr, "%s: %s\n", program_invocation_short_name, clean);
    free(clean);
    free(sentence);
}

tool_exit tool_complain_of(autobus_result result)
{
    const char *sentence = autobus_last_error();
    tool_complain("%s", *sentence != '\0' ? sentence : autobus_result_text(result));
    return tool_exit_of(result);
}

bool tool_reader_is_gone(void)
{
    struct pollfd out = {.fd = STDOUT_FILENO};
    return poll(&out, 1, 0) > 0 && (out.revents & (POLLERR | POLLHUP)) != 0;
}

/* What is lost is told when all is over, and then nothing knows any more why it was. */
static int why_lost;

bool tool_flush(void)
{
    errno = 0;
    bool is_written = fflush(stdout) == 0 && !ferror(stdout);
    why_lost = why_lost == 0 && !is_written ? errno : why_lost;
    return is_written;
}

tool_exit tool_finish(tool_exit wanted)
{
    if (tool_flush() || tool_reader_is_gone()) {
        return wanted;
    }
    tool_complain("the output could not be written: %s",
                  why_lost != 0 ? strerror(why_lost) : "it failed");
    return TOOL_FAILED;
}
