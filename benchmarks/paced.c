/* Calls getppid for ever, with a while of its own between: whoever attaches finds it there. */
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
	for (;;) {
		for (volatile unsigned pause = 0; pause < 100000; pause++)
			;
		syscall(SYS_getppid);
	}
}
