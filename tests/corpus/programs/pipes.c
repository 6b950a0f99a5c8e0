#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <unistd.h>

static void show(const char *what, long value)
{
	printf("%s: %ld %s\n", what, value, value < 0 ? strerror(errno) : "");
}

int main(void)
{
	int fd[2], waiting, count = 0;
	char buffer[100];
	static char block[4096];
	pipe(fd);
	printf("ends %d %d\n", fd[0], fd[1]);
	write(fd[1], "through the pipe", 16);
	ioctl(fd[0], FIONREAD, &waiting);
	printf("waiting %d\n", waiting);
	printf("read %zd\n", read(fd[0], buffer, 7));
	printf("read %zd\n", read(fd[0], buffer, sizeof buffer));
	fcntl(fd[0], F_SETFL, O_NONBLOCK);
	show("empty", read(fd[0], buffer, 1));
	fcntl(fd[1], F_SETFL, O_NONBLOCK);
	while (write(fd[1], block, sizeof block) == sizeof block)
		count++;
	printf("full after %d: %s\n", count, strerror(errno));
	struct pollfd polled[3] = {{fd[0], POLLIN | POLLOUT, 0}, {fd[1], POLLIN | POLLOUT, 0}, {99, POLLIN, 0}};
	printf("poll %d: %x %x %x\n", poll(polled, 3, 0), polled[0].revents, polled[1].revents,
	       polled[2].revents);
	show("seek", (long)lseek(fd[0], 0, SEEK_SET));
	show("pread", pread(fd[0], buffer, 1, 0));
	show("wrong end", write(fd[0], buffer, 1));
	fd_set reading, writing;
	FD_ZERO(&reading);
	FD_ZERO(&writing);
	FD_SET(fd[0], &reading);
	FD_SET(fd[1], &writing);
	struct timeval none = {0, 0};
	printf("select %d", select(fd[1] + 1, &reading, &writing, NULL, &none));
	printf(" %d %d\n", !!FD_ISSET(fd[0], &reading), !!FD_ISSET(fd[1], &writing));
	while (read(fd[0], block, sizeof block) > 0)
		;
	printf("timeout %d\n", poll(polled, 1, 20));
	close(fd[1]);
	printf("end %zd\n", read(fd[0], buffer, 1));
	printf("hangup %d %x\n", poll(polled, 1, -1), polled[0].revents);
	pipe2(fd, O_CLOEXEC);
	printf("cloexec %d\n", fcntl(fd[0], F_GETFD));
	close(fd[0]);
	signal(SIGPIPE, SIG_IGN);
	show("broken", write(fd[1], "x", 1));
	signal(SIGPIPE, SIG_DFL);
	fflush(stdout);
	write(fd[1], "x", 1);
	printf("not reached\n");
	return 0;
}
