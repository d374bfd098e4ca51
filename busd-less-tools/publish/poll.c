/* SPDX-License-Identifier: MIT
 * epoll, one event at a time: what is told of one may drop another. */
#include "publish/poll.h"

#include <stddef.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
    MOST_AT_ONCE = 64 /* then it is the turn of others */
};

int publish_poll_open(void)
{
    return epoll_create1(EPOLL_CLOEXEC);
}

bool publish_poll_add(int poll, publish_ear *ear, int fd, bool is_output)
{
    struct epoll_event event = {.events = is_output ? EPOLLOUT : EPOLLIN, .data.ptr = ear};
    ear->fd = epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event) == 0 ? fd : -1;
    return ear->fd >= 0;
}

void publish_poll_drop(int poll, publish_ear *ear)
{
    if (ear->fd >= 0) {
        epoll_ctl(poll, EPOLL_CTL_DEL, ear->fd, NULL);
        close(ear->fd);
        ear->fd = -1;
    }
}

void publish_poll_rest(int poll, publish_ear *ear, bool rests)
{
    struct epoll_event event = {.events = rests ? 0 : EPOLLIN, .data.ptr = ear};
    epoll_ctl(poll, EPOLL_CTL_MOD, ear->fd, &event);
}

void publish_poll_run(int poll)
{
    struct epoll_event event;
    for (int i = 0; i < MOST_AT_ONCE && epoll_wait(poll, &event, 1, 0) > 0; i++) {
        publish_ear *ear = event.data.ptr;
        ear->ready(ear);
    }
}
