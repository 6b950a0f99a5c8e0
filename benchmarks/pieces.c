/* Calls of some 1,000, 2,500, 5,000 and 10,000 instructions: as many pieces are written to nowhere. */
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static const int counts[] = {11, 30, 62, 127};

int main(void)
{
	static struct iovec pieces[127];
	int file = open("/dev/null", O_WRONLY);

	for (int at = 0; at < 127; at++)
		pieces[at] = (struct iovec){"x", 1};
	for (unsigned at = 0; at < sizeof(counts) / sizeof(*counts); at++) {
		syscall(SYS_getppid);
		writev(file, pieces, counts[at]);
	}
	return 0;
}
