/* Asks for a name on standard input and greets it; says on stderr how long it was. */
#include <stdio.h>
#include <string.h>

int main(void)
{
	char name[100];

	printf("name? ");
	fflush(stdout);
	if (!fgets(name, sizeof(name), stdin)) {
		puts("nobody");
		return 3;
	}
	name[strcspn(name, "\n")] = 0;
	fprintf(stderr, "%zu bytes\n", strlen(name));
	printf("hello %s\n", name);
	return 0;
}
