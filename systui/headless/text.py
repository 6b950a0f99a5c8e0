"""A trace as text, for people."""

import sys

from systui.model.frame import PtRegs
from systui.model.snapshot import Snapshot
from systui.model.stop import Output, Reason, Stop
from systui.present.rows import Row, Span
from systui.present.trace import Heading, StopRows, header, output_rows, paragraph, section, summary
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
        self._begun = False
        self._last: Snapshot | None = None
        self._frame: PtRegs | None = None

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

    def end(self, stop: Stop, words: str) -> None:
        """The rest of the output and how the program ended."""
        self._print_output(_("the program's output afterwards"))
        if stop.reason is Reason.EXIT:
            for line in (*section(_("end")), *paragraph(words)):
                self._print(line)
        sys.stdout.flush()

    def _print_output(self, title: str) -> None:
        pieces, self._output = self._output, []
        for line in output_rows(pieces, title):
            self._print(line)

    def _print(self, line: Row) -> None:
        if not self._begun:
            self._begun = True
            for above in header(self._heading, self._info):
                self._print(above)
        if not self._color:
            print(line.text.rstrip())
            return
        print("".join(_coloured(span) for span in line.spans))


def _coloured(span: Span) -> str:
    look = _LOOKS.get(span.role)
    return span.text if look is None else f"\x1b[{look}m{span.text}\x1b[0m"
