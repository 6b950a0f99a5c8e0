/* Counts how often it has called getppid. */
#include <sys/syscall.h>
#include <unistd.h>

volatile unsigned long calls;

int main(void)
{
	for (;;) {
		syscall(SYS_getppid);
		calls++;
	}
}
