/* A typed menu, as two of the labs are: each choice is one call to follow. */
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
	char line[16];

	for (;;) {
		printf("1 accept  2 getppid  0 leave\nchoice> ");
		fflush(stdout);
		if (!fgets(line, sizeof(line), stdin) || line[0] == '0')
			return 0;
		if (line[0] == '1')
			printf("accept gives %d\n", accept(-1, 0, 0));
		else if (line[0] == '2')
			printf("the parent is %d\n", getppid());
		else
			printf("no choice of that name\n");
	}
}
