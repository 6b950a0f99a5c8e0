/* The menu's two ways of one call: link by the C library, and number 9 by `int $0x80`. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char there[] = "time-asm", wanted[] = "timetest";

static long inline_link(const char *from, const char *to)
{
	long result;

	asm volatile("int $0x80" : "=a"(result) : "a"(9), "b"(from), "c"(to) : "memory");
	return result;
}

int main(void)
{
	printf("C: %s\n", link(there, wanted) ? strerror(errno) : "linked");
	printf("asm: %ld\n", inline_link(there, wanted));
	return 0;
}
