#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

static void show(const char *what, long value)
{
	printf("%s: %ld %s\n", what, value, value < 0 ? strerror(errno) : "");
}

static volatile int alarms;

static void on_alarm(int signal)
{
	(void)signal;
	alarms++;
}

static void arm(int milliseconds)
{
	struct itimerval timer = {{0, 0}, {0, milliseconds * 1000}};
	setitimer(ITIMER_REAL, &timer, NULL);
}

int main(void)
{
	int fd[2];
	char buffer[8];
	pipe(fd);
	struct sigaction action = {.sa_handler = on_alarm};
	sigaction(SIGALRM, &action, NULL);
	struct pollfd polled = {fd[0], POLLIN, 0};
	struct timespec soon = {0, 15000000}, later = {5, 0};
	show("poll", poll(&polled, 1, 15));
	show("ppoll", ppoll(&polled, 1, &soon, NULL));
	arm(10);
	show("poll interrupted", poll(&polled, 1, -1));
	arm(10);
	show("read interrupted", read(fd[0], buffer, 1));
	arm(10);
	fd_set set;
	FD_ZERO(&set);
	FD_SET(fd[0], &set);
	show("select interrupted", select(fd[0] + 1, &set, NULL, NULL, NULL));
	sigset_t blocked, none;
	sigemptyset(&none);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGALRM);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	raise(SIGALRM);
	printf("alarms %d\n", alarms);
	FD_ZERO(&set);
	FD_SET(fd[0], &set);
	show("pselect", pselect(fd[0] + 1, &set, NULL, NULL, &later, &none));
	printf("alarms %d\n", alarms);
	raise(SIGALRM);
	show("ppoll", ppoll(&polled, 1, &later, &none));
	printf("alarms %d\n", alarms);
	sigprocmask(SIG_BLOCK, NULL, &none);
	printf("mask kept %d\n", sigismember(&none, SIGALRM));
	write(fd[1], "x", 1);
	show("ready", ppoll(&polled, 1, NULL, NULL));
	FD_ZERO(&set);
	FD_SET(fd[0], &set);
	struct timeval zero = {0, 0};
	show("select", select(fd[0] + 1, &set, NULL, NULL, &zero));
	FD_SET(60, &set);
	show("bad descriptor", select(61, &set, NULL, NULL, &zero));
	zero.tv_sec = -1;
	show("bad time", select(0, NULL, NULL, NULL, &zero));
	soon.tv_nsec = 1000000000;
	show("bad time", syscall(SYS_ppoll, &polled, 1, &soon, 0, 8));
	show("bad mask", syscall(SYS_ppoll, &polled, 1, 0, &none, 7));
	show("too many", poll(&polled, 1 << 30, 0));
	int file = open("file", O_RDWR | O_CREAT, 0600);
	polled = (struct pollfd){file, POLLIN | POLLOUT, 0};
	show("files", poll(&polled, 1, 0));
	printf("%x\n", polled.revents);
	polled = (struct pollfd){-1, POLLIN, 77};
	show("negative", poll(&polled, 1, 0));
	printf("%d\n", polled.revents);
	struct timeval pause = {0, 20000};
	show("only time", select(0, NULL, NULL, NULL, &pause));
	printf("left %ld\n", (long)pause.tv_usec);
	show("stdin at its end", poll(&(struct pollfd){0, POLLIN, 0}, 1, -1));
	return alarms;
}
