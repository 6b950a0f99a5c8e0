/* Accepts on a listening socket that nobody ever connects to. */
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(void)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX, .sun_path = "/waiting" };
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);

	bind(listener, (struct sockaddr *)&name, sizeof(name));
	listen(listener, 1);
	return accept(listener, 0, 0);
}
