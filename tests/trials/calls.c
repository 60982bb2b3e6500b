/* Shows the processes of a trial its clock, and makes chosen system calls of theirs fail.

It is preloaded. The file in TRIAL_CONTROL is mapped into all processes (`machine.py` writes it):
how far the clock is ahead of the machine's, and the faults that are on. A fault is for calls of
some kinds, of some processes, on files below a path (any call if that is empty); the calls
number `skip` to `skip + times` fail with an error or hang until the fault is off. A process is
killed at each call after `skip` others, `times` times. */

#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* As in machine.py. */
enum call {
    OPEN = 1, READ = 2, WRITE = 4, SYNC = 8, NAME = 16, LOOK = 32, LIST = 64, MEMORY = 128,
    LOCK = 256, NET = 512, CREATE = 1024, SEND = 2048, RECEIVE = 4096, SOCKET = 8192
};
enum { KILL = -1, HANG = -2, FAULTS = 16, PROCESSES = 7, CALLS = 14 };

struct fault {
    int64_t is_on, processes, calls, error, skip, times, met;
    int64_t hits[PROCESSES][CALLS];
    char under[512];
};
struct control {
    int64_t ahead; /* nanoseconds */
    struct fault faults[FAULTS];
};

static struct control *control;
static int64_t process;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* Returns which process of `serve` has this command line, as a bit; a command is the last. */
static int64_t role_of(pid_t number)
{
    static const char *const words[] = {"follow", "desk", "dateline.serve.processes",
                                        "dateline.serve.search.process", "serve"};
    char path[64], line[4096] = "";
    snprintf(path, sizeof path, "/proc/%d/cmdline", number);
    int file = REAL(open)(path, O_RDONLY);
    ssize_t length = file < 0 ? 0 : REAL(read)(file, line, sizeof line - 1);
    if (file >= 0)
        close(file);
    int is_dateline = 0;
    for (char *word = line; word < line + length; word += strlen(word) + 1) {
        if (strstr(word, "multiprocessing"))
            return number == getppid() ? 64 : role_of(getppid());
        is_dateline |= !strcmp(word, "dateline") || strstr(word, "dateline.serve") != NULL;
        for (int at = 0; is_dateline && at < 5; at++)
            if (!strcmp(word, words[at]))
                return 1 << at;
    }
    return is_dateline ? 32 : 64;
}

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("TRIAL_CONTROL");
    int file = path ? REAL(open)(path, O_RDWR) : -1;
    if (file < 0)
        return;
    void *at = REAL(mmap)(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    process = role_of(getpid());
    if (at != MAP_FAILED)
        control = at;
}

/* ---- Faults */

static void hang(struct fault *one)
{
    struct timespec moment = {0, 10000000};
    while (one->is_on)
        nanosleep(&moment, NULL);
}

static int is_met(struct fault *one, enum call call, const char *path)
{
    if (!one->is_on || !(one->processes & process) || !(one->calls & call))
        return 0;
    if (one->under[0] && (!path || strncmp(path, one->under, strlen(one->under))))
        return 0;
    int64_t met = __atomic_fetch_add(&one->met, 1, __ATOMIC_SEQ_CST);
    if (one->error == KILL)
        return met % (one->skip + 1) == one->skip && met / (one->skip + 1) < one->times;
    return met >= one->skip && met < one->skip + one->times;
}

/* Returns whether a call has to fail; it may kill the process or keep it waiting. */
static int fails(enum call call, const char *path)
{
    for (int at = 0; control && at < FAULTS; at++) {
        struct fault *one = &control->faults[at];
        if (!is_met(one, call, path))
            continue;
        int64_t *hits = &one->hits[__builtin_ctzll(process)][__builtin_ctz(call)];
        __atomic_fetch_add(hits, 1, __ATOMIC_SEQ_CST);
        if (one->error == KILL)
            kill(getpid(), SIGKILL);
        else if (one->error == HANG)
            hang(one);
        else {
            errno = (int)one->error;
            return 1;
        }
    }
    return 0;
}

static int is_any(enum call call)
{
    for (int at = 0; control && at < FAULTS; at++)
        if (control->faults[at].is_on && control->faults[at].calls & call)
            return 1;
    return 0;
}

static int fails_for(enum call call, int file)
{
    char link[64], name[4096];
    if (!is_any(call))
        return 0;
    int before = errno;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, name, sizeof name - 1);
    name[length < 0 ? 0 : length] = 0;
    errno = before;
    return fails(call, name);
}

/* A relative path counts as below the path of its folder. */
static int fails_at(enum call call, int at, const char *path)
{
    char link[64], name[8192];
    if (!is_any(call) || !path || path[0] == '/' || at < 0)
        return is_any(call) && fails(call, path);
    snprintf(link, sizeof link, "/proc/self/fd/%d", at);
    ssize_t length = readlink(link, name, 4000);
    snprintf(name + (length < 0 ? 0 : length), 4000, "/%s", path);
    return fails(call, name);
}

#define CALL(name, failed, answer, ...)                                                            \
    static __typeof__(&name) real;                                                                 \
    if (!real)                                                                                     \
        real = REAL(name);                                                                         \
    return (failed) ? answer : real(__VA_ARGS__)

#define KIND (flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC) ? CREATE : OPEN)
#define OPENING(name, at, ...)                                                                     \
    va_list rest;                                                                                  \
    va_start(rest, flags);                                                                         \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;                        \
    va_end(rest);                                                                                  \
    CALL(name, fails_at(KIND, at, path), -1, __VA_ARGS__, mode)
int open(const char *path, int flags, ...) { OPENING(open, -1, path, flags); }
int open64(const char *path, int flags, ...) { OPENING(open64, -1, path, flags); }
int openat(int at, const char *path, int flags, ...) { OPENING(openat, at, at, path, flags); }
int openat64(int at, const char *path, int flags, ...) { OPENING(openat64, at, at, path, flags); }

#define READING fails_for(READ, file)
#define WRITING fails_for(WRITE, file)
ssize_t read(int file, void *to, size_t size) { CALL(read, READING, -1, file, to, size); }
ssize_t pread(int file, void *to, size_t size, off_t at)
{
    CALL(pread, READING, -1, file, to, size, at);
}
ssize_t pread64(int file, void *to, size_t size, off64_t at)
{
    CALL(pread64, READING, -1, file, to, size, at);
}
ssize_t write(int file, const void *of, size_t size) { CALL(write, WRITING, -1, file, of, size); }
ssize_t pwrite(int file, const void *of, size_t size, off_t at)
{
    CALL(pwrite, WRITING, -1, file, of, size, at);
}
ssize_t pwrite64(int file, const void *of, size_t size, off64_t at)
{
    CALL(pwrite64, WRITING, -1, file, of, size, at);
}
int ftruncate(int file, off_t size) { CALL(ftruncate, WRITING, -1, file, size); }
int ftruncate64(int file, off64_t size) { CALL(ftruncate64, WRITING, -1, file, size); }

int fsync(int file) { CALL(fsync, fails_for(SYNC, file), -1, file); }
int fdatasync(int file) { CALL(fdatasync, fails_for(SYNC, file), -1, file); }
int syncfs(int file) { CALL(syncfs, fails_for(SYNC, file), -1, file); }

#define NAMING(path) fails_at(NAME, -1, path)
int rename(const char *from, const char *to) { CALL(rename, NAMING(to), -1, from, to); }
int link(const char *from, const char *to) { CALL(link, NAMING(to), -1, from, to); }
int linkat(int at, const char *from, int by, const char *to, int flags)
{
    CALL(linkat, fails_at(NAME, by, to), -1, at, from, by, to, flags);
}
int unlink(const char *path) { CALL(unlink, NAMING(path), -1, path); }
int unlinkat(int at, const char *path, int flags)
{
    CALL(unlinkat, fails_at(NAME, at, path), -1, at, path, flags);
}
int rmdir(const char *path) { CALL(rmdir, NAMING(path), -1, path); }
int mkdir(const char *path, mode_t mode) { CALL(mkdir, NAMING(path), -1, path, mode); }
int utimensat(int at, const char *path, const struct timespec times[2], int flags)
{
    CALL(utimensat, fails_at(NAME, at, path), -1, at, path, times, flags);
}

#define LOOKING(path) fails_at(LOOK, -1, path)
int stat(const char *path, struct stat *to) { CALL(stat, LOOKING(path), -1, path, to); }
int stat64(const char *path, struct stat64 *to) { CALL(stat64, LOOKING(path), -1, path, to); }
int lstat(const char *path, struct stat *to) { CALL(lstat, LOOKING(path), -1, path, to); }
int lstat64(const char *path, struct stat64 *to) { CALL(lstat64, LOOKING(path), -1, path, to); }
int fstat(int file, struct stat *to) { CALL(fstat, fails_for(LOOK, file), -1, file, to); }
int fstat64(int file, struct stat64 *to) { CALL(fstat64, fails_for(LOOK, file), -1, file, to); }
int fstatat(int at, const char *path, struct stat *to, int flags)
{
    CALL(fstatat, fails_at(LOOK, at, path), -1, at, path, to, flags);
}
int fstatat64(int at, const char *path, struct stat64 *to, int flags)
{
    CALL(fstatat64, fails_at(LOOK, at, path), -1, at, path, to, flags);
}
int statx(int at, const char *path, int flags, unsigned mask, struct statx *to)
{
    CALL(statx, fails_at(LOOK, at, path), -1, at, path, flags, mask, to);
}

DIR *opendir(const char *path) { CALL(opendir, fails_at(LIST, -1, path), NULL, path); }
DIR *fdopendir(int file) { CALL(fdopendir, fails_for(LIST, file), NULL, file); }
struct dirent *readdir(DIR *folder)
{
    CALL(readdir, fails_for(LIST, dirfd(folder)), NULL, folder);
}
struct dirent64 *readdir64(DIR *folder)
{
    CALL(readdir64, fails_for(LIST, dirfd(folder)), NULL, folder);
}

void *mmap(void *at, size_t size, int may, int flags, int file, off_t from)
{
    CALL(mmap, fails_for(MEMORY, file), MAP_FAILED, at, size, may, flags, file, from);
}
void *mmap64(void *at, size_t size, int may, int flags, int file, off64_t from)
{
    CALL(mmap64, fails_for(MEMORY, file), MAP_FAILED, at, size, may, flags, file, from);
}
pid_t fork(void) { CALL(fork, fails(MEMORY, NULL), -1, ); }
int pthread_create(pthread_t *to, const pthread_attr_t *as, void *(*run)(void *), void *with)
{
    CALL(pthread_create, fails(MEMORY, NULL), EAGAIN, to, as, run, with);
}

int flock(int file, int how) { CALL(flock, fails_for(LOCK, file), -1, file, how); }
#define LOCKING(name)                                                                              \
    va_list rest;                                                                                  \
    va_start(rest, command);                                                                       \
    void *word = va_arg(rest, void *);                                                             \
    va_end(rest);                                                                                  \
    int locks = command == F_SETLK || command == F_SETLKW || command == F_OFD_SETLK;               \
    CALL(name, locks && fails_for(LOCK, file), -1, file, command, word)
int fcntl(int file, int command, ...) { LOCKING(fcntl); }
int fcntl64(int file, int command, ...) { LOCKING(fcntl64); }

#define TALKING fails(NET, NULL)
int socket(int of, int kind, int by) { CALL(socket, fails(SOCKET, NULL), -1, of, kind, by); }
int accept(int file, struct sockaddr *by, socklen_t *size)
{
    CALL(accept, TALKING, -1, file, by, size);
}
int accept4(int file, struct sockaddr *by, socklen_t *size, int flags)
{
    CALL(accept4, TALKING, -1, file, by, size, flags);
}
int connect(int file, const struct sockaddr *to, socklen_t size)
{
    CALL(connect, TALKING, -1, file, to, size);
}

/* Sockets between threads and processes of a machine do not fail as connections do. */
static int fails_in_network(enum call call, int file)
{
    int domain = 0, before = errno;
    socklen_t size = sizeof domain;
    if (!is_any(call))
        return 0;
    getsockopt(file, SOL_SOCKET, SO_DOMAIN, &domain, &size);
    errno = before;
    return (domain == AF_INET || domain == AF_INET6) && fails(call, NULL);
}

#define SENDING fails_in_network(SEND, file)
ssize_t send(int file, const void *of, size_t size, int flags)
{
    CALL(send, SENDING, -1, file, of, size, flags);
}
ssize_t sendto(int file, const void *of, size_t size, int flags, const struct sockaddr *to,
               socklen_t length)
{
    CALL(sendto, SENDING, -1, file, of, size, flags, to, length);
}
ssize_t sendmsg(int file, const struct msghdr *of, int flags)
{
    CALL(sendmsg, SENDING, -1, file, of, flags);
}
int sendmmsg(int file, struct mmsghdr *of, unsigned count, int flags)
{
    CALL(sendmmsg, SENDING, -1, file, of, count, flags);
}
ssize_t writev(int file, const struct iovec *of, int count)
{
    CALL(writev, SENDING || WRITING, -1, file, of, count);
}

#define RECEIVING fails_in_network(RECEIVE, file)
ssize_t recv(int file, void *to, size_t size, int flags)
{
    CALL(recv, RECEIVING, -1, file, to, size, flags);
}
ssize_t recvfrom(int file, void *to, size_t size, int flags, struct sockaddr *by,
                 socklen_t *length)
{
    CALL(recvfrom, RECEIVING, -1, file, to, size, flags, by, length);
}
ssize_t recvmsg(int file, struct msghdr *to, int flags)
{
    CALL(recvmsg, RECEIVING, -1, file, to, flags);
}

ssize_t readv(int file, const struct iovec *to, int count)
{
    CALL(readv, RECEIVING || READING, -1, file, to, count);
}

/* ---- The clock */

int clock_gettime(clockid_t which, struct timespec *to)
{
    static __typeof__(&clock_gettime) real;
    if (!real)
        real = REAL(clock_gettime);
    int answer = real(which, to);
    int is_ours = which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE || which == CLOCK_TAI;
    if (!answer && control && is_ours) {
        int64_t moment = to->tv_sec * 1000000000L + to->tv_nsec + control->ahead;
        to->tv_sec = moment / 1000000000L;
        to->tv_nsec = moment % 1000000000L;
    }
    return answer;
}

int gettimeofday(struct timeval *restrict to, void *restrict zone)
{
    (void)zone;
    struct timespec moment;
    clock_gettime(CLOCK_REALTIME, &moment);
    to->tv_sec = moment.tv_sec;
    to->tv_usec = moment.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *to)
{
    struct timespec moment;
    clock_gettime(CLOCK_REALTIME, &moment);
    if (to)
        *to = moment.tv_sec;
    return moment.tv_sec;
}
