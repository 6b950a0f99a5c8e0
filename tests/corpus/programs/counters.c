/* eventfd, timerfd, and what poll and epoll say of them. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static void said(const char *what, long result)
{
	printf("%s: %ld%s%s\n", what, result, result < 0 ? " " : "",
	       result < 0 ? strerror(errno) : "");
}

static int ready(int fd, short wanted, int timeout)
{
	struct pollfd one = { .fd = fd, .events = wanted };
	int count = poll(&one, 1, timeout);

	return count > 0 ? one.revents : count;
}

static void put(int fd, uint64_t value)
{
	said("write", write(fd, &value, sizeof(value)));
}

static void take(int fd)
{
	uint64_t value = 0;
	long done = read(fd, &value, sizeof(value));

	said("read", done);
	if (done > 0)
		printf("value %llu\n", (unsigned long long)value);
}

static void events(void)
{
	int fd = eventfd(3, EFD_NONBLOCK), semaphore = eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK);
	char few[4];

	take(fd);
	take(fd);
	put(fd, 5);
	put(fd, 7);
	printf("ready %d\n", ready(fd, POLLIN | POLLOUT, 0));
	take(fd);
	printf("ready %d\n", ready(fd, POLLIN | POLLOUT, 0));
	put(fd, UINT64_MAX);
	put(fd, UINT64_MAX - 1);
	put(fd, 1);
	printf("ready %d\n", ready(fd, POLLIN | POLLOUT, 0));
	said("short read", read(fd, few, sizeof(few)));
	said("short write", write(fd, few, sizeof(few)));
	take(semaphore);
	take(semaphore);
	take(semaphore);
	said("lseek", lseek(fd, 0, SEEK_SET));
	said("bad flags", eventfd(0, 0x10));
	said("close-on-exec", fcntl(eventfd(0, EFD_CLOEXEC), F_GETFD));
	said("flags", fcntl(fd, F_GETFL) & O_NONBLOCK);
}

static void timers(void)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK), watched = epoll_create1(0);
	struct itimerspec soon = { .it_value = { 0, 20000000 } }, left, none = { 0 };
	struct itimerspec often = { { 0, 10000000 }, { 0, 10000000 } };
	struct epoll_event event = { .events = EPOLLIN };
	struct timespec pause = { 0, 35000000 };
	uint64_t times = 0;

	take(fd);
	printf("ready %d\n", ready(fd, POLLIN, 0));
	said("set", timerfd_settime(fd, 0, &soon, NULL));
	said("get", timerfd_gettime(fd, &left));
	printf("left %d interval %ld\n", left.it_value.tv_nsec > 0, (long)left.it_interval.tv_nsec);
	printf("ready %d\n", ready(fd, POLLIN, -1));
	take(fd);
	take(fd);
	said("gone", timerfd_gettime(fd, &left));
	printf("left %ld\n", (long)left.it_value.tv_nsec);
	said("often", timerfd_settime(fd, 0, &often, NULL));
	nanosleep(&pause, NULL);
	said("several", read(fd, &times, sizeof(times)));
	printf("at least three %d\n", times >= 3);
	said("add", epoll_ctl(watched, EPOLL_CTL_ADD, fd, &event));
	said("wait", epoll_wait(watched, &event, 1, -1));
	said("disarm", timerfd_settime(fd, 0, &none, &left));
	printf("interval %ld\n", (long)left.it_interval.tv_nsec);
	said("nothing", epoll_wait(watched, &event, 1, 10));
	fcntl(fd, F_SETFL, 0);
	said("again", timerfd_settime(fd, 0, &soon, NULL));
	take(fd);
	soon.it_value.tv_sec = 1;
	said("past", timerfd_settime(fd, TFD_TIMER_ABSTIME, &soon, NULL));
	said("past read", read(fd, &times, sizeof(times)));
	soon.it_value.tv_nsec = 1000000000;
	said("bad time", timerfd_settime(fd, 0, &soon, NULL));
	said("bad flags", timerfd_settime(fd, 8, &none, NULL));
	said("not a timer", timerfd_settime(watched, 0, &none, NULL));
	said("no file", timerfd_gettime(99, &left));
	said("no clock", timerfd_create(77, 0));
	said("write", write(fd, &times, sizeof(times)));
}

int main(void)
{
	events();
	timers();
	return 0;
}
