// Functions of Linux and glibc that the Swift overlay does not import: variadic, feature-gated or macro-only.
// Every function answers as the call that it wraps does: -1 and errno for a failure.
#ifndef WRIT_CSYSTEM_H
#define WRIT_CSYSTEM_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

// The calling thread's errno, read before any other call can change it.
int writ_errno(void);

// The symbolic name of an error number ("ENOENT"), or NULL for one that glibc does not know.
const char *writ_errno_name(int number);

// What a number of errno means, in English whatever the locale; NULL if there is no such number.
const char *writ_errno_words(int number);

// Opens a file; open(2) is variadic. O_CLOEXEC is always added.
int writ_open(const char *path, int flags, mode_t mode);
int writ_openat(int directory, const char *path, int flags, mode_t mode);

// O_TMPFILE, O_PATH, O_DIRECTORY and O_NOFOLLOW, which need _GNU_SOURCE.
extern const int writ_o_tmpfile;
extern const int writ_o_path;
extern const int writ_o_directory;
extern const int writ_o_nofollow;

// Forbids core dumps and reading of this process' memory by others of its user (prctl PR_SET_DUMPABLE, RLIMIT_CORE).
int writ_forbid_core_dumps(void);

// Gives blocks of 128 KiB and more back to the kernel when they are freed, however often they come (mallopt
// M_MMAP_THRESHOLD): by itself glibc raises that size and keeps them.
int writ_return_large_blocks(void);

// Forbids that this process and its children gain privileges by exec (prctl PR_SET_NO_NEW_PRIVS).
int writ_forbid_new_privileges(void);

// Raises the soft limit of open files to the hard one; returns the limit, or -1.
int64_t writ_raise_file_limit(void);

// The credentials of the peer of a Unix socket, as they were when it connected (SO_PEERCRED).
int writ_peer_credentials(int socket, int32_t *pid, uint32_t *uid, uint32_t *gid);

// Sockets that are closed on exec.
int writ_socket_unix(void);
int writ_unix_connect(int socket, const char *path, size_t length);
int writ_unix_bind(int socket, const char *path, size_t length);
int writ_socket_nonblocking(int socket);
// Connects to a numeric IPv4 or IPv6 address; a non-blocking socket answers EINPROGRESS.
int writ_socket_tcp(const char *address);
int writ_tcp_connect(int socket, const char *address, uint16_t port);
int writ_socket_error(int socket);
// Sends without SIGPIPE.
ssize_t writ_send(int socket, const void *bytes, size_t count);
// The port a socket is bound to, or -1.
int writ_socket_port(int socket);
int writ_accept(int socket);

// A descriptor that becomes readable when the process has ended (pidfd_open), and a signal by it without a race.
int writ_pidfd_open(pid_t pid);
int writ_pidfd_send_signal(int pidfd, int signal);

// A pipe and a duplicate at or above `lowest`, both closed on exec.
int writ_pipe(int ends[2]);
int writ_duplicate(int descriptor, int lowest);

// An anonymous file in memory.
int writ_memfd(const char *name);

// Frees the content of a range of a file, which then reads as zeros (FALLOC_FL_PUNCH_HOLE), or reserves room for it.
int writ_punch_hole(int descriptor, int64_t offset, int64_t count);
int writ_reserve(int descriptor, int64_t offset, int64_t count);

int writ_data_sync(int descriptor);
ssize_t writ_pwritev(int descriptor, const struct iovec *vectors, int count, int64_t offset);

// What fstat says; returns -1 on failure.
struct writ_file_status {
    uint64_t device;
    uint64_t inode;
    uint64_t link_count;
    uint32_t mode;
    uint32_t uid;
    uint32_t gid;
    int64_t size;
};
int writ_status(int descriptor, struct writ_file_status *status);
int writ_path_status(const char *path, int follow, struct writ_file_status *status);

// How many names a file has, without asking for its times; returns -1 on failure.
int64_t writ_link_count(int descriptor);

// The bytes that an unprivileged process can still write to the file system of a descriptor.
int64_t writ_free_bytes(int descriptor);

// Makes everything that was written to the file system of a descriptor durable (syncfs).
int writ_sync_file_system(int descriptor);

// Lowers the priority of the calling thread by some steps.
int writ_lower_thread_priority(int steps);

// CRC-32C (Castagnoli) of bytes, continuing from the CRC of those before (0 at first); the second form uses no special
// instruction.
uint32_t writ_crc32c(uint32_t crc, const void *bytes, size_t count);
uint32_t writ_crc32c_portable(uint32_t crc, const void *bytes, size_t count);

// Overwrites memory in a way that no compiler removes.
void writ_erase(void *bytes, size_t count);

// Fills a buffer from the kernel's generator; 0, or -1 if not every byte came.
int writ_random(void *bytes, size_t count);

// Names the calling thread; at most 15 bytes.
int writ_name_thread(const char *name);

// Takes an exclusive lock without waiting (flock); EWOULDBLOCK when another holds it.
int writ_try_lock(int descriptor);

// What a child process gets; all pointers are borrowed for the call.
struct writ_spawn {
    const char *path;            // The program, or NULL to run `program`.
    int program;                 // An open descriptor of the program, or -1.
    char *const *arguments;      // Ends with NULL.
    char *const *environment;    // Ends with NULL; the whole environment.
    const char *directory;       // The working directory, or NULL for ours.
    int standard[3];             // Descriptors for 0, 1 and 2; all at least `writ_spawn_lowest`, or -1 to inherit.
    int new_group;               // Whether the child leads a process group of its own.
};
enum { writ_spawn_lowest = 10 };
// Starts a process: signals at their defaults and unblocked, every other descriptor closed. Returns 0 or an errno.
int writ_spawn_process(const struct writ_spawn *request, pid_t *pid);

#endif
