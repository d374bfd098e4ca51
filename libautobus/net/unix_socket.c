/* SPDX-License-Identifier: MIT
 * Sockets with a name in the file system. Knows the folder and the id, and nothing of what is said. */
#include "net/unix_socket.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/log.h"
#include "net/runtime_folder.h"

#define NAME       16   /* hexadecimal digits of a bus id */
#define SWEPT_MOST 4096 /* names looked at, at a time */

/* False: it would be too long for the kernel. */
static bool name_socket(struct sockaddr_un *name, const char *folder, const char *file)
{
    *name = (struct sockaddr_un){.sun_family = AF_UNIX};
    int length = snprintf(name->sun_path, sizeof name->sun_path, "%s/%s", folder, file);
    if (length > 0 && (size_t)length < sizeof name->sun_path)
        return true;
    ab_log(AB_LOG_DEBUG, "no unix sockets in %s: their names would be longer than %zu bytes",
           folder, sizeof name->sun_path - 1);
    return false;
}

static bool name_of_bus(struct sockaddr_un *name, const char *folder, uint64_t bus)
{
    char file[NAME + 1];
    snprintf(file, sizeof file, "%016" PRIx64, bus);
    return name_socket(name, folder, file);
}

static int open_socket(int type)
{
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        ab_log(AB_LOG_DEBUG, "no unix socket: %s", strerror(errno));
    return fd;
}

static int connect_to(int fd, const struct sockaddr_un *name)
{
    return connect(fd, (const struct sockaddr *)name, sizeof *name) < 0 ? errno : 0;
}

/* A file that nobody listens at refuses every socket; one that is in use refuses a socket of another type for that
 * reason, and whoever listens there hears nothing of it. */
static bool is_left_behind(int datagram, const struct sockaddr_un *name)
{
    return connect_to(datagram, name) == ECONNREFUSED;
}

/* A socket of ours, and no link to one. */
static bool is_ours(const struct sockaddr_un *name)
{
    struct stat is;
    const char *wrong = NULL;
    if (lstat(name->sun_path, &is) < 0)
        wrong = strerror(errno);
    else if (!S_ISSOCK(is.st_mode))
        wrong = "it is no socket";
    else if (is.st_uid != geteuid())
        wrong = "it belongs to somebody else";
    else if ((is.st_mode & 077) != 0)
        wrong = "others may use it";
    if (wrong != NULL)
        ab_log(AB_LOG_DEBUG, "%s is not used: %s", name->sun_path, wrong);
    return wrong == NULL;
}

static void remove_left(int datagram, const struct sockaddr_un *name)
{
    if (is_ours(name) && is_left_behind(datagram, name) && unlink(name->sun_path) == 0)
        ab_log(AB_LOG_DEBUG, "removed %s, which a dead bus left behind", name->sun_path);
}

static void remove_if_left(const struct sockaddr_un *name)
{
    int datagram = open_socket(SOCK_DGRAM);
    if (datagram < 0)
        return;
    remove_left(datagram, name);
    close(datagram);
}

/* The mode that a socket has before it is bound is that of its file. */
static int listen_at(int fd, const struct sockaddr_un *name)
{
    if (fchmod(fd, 0600) < 0 || bind(fd, (const struct sockaddr *)name, sizeof *name) < 0)
        return errno;
    if (listen(fd, SOMAXCONN) == 0)
        return 0;
    int error = errno;
    unlink(name->sun_path);
    return error;
}

int ab_unix_socket_listen(const char *folder, uint64_t bus)
{
    struct sockaddr_un name;
    if (!name_of_bus(&name, folder, bus) || !ab_runtime_folder_make(folder))
        return -1;
    int fd = open_socket(SOCK_STREAM);
    if (fd < 0)
        return -1;
    int error = listen_at(fd, &name);
    if (error == 0)
        return fd;
    ab_log(AB_LOG_DEBUG, "cannot listen at %s: %s", name.sun_path, strerror(error));
    close(fd);
    return -1;
}

bool ab_unix_socket_is_there(const char *folder, uint64_t bus)
{
    struct sockaddr_un name;
    return name_of_bus(&name, folder, bus) && is_ours(&name);
}

void ab_unix_socket_remove(const char *folder, uint64_t bus)
{
    struct sockaddr_un name;
    if (name_of_bus(&name, folder, bus) && ab_runtime_folder_is_ours(folder) && is_ours(&name))
        unlink(name.sun_path);
}

bool ab_unix_socket_is_trusted(int fd, pid_t *process)
{
    struct ucred other = {0};
    socklen_t length = sizeof other;
    bool is_known = getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &other, &length) == 0;
    if (!is_known || other.uid != geteuid()) {
        ab_log(AB_LOG_DEBUG, "a unix socket led to another user's process: it is not used");
        return false;
    }
    *process = other.pid;
    return true;
}

int ab_unix_socket_dial(const char *folder, uint64_t bus)
{
    struct sockaddr_un name;
    pid_t process;
    if (!name_of_bus(&name, folder, bus) || !ab_runtime_folder_is_ours(folder) || !is_ours(&name))
        return -1;
    int fd = open_socket(SOCK_STREAM);
    if (fd < 0)
        return -1;
    int error = connect_to(fd, &name);
    if (error == 0 && ab_unix_socket_is_trusted(fd, &process))
        return fd;
    close(fd);
    if (error != 0)
        ab_log(AB_LOG_DEBUG, "cannot connect to %s: %s", name.sun_path, strerror(error));
    if (error == ECONNREFUSED)
        remove_if_left(&name);
    return -1;
}

static bool is_name(const char *file)
{
    return strlen(file) == NAME && strspn(file, "0123456789abcdef") == NAME;
}

void ab_unix_socket_sweep(const char *folder)
{
    struct sockaddr_un name;
    DIR *files = ab_runtime_folder_is_ours(folder) ? opendir(folder) : NULL;
    int datagram = files != NULL ? open_socket(SOCK_DGRAM) : -1;
    for (unsigned i = 0; datagram >= 0 && i < SWEPT_MOST; i++) {
        const struct dirent *file = readdir(files);
        if (file == NULL)
            break;
        if (is_name(file->d_name) && name_socket(&name, folder, file->d_name))
            remove_left(datagram, &name);
    }
    if (datagram >= 0)
        close(datagram);
    if (files != NULL)
        closedir(files);
}
