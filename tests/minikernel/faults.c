/*
 * Faults in one way each, named by the argument, and writes the signal
 * that came of it: the same natively and in the emulator.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

static const char *way;

static void caught(int number, siginfo_t *info, void *context)
{
	ucontext_t *user = context;
	char text[128];
	int length;

	length = snprintf(text, sizeof(text), "%s: signal %d code %d trap %lld error %lld\n", way,
			  number, info->si_code, user->uc_mcontext.gregs[REG_TRAPNO],
			  user->uc_mcontext.gregs[REG_ERR]);
	write(1, text, length);
	_exit(7);
}

static void edited(int number, siginfo_t *info, void *context)
{
	ucontext_t *user = context;
	greg_t *registers = user->uc_mcontext.gregs;

	(void)number;
	(void)info;

	if (!strcmp(way, "frame-rip"))
		registers[REG_RIP] = 0x800000000000;
	if (!strcmp(way, "frame-cs"))
		registers[REG_CSGSFS] = (registers[REG_CSGSFS] & ~0xffffL) | 0x1233;
	if (!strcmp(way, "frame-ss"))
		registers[REG_CSGSFS] = (registers[REG_CSGSFS] & 0xffffffffffffL) | 0x18L << 48;
	if (!strcmp(way, "frame-tf"))
		registers[REG_EFL] |= 0x100;
	if (!strcmp(way, "frame-rcx"))
		registers[REG_RCX] = 12345;
}

int main(int count, char **arguments)
{
	static const int numbers[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP };
	struct sigaction action = { .sa_sigaction = caught, .sa_flags = SA_SIGINFO };
	unsigned long rcx = 0;

	way = count > 1 ? arguments[1] : "none";
	for (unsigned int i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		sigaction(numbers[i], &action, NULL);
	action.sa_sigaction = edited;
	sigaction(SIGUSR1, &action, NULL);

	if (!strcmp(way, "int3"))
		asm volatile("int3");
	if (!strcmp(way, "ud2"))
		asm volatile("ud2");
	if (!strcmp(way, "divide"))
		asm volatile("idivl %0" : : "r"(0) : "rax", "rdx");
	if (!strcmp(way, "hlt"))
		asm volatile("hlt");
	if (!strcmp(way, "null"))
		asm volatile("movb $1, 0");
	if (!strcmp(way, "read"))
		asm volatile("movb 0x10, %%al" : : : "rax");
	if (!strcmp(way, "kernel"))
		asm volatile("movb (%0), %%al" : : "r"(0xffffffff81000000UL) : "rax");
	if (!strcmp(way, "far"))
		asm volatile("movb (%0), %%al" : : "r"(0x8000000000000000UL) : "rax");
	if (!strcmp(way, "jump"))
		asm volatile("jmp *%0" : : "r"(0x20UL));
	if (!strcmp(way, "text"))
		*(volatile char *)(void *)main = 1;
	if (!strcmp(way, "int80-unused"))
		asm volatile("int $0x81");
	if (!strcmp(way, "step"))
		asm volatile("pushf; orl $0x100, (%%rsp); popf; nop" : : : "memory");
	if (!strcmp(way, "step-syscall"))
		asm volatile("pushf; orl $0x100, (%%rsp); movl $39, %%eax; popf; syscall; nop"
			     : : : "rax", "rcx", "r11", "memory");
	if (!strncmp(way, "frame-", 6))
		asm volatile("syscall" : "=c"(rcx)
			     : "a"(62), "D"(getpid()), "S"(SIGUSR1) : "r11", "memory");
	printf("%s: went on, rcx %s\n", way, rcx == 12345 ? "edited" : "its own");
	return 0;
}
