#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static void say(const char *what, long value)
{
	printf("%s = %ld%s%s\n", what, value, value < 0 ? " " : "", value < 0 ? strerror(errno) : "");
}

int main(void)
{
	char buffer[64] = "";
	struct stat st;
	umask(022);
	int fd = open("made.txt", O_RDWR | O_CREAT | O_EXCL, 0666);
	say("open", fd);
	say("again", open("made.txt", O_RDWR | O_CREAT | O_EXCL, 0666));
	say("write", write(fd, "hello world\n", 12));
	say("lseek", lseek(fd, 6, SEEK_SET));
	say("read", read(fd, buffer, sizeof buffer));
	printf("%s", buffer);
	say("at end", read(fd, buffer, sizeof buffer));
	say("hole", lseek(fd, 5000, SEEK_SET));
	say("write", write(fd, "x", 1));
	say("pread", pread(fd, buffer, 4, 4990));
	printf("%d %d %d %d\n", buffer[0], buffer[1], buffer[2], buffer[3]);
	say("pwrite", pwrite(fd, "HELLO", 5, 0));
	struct iovec two[2] = {{buffer, 5}, {buffer + 10, 7}};
	say("lseek", lseek(fd, 0, SEEK_SET));
	say("readv", readv(fd, two, 2));
	printf("%.5s|%.6s\n", buffer, buffer + 10);
	two[0].iov_base = "ab";
	two[0].iov_len = 2;
	two[1].iov_base = "cd";
	two[1].iov_len = 2;
	say("writev", writev(fd, two, 2));
	fstat(fd, &st);
	printf("mode %o size %ld links %lu\n", st.st_mode, (long)st.st_size, (unsigned long)st.st_nlink);
	say("ftruncate", ftruncate(fd, 8));
	say("end", lseek(fd, 0, SEEK_END));
	say("negative", lseek(fd, -9, SEEK_CUR));
	say("whence", lseek(fd, 0, 77));
	say("fsync", fsync(fd));
	say("close", close(fd));
	say("close", close(fd));
	say("read closed", read(fd, buffer, 1));
	fd = open("made.txt", O_WRONLY | O_APPEND);
	say("append", write(fd, "tail", 4));
	say("read write-only", read(fd, buffer, 1));
	close(fd);
	fd = open("made.txt", O_RDONLY);
	say("write read-only", write(fd, "x", 1));
	say("read", read(fd, buffer, sizeof buffer));
	printf("%.12s\n", buffer);
	int copy = dup(fd);
	lseek(fd, 1, SEEK_SET);
	say("shared position", lseek(copy, 0, SEEK_CUR));
	say("flags", fcntl(copy, F_GETFL) & O_ACCMODE);
	say("dup2", dup2(fd, 20));
	say("dup to", fcntl(fd, F_DUPFD, 10));
	say("cloexec", fcntl(20, F_GETFD));
	say("set", fcntl(20, F_SETFD, FD_CLOEXEC));
	say("cloexec", fcntl(20, F_GETFD));
	say("link", link("made.txt", "other.txt"));
	stat("other.txt", &st);
	printf("links %lu\n", (unsigned long)st.st_nlink);
	say("symlink", symlink("other.txt", "soft"));
	say("readlink", readlink("soft", buffer, sizeof buffer));
	printf("%.9s\n", buffer);
	say("lstat", lstat("soft", &st));
	printf("mode %o size %ld\n", st.st_mode, (long)st.st_size);
	say("rename", rename("other.txt", "third.txt"));
	say("dangling", open("soft", O_RDONLY));
	say("unlink", unlink("made.txt"));
	say("unlink", unlink("made.txt"));
	say("still open", pread(fd, buffer, 5, 0));
	say("chmod", chmod("third.txt", 0640));
	stat("third.txt", &st);
	printf("mode %o\n", st.st_mode);
	say("truncate", truncate("third.txt", 3));
	say("access", access("third.txt", R_OK | W_OK));
	say("access", access("nowhere", F_OK));
	return 0;
}
