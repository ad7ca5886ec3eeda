/* Stands between a program and one database's files: fails, shortens, counts and logs what is written to the disk.
 *
 * LD_PRELOAD it with DISK_FILES (the beginning of the files' paths; *.lock is left alone) and DISK_CONTROL (a file of
 * sizeof(struct control) bytes, which tests/prove/disk.py writes and reads while the program runs). With DISK_LOG
 * and control->log every write, sync, truncation and unlinking is appended there with its bytes.
 */
#define _GNU_SOURCE
#define _LARGEFILE64_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

enum { WRITE, SYNC, CUT, UNLINK, OPERATIONS };
enum { FDS = 65536 };

struct control {
    int64_t operation, at, lasting, error, half; /* the at-th call fails; lasting: and all after it */
    int64_t room;                                /* bytes by which the files may still grow; below 0: no end */
    int64_t log;
    int64_t hits, refused;
    int64_t calls[OPERATIONS];
};
struct entry { int64_t operation, offset, length, name; };

static struct control *control;
static const char *prefix;
static int log_file = -1;
static char *names[FDS];
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

#define REAL(result, name, ...)                                        \
    static result (*real)(__VA_ARGS__);                                \
    if (!real) real = (result (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("DISK_CONTROL"), *log = getenv("DISK_LOG");
    prefix = getenv("DISK_FILES");
    if (!prefix || !path) return;
    int file = open(path, O_RDWR | O_CLOEXEC);
    if (file < 0) return;
    void *map = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (map != MAP_FAILED) control = map;
    if (log) log_file = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int ours(const char *path)
{
    size_t length = strlen(path);
    if (!control || strncmp(path, prefix, strlen(prefix))) return 0;
    return length < 5 || strcmp(path + length - 5, ".lock");
}

static int watched(int fd) { return control && fd >= 0 && fd < FDS && names[fd]; }

static void note(int64_t operation, const char *name, int64_t offset, const void *data, int64_t length)
{
    if (!control->log || log_file < 0) return;
    struct entry head = {operation, offset, length, (int64_t)strlen(name)};
    struct iovec parts[] = {{&head, sizeof head}, {(void *)name, head.name}, {(void *)data, data ? length : 0}};
    if (writev(log_file, parts, 3) < 0) abort();
}

/* Whether this call is the one that fails. */
static int struck(int operation)
{
    int64_t call = ++control->calls[operation];
    if (!control->at || operation != control->operation) return 0;
    if (call != control->at && !(control->lasting && call > control->at)) return 0;
    control->hits++;
    return 1;
}

static int64_t size_of(int fd)
{
    struct stat found;
    return fstat(fd, &found) ? 0 : found.st_size;
}

/* Whether the files may be that long; what they grow by is taken. */
static int fits(int fd, int64_t end)
{
    int64_t growth = end - size_of(fd);
    if (control->room < 0 || growth <= 0) return 1;
    if (growth > control->room) { control->refused++; return 0; }
    control->room -= growth;
    return 1;
}

static void gave_back(int64_t bytes) { if (control->room >= 0 && bytes > 0) control->room += bytes; }

static int opened(int fd, const char *path)
{
    if (fd >= 0 && fd < FDS) { free(names[fd]); names[fd] = ours(path) ? strdup(path) : NULL; }
    return fd;
}

#define OPEN(symbol)                                                   \
    int symbol(const char *path, int flags, ...)                       \
    {                                                                  \
        REAL(int, #symbol, const char *, int, ...);                    \
        va_list rest; va_start(rest, flags);                           \
        int mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, int) : 0; \
        va_end(rest);                                                  \
        return opened(real(path, flags, mode), path);                  \
    }
OPEN(open)
OPEN(open64)

int close(int fd)
{
    REAL(int, "close", int);
    if (watched(fd)) { free(names[fd]); names[fd] = NULL; }
    return real(fd);
}

static ssize_t put(int fd, const void *data, size_t length, off_t offset)
{
    REAL(ssize_t, "pwrite64", int, const void *, size_t, off_t);
    size_t some = length;
    int error = 0;
    pthread_mutex_lock(&gate);
    if (struck(WRITE)) { some = control->half ? length / 2 : 0; error = control->error; }
    else if (!fits(fd, offset + (off_t)length)) { some = 0; error = ENOSPC; }
    ssize_t done = some || !error ? real(fd, data, some, offset) : 0;
    if (done > 0) note(WRITE, names[fd], offset, data, done);
    pthread_mutex_unlock(&gate);
    if (error) { errno = error; return -1; }
    return done;
}

ssize_t pwrite64(int fd, const void *data, size_t length, off_t offset)
{
    REAL(ssize_t, "pwrite64", int, const void *, size_t, off_t);
    return watched(fd) ? put(fd, data, length, offset) : real(fd, data, length, offset);
}

ssize_t write(int fd, const void *data, size_t length)
{
    REAL(ssize_t, "write", int, const void *, size_t);
    if (!watched(fd)) return real(fd, data, length);
    off_t offset = fcntl(fd, F_GETFL) & O_APPEND ? size_of(fd) : lseek(fd, 0, SEEK_CUR);
    ssize_t done = put(fd, data, length, offset);
    if (done > 0) lseek(fd, offset + done, SEEK_SET);
    return done;
}

#define SYNCS(symbol)                                                  \
    int symbol(int fd)                                                 \
    {                                                                  \
        REAL(int, #symbol, int);                                       \
        if (!watched(fd)) return real(fd);                             \
        pthread_mutex_lock(&gate);                                     \
        int failed = struck(SYNC);                                     \
        if (!failed) note(SYNC, names[fd], 0, NULL, 0);                \
        pthread_mutex_unlock(&gate);                                   \
        if (failed) { errno = control->error; return -1; }             \
        return real(fd);                                               \
    }
SYNCS(fsync)
SYNCS(fdatasync)

int ftruncate64(int fd, off_t length)
{
    REAL(int, "ftruncate64", int, off_t);
    if (!watched(fd)) return real(fd, length);
    pthread_mutex_lock(&gate);
    int failed = struck(CUT);
    if (!failed) { gave_back(size_of(fd) - length); note(CUT, names[fd], length, NULL, 0); }
    pthread_mutex_unlock(&gate);
    if (failed) { errno = control->error; return -1; }
    return real(fd, length);
}

int posix_fallocate64(int fd, off_t offset, off_t length)
{
    REAL(int, "posix_fallocate64", int, off_t, off_t);
    if (watched(fd)) {
        pthread_mutex_lock(&gate);
        int room = fits(fd, offset + length);
        pthread_mutex_unlock(&gate);
        if (!room) return ENOSPC;
    }
    return real(fd, offset, length);
}

int unlink(const char *path)
{
    REAL(int, "unlink", const char *);
    struct stat found;
    if (ours(path) && !stat(path, &found)) {
        pthread_mutex_lock(&gate);
        gave_back(found.st_size);
        note(UNLINK, path, 0, NULL, 0);
        pthread_mutex_unlock(&gate);
    }
    return real(path);
}

#define STATVFS(symbol, type)                                          \
    int symbol(const char *path, struct type *found)                   \
    {                                                                  \
        REAL(int, #symbol, const char *, struct type *);               \
        int failed = real(path, found);                                \
        if (!failed && control && control->room >= 0 && !strncmp(prefix, path, strlen(path))) \
            found->f_bavail = found->f_bfree = control->room / found->f_frsize; \
        return failed;                                                 \
    }
STATVFS(statvfs, statvfs)
STATVFS(statvfs64, statvfs64)
