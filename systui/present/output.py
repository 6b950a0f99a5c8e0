"""What the program wrote, as rows: by line, standard error set apart."""

from collections.abc import Sequence

from systui.model.stop import Channel, Output
from systui.present.rows import Row, Span, row, visible

_ROLES = {
    Channel.STDOUT: "stdout",
    Channel.STDERR: "stderr",
    Channel.CONSOLE: "stdout",
    Channel.DEBUGGER: "muted",
}


def output_rows(output: Sequence[Output]) -> tuple[Row, ...]:
    """The lines of `output`, a cell from the pane's edge."""
    lines = enumerate(output_lines(output))
    return tuple(row(Span(" "), *spans, tag=number) for number, spans in lines)


def output_lines(output: Sequence[Output]) -> list[list[Span]]:
    """The lines of `output`; a character split between two writes is put together again."""
    lines: list[list[Span]] = [[]]
    for channel, data in _runs(output):
        text = data.decode("utf-8", "replace").replace("\r\n", "\n")
        for index, piece in enumerate(text.split("\n")):
            if index:
                lines.append([])
            if piece:
                lines[-1].append(Span(visible(piece), _ROLES[channel]))
    if not lines[-1]:
        lines.pop()
    return lines


def _runs(output: Sequence[Output]) -> list[tuple[Channel, bytes]]:
    """Neighbouring pieces of one channel joined."""
    runs: list[tuple[Channel, bytearray]] = []
    for piece in output:
        if not runs or runs[-1][0] is not piece.channel:
            runs.append((piece.channel, bytearray()))
        runs[-1][1].extend(piece.data)
    return [(channel, bytes(data)) for channel, data in runs]
