#include <stdio.h>

int main(void)
{
	volatile int *nowhere = (int *)16;
	printf("before\n");
	fflush(stdout);
	*nowhere = 1;
	return 0;
}
