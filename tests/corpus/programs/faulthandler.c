#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ucontext.h>
#include <ucontext.h>
#include <fcntl.h>
#include <unistd.h>

static sigjmp_buf back;
static char *page;

static void caught(int signal, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	printf("signal %d code %d offset %ld trap %d error %d\n", signal, info->si_code,
	       (long)((char *)info->si_addr - page), (int)uc->uc_mcontext.gregs[REG_TRAPNO],
	       (int)uc->uc_mcontext.gregs[REG_ERR]);
	siglongjmp(back, 1);
}

static void skip(int signal, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	printf("signal %d at the instruction: %d\n", signal,
	       info->si_addr == (void *)uc->uc_mcontext.gregs[REG_RIP]);
	uc->uc_mcontext.gregs[REG_RIP] += 2;
	uc->uc_mcontext.gregs[REG_RAX] = 42;
}

int main(void)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	struct sigaction action = {.sa_sigaction = caught, .sa_flags = SA_SIGINFO};
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	page = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (!sigsetjmp(back, 1))
		page[5] = 1;
	if (!sigsetjmp(back, 1))
		((void (*)(void))page)();
	munmap(page, 8192);
	if (!sigsetjmp(back, 1))
		printf("%d\n", page[4097]);
	int fd = open("short", O_RDWR | O_CREAT, 0600);
	write(fd, "abc", 3);
	page = mmap(NULL, 8192, PROT_READ, MAP_SHARED, fd, 0);
	printf("%c%d\n", page[0], page[4]);
	if (!sigsetjmp(back, 1))
		printf("%d\n", page[5000]);
	action.sa_sigaction = skip;
	sigaction(SIGILL, &action, NULL);
	sigaction(SIGFPE, &action, NULL);
	long value = 1;
	__asm__ volatile("ud2" : "+a"(value));
	printf("after ud2: %ld\n", value);
	value = 7;
	__asm__ volatile("xor %%ecx, %%ecx\n\tcltd\n\tidivl %%ecx" : "+a"(value) : : "rcx", "rdx");
	printf("after division: %ld\n", value);
	signal(SIGTRAP, SIG_IGN);
	__asm__ volatile("int3");
	printf("not reached: a trap cannot be ignored\n");
	return 0;
}
