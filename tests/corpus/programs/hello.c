#include <stdio.h>

int main(void)
{
	puts("hello, kernel");
	return 7;
}
