/* A disk that keeps, when the power is cut, only what the last completed fsync
 * or fdatasync covered. Loaded into the program under test (LD_PRELOAD).
 *
 * Below CUT_ROOT, a file that is synchronised is copied to CUT_SHADOW/fINODE, a
 * folder's names to CUT_SHADOW/dINODE: read before the real call, kept after it.
 * What is deleted keeps its inode, so that no other file gets its number.
 * CUT_SHADOW/syncs gets a byte for each.
 *
 * Where a file CUT_SHADOW/fail stands, the next sync below CUT_ROOT takes it away
 * and fails; those after it succeed. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef int (*on_file)(int);
typedef int (*on_name)(const char *);
typedef int (*on_names)(const char *, const char *);

static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

static int is_below_root(const char *path) {
    const char *root = getenv("CUT_ROOT");
    return root && path && strncmp(path, root, strlen(root)) == 0;
}

static int copy_file(int fd, const char *to) {
    static __thread char block[65536];
    char name[64];
    int from = fd, own = -1;
    int out = open(to, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    off_t at = 0;
    ssize_t read = pread(from, block, sizeof block, at);
    if (read < 0 && errno == EBADF) {
        /* Opened for writing alone. (Otherwise not: to close another handle
         * would drop SQLite's locks.) */
        snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
        own = from = open(name, O_RDONLY);
        read = pread(from, block, sizeof block, at);
    }
    for (; read > 0; at += read, read = pread(from, block, sizeof block, at))
        if (write(out, block, read) != read) break;
    close(out);
    if (own >= 0) close(own);
    return read == 0;
}

static int copy_names(const char *folder, const char *to) {
    char path[4096];
    struct stat found;
    struct dirent *entry;
    DIR *names = opendir(folder);
    FILE *out = fopen(to, "w");
    if (!names || !out) return 0;
    while ((entry = readdir(names))) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (lstat(path, &found)) continue;
        fprintf(out, "%c %lu %s\n", S_ISDIR(found.st_mode) ? 'd' : 'f',
                (unsigned long)found.st_ino, entry->d_name);
    }
    closedir(names);
    return fclose(out) == 0;
}

static int synchronise(int fd, const char *call) {
    on_file sync = (on_file)real(call);
    char link[64], path[4096], partial[4200], kept[4200];
    const char *shadow = getenv("CUT_SHADOW");
    struct stat found;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0 || fstat(fd, &found)) return sync(fd);
    path[length] = 0;
    if (!shadow || !is_below_root(path)) return sync(fd);
    snprintf(kept, sizeof kept, "%s/fail", shadow);
    if (((on_name)real("unlink"))(kept) == 0) {
        errno = EIO;
        return -1;
    }
    char kind = S_ISDIR(found.st_mode) ? 'd' : 'f';
    snprintf(partial, sizeof partial, "%s/partial.%d.%c%lu", shadow, gettid(), kind,
             (unsigned long)found.st_ino);
    snprintf(kept, sizeof kept, "%s/%c%lu", shadow, kind, (unsigned long)found.st_ino);
    int copied = kind == 'd' ? copy_names(path, partial) : copy_file(fd, partial);
    int done = sync(fd);
    if (done == 0 && copied) {
        ((on_names)real("rename"))(partial, kept);
        snprintf(kept, sizeof kept, "%s/syncs", shadow);
        int log = open(kept, O_CREAT | O_APPEND | O_WRONLY, 0600);
        if (write(log, "s", 1) < 0) abort();
        close(log);
    }
    return done;
}

int fsync(int fd) { return synchronise(fd, "fsync"); }
int fdatasync(int fd) { return synchronise(fd, "fdatasync"); }

static void keep_inode(const char *path) {
    static int count;
    char kept[4200];
    const char *shadow = getenv("CUT_SHADOW");
    if (!shadow || !is_below_root(path)) return;
    snprintf(kept, sizeof kept, "%s/gone.%d.%d", shadow, getpid(),
             __sync_add_and_fetch(&count, 1));
    if (link(path, kept) && errno != ENOENT) abort();
}

int unlink(const char *path) {
    keep_inode(path);
    return ((on_name)real("unlink"))(path);
}

int rename(const char *from, const char *to) {
    keep_inode(to);
    return ((on_names)real("rename"))(from, to);
}
