/* Two processes that both make accept fail, without an end, at the same address. */
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
	fork();
	for (;;)
		accept(-1, 0, 0);
}
