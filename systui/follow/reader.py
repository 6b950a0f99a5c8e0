"""Reading a script file: strict, and clear about what is wrong and where."""

import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

from systui.arch import BY_NAME
from systui.follow.script import LANDMARKS, Expectation, Move, Pace, Script, ScriptStep
from systui.kernel.arrival import Arrival
from systui.model.call import Phase
from systui.model.errors import BadInputError
from systui.words import _

SHIPPED = Path(__file__).parent / "scripts"
SIZE_LIMIT = 1 << 20
"""A script larger than this many bytes is refused: it is no script."""
_PLACES = {pace.value: pace for pace in Pace}
_ARRIVALS = frozenset(each.value for each in Arrival)
_STEP_KEYS = (*_PLACES, "expect", "note", "notes", "optional", "inside")
_EXPECT_KEYS = ("phase", "landmark", "symbol", "registers", "ptregs", "unwritten", "result")
_VALUE = re.compile(r"\{([^{}]*)\}")
_PLAIN_VALUES = frozenset(
    (
        *("pc", "symbol", "phase", "index", "nr", "name", "result", "frame", "stack"),
        *("arguments", "accumulator", "ax", "stack_pointer", "sp", "passed"),
    )
)


def shipped() -> list[str]:
    """Names of the scripts that come with systui."""
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


def find(name: str) -> Path:
    """The script that `name` means: a shipped one's name, else a path; BadInputError if neither.

    A name with a slash or ending in `.toml` is always a path.
    """
    path = Path(name)
    if "/" not in name and not name.endswith(".toml"):
        known = SHIPPED / f"{name}.toml"
        if known.is_file():
            return known
        if not path.is_file():
            raise BadInputError(
                _("no script {name!r}: give a file, or one of {known}").format(
                    name=name, known=", ".join(shipped())
                )
            )
    return path


def load(path: Path) -> Script:
    """Read and check the script at `path`; BadInputError names the file and the key."""
    try:
        with path.open("rb") as file:
            data = file.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise BadInputError(
            _("script {path}: {reason}").format(path=path, reason=error.strerror)
        ) from error
    if len(data) > SIZE_LIMIT:
        raise BadInputError(
            _("script {path}: larger than {limit} bytes").format(path=path, limit=SIZE_LIMIT)
        )
    return parse(data, str(path))


def parse(data: bytes, name: str) -> Script:
    """Read a script from the bytes of its file, called `name` in messages."""
    try:
        table = tomllib.loads(data.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadInputError(
            _("script {path}: not TOML: {reason}").format(path=name, reason=error)
        ) from error
    return _Reader(name).script(table)


class _Reader:
    """Turns TOML's tables into a Script; knows where it reads, for its messages."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._where = ""

    def _error(self, reason: str) -> BadInputError:
        where = f"{self._name}: {self._where}" if self._where else self._name
        return BadInputError(_("script {where}: {reason}").format(where=where, reason=reason))

    def script(self, table: Mapping[str, object]) -> Script:
        self._only(table, ("title", "call", "step"))
        steps = table.get("step")
        if not isinstance(steps, list) or not steps:
            raise self._error(_("it needs at least one [[step]]"))
        return Script(
            name=Path(self._name).name,
            title=self._text(table, "title") or Path(self._name).stem,
            call=self._text(table, "call"),
            steps=tuple(self._step(number, step) for number, step in enumerate(steps, 1)),
        )

    def _step(self, number: int, step: object) -> ScriptStep:
        self._where = _("step {number}").format(number=number)
        if not isinstance(step, dict):
            raise self._error(_("not a table"))
        self._only(step, _STEP_KEYS)
        move = self._move(step)
        result = ScriptStep(
            number=number,
            move=move,
            expect=self._expect(step["expect"]) if "expect" in step else None,
            note=self._sentence(step, "note"),
            notes=self._notes(step, move),
        )
        if result.move is None and result.expect is None and result.note is None:
            raise self._error(_("it says neither where to go nor what to expect nor a note"))
        self._where = ""
        return result

    def _move(self, step: Mapping[str, object]) -> Move | None:
        keys = [key for key in _PLACES if key in step]
        flags = [key for key in ("optional", "inside") if key in step]
        if not keys:
            if flags:
                raise self._error(_("{key!r} needs a place to go to").format(key=flags[0]))
            return None
        if len(keys) > 1:
            raise self._error(_("{keys} exclude each other").format(keys=", ".join(keys)))
        pace = _PLACES[keys[0]]
        value = step[keys[0]]
        optional, inside = self._flag(step, "optional"), self._flag(step, "inside")
        if isinstance(value, int) and not isinstance(value, bool) and pace is not Pace.TARGET:
            if value < 1 or optional:
                raise self._error(
                    _("{key!r}: a count from 1 on, never optional").format(key=keys[0])
                )
            return Move(pace, repeat=value, inside=inside)
        places = [value] if isinstance(value, str) else value
        if not isinstance(places, list) or not places:
            places = [None]
        return Move(
            pace,
            places=tuple(self._place(keys[0], place) for place in places),
            optional=optional,
            inside=inside,
        )

    def _place(self, key: str, value: object) -> str:
        if not isinstance(value, str) or not value.strip():
            raise self._error(_("{key!r}: a landmark, a symbol or an address").format(key=key))
        if value[:2] in {"0x", "0X"}:
            self._integer(key, value)
        return value.strip()

    def _expect(self, value: object) -> Expectation:
        if not isinstance(value, dict):
            raise self._error(_("{key!r}: not a table").format(key="expect"))
        self._only(value, _EXPECT_KEYS, "expect.")
        phase, landmark = self._text(value, "phase"), self._text(value, "landmark")
        if phase is not None and phase not in {known.value for known in Phase}:
            raise self._unknown("expect.phase", phase, [known.value for known in Phase])
        if landmark is not None and landmark not in LANDMARKS:
            raise self._unknown("expect.landmark", landmark, LANDMARKS)
        result = value.get("result")
        if isinstance(result, bool) or not isinstance(result, int | str | None):
            raise self._error(_("{key!r}: a number or an errno's name").format(key="expect.result"))
        return Expectation(
            phase=None if phase is None else Phase(phase),
            landmark=landmark,
            symbol=self._text(value, "symbol"),
            registers=self._numbers(value, "registers", _known_register),
            slots=self._numbers(value, "ptregs", _known_slot),
            unwritten=self._slots(value),
            result=result,
        )

    def _numbers(
        self, table: Mapping[str, object], key: str, known: Callable[[str], bool]
    ) -> dict[str, int]:
        values = table.get(key, {})
        if not isinstance(values, dict):
            raise self._error(_("{key!r}: not a table").format(key=f"expect.{key}"))
        for name in values:
            if not known(name):
                raise self._error(
                    _("{key!r}: no such name: {name!r}").format(key=f"expect.{key}", name=name)
                )
        return {
            name: self._integer(f"expect.{key}.{name}", number) for name, number in values.items()
        }

    def _slots(self, table: Mapping[str, object]) -> tuple[str, ...]:
        names = table.get("unwritten", [])
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise self._error(_("{key!r}: a list of pt_regs fields").format(key="expect.unwritten"))
        for name in names:
            if not _known_slot(name):
                raise self._error(
                    _("{key!r}: no such name: {name!r}").format(key="expect.unwritten", name=name)
                )
        return tuple(names)

    def _notes(self, step: Mapping[str, object], move: Move | None) -> dict[str, str]:
        notes = step.get("notes", {})
        if not isinstance(notes, dict):
            raise self._error(_("{key!r}: not a table").format(key="notes"))
        if notes and move is None:
            raise self._error(_("{key!r} needs a place to go to").format(key="notes"))
        for key in notes:
            name, _dot, only = key.partition(".")
            if name not in LANDMARKS or only not in ("", *BY_NAME, *_ARRIVALS):
                raise self._unknown("notes", key, LANDMARKS)
        return {name: self._sentence(notes, name) or "" for name in notes}

    def _sentence(self, table: Mapping[str, object], key: str) -> str | None:
        text = self._text(table, key)
        for name in _VALUE.findall(text or ""):
            if not known_value(name):
                raise self._error(
                    _("{key!r}: no value is called {name!r}").format(key=key, name=name)
                )
        return text

    def _text(self, table: Mapping[str, object], key: str) -> str | None:
        value = table.get(key)
        if value is not None and (not isinstance(value, str) or not value.strip()):
            raise self._error(_("{key!r}: not a text").format(key=key))
        return value

    def _flag(self, table: Mapping[str, object], key: str) -> bool:
        value = table.get(key, False)
        if not isinstance(value, bool):
            raise self._error(_("{key!r}: true or false").format(key=key))
        return value

    def _integer(self, key: str, value: object) -> int:
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if isinstance(value, str):
            try:
                return int(value, 0)
            except ValueError:
                pass
        raise self._error(_("{key!r}: not a number: {value!r}").format(key=key, value=value))

    def _only(self, table: Mapping[str, object], known: tuple[str, ...], under: str = "") -> None:
        for key in table:
            if key not in known:
                raise self._unknown(_("key"), under + key, [under + name for name in known])

    def _unknown(self, what: str, name: str, known: list[str] | tuple[str, ...]) -> BadInputError:
        return self._error(
            _("{what} {name!r} is not known; there are {known}").format(
                what=what, name=name, known=", ".join(known)
            )
        )


def known_value(name: str) -> bool:
    """Whether a note may say `{name}`."""
    if name.startswith("ptregs."):
        return _known_slot(name.removeprefix("ptregs."))
    return name in _PLAIN_VALUES or _known_register(name)


def _known_register(name: str) -> bool:
    return any(name in arch.register_names for arch in BY_NAME.values())


def _known_slot(name: str) -> bool:
    return any(name in arch.pt_regs.offsets for arch in BY_NAME.values())
