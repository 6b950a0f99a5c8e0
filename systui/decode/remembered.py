"""What is known of the ways under way, as values that JSON has, and back.

A recording holds it at some of its stops (docs/session-format.md), so that nobody who jumps to one
has to watch the call from its beginning. It comes from files that nobody vouches for: `understood`
takes only what a `Track` may hold.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar

from systui.arch.spec import Architecture
from systui.decode.way import Fate, Mark, Parked, Track, Way
from systui.kernel.harmless import harmless
from systui.kernel.path import EntryPath
from systui.model.call import Phase
from systui.model.snapshot import Verdict

Said = dict[str, object]
_Value = TypeVar("_Value")

_CHECKS = frozenset(("cx_is_ip", "canonical", "cs", "r11_is_flags", "rf_tf", "ss"))
_HIGHEST = (1 << 64) - 1
_FARTHEST = 1 << 62
_LONGEST = 200
"""Characters of an instruction's text."""
_MOST_WAYS = 16
_MOST = 64
"""Entries of one table, verdicts of one call."""


class _Form(NamedTuple):
    """How one kind of value is written and read; `read` raises ValueError."""

    write: Callable[[Any], object]
    read: Callable[[object], Any]


def told(track: Track) -> Said:
    """`track` as an object of JSON; its doors are told by their entries."""
    said: Said = {"ways": [_told(way) for way in track.ways]}
    if track.done is not None:
        said["done"] = _told(track.done)
    return said


def _told(way: Way) -> Said:
    """What differs from a way of which nothing is known."""
    said: Said = {"door": way.door is not None}
    for name, form in _FORMS.items():
        value = getattr(way, name)
        if name not in Way._field_defaults or value != Way._field_defaults[name]:
            said[name] = form.write(value)
    return said


class Reader:
    """Understands what `told` has made of tracks of one kernel."""

    def __init__(self, path: EntryPath, arch: Architecture) -> None:
        self._path = path
        self._slots = frozenset(arch.pt_regs.names.values())
        self._registers = frozenset(arch.register_names)
        self._abis = frozenset(each.abi for each in arch.conventions)

    def understood(self, said: object) -> Track:
        """The track; ValueError for what no track says."""
        ways = _items(_pairs(said).get("ways"))
        done = _pairs(said).get("done")
        if len(ways) > _MOST_WAYS:
            raise ValueError(said)
        return Track(tuple(map(self._way, ways)), None if done is None else self._way(done))

    def _way(self, value: object) -> Way:
        said = _pairs(value)
        fields = {name: form.read(said[name]) for name, form in _FORMS.items() if name in said}
        if not fields.keys() >= _REQUIRED or fields.get("abi", "64") not in self._abis:
            raise ValueError(said)
        for names, allowed in ((_OF_SLOTS, self._slots), (_OF_REGISTERS, self._registers)):
            if any(not allowed.issuperset(fields.get(name) or ()) for name in names):
                raise ValueError(said)
        door = None
        if _flag(said.get("door")):
            door = self._path.door(fields["entry"], from_user=fields["from_user"])
            if door is None:
                raise ValueError(said)
        return Way(door=door, **fields)


# --- kinds of values -----------------------------------------------------------------------------


def _pairs(value: object) -> dict[str, object]:
    if not isinstance(value, dict) or len(value) > _MOST:
        raise ValueError(value)
    return value


def _items(value: object) -> list[object]:
    if not isinstance(value, list) or len(value) > _MOST:
        raise ValueError(value)
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(value)
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(value)
    return harmless(value[:_LONGEST])


def _position(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _FARTHEST:
        raise ValueError(value)
    return value


def _number(value: object) -> int:
    if not isinstance(value, str) or not value.isalnum():
        raise ValueError(value)
    found = int(value, 16)
    if found > _HIGHEST:
        raise ValueError(value)
    return found


def _check(value: object) -> str:
    if not isinstance(value, str) or value not in _CHECKS:
        raise ValueError(value)
    return value


def _optional(read: Callable[[object], _Value]) -> Callable[[object], _Value | None]:
    return lambda value: None if value is None else read(value)


def _as_is(value: object) -> object:
    return value


def _hexadecimal(value: int | None) -> str | None:
    return None if value is None else f"{value:x}"


def _row(kind: Callable[..., Any], *reads: Callable[[object], object]) -> _Form:
    """A tuple as an array."""

    def read(value: object) -> Any:
        found = _items(value)
        return kind(*(each(part) for each, part in zip(reads, found, strict=True)))

    return _Form(list, read)


def _table(form: _Form) -> _Form:
    """Values by the name of a register or a slot."""
    return _Form(
        lambda values: {name: form.write(value) for name, value in values.items()},
        lambda value: {name: form.read(each) for name, each in _pairs(value).items()},
    )


_FLAG = _Form(_as_is, _flag)
_POSITION = _Form(_as_is, _optional(_position))
_VALUE = _Form(_hexadecimal, _optional(_number))
_VALUE_OF = _row(lambda *pair: pair, _text, _number)
_NAMES = _Form(sorted, lambda value: frozenset(map(_text, _items(value))))
_VALUES = _Form(
    lambda values: [[name, f"{value:x}"] for name, value in values.items()],
    lambda value: dict(_VALUE_OF.read(each) for each in _items(value)),
)
"""Not as an object: a recording's reader may look for `"rip":"` among its lines."""
_VERDICT = _row(Verdict, _check, _flag, _position)
_FORMS: Mapping[str, _Form] = {
    "entry": _Form(_hexadecimal, _number),
    "syscall": _FLAG,
    "from_user": _FLAG,
    "entered_at": _POSITION,
    "before": _VALUES,
    "phase": _Form(lambda phase: phase.value, Phase),
    "frame": _VALUE,
    "moved_from": _VALUE,
    "slots": _table(_row(Mark, _optional(_text), _optional(_position))),
    "first": _table(_POSITION),
    "returns": _VALUE,
    "possible": _NAMES,
    "restored": _NAMES,
    "fates": _table(_row(Fate, *(_optional(_text), _optional(_position)) * 2)),
    "parked": _table(_row(Parked, _text, _optional(_position))),
    "intact": _NAMES,
    "verdicts": _Form(
        lambda verdicts: [_VERDICT.write(each) for each in verdicts],
        lambda value: tuple(_VERDICT.read(each) for each in _items(value)),
    ),
    "handler": _VALUE,
    "handler_at": _POSITION,
    "choosing": _FLAG,
    "level": _VALUE,
    "reach": _VALUE,
    "result": _VALUE,
    "result_at": _POSITION,
    "after": _Form(lambda values: values and _VALUES.write(values), _optional(_VALUES.read)),
    "left_at": _POSITION,
    "partial": _FLAG,
    "abi": _Form(_as_is, _text),
}
"""All of a way but its door, which its entry leads to."""
_REQUIRED = frozenset(("entry", "syscall", "from_user", "entered_at", "before"))
_OF_SLOTS = ("slots", "first", "possible", "restored")
_OF_REGISTERS = ("before", "fates", "parked", "intact", "after")
