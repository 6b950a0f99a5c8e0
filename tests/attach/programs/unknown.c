/* Makes a call that no Linux has. */
#include <unistd.h>

int main(void)
{
	return syscall(500, 1, 2, 3) == -1 ? 0 : 1;
}
