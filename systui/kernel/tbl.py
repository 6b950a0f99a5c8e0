"""The system call table of a kernel tree: its `.tbl` file."""

from pathlib import Path

from systui.kernel.harmless import harmless
from systui.kernel.syscalls import NATIVE_ABIS, NO_HANDLER, SyscallTable, bundled
from systui.model.call import SyscallRow
from systui.model.errors import BadInputError
from systui.words import _

_ABIS = (*NATIVE_ABIS, "x32")
_LARGEST_TBL = 1 << 20


def read_tbl(path: Path) -> SyscallTable:
    """Read `syscall_64.tbl` or `syscall_32.tbl` of a kernel tree, 3.3 to today.

    Each line has number, abi, name and, where there is one, the handler and the handler for
    32-bit programs; a further word (`noreturn`) is passed over. BadInputError says which line
    is no row of such a table.
    """
    rows = []
    for number, line in enumerate(_read_text(path).split("\n"), start=1):
        words = harmless(line.partition("#")[0]).split()
        if words:
            row = _tbl_row(words)
            if row is None:
                raise BadInputError(
                    _("{path}:{line}: not a row of an x86 system call table").format(
                        path=path, line=number
                    )
                )
            rows.append(row)
    if not rows:
        raise BadInputError(_("{path}: holds no system call table").format(path=path))
    return SyscallTable(rows)


def _tbl_row(words: list[str]) -> SyscallRow | None:
    if len(words) < 3 or not (words[0].isascii() and words[0].isdecimal()) or len(words[0]) > 9:
        return None
    if words[1] not in _ABIS:
        return None
    entry, compat = (_handler(words, place) for place in (3, 4))
    row = SyscallRow(int(words[0]), words[1], words[2], entry, compat=compat)
    known = bundled("i386" if row.abi == "i386" else "x86_64").fitting(entry, row.name)
    return row if known is None else row._replace(parameters=known.parameters)


def _handler(words: list[str], place: int) -> str | None:
    word = words[place] if place < len(words) else "-"
    # For the handler "none" is what matters; 32-bit programs may have none where others have.
    return None if word == "-" or (word == NO_HANDLER and place == 3) else word


def _read_text(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            data = stream.read(_LARGEST_TBL + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise BadInputError(
            _("{path}: cannot be read: {reason}").format(path=path, reason=reason)
        ) from error
    if len(data) > _LARGEST_TBL or b"\0" in data:
        raise BadInputError(_("{path}: is no system call table").format(path=path))
    return data.decode("utf-8", "replace").replace("\r\n", "\n")
