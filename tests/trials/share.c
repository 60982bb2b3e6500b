/* A folder that is a share: every call on it is passed on to another folder by this process.

share BACKING MOUNTED mounts it (root alone may) and serves until it is unmounted. It speaks the
protocol of linux/fuse.h itself. While the process is stopped, every call on the share hangs, as
when the server of a network file system is away. Nothing is cached: files that somebody changes
in BACKING are as another client of the share changed them. */

#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

#define NODES 65536
#define ROOM (1 << 17)

static int device;
static char *paths[NODES]; /* by number of the node; that of the folder itself is 1 */
static uint64_t nodes = 1;
static char answer[ROOM + 4096];

static void reply(const struct fuse_in_header *asked, int error, const void *data, size_t size)
{
    struct fuse_out_header head = {sizeof head + size, -error, asked->unique};
    struct iovec parts[] = {{&head, sizeof head}, {(void *)data, size}};
    if (writev(device, parts, 2) < 0 && errno == ENODEV)
        exit(0);
}

static void done(const struct fuse_in_header *asked, int result)
{
    reply(asked, result < 0 ? errno : 0, NULL, 0);
}

static const char *path_of(uint64_t node)
{
    return node < NODES && paths[node] ? paths[node] : "/nonexistent";
}

static const char *below(uint64_t node, const char *name)
{
    static char joined[2][8192];
    static int turn;
    turn ^= 1;
    snprintf(joined[turn], sizeof joined[turn], "%.4095s/%.4000s", path_of(node), name);
    return joined[turn];
}

static uint64_t node_of(const char *path)
{
    for (uint64_t node = 1; node <= nodes; node++)
        if (!strcmp(paths[node], path))
            return node;
    if (nodes + 1 >= NODES)
        exit(1);
    paths[++nodes] = strdup(path);
    return nodes;
}

static struct fuse_attr attributes(const struct stat *from)
{
    struct fuse_attr to = {.ino = from->st_ino, .size = from->st_size, .blocks = from->st_blocks};
    to.atime = from->st_atim.tv_sec, to.atimensec = from->st_atim.tv_nsec;
    to.mtime = from->st_mtim.tv_sec, to.mtimensec = from->st_mtim.tv_nsec;
    to.ctime = from->st_ctim.tv_sec, to.ctimensec = from->st_ctim.tv_nsec;
    to.mode = from->st_mode, to.nlink = from->st_nlink;
    to.uid = from->st_uid, to.gid = from->st_gid, to.blksize = from->st_blksize;
    return to;
}

static int entry(const char *path, struct fuse_entry_out *to)
{
    struct stat found;
    if (lstat(path, &found) < 0)
        return -1;
    memset(to, 0, sizeof *to);
    to->nodeid = node_of(path);
    to->attr = attributes(&found);
    return 0;
}

static void look_up(const struct fuse_in_header *asked, const char *path)
{
    struct fuse_entry_out to;
    int failed = entry(path, &to) < 0;
    reply(asked, failed ? errno : 0, &to, failed ? 0 : sizeof to);
}

static void get_attributes(const struct fuse_in_header *asked, const char *path)
{
    struct stat found;
    struct fuse_attr_out to = {0};
    int failed = lstat(path, &found) < 0;
    if (!failed)
        to.attr = attributes(&found);
    reply(asked, failed ? errno : 0, &to, failed ? 0 : sizeof to);
}

static struct timespec time_of(uint32_t valid, uint32_t set, uint32_t now, uint64_t s, uint32_t n)
{
    struct timespec found = {(time_t)s, n};
    if (valid & now)
        found.tv_nsec = UTIME_NOW;
    else if (!(valid & set))
        found.tv_nsec = UTIME_OMIT;
    return found;
}

static void set_attributes(const struct fuse_in_header *asked, const struct fuse_setattr_in *in)
{
    const char *path = path_of(asked->nodeid);
    struct timespec times[] = {
        time_of(in->valid, FATTR_ATIME, FATTR_ATIME_NOW, in->atime, in->atimensec),
        time_of(in->valid, FATTR_MTIME, FATTR_MTIME_NOW, in->mtime, in->mtimensec),
    };
    int failed = in->valid & FATTR_SIZE && truncate(path, (off_t)in->size) < 0;
    failed |= in->valid & FATTR_MODE && chmod(path, in->mode & 07777) < 0;
    failed |= in->valid & (FATTR_ATIME | FATTR_MTIME) && utimensat(AT_FDCWD, path, times, 0) < 0;
    if (failed)
        done(asked, -1);
    else
        get_attributes(asked, path);
}

static void open_file(const struct fuse_in_header *asked, const char *path, int flags, mode_t mode)
{
    struct {
        struct fuse_entry_out entry;
        struct fuse_open_out open;
    } to = {0};
    int file = open(path, flags & ~O_NOFOLLOW, mode);
    if (file < 0 || (asked->opcode == FUSE_CREATE && entry(path, &to.entry) < 0)) {
        done(asked, -1);
        return;
    }
    to.open.fh = file;
    to.open.open_flags = FOPEN_DIRECT_IO;
    if (asked->opcode == FUSE_CREATE)
        reply(asked, 0, &to, sizeof to);
    else
        reply(asked, 0, &to.open, sizeof to.open);
}

static void read_file(const struct fuse_in_header *asked, const struct fuse_read_in *in)
{
    size_t wanted = in->size < ROOM ? in->size : ROOM;
    ssize_t size = pread((int)in->fh, answer, wanted, (off_t)in->offset);
    reply(asked, size < 0 ? errno : 0, answer, size < 0 ? 0 : (size_t)size);
}

static void write_file(const struct fuse_in_header *asked, const struct fuse_write_in *in)
{
    struct fuse_write_out to = {0};
    ssize_t size = pwrite((int)in->fh, in + 1, in->size, (off_t)in->offset);
    to.size = size < 0 ? 0 : (uint32_t)size;
    reply(asked, size < 0 ? errno : 0, &to, size < 0 ? 0 : sizeof to);
}

/* Lists a whole folder from the entry number `in->offset` on. */
static void read_folder(const struct fuse_in_header *asked, const struct fuse_read_in *in)
{
    DIR *folder = opendir(path_of(asked->nodeid));
    size_t used = 0, limit = in->size < ROOM ? in->size : ROOM;
    struct dirent *found;
    if (!folder) {
        done(asked, -1);
        return;
    }
    for (uint64_t number = 0; (found = readdir(folder)); number++) {
        size_t length = strlen(found->d_name);
        struct fuse_dirent *to = (struct fuse_dirent *)(answer + used);
        size_t size = FUSE_DIRENT_ALIGN(FUSE_NAME_OFFSET + length);
        if (number < in->offset)
            continue;
        if (used + size > limit)
            break;
        memset(to, 0, size);
        to->ino = found->d_ino, to->off = number + 1;
        to->namelen = (uint32_t)length, to->type = found->d_type;
        memcpy(to->name, found->d_name, length);
        used += size;
    }
    closedir(folder);
    reply(asked, 0, answer, used);
}

static void begin(const struct fuse_in_header *asked, const struct fuse_init_in *in)
{
    struct fuse_init_out to = {.major = FUSE_KERNEL_VERSION, .minor = 31};
    to.max_readahead = in->max_readahead;
    to.max_write = ROOM - 4096, to.max_background = 16, to.congestion_threshold = 12;
    reply(asked, 0, &to, sizeof to);
}

static void tell_room(const struct fuse_in_header *asked)
{
    struct statvfs found;
    struct fuse_statfs_out to = {0};
    int failed = statvfs(path_of(FUSE_ROOT_ID), &found) < 0;
    to.st.blocks = found.f_blocks, to.st.bfree = found.f_bfree, to.st.bavail = found.f_bavail;
    to.st.files = found.f_files, to.st.ffree = found.f_ffree, to.st.bsize = (uint32_t)found.f_bsize;
    to.st.namelen = 255, to.st.frsize = (uint32_t)found.f_frsize;
    reply(asked, failed ? errno : 0, &to, failed ? 0 : sizeof to);
}

static void rename_to(const struct fuse_in_header *asked, uint64_t folder, const char *names)
{
    const char *from = below(asked->nodeid, names);
    const char *to = below(folder, names + strlen(names) + 1);
    int result = rename(from, to);
    for (uint64_t node = 1; !result && node <= nodes; node++)
        if (!strcmp(paths[node], from))
            paths[node] = strdup(to);
    done(asked, result);
}

static void obey(const struct fuse_in_header *asked)
{
    const void *in = asked + 1;
    uint64_t node = asked->nodeid;
    const struct fuse_create_in *create = in;
    const struct fuse_mkdir_in *folder = in;
    switch (asked->opcode) {
    case FUSE_INIT: begin(asked, in); break;
    case FUSE_LOOKUP: look_up(asked, below(node, in)); break;
    case FUSE_FORGET:
    case FUSE_BATCH_FORGET:
    case FUSE_INTERRUPT: break;
    case FUSE_GETATTR: get_attributes(asked, path_of(node)); break;
    case FUSE_SETATTR: set_attributes(asked, in); break;
    case FUSE_OPEN:
        open_file(asked, path_of(node), (int)((struct fuse_open_in *)in)->flags, 0);
        break;
    case FUSE_CREATE:
        open_file(asked, below(node, (char *)(create + 1)), (int)create->flags, create->mode);
        break;
    case FUSE_READ: read_file(asked, in); break;
    case FUSE_WRITE: write_file(asked, in); break;
    case FUSE_RELEASE: done(asked, close((int)((struct fuse_release_in *)in)->fh)); break;
    case FUSE_FSYNC: done(asked, fsync((int)((struct fuse_fsync_in *)in)->fh)); break;
    case FUSE_READDIR: read_folder(asked, in); break;
    case FUSE_OPENDIR: {
        struct fuse_open_out to = {0};
        reply(asked, 0, &to, sizeof to);
        break;
    }
    case FUSE_RELEASEDIR:
    case FUSE_FSYNCDIR:
    case FUSE_FLUSH: done(asked, 0); break;
    case FUSE_STATFS: tell_room(asked); break;
    case FUSE_MKDIR: {
        const char *path = below(node, (char *)(folder + 1));
        if (mkdir(path, folder->mode) < 0)
            done(asked, -1);
        else
            look_up(asked, path);
        break;
    }
    case FUSE_UNLINK: done(asked, unlink(below(node, in))); break;
    case FUSE_RMDIR: done(asked, rmdir(below(node, in))); break;
    case FUSE_RENAME:
        rename_to(asked, ((struct fuse_rename_in *)in)->newdir,
                  (char *)in + sizeof(struct fuse_rename_in));
        break;
    case FUSE_RENAME2:
        rename_to(asked, ((struct fuse_rename2_in *)in)->newdir,
                  (char *)in + sizeof(struct fuse_rename2_in));
        break;
    default: reply(asked, ENOSYS, NULL, 0);
    }
}

int main(int count, char **words)
{
    static char asked[ROOM + 65536];
    char how[128];
    if (count != 3 || (device = open("/dev/fuse", O_RDWR | O_CLOEXEC)) < 0)
        return 1;
    paths[FUSE_ROOT_ID] = realpath(words[1], NULL);
    snprintf(how, sizeof how, "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", device);
    if (!paths[FUSE_ROOT_ID] || mount("share", words[2], "fuse.share", 0, how) < 0)
        return 1;
    for (;;) {
        ssize_t size = read(device, asked, sizeof asked);
        if (size >= (ssize_t)sizeof(struct fuse_in_header))
            obey((struct fuse_in_header *)asked);
        else if (size < 0 && errno != EINTR && errno != ENOENT && errno != EAGAIN)
            return 0;
    }
}
