/* Calls that a kernel's own handlers answer, by the rules that say where they can. */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define SAY(call) say(#call, (errno = 0, (long)(call)))

static void say(const char *what, long result)
{
	printf("%s = %ld %s\n", what, result, result < 0 ? strerror(errno) : "");
}

int main(void)
{
	char b[8];
	struct sockaddr *name = (struct sockaddr *)b;

	SAY(read(77, b, 1));
	SAY(write(77, b, 1));
	SAY(pread(77, b, 1, -1));
	SAY(pwrite(77, b, 1, 0));
	SAY(readv(77, 0, 0));
	SAY(writev(-1, 0, 0));
	SAY(lseek(77, 0, 0));
	SAY(close(77));
	SAY(dup(77));
	SAY(fsync(77));
	SAY(fdatasync(77));
	SAY(ftruncate(77, 5));
	SAY(ftruncate(77, -5));
	SAY(fchdir(77));
	SAY(fchmod(77, 0));
	SAY(fchown(77, 0, 0));
	SAY(syscall(SYS_getdents64, 77, b, 8));
	SAY(syscall(SYS_fstat, 77, b));
	SAY(syscall(SYS_ioctl, 77, 0x5401, b));
	SAY(syscall(SYS_fcntl, 77, 3, 0));
	SAY(syscall(SYS_fcntl, 77, 99, 0));
	SAY(connect(77, name, 8));
	SAY(accept(77, 0, 0));
	SAY(accept(0, 0, 0));
	SAY(accept4(0, 0, 0, 0x40000000));
	SAY(bind(0, name, 8));
	SAY(listen(1, 1));
	SAY(getsockname(1, 0, 0));
	SAY(getpeername(2, 0, 0));
	SAY(shutdown(1, 7));
	SAY(sendto(1, b, 1, 0, 0, 0));
	SAY(recvfrom(1, b, 1, 0, 0, 0));
	SAY(setsockopt(1, 1, 2, b, 4));
	SAY(getsockopt(1, 1, 2, b, 0));
	SAY(getuid());
	SAY(geteuid());
	SAY(getgid());
	SAY(getegid());
	SAY(personality(0xffffffff) & 0xff);
	SAY(sched_get_priority_max(1));
	SAY(sched_get_priority_min(9));
	SAY(syscall(999));
	SAY(syscall(-1L));
	SAY(syscall(180));
	int s = socket(AF_UNIX, SOCK_STREAM, 0);
	SAY(s);
	SAY(accept(s, 0, 0));
	SAY(listen(s, 1));
	SAY(close(s));
	SAY(accept(s, 0, 0));
	SAY(dup2(1, 9));
	SAY(accept(9, 0, 0));
	SAY(close(9));
	SAY(accept(9, 0, 0));
	return 0;
}
