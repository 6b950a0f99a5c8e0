/* Has the kernel panic, as its own sysrq key does. */
#include <fcntl.h>
#include <unistd.h>

int main(void)
{
	int trigger = open("/proc/sysrq-trigger", O_WRONLY);

	return write(trigger, "c", 1) == 1;
}
