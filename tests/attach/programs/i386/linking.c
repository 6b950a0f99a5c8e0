/* link, number 9, by `int $0x80`: as often as the argument says, or for ever, with pauses. */
#include <stdlib.h>

static const char there[] = "time-asm", wanted[] = "timetest";

int main(int count, char **arguments)
{
	int result, left = count > 1 ? atoi(arguments[1]) : -1;

	while (left--) {
		for (volatile int wait = 0; wait < 200000; wait++)
			;
		asm volatile("int $0x80"
			     : "=a"(result)
			     : "a"(9), "b"(there), "c"(wanted)
			     : "memory");
	}
	return 0;
}
