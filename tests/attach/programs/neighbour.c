/* Sleeps, while what it was forked by calls getppid for ever, as another program by name. */
#include <sys/syscall.h>
#include <unistd.h>

volatile unsigned long calls;

int main(int count, char **words)
{
	if (count == 1 && fork() != 0)
		execl("/proc/self/exe", "spin", "for ever", (char *)0);
	while (count > 1) {
		syscall(SYS_getppid);
		calls++;
	}
	for (;;)
		pause();
}
