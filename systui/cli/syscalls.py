"""`systui syscalls`: the system call table, searched, as columns or as JSON."""

import argparse
import json
import re
import shutil
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from systui import minikernel
from systui.kernel.image import Image
from systui.kernel.imagetable import from_image
from systui.kernel.lines import Lines
from systui.kernel.provenance import Provenance, provenance
from systui.kernel.syscalls import SyscallTable, bundled
from systui.kernel.tbl import read_tbl
from systui.model.call import SyscallRow
from systui.model.errors import BadInputError
from systui.model.operation import Operation
from systui.present.provenance import provenance_lines
from systui.present.rows import cells, pad
from systui.words import _

STATUS_NOTHING_FOUND = 1
_NATIVE = {"x86_64": ("common", "64", "x32"), "i386": ("i386",)}
_NARROW = 90
"""Columns of a terminal below which the handlers are left out."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `systui syscalls`."""
    parser.add_argument(
        "query",
        nargs="*",
        metavar="QUERY",
        help=_("a number, or words of names, handlers, argument names and types; all must match"),
    )
    parser.add_argument(
        "--arch", choices=tuple(_NATIVE), help=_("which table; x86_64 if nothing else is said")
    )
    parser.add_argument(
        "--table",
        type=Path,
        metavar="FILE",
        help=_("read the table of this kernel image (vmlinux) or .tbl file instead"),
    )
    parser.add_argument(
        "--where",
        action="store_true",
        help=_("say where each row comes from: its slot, the handler in it, the source line"),
    )
    parser.add_argument("--json", action="store_true", help=_("print one JSON object a line"))


def run(options: argparse.Namespace) -> int:
    """Print the rows asked for; 1 where nothing matches. BadInputError for a bad `--table`."""
    table = _table(options.table, options.arch)
    query = " ".join(options.query)
    rows = table.search(query) or _unlisted(table, query, options)
    if not rows:
        print(f"systui: {_nothing(table, query)}", file=sys.stderr)
        return STATUS_NOTHING_FOUND
    if options.json:
        for row in rows:
            where = _where(_found(row, options)) if options.where else {}
            print(json.dumps(_as_data(row, table) | where))
    elif options.where:
        for row in rows:
            print("\n    ".join(provenance_lines(_found(row, options))))
    else:
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        for line in _lines(rows, width):
            print(line)
    return 0


def _table(path: Path | None, arch: str | None) -> SyscallTable:
    if path is None:
        return bundled(arch or "x86_64")
    if _is_elf(path):
        image, _line_table = _image(path)
        abi = "i386" if (arch or image.machine) == "i386" else "64"
        return from_image(image, abi=abi, decode=_decoder(image.bits))
    table = read_tbl(path)
    if arch is not None and not any(row.abi in _NATIVE[arch] for row in table.rows):
        raise BadInputError(_("{path}: is not a table of {arch}").format(path=path, arch=arch))
    return table


def _unlisted(table: SyscallTable, query: str, options: argparse.Namespace) -> list[SyscallRow]:
    """With `--where`, a number that the table has no row for leads somewhere, too."""
    digits = re.fullmatch(r"0x[0-9a-f]{1,8}|[0-9]{1,9}", query.lower())
    if digits is None or not options.where:
        return []
    number = int(query, 16 if query.lower().startswith("0x") else 10)
    abi = "i386" if table.is_i386 else "64"
    return [SyscallRow(number, abi, f"syscall_{number:#x}", None)]


def _found(row: SyscallRow, options: argparse.Namespace) -> Provenance:
    """Where `row` comes from: in the image named, else in the bundled kernel."""
    if options.table is not None and not _is_elf(options.table):
        return provenance(row)
    image, lines = _image(options.table)
    return provenance(row, image, lines)


def _where(found: Provenance) -> dict[str, object]:
    """What `--where` adds to a row's JSON."""
    source = found.source
    return {
        "table": found.table,
        "slot": None if found.slot is None else f"{found.slot:#x}",
        "symbol": found.symbol,
        "address": None if found.address is None else f"{found.address:#x}",
        "source": None if source is None else {"file": source.file, "line": source.line},
        "implemented": not found.missing,
    }


@cache
def _image(path: Path | None) -> tuple[Image, Lines]:
    image = Image.open(minikernel.path() if path is None else path)
    return image, Lines(image)


def _decoder(bits: int) -> Callable[[int, bytes], Sequence[Operation]]:
    """A disassembler that is loaded only if it is used."""

    def decode(address: int, code: bytes) -> Sequence[Operation]:
        if not loaded:
            from systui.decode.disassembly import Disassembler

            loaded.append(Disassembler(bits).operations)
        return loaded[0](address, code)

    loaded: list[Callable[[int, bytes], Sequence[Operation]]] = []
    return decode


def _is_elf(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return stream.read(4) == b"\x7fELF"
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise BadInputError(
            _("{path}: cannot be opened: {reason}").format(path=path, reason=reason)
        ) from error


def _nothing(table: SyscallTable, query: str) -> str:
    near = table.near(query)
    if near:
        return _("nothing matches {query!r}; near to it: {near}").format(
            query=query, near=", ".join(near)
        )
    return _("nothing matches {query!r}").format(query=query)


def _as_data(row: SyscallRow, table: SyscallTable) -> dict[str, object]:
    """A row as `--json` prints it; addresses are hexadecimal strings, null where not known."""
    slot = table.slot(row.number)
    return {
        "number": row.number,
        "abi": row.abi,
        "name": row.name,
        "entry": row.entry,
        "compat": row.compat,
        "arguments": None
        if row.parameters is None
        else [{"type": each.type, "name": each.name} for each in row.parameters],
        "symbol": row.symbol,
        "address": None if row.address is None else f"{row.address:#x}",
        "slot": None if slot is None else f"{slot:#x}",
    }


def _lines(rows: list[SyscallRow], width: int | None) -> list[str]:
    """The rows as aligned columns; cut to `width` cells and with a heading where one is given."""
    table = [_cells(row) for row in rows]
    if width is not None:
        heading = (_("number"), _("abi"), _("name"), _("handler"), _("arguments"))
        table.insert(0, heading)
        if width < _NARROW:
            table = [(*texts[:3], texts[4]) for texts in table]
    widths = [max(map(cells, column)) for column in zip(*table, strict=True)]
    lines = (
        "  ".join(
            [" " * (widths[0] - cells(texts[0])) + texts[0]]
            + [pad(text, size) for text, size in zip(texts[1:], widths[1:], strict=True)]
        ).rstrip()
        for texts in table
    )
    return [line if width is None else _cut(line, width) for line in lines]


def _cut(line: str, width: int) -> str:
    """`line` in at most `width` cells."""
    if cells(line) <= width:
        return line
    line = line[: width - 1]
    while cells(line) >= width:
        line = line[:-1]
    return line + "…"


def _cells(row: SyscallRow) -> tuple[str, ...]:
    return (str(row.number), row.abi, row.name, _handler(row), _arguments(row))


def _handler(row: SyscallRow) -> str:
    if row.entry is None:
        return "-"
    own = row.symbol or row.entry
    return own if row.compat is None or row.symbol else f"{own} ({row.compat})"


def _arguments(row: SyscallRow) -> str:
    """The prototype's arguments; `?` where it is not known."""
    if row.parameters is None:
        return "?" if row.entry else _("none: answers -ENOSYS")
    if not row.entry:
        return _("none: answers -ENOSYS")
    return f"({', '.join(_declared(each.type, each.name) for each in row.parameters)})"


def _declared(kind: str, name: str) -> str:
    return f"{kind}{name}" if kind.endswith("*") else f"{kind} {name}"
