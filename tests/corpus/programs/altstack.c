#define _GNU_SOURCE
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void show(const char *what, long value)
{
	printf("%s: %ld %s\n", what, value, value < 0 ? strerror(errno) : "");
}

static sigjmp_buf back;
static char *base;

static void caught(int signal)
{
	char here;
	stack_t now;
	sigaltstack(NULL, &now);
	printf("signal %d on the alternate stack %d, flags %d\n", signal,
	       &here >= base && &here < base + 65536, now.ss_flags);
	stack_t other = {.ss_sp = base, .ss_size = 65536};
	show("changing it now", sigaltstack(&other, NULL));
	siglongjmp(back, 1);
}

static volatile int depth;

static int overflow(int n)
{
	volatile char room[8000];
	room[0] = n;
	depth = n;
	return overflow(n + 1) + room[0];
}

int main(void)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	base = malloc(65536);
	stack_t stack = {.ss_sp = base, .ss_size = 65536}, old;
	show("too small", sigaltstack(&(stack_t){.ss_sp = base, .ss_size = 100}, NULL));
	printf("set %d\n", sigaltstack(&stack, &old));
	printf("before: flags %d\n", old.ss_flags);
	struct sigaction action = {.sa_handler = caught, .sa_flags = SA_ONSTACK};
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGUSR1, &action, NULL);
	if (!sigsetjmp(back, 1))
		raise(SIGUSR1);
	if (!sigsetjmp(back, 1))
		overflow(0);
	printf("survived, deep enough: %d\n", depth > 900);
	stack.ss_flags = SS_DISABLE;
	sigaltstack(&stack, NULL);
	sigaltstack(NULL, &old);
	printf("disabled: flags %d\n", old.ss_flags);
	return 0;
}
