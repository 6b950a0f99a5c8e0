#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define TRY(call)                                                                                  \
	do {                                                                                       \
		errno = 0;                                                                         \
		long result = (call);                                                              \
		printf("%s: %s\n", #call, result < 0 ? strerror(errno) : "ok");                    \
	} while (0)

int main(void)
{
	char buffer[8];
	static char longer[5000];
	memset(longer, 'x', sizeof longer - 1);
	void *bad = (void *)8, *kernel = (void *)0xffffffff81000000UL;
	TRY(open("/no/such/file", O_RDONLY));
	TRY(open("", O_RDONLY));
	TRY(open(bad, O_RDONLY));
	TRY(open(kernel, O_RDONLY));
	TRY(open(longer, O_RDONLY));
	longer[300] = 0;
	TRY(open(longer, O_RDONLY));
	TRY(open("/dev/null/x", O_RDONLY));
	TRY(open(".", O_WRONLY));
	TRY(open(".", O_RDONLY | O_CREAT, 0600));
	TRY(open("/proc/self/exe", O_RDONLY | O_NOFOLLOW));
	TRY(openat(77, "x", O_RDONLY));
	TRY(symlink("loop", "loop"));
	TRY(open("loop", O_RDONLY));
	TRY(read(0, bad, 1));
	TRY(read(-1, buffer, 1));
	TRY(read(open(".", O_RDONLY), buffer, 1));
	TRY(write(1, kernel, 10));
	TRY(write(open("/dev/null", O_WRONLY), bad, 1));
	TRY(write(open("/dev/full", O_WRONLY), buffer, 1));
	TRY(writev(1, (struct iovec *)bad, 1));
	TRY(writev(1, (struct iovec *)buffer, -1));
	TRY(close(1234));
	TRY(dup(1234));
	TRY(dup2(1, -1));
	TRY(dup2(1, 1 << 20));
	TRY(fcntl(1, 9999));
	TRY(pipe(bad));
	TRY(lseek(99, 0, SEEK_SET));
	TRY(ftruncate(1, 5));
	TRY(truncate(".", 5));
	TRY(stat("nothing", (struct stat *)buffer));
	TRY(stat("/", bad));
	TRY(fstat(99, bad));
	TRY(syscall(SYS_newfstatat, AT_FDCWD, "/", bad, 0x12345));
	TRY(mkdir("/", 0700));
	TRY(rmdir("/"));
	TRY(rmdir("nothing"));
	TRY(unlink("."));
	TRY(unlink("/dev/null/x"));
	TRY(rename("nothing", "other"));
	TRY(link("nothing", "other"));
	TRY(link("/", "other"));
	TRY(readlink("/", buffer, 8));
	TRY(readlink("loop", buffer, 0));
	TRY(chdir("nothing"));
	TRY(chdir("/dev/null"));
	TRY(access("/", 99));
	TRY(syscall(SYS_getcwd, buffer, 1));
	TRY(syscall(9999));
	TRY(syscall(-1));
	TRY(mprotect((void *)4097, 1, PROT_READ));
	TRY(mprotect((void *)4096, 1, 77));
	TRY(munmap((void *)1, 1));
	TRY(syscall(SYS_arch_prctl, 0x7777, 0));
	TRY(syscall(SYS_arch_prctl, 0x1002, kernel));
	TRY(syscall(SYS_rt_sigaction, 1, 0, 0, 3));
	TRY(syscall(SYS_rt_sigprocmask, 9, buffer, 0, 8));
	TRY(syscall(SYS_nanosleep, bad, 0));
	TRY(syscall(SYS_uname, bad));
	TRY(syscall(SYS_getrandom, buffer, 8, 77));
	TRY(syscall(SYS_prlimit64, 0, 99, 0, 0));
	TRY(syscall(SYS_accept, 1, 0, 0));
	TRY(syscall(SYS_accept, 1234, 0, 0));
	TRY(syscall(SYS_accept, open("/dev/null", O_RDONLY), 0, 0));
	TRY(syscall(SYS_wait4, -1, 0, 0, 0));
	TRY(syscall(SYS_futex, bad, 0, 0, 0, 0, 0));
	TRY(syscall(SYS_poll, bad, 1, 0));
	TRY(syscall(SYS_select, -1, 0, 0, 0, 0));
	TRY(syscall(SYS_ioctl, 99, 0x5401, 0));
	TRY(syscall(SYS_ioctl, open("/dev/null", O_RDONLY), 0x5401, buffer));
	return 0;
}
