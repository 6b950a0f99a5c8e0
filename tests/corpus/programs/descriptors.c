#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static void show(const char *what, long value)
{
	printf("%s: %ld %s\n", what, value, value < 0 ? strerror(errno) : "");
}

int main(void)
{
	char buffer[64] = "";
	int fd = open("data", O_RDWR | O_CREAT, 0600), on = 1, pair[2];
	write(fd, "0123456789abcdef", 16);
	show("cloexec", ioctl(fd, FIOCLEX));
	show("getfd", fcntl(fd, F_GETFD));
	show("not", ioctl(fd, FIONCLEX));
	show("getfd", fcntl(fd, F_GETFD));
	show("nonblock", ioctl(fd, FIONBIO, &on));
	show("getfl", fcntl(fd, F_GETFL));
	show("getfl", !!(fcntl(fd, F_GETFL) & O_NONBLOCK));
	show("setfl", fcntl(fd, F_SETFL, O_APPEND | O_RDONLY));
	show("getfl", fcntl(fd, F_GETFL) & (O_APPEND | O_NONBLOCK | O_ACCMODE));
	lseek(fd, 0, SEEK_SET);
	show("appended", write(fd, "X", 1));
	show("position", lseek(fd, 0, SEEK_CUR));
	fcntl(fd, F_SETFL, 0);
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 5};
	show("getlk", fcntl(fd, F_GETLK, &lock));
	printf("type %d\n", lock.l_type == F_UNLCK);
	lock.l_type = F_WRLCK;
	show("setlk", fcntl(fd, F_SETLK, &lock));
	lock.l_type = 99;
	show("setlk", fcntl(fd, F_SETLK, &lock));
	lock.l_type = F_WRLCK;
	show("setlk read-only", fcntl(open("data", O_RDONLY), F_SETLK, &lock));
	show("flock", flock(fd, LOCK_EX | LOCK_NB));
	show("flock", flock(fd, 77));
	show("dup3", dup3(fd, fd, 0));
	show("dup3", dup3(fd, 30, O_CLOEXEC));
	show("getfd", fcntl(30, F_GETFD));
	show("dupfd", fcntl(fd, F_DUPFD_CLOEXEC, 40));
	show("dup2 itself", dup2(fd, fd));
	show("dup2 bad itself", dup2(99, 99));
	show("close_range", syscall(SYS_close_range, 30, 50, 0));
	show("closed", fcntl(40, F_GETFD));
	show("close_range", syscall(SYS_close_range, 50, 30, 0));
	pipe(pair);
	show("pipe size", fcntl(pair[0], F_GETPIPE_SZ));
	show("size of a file", fcntl(fd, F_GETPIPE_SZ));
	show("fionread", ioctl(fd, FIONREAD, &on));
	printf("%d\n", on);
	lseek(fd, 4, SEEK_SET);
	show("sendfile", sendfile(pair[1], fd, NULL, 5));
	show("read", read(pair[0], buffer, 64));
	printf("%s, then at %ld\n", buffer, (long)lseek(fd, 0, SEEK_CUR));
	off_t from = 10;
	show("sendfile", sendfile(pair[1], fd, &from, 100));
	printf("to %ld, at %ld\n", (long)from, (long)lseek(fd, 0, SEEK_CUR));
	struct iovec pieces[2] = {{buffer, 3}, {buffer + 8, 4}};
	show("preadv pipe", preadv(pair[0], pieces, 2, 0));
	show("readv pipe", readv(pair[0], pieces, 2));
	printf("%.3s %.4s\n", buffer, buffer + 8);
	show("sendfile from a pipe", sendfile(1, pair[0], NULL, 5));
	show("sendfile bad", sendfile(pair[1], 99, NULL, 5));
	int other = open("other", O_RDWR | O_CREAT, 0600);
	loff_t start = 2, before = -2;
	show("copy", syscall(SYS_copy_file_range, fd, &start, other, 0, 6, 0));
	show("copy", syscall(SYS_copy_file_range, fd, 0, pair[1], 0, 6, 0));
	show("copy", syscall(SYS_copy_file_range, fd, &before, other, 0, 1, 0));
	show("copy", syscall(SYS_copy_file_range, fd, &before, other, 0, 6, 0));
	show("copy", syscall(SYS_copy_file_range, fd, 0, other, &before, 1, 0));
	show("copy", syscall(SYS_copy_file_range, fd, 0, other, 0, 6, 9));
	show("pread", pread(other, buffer, 64, 0));
	printf("%.6s\n", buffer);
	struct iovec two[2] = {{buffer, 3}, {buffer + 8, 4}};
	show("preadv", preadv(fd, two, 2, 1));
	printf("%.3s %.4s\n", buffer, buffer + 8);
	show("pwritev", pwritev(fd, two, 2, 8));
	show("preadv2", syscall(SYS_preadv2, fd, two, 2, -1L, -1L, 0));
	show("preadv2", syscall(SYS_preadv2, fd, two, 2, 0L, 0L, 0x1000));
	show("pwritev2", syscall(SYS_pwritev2, fd, two, 2, 0L, 0L, 0));
	show("too many", readv(fd, two, 2000));
	show("fallocate", fallocate(fd, 0, 0, 5000));
	show("end", lseek(fd, 0, SEEK_END));
	show("fallocate", fallocate(fd, 0, 0, 0));
	show("fallocate a pipe", fallocate(pair[1], 0, 0, 5));
	show("data", lseek(other, 0, SEEK_DATA));
	show("hole", lseek(other, 0, SEEK_HOLE));
	show("beyond", lseek(other, 100, SEEK_DATA));
	show("fdatasync", fdatasync(fd));
	show("fsync a pipe", fsync(pair[0]));
	show("syncfs", syncfs(fd));
	show("advice", posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL));
	show("readahead", readahead(fd, 0, 10));
	show("readahead", readahead(pair[0], 0, 10));
	sync();
	int nameless = syscall(SYS_memfd_create, "made", 1);
	show("memfd", nameless > 0);
	show("write", write(nameless, "inside", 6));
	show("ftruncate", ftruncate(nameless, 3));
	show("pread", pread(nameless, buffer, 64, 0));
	char *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, nameless, 0);
	shared[1] = 'N';
	pread(nameless, buffer, 3, 0);
	printf("%.3s\n", buffer);
	show("openat2", syscall(SYS_openat2, AT_FDCWD, "data", (long[3]){O_RDONLY, 0, 0}, 24) > 0);
	show("openat2", syscall(SYS_openat2, AT_FDCWD, "data", (long[3]){O_RDONLY, 0600, 0}, 24));
	show("openat2", syscall(SYS_openat2, AT_FDCWD, "data", (long[3]){O_RDONLY, 0, 0}, 8));
	show("unknown", fcntl(fd, 12345));
	return 0;
}
