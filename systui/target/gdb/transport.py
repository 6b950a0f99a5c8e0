"""The gdb process: commands with tokens go in, records come out, each within a time limit.

One thread drives it and reads gdb's output itself, with `poll`; no thread hands records over.
"""

import contextlib
import os
import re
import select
import shutil
import signal
import subprocess
import tempfile
import time
from collections import deque
from collections.abc import Callable, Sequence

from systui.model.errors import BadInputError, TargetGoneError
from systui.target.gdb.mi import Record, Splitter
from systui.target.gdb.patience import Patience
from systui.target.gdb.process import end, spawn
from systui.words import _

ANSWER_LIMIT = 2.0
"""Seconds for an answer of a gdb that has nothing long to do."""
_START_LIMIT = 20.0
_OLDEST = 9
"""The first gdb whose MI has what is asked for here: `mi3` came with 9.1."""
_CHUNK = 1 << 16
_LEAVE = 0.5
"""Seconds for a gdb that ends by itself."""
_VERSION = re.compile(r"GNU gdb .*?(\d+)\.\d+")

_OPTIONS = (
    "confirm off",
    "pagination off",
    "width 0",
    "height 0",
    "auto-load off",
    "debuginfod enabled off",  # a gdb that does not know it has none
    "startup-with-shell off",
    "print finish off",
    "code-cache off",
    "stack-cache off",
    "remotetimeout 20",  # whether the guest answers in time is judged here
    "tcp connect-timeout 2",
)


class Gdb:
    """One gdb in machine-interface mode."""

    def __init__(self, program: str = "gdb") -> None:
        """Start it; BadInputError where it is missing, too old or does not come up.

        Call from the thread that will live longest: gdb ends with it.
        """
        self.notices: deque[Record] = deque(maxlen=1000)
        """Records that answer no command: console words, execution and status records."""
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  lives as long as gdb
        self._token = 0
        self._splitter = Splitter()
        self._records: deque[Record] = deque()
        self._watched: dict[int, Callable[[], None]] = {}
        if shutil.which(program) is None:
            self._errors.close()
            raise BadInputError(
                _("gdb was not found as {name}; install it or name one with --gdb.").format(
                    name=program
                )
            )
        settings = [word for option in _OPTIONS for word in ("-iex", f"set {option}")]
        command = [program, "-nx", "-q", "--interpreter=mi3", *settings]
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        environment.pop("DEBUGINFOD_URLS", None)
        self.process = spawn(
            command,
            signal.SIGTERM,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            environment=environment,
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self._input = self.process.stdin.fileno()
        self._output = self.process.stdout.fileno()
        os.set_blocking(self._output, False)
        self._poll = select.poll()
        self._poll.register(self._output, select.POLLIN)
        try:
            self._check_version(program)
        except BaseException:
            self.close()
            raise

    def watch(self, descriptor: int, ready: Callable[[], None]) -> None:
        """While waiting for gdb, call `ready` whenever `descriptor` has something to read."""
        self._watched[descriptor] = ready
        self._poll.register(descriptor, select.POLLIN)

    def unwatch(self, descriptor: int) -> None:
        """Stop watching `descriptor`."""
        if self._watched.pop(descriptor, None) is not None:
            self._poll.unregister(descriptor)

    def send(self, *commands: str) -> list[int]:
        """Send `commands` in one write and return their tokens; TargetGoneError if gdb is gone."""
        first = self._token + 1
        self._token += len(commands)
        tokens = list(range(first, self._token + 1))
        text = "".join(
            f"{token}{command}\n" for token, command in zip(tokens, commands, strict=True)
        )
        data = text.encode()
        try:
            while data:
                data = data[os.write(self._input, data) :]
        except OSError as error:
            raise self.gone() from error
        return tokens

    def ask(self, *commands: str, limit: float = ANSWER_LIMIT) -> list[Record]:
        """Send `commands` in one write; return their result records in order.

        TargetGoneError when gdb ends or does not answer all within `limit` seconds.
        """
        return self.answers(self.send(*commands), limit)

    def answers(self, tokens: Sequence[int], limit: float = ANSWER_LIMIT) -> list[Record]:
        """Wait for the result records of `tokens`, as `ask` does."""
        wanted = set(tokens)
        found: dict[int, Record] = {}
        patience = Patience(limit)
        while len(found) < len(wanted):
            record = self.record(patience.until)
            if record is None:
                self._go_on(patience, limit)
            elif record.token in wanted and record.kind == "^":
                found[record.token] = record
            else:
                self.notices.append(record)
        return [found[token] for token in tokens]

    def console(
        self,
        *commands: str,
        limit: float = ANSWER_LIMIT,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> list[str]:
        """Run gdb command lines; return what each printed, its error message included.

        `meanwhile` is called while they run; what gdb asks of the stub waits for it.
        """
        tokens = self.send(*commands)
        meanwhile()
        printed: list[str] = []
        said = ""
        patience = Patience(limit)
        while len(printed) < len(tokens):
            record = self.record(patience.until)
            if record is None:
                self._go_on(patience, limit)
            elif record.kind == "~":
                said += record.text
            elif record.kind == "^" and record.token == tokens[len(printed)]:
                if record.name == "error":
                    said += str(record.results.get("msg", ""))
                printed.append(said)
                said = ""
            else:
                self.notices.append(record)
        return printed

    def _go_on(self, patience: Patience, limit: float) -> None:
        if patience.over():
            raise self.give_up(limit)

    def record(self, deadline: float) -> Record | None:
        """Return the next record; None when `deadline` (monotonic seconds) passes first."""
        while not self._records:
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            for descriptor, _event in self._poll.poll(left * 1000):
                if descriptor == self._output:
                    self._read()
                elif descriptor in self._watched:
                    self._watched[descriptor]()
        return self._records.popleft()

    def give_up(self, seconds: float) -> TargetGoneError:
        """End a gdb that hangs; returns the error that says so."""
        self.process.kill()
        return TargetGoneError(
            _("gdb or the guest has not answered for {seconds:.0f} s; gdb was ended.").format(
                seconds=seconds
            )
        )

    @property
    def alive(self) -> bool:
        """Whether gdb still runs."""
        return self.process.poll() is None

    def look(self) -> None:
        """Serve what has something to read now, without waiting."""
        for descriptor, _event in self._poll.poll(0):
            if descriptor == self._output:
                self._read()
            elif descriptor in self._watched:
                self._watched[descriptor]()

    def close(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        """End gdb and reap it; `meanwhile` is called then. Harmless when done before."""
        if self.process.poll() is None:
            with contextlib.suppress(OSError):
                os.write(self._input, b"-gdb-exit\n")
            meanwhile()
            self._hear_out()
        end(self.process)
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        self._errors.close()

    def _hear_out(self) -> None:
        """Wait until gdb says nothing any more, which is when it has ended; not for ever."""
        poll = select.poll()
        poll.register(self._output, select.POLLIN)
        deadline = time.monotonic() + _LEAVE
        with contextlib.suppress(OSError):
            while (left := deadline - time.monotonic()) > 0 and poll.poll(left * 1000):
                if not os.read(self._output, _CHUNK):
                    return

    def _read(self) -> None:
        try:
            data = os.read(self._output, _CHUNK)
        except BlockingIOError:
            return
        if not data:
            raise self.gone()
        self._records.extend(self._splitter.feed(data))

    def gone(self) -> TargetGoneError:
        """The error for a gdb that ended on its own."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(_LEAVE)
        return TargetGoneError(
            _("gdb ended unexpectedly ({how}); start systui again to go on.").format(
                how=self._how_it_ended()
            )
        )

    def _how_it_ended(self) -> str:
        status = self.process.poll()
        if status is not None and status < 0:
            return signal.Signals(-status).name
        with contextlib.suppress(ValueError, OSError):
            self._errors.seek(0)
            said = self._errors.read().decode(errors="replace").strip().splitlines()
            if said:
                return said[-1]
        return _("status {status}").format(status=status)

    def _check_version(self, program: str) -> None:
        try:
            said = self.console('-interpreter-exec console "show version"', limit=_START_LIMIT)[0]
        except TargetGoneError as error:
            ended = self.process.poll() is not None
            how = self._how_it_ended() if ended else _("it does not answer")
            raise _no_gdb(program, how) from error
        match = _VERSION.search(said)
        if match is None:
            raise _no_gdb(program, _("it tells no version"))
        if int(match[1]) < _OLDEST:
            raise BadInputError(
                _("{name} is too old ({found}); systui needs gdb {oldest} or newer.").format(
                    name=program, found=said.strip().splitlines()[0], oldest=_OLDEST
                )
            )


def _no_gdb(program: str, how: str) -> BadInputError:
    return BadInputError(
        _(
            "{name} does not work as a gdb ({how}); name gdb {oldest} or newer with --gdb, or "
            "leave the option away."
        ).format(name=program, how=how, oldest=_OLDEST)
    )
