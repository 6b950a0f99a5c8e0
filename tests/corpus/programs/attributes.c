#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <utime.h>

static void show(const char *what, long value)
{
	printf("%s: %ld %s\n", what, value, value < 0 ? strerror(errno) : "");
}

static void times(const char *path)
{
	struct stat st;
	lstat(path, &st);
	printf("%s: %ld.%09ld %ld.%09ld\n", path, (long)st.st_atim.tv_sec, st.st_atim.tv_nsec,
	       (long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
}

int main(void)
{
	struct stat st;
	char buffer[64];
	printf("umask %o %o\n", umask(0700), umask(022));
	int fd = open("file", O_RDWR | O_CREAT, 0777);
	symlink("file", "soft");
	mkdir("folder", 01777);
	fstat(fd, &st);
	printf("mode %o, blocks %ld, block %ld\n", st.st_mode, (long)st.st_blocks, (long)st.st_blksize);
	show("fchmod", fchmod(fd, 04755));
	show("fchmodat", fchmodat(AT_FDCWD, "folder", 02700, 0));
	stat("folder", &st);
	printf("mode %o\n", st.st_mode);
	show("chmod a link", fchmodat(AT_FDCWD, "soft", 0600, AT_SYMLINK_NOFOLLOW));
	show("chown", chown("file", getuid(), getgid()));
	fstat(fd, &st);
	printf("mode after chown %o\n", st.st_mode);
	show("lchown", lchown("soft", -1, getgid()));
	show("fchown", fchown(fd, -1, -1));
	show("fchownat", fchownat(fd, "", -1, -1, AT_EMPTY_PATH));
	show("chown nothing", chown("nothing", 1, 1));
	struct timespec two[2] = {{1000, 5}, {2000, 999999999}};
	show("utimensat", utimensat(AT_FDCWD, "file", two, 0));
	times("file");
	two[0].tv_nsec = UTIME_OMIT;
	two[1].tv_sec = 77;
	show("omit", utimensat(AT_FDCWD, "file", two, 0));
	show("link itself", utimensat(AT_FDCWD, "soft", two, AT_SYMLINK_NOFOLLOW));
	times("file");
	two[0].tv_nsec = 1000000000;
	show("bad", futimens(fd, two));
	show("utimes", utimes("file", (struct timeval[2]){{5, 6}, {7, 8}}));
	times("file");
	show("utime", utime("file", &(struct utimbuf){11, 12}));
	times("file");
	show("flags", syscall(SYS_utimensat, AT_FDCWD, "file", 0, 0x77));
	show("truncate", truncate("file", 10000));
	stat("file", &st);
	printf("size %ld\n", (long)st.st_size);
	show("truncate a directory", truncate("folder", 0));
	show("truncate", truncate("file", -1));
	show("getxattr", getxattr("file", "user.none", buffer, 64));
	show("lgetxattr", lgetxattr("nothing", "user.none", buffer, 64));
	show("listxattr", listxattr("file", buffer, 64));
	show("flistxattr", flistxattr(fd, buffer, 64));
	show("fgetxattr", fgetxattr(99, "user.none", buffer, 64));
	show("access", access("file", X_OK));
	show("faccessat", faccessat(AT_FDCWD, "folder", W_OK, AT_EACCESS));
	struct statfs fs;
	show("statfs", statfs(".", &fs));
	printf("names %ld, block %d\n", (long)fs.f_namelen, (int)fs.f_bsize);
	show("fstatfs", fstatfs(99, &fs));
#ifdef STATX_BASIC_STATS
	struct statx extended;
	show("statx", statx(AT_FDCWD, "file", 0, STATX_BASIC_STATS, &extended));
	printf("mode %o size %ld links %d\n", extended.stx_mode, (long)extended.stx_size,
	       extended.stx_nlink);
	show("statx", statx(fd, "", AT_EMPTY_PATH, STATX_SIZE, &extended));
	show("statx", statx(99, "", AT_EMPTY_PATH, STATX_SIZE, &extended));
#endif
	show("mknod", mknod("node", S_IFREG | 0600, 0));
	show("mkfifo", mkfifo("fifo", 0640));
	stat("fifo", &st);
	printf("mode %o\n", st.st_mode);
	show("linkat", linkat(AT_FDCWD, "soft", AT_FDCWD, "hard", 0));
	show("linkat", linkat(AT_FDCWD, "soft", AT_FDCWD, "followed", AT_SYMLINK_FOLLOW));
	lstat("hard", &st);
	printf("a link: %d\n", S_ISLNK(st.st_mode));
	show("link a directory", link("folder", "other"));
	show("new slash", mknod("absent/", S_IFREG | 0600, 0));
	show("not replaced", syscall(SYS_renameat2, AT_FDCWD, "node", AT_FDCWD, "fifo", 1));
	show("replaced", rename("node", "fifo"));
	show("same", rename("file", "followed"));
	show("still there", access("file", F_OK));
	int place = open("folder", O_PATH);
	show("O_PATH read", read(place, buffer, 1));
	show("O_PATH fstat", fstat(place, &st));
	show("openat", openat(place, "inside", O_CREAT | O_WRONLY, 0600));
	show("temporary", open("folder/inside", O_WRONLY | O_CREAT | O_EXCL, 0600));
	show("directory", open("file", O_RDONLY | O_DIRECTORY));
	show("no follow", open("soft", O_RDONLY | O_NOFOLLOW));
	show("creat", creat("file", 0600) > 0);
	stat("file", &st);
	printf("size %ld\n", (long)st.st_size);
	return 0;
}
