// Makes a SIGKILL as cruel as a power cut: a preloaded library that keeps writes in memory until they are synced.
//
//   cc -O2 -shared -fPIC -o drop-unsynced.so drop-unsynced.c
//   WRIT_DROP_DIR=/absolute/directory LD_PRELOAD=/absolute/drop-unsynced.so writ serve
//
// SIGKILL alone leaves the page cache alone, so a crash test with it cannot see a missing fdatasync. With this library,
// what a process writes to regular files below WRIT_DROP_DIR lives in a shadow in its own memory. All its descriptors
// of the file see the shadow. fsync or fdatasync of any of them first syncs for real; if that succeeds, the shadow is
// applied to the file. A killed process takes the rest with it.
//
// What it models, and what it does not:
// - A failed sync loses what was pending: it stays readable and is never applied, as on Linux, unless written again.
// - O_SYNC, O_DSYNC, RWF_SYNC and RWF_DSYNC count as a sync after each write. An orderly exit applies everything.
// - Changes of names (create, rename, unlink) and of lengths (ftruncate, fallocate) apply at once, so a missing sync of
//   a directory is not found. Other processes see what was applied. A child made by fork has a copy of the shadow.
// - mmap, sendfile and copy_file_range of such a file end the process with a message: they would bypass the shadow and
//   make the test a lie. stdio streams and raw syscall(2) are not seen at all: use them elsewhere.
// - SQLite's -shm files are memory, not data: they are left alone.
// - A sync holds up all other use of shadowed files.

#define _GNU_SOURCE
#include "shadow.h"

#include <limits.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

static char directory[PATH_MAX];
static size_t directory_length;

static void before_fork(void) { pthread_mutex_lock(&lock); }
static void after_fork(void) { pthread_mutex_unlock(&lock); }

__attribute__((constructor)) static void begin(void) {
    const char *value = getenv("WRIT_DROP_DIR");
    if (!value || !*value) return;
    // The descriptors' paths come from the kernel, without links and dots: so must this one.
    if (!realpath(value, directory)) give_up("WRIT_DROP_DIR is not a directory");
    directory_length = strlen(directory);
    pthread_atfork(before_fork, after_fork, after_fork);
}

__attribute__((destructor)) static void end(void) { apply_all(); }

// MARK: - Descriptors

// A new descriptor: remembers it if it is a regular file below the directory.
static int adopt(int fd, int flags) {
    int code = errno;
    if (fd < 0 || !directory_length) return fd;
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    struct stat status;
    int is_ours = length > (ssize_t)directory_length && memcmp(path, directory, directory_length) == 0 &&
                  path[directory_length] == '/' && !(length > 4 && memcmp(path + length - 4, "-shm", 4) == 0) &&
                  !(flags & O_PATH) && REAL(fstat)(fd, &status) == 0 && S_ISREG(status.st_mode);
    if (is_ours) {
        if (fd >= DESCRIPTORS_MAX) give_up("too many descriptors");
        pthread_mutex_lock(&lock);
        struct shadow *shadow = shadow_of_inode(&status);
        if (!shadow) {
            if (!(shadow = calloc(1, sizeof *shadow))) give_up("out of memory");
            *shadow = (struct shadow){shadows, status.st_dev, status.st_ino, 0, -1, 0, NULL};
            shadows = shadow;
        }
        if (flags & O_TRUNC) drop_pages(shadow);
        shadow->references++;
        descriptors[fd] = (struct descriptor){shadow, flags};
        pthread_mutex_unlock(&lock);
    }
    errno = code;
    return fd;
}

// Before a descriptor is closed or replaced. Closing one drops the process's locks on the file, so our own stays open.
static void release(int fd) {
    struct shadow *shadow = shadow_of(fd);
    if (!shadow) return;
    struct stat status;
    descriptors[fd] = (struct descriptor){NULL, 0};
    if (--shadow->references == 0 && REAL(fstat)(fd, &status) == 0 && status.st_nlink == 0) forget(shadow);
}

static int duplicate(int from, int to) {
    if (to >= 0 && shadow_of(from)) {
        if (to >= DESCRIPTORS_MAX) give_up("too many descriptors");
        descriptors[to] = descriptors[from];
        descriptors[to].shadow->references++;
    }
    return to;
}

static mode_t mode_of(int flags, va_list list) {
    return (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(list, mode_t) : 0;
}

int open(const char *path, int flags, ...) {
    va_list list;
    va_start(list, flags);
    mode_t mode = mode_of(flags, list);
    va_end(list);
    return adopt(REAL(open)(path, flags, mode), flags);
}

int openat(int at, const char *path, int flags, ...) {
    va_list list;
    va_start(list, flags);
    mode_t mode = mode_of(flags, list);
    va_end(list);
    return adopt(REAL(openat)(at, path, flags, mode), flags);
}

int open64(const char *path, int flags, ...) __attribute__((alias("open")));
int openat64(int at, const char *path, int flags, ...) __attribute__((alias("openat")));
int creat(const char *path, mode_t mode) { return open(path, O_CREAT | O_WRONLY | O_TRUNC, mode); }
int creat64(const char *path, mode_t mode) __attribute__((alias("creat")));
int __open_2(const char *path, int flags) { return open(path, flags); }
int __open64_2(const char *path, int flags) { return open(path, flags); }
int __openat_2(int at, const char *path, int flags) { return openat(at, path, flags); }
int __openat64_2(int at, const char *path, int flags) { return openat(at, path, flags); }

int close(int fd) {
    pthread_mutex_lock(&lock);
    release(fd);
    int result = REAL(close)(fd);
    pthread_mutex_unlock(&lock);
    return result;
}

int dup(int fd) {
    pthread_mutex_lock(&lock);
    int result = duplicate(fd, REAL(dup)(fd));
    pthread_mutex_unlock(&lock);
    return result;
}

int dup3(int from, int to, int flags) {
    pthread_mutex_lock(&lock);
    if (from != to && fcntl(from, F_GETFD) >= 0) release(to);
    int result = duplicate(from, REAL(dup3)(from, to, flags));
    pthread_mutex_unlock(&lock);
    return result;
}

int dup2(int from, int to) {
    if (from == to) return REAL(dup2)(from, to);
    return dup3(from, to, 0);
}

int fcntl(int fd, int command, ...) {
    va_list list;
    va_start(list, command);
    void *argument = va_arg(list, void *);
    va_end(list);
    if (command != F_DUPFD && command != F_DUPFD_CLOEXEC) return REAL(fcntl)(fd, command, argument);
    pthread_mutex_lock(&lock);
    int result = duplicate(fd, REAL(fcntl)(fd, command, argument));
    pthread_mutex_unlock(&lock);
    return result;
}

int fcntl64(int fd, int command, ...) __attribute__((alias("fcntl")));

// MARK: - Reading

static ssize_t read_vector(int fd, const struct shadow *shadow, const struct iovec *parts, int count, off_t offset) {
    ssize_t total = 0;
    for (int i = 0; i < count; i++) {
        ssize_t found = load(fd, shadow, parts[i].iov_base, parts[i].iov_len, offset + total);
        if (found < 0) return total > 0 ? total : found;
        total += found;
        if ((size_t)found < parts[i].iov_len) break;
    }
    return total;
}

// Runs `expression` with the shadow under the lock; a descriptor that is not ours goes to the real function at once.
#define WITH_SHADOW(fd, real, expression)                                                                              \
    if (!shadow_of(fd)) return real;                                                                                   \
    pthread_mutex_lock(&lock);                                                                                         \
    struct shadow *shadow = shadow_of(fd);                                                                             \
    ssize_t result = shadow ? (expression) : real;                                                                     \
    pthread_mutex_unlock(&lock);                                                                                       \
    return result

static ssize_t advance(int fd, ssize_t count) {
    if (count > 0) REAL(lseek)(fd, count, SEEK_CUR);
    return count;
}

static off_t position(int fd) { return REAL(lseek)(fd, 0, SEEK_CUR); }

ssize_t preadv(int fd, const struct iovec *parts, int count, off_t offset) {
    WITH_SHADOW(fd, REAL(preadv)(fd, parts, count, offset), read_vector(fd, shadow, parts, count, offset));
}

ssize_t readv(int fd, const struct iovec *parts, int count) {
    WITH_SHADOW(fd, REAL(readv)(fd, parts, count), advance(fd, read_vector(fd, shadow, parts, count, position(fd))));
}

ssize_t preadv2(int fd, const struct iovec *parts, int count, off_t offset, int flags) {
    if (!shadow_of(fd)) return REAL(preadv2)(fd, parts, count, offset, flags);
    return offset == -1 ? readv(fd, parts, count) : preadv(fd, parts, count, offset);
}

ssize_t pread(int fd, void *bytes, size_t count, off_t offset) {
    WITH_SHADOW(fd, REAL(pread)(fd, bytes, count, offset), load(fd, shadow, bytes, count, offset));
}

ssize_t read(int fd, void *bytes, size_t count) {
    WITH_SHADOW(fd, REAL(read)(fd, bytes, count), advance(fd, load(fd, shadow, bytes, count, position(fd))));
}

ssize_t pread64(int, void *, size_t, off_t) __attribute__((alias("pread")));
ssize_t __pread64(int, void *, size_t, off_t) __attribute__((alias("pread")));
ssize_t preadv64(int, const struct iovec *, int, off_t) __attribute__((alias("preadv")));
ssize_t preadv64v2(int, const struct iovec *, int, off_t, int) __attribute__((alias("preadv2")));
ssize_t __read_chk(int fd, void *bytes, size_t count, size_t room) {
    return count <= room ? read(fd, bytes, count) : (give_up("read past a buffer"), -1);
}
ssize_t __pread_chk(int fd, void *bytes, size_t count, off_t offset, size_t room) {
    return count <= room ? pread(fd, bytes, count, offset) : (give_up("read past a buffer"), -1);
}
ssize_t __pread64_chk(int, void *, size_t, off_t, size_t) __attribute__((alias("__pread_chk")));

// MARK: - Writing

static ssize_t write_vector(
    int fd, struct shadow *shadow, const struct iovec *parts, int count, off_t offset, int flags) {
    if ((descriptors[fd].flags & O_ACCMODE) == O_RDONLY) {
        errno = EBADF;
        return -1;
    }
    if (offset < 0) {
        errno = EINVAL;
        return -1;
    }
    // Linux appends even where an offset is given.
    if (descriptors[fd].flags & O_APPEND) offset = length_of(fd, shadow);
    ssize_t total = 0;
    for (int i = 0; i < count; i++) {
        store(fd, shadow, parts[i].iov_base, parts[i].iov_len, offset + total);
        total += (ssize_t)parts[i].iov_len;
    }
    // O_SYNC contains the bit of O_DSYNC, and RWF_SYNC is a flag of its own.
    if ((descriptors[fd].flags & O_DSYNC) || (flags & (RWF_DSYNC | RWF_SYNC))) {
        if (REAL(fdatasync)(fd) != 0) {
            lose(shadow);
            return -1;
        }
        apply(shadow);
    }
    return total;
}

static ssize_t write_on(int fd, struct shadow *shadow, const struct iovec *parts, int count, int flags) {
    ssize_t total = write_vector(fd, shadow, parts, count, position(fd), flags);
    if (total > 0 && (descriptors[fd].flags & O_APPEND)) REAL(lseek)(fd, length_of(fd, shadow), SEEK_SET);
    else advance(fd, total);
    return total;
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) {
    WITH_SHADOW(fd, REAL(pwritev)(fd, parts, count, offset), write_vector(fd, shadow, parts, count, offset, 0));
}

ssize_t pwritev2(int fd, const struct iovec *parts, int count, off_t offset, int flags) {
    WITH_SHADOW(fd, REAL(pwritev2)(fd, parts, count, offset, flags),
                offset == -1 ? write_on(fd, shadow, parts, count, flags)
                             : write_vector(fd, shadow, parts, count, offset, flags));
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    WITH_SHADOW(fd, REAL(writev)(fd, parts, count), write_on(fd, shadow, parts, count, 0));
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) {
    struct iovec part = {(void *)bytes, count};
    WITH_SHADOW(fd, REAL(pwrite)(fd, bytes, count, offset), write_vector(fd, shadow, &part, 1, offset, 0));
}

ssize_t write(int fd, const void *bytes, size_t count) {
    struct iovec part = {(void *)bytes, count};
    WITH_SHADOW(fd, REAL(write)(fd, bytes, count), write_on(fd, shadow, &part, 1, 0));
}

ssize_t pwrite64(int, const void *, size_t, off_t) __attribute__((alias("pwrite")));
ssize_t __pwrite64(int, const void *, size_t, off_t) __attribute__((alias("pwrite")));
ssize_t pwritev64(int, const struct iovec *, int, off_t) __attribute__((alias("pwritev")));
ssize_t pwritev64v2(int, const struct iovec *, int, off_t, int) __attribute__((alias("pwritev2")));

static int sync_with(int fd, int (*sync_for_real)(int)) {
    pthread_mutex_lock(&lock);
    int result = sync_for_real(fd);
    int code = errno;
    struct shadow *shadow = shadow_of(fd);
    if (shadow && result == 0) apply(shadow);
    if (shadow && result != 0) lose(shadow);
    pthread_mutex_unlock(&lock);
    errno = code;
    return result;
}

int fsync(int fd) { return sync_with(fd, REAL(fsync)); }
int fdatasync(int fd) { return sync_with(fd, REAL(fdatasync)); }

void sync(void) {
    REAL(sync)();
    apply_all();
}

int syncfs(int fd) {
    int result = REAL(syncfs)(fd);
    if (result == 0) apply_all();
    return result;
}

// MARK: - Lengths and positions

off_t lseek(int fd, off_t offset, int whence) {
    if (whence != SEEK_END) return REAL(lseek)(fd, offset, whence);
    WITH_SHADOW(fd, REAL(lseek)(fd, offset, whence), REAL(lseek)(fd, length_of(fd, shadow) + offset, SEEK_SET));
}

int ftruncate(int fd, off_t length) {
    pthread_mutex_lock(&lock);
    int result = REAL(ftruncate)(fd, length);
    struct shadow *shadow = shadow_of(fd);
    if (shadow && result == 0) cut(shadow, length);
    pthread_mutex_unlock(&lock);
    return result;
}

int truncate(const char *path, off_t length) {
    pthread_mutex_lock(&lock);
    struct stat status;
    struct shadow *shadow = REAL(stat)(path, &status) == 0 ? shadow_of_inode(&status) : NULL;
    int result = REAL(truncate)(path, length);
    if (shadow && result == 0) cut(shadow, length);
    pthread_mutex_unlock(&lock);
    return result;
}

static int lengthen(int result, struct stat *status) {
    if (result != 0 || !directory_length || !S_ISREG(status->st_mode)) return result;
    pthread_mutex_lock(&lock);
    struct shadow *shadow = shadow_of_inode(status);
    if (shadow && shadow->end > status->st_size) status->st_size = shadow->end;
    pthread_mutex_unlock(&lock);
    return result;
}

int fstat(int fd, struct stat *status) { return lengthen(REAL(fstat)(fd, status), status); }
int stat(const char *path, struct stat *status) { return lengthen(REAL(stat)(path, status), status); }
int lstat(const char *path, struct stat *status) { return lengthen(REAL(lstat)(path, status), status); }
int fstatat(int at, const char *path, struct stat *status, int flags) {
    return lengthen(REAL(fstatat)(at, path, status, flags), status);
}

off_t lseek64(int, off_t, int) __attribute__((alias("lseek")));
int ftruncate64(int, off_t) __attribute__((alias("ftruncate")));
int truncate64(const char *, off_t) __attribute__((alias("truncate")));
// On this machine `struct stat64` is `struct stat` under another name.
_Static_assert(sizeof(struct stat) == sizeof(struct stat64), "the two forms of stat are one");
int fstat64(int fd, struct stat64 *status) { return fstat(fd, (struct stat *)status); }
int stat64(const char *path, struct stat64 *status) { return stat(path, (struct stat *)status); }
int lstat64(const char *path, struct stat64 *status) { return lstat(path, (struct stat *)status); }
int fstatat64(int at, const char *path, struct stat64 *status, int flags) {
    return fstatat(at, path, (struct stat *)status, flags);
}

int statx(int at, const char *path, int flags, unsigned mask, struct statx *status) {
    int result = REAL(statx)(at, path, flags, mask, status);
    int plain_flags = flags & (AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW);
    struct stat plain;
    if (result == 0 && directory_length && fstatat(at, path, &plain, plain_flags) == 0)
        status->stx_size = (uint64_t)plain.st_size;
    return result;
}

// MARK: - Names

// A name is about to go: a shadow without descriptors goes with the last name, before the inode can be used again.
static struct shadow *last_name(int at, const char *path) {
    struct stat status;
    if (!directory_length || REAL(fstatat)(at, path, &status, AT_SYMLINK_NOFOLLOW) != 0 || status.st_nlink > 1)
        return NULL;
    struct shadow *shadow = shadow_of_inode(&status);
    return shadow && shadow->references == 0 ? shadow : NULL;
}

int unlinkat(int at, const char *path, int flags) {
    pthread_mutex_lock(&lock);
    struct shadow *shadow = last_name(at, path);
    int result = REAL(unlinkat)(at, path, flags);
    if (shadow && result == 0) forget(shadow);
    pthread_mutex_unlock(&lock);
    return result;
}

int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }

int renameat2(int from_at, const char *from, int to_at, const char *to, unsigned flags) {
    pthread_mutex_lock(&lock);
    struct shadow *shadow = flags == 0 ? last_name(to_at, to) : NULL;
    struct stat old, new;
    // Renaming a file onto itself takes no name away.
    if (shadow && REAL(fstatat)(from_at, from, &old, AT_SYMLINK_NOFOLLOW) == 0 &&
        REAL(fstatat)(to_at, to, &new, AT_SYMLINK_NOFOLLOW) == 0 && old.st_ino == new.st_ino &&
        old.st_dev == new.st_dev)
        shadow = NULL;
    int result = REAL(renameat2)(from_at, from, to_at, to, flags);
    if (shadow && result == 0) forget(shadow);
    pthread_mutex_unlock(&lock);
    return result;
}

int rename(const char *from, const char *to) { return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0); }
int renameat(int from_at, const char *from, int to_at, const char *to) {
    return renameat2(from_at, from, to_at, to, 0);
}

// MARK: - What would bypass the shadow

void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset) {
    if (!(flags & MAP_ANONYMOUS) && shadow_of(fd)) give_up("mmap of a shadowed file");
    return REAL(mmap)(address, length, protection, flags, fd, offset);
}

ssize_t sendfile(int to, int from, off_t *offset, size_t count) {
    if (shadow_of(to) || shadow_of(from)) give_up("sendfile of a shadowed file");
    return REAL(sendfile)(to, from, offset, count);
}

ssize_t copy_file_range(int from, off_t *from_offset, int to, off_t *to_offset, size_t count, unsigned flags) {
    if (shadow_of(to) || shadow_of(from)) give_up("copy_file_range of a shadowed file");
    return REAL(copy_file_range)(from, from_offset, to, to_offset, count, flags);
}

void *mmap64(void *, size_t, int, int, int, off_t) __attribute__((alias("mmap")));
ssize_t sendfile64(int, int, off_t *, size_t) __attribute__((alias("sendfile")));
