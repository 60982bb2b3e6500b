/* Makes calls on one file fail, as a failing disk or a lost share does.

It is preloaded, and an environment variable chooses the call: UNREADABLE is CALL:ERRNO:NAME,
where CALL is look, open, list or read. */

#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char is_refused[1 << 16]; /* by file descriptor */

static int refuses(const char *call, const char *path)
{
    const char *asked = getenv("UNREADABLE");
    size_t length = strlen(call);
    if (!asked || !path || strncmp(asked, call, length) || asked[length] != ':')
        return 0;
    char *name;
    int error = strtol(asked + length + 1, &name, 10);
    const char *last = strrchr(path, '/');
    if (strcmp(last ? last + 1 : path, name + 1))
        return 0;
    errno = error;
    return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define CALL(name, call, path, ...)                                                                \
    return refuses(call, path) ? -1 : REAL(name)(__VA_ARGS__)

int lstat64(const char *path, struct stat64 *found) { CALL(lstat64, "look", path, path, found); }
int stat64(const char *path, struct stat64 *found) { CALL(stat64, "look", path, path, found); }
int fstatat64(int at, const char *path, struct stat64 *found, int flags)
{
    CALL(fstatat64, "look", path, at, path, found, flags);
}
int statx(int at, const char *path, int flags, unsigned mask, struct statx *found)
{
    CALL(statx, "look", path, at, path, flags, mask, found);
}

DIR *opendir(const char *path)
{
    char bare[4096];
    size_t length = strlen(path);
    while (length && path[length - 1] == '/')
        length--;
    memcpy(bare, path, length);
    bare[length] = 0;
    return refuses("list", bare) ? NULL : REAL(opendir)(path);
}

#define OPEN(name, ...)                                                                            \
    va_list rest;                                                                                  \
    va_start(rest, flags);                                                                         \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;                        \
    va_end(rest);                                                                                  \
    if (refuses("open", path))                                                                     \
        return -1;                                                                                 \
    int file = REAL(name)(__VA_ARGS__, mode);                                                      \
    if (file >= 0)                                                                                 \
        is_refused[file] = refuses("read", path);                                                  \
    return file

int open64(const char *path, int flags, ...) { OPEN(open64, path, flags); }
int openat64(int at, const char *path, int flags, ...) { OPEN(openat64, at, path, flags); }

ssize_t read(int file, void *into, size_t size)
{
    if (is_refused[file]) {
        errno = atoi(strchr(getenv("UNREADABLE"), ':') + 1);
        return -1;
    }
    return REAL(read)(file, into, size);
}
