/* Several messages in one call, vectors at a position with flags, and the CPUs that may be used. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static void said(const char *what, long result)
{
	printf("%s: %ld%s%s\n", what, result, result < 0 ? " " : "",
	       result < 0 ? strerror(errno) : "");
}

static void messages(void)
{
	char texts[3][8] = { "one", "two!", "three" }, rooms[4][16] = { "" };
	struct mmsghdr out[3] = { 0 }, in[4] = { 0 };
	struct iovec parts[3], places[4];
	int pair[2], index;

	socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
	for (index = 0; index < 3; index++) {
		parts[index] = (struct iovec){ texts[index], strlen(texts[index]) };
		out[index].msg_hdr.msg_iov = &parts[index];
		out[index].msg_hdr.msg_iovlen = 1;
	}
	for (index = 0; index < 4; index++) {
		places[index] = (struct iovec){ rooms[index], sizeof(rooms[index]) };
		in[index].msg_hdr.msg_iov = &places[index];
		in[index].msg_hdr.msg_iovlen = 1;
	}
	said("sendmmsg", sendmmsg(pair[0], out, 3, 0));
	printf("lengths %u %u %u\n", out[0].msg_len, out[1].msg_len, out[2].msg_len);
	said("recvmmsg", recvmmsg(pair[1], in, 4, MSG_DONTWAIT, NULL));
	for (index = 0; index < 4; index++)
		printf("%u '%s'\n", in[index].msg_len, rooms[index]);
	said("nothing", recvmmsg(pair[1], in, 4, MSG_DONTWAIT, NULL));
	said("no socket", sendmmsg(1, out, 3, 0));
	said("no file", recvmmsg(77, in, 3, 0, NULL));
}

/* The offset in two words, as the calls have it; not every C library has functions for them. */
static long placed(long call, int fd, struct iovec *parts, int count, long offset, int flags)
{
	return syscall(call, fd, parts, count, offset, offset < 0 ? -1L : 0L, flags);
}

static void vectors(void)
{
	char one[4] = "", two[8] = "";
	struct iovec parts[2] = { { "0123", 4 }, { "456789", 6 } };
	struct iovec places[2] = { { one, 3 }, { two, 5 } };
	int fd = open("batches.txt", O_RDWR | O_CREAT | O_TRUNC, 0600);

	said("pwritev2", placed(SYS_pwritev2, fd, parts, 2, 2, 0));
	said("preadv2", placed(SYS_preadv2, fd, places, 2, 3, 0));
	printf("'%s' '%s'\n", one, two);
	said("at the position", placed(SYS_pwritev2, fd, parts, 1, -1, 0));
	said("position", lseek(fd, 0, SEEK_CUR));
	said("bad flags", placed(SYS_preadv2, fd, places, 2, 0, 0x4000));
	unlink("batches.txt");
}

static void processors(void)
{
	unsigned char set[1024] = { 0 };
	long size = syscall(SYS_sched_getaffinity, 0, sizeof(set), set);

	printf("some %d first %d\n", size > 0, set[0] & 1);
	said("none", syscall(SYS_sched_getaffinity, 0, 3, set));
	memset(set, 0, sizeof(set));
	said("empty", syscall(SYS_sched_setaffinity, 0, sizeof(set), set));
	set[0] = 1;
	said("first", syscall(SYS_sched_setaffinity, 0, sizeof(set), set));
	said("nobody", syscall(SYS_sched_setaffinity, 99999999, sizeof(set), set));
}

int main(void)
{
	messages();
	vectors();
	processors();
	return 0;
}
