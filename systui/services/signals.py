"""Signals of a task: actions, masks, what is pending, and their delivery (kernel/signal.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from systui.services.errors import (
    EAGAIN,
    EINTR,
    ERESTART_RESTARTBLOCK,
    ERESTARTNOHAND,
    ERESTARTSYS,
    Refused,
)
from systui.services.narrow import UNDER_32, UNDER_64
from systui.services.ports import Ended, Happened, UserFault, UserFrame
from systui.services.state import Map, Stateful

if TYPE_CHECKING:
    from systui.services.task import Task

NAMES = (
    *("", "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE"),
    *("SIGKILL", "SIGUSR1", "SIGSEGV", "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGTERM", "SIGSTKFLT"),
    *("SIGCHLD", "SIGCONT", "SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGURG", "SIGXCPU"),
    *("SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO", "SIGPWR", "SIGSYS"),
)
SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGKILL = 4, 5, 6, 7, 8, 9
SIGSEGV, SIGPIPE, SIGALRM, SIGCHLD, SIGCONT, SIGSTOP = 11, 13, 14, 17, 18, 19
SIGVTALRM, SIGPROF = 26, 27
FIRST_REALTIME = 32
LAST = 64
MAX_QUEUED = 1024
"""Realtime signals that may wait (RLIMIT_SIGPENDING)."""

SIG_DFL, SIG_IGN = 0, 1
SA_ONSTACK, SA_RESTART, SA_NODEFER, SA_RESETHAND = 0x0800_0000, 0x1000_0000, 0x4000_0000, 1 << 31
SA_RESTORER = 0x0400_0000
SA_NOCLDSTOP, SA_NOCLDWAIT, SA_SIGINFO, SA_EXPOSE_TAGBITS = 1, 2, 4, 0x800
SA_KNOWN = (
    SA_NOCLDSTOP | SA_NOCLDWAIT | SA_SIGINFO | SA_EXPOSE_TAGBITS | SA_RESTORER | SA_ONSTACK
) | (SA_RESTART | SA_NODEFER | SA_RESETHAND)
"""Flags that are kept; others are cleared, and who asks sees that (since 5.11)."""

SI_USER, SI_KERNEL, SI_QUEUE, SI_TIMER, SI_TKILL = 0, 0x80, -1, -2, -6


def bit(signal: int) -> int:
    """A signal's bit in a mask."""
    return 1 << (signal - 1)


def _mask(*signals: int) -> int:
    return sum(bit(signal) for signal in signals)


UNBLOCKABLE = _mask(SIGKILL, SIGSTOP)
_SYNCHRONOUS = _mask(SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, 31)
_IGNORED = _mask(17, SIGCONT, 23, 28)
_STOPPING = _mask(SIGSTOP, 20, 21, 22)
_CORE = _mask(3, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, 24, 25, 31)

SYSCALL_LENGTH = 2
_USER32_CS = UNDER_64.code, UNDER_32.code
NR_RESTART_SYSCALL = 219


def name_of(signal: int) -> str:
    """SIGSEGV, SIGRTMIN+3 as the kernel counts (from 32)."""
    return NAMES[signal] if signal < FIRST_REALTIME else f"SIGRT_{signal - FIRST_REALTIME}"


class Action(NamedTuple):
    """struct sigaction."""

    handler: int = SIG_DFL
    flags: int = 0
    restorer: int = 0
    mask: int = 0


class SigInfo(NamedTuple):
    """What is known of one pending signal: siginfo_t's parts."""

    signal: int
    code: int = SI_USER
    pid: int = 0
    uid: int = 0
    address: int | None = None
    """Of a fault."""
    value: int = 0
    """sigqueue's value, or a timer's."""
    status: int = 0
    """SIGCHLD: exit status, or the signal that ended or stopped the child."""
    raw: bytes = b""
    """The program's own siginfo_t (rt_sigqueueinfo)."""


class Trap(NamedTuple):
    """The last CPU exception of the task, for sigcontext."""

    number: int = 0
    error: int = 0
    address: int = 0


class AltStack(NamedTuple):
    """stack_t."""

    start: int = 0
    size: int = 0
    flags: int = 2


class Signals(Stateful):
    """What one task has of signals."""

    STATE = ("blocked", "pending", "saved_mask", "alternate", "trap")

    def __init__(self, task: Task) -> None:
        self._task = task
        self.blocked = 0
        self.pending: tuple[SigInfo, ...] = ()
        self.saved_mask: int | None = None
        """Put back once the signals of a sigsuspend-like call are delivered."""
        self.alternate = AltStack()
        self.trap = Trap()

    @property
    def actions(self) -> Map[int, Action]:
        """What is done on each signal; shared by threads."""
        return self._task.actions.table

    @actions.setter
    def actions(self, value: Map[int, Action]) -> None:
        self._task.actions.table = value

    @property
    def stopped(self) -> int:
        """The signal that stopped the process."""
        return self._task.process.stopped

    @stopped.setter
    def stopped(self, value: int) -> None:
        self._task.process.stopped = value

    @property
    def _all(self) -> tuple[SigInfo, ...]:
        """What it could take: its own, and its process's."""
        shared = self._task.process.pending
        return (*self.pending, *shared) if shared else self.pending

    def action(self, signal: int) -> Action:
        """What the task does on `signal`."""
        return self.actions.get(signal) or Action()

    def set_action(self, signal: int, action: Action) -> None:
        """Change it; a pending signal that is ignored now is forgotten."""
        self.actions = self.actions.set(signal, action)
        if self._ignores(signal):
            self.pending = _without(self.pending, signal)
            process = self._task.process
            process.pending = _without(process.pending, signal)

    def _ignores(self, signal: int) -> bool:
        handler = self.action(signal).handler
        return handler == SIG_IGN or (handler == SIG_DFL and bool(bit(signal) & _IGNORED))

    def would_deliver(self, signal: int) -> bool:
        """Sent now, it would be delivered."""
        return not bit(signal) & self.blocked and not self._ignores(signal)

    @property
    def pending_mask(self) -> int:
        """Signals that wait, blocked or not."""
        mask = 0
        for info in self._all:
            mask |= bit(info.signal)
        return mask

    @property
    def deliverable(self) -> bool:
        """Some signal waits that is not blocked."""
        return bool(self._all) and bool(self.pending_mask & ~self.blocked)

    def send(self, info: SigInfo) -> None:
        """Let a signal to this thread be pending; Refused(EAGAIN) when the queue is full."""
        if self._wanted(info.signal):
            self.pending = _with(self.pending, info)

    def send_process(self, info: SigInfo) -> None:
        """Let a signal to the process be pending; Refused(EAGAIN) when the queue is full."""
        if self._wanted(info.signal):
            process = self._task.process
            process.pending = _with(process.pending, info)

    def _wanted(self, signal: int) -> bool:
        """Whether a signal that is sent comes to be pending; SIGCONT acts at once."""
        if signal in (SIGCONT, SIGKILL) and self.stopped:
            from systui.services import lifecycle

            lifecycle.go_on(self._task, signal)
        traced = self._task.system.tell is not None
        return traced or not self._ignores(signal) or bool(bit(signal) & self.blocked)

    def force(self, info: SigInfo) -> None:
        """Send one that cannot be blocked or ignored: force_sig_info()."""
        signal = info.signal
        if bit(signal) & self.blocked or self.action(signal).handler == SIG_IGN:
            self._by_default(signal)
            self.blocked &= ~bit(signal)
        others = tuple(other for other in self.pending if other.signal != signal)
        self.pending = (info, *others)

    def take(self, mask: int) -> SigInfo | None:
        """Remove and return the next of the pending signals in `mask`: dequeue_signal()."""
        candidates = [info for info in self._all if bit(info.signal) & mask]
        if not candidates:
            return None
        urgent = [info for info in candidates if bit(info.signal) & _SYNCHRONOUS]
        chosen = min(urgent or candidates, key=lambda info: info.signal)
        process = self._task.process
        if chosen in self.pending:
            self.pending = _but_one(self.pending, chosen)
        else:
            process.pending = _but_one(process.pending, chosen)
        return chosen

    # delivery

    def deliver(self, frame: UserFrame) -> None:
        """Act on every pending signal that is not blocked: arch_do_signal_or_restart()."""
        while (info := self.take(~self.blocked)) is not None:
            action = self.action(info.signal)
            self._tell(info, frame)
            if action.handler == SIG_IGN or self._default(info, action, frame):
                continue
            if self._task.dead or self._task.system.ended is not None or self.stopped:
                return
            self._handle(info, action, frame)
        _restart(frame)
        if self.saved_mask is not None:
            self.blocked, self.saved_mask = self.saved_mask, None

    def _tell(self, info: SigInfo, frame: UserFrame) -> None:
        system = self._task.system
        if system.tell is not None and info.signal != SIGKILL:
            from systui.services.sigframe import siginfo

            result = _signed(frame.get("ax")) if not frame.get("orig_ax") >> 63 else None
            named = name_of(info.signal)
            system.tell(Happened(self._task.tid, "signal", named, siginfo(info), result))

    def _default(self, info: SigInfo, action: Action, frame: UserFrame) -> bool:
        """Do the default action where that is asked for; True when there is nothing more to do."""
        if action.handler != SIG_DFL:
            return False
        mask = bit(info.signal)
        if mask & _IGNORED:
            return True
        if mask & _STOPPING:
            from systui.services import lifecycle

            lifecycle.stop(self._task, info.signal)
        else:
            self.end(info, frame)
        return False

    def end(self, info: SigInfo, frame: UserFrame) -> None:
        """The signal ends the process."""
        from systui.services import lifecycle

        ended = Ended(
            None,
            info.signal,
            name_of(info.signal),
            bool(bit(info.signal) & _CORE),
            info.address,
            info.code,
            frame.get("ip"),
        )
        lifecycle.end_process(self._task, ended)

    def _handle(self, info: SigInfo, action: Action, frame: UserFrame) -> None:
        from systui.services import sigframe, sigframe32

        _interrupt(frame, action)
        mask = self.blocked if self.saved_mask is None else self.saved_mask
        try:
            build = sigframe32.build if is_compat(frame) else sigframe.build
            build(self._task, frame, info, action, mask)
        except (UserFault, Refused):
            self._cannot_handle(info, frame)
            return
        self.saved_mask = None
        self.blocked |= action.mask
        if not action.flags & SA_NODEFER:
            self.blocked |= bit(info.signal)
        self.blocked &= ~UNBLOCKABLE
        if action.flags & SA_RESETHAND:
            self._by_default(info.signal)

    def _by_default(self, signal: int) -> None:
        """Its handler is gone; the flags and the mask that came with it stay."""
        action = self.action(signal)._replace(handler=SIG_DFL)
        self.actions = self.actions.set(signal, action)

    def _cannot_handle(self, info: SigInfo, frame: UserFrame) -> None:
        """No room for the frame: force_sigsegv()."""
        if info.signal == SIGSEGV:
            self._by_default(SIGSEGV)
        self.force(SigInfo(SIGSEGV, SI_KERNEL))


def _signed(value: int) -> int:
    return value - (1 << 64) if value >> 63 else value


def _with(pending: tuple[SigInfo, ...], info: SigInfo) -> tuple[SigInfo, ...]:
    """One more; of those that are not realtime each is pending once. Refused(EAGAIN)."""
    signal = info.signal
    if signal < FIRST_REALTIME and any(other.signal == signal for other in pending):
        return pending
    if len(pending) >= MAX_QUEUED:
        raise Refused(EAGAIN)
    return (*pending, info)


def _without(pending: tuple[SigInfo, ...], signal: int) -> tuple[SigInfo, ...]:
    return tuple(info for info in pending if info.signal != signal)


def _but_one(pending: tuple[SigInfo, ...], info: SigInfo) -> tuple[SigInfo, ...]:
    index = pending.index(info)
    return pending[:index] + pending[index + 1 :]


_RESTARTS = {-ERESTARTSYS, -ERESTARTNOHAND, -ERESTART_RESTARTBLOCK}


def _result(frame: UserFrame) -> int | None:
    """A restart code that the call under way ended with."""
    if frame.get("orig_ax") >> 63:
        return None
    value = frame.get("ax") - (1 << 64)
    return value if value in _RESTARTS else None


def _interrupt(frame: UserFrame, action: Action) -> None:
    """Before a handler runs: EINTR, or let the call be made again (handle_signal())."""
    result = _result(frame)
    if result is None:
        return
    if result == -ERESTARTSYS and action.flags & SA_RESTART:
        _again(frame, frame.get("orig_ax"))
    else:
        frame.set("ax", -EINTR)


def _restart(frame: UserFrame) -> None:
    """No handler ran: make an interrupted call again."""
    result = _result(frame)
    if result is not None:
        block = result == -ERESTART_RESTARTBLOCK
        number = 0 if is_compat(frame) else NR_RESTART_SYSCALL
        _again(frame, number if block else frame.get("orig_ax"))


def is_compat(frame: UserFrame) -> bool:
    """Whether 32-bit code was interrupted."""
    return frame.get("cs") & 0xFFFF in _USER32_CS


def _again(frame: UserFrame, number: int) -> None:
    frame.set("ax", number)
    frame.set("ip", frame.get("ip") - SYSCALL_LENGTH)
