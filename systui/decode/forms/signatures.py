"""Of which kind each argument of a call is, in the order in which they are passed.

A kind may name another argument behind a colon (`buf:2`), or the result (`buf>:ret`), or which of
several structures; `>` marks what the call fills in. `ll` takes two registers of 32 bits. Calls
whose arguments depend on each other are in `special`.
"""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from systui.decode.forms.prototypes import kind_of
from systui.model.call import Parameter

_WIDE = """
read           fd buf>:ret lu
write          fd buf:2 lu
pread64        fd buf>:ret lu ld
pwrite64       fd buf:2 lu ld
readv          fd iovec>:2 lu
writev         fd iovec:2 lu
preadv         fd iovec>:2 lu pos
pwritev        fd iovec:2 lu pos
open           path f:OPEN creation:1
openat         fd path f:OPEN creation:2
creat          path mode
close          fd
stat           path stat>
lstat          path stat>
fstat          fd stat>
newfstatat     fd path stat> f:AT_STAT
statx          fd path f:STATX statx_mask statx>
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
truncate       path lu
ftruncate      fd lu
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
sendfile       fd fd off> lu
memfd_create   path f:MEMFD
mmap           p lu f:PROTECTION f:MAP fd x
mprotect       p lu f:PROTECTION
munmap         p lu
madvise        p lu f:MADVISE
msync          p lu f:MSYNC
brk            p
poll           pollfds:1 u d
ppoll          pollfds:1 u timespec sigset:4 lu
select         d fdset fdset fdset timeval
pselect6       d fdset fdset fdset timespec sigset_argument
epoll_create   d
epoll_create1  f:EPOLL_CREATE
epoll_ctl      fd f:EPOLL_OP fd event
epoll_wait     fd events> d d
epoll_pwait    fd events> d d sigset:5 lu
socket         f:FAMILY socket protocol
socketpair     f:FAMILY socket d ints>:2
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
rt_sigaction   signal sigaction:3 sigaction>:3 lu
rt_sigprocmask f:MASK_HOW sigset:3 sigset>:3 lu
rt_sigpending  sigset>:1 lu
rt_sigsuspend  sigset:1 lu
rt_sigtimedwait sigset:3 siginfo> timespec lu
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
prlimit64      d f:RESOURCE rlimit:64 rlimit>:64
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
set_tid_address p
set_robust_list p lu
mlock          p lu
munlock        p lu
mincore        p lu resident>
copy_file_range fd loff fd loff lu u
preadv2        fd iovec>:2 lu pos skip f:RWF
pwritev2       fd iovec:2 lu pos skip f:RWF
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
statfs         path statfs>
fstatfs        fd statfs>
getrusage      f:RUSAGE rusage>
times          tms>
rseq           p x32 x32 x32
sched_yield
getpriority    f:PRIORITY d
setpriority    f:PRIORITY d d
sched_getscheduler d
eventfd        u
eventfd2       u f:EVENT
timerfd_create f:CLOCK f:TIMERFD
timerfd_settime fd f:TIMERFD_SET itimerspec itimerspec>
timerfd_gettime fd itimerspec>
sendmmsg       fd sent>:2 u f:MESSAGE
recvmmsg       fd messages>:2 u f:MESSAGE timespec
send           fd buf:2 lu f:MESSAGE
recv           fd buf>:ret lu f:MESSAGE
socketcall     f:SOCKETCALL p
sched_getaffinity d u processors>:ret
sched_setaffinity d u processors:1
openat2        fd path open_how:3 lu
sysinfo        sysinfo>
get_robust_list d word> word>:d
getdents       fd entries>:old u
utime          path utimbuf
utimes         path timevals
futimesat      fd path timevals
personality    x32
capget         cap_header cap_data>
capset         cap_header cap_data
splice         fd loff fd loff lu f:SPLICE
tee            fd fd lu f:SPLICE
setxattr       path path buf:3 lu d
lsetxattr      path path buf:3 lu d
fsetxattr      fd path buf:3 lu d
removexattr    path path
sched_rr_get_interval d timespec>
signalfd4      fd sigset:2 lu f:SIGNALFD
inotify_init1  f:INOTIFY
inotify_add_watch fd path x32
inotify_rm_watch fd d
pidfd_open     d x32
pidfd_send_signal fd signal siginfo x32
fchmodat2      fd path mode f:AT
epoll_pwait2   fd events> d timespec:64 sigset:5 lu
mlock2         p lu x32
mlockall       x32
munlockall
sync
setdomainname  buf:1 lu
chroot         path
umount2        path x32
getcpu         ints>:1 ints>:1 p
time           p
setfsuid       id
setfsgid       id
rt_tgsigqueueinfo d d signal siginfo
semget         key d ipc_flags
semop          d p lu
semtimedop     d p lu timespec
semctl         d d d x
msgget         key ipc_flags
msgsnd         d p lu x32
msgrcv         d p lu ld x32
msgctl         d d p
shmget         key lu ipc_flags
shmat          d p x32
shmdt          p
shmctl         d d p
"""
_NARROW = """
pread64        fd buf>:ret lu ll
pwrite64       fd buf:2 lu ll
preadv         fd iovec>:2 lu ll
pwritev        fd iovec:2 lu ll
preadv2        fd iovec>:2 lu ll f:RWF
pwritev2       fd iovec:2 lu ll f:RWF
lseek          fd ld f:WHENCE
truncate64     path ll
ftruncate64    fd ll
fallocate      fd f:FALLOCATE ll ll
readahead      fd ll lu
fadvise64      fd ll lu f:ADVICE
fadvise64_64   fd ll ll f:ADVICE
sync_file_range fd ll ll x32
stat64         path stat>:64
lstat64        path stat>:64
fstat64        fd stat>:64
fstatat64      fd path stat>:64 f:AT_STAT
oldstat        path stat>:old
oldlstat       path stat>:old
oldfstat       fd stat>:old
statfs64       path lu statfs>:64
fstatfs64      fd lu statfs>:64
sendfile64     fd fd loff> lu
mmap2          p lu f:PROTECTION f:MAP fd pages
_newselect     d fdset fdset fdset timeval
pselect6_time64 d fdset fdset fdset timespec:64 sigset_argument
ppoll_time64   pollfds:1 u timespec:64 sigset:4 lu
recvmmsg_time64 fd messages>:2 u f:MESSAGE timespec:64
clock_gettime64 f:CLOCK timespec>:64
clock_settime64 f:CLOCK timespec:64
clock_getres_time64 f:CLOCK timespec>:64
clock_nanosleep_time64 f:CLOCK f:TIMER timespec:64 rest>:64
timerfd_settime64 fd f:TIMERFD_SET itimerspec:64 itimerspec>:64
timerfd_gettime64 fd itimerspec>:64
utimensat_time64 fd path utimes:64 f:AT
rt_sigtimedwait_time64 sigset:3 siginfo> timespec:64 lu
semtimedop_time64 d p lu timespec:64
sched_rr_get_interval_time64 d timespec>:64
ugetrlimit     f:RESOURCE rlimit>
sigaction      signal sigaction:old sigaction>:old
sigprocmask    f:MASK_HOW sigset:old sigset>:old
sigpending     sigset>:old
sigsuspend     skip skip sigmask
signal         signal handler
waitpid        d status> f:WAIT4
set_thread_area segment
get_thread_area segment>
nice           d
stime          p
chown          path id16 id16
lchown         path id16 id16
fchown         fd id16 id16
setuid         id16
setgid         id16
setreuid       id16 id16
setregid       id16 id16
setresuid      id16 id16 id16
setresgid      id16 id16 id16
getresuid      id16> id16> id16>
getresgid      id16> id16> id16>
getgroups      d ids16>
setgroups      d ids16:0
chown32        path id id
lchown32       path id id
fchown32       fd id id
setuid32       id
setgid32       id
setreuid32     id id
setregid32     id id
setresuid32    id id id
setresgid32    id id id
getresuid32    ints>:1 ints>:1 ints>:1
getresgid32    ints>:1 ints>:1 ints>:1
getgroups32    d ids>
setgroups32    d ids:0
getuid32
getgid32
geteuid32
getegid32
setfsuid32     id
setfsgid32     id
ipc            u d lu lu p ld
restart_syscall
"""
"""What is only i386's, and what has other arguments there."""


class Item(NamedTuple):
    """One argument."""

    kind: str
    option: str = ""


def _item(word: str) -> Item:
    kind, _, option = word.partition(":")
    return Item(kind, option)


def _read(text: str) -> dict[str, tuple[Item, ...]]:
    found = {}
    for line in text.strip().splitlines():
        call, *words = line.split()
        found[call] = tuple(map(_item, words))
    return found


_SIGNATURES = {64: _read(_WIDE), 32: {**_read(_WIDE), **_read(_NARROW)}}
"""By the bits of the caller's long, by a call's name."""
_UNKNOWN = (Item("x"),) * 6


def signature(
    call: str, bits: int, parameters: Sequence[Parameter] | None = None
) -> tuple[Item, ...]:
    """How the arguments of `call` are spelled; by its prototype where it is not in the list."""
    found = _SIGNATURES[bits].get(call)
    if found is not None:
        return found
    return _UNKNOWN if parameters is None else _derived(tuple(parameters))


@cache
def _derived(parameters: tuple[Parameter, ...]) -> tuple[Item, ...]:
    return tuple(Item(kind_of(each)) for each in parameters)
