/* Makes a chosen system call fail, or kills the process there.

It is preloaded, and counts the calls that write to a folder or open files of publishing there.
After failing_arm, one of them fails, or all later ones that need space, or the process is
killed. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

enum way { COUNT, FAIL, FULL, KILL, TEAR };

static char folder[4096];
static char trail[1 << 20]; /* a line for each call: its name, ! if it needs space, its path */
static size_t told;
static long count, chosen;
static enum way chosen_way;
static int is_armed;
static char is_ours[1 << 16]; /* by file descriptor */

void failing_arm(const char *where, long at, int way)
{
    snprintf(folder, sizeof folder, "%s/", where);
    chosen = at, chosen_way = way, count = 0, told = 0, is_armed = 1;
}

const char *failing_trail(void)
{
    is_armed = 0;
    return trail;
}

static int is_inside(int at, const char *path)
{
    if (!is_armed)
        return 0;
    if (path[0] != '/' && at >= 0)
        return is_ours[at];
    return !strncmp(path, folder, strlen(folder));
}

static int is_chosen(const char *name, const char *path, int error)
{
    size_t left = sizeof trail - told;
    const char *need = error == ENOSPC ? "!" : "";
    int length = snprintf(trail + told, left, "%s%s %s\n", name, need, path);
    told += length < (int)left ? (size_t)length : 0;
    return ++count == chosen;
}

static void die(void)
{
    kill(getpid(), SIGKILL);
}

/* Returns whether a call has to fail; it may kill the process. */
static int fails(const char *name, const char *path, int error)
{
    int is_it = is_chosen(name, path, error);
    int is_full = chosen_way == FULL && count >= chosen && error == ENOSPC;
    if (is_it && chosen_way == KILL)
        die();
    if (!(is_it && chosen_way == FAIL) && !is_full)
        return 0;
    errno = error;
    return 1;
}

static void then(void)
{
    if (count == chosen && chosen_way == TEAR)
        die();
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define CALL(name, ours, path, error, ...)                                                         \
    if (!(ours))                                                                                   \
        return REAL(name)(__VA_ARGS__);                                                            \
    if (fails(#name, path, error))                                                                 \
        return -1;                                                                                 \
    __typeof__(REAL(name)(__VA_ARGS__)) given = REAL(name)(__VA_ARGS__);                           \
    then();                                                                                        \
    return given

static int is_counted(const char *path, int flags)
{
    int writes = flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC);
    return writes || !strstr(path, "/entries/");
}

#define OPEN(name, at, ...)                                                                        \
    mode_t mode = 0;                                                                               \
    va_list rest;                                                                                  \
    va_start(rest, flags);                                                                         \
    mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;                               \
    va_end(rest);                                                                                  \
    int inside = is_inside(at, path);                                                              \
    int counted = inside && is_counted(path, flags);                                               \
    if (counted && fails(#name, path, flags & O_CREAT ? ENOSPC : EACCES))                          \
        return -1;                                                                                 \
    int given = REAL(name)(__VA_ARGS__, mode);                                                     \
    if (given >= 0)                                                                                \
        is_ours[given] = inside;                                                                   \
    if (counted)                                                                                   \
        then();                                                                                    \
    return given

int open(const char *path, int flags, ...) { OPEN(open, -1, path, flags); }
int open64(const char *path, int flags, ...) { OPEN(open64, -1, path, flags); }
int openat(int at, const char *path, int flags, ...) { OPEN(openat, at, at, path, flags); }
int openat64(int at, const char *path, int flags, ...) { OPEN(openat64, at, at, path, flags); }

static const char *name_of(int file)
{
    static char name[4096];
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, name, sizeof name - 1);
    name[length < 0 ? 0 : length] = 0;
    return name;
}

#define OURS(file) (is_armed && is_ours[file])
/* A torn write stores half of the data. */
#define WRITE(name, ...)                                                                           \
    if (OURS(file) && count + 1 == chosen && chosen_way == TEAR)                                   \
        size /= 2;                                                                                 \
    CALL(name, OURS(file), name_of(file), ENOSPC, __VA_ARGS__)

ssize_t write(int file, const void *data, size_t size) { WRITE(write, file, data, size); }
ssize_t pwrite(int file, const void *data, size_t size, off_t start)
{
    WRITE(pwrite, file, data, size, start);
}
ssize_t pwrite64(int file, const void *data, size_t size, off64_t start)
{
    WRITE(pwrite64, file, data, size, start);
}
int ftruncate(int file, off_t size) { CALL(ftruncate, OURS(file), name_of(file), EIO, file, size); }
int ftruncate64(int file, off64_t size)
{
    CALL(ftruncate64, OURS(file), name_of(file), EIO, file, size);
}
int fsync(int file) { CALL(fsync, OURS(file), name_of(file), EIO, file); }
int fdatasync(int file) { CALL(fdatasync, OURS(file), name_of(file), EIO, file); }
int syncfs(int file) { CALL(syncfs, OURS(file), name_of(file), EIO, file); }

#define INSIDE(path) is_inside(-1, path)
int rename(const char *from, const char *to) { CALL(rename, INSIDE(to), to, EACCES, from, to); }
int unlink(const char *path) { CALL(unlink, INSIDE(path), path, EACCES, path); }
int unlinkat(int at, const char *path, int flags)
{
    CALL(unlinkat, is_inside(at, path), path, EACCES, at, path, flags);
}
int rmdir(const char *path) { CALL(rmdir, INSIDE(path), path, EACCES, path); }
int mkdir(const char *path, mode_t mode) { CALL(mkdir, INSIDE(path), path, ENOSPC, path, mode); }
int utimensat(int at, const char *path, const struct timespec times[2], int flags)
{
    CALL(utimensat, path && is_inside(at, path), path, EACCES, at, path, times, flags);
}
