"""The connection to the stub: systui's own packets on it, and gdb's.

gdb needs a dozen packets and most of a millisecond for what one or two packets ask. So the
connection is systui's, and gdb's runs through it: while gdb works, what it and the stub say is
passed on as it is; while gdb stands idle and the guest stands, packets of systui's own go out.
All of it happens on the thread that drives the target, inside `Gdb.record` for gdb's part.
"""

import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from systui.model.errors import TargetError, TargetGoneError
from systui.target.gdb.packets import (
    Halt,
    Place,
    ThreadName,
    contents,
    framed,
    register_values,
    selected,
    split,
    stop_in,
    stopped,
    threads_in,
)
from systui.target.gdb.patience import Patience
from systui.target.gdb.private import PrivateFolder
from systui.target.gdb.process import end
from systui.target.gdb.transport import Gdb
from systui.words import _

ANSWER_LIMIT = 2.0
"""Seconds for an answer of a stub whose guest stands."""
_ENDLESS = 1.0
"""Seconds after which a step is interrupted: one such as HLT, which no masked interrupt ends."""
_SLICE = 0.05
_CHUNK = 1 << 16
_PIECE = 1024
"""Bytes that one packet reads or writes: half of what QEMU takes."""
_MOST_CPUS = 8192
"""Linux's own limit on x86 (NR_CPUS_RANGE_END, arch/x86/Kconfig)."""
_BREAK = b"\x03"
_RESUMES = b"$vCont;"

Pieces = tuple[tuple[int, int], ...]
"""Where memory is read that is one range, and how much by each packet."""


class Wire:
    """One connection to a stub, shared with one gdb."""

    def __init__(self, connection: socket.socket) -> None:
        """Take over `connection`, at which a stub answers whose guest stands."""
        self._stub = connection
        self._stub.settimeout(ANSWER_LIMIT)
        self._folder = PrivateFolder()
        self._listener: socket.socket | None = None
        self._gdb: socket.socket | None = None
        self._driver: Gdb | None = None
        self._guard: subprocess.Popen[bytes] | None = None
        self._received = b""
        self._halting = False
        """Whether a guest that gdb lets run is to be stopped at once."""
        self._threads = ThreadName()
        self._gdb_selected = ""
        """The thread that gdb takes to be chosen: by itself, or by a stop that it was told of."""
        self._selected = ""
        self._places: Mapping[str, Place] = {}

    # --- gdb's part --------------------------------------------------------------------------

    def open_for(self, gdb: Gdb) -> Path:
        """The socket that `gdb` is to connect to; it is served while `gdb` is waited for."""
        path = self._folder.path / "stub"
        self._driver = gdb
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen(1)
        gdb.watch(self._listener.fileno(), self._welcome)
        return path

    def _welcome(self) -> None:
        assert self._listener is not None
        assert self._driver is not None
        self._gdb, _address = self._listener.accept()
        self._gdb.settimeout(ANSWER_LIMIT)
        self._driver.unwatch(self._listener.fileno())
        self._driver.watch(self._gdb.fileno(), self._from_gdb)
        self._driver.watch(self._stub.fileno(), self._from_stub)

    def _from_gdb(self) -> None:
        assert self._gdb is not None
        data = _received(self._gdb)
        if not data:
            self._part()
            return
        self._gdb_selected = selected(data) or self._gdb_selected
        if self._selected != self._gdb_selected:
            self._restore()
        with suppress(OSError):
            self._stub.sendall(data)
        if self._halting and _RESUMES in data:
            self.halt(True)

    def halt(self, wanted: bool) -> None:
        """Stop the guest that gdb runs, also where gdb lets it go on, until it is unwanted.

        A stub whose guest stands takes no notice.
        """
        self._halting = wanted
        if wanted:
            with suppress(OSError):
                self._stub.sendall(_BREAK)

    def _restore(self) -> None:
        """Choose the thread again that gdb believes to be chosen."""
        if self._gdb_selected:
            self.ask(self._gdb_selected)
        self._selected = self._gdb_selected

    def _from_stub(self) -> None:
        data = _received(self._stub)
        if not data:
            self._part()
        elif self._gdb is not None:
            chosen = stopped(data)
            if chosen is not None:
                self._gdb_selected = self._selected = chosen
            with suppress(OSError):
                self._gdb.sendall(data)

    def _part(self) -> None:
        """gdb and the stub no longer speak with each other."""
        if self._gdb is not None and self._driver is not None:
            self._driver.unwatch(self._gdb.fileno())
            self._driver.unwatch(self._stub.fileno())
            self._gdb.close()
            self._gdb = None

    def _settled(self) -> None:
        """Pass on what gdb may have sent last: at a guest that runs it would be an interrupt."""
        while self._gdb is not None:
            self._gdb.setblocking(False)
            try:
                self._gdb.recv(1, socket.MSG_PEEK)
            except BlockingIOError:
                return
            except OSError:
                self._part()
                return
            finally:
                if self._gdb is not None:
                    self._gdb.settimeout(ANSWER_LIMIT)
            self._from_gdb()

    # --- systui's part -----------------------------------------------------------------------

    def ask(self, *packets: str) -> list[str]:
        """Send `packets` in one write; return the replies in order.

        TargetGoneError when the connection breaks or the stub does not answer.
        """
        self._send(framed(packets))
        patience = Patience(ANSWER_LIMIT)
        replies: list[str] = []
        while len(replies) < len(packets):
            replies += self._replies(patience)
        return replies

    def monitor(self, line: str) -> str:
        """What QEMU's monitor says to `line`; nothing from a stub that has none."""
        self._send(framed([f"qRcmd,{line.encode().hex()}"]))
        patience = Patience(ANSWER_LIMIT)
        said = ""
        while True:
            for reply in self._replies(patience):
                if reply == "OK" or not reply.startswith("O"):
                    return said
                said += bytes.fromhex(reply[1:]).decode(errors="replace")

    def learn(self, places: Mapping[str, Place]) -> Halt:
        """Take note of where registers lie and how threads are named; returns who stands here."""
        self._places = places
        stop = stop_in(self.ask("?")[0])
        if stop is None:
            raise TargetError(_("The stub does not tell where the guest stands."))
        self._threads = stop[1]
        return Halt("", stop[0].thread)

    def threads(self) -> list[int]:
        """All CPUs, counted from 1; a stub that lists none has one."""
        found: set[int] = set()
        more = threads_in(self.ask("qfThreadInfo")[0])
        while not found.issuperset(more) and len(found) < _MOST_CPUS:
            found.update(more)
            more = threads_in(self.ask("qsThreadInfo")[0])
        return sorted(found) or [1]

    def look(
        self, thread: int, ranges: Sequence[tuple[int, int]] = ()
    ) -> tuple[dict[str, int], list[bytes | None]]:
        """All known registers of one CPU, and virtual memory as `read` has it, in one trip."""
        pieces = [_pieces(address, size) for address, size in ranges]
        registers, *replies = self._asked(thread, ["g", *_questions(pieces)])
        try:
            return register_values(registers, self._places), _joined(pieces, replies)
        except ValueError as error:
            raise TargetError(_("The stub does not tell the guest's registers.")) from error

    def read(self, thread: int | None, ranges: Sequence[tuple[int, int]]) -> list[bytes | None]:
        """Memory, (address, size) each; None for each that cannot be read whole.

        Virtual memory, through the page table of CPU `thread`; physical memory where it is None.
        """
        if not ranges:
            return []
        pieces = [_pieces(address, size) for address, size in ranges]
        return _joined(pieces, self._asked(thread, _questions(pieces)))

    def write(self, thread: int | None, address: int, data: bytes) -> bool:
        """Write memory, chosen as in `read`; False where it cannot be written."""
        orders = [
            f"M{at:x},{size:x}:{data[at - address : at - address + size].hex()}"
            for at, size in _pieces(address, len(data))
        ]
        return all(reply == "OK" for reply in self._asked(thread, orders))

    def break_at(self, address: int, *, wanted: bool) -> None:
        """Insert or remove a hardware breakpoint; TargetError where the stub does not.

        For a while only: gdb knows nothing of it.
        """
        reply = self.ask(f"{'Z' if wanted else 'z'}1,{address:x},1")[0]
        if reply != "OK":
            raise TargetError(_("The stub does not set breakpoints: {reply}").format(reply=reply))

    def _asked(self, thread: int | None, packets: Sequence[str]) -> list[str]:
        if thread is None:
            return self.ask("Qqemu.PhyMemMode:1", *packets, "Qqemu.PhyMemMode:0")[1:-1]
        return self.ask(*(before := self._selecting(thread)), *packets)[len(before) :]

    def _selecting(self, thread: int) -> list[str]:
        wanted = f"Hg{self._threads.of(thread)}"
        if self._selected == wanted:
            return []
        self._selected = wanted
        return [wanted]

    def step(self, thread: int, asked: Callable[[], bool], meanwhile: Callable[[], None]) -> Halt:
        """Run one instruction of one CPU while the others stand; `meanwhile` is called then.

        One that does not end is interrupted, at once when `asked` says so.
        """
        self._settled()
        self._send(framed([f"vCont;s:{self._threads.of(thread)}"]))
        meanwhile()
        return self._stop(asked)

    def _stop(self, asked: Callable[[], bool]) -> Halt:
        patience, endless = Patience(ANSWER_LIMIT), Patience(_ENDLESS)
        interrupted = False
        while True:
            for reply in self._replies_until(time.monotonic() + _SLICE):
                stop = stop_in(reply)
                if stop is not None:
                    self._selected = f"Hg{self._threads.of(stop[0].thread)}"
                    return stop[0]
                raise TargetError(_("The stub does not step: {reply}").format(reply=reply))
            if not interrupted and (endless.over() or asked()):
                self._stub.sendall(_BREAK)
                interrupted = True
            if patience.over():
                raise _silent()

    def _send(self, data: bytes) -> None:
        try:
            self._stub.sendall(data)
        except TimeoutError as error:
            raise _silent() from error
        except OSError as error:
            raise _gone() from error

    def _replies(self, patience: Patience) -> list[str]:
        """What comes next; nothing where there is still time for it."""
        replies = self._replies_until(patience.until)
        if not replies and patience.over():
            raise _silent()
        return replies

    def _replies_until(self, deadline: float) -> list[str]:
        """What comes next; nothing where nothing comes until `deadline`."""
        self._stub.settimeout(max(deadline - time.monotonic(), 0.0001))
        try:
            return self._taken(self._stub.recv(_CHUNK))
        except TimeoutError:
            return []
        except OSError as error:
            raise _gone() from error
        finally:
            self._stub.settimeout(ANSWER_LIMIT)

    def _taken(self, data: bytes) -> list[str]:
        """The replies that are whole with `data`."""
        if not data:
            raise _gone()
        replies, self._received = split(self._received + data)
        return replies

    # --- the end -----------------------------------------------------------------------------

    def guard(self) -> None:
        """From now on, let the guest run on also when systui is killed.

        A shell that waits for the end of its input shares the connection. Until then it does
        nothing; the first byte stops a guest that runs, so that it hears the rest.
        """
        words = f"\\003${self._farewell}#{sum(self._farewell.encode()) & 0xFF:02x}"
        self._guard = subprocess.Popen(
            ["/bin/sh", "-c", f"read _; printf '{words}'"],
            stdin=subprocess.PIPE,
            stdout=self._stub.fileno(),
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    @property
    def _farewell(self) -> str:
        process = self._threads.process
        return "D" if process is None else f"D;{process.lstrip('0') or '0'}"

    def detach(self) -> None:
        """Let the guest run on, also where it is gdb that died; harmless where it is gone."""
        self._part()
        with suppress(OSError, TargetError):
            self._stub.sendall(_BREAK)
            self.ask("?", self._farewell)

    def close(self) -> None:
        """Let go of the connection; harmless when done before."""
        self._part()
        if self._guard is not None:
            end(self._guard, signal.SIGKILL)
            if self._guard.stdin is not None:
                self._guard.stdin.close()
        self._stub.close()
        if self._listener is not None:
            self._listener.close()
        self._folder.close()


@lru_cache(maxsize=64)
def _pieces(address: int, size: int) -> Pieces:
    ends = range(address, address + size, _PIECE)
    return tuple((at, min(_PIECE, address + size - at)) for at in ends)


def _questions(pieces: Sequence[Pieces]) -> list[str]:
    return [f"m{at:x},{size:x}" for parts in pieces for at, size in parts]


def _joined(pieces: Sequence[Pieces], replies: Iterable[str]) -> list[bytes | None]:
    """The memory of each range out of the replies to its pieces."""
    told = iter(replies)
    found = []
    for parts in pieces:
        data = [contents(next(told), size) for _at, size in parts]
        if len(data) == 1:
            found += data
        else:
            found.append(None if None in data else b"".join(filter(None, data)))
    return found


def _received(connection: socket.socket) -> bytes:
    try:
        return connection.recv(_CHUNK)
    except OSError:
        return b""


def _gone() -> TargetGoneError:
    return TargetGoneError(_("The guest is gone: QEMU ended or closed the connection."))


def _silent() -> TargetGoneError:
    return TargetGoneError(
        _("The guest has not answered for {seconds:.0f} s.").format(seconds=ANSWER_LIMIT)
    )
