/* Waits in accept until a second process comes, which does so once a line was typed. */
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(void)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX, .sun_path = "/meeting" };
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);

	bind(listener, (struct sockaddr *)&name, sizeof(name));
	listen(listener, 1);
	if (fork() == 0) {
		int other = socket(AF_UNIX, SOCK_STREAM, 0);
		char byte;

		read(0, &byte, 1);
		return connect(other, (struct sockaddr *)&name, sizeof(name));
	}
	return accept(listener, 0, 0) >= 0 ? 5 : 1;
}
