#include <stdio.h>

static unsigned long ackermann(unsigned long m, unsigned long n)
{
	if (!m)
		return n + 1;
	if (!n)
		return ackermann(m - 1, 1);
	return ackermann(m - 1, ackermann(m, n - 1));
}

static int deep(int n)
{
	volatile char room[1000];
	room[0] = n;
	return n ? deep(n - 1) + room[0] - room[0] + 1 : 0;
}

int main(void)
{
	printf("%lu\n", ackermann(2, 30));
	printf("%d\n", deep(6000));
	return 0;
}
