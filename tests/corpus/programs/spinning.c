#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

static volatile sig_atomic_t alarms;
static sigjmp_buf back;

static void count(int signal)
{
	(void)signal;
	alarms++;
}

static void leave(int signal)
{
	siglongjmp(back, signal);
}

static void every(int microseconds, int first)
{
	struct itimerval timer = {{0, microseconds}, {0, first}};
	setitimer(ITIMER_REAL, &timer, NULL);
}

int main(void)
{
	volatile double sum = 0;
	volatile unsigned long loops = 0;
	signal(SIGALRM, count);
	every(0, 300);
	do
		loops++;
	while (!alarms);
	printf("one came while looping: %d\n", loops > 0);
	for (int i = 1; i < 6; i++) {
		every(0, 200);
		while (alarms < i + 1)
			sum += 0.25;
	}
	printf("and five: %d, nothing lost: %d\n", (int)alarms, sum == (long)(sum * 4) / 4.0);
	signal(SIGALRM, leave);
	every(0, 200);
	if (!sigsetjmp(back, 1))
		for (;;)
			;
	printf("out of an endless loop\n");
	fflush(stdout);
	signal(SIGALRM, SIG_DFL);
	every(0, 200);
	for (;;)
		;
}
