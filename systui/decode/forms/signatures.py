"""Of which kind each argument of a call is, in the order in which they are passed.

A kind may name another argument behind a colon (`buf:2`), or the result (`buf>:ret`); `>` marks
what the call fills in. Calls whose arguments depend on each other are in `special`.
"""

from typing import NamedTuple

_TEXT = """
read           fd buf>:ret lu
write          fd buf:2 lu
pread64        fd buf>:ret lu ld
pwrite64       fd buf:2 lu ld
readv          fd iovec>:2 lu
writev         fd iovec:2 lu
preadv         fd iovec>:2 lu ld
pwritev        fd iovec:2 lu ld
open           path f:OPEN creation:1
openat         fd path f:OPEN creation:2
creat          path mode
close          fd
stat           path stat>
lstat          path stat>
fstat          fd stat>
newfstatat     fd path stat> f:AT
statx          fd path f:STATX f:STATX_MASK statx>
lseek          fd ld f:WHENCE
access         path f:ACCESS
faccessat      fd path f:ACCESS
faccessat2     fd path f:ACCESS f:AT_ACCESS
readlink       path link> lu
readlinkat     fd path link> lu
getcwd         path> lu
chdir          path
fchdir         fd
mkdir          path mode
mkdirat        fd path mode
rmdir          path
unlink         path
unlinkat       fd path f:AT_REMOVE
rename         path path
renameat       fd path fd path
renameat2      fd path fd path f:RENAME
link           path path
linkat         fd path fd path f:AT
symlink        path path
symlinkat      path fd path
chmod          path mode
fchmod         fd mode
fchmodat       fd path mode
chown          path id id
lchown         path id id
fchown         fd id id
fchownat       fd path id id f:AT
umask          mode
truncate       path ld
ftruncate      fd ld
fallocate      fd f:FALLOCATE ld ld
fsync          fd
fdatasync      fd
utimensat      fd path utimes f:AT
getdents64     fd entries> lu
dup            fd
dup2           fd fd
dup3           fd fd f:PIPE
pipe           ints>:2
pipe2          ints>:2 f:PIPE
flock          fd f:FLOCK
sendfile       fd fd p lu
memfd_create   path f:MEMFD
mmap           p lu f:PROTECTION f:MAP fd x
mprotect       p lu f:PROTECTION
munmap         p lu
madvise        p lu f:MADVISE
msync          p lu f:MSYNC
brk            p
poll           pollfds:1 u d
ppoll          pollfds:1 u timespec sigset lu
select         d fdset fdset fdset timeval
pselect6       d fdset fdset fdset timespec p
epoll_create   d
epoll_create1  f:EPOLL_CREATE
epoll_ctl      fd f:EPOLL_OP fd event
epoll_wait     fd events> d d
epoll_pwait    fd events> d d sigset lu
socket         f:FAMILY socket protocol
socketpair     f:FAMILY socket protocol ints>:2
bind           fd sockaddr:2 d
connect        fd sockaddr:2 d
listen         fd d
accept         fd sockaddr>:2 length>
accept4        fd sockaddr>:2 length> f:SOCKET_BITS
getsockname    fd sockaddr>:2 length>
getpeername    fd sockaddr>:2 length>
sendto         fd buf:2 lu f:MESSAGE sockaddr:5 d
recvfrom       fd buf>:ret lu f:MESSAGE sockaddr>:5 length>
sendmsg        fd msghdr f:MESSAGE
recvmsg        fd msghdr> f:MESSAGE
shutdown       fd f:SHUTDOWN
setsockopt     fd f:LEVEL option optval:4 d
getsockopt     fd f:LEVEL option optval>:4 length>
fork
vfork
clone3         clone_args> lu
execve         path strings variables
execveat       fd path strings variables f:EXECVEAT
exit           d
exit_group     d
wait4          d status> f:WAIT4 rusage>
waitid         f:IDTYPE d siginfo> f:WAITID p
kill           d signal
tkill          d signal
tgkill         d d signal
rt_sigaction   signal sigaction sigaction> lu
rt_sigprocmask f:MASK_HOW sigset sigset> lu
rt_sigpending  sigset> lu
rt_sigsuspend  sigset lu
rt_sigtimedwait sigset siginfo> timespec lu
rt_sigqueueinfo d signal siginfo
sigaltstack    sigstack sigstack>
pause
nanosleep      timespec rest>
clock_nanosleep f:CLOCK f:TIMER timespec rest>
clock_gettime  f:CLOCK timespec>
clock_getres   f:CLOCK timespec>
gettimeofday   timeval> p
alarm          u
getitimer      f:ITIMER itimerval>
setitimer      f:ITIMER itimerval itimerval>
getrlimit      f:RESOURCE rlimit>
setrlimit      f:RESOURCE rlimit
prlimit64      d f:RESOURCE rlimit rlimit>
getuid
geteuid
getgid
getegid
getpid
gettid
getppid
getpgrp
setsid
getpgid        d
getsid         d
setpgid        d d
setuid         id
setgid         id
setreuid       id id
setregid       id id
setresuid      id id id
setresgid      id id id
getresuid      ints>:1 ints>:1 ints>:1
getresgid      ints>:1 ints>:1 ints>:1
getgroups      d ids>
uname          utsname>
getrandom      random>:ret lu f:RANDOM
arch_prctl     f:ARCH_PRCTL p
set_tid_address p
set_robust_list p lu
mlock          p lu
munlock        p lu
mincore        p lu p
copy_file_range fd longs fd longs lu x
preadv2        fd iovec>:2 lu ld x32
pwritev2       fd iovec:2 lu ld x32
readahead      fd ld lu
fadvise64      fd ld ld f:ADVICE
syncfs         fd
close_range    u u x32
mknod          path filemode
mknodat        fd path filemode
setgroups      lu ids:0
sethostname    buf:1 lu
clock_settime  f:CLOCK timespec
sched_getparam d ints>:1
sched_setscheduler d f:SCHED ints:1
sched_get_priority_max f:SCHED
sched_get_priority_min f:SCHED
getxattr       path path p lu
lgetxattr      path path p lu
fgetxattr      fd path p lu
listxattr      path buf>:ret lu
flistxattr     fd buf>:ret lu
statfs         path p
fstatfs        fd p
getrusage      f:RUSAGE p
times          p
rseq           p x32 x32 x32
sched_yield
getpriority    f:PRIORITY d
setpriority    f:PRIORITY d d
sched_getscheduler d
"""


class Item(NamedTuple):
    """One argument."""

    kind: str
    option: str = ""


def _item(word: str) -> Item:
    kind, _, option = word.partition(":")
    return Item(kind, option)


def _read() -> dict[str, tuple[Item, ...]]:
    found = {}
    for line in _TEXT.strip().splitlines():
        call, *words = line.split()
        found[call] = tuple(map(_item, words))
    return found


SIGNATURES = _read()
"""By a call's name."""
