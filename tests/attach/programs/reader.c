/* Asks for a line as the labs' typed menus do, and says it back. */
#include <stdio.h>

int main(void)
{
	char line[80];

	printf("number? ");
	fflush(stdout);
	if (fgets(line, sizeof(line), stdin))
		printf("got %s", line);
	return 3;
}
