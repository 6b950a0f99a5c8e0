"""A trace as JSON lines, for programs; docs/headless-json.md describes them."""

import json
import sys
from base64 import b64encode

from systui.model.snapshot import Snapshot
from systui.model.stop import Channel, Output, Stop
from systui.present.stop_object import stop_object


class JsonPrinter:
    """Prints one JSON object a line: stops, and pieces of output as objects of their own."""

    def __init__(self) -> None:
        self._held: dict[Channel, bytes] = {}
        self._index = 0

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

    def end(self, stop: Stop, words: str) -> None:
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
