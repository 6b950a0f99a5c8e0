#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A stop and a SIGCONT without a handler: what waited goes on waiting. */
static pid_t stopper(void)
{
	pid_t parent = getpid(), child = fork();
	if (child)
		return child;
	usleep(30000);
	kill(parent, SIGSTOP);
	usleep(30000);
	kill(parent, SIGCONT);
	_exit(0);
}

static void say(const char *what, int result)
{
	printf("%s: %d %s\n", what, result, result < 0 ? strerror(errno) : "");
}

static void nothing(int signal)
{
	(void)signal;
}

int main(void)
{
	struct pollfd none = {-1, POLLIN, 0};
	struct timespec wait = {0, 200000000}, rest = {9, 9};
	struct sigaction once = {.sa_handler = nothing, .sa_flags = SA_RESETHAND}, old;
	pid_t child = stopper();

	say("poll", poll(&none, 1, 200));
	waitpid(child, NULL, 0);
	child = stopper();
	say("sleep", nanosleep(&wait, &rest));
	waitpid(child, NULL, 0);
	sigaction(SIGUSR2, &once, NULL);
	raise(SIGUSR2);
	sigaction(SIGUSR2, NULL, &old);
	printf("default again: %d, once: %d\n", old.sa_handler == SIG_DFL,
	       (old.sa_flags & SA_RESETHAND) != 0);
	return 0;
}
