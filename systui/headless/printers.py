"""What a trace is printed with: text for people, JSON lines for programs."""

import json
import sys
from base64 import b64encode

from systui.model.frame import PtRegs
from systui.model.snapshot import Snapshot
from systui.model.stop import Channel, Output, Reason, Stop
from systui.present.rows import Row, Span, row
from systui.present.stop_object import stop_object
from systui.present.trace import Heading, StopRows, header, output_rows, section, summary
from systui.target.protocol import TargetInfo
from systui.words import _

_LOOKS = {
    "strong": "1",
    "heading": "1;36",
    "muted": "2",
    "faint": "2",
    "zero": "2",
    "accent": "33",
    "warning": "31",
    "stderr": "31",
    "changed": "1;33",
    "effect": "32",
    "slot.written": "36",
    "slot.restored": "36",
}
"""The looks of a few roles, as SGR parameters; a theme's colours are the screen's."""


class TextPrinter:
    """Prints the trace as text, coloured or plain."""

    def __init__(self, heading: Heading, info: TargetInfo, color: bool) -> None:
        self._heading = heading
        self._info = info
        self._color = color
        self._stops = StopRows()
        self._output: list[Output] = []
        self._last: Snapshot | None = None
        self._frame: PtRegs | None = None

    def begin(self) -> None:
        """The header."""
        for line in header(self._heading, self._info):
            self._print(line)

    def stop(self, snapshot: Snapshot, note: str | None) -> None:
        """One stop, after what the program wrote on the way to it."""
        self._print_output(_("the program's output on the way here"))
        for line in self._stops.rows(snapshot, note):
            self._print(line)
        self._last = snapshot
        self._frame = snapshot.frame or self._frame
        sys.stdout.flush()

    def output(self, output: Output) -> None:
        """Kept until the next stop is printed."""
        self._output.append(output)

    def walked(self) -> None:
        """Everything that the walk amounts to."""
        self._print_output(_("the program's output on the way here"))
        if self._last is not None:
            for line in summary(self._last, self._frame):
                self._print(line)

    def end(self, stop: Stop) -> None:
        """The rest of the output and how the program ended."""
        self._print_output(_("the program's output afterwards"))
        if stop.reason is Reason.EXIT:
            words = stop.detail or _("the program ended with status {status}").format(
                status=stop.exit_status
            )
            for line in section(_("end")):
                self._print(line)
            self._print(row(Span("  " + words)))
        sys.stdout.flush()

    def _print_output(self, title: str) -> None:
        pieces, self._output = self._output, []
        for line in output_rows(pieces, title):
            self._print(line)

    def _print(self, line: Row) -> None:
        if not self._color:
            print(line.text.rstrip())
            return
        print("".join(_coloured(span) for span in line.spans))


def _coloured(span: Span) -> str:
    look = _LOOKS.get(span.role)
    return span.text if look is None else f"\x1b[{look}m{span.text}\x1b[0m"


class JsonPrinter:
    """Prints one JSON object a line: stops, and pieces of output as objects of their own."""

    def __init__(self) -> None:
        self._held: dict[Channel, bytes] = {}
        self._index = 0

    def begin(self) -> None:
        """There is no header: every line is a stop or a piece of output."""

    def stop(self, snapshot: Snapshot, note: str | None) -> None:
        """One stop."""
        self._print(stop_object(snapshot, note))

    def output(self, output: Output) -> None:
        """One piece of output; the bytes of a character cut in two wait for the rest of it."""
        self._index = output.position
        data = self._held.pop(output.channel, b"") + output.data
        whole = len(data) - _cut(data)
        if whole < len(data):
            self._held[output.channel] = data[whole:]
        self._print_piece(output.channel, data[:whole])

    def walked(self) -> None:
        """Nothing is printed for it."""

    def end(self, stop: Stop) -> None:
        """What of the output was still held back."""
        for channel, data in self._held.items():
            self._print_piece(channel, data)
        self._held.clear()
        sys.stdout.flush()

    def _print_piece(self, channel: Channel, data: bytes) -> None:
        if not data:
            return
        piece: dict[str, object] = {
            "output": data.decode(errors="replace"),
            "channel": channel.value,
            "index": self._index,
        }
        try:
            data.decode()
        except UnicodeDecodeError:
            piece["base64"] = b64encode(data).decode()
        self._print(piece)

    def _print(self, value: dict[str, object]) -> None:
        print(json.dumps(value), flush=True)


def _cut(data: bytes) -> int:
    """How many bytes at the end of `data` begin a UTF-8 character that is not yet whole."""
    for back in range(1, min(3, len(data)) + 1):
        byte = data[-back]
        if byte & 0xC0 == 0x80:
            continue
        length = 2 if byte >> 5 == 0b110 else 3 if byte >> 4 == 0b1110 else 4
        return back if byte >= 0xC0 and length > back else 0
    return 0
