/* Reads what never comes, until a timer's signal ends the wait; its handler then runs. */
#include <errno.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

static volatile int seen;

static void on_alarm(int number)
{
	seen = number;
}

int main(void)
{
	struct itimerval soon = { .it_value = { .tv_usec = 300000 } };
	struct sigaction action = { .sa_handler = on_alarm };
	char byte;
	int ends[2];

	pipe(ends);
	sigaction(SIGALRM, &action, 0);
	setitimer(ITIMER_REAL, &soon, 0);
	return read(ends[0], &byte, 1) == -1 && errno == EINTR && seen == SIGALRM ? 7 : 1;
}
