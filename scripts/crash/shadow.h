// What files have not been told yet: the shadows of drop-unsynced.c, which alone includes this.

#ifndef SHADOW_H
#define SHADOW_H

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE_BYTES 4096
#define BUCKETS 4096
#define DESCRIPTORS_MAX 65536

struct page {
    struct page *next;
    off_t number;
    int lost;  // A sync failed after the last write: readable, never applied.
    unsigned char bytes[PAGE_BYTES];
};

// What one file has not been told yet; one for each inode that was ever opened below the directory.
struct shadow {
    struct shadow *next;
    dev_t device;
    ino_t inode;
    int references;      // Descriptors of the process.
    int file;            // A descriptor of our own, for applying; -1 until the first write.
    off_t end;           // Where the furthest unapplied write ended.
    struct page **pages; // By page number; null while there is none.
};

struct descriptor {
    struct shadow *shadow;
    int flags;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct shadow *shadows;
static struct descriptor descriptors[DESCRIPTORS_MAX];

// The function that would have been called without this library.
#define REAL(name)                                                                                                     \
    ({                                                                                                                 \
        static __typeof__(&name) found;                                                                                \
        if (!found) found = (__typeof__(&name))dlsym(RTLD_NEXT, #name);                                                \
        found;                                                                                                         \
    })

static void give_up(const char *what) {
    char text[256];
    int length = snprintf(text, sizeof text, "drop-unsynced: %s\n", what);
    REAL(write)(2, text, (size_t)length);
    abort();
}

static struct shadow *shadow_of(int fd) {
    return fd >= 0 && fd < DESCRIPTORS_MAX ? descriptors[fd].shadow : NULL;
}

static struct shadow *shadow_of_inode(const struct stat *status) {
    for (struct shadow *shadow = shadows; shadow; shadow = shadow->next)
        if (shadow->device == status->st_dev && shadow->inode == status->st_ino) return shadow;
    return NULL;
}

static struct page *find_page(const struct shadow *shadow, off_t number) {
    struct page *page = shadow->pages ? shadow->pages[number % BUCKETS] : NULL;
    while (page && page->number != number) page = page->next;
    return page;
}

static void drop_pages(struct shadow *shadow) {
    for (int bucket = 0; shadow->pages && bucket < BUCKETS; bucket++) {
        while (shadow->pages[bucket]) {
            struct page *page = shadow->pages[bucket];
            shadow->pages[bucket] = page->next;
            free(page);
        }
    }
    shadow->end = 0;
}

static void forget(struct shadow *shadow) {
    struct shadow **link = &shadows;
    while (*link != shadow) link = &(*link)->next;
    *link = shadow->next;
    drop_pages(shadow);
    free(shadow->pages);
    if (shadow->file >= 0) REAL(close)(shadow->file);
    free(shadow);
}

static off_t length_on_disk(int fd) {
    struct stat status;
    return REAL(fstat)(fd, &status) == 0 ? status.st_size : 0;
}

static off_t length_of(int fd, const struct shadow *shadow) {
    off_t length = length_on_disk(fd);
    return shadow->end > length ? shadow->end : length;
}

// The page, made from the file if the shadow has none yet.
static struct page *make_page(int fd, struct shadow *shadow, off_t number) {
    struct page *page = find_page(shadow, number);
    if (page) return page;
    if (!shadow->pages && !(shadow->pages = calloc(BUCKETS, sizeof *shadow->pages))) give_up("out of memory");
    if (!(page = calloc(1, sizeof *page))) give_up("out of memory");
    if (shadow->file < 0) {
        char path[64];
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        shadow->file = REAL(open)(path, O_RDWR | O_CLOEXEC);
        if (shadow->file < 0) give_up("a written file cannot be opened again");
    }
    page->number = number;
    if (REAL(pread)(shadow->file, page->bytes, PAGE_BYTES, number * PAGE_BYTES) < 0) give_up("a page cannot be read");
    page->next = shadow->pages[number % BUCKETS];
    shadow->pages[number % BUCKETS] = page;
    return page;
}

static void store(int fd, struct shadow *shadow, const void *bytes, size_t count, off_t offset) {
    const unsigned char *from = bytes;
    while (count > 0) {
        size_t start = (size_t)(offset % PAGE_BYTES);
        size_t part = PAGE_BYTES - start < count ? PAGE_BYTES - start : count;
        struct page *page = make_page(fd, shadow, offset / PAGE_BYTES);
        memcpy(page->bytes + start, from, part);
        page->lost = 0;
        from += part;
        offset += (off_t)part;
        count -= part;
    }
    if (offset > shadow->end) shadow->end = offset;
}

static ssize_t load(int fd, const struct shadow *shadow, void *bytes, size_t count, off_t offset) {
    off_t length = length_of(fd, shadow);
    if (offset < 0) {
        errno = EINVAL;
        return -1;
    }
    if (offset >= length) return REAL(pread)(fd, bytes, 0, offset);
    if ((off_t)count > length - offset) count = (size_t)(length - offset);
    ssize_t found = REAL(pread)(fd, bytes, count, offset);
    if (found < 0) return found;
    memset((char *)bytes + found, 0, count - (size_t)found);
    for (off_t number = offset / PAGE_BYTES; number * PAGE_BYTES < offset + (off_t)count; number++) {
        struct page *page = find_page(shadow, number);
        if (!page) continue;
        off_t start = number * PAGE_BYTES, stop = start + PAGE_BYTES;
        off_t first = start > offset ? start : offset;
        off_t last = stop < offset + (off_t)count ? stop : offset + (off_t)count;
        memcpy((char *)bytes + (first - offset), page->bytes + (first - start), (size_t)(last - first));
    }
    return (ssize_t)count;
}

// Writes what is pending to the file; what a failed sync lost stays behind.
static void apply(struct shadow *shadow) {
    off_t end = 0;
    for (int bucket = 0; shadow->pages && bucket < BUCKETS; bucket++) {
        struct page **link = &shadow->pages[bucket];
        while (*link) {
            struct page *page = *link;
            off_t start = page->number * PAGE_BYTES;
            off_t length = length_of(shadow->file, shadow);
            off_t stop = length < start + PAGE_BYTES ? length : start + PAGE_BYTES;
            if (page->lost) {
                if (stop > end) end = stop;
                link = &page->next;
                continue;
            }
            if (stop > start && REAL(pwrite)(shadow->file, page->bytes, (size_t)(stop - start), start) != stop - start)
                give_up("a synced page cannot be written");
            *link = page->next;
            free(page);
        }
    }
    shadow->end = end;
}

static void lose(struct shadow *shadow) {
    for (int bucket = 0; shadow->pages && bucket < BUCKETS; bucket++)
        for (struct page *page = shadow->pages[bucket]; page; page = page->next) page->lost = 1;
}

static void cut(struct shadow *shadow, off_t length) {
    for (int bucket = 0; shadow->pages && bucket < BUCKETS; bucket++) {
        struct page **link = &shadow->pages[bucket];
        while (*link) {
            struct page *page = *link;
            off_t start = page->number * PAGE_BYTES, stop = start + PAGE_BYTES;
            if (start < length) {
                if (stop > length) memset(page->bytes + (length - start), 0, (size_t)(stop - length));
                link = &page->next;
            } else {
                *link = page->next;
                free(page);
            }
        }
    }
    if (shadow->end > length) shadow->end = length;
}

static void apply_all(void) {
    pthread_mutex_lock(&lock);
    for (struct shadow *shadow = shadows; shadow; shadow = shadow->next) apply(shadow);
    pthread_mutex_unlock(&lock);
}

#endif
