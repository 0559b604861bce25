#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "CSystem.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

const int writ_o_tmpfile = O_TMPFILE;
const int writ_o_path = O_PATH;
const int writ_o_directory = O_DIRECTORY;
const int writ_o_nofollow = O_NOFOLLOW;

int writ_errno(void) { return errno; }

const char *writ_errno_name(int number) { return strerrorname_np(number); }

const char *writ_errno_words(int number) { return strerrordesc_np(number); }

int writ_open(const char *path, int flags, mode_t mode) { return open(path, flags | O_CLOEXEC, mode); }

int writ_openat(int directory, const char *path, int flags, mode_t mode) {
    return openat(directory, path, flags | O_CLOEXEC, mode);
}

int writ_forbid_core_dumps(void) {
    const struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_CORE, &none) != 0) {
        return -1;
    }
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

int writ_return_large_blocks(void) { return mallopt(M_MMAP_THRESHOLD, 128 * 1024) == 1 ? 0 : -1; }

int writ_forbid_new_privileges(void) { return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); }

int64_t writ_raise_file_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return -1;
    }
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return -1;
    }
    return limit.rlim_cur > INT64_MAX ? INT64_MAX : (int64_t)limit.rlim_cur;
}

int writ_peer_credentials(int socket, int32_t *pid, uint32_t *uid, uint32_t *gid) {
    struct ucred credentials;
    socklen_t length = sizeof credentials;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0) {
        return -1;
    }
    *pid = credentials.pid;
    *uid = credentials.uid;
    *gid = credentials.gid;
    return 0;
}

int writ_socket_unix(void) { return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0); }

// A path without its final NUL must fit, or another path than the one meant would be used.
static int fill_unix_address(struct sockaddr_un *address, const char *path, size_t length) {
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    if (length == 0 || length >= sizeof address->sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(address->sun_path, path, length);
    return 0;
}

int writ_unix_connect(int socket, const char *path, size_t length) {
    struct sockaddr_un address;
    if (fill_unix_address(&address, path, length) != 0) {
        return -1;
    }
    return connect(socket, (const struct sockaddr *)&address, sizeof address);
}

int writ_unix_bind(int socket, const char *path, size_t length) {
    struct sockaddr_un address;
    if (fill_unix_address(&address, path, length) != 0) {
        return -1;
    }
    // The mode of the socket before bind is the mode that the file is created with: nobody else until it is ready.
    if (fchmod(socket, 0600) != 0) {
        return -1;
    }
    return bind(socket, (const struct sockaddr *)&address, sizeof address);
}

int writ_socket_nonblocking(int socket) {
    int flags = fcntl(socket, F_GETFL);
    return flags < 0 ? -1 : fcntl(socket, F_SETFL, flags | O_NONBLOCK);
}

static socklen_t fill_tcp_address(struct sockaddr_storage *storage, const char *address, uint16_t port) {
    memset(storage, 0, sizeof *storage);
    struct sockaddr_in *four = (struct sockaddr_in *)storage;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)storage;
    if (inet_pton(AF_INET, address, &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = htons(port);
        return sizeof *four;
    }
    memset(storage, 0, sizeof *storage);
    if (inet_pton(AF_INET6, address, &six->sin6_addr) == 1) {
        six->sin6_family = AF_INET6;
        six->sin6_port = htons(port);
        return sizeof *six;
    }
    errno = EINVAL;
    return 0;
}

int writ_socket_tcp(const char *address) {
    struct sockaddr_storage storage;
    if (fill_tcp_address(&storage, address, 0) == 0) {
        return -1;
    }
    int descriptor = socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor >= 0) {
        const int on = 1;
        (void)setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    return descriptor;
}

int writ_tcp_connect(int socket, const char *address, uint16_t port) {
    struct sockaddr_storage storage;
    socklen_t length = fill_tcp_address(&storage, address, port);
    if (length == 0) {
        return -1;
    }
    return connect(socket, (const struct sockaddr *)&storage, length);
}

int writ_socket_error(int socket) {
    int error = 0;
    socklen_t length = sizeof error;
    return getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &length) == 0 ? error : errno;
}

ssize_t writ_send(int socket, const void *bytes, size_t count) { return send(socket, bytes, count, MSG_NOSIGNAL); }

int writ_socket_port(int socket) {
    struct sockaddr_storage storage;
    socklen_t length = sizeof storage;
    if (getsockname(socket, (struct sockaddr *)&storage, &length) != 0) {
        return -1;
    }
    if (storage.ss_family == AF_INET) {
        return ntohs(((struct sockaddr_in *)&storage)->sin_port);
    }
    if (storage.ss_family == AF_INET6) {
        return ntohs(((struct sockaddr_in6 *)&storage)->sin6_port);
    }
    errno = EAFNOSUPPORT;
    return -1;
}

int writ_accept(int socket) { return accept4(socket, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK); }

int writ_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int writ_pidfd_send_signal(int pidfd, int signal) {
    return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

int writ_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int writ_duplicate(int descriptor, int lowest) { return fcntl(descriptor, F_DUPFD_CLOEXEC, lowest); }

int writ_memfd(const char *name) { return memfd_create(name, MFD_CLOEXEC); }

int writ_punch_hole(int descriptor, int64_t offset, int64_t count) {
    return fallocate(descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, count);
}

int writ_reserve(int descriptor, int64_t offset, int64_t count) { return fallocate(descriptor, 0, offset, count); }

int writ_data_sync(int descriptor) { return fdatasync(descriptor); }

ssize_t writ_pwritev(int descriptor, const struct iovec *vectors, int count, int64_t offset) {
    return pwritev(descriptor, vectors, count, offset);
}

static int copy_status(int result, const struct stat *from, struct writ_file_status *to) {
    if (result != 0) {
        return -1;
    }
    to->device = from->st_dev;
    to->inode = from->st_ino;
    to->link_count = from->st_nlink;
    to->mode = from->st_mode;
    to->uid = from->st_uid;
    to->gid = from->st_gid;
    to->size = from->st_size;
    return 0;
}

int writ_status(int descriptor, struct writ_file_status *status) {
    struct stat found;
    return copy_status(fstat(descriptor, &found), &found, status);
}

int writ_path_status(const char *path, int follow, struct writ_file_status *status) {
    struct stat found;
    return copy_status(follow ? stat(path, &found) : lstat(path, &found), &found, status);
}

int64_t writ_link_count(int descriptor) {
    // Only the link count: whoever asks for the times of a file makes the kernel take a finer time at the next write,
    // and the next fdatasync then writes the inode as well as the data.
    struct statx found;
    if (statx(descriptor, "", AT_EMPTY_PATH, STATX_NLINK, &found) == 0) return found.stx_nlink;
    if (errno != ENOSYS) return -1;
    struct stat whole;
    return fstat(descriptor, &whole) == 0 ? (int64_t)whole.st_nlink : -1;
}

int writ_sync_file_system(int descriptor) { return syncfs(descriptor); }

// On Linux a thread has a priority of its own; 0 means the calling thread.
int writ_lower_thread_priority(int steps) { return setpriority(PRIO_PROCESS, 0, steps); }

int64_t writ_free_bytes(int descriptor) {
    struct statvfs found;
    if (fstatvfs(descriptor, &found) != 0) {
        return -1;
    }
    uint64_t bytes;
    if (__builtin_mul_overflow((uint64_t)found.f_bavail, (uint64_t)found.f_frsize, &bytes) || bytes > INT64_MAX) {
        return INT64_MAX;
    }
    return (int64_t)bytes;
}

void writ_erase(void *bytes, size_t count) { explicit_bzero(bytes, count); }

int writ_random(void *bytes, size_t count) {
    uint8_t *next = bytes;
    while (count > 0) {
        ssize_t got = getrandom(next, count, 0);
        if (got < 0) {
            if (errno == EINTR) {
                continue;
            }
            return -1;
        }
        next += got;
        count -= (size_t)got;
    }
    return 0;
}

int writ_name_thread(const char *name) { return pthread_setname_np(pthread_self(), name); }

int writ_try_lock(int descriptor) { return flock(descriptor, LOCK_EX | LOCK_NB); }

static int add_actions(const struct writ_spawn *request, posix_spawn_file_actions_t *actions) {
    int error = 0;
    for (int target = 0; target < 3 && error == 0; target++) {
        if (request->standard[target] >= 0) {
            error = posix_spawn_file_actions_adddup2(actions, request->standard[target], target);
        }
    }
    if (error == 0 && request->directory != NULL) {
        error = posix_spawn_file_actions_addchdir_np(actions, request->directory);
    }
    if (error == 0 && request->program >= 0) {
        // An interpreter of a script opens the program by this name, so it has to stay open in the child.
        error = posix_spawn_file_actions_adddup2(actions, request->program, 3);
    }
    if (error == 0) {
        error = posix_spawn_file_actions_addclosefrom_np(actions, request->program >= 0 ? 4 : 3);
    }
    return error;
}

static int set_attributes(const struct writ_spawn *request, posix_spawnattr_t *attributes) {
    sigset_t all;
    sigset_t none;
    sigfillset(&all);
    sigemptyset(&none);
    short flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK;
    int error = posix_spawnattr_setsigdefault(attributes, &all);
    if (error == 0) {
        error = posix_spawnattr_setsigmask(attributes, &none);
    }
    if (error == 0 && request->new_group) {
        flags |= POSIX_SPAWN_SETPGROUP;
        error = posix_spawnattr_setpgroup(attributes, 0);
    }
    return error != 0 ? error : posix_spawnattr_setflags(attributes, flags);
}

int writ_spawn_process(const struct writ_spawn *request, pid_t *pid) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int error = posix_spawn_file_actions_init(&actions);
    if (error != 0) {
        return error;
    }
    error = posix_spawnattr_init(&attributes);
    if (error == 0) {
        error = add_actions(request, &actions);
        if (error == 0) {
            error = set_attributes(request, &attributes);
        }
        if (error == 0) {
            const char *path = request->program >= 0 ? "/proc/self/fd/3" : request->path;
            error = posix_spawn(pid, path, &actions, &attributes, request->arguments, request->environment);
        }
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return error;
}
