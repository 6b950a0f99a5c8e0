#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

static jmp_buf back;

static void deeper(int level)
{
	volatile char room[200];
	room[0] = level;
	if (level == 50)
		longjmp(back, 7);
	deeper(level + 1);
	if (room[0] != level)
		abort();
}

static void first(void)
{
	puts("first registered, last run");
}

static void second(void)
{
	puts("last registered, first run");
}

int main(void)
{
	volatile int times = 0;
	int value = setjmp(back);
	printf("setjmp gave %d\n", value);
	if (!value)
		deeper(0);
	if (++times < 3)
		longjmp(back, 0);
	atexit(first);
	atexit(second);
	exit(3);
}
