/*
 * Records what a process writes below one folder, in the order the system saw it, and makes chosen calls fail.
 * Loaded with LD_PRELOAD; Linux only. See recording.ts for the reader of the log.
 *
 * RECORD_FOLDER  the folder whose files are recorded (-shm files are left out: SQLite makes them anew after a crash)
 * RECORD_LOG     the log file; without it nothing is recorded, and calls can still be made to fail
 *
 * Record: u8 type, u32 descriptor, u64 offset or size, u32 length, bytes. Types: O open (bytes: path, offset: 1 when
 * it was made), W write, T truncate, S sync, U unlink, R rename (two paths, a zero between), M mkdir, A what was
 * written to stdout (an acknowledgement).
 *
 * Opening "/.inject/<call>/<n>/<errno>/<times>" makes the n-th next call of that kind (write, sync, truncate; names:
 * the sync of a folder) on a recorded file fail with this errno, and those after it, `times` in all; n = 0 stops it. The opening itself fails
 * with ENOENT, or EEXIST when the last failure was delivered at least once.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define MAX_DESCRIPTORS 4096
#define STDOUT 1
#define IS_FILE 1
#define IS_FOLDER 2

static const char *folder;
static size_t folder_length;
static int log_descriptor = -1;
static unsigned char is_recorded[MAX_DESCRIPTORS];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static struct { char call[16]; long left; int error; long times; int delivered; } injected;

#define REAL(name) ((__typeof__(&name))real(#name))
static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

__attribute__((constructor)) static void start(void) {
  folder = getenv("RECORD_FOLDER");
  folder_length = folder == NULL ? 0 : strlen(folder);
  const char *log = getenv("RECORD_LOG");
  if (log == NULL) return;
  int descriptor = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  /* Out of the way of the process's own numbers. */
  log_descriptor = (int)syscall(SYS_fcntl, descriptor, F_DUPFD_CLOEXEC, 3000);
  syscall(SYS_close, descriptor);
}

static int is_below(const char *path) {
  if (folder == NULL || path == NULL || strncmp(path, folder, folder_length) != 0) return 0;
  if (path[folder_length] != '/' && path[folder_length] != 0) return 0;
  size_t length = strlen(path);
  return length < 4 || strcmp(path + length - 4, "-shm") != 0;
}

static int is_known(int descriptor) {
  return descriptor >= 0 && descriptor < MAX_DESCRIPTORS && is_recorded[descriptor];
}

static void record(char type, int descriptor, uint64_t offset, const void *bytes, size_t length) {
  if (log_descriptor < 0) return;
  unsigned char head[17];
  uint32_t number = (uint32_t)descriptor, size = (uint32_t)length;
  head[0] = (unsigned char)type;
  memcpy(head + 1, &number, 4);
  memcpy(head + 5, &offset, 8);
  memcpy(head + 13, &size, 4);
  struct iovec parts[2] = {{head, sizeof head}, {(void *)bytes, length}};
  int saved = errno;
  pthread_mutex_lock(&mutex);
  if (syscall(SYS_writev, log_descriptor, parts, 2) != (long)(sizeof head + length)) abort();
  pthread_mutex_unlock(&mutex);
  errno = saved;
}

/* 1 when this call has to fail; errno is set. */
static int must_fail(const char *call) {
  if (injected.left == 0 || strcmp(injected.call, call) != 0) return 0;
  if (injected.left > 1) { injected.left -= 1; return 0; }
  injected.delivered = 1;
  errno = injected.error;
  injected.times -= 1;
  if (injected.times <= 0) injected.left = 0;
  return 1;
}

static int inject(const char *path) {
  int was_delivered = injected.delivered;
  memset(&injected, 0, sizeof injected);
  sscanf(path, "/.inject/%15[a-z]/%ld/%d/%ld", injected.call, &injected.left, &injected.error, &injected.times);
  errno = was_delivered ? EEXIST : ENOENT;
  return -1;
}

static int open_at(int directory, const char *path, int flags, mode_t mode) {
  if (path != NULL && strncmp(path, "/.inject/", 9) == 0) return inject(path);
  if (!is_below(path)) {
    int descriptor = (int)syscall(SYS_openat, directory, path, flags, mode);
    if (descriptor >= 0 && descriptor < MAX_DESCRIPTORS) is_recorded[descriptor] = 0;
    return descriptor;
  }
  struct stat before;
  int existed = fstatat(directory, path, &before, AT_SYMLINK_NOFOLLOW) == 0;
  int descriptor = (int)syscall(SYS_openat, directory, path, flags, mode);
  if (descriptor < 0) return descriptor;
  if (descriptor >= MAX_DESCRIPTORS) abort();
  struct stat now;
  is_recorded[descriptor] = fstat(descriptor, &now) == 0 && S_ISDIR(now.st_mode) ? IS_FOLDER : IS_FILE;
  record('O', descriptor, existed ? 0 : 1, path, strlen(path));
  if (existed && (flags & O_TRUNC)) record('T', descriptor, 0, NULL, 0);
  return descriptor;
}

#define OPEN_MODE(flags) \
  mode_t mode = 0; \
  if ((flags) & (O_CREAT | O_TMPFILE)) { va_list list; va_start(list, flags); mode = va_arg(list, mode_t); va_end(list); }

int open(const char *path, int flags, ...) { OPEN_MODE(flags) return open_at(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { OPEN_MODE(flags) return open_at(AT_FDCWD, path, flags | O_LARGEFILE, mode); }
int openat(int at, const char *path, int flags, ...) { OPEN_MODE(flags) return open_at(at, path, flags, mode); }
int openat64(int at, const char *path, int flags, ...) { OPEN_MODE(flags) return open_at(at, path, flags | O_LARGEFILE, mode); }

int close(int descriptor) {
  if (descriptor == log_descriptor && log_descriptor >= 0) return 0;
  if (descriptor >= 0 && descriptor < MAX_DESCRIPTORS) is_recorded[descriptor] = 0;
  return (int)syscall(SYS_close, descriptor);
}

static ssize_t write_at(int descriptor, const void *bytes, size_t length, off64_t offset) {
  if (is_known(descriptor) && must_fail("write")) return -1;
  ssize_t written = syscall(SYS_pwrite64, descriptor, bytes, length, offset);
  if (written > 0 && is_known(descriptor)) record('W', descriptor, (uint64_t)offset, bytes, (size_t)written);
  return written;
}
ssize_t pwrite(int descriptor, const void *bytes, size_t length, off_t offset) { return write_at(descriptor, bytes, length, offset); }
ssize_t pwrite64(int descriptor, const void *bytes, size_t length, off64_t offset) { return write_at(descriptor, bytes, length, offset); }

ssize_t write(int descriptor, const void *bytes, size_t length) {
  /* The instant of the acknowledgement is before anyone can read it. */
  if (descriptor == STDOUT) record('A', descriptor, 0, bytes, length);
  if (!is_known(descriptor)) return syscall(SYS_write, descriptor, bytes, length);
  if (must_fail("write")) return -1;
  off64_t offset = (off64_t)syscall(SYS_lseek, descriptor, 0, SEEK_CUR);
  ssize_t written = syscall(SYS_write, descriptor, bytes, length);
  if (written > 0) record('W', descriptor, (uint64_t)offset, bytes, (size_t)written);
  return written;
}

/* Nothing the journal does may go around the record. */
ssize_t writev(int descriptor, const struct iovec *parts, int count) {
  if (is_known(descriptor)) abort();
  return syscall(SYS_writev, descriptor, parts, count);
}
ssize_t pwritev(int descriptor, const struct iovec *parts, int count, off_t offset) {
  if (is_known(descriptor)) abort();
  return REAL(pwritev)(descriptor, parts, count, offset);
}
int fallocate(int descriptor, int mode, off_t offset, off_t length) {
  if (is_known(descriptor)) abort();
  return (int)syscall(SYS_fallocate, descriptor, mode, offset, length);
}

static int truncate_to(int descriptor, off64_t size) {
  if (is_known(descriptor) && must_fail("truncate")) return -1;
  int answer = (int)syscall(SYS_ftruncate, descriptor, size);
  if (answer == 0 && is_known(descriptor)) record('T', descriptor, (uint64_t)size, NULL, 0);
  return answer;
}
int ftruncate(int descriptor, off_t size) { return truncate_to(descriptor, size); }
int ftruncate64(int descriptor, off64_t size) { return truncate_to(descriptor, size); }

static int sync_one(int descriptor, long call) {
  if (is_known(descriptor) && must_fail(is_recorded[descriptor] == IS_FOLDER ? "names" : "sync")) return -1;
  int answer = (int)syscall(call, descriptor);
  if (answer == 0 && is_known(descriptor)) record('S', descriptor, 0, NULL, 0);
  return answer;
}
int fsync(int descriptor) { return sync_one(descriptor, SYS_fsync); }
int fdatasync(int descriptor) { return sync_one(descriptor, SYS_fdatasync); }

static int remove_at(int directory, const char *path, int flags) {
  int answer = (int)syscall(SYS_unlinkat, directory, path, flags);
  if (answer == 0 && is_below(path)) record('U', 0, 0, path, strlen(path));
  return answer;
}
int unlink(const char *path) { return remove_at(AT_FDCWD, path, 0); }
int unlinkat(int directory, const char *path, int flags) { return remove_at(directory, path, flags); }
int rmdir(const char *path) { return remove_at(AT_FDCWD, path, AT_REMOVEDIR); }
int remove(const char *path) {
  int answer = remove_at(AT_FDCWD, path, 0);
  return answer != 0 && errno == EISDIR ? remove_at(AT_FDCWD, path, AT_REMOVEDIR) : answer;
}

int rename(const char *from, const char *to) {
  int answer = (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
  if (answer != 0 || !is_below(from)) return answer;
  size_t first = strlen(from), second = strlen(to);
  char *both = malloc(first + second + 1);
  if (both == NULL) abort();
  memcpy(both, from, first + 1);
  memcpy(both + first + 1, to, second);
  record('R', 0, 0, both, first + second + 1);
  free(both);
  return answer;
}

int link(const char *from, const char *to) {
  int answer = (int)syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
  if (answer == 0 && is_below(to)) abort();
  return answer;
}

int mkdir(const char *path, mode_t mode) {
  int answer = (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
  if (answer == 0 && is_below(path)) record('M', 0, 0, path, strlen(path));
  return answer;
}
