/* Two processes that both make accept fail, over and over, at the same address. */
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
	fork();
	for (int round = 0; round < 50; round++)
		accept(-1, 0, 0);
	return 0;
}
