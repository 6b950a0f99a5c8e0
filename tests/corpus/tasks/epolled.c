/* epoll over pipes and sockets that another process fills: level, edge, one shot. */
#include <errno.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	struct epoll_event event = { .events = EPOLLIN }, found[4];
	int queue = epoll_create1(0), ends[2], pair[2], count, round;
	char text[8];

	setvbuf(stdout, NULL, _IONBF, 0);
	pipe(ends);
	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	event.data.u64 = 7;
	printf("add %d", epoll_ctl(queue, EPOLL_CTL_ADD, ends[0], &event));
	printf(" %d %d\n", epoll_ctl(queue, EPOLL_CTL_ADD, ends[0], &event), errno == EEXIST);
	event.events = EPOLLIN | EPOLLET;
	event.data.u64 = 8;
	epoll_ctl(queue, EPOLL_CTL_ADD, pair[0], &event);
	printf("nothing %d\n", epoll_wait(queue, found, 4, 0));
	if (!fork()) {
		write(ends[1], "p", 1);
		read(pair[1], text, 1);
		write(pair[1], "s", 1);
		_exit(0);
	}
	for (round = 0; round < 2; round++) {
		count = epoll_wait(queue, found, 4, -1);
		printf("level %d %lu\n", count, (unsigned long)found[0].data.u64);
	}
	read(ends[0], text, 1);
	write(pair[0], "g", 1);
	count = epoll_wait(queue, found, 4, -1);
	printf("edge %d %lu\n", count, (unsigned long)found[0].data.u64);
	printf("told %d\n", epoll_wait(queue, found, 4, 0));
	event.events = EPOLLIN | EPOLLONESHOT;
	epoll_ctl(queue, EPOLL_CTL_MOD, pair[0], &event);
	printf("once %d", epoll_wait(queue, found, 4, 0));
	printf(" %d\n", epoll_wait(queue, found, 4, 0));
	printf("delete %d", epoll_ctl(queue, EPOLL_CTL_DEL, pair[0], NULL));
	printf(" %d %d\n", epoll_ctl(queue, EPOLL_CTL_DEL, pair[0], NULL), errno == ENOENT);
	printf("itself %d %d\n", epoll_ctl(queue, EPOLL_CTL_ADD, queue, &event), errno == EINVAL);
	wait(NULL);
	return 0;
}
