/* needs: root */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static void show(const char *what, long value)
{
	printf("%s: %ld %s\n", what, value, value < 0 ? strerror(errno) : "");
}

static void who(void)
{
	unsigned a[3], b[3];
	syscall(SYS_getresuid, &a[0], &a[1], &a[2]);
	syscall(SYS_getresgid, &b[0], &b[1], &b[2]);
	printf("uid %d %d %d gid %d %d %d\n", a[0], a[1], a[2], b[0], b[1], b[2]);
}

int main(void)
{
	unsigned groups[3] = {7, 3, 5};
	struct stat st;
	mkdir("closed", 0700);
	mkdir("open", 0755);
	mkdir("sticky", 01777);
	chmod("sticky", 01777);
	mkdir("shared", 02777);
	chmod("shared", 02775);
	chown("shared", 0, 7);
	close(open("sticky/mine", O_CREAT | O_WRONLY, 0644));
	close(open("secret", O_CREAT | O_WRONLY, 0600));
	close(open("group", O_CREAT | O_WRONLY, 0640));
	chown("group", 0, 5);
	close(open("own", O_CREAT | O_WRONLY, 0044));
	chown("own", 1000, 1000);
	show("setgroups", syscall(SYS_setgroups, 3, groups));
	show("getgroups", syscall(SYS_getgroups, 3, groups));
	printf("%d %d %d\n", groups[0], groups[1], groups[2]);
	show("setresgid", syscall(SYS_setresgid, 1000, 1000, 1000));
	show("setresuid", syscall(SYS_setresuid, 1000, 1000, 0));
	who();
	show("secret", open("secret", O_RDONLY));
	show("group", open("group", O_RDONLY) > 0);
	show("group write", open("group", O_WRONLY));
	show("own", open("own", O_RDONLY));
	show("access", access("own", R_OK));
	show("chmod own", chmod("own", 06755));
	show("chmod other's", chmod("secret", 0644));
	show("chown", chown("own", 0, -1));
	show("chown group", chown("own", -1, 5));
	stat("own", &st);
	printf("mode %o gid %d\n", st.st_mode, st.st_gid);
	show("closed", open("closed/x", O_CREAT | O_WRONLY, 0600));
	show("closed stat", stat("closed/x", &st));
	show("open", mkdir("open/x", 0700));
	show("sticky", unlink("sticky/mine"));
	show("sticky rename", rename("sticky/mine", "sticky/yours"));
	int made = open("sticky/new", O_CREAT | O_WRONLY, 0644);
	show("sticky new", made > 0);
	show("sticky own", unlink("sticky/new"));
	made = open("shared/new", O_CREAT | O_WRONLY, 0644);
	fstat(made, &st);
	printf("gid inherited %d\n", st.st_gid);
	show("times", utimensat(AT_FDCWD, "secret", NULL, 0));
	show("setgroups", syscall(SYS_setgroups, 0, NULL));
	show("setuid", syscall(SYS_setuid, 5));
	show("back", syscall(SYS_setuid, 0));
	who();
	show("setreuid", syscall(SYS_setreuid, 0, 1000));
	who();
	show("setreuid", syscall(SYS_setreuid, -1, 77));
	show("setregid", syscall(SYS_setregid, -1, 1000));
	show("setgid", syscall(SYS_setgid, 0));
	show("setresuid", syscall(SYS_setresuid, 1000, 1000, 1000));
	show("setresuid", syscall(SYS_setresuid, 0, 0, 0));
	show("hostname", syscall(SYS_sethostname, "x", 1));
	show("settime", syscall(SYS_clock_settime, 0, (long[2]){1, 1}));
	who();
	return 0;
}
