/* Number 9 by `int $0x80` over and over, with names that lie below 4 GiB: for 32 and 64 bits. */
static const char there[] = "time-asm", wanted[] = "timetest";

int main(void)
{
	long result;

	for (;;) {
		for (volatile int wait = 0; wait < 20000; wait++)
			;
		asm volatile("int $0x80"
			     : "=a"(result)
			     : "a"(9L), "b"(there), "c"(wanted)
			     : "memory");
	}
}
