/* Calls getppid for ever; now and then a bad accept, so that there is something to follow. */
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
	for (unsigned long round = 0;; round++) {
		syscall(SYS_getppid);
		if (round % 100000 == 99999)
			accept(-1, 0, 0);
	}
}
