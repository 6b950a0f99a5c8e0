#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
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

static long elapsed(struct timespec a, struct timespec b)
{
	return (b.tv_sec - a.tv_sec) * 1000 + (b.tv_nsec - a.tv_nsec) / 1000000;
}

int main(void)
{
	char text[64];
	time_t moments[] = {0, 951782400, 1234567890, 4102444799};
	for (int i = 0; i < 4; i++) {
		struct tm *tm = gmtime(&moments[i]);
		strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S %a %j", tm);
		puts(text);
	}
	struct timespec start, stop, wait = {0, 30000000}, rest = {9, 9};
	clock_gettime(CLOCK_MONOTONIC, &start);
	printf("nanosleep %d\n", nanosleep(&wait, NULL));
	clock_gettime(CLOCK_MONOTONIC, &stop);
	printf("slept %d\n", elapsed(start, stop) >= 30 && elapsed(start, stop) < 3000);
	printf("now %d\n", time(NULL) > 1600000000);
	wait.tv_nsec = 1000000000;
	show("bad", nanosleep(&wait, NULL));
	show("bad clock", clock_gettime(77, &stop));
	struct sigaction action = {.sa_handler = on_alarm};
	sigaction(SIGALRM, &action, NULL);
	struct itimerval timer = {{0, 0}, {0, 20000}}, old;
	setitimer(ITIMER_REAL, &timer, NULL);
	wait = (struct timespec){5, 0};
	show("interrupted", nanosleep(&wait, &rest));
	printf("rest %d, alarms %d\n", rest.tv_sec == 4 && rest.tv_nsec > 0, alarms);
	alarm(100);
	printf("left %d\n", alarm(0) >= 99);
	timer = (struct itimerval){{0, 10000}, {0, 10000}};
	setitimer(ITIMER_REAL, &timer, NULL);
	while (alarms < 4)
		pause();
	getitimer(ITIMER_REAL, &old);
	printf("interval %ld\n", (long)old.it_interval.tv_usec);
	timer = (struct itimerval){{0, 0}, {0, 0}};
	setitimer(ITIMER_REAL, &timer, NULL);
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += 10000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	printf("until %d\n", clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL));
	printf("past %d\n", clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &wait, NULL));
	struct tms used;
	printf("ticks %ld\n", sysconf(_SC_CLK_TCK));
	printf("times %d\n", times(&used) != (clock_t)-1);
	return 0;
}
