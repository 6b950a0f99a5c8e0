#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void show(const char *what, long value)
{
	printf("%s: %ld %s\n", what, value, value < 0 ? strerror(errno) : "");
}

static volatile int seen[65], order[16], count;

static void handler(int signal)
{
	seen[signal]++;
	order[count++] = signal;
}

static void informed(int signal, siginfo_t *info, void *context)
{
	handler(signal);
	printf("signal %d code %d value %d self %d context %d\n", signal, info->si_code,
	       info->si_value.sival_int, info->si_pid == getpid(), context != NULL);
}

int main(void)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	struct sigaction action = {.sa_handler = handler}, old;
	sigset_t set, before, pending;
	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGUSR1, NULL, &old);
	printf("handler kept: %d\n", old.sa_handler == handler);
	raise(SIGUSR1);
	kill(getpid(), SIGUSR1);
	printf("seen %d\n", seen[SIGUSR1]);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, &before);
	raise(SIGUSR1);
	raise(SIGUSR1);
	sigpending(&pending);
	printf("blocked: seen %d pending %d %d\n", seen[SIGUSR1], sigismember(&pending, SIGUSR1),
	       sigismember(&pending, SIGUSR2));
	sigprocmask(SIG_SETMASK, &before, NULL);
	printf("unblocked: seen %d\n", seen[SIGUSR1]);
	action.sa_flags = SA_RESETHAND;
	sigaction(SIGUSR2, &action, NULL);
	raise(SIGUSR2);
	sigaction(SIGUSR2, NULL, &old);
	printf("reset: %d\n", old.sa_handler == SIG_DFL);
	signal(SIGTERM, SIG_IGN);
	raise(SIGTERM);
	raise(SIGCHLD);
	action.sa_flags = SA_SIGINFO | SA_NODEFER;
	action.sa_sigaction = informed;
	sigaction(SIGRTMIN, &action, NULL);
	sigaction(SIGRTMIN + 1, &action, NULL);
	sigaddset(&set, SIGRTMIN);
	sigaddset(&set, SIGRTMIN + 1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_int = 3});
	sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 1});
	sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 2});
	count = 0;
	sigprocmask(SIG_SETMASK, &before, NULL);
	printf("queued: %d, in order %d\n", count, order[0] - SIGRTMIN);
	siginfo_t info;
	struct timespec none = {0, 0};
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	show("nothing", sigtimedwait(&set, &info, &none));
	raise(SIGUSR1);
	printf("taken: %d\n", sigtimedwait(&set, &info, &none) == SIGUSR1);
	raise(SIGUSR1);
	sigemptyset(&set);
	int before_suspend = seen[SIGUSR1];
	show("suspend", sigsuspend(&set));
	printf("handled %d\n", seen[SIGUSR1] - before_suspend);
	show("bad", kill(getpid(), 99));
	show("kill is not caught", sigaction(SIGKILL, &action, NULL));
	raise(SIGUSR2);
	printf("not reached\n");
	return 0;
}
