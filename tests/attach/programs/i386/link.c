/* Calls link, number 9, by `int $0x80`, as the lab on Linux 3.18 does: twice from one place. */
#include <stdio.h>

static int call(int number, const char *from, const char *to)
{
	int result;

	asm volatile("int $0x80" : "=a"(result) : "0"(number), "b"(from), "c"(to) : "memory");
	return result;
}

int main(void)
{
	for (int turn = 0; turn < 2; turn++)
		printf("link: %d\n", call(9, "time-asm", "timetest"));
	return 0;
}
