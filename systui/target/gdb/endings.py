"""Where a program or the whole guest ends, and what is said of it there."""

from collections.abc import Iterable

from systui.model.stop import Reason, Registers, Task
from systui.target.gdb.linux import Linux, Read
from systui.target.gdb.past import Kept
from systui.target.gdb.program import Program
from systui.words import _

_EXIT = "do_exit"
_PANIC = "panic"
_ENDINGS = (_PANIC, "device_shutdown", "emergency_restart")
"""By one of these every panic, restart, halt and power-off goes (kernel/reboot.c)."""
_WORDS = 128
"""Bytes of a panic's message that are told."""


class Endings:
    """Those of one guest and, where it is known, of the program in it."""

    def __init__(self, linux: Linux, program: Program | None) -> None:
        self._arch = linux.arch
        self._program = program
        names = (*_ENDINGS, *([_EXIT] if program is not None else []))
        self.places = {at: name for name in names if (at := linux.address(name)) is not None}
        """What ends the program or the guest, by address."""

    def is_exit(self, place: int) -> bool:
        """Whether a task ends there, and the guest goes on."""
        return self.places.get(place) == _EXIT

    def of_program(self, candidate: Kept, forebears: Iterable[Task]) -> Kept | None:
        """The program's last stop; None where it is another task that ends."""
        if self._program is None or not self._program.leads(candidate.stop.task, forebears):
            return None
        code = candidate.registers[self._arch.function_arguments[0]]
        status = 128 + (code & 0x7F) if code & 0x7F else code >> 8 & 0xFF
        detail = _("the program ended with status {status}").format(status=status)
        stop = candidate.stop._replace(reason=Reason.EXIT, detail=detail, exit_status=status)
        return Kept(stop, candidate.registers, pointer=candidate.pointer)

    def of_guest(self, candidate: Kept, read: Read) -> Kept:
        """The guest's last stop; `read` reads the kernel's memory."""
        ending = self.places[candidate.stop.pc]
        if ending == _PANIC:
            words = _string(self._first_of_many(candidate.registers, read), read)
            detail = _("the guest's kernel panics: {words}").format(words=words)
        else:
            detail = _("the guest restarts or powers off ({function})").format(function=ending)
        reason = Reason.OOPS if ending == _PANIC else Reason.EXIT
        stop = candidate.stop._replace(reason=reason, detail=detail)
        return Kept(stop, candidate.registers, pointer=candidate.pointer)

    def _first_of_many(self, registers: Registers, read: Read) -> int:
        """The first argument of a function with `...`: i386 passes all of them on the stack."""
        if self._arch.bits == 64:
            return registers[self._arch.function_arguments[0]]
        data = read(registers[self._arch.sp] + self._arch.word, self._arch.word)
        return int.from_bytes(data or b"", "little")


def _string(address: int, read: Read) -> str:
    return (read(address, _WORDS) or b"").split(b"\0")[0].decode("utf-8", "replace").strip()
