/*
 * A 64-bit program that calls as 32-bit programs do: by `int $0x80`, with
 * their numbers. First link, number 9; then accept, which is one of many
 * calls behind socketcall, number 102.
 */
#include <stdio.h>

static long int80(long number, const void *first, const void *second)
{
	long result;

	asm volatile("int $0x80"
		     : "=a"(result)
		     : "a"(number), "b"(first), "c"(second)
		     : "memory");
	return result;
}

/* What is pointed to must lie below 4 GiB: static data of a static program. */
static const char there[] = "time-asm", wanted[] = "timetest";
static const unsigned int arguments[] = { 1, 0, 0 };

int main(void)
{
	printf("link %ld\n", int80(9, there, wanted));
	printf("accept %ld\n", int80(102, (void *)5, arguments));
	return 0;
}
