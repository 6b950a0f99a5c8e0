/* Two reads that a timer's signal ends: the second is made again, and then there is a byte. */
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

static int ends[2], rounds;

static void on_alarm(int number)
{
	(void)number;
	if (rounds++)
		(void)!write(ends[1], "x", 1);
}

int main(void)
{
	struct itimerval soon = { .it_value = { .tv_usec = 20000 } };
	struct sigaction action = { .sa_handler = on_alarm };
	char byte;
	int failed;

	if (pipe(ends))
		return 2;
	sigaction(SIGALRM, &action, 0);
	setitimer(ITIMER_REAL, &soon, 0);
	failed = read(ends[0], &byte, 1) == -1;
	action.sa_flags = SA_RESTART;
	sigaction(SIGALRM, &action, 0);
	setitimer(ITIMER_REAL, &soon, 0);
	return failed && read(ends[0], &byte, 1) == 1 ? 7 : 1;
}
