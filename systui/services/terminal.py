"""The terminal: line discipline in canonical mode and its ioctls (ioctl_tty(2))."""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, ClassVar

from systui.model.stop import Channel
from systui.services.errors import EAGAIN, EINVAL, ENOTTY, EPERM, Refused
from systui.services.nodes import Node
from systui.services.openfile import KINDS, READABLE, WRITABLE, Kind, OpenFile
from systui.services.ports import Blocked
from systui.services.state import Stateful
from systui.services.words import waits_for_input

if TYPE_CHECKING:
    from collections.abc import Callable

    from systui.services.task import Task

TCGETS, TCSETS, TCSETSW, TCSETSF, TCGETS2 = 0x5401, 0x5402, 0x5403, 0x5404, 0x802C542A
TCSBRK, TCXONC, TCFLSH, TIOCSCTTY = 0x5409, 0x540A, 0x540B, 0x540E
TIOCGPGRP, TIOCSPGRP, TIOCOUTQ, TIOCGWINSZ, TIOCSWINSZ = 0x540F, 0x5410, 0x5411, 0x5413, 0x5414
FIONREAD, TIOCGSID, TIOCGPTN = 0x541B, 0x5429, 0x80045430
ICANON = 2
_CC = bytes.fromhex("031c7f1504000100 1113 1a00120f1716000000".replace(" ", ""))
_TERMIOS = Struct("<IIIIB19s")
_USUAL = _TERMIOS.pack(0x500, 0x5, 0xBF, 0x8A3B, 0, _CC)
"""What a terminal has when a shell starts a program: ICRNL IXON; OPOST ONLCR; ISIG ICANON ECHO…"""
_SPEEDS = Struct("<II")
_SIZE = Struct("<HHHH")


class Terminal(Stateful):
    """The settings of the one terminal."""

    STATE = ("settings", "size", "group")

    def __init__(self, group: int) -> None:
        self.settings = _USUAL
        self.size = _SIZE.pack(24, 80, 0, 0)
        self.group = group
        """Foreground process group."""

    @property
    def canonical(self) -> bool:
        """A read gives at most a line."""
        return bool(int.from_bytes(self.settings[12:16], "little") & ICANON)


class TerminalFile(Kind):
    """An open terminal: /dev/tty, and standard streams when a person sits there."""

    def read(self, task: Task, number: int, size: int, offset: int | None) -> bytes | Blocked:
        """At most a line, as a person types it; end of file where input is a pipe."""
        system = task.system
        if not system.input.interactive:
            return b""
        now, at = system.served, system.input_position
        data = system.input.read(at, size, now)
        if data and system.terminal.canonical:
            data = data[: data.find(b"\n") + 1] or data
        if not data and size and not system.input.at_end(at, now):
            if system.open[number].nonblocking:
                raise Refused(EAGAIN)
            return Blocked(waits_for_input(), wants_input=True)
        system.input_position += len(data)
        return data

    def write(self, task: Task, number: int, data: bytes, offset: int | None) -> int | Blocked:
        """To standard output, or to standard error where descriptor 2's file is written."""
        channel = Channel.STDERR if task.system.open[number].key == "stderr" else Channel.STDOUT
        task.system.emit(channel, data)
        return len(data)

    def ready(self, task: Task, number: int) -> int:
        """Writable; readable when something was typed."""
        system = task.system
        at, now = system.input_position, system.served
        readable = system.input.available(now) > at or system.input.at_end(at, now)
        return WRITABLE | (READABLE if readable else 0)

    def node(self, task: Task, file: OpenFile) -> Node:
        """The terminal's device."""
        return task.system.files.get(file.path)

    def waits_for_input(self, file: OpenFile) -> bool:
        """Yes."""
        return True

    def ioctl(self, task: Task, number: int, request: int, argument: int) -> int:
        """The controls of ioctl_tty(2) that make sense here."""
        handler = self._IOCTLS.get(request)
        if handler is None:
            raise Refused(ENOTTY)
        return handler(task, argument)

    @staticmethod
    def _get(task: Task, argument: int) -> int:
        task.user.write(argument, task.system.terminal.settings)
        return 0

    @staticmethod
    def _get2(task: Task, argument: int) -> int:
        task.user.write(argument, task.system.terminal.settings + _SPEEDS.pack(38400, 38400))
        return 0

    @staticmethod
    def _set(task: Task, argument: int) -> int:
        task.system.terminal.settings = task.user.read(argument, _TERMIOS.size)
        return 0

    @staticmethod
    def _get_size(task: Task, argument: int) -> int:
        task.user.write(argument, task.system.terminal.size)
        return 0

    @staticmethod
    def _set_size(task: Task, argument: int) -> int:
        task.system.terminal.size = task.user.read(argument, _SIZE.size)
        return 0

    @staticmethod
    def _get_group(task: Task, argument: int) -> int:
        task.user.put_u32(argument, task.system.terminal.group)
        return 0

    @staticmethod
    def _set_group(task: Task, argument: int) -> int:
        group = task.user.s32(argument)
        if group < 0:
            raise Refused(EINVAL)
        if group != task.group:
            raise Refused(EPERM)
        task.system.terminal.group = group
        return 0

    @staticmethod
    def _session(task: Task, argument: int) -> int:
        task.user.put_u32(argument, task.session)
        return 0

    @staticmethod
    def _waiting(task: Task, argument: int) -> int:
        system = task.system
        waiting = system.input.available(system.served) - system.input_position
        task.user.put_u32(argument, waiting if system.input.interactive else 0)
        return 0

    @staticmethod
    def _none_waiting(task: Task, argument: int) -> int:
        task.user.put_u32(argument, 0)
        return 0

    @staticmethod
    def _nothing(task: Task, argument: int) -> int:
        return 0

    _IOCTLS: ClassVar[dict[int, Callable[[Task, int], int]]] = {
        TCGETS: _get,
        TCGETS2: _get2,
        TCSETS: _set,
        TCSETSW: _set,
        TCSETSF: _set,
        TIOCGWINSZ: _get_size,
        TIOCSWINSZ: _set_size,
        TIOCGPGRP: _get_group,
        TIOCSPGRP: _set_group,
        TIOCGSID: _session,
        TIOCGPTN: _none_waiting,
        TIOCOUTQ: _none_waiting,
        FIONREAD: _waiting,
        TCSBRK: _nothing,
        TCXONC: _nothing,
        TCFLSH: _nothing,
        TIOCSCTTY: _nothing,
    }


KINDS["tty"] = TerminalFile()
