/*
 * Makes system calls with arguments that Linux refuses, and writes each
 * one's name and result: the same lines natively and in the emulator.
 * No libc: the calls are exactly these. Nothing outside is changed.
 */
typedef long word;

static word call(word nr, word a, word b, word c, word d, word e, word f)
{
	register word r10 asm("r10") = d;
	register word r8 asm("r8") = e;
	register word r9 asm("r9") = f;
	word result;

	asm volatile("syscall" : "=a"(result)
		     : "0"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
		     : "rcx", "r11", "memory");
	return result;
}

static char line[128];

static void say(const char *name, word value)
{
	char digits[24];
	int length = 0, count = 0;
	unsigned long rest = value < 0 ? -value : value;

	while (*name)
		line[length++] = *name++;
	line[length++] = ' ';
	if (value < 0)
		line[length++] = '-';
	do {
		digits[count++] = '0' + rest % 10;
		rest /= 10;
	} while (rest);
	while (count)
		line[length++] = digits[--count];
	line[length++] = '\n';
	call(1, 1, (word)line, length, 0, 0, 0);
}

#define TRY6(name, nr, a, b, c, d, e, f) \
	say(name, call(nr, (word)(a), (word)(b), (word)(c), (word)(d), (word)(e), (word)(f)))
#define TRY(name, nr, a, b, c) TRY6(name, nr, a, b, c, 0, 0, 0)
#define TRY4(name, nr, a, b, c, d) TRY6(name, nr, a, b, c, d, 0, 0)

#define KERNEL	0xffffffff81000000UL
#define HOLE	0x10UL
#define EDGE	0x7ffffffff000UL
#define CWD	-100

static char buffer[4200];
static char longer[5000];
static word pair[2];
static struct { void *base; unsigned long length; } vec[3];
static struct { word name; int length; word iov; word count; word control, room; int flags; } msg;
static word action[4];
static word when[2];

void _start(void)
{
	int ends[2] = { -1, -1 };
	word tcp = call(41, 2, 1, 0, 0, 0, 0);
	word udp = call(41, 2, 2, 0, 0, 0, 0);
	word root = call(257, CWD, (word)"/", 0200000, 0, 0, 0);
	word place = call(257, CWD, (word)"/", 010000000, 0, 0, 0);
	int reader, writer;
	unsigned int i;

	call(22, (word)ends, 0, 0, 0, 0, 0);
	reader = ends[0];
	writer = ends[1];
	for (i = 0; i < sizeof(longer) - 1; i++)
		longer[i] = 'x';

	say("opened", tcp >= 0 && udp >= 0 && root >= 0 && place >= 0 && reader >= 0);

	TRY("read bad descriptor", 0, 99, buffer, 1);
	TRY("read -1", 0, -1, buffer, 1);
	TRY("read huge descriptor", 0, 0x7fffffff, buffer, 1);
	TRY("read high half is ignored", 0, 0xffffffff00000063UL, buffer, 1);
	TRY("read write end", 0, writer, buffer, 1);
	TRY("read write end, bad buffer", 0, writer, KERNEL, 1);
	TRY("read kernel buffer", 0, reader, KERNEL, 1);
	TRY("read wrapping buffer", 0, reader, -8, 16);
	TRY("read huge count", 0, reader, buffer, -1);
	TRY("read directory", 0, root, buffer, 1);
	TRY("read directory, kernel buffer", 0, root, KERNEL, 1);
	TRY("read O_PATH", 0, place, buffer, 1);
	TRY("read unconnected", 0, tcp, buffer, 1);
	TRY("write bad descriptor", 1, 99, buffer, 1);
	TRY("write read end", 1, reader, buffer, 1);
	TRY("write kernel buffer", 1, writer, KERNEL, 1);
	TRY("write hole", 1, writer, HOLE, 1);
	TRY("write edge", 1, writer, EDGE, 1);
	TRY("write nothing", 1, writer, HOLE, 0);
	TRY("write directory", 1, root, buffer, 1);

	TRY("open null", 2, 0, 0, 0);
	TRY("open hole", 2, HOLE, 0, 0);
	TRY("open kernel", 2, KERNEL, 0, 0);
	TRY("open empty", 2, "", 0, 0);
	TRY("open long", 2, longer, 0, 0);
	TRY("open long, bad flags", 2, longer, 0100 | 0200000, 0);
	TRY("open missing", 2, "/nothing-of-this-name", 0, 0);
	TRY("open create directory", 2, "/nothing-of-this-name", 0100 | 0200000, 0);
	TRY("open tmpfile for reading", 2, "/", 020200000, 0);
	TRY("open tmpfile without directory", 2, "/", 020000000 | 2, 0);
	TRY("openat bad start", 257, 99, "x", 0);
	TRY("openat start not a directory", 257, reader, "x", 0);
	TRY("openat bad start, hole", 257, 99, HOLE, 0);
	TRY("openat bad start, empty", 257, 99, "", 0);
	TRY("openat bad start, absolute missing", 257, 99, "/nothing-of-this-name", 0);
	TRY("openat start O_PATH, missing", 257, place, "nothing-of-this-name", 0);
	TRY("creat null", 85, 0, 0, 0);
	TRY("close bad", 3, 99, 0, 0);
	TRY("close -1", 3, -1, 0, 0);
	TRY("access bad mode", 21, HOLE, 8, 0);
	TRY("access hole", 21, HOLE, 0, 0);
	TRY("access missing", 21, "/nothing-of-this-name", 0, 0);
	TRY("faccessat bad start", 269, 99, "x", 0);
	TRY("chdir hole", 80, HOLE, 0, 0);
	TRY("chdir missing", 80, "/nothing-of-this-name", 0, 0);
	TRY("fchdir bad", 81, 99, 0, 0);
	TRY("fchdir pipe", 81, reader, 0, 0);
	TRY("ftruncate negative, bad", 77, 99, -1, 0);
	TRY("ftruncate bad", 77, 99, 0, 0);

	TRY("stat hole", 4, HOLE, buffer, 0);
	TRY("stat empty", 4, "", buffer, 0);
	TRY("stat missing", 4, "/nothing-of-this-name", buffer, 0);
	TRY("stat to hole", 4, "/", HOLE, 0);
	TRY("lstat missing", 6, "/nothing-of-this-name", buffer, 0);
	TRY("fstat bad", 5, 99, buffer, 0);
	TRY("fstat to hole", 5, reader, HOLE, 0);
	TRY("fstat O_PATH", 5, place, buffer, 0);
	TRY4("fstatat bad flags", 262, CWD, HOLE, buffer, 1);
	TRY4("fstatat empty", 262, CWD, "", buffer, 0);
	TRY4("fstatat empty allowed, bad", 262, 99, "", buffer, 0x1000);
	TRY4("fstatat empty allowed", 262, reader, "", buffer, 0x1000);
	TRY4("fstatat bad start", 262, 99, "x", buffer, 0);
	TRY4("fstatat start not a directory", 262, reader, "x", buffer, 0);
	TRY4("fstatat empty allowed, hole", 262, reader, HOLE, buffer, 0x1000);
	TRY("readlink no room", 89, HOLE, buffer, 0);
	TRY("readlink hole", 89, HOLE, buffer, 10);
	TRY("readlink directory", 89, "/", buffer, 10);
	TRY("mkdir hole", 83, HOLE, 0, 0);
	TRY("mkdir empty", 83, "", 0, 0);
	TRY("mkdir long", 83, longer, 0, 0);
	TRY("mkdirat bad start", 258, 99, "x", 0);
	TRY("rmdir missing", 84, "/nothing-of-this-name", 0, 0);
	TRY("unlink empty", 87, "", 0, 0);
	TRY("unlinkat bad flag", 263, CWD, HOLE, 1);
	TRY("unlinkat hole", 263, CWD, HOLE, 0);
	TRY("link hole", 86, HOLE, HOLE, 0);
	TRY("link missing, hole", 86, "/nothing-of-this-name", HOLE, 0);
	TRY6("linkat bad flags", 265, CWD, HOLE, CWD, HOLE, 1, 0);
	TRY("symlink empty", 88, "", "/x", 0);
	TRY("symlink hole", 88, HOLE, "/x", 0);
	TRY("rename hole", 82, HOLE, HOLE, 0);
	TRY("getdents64 bad", 217, 99, buffer, 100);
	TRY("getdents64 pipe", 217, reader, buffer, 100);

	TRY("dup bad", 32, 99, 0, 0);
	TRY("dup2 bad onto itself", 33, 99, 99, 0);
	TRY("dup2 onto itself", 33, 1, 1, 0);
	TRY("dup2 bad", 33, 99, 98, 0);
	TRY("dup2 to -1", 33, 1, -1, 0);
	TRY("dup3 bad flags", 292, 99, 98, 1);
	TRY("dup3 onto itself", 292, 99, 99, 0);
	TRY("dup3 to -1, bad", 292, 99, -1, 0);
	TRY("fcntl bad", 72, 99, 1, 0);
	TRY("fcntl bad command", 72, 1, 99, 0);
	TRY("fcntl O_PATH getfd", 72, place, 1, 0);
	TRY("fcntl O_PATH setfl", 72, place, 4, 0);
	TRY("ioctl bad", 16, 99, 0x5401, buffer);
	TRY("ioctl O_PATH", 16, place, 0x5401, buffer);
	TRY("ioctl pipe", 16, reader, 0x5401, buffer);
	TRY("lseek bad", 8, 99, 0, 9);
	TRY("lseek bad whence", 8, reader, 0, 9);
	TRY("lseek pipe", 8, reader, 0, 0);
	TRY("lseek socket", 8, tcp, 0, 0);
	TRY4("pread negative, bad", 17, 99, buffer, 1, -1);
	TRY4("pread bad", 17, 99, buffer, 1, 0);
	TRY4("pread pipe, kernel buffer", 17, reader, KERNEL, 1, 0);
	TRY4("pwrite socket", 18, tcp, buffer, 1, 0);
	TRY("pipe to hole", 22, HOLE, 0, 0);
	TRY("pipe2 bad flags", 293, HOLE, 1, 0);

	vec[0].base = buffer;
	vec[0].length = 1;
	vec[1].base = (void *)KERNEL;
	vec[1].length = 1;
	TRY("readv bad, too many", 19, 99, vec, 2000);
	TRY("readv write end, too many", 19, writer, vec, 2000);
	TRY("readv too many", 19, reader, vec, 2000);
	TRY("readv hole", 19, reader, HOLE, 1);
	TRY("readv kernel", 19, reader, vec, 2);
	TRY("writev kernel", 20, writer, vec, 2);
	vec[2].base = buffer;
	vec[2].length = -1;
	TRY("writev negative", 20, writer, vec, 3);
	TRY("writev hole", 20, writer, HOLE, 2);

	TRY("socket bad flags", 41, 99, 1 | 0x10, 0);
	TRY("socket bad family", 41, 99, 1, 0);
	TRY("socket negative family", 41, -1, 1, 0);
	TRY("socket bad type", 41, 2, 12, 0);
	TRY("socket bad family and type", 41, 99, 12, 0);
	TRY4("socketpair bad flags", 53, 99, 0x10, 0, HOLE);
	TRY("accept bad", 43, 99, 0, 0);
	TRY("accept -1", 43, -1, 0, 0);
	TRY("accept pipe", 43, reader, 0, 0);
	TRY("accept directory", 43, root, 0, 0);
	TRY("accept O_PATH", 43, place, 0, 0);
	TRY("accept not listening", 43, tcp, 0, 0);
	TRY("accept datagram", 43, udp, 0, 0);
	TRY("accept4 bad, bad flags", 288, 99, 0, 0);
	TRY4("accept4 pipe, bad flags", 288, reader, 0, 0, 1);
	TRY4("accept4 bad flags", 288, tcp, 0, 0, 1);
	TRY("bind bad", 49, 99, HOLE, 16);
	TRY("bind pipe", 49, reader, HOLE, 16);
	TRY("bind negative", 49, tcp, HOLE, -1);
	TRY("bind long", 49, tcp, HOLE, 129);
	TRY("bind hole", 49, tcp, HOLE, 16);
	TRY("bind kernel", 49, tcp, KERNEL, 16);
	TRY("bind short", 49, tcp, buffer, 2);
	TRY("listen bad", 50, 99, 1, 0);
	TRY("listen pipe", 50, reader, 1, 0);
	TRY("listen datagram", 50, udp, 1, 0);
	TRY("connect bad", 42, 99, HOLE, 16);
	TRY("connect pipe, hole", 42, reader, HOLE, 16);
	TRY("connect pipe", 42, reader, buffer, 16);
	TRY("connect negative", 42, tcp, buffer, -1);
	TRY("getsockname bad", 51, 99, HOLE, HOLE);
	TRY("getsockname pipe", 51, reader, HOLE, HOLE);
	TRY("getsockname hole", 51, tcp, HOLE, HOLE);
	TRY("getpeername pipe", 52, reader, HOLE, HOLE);
	TRY("getpeername unconnected", 52, tcp, HOLE, HOLE);
	TRY6("sendto bad, kernel buffer", 44, 99, KERNEL, 1, 0, 0, 0);
	TRY6("sendto bad", 44, 99, buffer, 1, 0, 0, 0);
	TRY6("sendto pipe", 44, reader, buffer, 1, 0, 0, 0);
	TRY6("sendto hole address", 44, udp, buffer, 1, 0, HOLE, 16);
	TRY6("sendto long address", 44, udp, buffer, 1, 0, HOLE, 500);
	TRY6("recvfrom bad, kernel buffer", 45, 99, KERNEL, 1, 0, 0, 0);
	TRY6("recvfrom pipe", 45, reader, buffer, 1, 0, 0, 0);
	TRY6("recvfrom unconnected", 45, tcp, buffer, 1, 0, 0, 0);
	TRY("sendmsg bad", 46, 99, HOLE, 0);
	TRY("sendmsg hole", 46, udp, HOLE, 0);
	msg.count = 2000;
	TRY("sendmsg too many", 46, udp, &msg, 0);
	TRY("recvmsg too many", 47, udp, &msg, 0);
	TRY("recvmsg pipe", 47, reader, &msg, 0);
	TRY6("setsockopt bad, negative", 54, 99, 1, 2, HOLE, -1, 0);
	TRY6("setsockopt pipe", 54, reader, 1, 2, HOLE, 4, 0);
	TRY6("setsockopt negative", 54, tcp, 1, 2, HOLE, -1, 0);
	TRY6("setsockopt hole", 54, tcp, 1, 2, HOLE, 4, 0);
	TRY6("getsockopt bad", 55, 99, 1, 2, HOLE, HOLE, 0);
	TRY6("getsockopt hole", 55, tcp, 1, 2, HOLE, HOLE, 0);
	TRY("shutdown bad", 48, 99, 9, 0);
	TRY("shutdown pipe", 48, reader, 9, 0);
	TRY("shutdown unconnected", 48, tcp, 0, 0);

	TRY("nanosleep hole", 35, HOLE, 0, 0);
	when[1] = 1000000000;
	TRY("nanosleep too many ns", 35, when, 0, 0);
	when[0] = -1;
	when[1] = 0;
	TRY("nanosleep negative", 35, when, 0, 0);
	TRY4("sigaction bad size", 13, 99, HOLE, 0, 4);
	TRY4("sigaction hole", 13, 99, HOLE, 0, 8);
	TRY4("sigaction bad signal", 13, 99, action, 0, 8);
	TRY4("sigaction kill", 13, 9, action, 0, 8);
	TRY4("sigaction ask kill", 13, 9, 0, pair, 8);
	TRY4("sigprocmask bad size", 14, 0, HOLE, 0, 4);
	TRY4("sigprocmask hole", 14, 99, HOLE, 0, 8);
	TRY4("sigprocmask bad how", 14, 99, pair, 0, 8);
	TRY("tgkill zero", 234, 0, 1, 0);
	TRY6("mmap bad offset", 9, 0, 0, 0, 2, 99, 1);
	TRY6("mmap bad descriptor", 9, 0, 0, 0, 2, 99, 0);
	TRY6("mmap nothing", 9, 0, 0, 0, 0x22, -1, 0);
	TRY("munmap unaligned", 11, 1, 4096, 0);
	TRY("munmap nothing", 11, 0x100000, 0, 0);
	TRY("munmap kernel", 11, KERNEL, 4096, 0);
	TRY("munmap too long", 11, 0x1000, EDGE, 0);
	TRY("mprotect unaligned", 10, 1, 0, 0);
	TRY("mprotect nothing", 10, 0x1000, 0, 0);
	TRY("mprotect wrapping", 10, 0x1000, -0x1000UL, 0);
	TRY("getrandom bad flags", 318, KERNEL, 8, 8);
	TRY("getrandom both", 318, KERNEL, 8, 6);
	TRY("getrandom kernel", 318, KERNEL, 8, 0);
	TRY("getrandom hole", 318, HOLE, 8, 0);
	TRY("no such call", 500, 0, 0, 0);
	TRY("number -2", -2, 0, 0, 0);
	TRY("call without an entry", 174, 0, 0, 0);
	call(231, 0, 0, 0, 0, 0, 0);
	for (;;)
		;
}
