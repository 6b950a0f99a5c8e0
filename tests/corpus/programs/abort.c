#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

static void at_exit(void)
{
	puts("never");
}

int main(void)
{
	atexit(at_exit);
	puts("before");
	fflush(stdout);
	abort();
}
