#include <stdio.h>

static volatile int never;

static int endless(int n)
{
	volatile char room[4000];
	room[0] = n;
	if (never)
		return 0;
	return endless(n + 1) + room[0];
}

int main(void)
{
	puts("a stack has an end");
	fflush(stdout);
	return endless(0);
}
