"""Values as the format has them; docs/session-format.md."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from systui.model.stop import Reason, Stop, Task
from systui.target.protocol import Target
from systui.target.recorded.format import WORD, Header, Pairs, dump, header_line
from systui.target.recording.scope import Range

_BEYOND = slice(Stop._fields.index("detail"), None)
_NOTHING = Stop(0, Reason.STEP, 0, Task(0, ""))[_BEYOND]
"""What a stop says beyond its place, reason, task and CPU where that is nothing."""


def first_line(target: Target, program: Path | None, command: str | None) -> bytes:
    """The header; `program` is hashed where it can be read."""
    info = target.info
    return header_line(
        Header(
            target=info.kind,
            arch=info.arch,
            kernel=info.kernel,
            build_id=info.build_id,
            slide=info.slide,
            program=_base(info.program),
            program_hash=file_hash(program),
            program_slide=info.program_slide,
            tasks=tuple(target.tasks()),
            cpus=len(target.cpus()),
            command=command,
        )
    )


def _base(path: str | None) -> str | None:
    """A file's name: where it lies is the recording machine's business."""
    return None if path is None else path.rpartition("/")[2]


def file_hash(path: Path | None) -> str | None:
    """SHA-256 of a file; None where it cannot be read."""
    if path is None:
        return None
    from hashlib import file_digest

    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def is_plain(stop: Stop) -> bool:
    """Whether a stop says nothing of itself: a single step."""
    return stop.reason is Reason.STEP and stop[_BEYOND] == _NOTHING


def why(stop: Stop) -> Pairs:
    """What a stop says of itself beyond its place."""
    fact: Pairs = {"reason": stop.reason.value}
    if stop.detail:
        fact["detail"] = stop.detail
    if stop.exit_status is not None:
        fact["exit_status"] = stop.exit_status
    if stop.killed is not None:
        signal, pc, address = stop.killed
        fact["killed"] = [
            signal,
            None if pc is None else f"{pc:x}",
            None if address is None else f"{address:x}",
        ]
    flags = {"past": stop.past, "leap": stop.leap, "goes_on": stop.goes_on}
    fact.update((name, True) for name, is_set in flags.items() if is_set)
    return fact


def ranges(shown: Sequence[Range]) -> str:
    """[[first, end], …] as JSON."""
    pairs = (f"[{'null' if low is None else _quoted(low)},{_quoted(high)}]" for low, high in shown)
    return f"[{','.join(pairs)}]"


def words(known: Mapping[int, bytes]) -> str:
    """{address: bytes} as JSON, neighbouring words together."""
    runs: list[tuple[int, list[bytes]]] = []
    expected = -1
    for address in sorted(known):
        if address == expected:
            runs[-1][1].append(known[address])
        else:
            runs.append((address, [known[address]]))
        expected = address + WORD
    said = (f'{_quoted(at)}:"{b"".join(run).hex()}"' for at, run in runs)
    return f"{{{','.join(said)}}}"


def code(pieces: Mapping[int, bytes]) -> bytes:
    """A line with code that is known from here on, by address."""
    said = {f"{address:x}": data.hex() for address, data in pieces.items()}
    return dump({"facts": {"code": said}})


def _quoted(address: int) -> str:
    return f'"{address:x}"'
